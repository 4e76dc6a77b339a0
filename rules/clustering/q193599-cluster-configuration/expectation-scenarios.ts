/** What the captures of this rule may come to. */
import type { Expectation, Scenario, Script } from '../../../samples/craft/index.ts';

export const RULE = 'Q193599';

export const DEFINITIVE: Expectation = {
  verdict: 'found',
  kind: 'fault',
  tier: 'definitive',
  severity: 'error',
  findings: 1,
  notices: 0,
};
export const STRONG: Expectation = {
  verdict: 'found',
  kind: 'fault',
  tier: 'strong',
  severity: 'error',
  findings: 1,
  notices: 0,
};
export const SUGGESTIVE: Expectation = {
  verdict: 'suspected',
  kind: 'fault',
  tier: 'suggestive',
  severity: 'warning',
  findings: 1,
  notices: 0,
};

/** The members' configuration was read, and agrees. */
export const CLEAR: Expectation = { verdict: 'clear', findings: 0, notices: 0, judged: 1 };
export const NO_HEARTBEAT: Expectation = { verdict: 'not-applicable', findings: 0, notices: 0 };

export function undecided(reason: string): Expectation {
  return { verdict: 'inconclusive', findings: 0, notices: 0, undecided: [reason] };
}

export function citing(expect: Expectation, ...cites: string[]): Expectation {
  return { ...expect, cites };
}

export function lookAlike(
  name: string,
  title: string,
  build: () => Script,
  expect: Expectation = CLEAR,
  more: Partial<Scenario> = {},
): Scenario {
  return { name, title, rule: RULE, expect, build, ...more };
}
