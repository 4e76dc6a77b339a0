/** The variants a to f of the catalogue for P1 to P3: what loss, copies, cuts and clock steps may change. */
import { CUT_SNAP_LENGTH, cutBefore, inTwoVlans, withClockStep } from '../../../samples/craft/index.ts';
import { withDuplicates, withLoss } from '../../../samples/craft/index.ts';
import type { Expectation, Scenario, Script } from '../../../samples/craft/index.ts';
import { conflicts } from './conflict-scenarios.ts';
import { CLEAR, SUGGESTIVE } from './expectation-scenarios.ts';

interface Decision {
  /** The clock steps here; less than 30 s of the conflict are on either side. */
  readonly insideSeconds: number;
  /** Where the maps decide, which are behind the cut of variant c. */
  readonly snapped?: Expectation;
}

const DECISIONS: Readonly<Record<string, Decision>> = {
  P1: { insideSeconds: 30, snapped: SUGGESTIVE },
  P2: { insideSeconds: 45 },
  P3: { insideSeconds: 30 },
};

/** Forward by more than `epochForwardSeconds`, and back by more than `reorderMillis`. */
const CLOCK_STEPS = { ahead: 7200, back: -1800 } as const;
/** Before the first heartbeat. */
const EARLY_SECONDS = 0.25;

function variantsOf(base: Scenario, decision: Decision): Scenario[] {
  const { cites: _cites, ...uncited } = base.expect;
  const variant = (
    letter: string,
    change: string,
    expect: Expectation,
    transform: (script: Script) => Script,
  ): Scenario => ({
    name: `${base.name}-${letter}`,
    title: `${base.title}; ${change}`,
    rule: base.rule,
    expect,
    build: () => transform(base.build()),
  });
  const steps = {
    early: [EARLY_SECONDS, base.expect],
    inside: [decision.insideSeconds, CLEAR],
  } as const;
  return [
    variant('a', '1 % of the frames lost', { ...uncited, atMost: true }, (script) => withLoss(script)),
    variant('b', 'every frame twice, 50 µs apart', base.expect, (script) => withDuplicates(script)),
    {
      ...variant('c', 'cut at 96 bytes', decision.snapped ?? base.expect, (script) => script),
      encoding: { container: 'pcap', snapLength: CUT_SNAP_LENGTH },
    },
    // Less than 30 s of the conflict are left.
    variant('d', 'ends before the decisive beat', CLEAR, (script) => cutBefore(script, 'other-late')),
    ...Object.entries(steps).flatMap(([place, [atSeconds, expect]]) =>
      Object.entries(CLOCK_STEPS).map(([direction, seconds]) =>
        variant(`e-${place}-${direction}`, `the clock steps ${direction}, ${place}`, expect, (script) =>
          withClockStep(script, atSeconds, seconds),
        ),
      ),
    ),
    variant('f', 'in two VLANs', { ...base.expect, findings: 2 * base.expect.findings }, (script) =>
      inTwoVlans(script),
    ),
  ];
}

export const variantCases: readonly Scenario[] = conflicts.flatMap((scenario) => {
  const decision = DECISIONS[scenario.name];
  return decision ? variantsOf(scenario, decision) : [];
});
