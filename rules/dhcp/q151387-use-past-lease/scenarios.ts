/**
 * Captures in which the fault of Q151387 is, and captures that only look like it.
 *
 * `scenarios`: P must be found at the tier named, N and X must stay silent. `thresholds`: every number of the rule just
 * below, at and above. `variants(positive)`: what is left of a positive after loss, duplication, cuts and clock steps.
 */
import type { Scenario } from '../../../samples/craft/scenario.ts';
import { identities } from './scenarios/identities.ts';
import { leasesKept } from './scenarios/leases-kept.ts';
import { lookAlikes } from './scenarios/look-alikes.ts';
import { positives } from './scenarios/positives.ts';
import { relayCopies } from './scenarios/relay-copies.ts';

export const scenarios: readonly Scenario[] = [
  ...positives,
  ...leasesKept,
  ...lookAlikes,
  ...identities,
  ...relayCopies,
];
export { thresholds } from './scenarios/thresholds.ts';
export { variants } from './scenarios/variants.ts';
