/**
 * What every report for reading says in the same words and in the same order, whatever its format. Nothing here is escaped: each
 * format does that with its own function of escape.ts.
 */
import { capLength } from './escape.ts';
import { analyzeCommand } from './reproduce.ts';
import type { Report, ReportCapture, ReportFinding, ReportFrame, ReportVerdict } from './schema.ts';
import { hostsOf, ignoredIn, optionWords, partSentences } from './scope.ts';
import { formatBytes, formatCount, formatDuration, formatPlural } from './units.ts';
import { healthSentences, oddityWords, SEVERITIES, spellOut, unexaminedSentence } from './wording.ts';

/** How grave an outcome is: the gravest fault, or what the verdicts leave when there is none. */
export type Tone = ReportFinding['severity'] | 'clear' | 'open';

/** The tone of what `outcomeText` says. */
export function toneOf(report: Report): Tone {
  const { summary, verdicts } = report;
  const gravest = SEVERITIES.find((severity) => summary[severity] > 0);
  if (gravest !== undefined) return gravest;
  const isSound =
    ignoredIn(report) === 0 &&
    verdicts.every(
      ({ verdict, findingsBelowMinTier }) => verdict !== 'inconclusive' && findingsBelowMinTier === 0,
    );
  return isSound ? 'clear' : 'open';
}

/** New faults from the gravest to the mildest, then known ones, then notices; among equals as the rules reported them. */
export function orderFindings(findings: readonly ReportFinding[]): ReportFinding[] {
  const faults = findings.filter(({ kind }) => kind === 'fault');
  return [
    ...faults.toSorted(
      (a, b) =>
        Number(a.known ?? false) - Number(b.known ?? false) ||
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
    ),
    ...findings.filter(({ kind }) => kind === 'notice'),
  ];
}

/** `error`, `notice`, `error (known)`. */
export function labelOf({ kind, severity, known }: ReportFinding): string {
  return `${kind === 'notice' ? 'notice' : severity}${known ? ' (known)' : ''}`;
}

/** What a finding says of itself that the baseline has as well. */
export const KNOWN_NOTE = 'The baseline has it as well; --fail-on does not count it.';

/** To be read after `Verdicts`: what they are limited to, or nothing. */
export function verdictScope(report: Report): string {
  const hosts = hostsOf(report);
  return `${hosts === '' ? '' : ` on ${hosts}`}${report.period === undefined ? '' : ' for the part examined'}`;
}

/** The name a reader knows an input by. */
export function inputName(path: string): string {
  return path === '-' ? 'standard input' : capLength(path);
}

/** One line per capture: name, packets, time span, format. */
export function captureLine(capture: ReportCapture): string {
  const parts = [
    `${formatPlural(capture.packets, 'packet', 'packets')}${spanOf(capture)}`,
    `${capture.format}${capture.compression === null ? '' : `, ${capture.compression}`}, ${formatBytes(capture.bytes)}`,
    capture.linkTypes.join(', '),
  ];
  return `${inputName(capture.path)}: ${parts.filter((part) => part !== '').join(' · ')}`;
}

function spanOf({ durationSeconds, firstTime }: ReportCapture): string {
  if (durationSeconds === null) return '';
  const from = firstTime === null ? '' : ` from ${firstTime}`;
  return durationSeconds < 0 ? `${from}, clock set back` : ` in ${formatDuration(durationSeconds)}${from}`;
}

/** What a reader must know before anything else: inputs that were not read, damage, an analysis cut short or limited. */
export function warningsOf(report: Report): string[] {
  const warnings = report.failures.map(({ path, message }) => `${inputName(path)}: not read: ${message}`);
  for (const { path, damaged, packets } of report.captures) {
    if (damaged === null) continue;
    warnings.push(
      `${inputName(path)} is damaged at byte ${formatCount(damaged.offset)}: ${damaged.message}. This report covers the ${formatPlural(packets, 'packet', 'packets')} before it.`,
    );
  }
  if (report.interrupted) warnings.push('Interrupted: this report covers what was read so far.');
  return [...warnings, ...partSentences(report)];
}

/** Options that differ from their defaults, or null. */
export function optionsLine(report: Pick<Report, 'options'>): string | null {
  const words = optionWords(report);
  return words === '' ? null : `Options: ${words}`;
}

/** The reason, and what the list of findings does not show. */
export function verdictSentences(verdict: ReportVerdict): string {
  const { reason, findingsLeftOut, findingsBelowMinTier, findingsIgnored = 0 } = verdict;
  const notes = [reason];
  if (findingsLeftOut > 0)
    notes.push(`${formatPlural(findingsLeftOut, 'more finding', 'more findings')} not kept.`);
  if (findingsBelowMinTier > 0) {
    notes.push(
      `${formatPlural(findingsBelowMinTier, 'finding', 'findings')} below the tier asked for not shown.`,
    );
  }
  if (findingsIgnored > 0)
    notes.push(`${formatPlural(findingsIgnored, 'finding', 'findings')} ignored as asked.`);
  return notes.join(' ');
}

/** What weakens the proof, what was not examined, what was odd, and the digests that were asked for. */
export function captureNotes(report: Report): string[] {
  return [...healthSentences(report.health), ...fileNotes(report)];
}

/** The same in the parts of a report that has room for them; a part that has nothing to say says so. */
export function captureParts(report: Report): { readonly health: string[]; readonly notExamined: string[] } {
  const { health } = report;
  const none = { ipv6: 0, tunnelled: 0, linkType: 0, truncated: 0, withoutTime: 0, oversized: 0 };
  const notes = [...healthSentences({ ...health, notExamined: none }), ...fileNotes(report)];
  const unexamined = unexaminedSentence(health.notExamined);
  return {
    health:
      notes.length > 0
        ? notes
        : ['Nothing was found that weakens the proof: no loss, no step of the clock, no long pause.'],
    notExamined: [unexamined === '' ? 'Every packet was examined.' : unexamined],
  };
}

function fileNotes(report: Report): string[] {
  const notes: string[] = [];
  for (const { path, oddities, sha256 } of report.captures) {
    for (const [oddity, count] of Object.entries(oddities))
      notes.push(`${inputName(path)}: ${oddityWords(oddity)} (${formatCount(count)}).`);
    if (sha256 !== undefined) notes.push(`${inputName(path)}: SHA-256 ${sha256}`);
  }
  return notes;
}

/**
 * `1998-01-01 00:02:11.5 to 00:03:25.0 UTC`; the second date only where it differs, and the first zone likewise. Empty without a
 * time.
 */
export function seenWhen({ firstSeen, lastSeen }: Pick<ReportFinding, 'firstSeen' | 'lastSeen'>): string {
  if (firstSeen === null) return '';
  const first = partsOf(firstSeen);
  const last = partsOf(lastSeen ?? firstSeen);
  const end = zoneWords(last.zone);
  if (firstSeen === lastSeen || lastSeen === null) return `${first.date} ${first.time}${end}`;
  const begin = first.zone === last.zone ? '' : zoneWords(first.zone);
  const date = first.date === last.date ? '' : `${last.date} `;
  return `${first.date} ${first.time}${begin} to ${date}${last.time}${end}`;
}

/** Date, time of day and zone, without the marks of ISO 8601. */
export function plainTime(iso: string): string {
  const { date, time, zone } = partsOf(iso);
  return `${date} ${time}${zoneWords(zone)}`;
}

interface TimeParts {
  readonly date: string;
  readonly time: string;
  /** `Z`, `+01:00`, or nothing where the zone is not known. */
  readonly zone: string;
}

/** The parts of an ISO 8601 time. */
function partsOf(iso: string): TimeParts {
  const [, date = iso, time = '', zone = ''] = /^(.+)T([\d:.]+)(.*)$/.exec(iso) ?? [];
  return { date, time, zone };
}

function zoneWords(zone: string): string {
  return zone === 'Z' ? ' UTC' : zone === '' ? '' : ` ${zone}`;
}

/** The cited frames as rows: where one date serves all of them, it stands at the head of their times. */
export interface FrameRows {
  readonly timeHead: string;
  readonly rows: readonly FrameRow[];
}

export interface FrameRow {
  /** The name of its file; empty where the report is on one capture. */
  readonly file: string;
  readonly number: number;
  readonly time: string;
  readonly role: string;
  readonly packet: string;
}

/** `names` is what `fileNames` gives for the captures of the report. */
export function frameRows(frames: readonly ReportFrame[], names: ReadonlyMap<string, string>): FrameRows {
  const parts = frames.flatMap(({ time }) => (time === null ? [] : [partsOf(time)]));
  const [onlyDate, ...otherDates] = new Set(parts.map(({ date }) => date));
  const [onlyZone = '', ...otherZones] = new Set(parts.map(({ zone }) => zone));
  const isOneDate = onlyDate !== undefined && otherDates.length === 0;
  const isOneZone = otherZones.length === 0;
  const dateHead = isOneDate ? onlyDate : 'time';
  return {
    // Without a zone, times are UTC.
    timeHead: isOneZone && onlyZone !== 'Z' ? `${dateHead}${zoneWords(onlyZone)}` : dateHead,
    rows: frames.map(({ file, number, time, role, summary }) => ({
      file: names.get(file) ?? '',
      number,
      time: time === null ? '-' : shownTime(partsOf(time), isOneDate, isOneZone),
      role,
      packet: summary,
    })),
  };
}

/** How the frames of several captures are told apart: by the bare names of files where these differ. Empty for one capture. */
export function fileNames(captures: readonly ReportCapture[]): Map<string, string> {
  if (captures.length < 2) return new Map();
  const bare = captures.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
  const areDistinct = new Set(bare).size === bare.length;
  return new Map(captures.map(({ path }, index) => [path, inputName((areDistinct && bare[index]) || path)]));
}

/** Stages in the order they ran, and their milliseconds. */
export function timingRows({ timings }: Report): Array<readonly [stage: string, millis: string]> {
  return Object.entries(timings ?? {}).map(([stage, millis]) => [
    factName(stage.replace(/Millis$/, '')),
    millis.toFixed(1),
  ]);
}

/** What stands where findings would. */
export const NOTHING_FOUND =
  'Nothing that an enabled rule looks for was found. The verdicts say what was looked at for each article, and what could not be judged.';

/** The time of day where one date stands at the head of the column; the zone where the clocks changed between two frames. */
function shownTime({ date, time, zone }: TimeParts, isOneDate: boolean, isOneZone: boolean): string {
  return `${isOneDate ? '' : `${date} `}${time}${isOneZone ? '' : zoneWords(zone)}`;
}

/** `leaseSeconds: 120` reads `lease: 120 s`. */
const FACT_UNITS: ReadonlyArray<readonly [ending: string, unit: string]> = [
  ['Seconds', ' s'],
  ['Millis', ' ms'],
  ['Bytes', ' bytes'],
];

/** The facts of a finding with their names and units in words; what is not known is left out. */
export function factRows(facts: ReportFinding['facts']): Array<readonly [name: string, value: string]> {
  return Object.entries(facts).flatMap(([name, value]) => {
    if (value === null || value === '') return [];
    if (typeof value === 'boolean') return [[factName(name), value ? 'yes' : 'no'] as const];
    if (typeof value === 'string') return [[factName(name), value] as const];
    const [ending = '', unit = ''] =
      FACT_UNITS.find(([suffix]) => name.endsWith(suffix) && name.length > suffix.length) ?? [];
    // Differences of times carry the noise of binary fractions.
    const exact = String(Number(value.toFixed(9)));
    return [[factName(name.slice(0, name.length - ending.length)), exact + unit] as const];
  });
}

/** `oldMac` reads `old MAC`. */
function factName(name: string): string {
  return spellOut(name).replace(/\b(?:mac|isn|ip|syn)\b/g, (word) => word.toUpperCase());
}

/** Shells take longer lines, and readers do not. */
const MAX_COMMAND_CHARACTERS = 32_768;

/** The line that makes the report again, and how many inputs did not fit into it. */
export function boundedCommand(report: Report): { readonly command: string; readonly leftOut: number } {
  const inputs = report.captures.length + report.failures.length;
  let shown = inputs;
  for (;;) {
    const captures = report.captures.slice(0, shown);
    const failures = report.failures.slice(0, shown - captures.length);
    const command = analyzeCommand({ ...report, captures, failures });
    if (command.length <= MAX_COMMAND_CHARACTERS || shown <= 1) return { command, leftOut: inputs - shown };
    shown = Math.max(1, Math.floor((shown * MAX_COMMAND_CHARACTERS) / command.length));
  }
}
