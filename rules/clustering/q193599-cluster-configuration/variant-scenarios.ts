/** The variants a to f of the catalogue for P1 to P3: what loss, copies, cuts and clock steps may change. */
import type { Expectation, Scenario, VariantPlan } from '../../../samples/craft/index.ts';
import { variantsOf } from '../../../samples/craft/index.ts';
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

/** Before the first heartbeat. */
const EARLY_SECONDS = 0.25;

function planOf({ insideSeconds, snapped }: Decision, expect: Expectation): VariantPlan {
  return {
    // Less than 30 s of the conflict are left.
    cut: { mark: 'other-late', expect: CLEAR },
    steps: { early: { at: EARLY_SECONDS, expect }, inside: { at: insideSeconds, expect: CLEAR } },
    ...(snapped === undefined ? {} : { snapped }),
  };
}

export const variantCases: readonly Scenario[] = conflicts.flatMap((scenario) => {
  const decision = DECISIONS[scenario.name];
  return decision ? variantsOf(scenario, planOf(decision, scenario.expect)) : [];
});
