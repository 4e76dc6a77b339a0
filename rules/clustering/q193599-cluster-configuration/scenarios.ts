/**
 * Captures in which the fault of Q193599 is, and captures that only look like it.
 *
 * `scenarios`: P must be found at the tier named, N and X must stay silent. `thresholds`: every number of the rule just
 * below, at and above. `variants`: what is left of a positive after loss, duplication, cuts and clock steps.
 */
import type { Scenario } from '../../../samples/craft/scenario.ts';
import { conflicts } from './conflict-scenarios.ts';
import { lookAlikes } from './look-alike-scenarios.ts';
import { thresholdCases } from './threshold-scenarios.ts';
import { variantCases } from './variant-scenarios.ts';

export const scenarios: readonly Scenario[] = [...conflicts, ...lookAlikes];
export const thresholds: readonly Scenario[] = thresholdCases;
export const variants: readonly Scenario[] = variantCases;
