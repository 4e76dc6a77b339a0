/** What the templates of the page show. All strings are as they came from the report: the templates escape them. */
import { wiresharkCommand } from '../display-filter.ts';
import type { Tone } from '../outline.ts';
import {
  boundedCommand,
  captureLine,
  captureParts,
  factRows,
  frameRows,
  inputName,
  KNOWN_NOTE,
  labelOf,
  NOTHING_FOUND,
  optionsLine,
  plainTime,
  seenWhen,
  timingRows,
  toneOf,
  verdictScope,
  verdictSentences,
  warningsOf,
} from '../outline.ts';
import type { Report, ReportCapture, ReportFinding, ReportVerdict } from '../schema.ts';
import { outcomeText } from '../scope.ts';
import { formatBytes, formatCount, formatDuration, formatPlural } from '../units.ts';
import type { Chart } from '../charts/svg.ts';
import { TIER_WORDS, VERDICT_WORDS } from '../wording.ts';

export type { Chart };

/** Pictures by key of their finding, and the styles of their classes. */
export interface Pictures {
  readonly charts: ReadonlyMap<string, readonly Chart[]>;
  readonly css: string;
}

interface Link {
  readonly text: string;
  readonly href: string;
}

interface FrameView {
  /** Empty where the report is on one capture. */
  readonly file: string;
  readonly number: number;
  /** Up to and with the decimal point, where a narrow column may break. */
  readonly clock: string;
  readonly fraction: string;
  readonly role: string;
  readonly packet: string;
}

/** One finding in full. */
export interface FindingView {
  /** 1-based, in the order of the page. */
  readonly number: number;
  /** Severity, or `notice`; a name for a class. */
  readonly tone: string;
  readonly label: string;
  readonly key: string;
  readonly knownNote: string;
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
  /** Frames are cited by file and number. */
  readonly namesFile: boolean;
  readonly frames: readonly FrameView[];
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
  readonly words: string;
  readonly tone: Tone;
  /** Such an article needs no second look. */
  readonly isFaint: boolean;
  readonly reason: string;
}

export interface CaptureView {
  readonly line: string;
  readonly name: string;
  readonly packets: string;
  readonly duration: string;
  readonly firstTime: string;
  /** Format, size and link types. */
  readonly file: string;
}

/** What is on the page whatever was found. */
export interface PageView {
  readonly title: string;
  readonly outcome: string;
  readonly tone: Tone;
  /** To be read after `Verdicts`, or empty. */
  readonly verdictScope: string;
  readonly options: string | null;
  /** Stands where findings would; empty where there are any. */
  readonly nothingFound: string;
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

const VERDICT_TONES: Readonly<Record<ReportVerdict['verdict'], Tone>> = {
  found: 'error',
  suspected: 'warning',
  clear: 'clear',
  inconclusive: 'open',
  'not-applicable': 'open',
};

/** The longest title that browsers and bookmarks show whole. */
const MAX_TITLE_CHARACTERS = 70;
const MAX_RELATED = 8;

export function toPageView(report: Report): PageView {
  const sentence = outcomeText(report);
  const { command, leftOut } = boundedCommand(report);
  const { health, notExamined } = captureParts(report);
  return {
    title: titleOf(report, sentence),
    outcome: sentence,
    tone: toneOf(report),
    verdictScope: verdictScope(report),
    options: optionsLine(report),
    nothingFound: report.findings.length === 0 ? NOTHING_FOUND : '',
    verdicts: report.verdicts.map((verdict) => ({
      article: verdict.article,
      title: verdict.title,
      words: VERDICT_WORDS[verdict.verdict],
      tone: VERDICT_TONES[verdict.verdict],
      isFaint: verdict.verdict === 'not-applicable',
      reason: verdictSentences(verdict),
    })),
    captures: report.captures.map(toCaptureView),
    warnings: warningsOf(report),
    health,
    notExamined,
    timings: timingRows(report),
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
  const { durationSeconds, firstTime, compression, format, damaged } = capture;
  return {
    line: captureLine(capture),
    name: inputName(capture.path),
    packets: formatCount(capture.packets) + (damaged === null ? '' : ', then damaged'),
    duration: durationSeconds === null ? '-' : formatDuration(durationSeconds),
    firstTime: firstTime === null ? '-' : plainTime(firstTime),
    file: [
      compression === null ? format : `${format}, ${compression}`,
      formatBytes(capture.bytes),
      capture.linkTypes.join(', '),
    ]
      .filter((part) => part !== '')
      .join(' · '),
  };
}

/** `numbers` gives the place of every finding that is shown in full, `names` the file of a frame (see `fileNames`). */
export function toFindingView(
  finding: ReportFinding,
  number: number,
  numbers: ReadonlyMap<string, number>,
  names: ReadonlyMap<string, string>,
): FindingView {
  const linkTo = (key: string): Link[] => {
    const target = numbers.get(key);
    return target === undefined ? [] : [{ text: `finding ${target}`, href: `#finding-${target}` }];
  };
  const related = finding.related.filter((key) => key !== finding.countsIn).flatMap(linkTo);
  const { timeHead, rows } = frameRows(finding.frames, names);
  return {
    ...toFindingRowView(finding),
    number,
    tone: finding.kind === 'notice' ? 'notice' : finding.severity,
    key: finding.key,
    knownNote: finding.known ? KNOWN_NOTE : '',
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
    timeHead: timeHead.replace(/^time/, 'Time'),
    namesFile: names.size > 0,
    frames: rows.map(({ time, ...row }) => {
      const point = time.indexOf('.') + 1 || time.length;
      return { ...row, clock: time.slice(0, point), fraction: time.slice(point) };
    }),
    facts: factRows(finding.facts),
    caveats: finding.caveats,
    refutations: finding.kind === 'fault' ? finding.refutations : [],
    commands: finding.displayFilters.map(({ file, displayFilter }) => wiresharkCommand(file, displayFilter)),
  };
}

export function toFindingRowView(finding: ReportFinding): FindingRowView {
  return {
    label: labelOf(finding),
    article: finding.article,
    subject: finding.subject,
    domain: finding.domain,
    when: seenWhen(finding),
    tier: finding.tier,
  };
}
