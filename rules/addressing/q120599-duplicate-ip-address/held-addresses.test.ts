import { describe, expect, it } from 'vitest';
import { Host, Script, type TimedFrame } from '../../../samples/craft/index.ts';
import type { AddressClaims } from '../../../src/trackers/claimed-address.ts';
import { run, verdictOf } from '../../../test/engine/run.ts';
import { HeldAddresses } from './held-addresses.ts';

function address(claims: number, moments: number): AddressClaims {
  const list = (length: number) => Array.from({ length }, () => 0);
  const claimants = [{ activity: list(moments), sourced: [] }];
  return { claims: list(claims), notices: [], claimants } as unknown as AddressClaims;
}

describe('addresses that wait for the end of the capture', () => {
  it.each([
    ['in number', address(2, 2), 2048],
    ['in claims', address(4096, 2), 16],
    ['in the times their stations were seen', address(2, 1 << 18), 4],
  ])('are bounded %s', (_name, one, limit) => {
    const held = new HeldAddresses();
    for (let at = 0; at < limit; at += 1) expect(held.hold(one)).toBe(true);
    expect(held.hold(one)).toBe(false);
    expect(held.list).toHaveLength(limit);
  });

  it('are undecided where there is no room: each step of the clock contests the address anew', async () => {
    const macs = ['00:a0:c9:00:00:0a', '00:a0:c9:00:00:0b'] as const;
    const frames = Array.from({ length: 4200 }, (_, at): TimedFrame => {
      const host = new Host({ mac: macs[at % 2] ?? macs[0], ip: '10.0.0.50' });
      const target = `10.1.${at >>> 8}.${at & 0xff}`;
      const plain = { interface: 0, vlans: [], mark: null, dropsBefore: 0, comment: null };
      return { ...plain, nanos: at % 2 === 0 ? 100_000_000 : 300_000_000, bytes: host.arpRequest(target) };
    });
    const result = await run(Script.recorded([{}], frames));
    expect(result.health.clockEpochs).toBe(2099);
    expect(verdictOf(result, 'Q120599').observed).toEqual({
      subjects: 2100,
      judged: 2048,
      undecided: { evicted: 52 },
    });
  });
});
