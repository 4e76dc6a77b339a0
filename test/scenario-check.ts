/** Runs a scenario through the public API and says where the report differs from what it must say. */
import { describe, expect, it } from 'vitest';
import { analyze } from '../src/engine/analyze.ts';
import type { AnalyzeResult } from '../src/engine/analyze.ts';
import type { Tier } from '../src/engine/result.ts';
import { rules } from '../rules/index.ts';
import { type Encoding, encode, ENCODINGS, type Expectation, type Scenario } from '../samples/craft/index.ts';

const RANK: Readonly<Record<Tier, number>> = { suggestive: 1, strong: 2, definitive: 3 };

/** Runs groups of scenarios, each plain and in its other encodings. */
export function describeScenarios(
  article: string,
  groups: Readonly<Record<string, readonly Scenario[]>>,
): void {
  describe.each(Object.entries(groups))(`${article} %s`, (_, group) => {
    const cases = group.flatMap((scenario) => [
      { name: scenario.name, scenario, encoding: undefined },
      ...(scenario.encodings ?? []).map((encoding, at) => ({
        name: `${scenario.name} (encoding ${at + 1})`,
        scenario,
        encoding,
      })),
    ]);
    it.each(cases)('$name: $scenario.title', async ({ scenario, encoding }) => {
      expect(await checkScenario(scenario, encoding)).toEqual([]);
    });
  });
}

/** Differences between report and expectation, one line each; none if all is as it must be. */
export async function checkScenario(scenario: Scenario, encoding?: Encoding): Promise<string[]> {
  const script = scenario.build();
  const bytes = encode(script, encoding ?? scenario.encoding ?? ENCODINGS.pcap);
  const result = await analyze([{ bytes, path: `${scenario.name}.pcap` }], { rules });
  return compare(scenario, result, script.frameNumbers());
}

/** Frames of at least `times` a mark that must be cited, by the marks of the script. */
function compare(
  scenario: Scenario,
  result: AnalyzeResult,
  marks: ReadonlyMap<string, readonly number[]>,
): string[] {
  const { expect: expected } = scenario;
  const verdict = result.verdicts.find((candidate) => candidate.article === scenario.rule);
  if (verdict === undefined) return [`no verdict for ${scenario.rule}`];
  const own = result.findings.filter((finding) => finding.article === scenario.rule);
  const faults = own.filter((finding) => finding.kind === 'fault');
  const notices = own.filter((finding) => finding.kind === 'notice');
  const told = `${verdict.verdict}; ${faults.map((fault) => `${fault.tier}/${fault.severity}/${fault.summary}`).join(' ') || 'no fault'}; ${JSON.stringify(verdict.observed)}`;
  const problems: string[] = [];
  const expectThat = (isTrue: boolean, problem: string) => {
    if (!isTrue) problems.push(`${problem}; report: ${told}`);
  };
  if (expected.atMost) {
    expectThat(faults.length <= expected.findings, `at most ${expected.findings} faults`);
    const limit = expected.tier === undefined ? 0 : RANK[expected.tier];
    expectThat(
      faults.every((fault) => RANK[fault.tier] <= limit),
      `at most ${expected.tier}`,
    );
    return [...problems, ...foreign(scenario, result)];
  }
  expectThat(verdict.verdict === expected.verdict, `verdict ${expected.verdict}`);
  expectThat(faults.length === expected.findings, `${expected.findings} faults`);
  for (const fault of faults) {
    if (expected.tier !== undefined) expectThat(fault.tier === expected.tier, `tier ${expected.tier}`);
    if (expected.severity !== undefined)
      expectThat(fault.severity === expected.severity, `severity ${expected.severity}`);
  }
  if (expected.notices !== undefined) {
    expectThat(
      notices.length === expected.notices,
      `${expected.notices} notices, not ${notices.map((notice) => notice.summary).join(' ')}`,
    );
  }
  for (const reason of expected.undecided ?? []) {
    expectThat((verdict.observed.undecided[reason] ?? 0) > 0, `undecided ${reason}`);
  }
  if (expected.judged !== undefined)
    expectThat(verdict.observed.judged >= expected.judged, `judged >= ${expected.judged}`);
  return [...problems, ...compareCitations(expected, own, marks)];
}

function compareCitations(
  expected: Expectation,
  findings: AnalyzeResult['findings'],
  marks: ReadonlyMap<string, readonly number[]>,
): string[] {
  const cited = new Set(findings.flatMap((finding) => finding.frames.map((frame) => frame.number)));
  const isCited = (mark: string) => (marks.get(mark) ?? []).some((number) => cited.has(number));
  return [
    ...(expected.cites ?? [])
      .filter((mark) => !isCited(mark))
      .map((mark) => `does not cite ${mark} (${marks.get(mark)?.join(',')})`),
    ...(expected.omits ?? []).filter(isCited).map((mark) => `cites ${mark} (${marks.get(mark)?.join(',')})`),
  ];
}

/**
 * A lossy copy of a fault never shows another article's. An address that two clients hold is a duplicate, too, and counts
 * in Q151387 only where that one is found.
 */
function foreign(scenario: Scenario, result: AnalyzeResult): string[] {
  return result.findings
    .filter(
      (finding) =>
        finding.article !== scenario.rule &&
        !(scenario.rule === 'Q151387' && finding.article === 'Q120599') &&
        finding.kind === 'fault' &&
        finding.countsIn === null,
    )
    .map((finding) => `another article: ${finding.key} ${finding.tier}`);
}
