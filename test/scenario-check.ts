/** Runs a scenario through the public API and says where the report differs from what it must say. */
import { analyze } from '../src/engine/analyze.ts';
import type { AnalyzeResult } from '../src/engine/analyze.ts';
import type { Tier } from '../src/engine/result.ts';
import { rules } from '../rules/index.ts';
import { type Encoding, encode, ENCODINGS, type Expectation, type Scenario } from '../samples/craft/index.ts';

const RANK: Readonly<Record<Tier, number>> = { suggestive: 1, strong: 2, definitive: 3 };

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
  const { expect } = scenario;
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
  if (expect.atMost) {
    expectThat(faults.length <= expect.findings, `at most ${expect.findings} faults`);
    const limit = expect.tier === undefined ? 0 : RANK[expect.tier];
    expectThat(
      faults.every((fault) => RANK[fault.tier] <= limit),
      `at most ${expect.tier}`,
    );
    return [...problems, ...foreign(scenario, result)];
  }
  expectThat(verdict.verdict === expect.verdict, `verdict ${expect.verdict}`);
  expectThat(faults.length === expect.findings, `${expect.findings} faults`);
  for (const fault of faults) {
    if (expect.tier !== undefined) expectThat(fault.tier === expect.tier, `tier ${expect.tier}`);
    if (expect.severity !== undefined)
      expectThat(fault.severity === expect.severity, `severity ${expect.severity}`);
  }
  if (expect.notices !== undefined) {
    expectThat(
      notices.length === expect.notices,
      `${expect.notices} notices, not ${notices.map((notice) => notice.summary).join(' ')}`,
    );
  }
  for (const reason of expect.undecided ?? []) {
    expectThat((verdict.observed.undecided[reason] ?? 0) > 0, `undecided ${reason}`);
  }
  if (expect.judged !== undefined)
    expectThat(verdict.observed.judged >= expect.judged, `judged >= ${expect.judged}`);
  return [...problems, ...compareCitations(expect, own, marks)];
}

function compareCitations(
  expect: Expectation,
  findings: AnalyzeResult['findings'],
  marks: ReadonlyMap<string, readonly number[]>,
): string[] {
  const cited = new Set(findings.flatMap((finding) => finding.frames.map((frame) => frame.number)));
  const isCited = (mark: string) => (marks.get(mark) ?? []).some((number) => cited.has(number));
  return [
    ...(expect.cites ?? [])
      .filter((mark) => !isCited(mark))
      .map((mark) => `does not cite ${mark} (${marks.get(mark)?.join(',')})`),
    ...(expect.omits ?? []).filter(isCited).map((mark) => `cites ${mark} (${marks.get(mark)?.join(',')})`),
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
