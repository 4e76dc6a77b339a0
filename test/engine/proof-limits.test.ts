/** Ceilings and the cap of rules 0.2, as a table: what a candidate's tier ends at. */
import { describe, expect, it } from 'vitest';
import type { CaptureInterface } from '../../src/capture/interfaces.ts';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { type CaptureLimits, dropsOf, settleTier } from '../../src/engine/proof-limits.ts';
import type { Tier } from '../../src/engine/result.ts';
import type { Candidate } from '../../src/engine/rule.ts';
import { Domain } from '../../src/trackers/domains.ts';
import { Liveness } from '../../src/trackers/liveness.ts';
import { Packet } from '../../src/wire/packet.ts';
import { CAPTURE } from '../trackers/packets.ts';

const SPAN = { from: 100, to: 200 };

function candidate(tier: Tier, fields: Partial<Candidate> = {}): Candidate {
  return { tier, absence: SPAN, restsOnMac: false, summary: tier, ...fields };
}

function source(dropped = 0, received: number | null = null, packets = 1000): CaptureInterface {
  const made = new InterfaceRegistry().register('eth0', 0, 1, 0, 6);
  return Object.assign(made, { packets, received, droppedByStatistics: dropped });
}

function domainOf(linkType = 1): Domain {
  const packet = new Packet();
  packet.linkType = linkType;
  return new Domain(0, packet, { name: 'eth0', isCollective: false }, new Liveness(CAPTURE));
}

function settled(
  candidates: readonly Candidate[],
  limits: Partial<CaptureLimits> = {},
  linkType = 1,
): Tier | null | undefined {
  const all: CaptureLimits = {
    dropFraction: 0.01,
    interfaces: [source()],
    locatedDrops: [],
    isLossy: false,
    isMultiPoint: false,
    ...limits,
  };
  return settleTier(candidates, domainOf(linkType), all)?.tier;
}

const drop = (from: number, to: number, interfaceIndex = 0): Partial<CaptureLimits> => ({
  interfaces: [source(1, 1000)],
  locatedDrops: [{ interface: interfaceIndex, from, to, packets: 1 }],
});

describe('what a tier ends at', () => {
  it.each<readonly [name: string, limits: Partial<CaptureLimits>, ends: readonly (Tier | null)[]]>([
    ['a whole capture', {}, ['definitive', 'strong', 'suggestive']],
    ['drops below the fraction: the cap', { interfaces: [source(9, 1000)] }, ['strong', 'suggestive', null]],
    ['drops at the fraction: the cap', { interfaces: [source(10, 1000)] }, ['strong', 'suggestive', null]],
    [
      'drops above the fraction: the ceiling, and no cap on top',
      { interfaces: [source(11, 1000)] },
      ['suggestive', 'suggestive', 'suggestive'],
    ],
    ['a drop inside the span', drop(150, 151), ['suggestive', 'suggestive', 'suggestive']],
    ['a drop across its beginning', drop(90, 101), ['suggestive', 'suggestive', 'suggestive']],
    ['a drop across its end', drop(199, 230), ['suggestive', 'suggestive', 'suggestive']],
    ['a drop around it', drop(1, 900), ['suggestive', 'suggestive', 'suggestive']],
    ['a drop before it', drop(50, 100), ['strong', 'suggestive', null]],
    ['a drop after it', drop(200, 210), ['strong', 'suggestive', null]],
    ['a drop on another interface', drop(150, 151, 1), ['strong', 'suggestive', null]],
    ['acknowledgements of unseen data', { isLossy: true }, ['suggestive', 'suggestive', 'suggestive']],
    ['several taps', { isMultiPoint: true }, ['suggestive', 'suggestive', 'suggestive']],
  ])('%s', (_name, limits, ends) => {
    const tiers: readonly Tier[] = ['definitive', 'strong', 'suggestive'];
    expect(tiers.map((tier) => settled([candidate(tier)], limits))).toEqual(ends);
    // None of this touches what does not rest on absence.
    expect(tiers.map((tier) => settled([candidate(tier, { absence: null })], limits))).toEqual(tiers);
  });

  it('on a cooked capture of version 1 is suggestive where it is about stations', () => {
    const mac = candidate('definitive', { absence: null, restsOnMac: true });
    expect(settled([mac], {}, 113)).toBe('suggestive');
    expect(settled([mac], {}, 276)).toBe('definitive');
    expect(settled([mac], {}, 1)).toBe('definitive');
    expect(settled([{ ...mac, restsOnMac: false }], {}, 113)).toBe('definitive');
    // The cap still comes after the ceiling.
    expect(settled([{ ...mac, absence: SPAN }], { interfaces: [source(1, 1000)] }, 113)).toBeNull();
  });

  it('is that of the best candidate', () => {
    const proven = candidate('strong', { absence: null });
    expect(settled([candidate('definitive'), proven])).toBe('definitive');
    expect(settled([candidate('definitive'), proven], { isLossy: true })).toBe('strong');
    expect(settled([candidate('definitive'), proven], { interfaces: [source(1, 1000)] })).toBe('strong');
    const weak = candidate('suggestive', { absence: null });
    expect(settled([candidate('suggestive'), weak], { interfaces: [source(1, 1000)] })).toBe('suggestive');
    expect(settled([])).toBeUndefined();
  });

  it('takes the packets received for the whole where the capture says so', () => {
    expect(dropsOf(source(10, 1000))).toEqual({ packets: 10, fraction: 0.01 });
    expect(dropsOf(source(10, null, 990))).toEqual({ packets: 10, fraction: 0.01 });
    expect(dropsOf(source(10, 5, 1000)).fraction).toBe(0.01);
    expect(dropsOf(source(0, null, 0))).toEqual({ packets: 0, fraction: 0 });
    expect(dropsOf(Object.assign(source(3, 1000), { droppedByPackets: 7 })).packets).toBe(7);
  });
});
