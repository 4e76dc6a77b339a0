/**
 * Captures in which the fault of Q159309 is, and captures that only look like it.
 *
 * `scenarios`: P must be found at the tier named, N and X must stay silent. `thresholds`: every number of the rule just
 * below, at and above. `variants(positive)`: what is left of a positive after loss, duplication, cuts and clock steps.
 */
import type { Scenario } from '../../../samples/craft/scenario.ts';
import { positives } from './scenarios/positives.ts';

export const scenarios: readonly Scenario[] = [...positives];
