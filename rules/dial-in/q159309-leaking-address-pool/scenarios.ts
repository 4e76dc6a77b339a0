/**
 * Captures in which the fault of Q159309 is, and captures that only look like it.
 *
 * `scenarios`: P must be found at the tier named, N and X must stay silent. `thresholds`: every number of the rule just
 * below, at and above. `variants(positive)`: what is left of a positive after loss, duplication, cuts and clock steps.
 */
import type { Scenario } from '../../../samples/craft/scenario.ts';
import { givenOtherwise, refusedAllTheSame } from './scenarios/given-otherwise.ts';
import { lanLookAlikes, lanPositives } from './scenarios/lan-view.ts';
import { moreLookAlikes } from './scenarios/look-alikes-more.ts';
import { lookAlikes } from './scenarios/look-alikes.ts';
import { positives } from './scenarios/positives.ts';
import { radiusLookAlikes, radiusPositives } from './scenarios/radius.ts';
import { review } from './scenarios/review.ts';
import { skipLookAlikes, skips } from './scenarios/skips.ts';

export const scenarios: readonly Scenario[] = [
  ...positives,
  ...skips,
  ...refusedAllTheSame,
  ...radiusPositives,
  ...lanPositives,
  ...lookAlikes,
  ...skipLookAlikes,
  ...radiusLookAlikes,
  ...lanLookAlikes,
  ...moreLookAlikes,
  ...review,
  ...givenOtherwise,
];
export { thresholds } from './scenarios/thresholds.ts';
export { variants } from './scenarios/variants.ts';
