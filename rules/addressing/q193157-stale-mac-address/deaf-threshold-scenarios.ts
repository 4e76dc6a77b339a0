/** Every threshold of the deaf adapter (M2) just below, at and above the value that decides a tier (rules 3.3 and 7). */
import type { Expectation, Scenario, Script } from '../../../samples/craft/index.ts';
import { deaf } from './deaf-scenarios.ts';
import { EXPECT, RULE } from './stage-scenarios.ts';

const { strong, silent } = EXPECT;

/** Three requests so far apart, the last at 36 s; what is unanswered comes after it. */
function gap(seconds: number): Script {
  return deaf({ requests: [36 - 2 * seconds, 36 - seconds, 36] });
}

const cases: ReadonlyArray<readonly [name: string, expect: Expectation, build: () => Script]> = [
  ['deafHistory-below', silent, () => deaf({ history: 2 })],
  ['deafHistory-at', strong, () => deaf({ history: 3 })],
  ['deafHistory-above', strong, () => deaf({ history: 4 })],
  ['deafRequests-below', silent, () => deaf({ requests: [33, 36] })],
  ['deafRequests-at', strong, () => deaf({ requests: [30, 33, 36] })],
  ['deafRequests-above', strong, () => deaf({ requests: [27.5, 30, 33, 36] })],
  ['deafGapSeconds-below', strong, () => gap(9.9)],
  ['deafGapSeconds-at', strong, () => gap(10)],
  ['deafGapSeconds-above', silent, () => gap(10.1)],
  ['deafReplySeconds-below', strong, () => deaf({ replySeconds: 0.9 })],
  ['deafReplySeconds-at', strong, () => deaf({ replySeconds: 1 })],
  ['deafReplySeconds-above', silent, () => deaf({ replySeconds: 1.1 })],
];

export const deafThresholds: readonly Scenario[] = cases.map(([name, expect, build]) => ({
  name,
  title: name.replaceAll('-', ' '),
  rule: RULE,
  expect,
  build,
}));
