/**
 * The scenarios of Q120599, from the catalogue's section on it and beyond: faults (D), variants of them (a to f), and
 * look-alikes (N, X) that must stay silent or be a notice.
 */
import type { Scenario } from '../../../samples/craft/index.ts';
import { conflicts } from './conflict-scenarios.ts';
import { handOvers } from './hand-over-scenarios.ts';
import { proxies } from './proxy-scenarios.ts';
import { redundancy } from './redundancy-scenarios.ts';
import { thresholdCases } from './threshold-scenarios.ts';
import { variants } from './variant-scenarios.ts';

/** Faults and look-alikes, each as it is. */
export const scenarios: readonly Scenario[] = [...conflicts, ...redundancy, ...proxies, ...handOvers];

/** Each threshold just below, at and above the value that decides a tier. */
export const thresholds: readonly Scenario[] = thresholdCases;

/** D1 to D7 after loss, duplication, cuts and clock steps. */
export { variants };
