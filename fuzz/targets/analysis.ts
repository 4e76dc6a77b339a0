/** The whole way from bytes to a report: every enabled article has a verdict, what is cited exists, counts are consistent. */
import { rules } from '../../rules/index.ts';
import { CaptureError } from '../../src/capture/errors.ts';
import type { CaptureInput } from '../../src/capture/open.ts';
import { type AnalyzeOptions, type AnalyzeResult, analyze } from '../../src/engine/analyze.ts';
import { toReport } from '../../src/report/model.ts';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { Broken, must } from './target.ts';

export interface Analysed {
  readonly result: AnalyzeResult;
  readonly report: Report;
}

/** Null where none of the inputs is a capture. */
export async function analysed(
  inputs: readonly CaptureInput[],
  options: Partial<AnalyzeOptions> = {},
): Promise<Analysed | null> {
  let result: AnalyzeResult;
  try {
    result = await analyze(inputs, { rules, ...options });
  } catch (error) {
    if (error instanceof CaptureError) return null;
    throw error;
  }
  const report = toReport(result, rules);
  checkResult(result);
  checkReport(report);
  return { result, report };
}

function checkResult(result: AnalyzeResult): void {
  const { captures, findings, health, counts } = result;
  const packets = new Map(captures.map((capture) => [capture.file, capture]));
  for (const { frames, firstSeen, lastSeen, count } of findings) {
    must(frames.length > 0 && frames.length <= 24, 'a finding cites from 1 to 24 frames');
    must(count >= 1, 'a finding was seen');
    if (firstSeen !== null && lastSeen !== null)
      must(!isAfter(firstSeen, lastSeen), 'a finding ends after it began');
    for (const { file, number, offsetBytes, capturedBytes } of frames) {
      const capture = packets.get(file);
      must(capture !== undefined, 'a cited frame is of a capture that was given');
      must(number >= 1 && Number.isInteger(number), 'a cited frame has a number');
      must(offsetBytes >= 0 && capturedBytes >= 0, 'a cited frame has a place');
      if (capture.compression === null && capture.damage === null)
        must(offsetBytes + capturedBytes <= capture.bytes, 'a cited frame lies in its file');
    }
  }
  const counted = Object.entries(counts).reduce(
    (sum, [kind, count]) => (kind === 'tcpSyn' ? sum : sum + count),
    0,
  );
  const examined = captures.reduce((sum, capture) => sum + (capture.examined?.packets ?? capture.packets), 0);
  must(counted === examined, 'packets by kind add up to all packets');
  must(health.drops.fraction >= 0 && health.drops.fraction <= 1, 'the share of losses is a share');
}

function isAfter(a: { seconds: number; nanos: number }, b: { seconds: number; nanos: number }): boolean {
  return a.seconds > b.seconds || (a.seconds === b.seconds && a.nanos > b.nanos);
}

export function checkReport(report: Report): void {
  const parsed = reportSchema.safeParse(report);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Broken(
      `the report is not of its schema: ${placeOf(issue?.path ?? [])}: ${issue?.message ?? ''}`,
    );
  }
  const articles = report.verdicts.map(({ article }) => article);
  const wanted = rules.map(({ meta }) => meta.article.id).toSorted();
  must(JSON.stringify(articles) === JSON.stringify(wanted), 'every enabled article has one verdict, sorted');
  const keys = new Set(report.findings.map(({ key }) => key));
  must(keys.size === report.findings.length, 'a key is that of one finding');
  for (const { article, verdict, observed, reason } of report.verdicts) {
    const faults = report.findings.filter(
      (finding) => finding.article === article && finding.kind === 'fault',
    );
    const isSure = faults.some(({ tier }) => tier !== 'suggestive');
    const { subjects, judged, undecided } = observed;
    must(reason !== '', 'a verdict has a reason');
    must(judged <= subjects, 'no more subjects are judged than there are');
    must(
      Object.values(undecided).every((count) => count > 0),
      'an undecided subject is counted',
    );
    if (verdict === 'found') must(isSure, 'what is found has a sure finding');
    if (verdict === 'suspected')
      must(faults.length > 0 && !isSure, 'what is suspected has a suggestive finding');
    if (verdict === 'clear') must(judged > 0 && faults.length === 0, 'what is clear was judged');
    if (verdict === 'not-applicable' || verdict === 'inconclusive')
      must(faults.length === 0, 'what could not be judged has no fault');
  }
  for (const { related, countsIn, key } of report.findings) {
    must(!related.includes(key), 'no finding is related to itself');
    must(
      related.every((other) => keys.has(other)),
      'related findings are there',
    );
    must(countsIn === null || keys.has(countsIn), 'a finding counts in one that is there');
  }
  const { critical, error, warning, info } = report.summary;
  const faults = report.findings.filter(({ kind, countsIn }) => kind === 'fault' && countsIn === null);
  must(critical + error + warning + info === faults.length, 'the summary counts the faults');
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.map((step) => (typeof step === 'number' ? '#' : String(step))).join('.');
}
