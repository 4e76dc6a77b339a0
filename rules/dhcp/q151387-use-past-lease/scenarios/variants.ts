/**
 * What happens to a capture on its way into a file, applied to the positives (variants a to f of the scenario catalogue),
 * and what must come out then.
 */
import type { Expectation, Scenario } from '../../../../samples/craft/index.ts';
import { variantsOf } from '../../../../samples/craft/index.ts';
import { UNDECIDED, undecided } from './expectations.ts';

/** Where a positive is cut (d), and where its recorder's clock steps (e). */
interface Decision {
  /** The first frame with this mark, and all after it, are lost. */
  readonly mark: string;
  readonly cut: Expectation;
  /** Seconds; between the last REQUEST and expiry, so that no evidence is whole on one side. */
  readonly stepAt: number;
  readonly stepped: Expectation;
}

const STEPPED = undecided('clockStep');
const FIRST_ORDER: Decision = { mark: 'use', cut: UNDECIDED, stepAt: 118, stepped: STEPPED };

/** The frames of the catalogue's "decisive" moment, by scenario. */
const DECISIONS: Readonly<Record<string, Decision>> = {
  P1: FIRST_ORDER,
  'P1-recovered': { ...FIRST_ORDER, stepped: UNDECIDED },
  // Until the second lease, two uses of the first client over 11 s: its DISCOVERs admit that much.
  P2: {
    mark: 'second-ack',
    cut: { verdict: 'suspected', tier: 'suggestive', severity: 'info', findings: 1 },
    stepAt: 88,
    // The second lease and both clients' use are on one side of the step, the first lease's end is not.
    stepped: { verdict: 'found', tier: 'strong', findings: 1, atMost: true },
  },
  P3: FIRST_ORDER,
  P4: FIRST_ORDER,
  P5a: {
    mark: 'use',
    cut: { verdict: 'clear', findings: 0, judged: 1 },
    stepAt: 225,
    stepped: { verdict: 'clear', findings: 0 },
  },
  P6: { ...FIRST_ORDER, stepAt: 170 },
  P7: {
    mark: 'second-ack',
    cut: UNDECIDED,
    stepAt: 119,
    stepped: { verdict: 'found', tier: 'strong', findings: 1, atMost: true },
  },
  P8: FIRST_ORDER,
  P9: FIRST_ORDER,
  P10: FIRST_ORDER,
  P10b: FIRST_ORDER,
  P10c: FIRST_ORDER,
  P11: { ...FIRST_ORDER, stepped: UNDECIDED },
  P12: FIRST_ORDER,
};

/** The variants of one positive as scenarios of their own. None for anything else. */
export function variants(positive: Scenario): readonly Scenario[] {
  const decision = DECISIONS[positive.name];
  if (!decision) return [];
  return variantsOf(positive, {
    snapped: undecided('cut'),
    cut: { mark: decision.mark, expect: decision.cut },
    steps: { inside: { at: decision.stepAt, expect: decision.stepped } },
  });
}
