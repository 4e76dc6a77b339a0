/** The variants a to f of the catalogue for its positives: what loss, copies, cuts and clock steps may change. */
import type { Expectation, Scenario, VariantPlan } from '../../../../samples/craft/index.ts';
import { variantsOf } from '../../../../samples/craft/index.ts';
import { convergence } from './convergence.ts';
import { CLEAR, STRONG_AT_MOST, SUGGESTIVE, SUGGESTIVE_AT_MOST, UNDECIDED } from './expectations.ts';
import { holes } from './holes.ts';
import { silences } from './silences.ts';

interface Decision {
  /** The file ends before the first frame with this mark. */
  readonly mark: string;
  readonly cut: Expectation;
  /** Where the clock steps, in seconds, and what is left; a step at the very start leaves everything. */
  readonly steps: Readonly<Record<string, readonly [atSeconds: number, expect: Expectation]>>;
  /** Where the decisive bytes lie behind the cut of variant c. */
  readonly snapped?: Expectation;
  /** Of variant a, where the usual one hits three beats of one member, which is a finding of its own. */
  readonly lossSeed?: number;
}

/** Both the time in which the port was served and the hole must be on one side. */
const HOLE: Decision = {
  mark: 'last-repeat',
  cut: CLEAR,
  steps: { before: [60.5, CLEAR], inside: [74, CLEAR] },
  lossSeed: 3,
};
/** Between the last beat and the end of the tolerance. */
const SILENCE_BEGINS = 33;
const MEMBER_STEPS: Decision['steps'] = { before: [30.5, CLEAR], inside: [45, CLEAR] };

const DECISIONS: Readonly<Record<string, Decision>> = {
  P1: HOLE,
  P10: { ...HOLE, lossSeed: 13 },
  P2: { mark: 'repeat-3', cut: SUGGESTIVE_AT_MOST, steps: { inside: [SILENCE_BEGINS, CLEAR] } },
  P2b: { mark: 'repeat-3', cut: SUGGESTIVE_AT_MOST, steps: { inside: [SILENCE_BEGINS, CLEAR] } },
  P3: { mark: 'stuck-long', cut: CLEAR, steps: { inside: [45, STRONG_AT_MOST] }, snapped: SUGGESTIVE },
  'P3-convoy': {
    mark: 'stuck-long',
    cut: CLEAR,
    steps: { inside: [45, STRONG_AT_MOST] },
    snapped: SUGGESTIVE,
  },
  P4: { mark: 'not-yet-silent', cut: CLEAR, steps: { inside: [SILENCE_BEGINS, CLEAR] } },
  // The first silence is across the step, the second is left.
  P4b: { mark: 'last-beat-2', cut: SUGGESTIVE, steps: { inside: [SILENCE_BEGINS, SUGGESTIVE_AT_MOST] } },
  P5: { mark: 'served-late', cut: CLEAR, steps: { inside: [75, CLEAR] } },
  P6: { mark: 'not-yet-silent', cut: CLEAR, steps: { inside: [SILENCE_BEGINS, CLEAR] } },
  // Two gaps on either side.
  P7: { mark: 'gap-end-3', cut: CLEAR, steps: { inside: [50, CLEAR] } },
  P8: { mark: 'repeat-10', cut: STRONG_AT_MOST, steps: MEMBER_STEPS },
  P8b: { mark: 'repeat-5', cut: CLEAR, steps: MEMBER_STEPS },
  P9: { mark: 'sent-late', cut: UNDECIDED, steps: { inside: [40, UNDECIDED] } },
  P9b: { mark: 'repeat-5', cut: SUGGESTIVE, steps: { inside: [40, CLEAR] } },
};

/** Before anything that matters. */
const EARLY_SECONDS = 0.9;

function planOf(decision: Decision, expect: Expectation): VariantPlan {
  const { mark, cut, steps, ...others } = decision;
  const places = Object.entries(steps).map(([place, [at, left]]) => [place, { at, expect: left }] as const);
  return {
    ...others,
    cut: { mark, expect: cut },
    steps: { early: { at: EARLY_SECONDS, expect }, ...Object.fromEntries(places) },
  };
}

export const variants: readonly Scenario[] = [...holes, ...silences, ...convergence].flatMap((scenario) => {
  const decision = DECISIONS[scenario.name];
  return decision ? variantsOf(scenario, planOf(decision, scenario.expect)) : [];
});
