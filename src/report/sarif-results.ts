/**
 * Findings and verdicts as SARIF results. A finding is of kind `fail`, with the level of its severity. An article without a
 * fault in the report is one result, whose kind says what its verdict is: `pass`, `open`, `notApplicable`, or `review` where
 * its faults were left out.
 */
import { createHash } from 'node:crypto';
import { sarifText } from './escape.ts';
import type { Artifacts } from './sarif-artifacts.ts';
import type { Report, ReportFinding, ReportFrame, ReportVerdict } from './schema.ts';

/** SARIF 2.1.0 3.27.10. */
export type Level = 'error' | 'warning' | 'note';

export const LEVELS: Readonly<Record<ReportFinding['severity'], Level>> = {
  critical: 'error',
  error: 'error',
  warning: 'warning',
  info: 'note',
};

/** SARIF 2.1.0 3.27.9. A verdict of `found` or `suspected` without a finding is one whose findings are not shown. */
const KINDS: Readonly<Record<ReportVerdict['verdict'], string>> = {
  found: 'review',
  suspected: 'review',
  clear: 'pass',
  inconclusive: 'open',
  'not-applicable': 'notApplicable',
};

/** Results in the order of the report, findings first. `ruleIndex` is that of an article among the rules of the tool. */
export function toResults(
  report: Report,
  artifacts: Artifacts,
  ruleIndex: (article: string) => number,
): Array<Record<string, unknown>> {
  const faulty = new Set(report.findings.flatMap(({ article, kind }) => (kind === 'fault' ? [article] : [])));
  const others = report.verdicts.filter(({ article }) => !faulty.has(article));
  const [first] = report.captures;
  return [
    ...report.findings.map((finding) => ({
      ruleId: finding.article,
      ruleIndex: ruleIndex(finding.article),
      ...describeFinding(finding, artifacts, first?.path),
    })),
    ...others.map((verdict) => ({
      ruleId: verdict.article,
      ruleIndex: ruleIndex(verdict.article),
      kind: KINDS[verdict.verdict],
      level: 'none',
      message: { text: sarifText(`${verdict.title}: ${verdict.reason}`) },
      ...(report.captures.length === 1 && first !== undefined
        ? { locations: [artifacts.locate({ path: first.path })] }
        : {}),
      properties: { verdict: verdict.verdict, observed: verdict.observed, notExamined: verdict.notExamined },
    })),
  ];
}

function describeFinding(
  finding: ReportFinding,
  artifacts: Artifacts,
  onlyPath: string | undefined,
): Record<string, unknown> {
  const { frames, summary, why, whatToDo, caveats } = finding;
  const locations = frames.map((frame) => locateFrame(frame, artifacts));
  if (locations.length === 0 && onlyPath !== undefined) locations.push(artifacts.locate({ path: onlyPath }));
  const isNotice = finding.kind === 'notice';
  return {
    kind: 'fail',
    level: isNotice ? 'note' : LEVELS[finding.severity],
    message: { text: [summary, why, whatToDo, ...caveats].map(sarifText).join('\n\n') },
    // The place of a result is one place (3.27.12); the other frames belong to its proof.
    locations: locations.slice(0, 1),
    ...(locations.length > 1
      ? { relatedLocations: locations.slice(1).map((location, index) => ({ id: index + 1, ...location })) }
      : {}),
    partialFingerprints: { 'findingKey/v1': createHash('sha256').update(finding.key).digest('hex') },
    ...(isNotice ? {} : { rank: Math.round(finding.confidence * 100) }),
    properties: propertiesOf(finding),
  };
}

function locateFrame(frame: ReportFrame, artifacts: Artifacts): Record<string, unknown> {
  const { file, number, offsetBytes, capturedBytes, role, summary, time } = frame;
  return {
    ...artifacts.locate({
      path: file,
      frame: number,
      bytes: { byteOffset: offsetBytes, byteLength: capturedBytes },
    }),
    message: { text: sarifText(`${role}: ${summary}`) },
    properties: { frame: number, role, time },
  };
}

/** The finding as in the JSON report, without what stands elsewhere in the result and without its series. */
function propertiesOf(finding: ReportFinding): Record<string, unknown> {
  const {
    article: _article,
    frames: _frames,
    summary: _summary,
    why: _why,
    whatToDo: _whatToDo,
    caveats: _caveats,
    series: _series,
    refutations: _refutations,
    ...properties
  } = finding;
  return properties;
}
