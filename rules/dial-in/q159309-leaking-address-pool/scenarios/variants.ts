/**
 * What happens to a capture on its way into a file, applied to the positives (variants a to f of the scenario catalogue),
 * and what must come out then.
 */
import type { Expectation, Scenario } from '../../../../samples/craft/index.ts';
import { variantsOf } from '../../../../samples/craft/index.ts';
import { DEFINITIVE, SILENT, STRONG, SUGGESTIVE, SUGGESTIVE_AT_MOST, undecided } from './expectations.ts';

interface Decision {
  /** Variant d: the first frame with this mark, and all after it, are lost. */
  readonly mark: string;
  readonly cut: Expectation;
  /** Variant e: where the clock steps while the evidence gathers. */
  readonly stepAt: number;
  readonly stepped: Expectation;
  /** Variants c and f, where they are not the base, and twice of it. */
  readonly snapped?: Expectation;
  readonly doubled?: Expectation;
  /** Modem lines have no VLANs. */
  readonly isSerial?: boolean;
}

const AT_MOST = { verdict: 'found', kind: 'fault', findings: 1, atMost: true } as const;
const DEFINITIVE_AT_MOST: Expectation = { ...AT_MOST, tier: 'definitive' };
const STRONG_AT_MOST: Expectation = { ...AT_MOST, tier: 'strong' };

/**
 * Before .12 is given again nothing shows that the server frees addresses at all. Two refusals, and all that makes them
 * count, lie before the step.
 */
const LEAK: Decision = { mark: 'later', cut: SILENT, stepAt: 110, stepped: DEFINITIVE };
/** Release and refusal are on two sides of the step. */
const ONCE: Decision = { mark: 'later', cut: SILENT, stepAt: 40, stepped: STRONG_AT_MOST };
const RADIUS: Decision = {
  mark: 'later',
  cut: SILENT,
  stepAt: 40,
  stepped: SUGGESTIVE_AT_MOST,
  snapped: undecided('cut'),
};
/** Neither side of the step has a silence of a minute. */
const LAN: Decision = { mark: 'unreachable', cut: SILENT, stepAt: 80, stepped: SILENT };

const DECISIONS: Readonly<Record<string, Decision>> = {
  P1: LEAK,
  // The names lie behind the cut, so that nobody knows who was refused.
  'P1-mschap': { ...LEAK, snapped: DEFINITIVE_AT_MOST },
  P2: LEAK,
  P3: { ...LEAK, isSerial: true },
  P4: LEAK,
  P5: ONCE,
  // Three requests without an answer are no more than two on either side.
  'P5-silence': { ...ONCE, stepAt: 43.5, stepped: SUGGESTIVE_AT_MOST },
  'P5-release-radius': { ...ONCE, snapped: SUGGESTIVE_AT_MOST },
  P6: { mark: 'later', cut: SILENT, stepAt: 128, stepped: STRONG_AT_MOST },
  P7: RADIUS,
  'P7-old-ports': RADIUS,
  P8: { mark: 'later', cut: SILENT, stepAt: 40, stepped: SUGGESTIVE_AT_MOST },
  P9: LAN,
  // The accounting of the address is cited from one of the two.
  P10: { ...LAN, snapped: SUGGESTIVE, doubled: { ...STRONG, findings: 2 } },
  // Both refusals with the code are before the step; the first of them stays where the capture ends before the second.
  P11: { mark: 'refusal-2', cut: STRONG, stepAt: 70, stepped: DEFINITIVE },
  'P11-two': { mark: 'refusal-2', cut: STRONG, stepAt: 70, stepped: DEFINITIVE },
  P11b: { mark: 'refusal-1', cut: SILENT, stepAt: 70, stepped: STRONG },
  P12: { ...LEAK, isSerial: true },
};

/** Between the first frames of the background, at 0.41 s, and whatever else there is. */
const FIRST_CALL = 0.45;

/** The variants of one positive as scenarios of their own. None for anything else. */
export function variants(positive: Scenario): readonly Scenario[] {
  const decision = DECISIONS[positive.name];
  if (!decision) return [];
  const { mark, cut, stepAt, stepped, ...others } = decision;
  return variantsOf(positive, {
    ...others,
    cut: { mark, expect: cut },
    steps: {
      before: { at: FIRST_CALL, expect: positive.expect },
      inside: { at: stepAt, expect: stepped },
    },
  });
}
