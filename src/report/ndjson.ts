/**
 * The NDJSON report: one JSON object a line, of the shapes in schema/report-line.schema.json. First the report itself, without
 * its lists; then captures, inputs that were not read, the health, verdicts and findings, in the order of the JSON report.
 */
import { jsonLine } from './escape.ts';
import type { Report, ReportLine } from './schema.ts';

/** The report in parts. Nothing is left out: put together again they are the report. */
export function toReportLines(report: Report): ReportLine[] {
  const { captures, failures, health, verdicts, findings, ...rest } = report;
  return [
    { type: 'report', ...rest },
    ...captures.map((capture) => ({ type: 'capture' as const, ...capture })),
    ...failures.map((failure) => ({ type: 'failure' as const, ...failure })),
    { type: 'health', ...health },
    ...verdicts.map((verdict) => ({ type: 'verdict' as const, ...verdict })),
    ...findings.map((finding) => ({ type: 'finding' as const, ...finding })),
  ];
}

export function* ndjsonPieces(report: Report): Generator<string, void, void> {
  for (const line of toReportLines(report)) yield `${jsonLine(line)}\n`;
}
