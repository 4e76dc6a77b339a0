/** What the templates of the page show. All strings are as they came from the report: the templates escape them. */
import { wiresharkCommand } from '../display-filter.ts';
import type { Tone } from '../outline.ts';
import {
  analyzeCommand,
  captureLine,
  captureParts,
  factRows,
  frameRows,
  inputName,
  optionsLine,
  outcomeOf,
  seenWhen,
  verdictSentences,
  warningsOf,
} from '../outline.ts';
import type { Report, ReportCapture, ReportFinding } from '../schema.ts';
import { formatBytes, formatCount, formatDuration, formatPlural } from '../units.ts';
import { TIER_WORDS, VERDICT_WORDS } from '../wording.ts';

/** A picture of a finding. `svg` is trusted markup: role="img" with a title and a desc, styled by classes alone, no script. */
export interface Chart {
  readonly title: string;
  readonly description: string;
  readonly svg: string;
}

/** Pictures by key of their finding, and the styles of their classes. */
export interface Pictures {
  readonly charts: ReadonlyMap<string, readonly Chart[]>;
  readonly css: string;
}

interface Link {
  readonly text: string;
  readonly href: string;
}

/** One finding in full. */
export interface FindingView {
  /** 1-based, in the order of the page. */
  readonly number: number;
  /** Severity, or `notice`. */
  readonly label: string;
  readonly article: string;
  readonly title: string;
  readonly subject: string;
  readonly domain: string;
  readonly when: string;
  readonly what: string;
  readonly why: string;
  readonly whatToDo: string;
  readonly certainty: string;
  readonly countedIn: Link | null;
  readonly related: readonly Link[];
  readonly moreRelated: string;
  readonly citation: string;
  readonly charts: readonly Chart[];
  readonly chartsLeftOut: boolean;
  readonly timeHead: string;
  readonly frames: ReadonlyArray<readonly [frame: string, time: string, role: string, packet: string]>;
  readonly facts: ReadonlyArray<readonly [name: string, value: string]>;
  readonly caveats: readonly string[];
  readonly refutations: readonly string[];
  readonly commands: readonly string[];
}

/** One finding as a row. */
export interface FindingRowView {
  readonly label: string;
  readonly article: string;
  readonly subject: string;
  readonly domain: string;
  readonly when: string;
  readonly tier: string;
}

export interface VerdictView {
  readonly article: string;
  readonly title: string;
  /** A name for a class: `not-applicable`. */
  readonly verdict: string;
  readonly words: string;
  readonly reason: string;
}

export interface CaptureView {
  readonly line: string;
  readonly name: string;
  readonly packets: string;
  readonly duration: string;
  readonly firstTime: string;
  readonly lastTime: string;
  readonly format: string;
  readonly bytes: string;
  readonly linkTypes: string;
}

/** What is on the page whatever was found. */
export interface PageView {
  readonly title: string;
  readonly outcome: string;
  readonly tone: Tone;
  readonly options: string | null;
  readonly verdicts: readonly VerdictView[];
  readonly captures: readonly CaptureView[];
  readonly warnings: readonly string[];
  readonly health: readonly string[];
  readonly notExamined: readonly string[];
  readonly timings: ReadonlyArray<readonly [stage: string, millis: string]>;
  readonly command: string;
  readonly commandNote: string;
  readonly tool: string;
}

/** The longest title that browsers and bookmarks show whole. */
const MAX_TITLE_CHARACTERS = 70;
const MAX_RELATED = 8;

export function toPageView(report: Report): PageView {
  const { sentence, tone } = outcomeOf(report);
  const { command, leftOut } = analyzeCommand(report);
  const { health, notExamined } = captureParts(report);
  return {
    title: titleOf(report, sentence),
    outcome: sentence,
    tone,
    options: optionsLine(report),
    verdicts: report.verdicts.map((verdict) => ({
      article: verdict.article,
      title: verdict.title,
      verdict: verdict.verdict,
      words: VERDICT_WORDS[verdict.verdict],
      reason: verdictSentences(verdict),
    })),
    captures: report.captures.map(toCaptureView),
    warnings: warningsOf(report),
    health,
    notExamined,
    timings: Object.entries(report.timings ?? {}).map(([stage, millis]) => [stage, millis.toFixed(1)]),
    command,
    commandNote:
      leftOut === 0 ? '' : `The line lacks ${formatPlural(leftOut, 'more capture', 'more captures')}.`,
    tool: `${report.tool.name} ${report.tool.version}`,
  };
}

/** Names the file first: that is what tells the tabs of a browser apart. */
function titleOf({ captures, failures }: Report, sentence: string): string {
  const path = captures[0]?.path ?? failures[0]?.path;
  const name = path === undefined ? '' : inputName(path.slice(path.lastIndexOf('/') + 1) || path);
  const title = [name, sentence.replace(/\.$/, ''), 'kbdiag'].filter((part) => part !== '').join(' · ');
  if (title.length <= MAX_TITLE_CHARACTERS) return title;
  return sentence.length <= MAX_TITLE_CHARACTERS ? sentence : 'kbdiag';
}

function toCaptureView(capture: ReportCapture): CaptureView {
  const { durationSeconds, firstTime, lastTime, compression, format, damaged } = capture;
  const duration = durationSeconds === null ? '-' : formatDuration(durationSeconds);
  return {
    line: captureLine(capture),
    name: inputName(capture.path),
    packets: formatCount(capture.packets) + (damaged === null ? '' : ', damaged behind them'),
    duration,
    firstTime: firstTime ?? '-',
    lastTime: lastTime ?? '-',
    format: compression === null ? format : `${format}, ${compression}`,
    bytes: formatBytes(capture.bytes),
    linkTypes: capture.linkTypes.join(', ') || '-',
  };
}

/** `numbers` gives the place of every finding that is shown in full. */
export function toFindingView(
  finding: ReportFinding,
  number: number,
  numbers: ReadonlyMap<string, number>,
  namesFile: boolean,
): FindingView {
  const linkTo = (key: string): Link[] => {
    const target = numbers.get(key);
    return target === undefined ? [] : [{ text: `finding ${target}`, href: `#finding-${target}` }];
  };
  const related = finding.related.filter((key) => key !== finding.countsIn).flatMap(linkTo);
  const { timeHead, rows } = frameRows(finding.frames, namesFile);
  return {
    ...toFindingRowView(finding),
    number,
    title: finding.title,
    what: finding.summary,
    why: finding.why,
    whatToDo: finding.whatToDo,
    certainty: `${TIER_WORDS[finding.tier]} (${finding.confidence}).`,
    countedIn: finding.countsIn === null ? null : (linkTo(finding.countsIn)[0] ?? null),
    related: related.slice(0, MAX_RELATED),
    moreRelated: related.length > MAX_RELATED ? ` and ${formatCount(related.length - MAX_RELATED)} more` : '',
    citation: `${formatPlural(finding.count, 'event', 'events')}, ${formatPlural(rows.length, 'frame', 'frames')} cited`,
    charts: [],
    chartsLeftOut: false,
    timeHead: timeHead === 'time' ? 'Time' : timeHead,
    frames: rows,
    facts: factRows(finding.facts),
    caveats: finding.caveats,
    refutations: finding.kind === 'fault' ? finding.refutations : [],
    commands: finding.displayFilters.map(({ file, displayFilter }) => wiresharkCommand(file, displayFilter)),
  };
}

export function toFindingRowView(finding: ReportFinding): FindingRowView {
  return {
    label: finding.kind === 'notice' ? 'notice' : finding.severity,
    article: finding.article,
    subject: finding.subject,
    domain: finding.domain,
    when: seenWhen(finding),
    tier: finding.tier,
  };
}
