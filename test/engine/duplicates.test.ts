/** A mirror port that records every packet twice, or a second tap, makes no finding, and none surer (rules 0.2). */
import { describe, expect, it } from 'vitest';
import { scenarios as q120599 } from '../../rules/addressing/q120599-duplicate-ip-address/scenarios.ts';
import { scenarios as q193157 } from '../../rules/addressing/q193157-stale-mac-address/scenarios.ts';
import { scenarios as q193599 } from '../../rules/clustering/q193599-cluster-configuration/scenarios.ts';
import { scenarios as q228942 } from '../../rules/clustering/q228942-silent-cluster-host/scenarios.ts';
import { scenarios as q151387 } from '../../rules/dhcp/q151387-use-past-lease/scenarios.ts';
import { scenarios as q159309 } from '../../rules/dial-in/q159309-leaking-address-pool/scenarios.ts';
import { scenarios as q228811 } from '../../rules/tcp/q228811-sequence-goes-backward/scenarios.ts';
import { encode, type Scenario, Script, type TimedFrame } from '../../samples/craft/index.ts';
import { surestTiers } from '../surest-tiers.ts';

function recorded(frames: readonly TimedFrame[], copyMillis: number | null): Uint8Array {
  const script = new Script();
  for (const { nanos, bytes, vlans } of frames) {
    script.at(nanos / 1e9, bytes, { vlan: vlans });
    if (copyMillis !== null) script.at(nanos / 1e9 + copyMillis / 1000, bytes, { vlan: vlans });
  }
  return encode(script);
}

async function expectNoSurer(frames: readonly TimedFrame[], copyMillis: number): Promise<void> {
  const once = await surestTiers(recorded(frames, null));
  for (const [article, tier] of await surestTiers(recorded(frames, copyMillis)))
    expect.soft(tier, article).toBeLessThanOrEqual(once.get(article) ?? 0);
}

const MAX_FRAMES = 20_000;

function ofOneEthernet(scenarios: readonly Scenario[]): Array<readonly [string, readonly TimedFrame[]]> {
  return scenarios
    .map((scenario) => [scenario.name, scenario.build().timeline()] as const)
    .filter(
      ([, frames]) =>
        frames.length < MAX_FRAMES &&
        frames.every(({ linkType, interface: index }) => linkType === undefined && index === 0) &&
        // Where a clock goes back, the order is not that of the times.
        frames.every(({ nanos }, at) => nanos >= (frames[at - 1]?.nanos ?? nanos)),
    );
}

describe.each([
  ['Q120599', q120599],
  ['Q193157', q193157],
  ['Q151387', q151387],
  ['Q228811', q228811],
  ['Q193599', q193599],
  ['Q228942', q228942],
  ['Q159309', q159309],
] as const)('copies in the scenarios of %s', (_article, scenarios) => {
  const frames = ofOneEthernet(scenarios);

  it('are many', () => expect(frames.length).toBeGreaterThan(20));

  it.each(frames)('make no finding, and none surer: %s', async (_, own) => {
    for (const copyMillis of [0.01, 3, 30, 150]) await expectNoSurer(own, copyMillis);
  });
});
