import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Host } from '../../../samples/craft/index.ts';
import { resolveOptions } from '../../../src/engine/options.ts';
import { ADDRESS_OPTIONS } from '../../../src/engine/shared-options.ts';
import { Room } from '../../../src/tables/room.ts';
import { ArpCitation } from '../../../src/trackers/citation.ts';
import {
  AddressClaims,
  type Claim,
  Claimant,
  type ClaimKind,
} from '../../../src/trackers/claimed-address.ts';
import { Stations } from '../../../src/trackers/stations.ts';
import { foldTurns } from '../../../src/trackers/turn-folding.ts';
import { ArpFields, decodeArp } from '../../../src/wire/arp.ts';
import { newDomains, packetAt } from '../../../test/trackers/packets.ts';
import { takeTurns } from './turns.ts';

const X = 0x0a000032;
const MACS = [0x00a0c900000a, 0x00a0c900000b, 0x00600800000c];
const PEER_MAC = 0x00a0c90000fe;
const PEER = 0x0a000001;
const SWITCH_SECONDS = 30;
const FOLD_TIMES = { nearSeconds: 2, announcementSeconds: 10, defenceSeconds: SWITCH_SECONDS };
const TURN_TIMES = {
  announceSeconds: 3,
  defendSeconds: 10,
  doubleAnswerMillis: 500,
  multiPointSpreadMillis: 5,
};

const domains = newDomains();
const packet = packetAt(domains, new Host({ mac: '00:a0:c9:00:00:0a', ip: '10.0.0.50' }).announce(), 0);
const arp = new ArpFields();
decodeArp(packet.view, packet.network, packet.end, arp);
const frame = new ArpCitation(packet, arp, 'claim');

interface Step {
  readonly gap: number;
  /** How often the same is said, so that turns grow long. */
  readonly times: number;
  readonly station: number;
  readonly kind: ClaimKind;
  readonly isToOther: boolean;
  readonly request: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  gap: fc.constantFrom(0.0002, 0.4, 1, 2, 2.5, 5, 9, 11, 29, 31, 100),
  times: fc.integer({ min: 1, max: 12 }),
  station: fc.constantFrom(0, 0, 0, 0, 1, 1, 2),
  kind: fc.constantFrom<ClaimKind>('request', 'request', 'reply', 'reply', 'announcement', 'corrective'),
  isToOther: fc.boolean(),
  request: fc.integer({ min: 0, max: 3 }),
});

/** `copySeconds`: how much later a second tap shows each claim, or null. */
function recordOf(steps: readonly Step[], copySeconds: number | null): AddressClaims {
  const [domain] = domains.list;
  if (domain === undefined) throw new Error('the packet has made a domain');
  const record = new AddressClaims(domain, X, 0, new Room(1000, 8));
  let time = 0;
  for (const { gap, times, station, kind, isToOther, request } of steps) {
    for (let said = 0; said < times; said += 1) {
      time += gap;
      const mac = MACS[station] as number;
      const other = MACS[(station + 1) % 3] as number;
      if (record.claimantOf(mac) === undefined) record.addClaimant(new Claimant(record, mac));
      const isReply = kind === 'reply';
      const claim: Claim = {
        time,
        kind,
        mac,
        targetMac: isReply && isToOther ? other : PEER_MAC,
        targetAddress: kind === 'announcement' || kind === 'corrective' ? X : PEER,
        address: X,
        request: isReply ? request : 0,
        frame,
      };
      record.addClaim(claim);
      if (copySeconds !== null) record.addClaim({ ...claim, time: time + copySeconds });
    }
  }
  record.claims = record.claims.toSorted((one, other) => one.time - other.time);
  return record;
}

/** What the rule reads from the turns: each switch, and how many defences follow it in time. */
function readingOf(
  record: AddressClaims,
  isClaimant: (mac: number) => boolean,
  copyOffsetSeconds: number | null,
) {
  const stations = new Stations(resolveOptions('address', ADDRESS_OPTIONS, {}));
  const { switches, defences } = takeTurns(record, isClaimant, stations, {
    ...TURN_TIMES,
    copyOffsetSeconds,
  });
  return switches.map(({ claim, before, former, ...rest }) => ({
    claim,
    before,
    former,
    ...rest,
    defences: defences.filter(
      (defence) => defence.claim.time >= claim.time && defence.claim.time <= claim.time + SWITCH_SECONDS,
    ).length,
  }));
}

describe('folded turns', () => {
  it.each([
    ['all stations', 3, null],
    ['without one of them', 2, null],
    ['with a second tap', 3, 0.3],
  ] as const)('read as the whole record does: %s', (_name, stations, copyOffsetSeconds) => {
    const isClaimant = (mac: number) => MACS.indexOf(mac) < stations;
    let foldedInAll = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        const whole = recordOf(steps, copyOffsetSeconds);
        const folded = recordOf(steps, copyOffsetSeconds);
        const count = foldTurns(folded, FOLD_TIMES);
        foldedInAll += count;
        expect(folded.claims.length + count).toBe(whole.claims.length);
        expect(readingOf(folded, isClaimant, copyOffsetSeconds)).toEqual(
          readingOf(whole, isClaimant, copyOffsetSeconds),
        );
      }),
      { numRuns: 300 },
    );
    expect(foldedInAll).toBeGreaterThan(1000);
  });
});
