/** What the captures of this rule may come to. */
import type { Encoding, Expectation, Scenario, Script } from '../../../../samples/craft/index.ts';

export const RULE = 'Q159309';

export const DEFINITIVE: Expectation = {
  verdict: 'found',
  kind: 'fault',
  tier: 'definitive',
  severity: 'error',
  findings: 1,
};
export const STRONG: Expectation = {
  verdict: 'found',
  kind: 'fault',
  tier: 'strong',
  severity: 'warning',
  findings: 1,
};
export const SUGGESTIVE: Expectation = {
  verdict: 'suspected',
  kind: 'fault',
  tier: 'suggestive',
  severity: 'info',
  findings: 1,
};
/** The specification leaves a suggestive finding open. */
export const SUGGESTIVE_AT_MOST: Expectation = { ...SUGGESTIVE, atMost: true };

/** A server was judged, and nothing was wrong. */
export const CLEAR: Expectation = { verdict: 'clear', findings: 0, judged: 1 };
export const NO_DIAL_IN: Expectation = { verdict: 'not-applicable', findings: 0 };
export const TOO_FEW: Expectation = undecided('tooFew');
/** No fault; the specification leaves the verdict open. */
export const SILENT: Expectation = { verdict: 'inconclusive', findings: 0, atMost: true };

export function undecided(...reasons: readonly string[]): Expectation {
  return { verdict: 'inconclusive', findings: 0, undecided: reasons };
}

export function positive(
  name: string,
  title: string,
  expect: Expectation,
  build: () => Script,
  encodings: readonly Encoding[],
): Scenario {
  return { name, title, rule: RULE, expect, build, encodings };
}

/** A capture that must stay silent. */
export function lookAlike(
  name: string,
  title: string,
  expect: Expectation,
  build: () => Script,
  encoding?: Encoding,
): Scenario {
  return { name, title, rule: RULE, expect, build, ...(encoding ? { encoding } : {}) };
}

export function threshold(option: string, at: string, expect: Expectation, build: () => Script): Scenario {
  return { name: `${option}-${at}`, title: `${option}: ${at}`, rule: RULE, expect, build };
}
