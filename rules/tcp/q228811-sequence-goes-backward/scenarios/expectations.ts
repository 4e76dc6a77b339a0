/** What a report must say, by name; severities are those of rules 1.5. */
import type { Encoding, Expectation, Scenario, Script } from '../../../../samples/craft/index.ts';

export const RULE = 'Q228811';

/** Several connections of one address are one finding. */
const one = { kind: 'fault', findings: 1, notices: 0 } as const;

export const DEFINITIVE = { ...one, verdict: 'found', tier: 'definitive', severity: 'error' } as const;
export const STRONG = { ...one, verdict: 'found', tier: 'strong', severity: 'warning' } as const;
/** Strong, but the attempt came through, or nothing shows that it hung. */
export const DELAYED = { ...one, verdict: 'found', tier: 'strong', severity: 'info' } as const;
export const SUGGESTIVE = { ...one, verdict: 'suspected', tier: 'suggestive', severity: 'info' } as const;

/** Nothing, and at least one address was judged. */
export const SILENT: Expectation = { verdict: 'clear', findings: 0, notices: 0, judged: 1 };
/** Nothing, and no address has enough to be judged by. */
export const TOO_FEW: Expectation = {
  verdict: 'inconclusive',
  findings: 0,
  notices: 0,
  undecided: ['tooFew'],
};
/** Nothing; the verdict depends on what the capture lost. */
export const NOTHING: Expectation = { ...SILENT, atMost: true };

/** Rules 1.5, evidence of a reused 4-tuple. */
export const REUSE_FRAMES = ['firstFin', 'secondFin', 'lastAck', 'newSyn'] as const;
export const OLD_ACK_FRAMES = [...REUSE_FRAMES, 'oldAck', 'clientRst', 'retransmit'] as const;
export const SILENT_FRAMES = [...REUSE_FRAMES, 'retransmit'] as const;
/** Rules 1.5, evidence of a series: the two SYNs of a backward step. */
export const SERIES_FRAMES = ['above', 'below'] as const;

export function citing(expect: Expectation, cites: readonly string[]): Expectation {
  return { ...expect, cites };
}

export function fault(
  name: string,
  title: string,
  expect: Expectation,
  build: () => Script,
  encodings: readonly Encoding[] = [],
): Scenario {
  return { name, title, rule: RULE, expect, build, encodings };
}

export function lookAlike(
  name: string,
  title: string,
  build: () => Script,
  more: Partial<Scenario> = {},
): Scenario {
  return { name, title, rule: RULE, expect: SILENT, build, ...more };
}
