/** One frame of a look-alike that the capture misses makes no fault of it: neither the name of a caller, nor the Ack of an address. */
import { describe, expect, it } from 'vitest';
import { encode, Script, type TimedFrame } from '../../../samples/craft/index.ts';
import { surestTiers } from '../../../test/surest-tiers.ts';
import { scenarios } from './scenarios.ts';

const CHAP_RESPONSE = [0xc2, 0x23, 2];
const IPCP_ACK = [0x80, 0x21, 2];
const STRONG = 2;

const isOf = ({ bytes }: TimedFrame, pattern: readonly number[]): boolean =>
  bytes.some((_, at) => pattern.every((byte, further) => bytes[at + further] === byte));

function withoutFrame(frames: readonly TimedFrame[], lost: TimedFrame): Uint8Array {
  const script = new Script();
  for (const frame of frames)
    if (frame !== lost) script.at(frame.nanos / 1e9, frame.bytes, { vlan: frame.vlans });
  return encode(script);
}

describe.each([
  ['the name of a caller', CHAP_RESPONSE, ['N3-mixed', 'review-suspended', 'given-joined-pptp-other']],
  ['an Ack', IPCP_ACK, ['given-vlan-pptp', 'given-vlan-pppoe']],
] as const)('without %s', (_name, pattern, names) => {
  it.each(names)('%s is no fault', async (name) => {
    const frames =
      scenarios
        .find((scenario) => scenario.name === name)
        ?.build()
        .timeline() ?? [];
    const lost = frames.filter((frame) => isOf(frame, pattern));
    expect(lost.length).toBeGreaterThan(4);
    for (const frame of lost) {
      const tier = (await surestTiers(withoutFrame(frames, frame))).get('Q159309') ?? 0;
      expect.soft(tier, `${name}, ${frame.nanos / 1e9} s`).toBeLessThan(STRONG);
    }
  });
});
