/** What stands above the rows of captures. All strings are as they came from the index: the templates escape them. */
import { capLength } from '../../report/escape.ts';
import type { Tone } from '../../report/outline.ts';
import { optionsLine, seenWhen } from '../../report/outline.ts';
import type { TimeZone } from '../../report/time-zone.ts';
import { formatBytes, formatCount, formatDuration, formatPlural } from '../../report/units.ts';
import { SEVERITIES, VERDICT_WORDS } from '../../report/wording.ts';
import type { TimedIndex } from '../build-index.ts';
import { compare } from '../discover.ts';
import type { IndexRow, RecurringFault, ScanIndex, SharedThing } from '../index-schema.ts';
import { isTrouble } from '../row.ts';
import { earlier, later } from '../times.ts';
import { hasVerdictOfFault } from './order.ts';
import { countsOf, shortPath, shownSecond, toSecond, VERDICT_TONES, VERDICTS } from './row-view.ts';

/** A capture that something was seen in. */
interface PlaceView {
  readonly path: string;
  /** To its row. */
  readonly href: string;
  /** To its report; empty where there is none. */
  readonly report: string;
  /** Empty where it is not known. */
  readonly time: string;
}

export interface FaultView {
  readonly severity: string;
  readonly article: string;
  readonly title: string;
  readonly findings: string;
  readonly count: string;
  readonly when: string;
  readonly hosts: readonly string[];
  readonly moreHosts: readonly string[];
  readonly moreHostsLabel: string;
  readonly captures: readonly PlaceView[];
  readonly moreCaptures: readonly PlaceView[];
  readonly moreCapturesLabel: string;
  readonly leftOut: string;
}

export interface SharedView {
  readonly value: string;
  readonly count: string;
  readonly firstSeen: string;
  readonly places: readonly PlaceView[];
  readonly morePlaces: readonly PlaceView[];
  readonly morePlacesLabel: string;
  readonly leftOut: string;
}

/** A page of rows, and where in the order it begins and ends. */
export interface PageLinkView {
  readonly href: string;
  readonly groups: string;
  readonly first: string;
  readonly last: string;
}

interface ArticleView {
  readonly article: string;
  readonly title: string;
  /** In the order of `verdictHeads`. */
  readonly counts: ReadonlyArray<{ readonly tone: string; readonly text: string }>;
}

/** What the first page says before it comes to single captures. */
export interface SummaryView {
  readonly tool: string;
  readonly title: string;
  readonly outcome: string;
  readonly tone: Tone;
  readonly options: string | null;
  readonly warnings: readonly string[];
  readonly sums: ReadonlyArray<readonly [name: string, value: string]>;
  readonly noFaults: string;
  readonly verdictHeads: ReadonlyArray<{ readonly words: string }>;
  readonly articles: readonly ArticleView[];
  readonly orderNote: string;
}

/** Where the row of a path stands, and its report. */
export type LocatePath = (path: string) => { readonly href: string; readonly report: string };

/** Named at once; what follows is unfolded on demand. */
const SHOWN_HOSTS = 8;
const SHOWN_CAPTURES = 3;
const SHOWN_PLACES = 2;
/** Places of one shared thing on the page; index.json has up to 100. */
const MAX_PLACES = 12;
/** As many hosts and captures as the index names. */
const MAX_NAMED = 100;

export function toSummaryView(timed: TimedIndex, zone: TimeZone | null): SummaryView {
  const { index } = timed;
  const { summary } = index;
  const withFaults = index.captures.filter(({ findings }) => SEVERITIES.some((name) => findings[name] > 0));
  const isJudged = index.captures.some(({ report }) => report !== null);
  return {
    tool: `${index.tool.name} ${index.tool.version}`,
    title:
      withFaults.length === 0
        ? `${formatPlural(summary.captures, 'file', 'files')} scanned · kbdiag`
        : `Faults in ${formatPlural(withFaults.length, 'capture', 'captures')} · kbdiag`,
    outcome: outcomeOf(index, withFaults.length),
    tone: toneOf(index),
    options: optionsLine(index),
    warnings: warningsOf(index),
    sums: sumsOf(timed, zone),
    noFaults: isJudged
      ? 'No enabled rule found a fault. The verdicts say what was looked at for each article, and what could not be judged.'
      : 'No capture was judged.',
    verdictHeads: VERDICTS.map((verdict) => ({ words: VERDICT_WORDS[verdict] })),
    articles: articlesOf(index),
    orderNote:
      summary.captures === 0
        ? 'There is no file in this index.'
        : 'Those with the gravest faults come first, then what could not be read as a whole, then the rest; each part is sorted by path. Times are cut to the second.',
  };
}

/** Captures, other than files that are none. */
function capturesRead({ summary }: ScanIndex): number {
  return summary.ok + summary.damaged;
}

function outcomeOf(index: ScanIndex, withFaults: number): string {
  const read = capturesRead(index);
  const { findings, captures } = index.summary;
  if (captures === 0) return 'No file was scanned.';
  if (read === 0) return 'No capture could be read.';
  const of = formatPlural(read, 'capture', 'captures');
  if (withFaults > 0) {
    const list = countsOf(findings).map(({ text }) => text);
    return `Faults in ${formatCount(withFaults)} of ${of}: ${list.join(', ')}.`;
  }
  const hidden = index.captures.filter(hasVerdictOfFault).length;
  if (hidden > 0)
    return `No fault is shown, as the options leave out those of ${formatPlural(hidden, 'capture', 'captures')}.`;
  return `No known fault found in ${of}.`;
}

function toneOf(index: ScanIndex): Tone {
  const gravest = SEVERITIES.find((severity) => index.summary.findings[severity] > 0);
  if (gravest !== undefined) return gravest;
  const isSound =
    index.complete &&
    capturesRead(index) > 0 &&
    !index.captures.some((row) => isTrouble(row) || hasVerdictOfFault(row));
  return isSound ? 'clear' : 'open';
}

function warningsOf({ complete, summary, captures }: ScanIndex): string[] {
  const { damaged, failed } = summary;
  const unreadable = captures.filter((row) => row.status === 'unreadable' && isTrouble(row)).length;
  const warnings: string[] = [];
  if (!complete)
    warnings.push(
      'Not complete: captures are missing here, because the scan was interrupted or shares of it are not at hand.',
    );
  if (failed > 0)
    warnings.push(
      `${formatPlural(failed, 'capture has', 'captures have')} no report, because the analysis failed.`,
    );
  if (unreadable > 0)
    warnings.push(
      `${formatPlural(unreadable, 'capture or folder', 'captures or folders')} could not be read.`,
    );
  if (damaged > 0)
    warnings.push(
      `${formatPlural(damaged, 'capture is', 'captures are')} damaged: ${damaged === 1 ? 'its report covers' : 'their reports cover'} what was readable.`,
    );
  return warnings;
}

function sumsOf({ index, elapsedMillis }: TimedIndex, zone: TimeZone | null): Array<[string, string]> {
  const { summary, captures } = index;
  const noCaptures = captures.filter((row) => row.status === 'unreadable' && !isTrouble(row)).length;
  const notices = captures.reduce((sum, row) => sum + row.notices, 0);
  let from: string | null = null;
  let to: string | null = null;
  let elapsed = 0;
  let files = 0;
  for (const { path, files: own, firstTime, lastTime } of captures) {
    files += own.length;
    from = earlier(from, firstTime);
    to = later(to, lastTime);
    elapsed += elapsedMillis.get(path) ?? 0;
  }
  const count = (name: string, value: number): Array<[string, string]> =>
    value === 0 ? [] : [[name, formatCount(value)]];
  return [
    ['Files', formatCount(files)],
    ...(files === summary.captures ? [] : count('Rings and single files', summary.captures)),
    ['Read as a whole', formatCount(summary.ok)],
    ...count('Damaged', summary.damaged),
    ...count('Unreadable', summary.unreadable - noCaptures),
    ...count('Failed', summary.failed),
    ...count('Other files', noCaptures),
    ['Packets', formatCount(summary.packets)],
    ['Size', formatBytes(summary.bytes)],
    ...count('Notices', notices),
    ...(from === null ? [] : [['First packet', shownSecond(from, zone)] as [string, string]]),
    ...(to === null ? [] : [['Last packet', shownSecond(to, zone)] as [string, string]]),
    ['Analysis, all workers', formatDuration(elapsed / 1000)],
  ];
}

function articlesOf({ captures, faults }: ScanIndex): ArticleView[] {
  const titles = new Map(faults.map(({ article, title }) => [article, title]));
  const counts = new Map<string, Map<IndexRow['verdicts'][string], number>>();
  for (const { verdicts } of captures) {
    for (const [article, verdict] of Object.entries(verdicts)) {
      const own = counts.get(article) ?? new Map<IndexRow['verdicts'][string], number>();
      own.set(verdict, (own.get(verdict) ?? 0) + 1);
      counts.set(article, own);
    }
  }
  return [...counts]
    .toSorted(([a], [b]) => compare(a, b))
    .map(([article, own]) => ({
      article,
      title: titles.get(article) ?? '',
      counts: VERDICTS.map((verdict) => {
        const count = own.get(verdict) ?? 0;
        return { tone: count === 0 ? 'dim' : VERDICT_TONES[verdict], text: formatCount(count) };
      }),
    }));
}

export function toFaultView(fault: RecurringFault, locate: LocatePath, zone: TimeZone | null): FaultView {
  const { article, title, severity, hosts, captures, count, findings } = fault;
  const shown = (time: string | null) => (time === null ? null : toSecond(time, zone));
  const places = captures.map((path) => ({ path: shortPath(path), ...locate(path), time: '' }));
  const moreHosts = hosts.slice(SHOWN_HOSTS);
  const moreCaptures = places.slice(SHOWN_CAPTURES);
  return {
    severity,
    article,
    title,
    findings: formatCount(findings),
    count: formatCount(count),
    when: seenWhen({ firstSeen: shown(fault.firstSeen), lastSeen: shown(fault.lastSeen) }),
    hosts: hosts.slice(0, SHOWN_HOSTS).map((host) => capLength(host)),
    moreHosts: moreHosts.map((host) => capLength(host)),
    moreHostsLabel: `${formatPlural(moreHosts.length, 'more host', 'more hosts')}${hosts.length < MAX_NAMED ? '' : '; the index keeps no more than these'}`,
    captures: places.slice(0, SHOWN_CAPTURES),
    moreCaptures,
    moreCapturesLabel: formatPlural(moreCaptures.length, 'more capture', 'more captures'),
    leftOut:
      count <= captures.length
        ? ''
        : `${formatPlural(count - captures.length, 'more capture', 'more captures')} not named here: see the rows below.`,
  };
}

export function toSharedView(thing: SharedThing, locate: LocatePath, zone: TimeZone | null): SharedView {
  const { value, captures, count } = thing;
  const first = captures.reduce<string | null>((time, { time: own }) => earlier(time, own), null);
  const places = captures.slice(0, MAX_PLACES).map(({ path, time }) => ({
    path: shortPath(path),
    href: locate(path).href,
    report: '',
    time: time === null ? '' : shownSecond(time, zone),
  }));
  const morePlaces = places.slice(SHOWN_PLACES);
  return {
    value: capLength(value),
    count: formatCount(count),
    firstSeen: first === null ? '–' : shownSecond(first, zone),
    places: places.slice(0, SHOWN_PLACES),
    morePlaces,
    morePlacesLabel: formatPlural(morePlaces.length, 'more capture', 'more captures'),
    leftOut: count <= places.length ? '' : `and ${formatCount(count - places.length)} more`,
  };
}
