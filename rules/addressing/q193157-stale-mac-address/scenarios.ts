/**
 * The scenarios of Q193157, from the catalogue's section on it and beyond: faults (P), variants of them (a to f), and
 * look-alikes (N, X) that must stay silent.
 */
import type { Scenario } from '../../../samples/craft/index.ts';
import { scenarios as duplicateAddresses } from '../q120599-duplicate-ip-address/scenarios.ts';
import { deafLookAlikes, deafs } from './deaf-scenarios.ts';
import { deafThresholds } from './deaf-threshold-scenarios.ts';
import { moves } from './move-scenarios.ts';
import { paths } from './path-scenarios.ts';
import { positives, undecided } from './positive-scenarios.ts';
import { EXPECT, RULE } from './stage-scenarios.ts';
import { teams } from './team-scenarios.ts';
import { changeThresholds } from './threshold-scenarios.ts';
import { variants } from './variant-scenarios.ts';

/**
 * Addresses that two hosts hold, move, share or proxy are no stale MAC: whatever Q120599 says of its own captures, this rule
 * stays silent on each.
 */
const othersFaults: readonly Scenario[] = duplicateAddresses.map(
  ({ encodings: _encodings, ...scenario }) => ({
    ...scenario,
    name: `Q120599-${scenario.name}`,
    rule: RULE,
    expect: EXPECT.silent,
  }),
);

/** Faults and look-alikes, each as it is. */
export const scenarios: readonly Scenario[] = [
  ...positives,
  ...undecided,
  ...deafs,
  ...deafLookAlikes,
  ...teams,
  ...paths,
  ...moves,
  ...othersFaults,
];

/** Each threshold just below, at and above the value that decides a tier. */
export const thresholds: readonly Scenario[] = [...changeThresholds, ...deafThresholds];

/** P1 to P9 after loss, duplication, cuts and clock steps. */
export { variants };
