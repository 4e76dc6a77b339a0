/** Scenarios whose frames can be recorded again in another way: all on one Ethernet, with a clock that never goes back. */
import { encode, type Scenario, Script, type TimedFrame } from '../samples/craft/index.ts';
import { SCENARIOS } from '../samples/scenarios.ts';

const MAX_FRAMES = 20_000;

export const ARTICLES = Object.keys(SCENARIOS) as ReadonlyArray<keyof typeof SCENARIOS>;

/** The names of an article's scenarios and their frames, by time. */
export function framesOf(
  article: keyof typeof SCENARIOS,
): ReadonlyArray<readonly [string, readonly TimedFrame[]]> {
  return ofOneEthernet(SCENARIOS[article]);
}

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

/** The frames as a capture; with `copyMillis`, each once more so much later. */
export function recorded(frames: readonly TimedFrame[], copyMillis: number | null = null): Uint8Array {
  const script = new Script();
  for (const { nanos, bytes, vlans } of frames) {
    script.at(nanos / 1e9, bytes, { vlan: vlans });
    if (copyMillis !== null) script.at(nanos / 1e9 + copyMillis / 1000, bytes, { vlan: vlans });
  }
  return encode(script);
}
