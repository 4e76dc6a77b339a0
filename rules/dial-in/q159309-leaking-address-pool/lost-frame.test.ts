/** What the capture misses makes no fault of a look-alike: one frame, what callers send, or all for a while. */
import { describe, expect, it } from 'vitest';
import type { TimedFrame } from '../../../samples/craft/index.ts';
import { framesOf, recorded } from '../../../test/one-ethernet.ts';
import { surestTiers } from '../../../test/surest-tiers.ts';
import { isFromCallers } from './scenarios/links.ts';
import { skipThresholds } from './scenarios/skips.ts';

const CHAP_RESPONSE = [0xc2, 0x23, 2];
const IPCP_ACK = [0x80, 0x21, 2];
/** The attribute-value pair of a control message's type (RFC 2661 4.4.1), for ICRQ and ICRP. */
const ICRQ = [0x80, 8, 0, 0, 0, 0, 0, 10];
const ICRP = [0x80, 8, 0, 0, 0, 0, 0, 11];
const STRONG = 2;

const isOf = ({ bytes }: TimedFrame, pattern: readonly number[]): boolean =>
  bytes.some((_, at) => pattern.every((byte, further) => bytes[at + further] === byte));

const scenarios = new Map(framesOf('Q159309'));

const framesIn = (name: string): readonly TimedFrame[] => scenarios.get(name) ?? [];

async function tierOf(frames: readonly TimedFrame[]): Promise<number> {
  return (await surestTiers(recorded(frames))).get('Q159309') ?? 0;
}

describe.each([
  ['the name of a caller', CHAP_RESPONSE, ['N3-mixed', 'review-suspended', 'given-joined-pptp-other']],
  ['an Ack', IPCP_ACK, ['given-vlan-pptp', 'given-vlan-pppoe', 'review-group', 'review-own']],
  ['the request for a session', ICRQ, ['review-two-carriers']],
  ['the reply to it', ICRP, ['review-two-carriers']],
] as const)('without %s', (_name, pattern, names) => {
  it.each(names)('%s is no fault', async (name) => {
    const frames = framesIn(name);
    const lost = frames.filter((frame) => isOf(frame, pattern));
    expect(lost.length).toBeGreaterThan(0);
    for (const frame of lost) {
      const tier = await tierOf(frames.filter((other) => other !== frame));
      expect.soft(tier, `${name}, ${frame.nanos / 1e9} s`).toBeLessThan(STRONG);
    }
  });
});

it.each(['N15-encryption', 'given-joined-pptp-other', 'review-twice', 'review-two-carriers'])(
  '%s is no fault without anything that callers send',
  async (name) => {
    const frames = framesIn(name);
    const heard = frames.filter((frame) => !isFromCallers(frame));
    expect(heard.length).toBeLessThan(frames.length);
    expect(await tierOf(heard)).toBeLessThan(STRONG);
  },
);

it('a refusal heard on one side shows no demand for the address that is passed over', async () => {
  const frames =
    skipThresholds
      .find(({ name }) => name === 'skipRounds-2 at')
      ?.build()
      .timeline() ?? [];
  const heard = frames.filter((frame) => !isFromCallers(frame));
  expect(await tierOf(frames)).toBe(STRONG);
  expect(await tierOf(heard)).toBeLessThan(STRONG);
});

it.each(['given-vlan-pptp', 'given-vlan-pppoe'])(
  '%s is no fault if the capture stands still while the address is given',
  async (name) => {
    const frames = framesIn(name);
    const tenth = frames.length / 10;
    expect(await tierOf(frames.filter((_, at) => at < 3 * tenth || at >= 4 * tenth))).toBeLessThan(STRONG);
  },
);
