/** Each threshold of the rule just below, at and above. */
import { ClusterLan } from '../../../samples/craft/index.ts';
import type { Expectation, Scenario, Script } from '../../../samples/craft/index.ts';
import { OTHER_CODES, twin } from './conflict-scenarios.ts';
import { CLEAR, RULE, SUGGESTIVE, undecided } from './expectation-scenarios.ts';

/** A second host of priority 2 that beats at these times, among the beats of the first. */
function twinBeats(times: readonly number[]): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.3, 79.3).beats(web2, 0.4, 79.4);
  return lan.beatsAt(twin(lan), times).end(80);
}

/** A member with other rules that beats every second for so long. */
function otherRulesFor(seconds: number): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(1);
  lan.beats(web1, 0.3, 79.3);
  const whole = Math.ceil(seconds) - 1;
  lan.beats(web2, 20, 20 + whole, { ruleCodes: OTHER_CODES });
  return lan.beatsAt(web2, [20 + seconds], { ruleCodes: OTHER_CODES }).end(80);
}

/** Members that agree, with so many beats each. */
function beatsEach(...counts: readonly number[]): Script {
  const lan = new ClusterLan();
  const members = lan.members(counts.length);
  for (const [index, count] of counts.entries()) {
    const member = members[index] ?? members[0];
    const from = 2 + index / 10;
    lan.beats(member, from, from + count - 1);
  }
  return lan.end(60);
}

const threshold = (option: string, at: string, expect: Expectation, build: () => Script): Scenario => ({
  name: `${option}-${at}`,
  title: `${option}: ${at}`,
  rule: RULE,
  expect,
  build,
});

export const thresholdCases: readonly Scenario[] = [
  threshold('conflictBeats', '2', CLEAR, () => twinBeats([20, 55])),
  threshold('conflictBeats', '3', SUGGESTIVE, () => twinBeats([20, 38, 55])),
  threshold('conflictBeats', '4', SUGGESTIVE, () => twinBeats([20, 31, 43, 55])),
  threshold('conflictSeconds', '29.9', CLEAR, () => otherRulesFor(29.9)),
  threshold('conflictSeconds', '30', SUGGESTIVE, () => otherRulesFor(30)),
  threshold('conflictSeconds', '30.1', SUGGESTIVE, () => otherRulesFor(30.1)),
  threshold('judgeBeats', '7', undecided('tooFew'), () => beatsEach(7)),
  threshold('judgeBeats', '8', CLEAR, () => beatsEach(8)),
  threshold('judgeBeats', '9', CLEAR, () => beatsEach(9)),
  threshold('judgeBeats', '7 and 7', undecided('tooFew'), () => beatsEach(7, 7)),
  threshold('judgeBeats', '8 and 8', CLEAR, () => beatsEach(8, 8)),
];
