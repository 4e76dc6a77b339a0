/** A tap on the port of the old MAC address sees what goes there, and not what the station answers from the new one. */
import { expect, it } from 'vitest';
import type { TimedFrame } from '../../../samples/craft/index.ts';
import { rules } from '../../index.ts';
import { analyze } from '../../../src/engine/analyze.ts';
import { framesOf, recorded } from '../../../test/one-ethernet.ts';
import { surestTiers } from '../../../test/surest-tiers.ts';

const OLD = [0x00, 0x60, 0x97, 0x11, 0x22, 0x33];
const STRONG = 2;

const scenarios = new Map(framesOf('Q193157'));

const passesPort = ({ bytes }: TimedFrame): boolean =>
  ((bytes[0] ?? 0) & 1) === 1 ||
  [0, 6].some((at) => OLD.every((byte, further) => bytes[at + further] === byte));

it.each(['N13', 'N9-lag'])('%s is no fault there', async (name) => {
  const frames = scenarios.get(name) ?? [];
  const seen = frames.filter(passesPort);
  expect(seen.length).toBeGreaterThan(20);
  expect(seen.length).toBeLessThan(frames.length);
  const { findings, verdicts } = await analyze([{ bytes: recorded(seen), path: 'memory.pcap' }], { rules });
  expect(findings.filter(({ article }) => article === 'Q193157')).toEqual([]);
  const verdict = verdicts.find(({ article }) => article === 'Q193157');
  expect(verdict?.observed.undecided).toMatchObject({ oneDirection: 1 });
});

it('peers that only ask leave it one', async () => {
  const seen = (scenarios.get('P4') ?? []).filter(passesPort);
  expect((await surestTiers(recorded(seen))).get('Q193157')).toBe(STRONG);
});
