/**
 * Captures in which the fault of Q228942 is, and captures that only look like it.
 *
 * `scenarios`: P must be found at the tier named, N and X must stay silent. `thresholds`: every number of the rule just
 * below, at and above. `variants`: what is left of a positive after loss, duplication, cuts and clock steps.
 */
import type { Scenario } from '../../../samples/craft/scenario.ts';
import { convergence } from './scenarios/convergence.ts';
import { workingClusters } from './scenarios/healthy.ts';
import { holes } from './scenarios/holes.ts';
import { review } from './scenarios/review.ts';
import { sharedLookAlikes } from './scenarios/shared-look-alikes.ts';
import { silences } from './scenarios/silences.ts';
import { holeThresholds } from './scenarios/thresholds-holes.ts';
import { silenceThresholds } from './scenarios/thresholds-silences.ts';
import { trafficLookAlikes } from './scenarios/traffic.ts';

export const scenarios: readonly Scenario[] = [
  ...holes,
  ...silences,
  ...convergence,
  ...workingClusters,
  ...trafficLookAlikes,
  ...sharedLookAlikes,
  ...review,
];
export const thresholds: readonly Scenario[] = [...holeThresholds, ...silenceThresholds];
export { variants } from './scenarios/variants.ts';
