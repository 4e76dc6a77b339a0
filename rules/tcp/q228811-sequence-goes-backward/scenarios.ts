/**
 * The scenarios of Q228811: faults (P), look-alikes (N, X) that must stay silent, the thresholds and gates that decide a
 * tier, and what may happen to a capture on its way into a file (a to f).
 */
import type { Scenario } from '../../../samples/craft/index.ts';
import { positives } from './scenarios/positives.ts';
import { reuseLookAlikes } from './scenarios/reuse-look-alikes.ts';
import { seriesLookAlikes } from './scenarios/series-look-alikes.ts';
import { sharedLookAlikes } from './scenarios/shared-look-alikes.ts';

/** Faults and look-alikes, each as it is. */
export const scenarios: readonly Scenario[] = [
  ...positives,
  ...reuseLookAlikes,
  ...seriesLookAlikes,
  ...sharedLookAlikes,
];
