/** What the captures of this rule may come to. */
import type { Expectation, Scenario, Script } from '../../../../samples/craft/index.ts';

export const RULE = 'Q151387';

export const DEFINITIVE: Expectation = {
  verdict: 'found',
  tier: 'definitive',
  severity: 'error',
  findings: 1,
};
/** Definitive, and the address is another client's by now. */
export const DUPLICATE: Expectation = {
  verdict: 'found',
  tier: 'definitive',
  severity: 'critical',
  findings: 1,
};
export const STRONG: Expectation = { verdict: 'found', tier: 'strong', severity: 'warning', findings: 1 };
export const SUGGESTIVE: Expectation = {
  verdict: 'suspected',
  tier: 'suggestive',
  severity: 'info',
  findings: 1,
};

/** A lease was watched to its end, and nothing was wrong. */
export const CLEAR: Expectation = { verdict: 'clear', findings: 0, judged: 1 };
export const NO_LEASE: Expectation = { verdict: 'not-applicable', findings: 0 };
export const UNDECIDED: Expectation = { verdict: 'inconclusive', findings: 0 };
export const RUNNING = undecided('expiryNotReached');
export const RENEWALS_NOT_VISIBLE = undecided('renewalsNotVisible');

export function undecided(reason: string): Expectation {
  return { ...UNDECIDED, undecided: [reason] };
}

export function silent(name: string, title: string, expect: Expectation, build: () => Script): Scenario {
  return { name, title, rule: RULE, expect, build };
}

export function threshold(option: string, at: string, expect: Expectation, build: () => Script): Scenario {
  return { name: `${option}-${at}`, title: `${option}: ${at}`, rule: RULE, expect, build };
}
