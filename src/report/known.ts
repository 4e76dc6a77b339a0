/**
 * Findings that are known already: left out because the user says so, or marked because an earlier report has them. Both
 * work on the finished report and go by keys alone, so they fit whatever else was done to it. Verdicts stay what they are: they
 * speak of the network and not of what is news.
 */
import { terminalText } from './escape.ts';
import type { Report, ReportFinding } from './schema.ts';

/** True if a user can have meant this key: as it is in JSON, or as a terminal shows it. */
function isKey(key: string, wanted: ReadonlySet<string>): boolean {
  return wanted.has(key) || wanted.has(terminalText(key, Infinity));
}

/** The report without the findings of these keys; their verdicts say how many there were. */
export function withoutIgnored(report: Report, keys: ReadonlySet<string>): Report {
  const findings = report.findings.filter(({ key }) => !isKey(key, keys));
  const countOf = (all: readonly ReportFinding[], article: string) =>
    all.filter((finding) => finding.article === article).length;
  return {
    ...report,
    summary: summarise(findings),
    verdicts: report.verdicts.map((verdict) => ({
      ...verdict,
      findingsIgnored:
        (verdict.findingsIgnored ?? 0) +
        countOf(report.findings, verdict.article) -
        countOf(findings, verdict.article),
    })),
    findings,
  };
}

/** The keys that fit none of these findings, and that a finding should have had. */
export function unmatchedKeys(
  keys: Iterable<string>,
  findings: ReadonlyArray<{ readonly key: string }>,
): string[] {
  const known = new Set(findings.flatMap(({ key }) => [key, terminalText(key, Infinity)]));
  return [...new Set(keys)].filter((key) => !known.has(key));
}

/** The report with every finding marked as known or new by the keys of an earlier one. */
export function comparedWith(report: Report, baseline: ReadonlySet<string>): Report {
  const findings = report.findings.map((finding) => ({ ...finding, known: baseline.has(finding.key) }));
  const known = findings.filter((finding) => finding.known).length;
  return {
    ...report,
    summary: summarise(findings),
    baseline: { known, new: findings.length - known, absent: baseline.size - known },
    findings,
  };
}

type Counted = Pick<ReportFinding, 'kind' | 'severity' | 'key' | 'countsIn' | 'known'>;

/** Faults by severity. A finding that counts in another one does so only while that one is in the report. */
export function summarise(findings: readonly Counted[]): Report['summary'] {
  const keys = new Set(findings.map((finding) => finding.key));
  const summary = { critical: 0, error: 0, warning: 0, info: 0, notices: 0 };
  let known = 0;
  for (const finding of findings) {
    if (finding.kind === 'notice') summary.notices++;
    else if (finding.countsIn === null || !keys.has(finding.countsIn)) {
      summary[finding.severity]++;
      if (finding.known) known++;
    }
  }
  return findings.some((finding) => finding.known !== undefined) ? { ...summary, known } : summary;
}
