/**
 * The scenarios of Q228811: faults (P), look-alikes (N, X) that must stay silent, the thresholds and gates that decide a
 * tier, and what may happen to a capture on its way into a file (a to f).
 */
import type { Scenario } from '../../../samples/craft/index.ts';
import { crowds } from './scenarios/crowds.ts';
import { positives } from './scenarios/positives.ts';
import { reuseLookAlikes } from './scenarios/reuse-look-alikes.ts';
import { reuseThresholds } from './scenarios/reuse-thresholds.ts';
import { review } from './scenarios/review.ts';
import { seriesLookAlikes } from './scenarios/series-look-alikes.ts';
import { seriesThresholds } from './scenarios/series-thresholds.ts';
import { sharedLookAlikes } from './scenarios/shared-look-alikes.ts';
import { variants } from './scenarios/variants.ts';

/** Faults and look-alikes, each as it is. */
export const scenarios: readonly Scenario[] = [
  ...positives,
  ...reuseLookAlikes,
  ...seriesLookAlikes,
  ...sharedLookAlikes,
  ...review,
  ...crowds,
];

/** Each gate, and each threshold just below, at and above the value that decides a tier. */
export const thresholds: readonly Scenario[] = [...reuseThresholds, ...seriesThresholds];

/** P1 to P11 after loss, duplication, cuts and clock steps. */
export { variants };
