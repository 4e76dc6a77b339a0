/** From what the engine found (message ids and data) to the report (text). No detection, and no layout. */
import type { CaptureError } from '../capture/errors.ts';
import type {
  AnalysisResult,
  CaptureHealth,
  CaptureSummary,
  Finding,
  FrameCitation,
  MessageData,
  RuleVerdict,
  Tier,
  Verdict,
} from '../engine/result.ts';
import type { Rule, RuleMeta } from '../engine/rule.ts';
import { frameFilter } from './display-filter.ts';
import { capLength } from './escape.ts';
import { summarise } from './known.ts';
import { interpolate } from './message.ts';
import type {
  Report,
  ReportCapture,
  ReportFinding,
  ReportFrame,
  ReportHealth,
  ReportVerdict,
} from './schema.ts';
import { TOOL } from './tool.ts';
import { withLocalTimes } from './local-times.ts';
import { isoTime, secondsBetween } from './units.ts';
import {
  hostVerdictSentence,
  notExaminedSentence,
  tablesFullSentence,
  TIERS,
  undecidedSentence,
} from './wording.ts';

export interface ReportOptions {
  /** Findings of a lesser tier are counted in their verdict and not listed. */
  readonly minTier?: Tier;
  /** Hex digest by path as given, for `captures[].sha256`. */
  readonly sha256?: ReadonlyMap<string, string>;
  /** Hosts that the analysis was limited to, as they were given. */
  readonly hosts?: readonly string[];
  /** Choices beside the thresholds that the report should name (`rules`, `minTier`). */
  readonly choices?: Report['options'];
}

/** Result of an analysis, with the inputs that could not be read when others could. */
export type ReportableResult = AnalysisResult & { readonly failures?: readonly CaptureError[] };

const VERDICT_MESSAGES = {
  found: 'found',
  suspected: 'suspected',
  clear: 'clear',
  inconclusive: 'inconclusive',
  'not-applicable': 'notApplicable',
} as const satisfies Record<Verdict, string>;

/** Turns a result into a report; `rules` are those it was made with. The same result gives the same report. */
export function toReport(
  result: ReportableResult,
  rules: readonly Rule[],
  options: ReportOptions = {},
): Report {
  const metas = new Map(rules.map((rule) => [rule.meta.article.id, rule.meta]));
  const metaOf = (article: string): RuleMeta => {
    const meta = metas.get(article);
    if (meta === undefined) throw new Error(`the result speaks of ${article}, whose rule was not given`);
    return meta;
  };
  const lowest = TIERS.indexOf(options.minTier ?? 'suggestive');
  const shown = result.findings.filter((finding) => TIERS.indexOf(finding.tier) <= lowest);
  const paths: string[] = [];
  for (const { file, path } of result.captures) paths[file] = path;
  return withLocalTimes({
    schema: 'kbdiag-report/1',
    tool: { ...TOOL },
    interrupted: result.interrupted,
    options: sortByName({ ...result.options, ...options.choices }),
    summary: summarise(shown),
    ...(result.period === undefined ? {} : { period: toReportPeriod(result.period) }),
    captures: result.captures.map((capture) => toReportCapture(capture, options.sha256?.get(capture.path))),
    failures: (result.failures ?? []).map(({ path, code, message, hint, offset }) => ({
      path,
      code,
      message,
      hint,
      offset,
    })),
    health: toReportHealth(result.health),
    verdicts: result.verdicts
      .map((verdict) =>
        toReportVerdict(verdict, metaOf(verdict.article), result.findings, shown, options.hosts),
      )
      .toSorted((a, b) => compareText(a.article, b.article)),
    findings: shown.map((finding) => toReportFinding(finding, metaOf(finding.article), paths)),
    ...(result.timings === null ? {} : { timings: { ...result.timings } }),
  });
}

function toReportPeriod({ from, to }: Required<AnalysisResult>['period']): Report['period'] {
  return { from: isoTime(from), to: isoTime(to) };
}

/** What `kbdiag info` shows of a file, and `captures[]` of a report. */
export function toReportCapture(capture: CaptureSummary, sha256?: string): ReportCapture {
  const { firstTime, lastTime, damage, examined } = capture;
  return {
    path: capture.path,
    format: capture.format,
    compression: capture.compression,
    bytes: capture.bytes,
    packets: capture.packets,
    linkTypes: [...capture.linkTypes],
    firstTime: isoTime(firstTime),
    lastTime: isoTime(lastTime),
    durationSeconds: firstTime === null || lastTime === null ? null : secondsBetween(firstTime, lastTime),
    timeZone: capture.timeZone,
    damaged: damage === null ? null : { code: damage.code, offset: damage.offset, message: damage.message },
    oddities: sortByName(capture.oddities),
    comments: capture.comments,
    ...(examined === undefined
      ? {}
      : {
          examined: {
            packets: examined.packets,
            firstTime: isoTime(examined.firstTime),
            lastTime: isoTime(examined.lastTime),
          },
        }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

export function toReportHealth(health: CaptureHealth): ReportHealth {
  return {
    drops: { ...health.drops },
    clockEpochs: health.clockEpochs,
    duplicates: health.duplicates,
    multiPoint: { ...health.multiPoint },
    withoutTime: health.withoutTime,
    oneSidedConnections: health.oneSidedConnections,
    truncatedPackets: health.truncatedPackets,
    malformedPackets: health.malformedPackets,
    evictions: sortByName(health.evictions),
    notExamined: { ...health.notExamined },
    gaps: health.gaps.map((gap) => ({ domain: gap.domain, from: isoTime(gap.from), seconds: gap.seconds })),
  };
}

function toReportVerdict(
  verdict: RuleVerdict,
  meta: RuleMeta,
  findings: readonly Finding[],
  shown: readonly Finding[],
  hosts?: readonly string[],
): ReportVerdict {
  const { subjects, judged, undecided } = verdict.observed;
  const ofThisRule = (finding: Finding) => finding.article === verdict.article;
  const faults = findings.filter((finding) => ofThisRule(finding) && finding.kind === 'fault').length;
  const count = faults + verdict.findingsLeftOut;
  const data: MessageData = {
    subjects,
    judged,
    undecided: Object.values(undecided).reduce((sum, each) => sum + each, 0),
    findings: count,
    ...verdict.data,
  };
  const sentences = [
    hosts === undefined
      ? interpolate(meta.messages[VERDICT_MESSAGES[verdict.verdict]] ?? '', data)
      : hostVerdictSentence(verdict.verdict, hosts, { judged, findings: count }),
    undecidedSentence(sortByName(undecided)),
    notExaminedSentence(sortByName(verdict.notExamined)),
    tablesFullSentence(verdict.notExamined),
  ];
  return {
    article: verdict.article,
    title: meta.title,
    verdict: verdict.verdict,
    reason: sentences.filter((sentence) => sentence !== '').join(' '),
    observed: { subjects, judged, undecided: sortByName(undecided) },
    notExamined: sortByName(verdict.notExamined),
    findingsLeftOut: verdict.findingsLeftOut,
    findingsBelowMinTier: findings.filter(ofThisRule).length - shown.filter(ofThisRule).length,
  };
}

function toReportFinding(finding: Finding, meta: RuleMeta, paths: readonly string[]): ReportFinding {
  const say = (messageId: string): string => {
    const template = Object.hasOwn(meta.messages, messageId) ? meta.messages[messageId] : undefined;
    if (template === undefined) throw new Error(`${finding.article} has no message ${messageId}`);
    return interpolate(template, finding.data);
  };
  const displayFilters = filtersByFile(finding.frames, paths);
  return {
    article: finding.article,
    title: meta.title,
    kind: finding.kind,
    tier: finding.tier,
    confidence: finding.confidence,
    severity: finding.severity,
    key: finding.key,
    domain: finding.domain,
    subject: finding.subject,
    hosts: [...finding.hosts],
    macs: [...finding.macs],
    frames: finding.frames.map((frame) => toReportFrame(frame, paths)),
    firstSeen: isoTime(finding.firstSeen),
    lastSeen: isoTime(finding.lastSeen),
    count: finding.count,
    summary: say(finding.summary),
    why: say(finding.why),
    whatToDo: say(finding.whatToDo),
    facts: toFacts(finding.facts),
    series: finding.series.map(({ name, unit, of, points }) => ({
      name,
      unit,
      ...(of === undefined ? {} : { of }),
      points: points.map((point) => [...point]),
    })),
    caveats: finding.caveats.map(say),
    refutations: [...finding.refutations],
    related: [...finding.related],
    countsIn: finding.countsIn,
    displayFilter: displayFilters[0]?.displayFilter ?? frameFilter([]),
    displayFilters,
  };
}

function toReportFrame(frame: FrameCitation, paths: readonly string[]): ReportFrame {
  return {
    number: frame.number,
    file: paths[frame.file] ?? '',
    time: isoTime(frame.time),
    role: frame.role,
    summary: frame.summary,
    offsetBytes: frame.offsetBytes,
    capturedBytes: frame.capturedBytes,
  };
}

/** One filter per cited file, in the order the files were given. */
function filtersByFile(
  frames: readonly FrameCitation[],
  paths: readonly string[],
): ReportFinding['displayFilters'] {
  return paths.flatMap((file, index) => {
    const numbers = frames.filter((frame) => frame.file === index).map((frame) => frame.number);
    return numbers.length === 0 ? [] : [{ file, displayFilter: frameFilter(numbers) }];
  });
}

function toFacts(facts: MessageData): ReportFinding['facts'] {
  return sortByName(
    Object.fromEntries(
      Object.entries(facts).map(([name, value]) => [
        name,
        typeof value === 'string' ? capLength(value) : value,
      ]),
    ),
  );
}

/** By code units, which no locale changes. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sortByName<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => compareText(a, b)));
}
