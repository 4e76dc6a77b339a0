/** What the captures of this rule may come to. */
import type { Expectation, Scenario, Script } from '../../../../samples/craft/index.ts';

export const RULE = 'Q228942';

export const DEFINITIVE: Expectation = {
  verdict: 'found',
  kind: 'fault',
  tier: 'definitive',
  severity: 'critical',
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
/** Suggestive, or nothing at all. */
export const SUGGESTIVE_AT_MOST: Expectation = { ...SUGGESTIVE, atMost: true };
export const STRONG_AT_MOST: Expectation = { ...STRONG, atMost: true };

/** Members were watched for long enough, and nothing was wrong. */
export const CLEAR: Expectation = { verdict: 'clear', findings: 0, notices: 0, judged: 1 };
/** A member left, the others took over: no fault. */
export const MEMBER_LEFT: Expectation = { verdict: 'clear', findings: 0, notices: 1, judged: 1 };
export const NO_CLUSTER: Expectation = { verdict: 'not-applicable', findings: 0, notices: 0 };
/** There is a cluster, and nothing can be said about it. */
export const UNDECIDED: Expectation = { verdict: 'inconclusive', findings: 0, notices: 0 };
/** No finding; the verdict is left open. */
export const SILENT: Expectation = { verdict: 'clear', findings: 0, atMost: true };

export function undecided(reason: string): Expectation {
  return { ...UNDECIDED, undecided: [reason] };
}

export function citing(expect: Expectation, ...cites: string[]): Expectation {
  return { ...expect, cites };
}

export function positive(
  name: string,
  title: string,
  scenario: Omit<Scenario, 'name' | 'title' | 'rule'>,
): Scenario {
  return { name, title, rule: RULE, ...scenario };
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

export function threshold(option: string, at: string, expect: Expectation, build: () => Script): Scenario {
  return { name: `${option}-${at}`, title: `${option}: ${at}`, rule: RULE, expect, build };
}
