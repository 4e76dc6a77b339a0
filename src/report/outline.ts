/**
 * What every report for reading says in the same words and in the same order, whatever its format. Nothing here is escaped: each
 * format does that with its own function of escape.ts.
 */
import { capLength, shellWord } from './escape.ts';
import type { Report, ReportCapture, ReportFinding, ReportFrame, ReportVerdict } from './schema.ts';
import { formatBytes, formatCount, formatDuration, formatPlural } from './units.ts';
import { healthSentences, oddityWords, SEVERITIES, spellOut, unexaminedSentence } from './wording.ts';

/** How grave an outcome is: the gravest fault, or what the verdicts leave when there is none. */
export type Tone = ReportFinding['severity'] | 'clear' | 'open';

export interface Outcome {
  readonly sentence: string;
  readonly tone: Tone;
}

/** The whole report in a sentence. */
export function outcomeOf({ summary, verdicts }: Report): Outcome {
  const bySeverity = SEVERITIES.filter((severity) => summary[severity] > 0);
  const total = bySeverity.reduce((sum, severity) => sum + summary[severity], 0);
  const notices = summary.notices === 0 ? '' : ` ${formatPlural(summary.notices, 'notice', 'notices')}.`;
  if (total > 0) {
    const isProven = verdicts.some(({ verdict }) => verdict === 'found');
    const list = bySeverity.map((severity) => `${formatCount(summary[severity])} ${severity}`).join(', ');
    return {
      sentence: `${formatPlural(total, 'fault', 'faults')} ${isProven ? 'found' : 'suspected'}: ${list}.${notices}`,
      tone: bySeverity[0] ?? 'info',
    };
  }
  const hidden = verdicts.reduce((sum, verdict) => sum + verdict.findingsBelowMinTier, 0);
  if (hidden > 0) {
    return {
      sentence: `No finding of the tier asked for; ${formatCount(hidden)} of a lesser tier not shown.${notices}`,
      tone: 'open',
    };
  }
  const open = verdicts.filter(({ verdict }) => verdict === 'inconclusive').length;
  const unjudged =
    open === 0
      ? ''
      : ` ${formatCount(open)} of ${formatPlural(verdicts.length, 'article', 'articles')} could not be judged.`;
  return { sentence: `No known fault found.${unjudged}${notices}`, tone: open === 0 ? 'clear' : 'open' };
}

/** Faults from the gravest to the mildest, then notices; among equals as the rules reported them. */
export function orderFindings(findings: readonly ReportFinding[]): ReportFinding[] {
  const faults = findings.filter(({ kind }) => kind === 'fault');
  return [
    ...faults.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)),
    ...findings.filter(({ kind }) => kind === 'notice'),
  ];
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

/** What a reader must know before anything else: inputs that were not read, damage, an analysis cut short. */
export function warningsOf(report: Report): string[] {
  const warnings = report.failures.map(({ path, message }) => `${inputName(path)}: not read: ${message}`);
  for (const { path, damaged, packets } of report.captures) {
    if (damaged === null) continue;
    warnings.push(
      `${inputName(path)} is damaged at byte ${formatCount(damaged.offset)}: ${damaged.message}. This report covers the ${formatPlural(packets, 'packet', 'packets')} before it.`,
    );
  }
  if (report.interrupted) warnings.push('Interrupted: this report covers what was read so far.');
  return warnings;
}

/** Options that differ from their defaults, or null. */
export function optionsLine({ options }: Report): string | null {
  const changed = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  return changed.length === 0 ? null : `Options: ${changed.join(', ')}`;
}

/** Title, reason, and what the list of findings does not show. */
export function verdictSentences(verdict: ReportVerdict): string {
  const { reason, findingsLeftOut, findingsBelowMinTier } = verdict;
  const notes = [reason];
  if (findingsLeftOut > 0)
    notes.push(`${formatPlural(findingsLeftOut, 'more finding', 'more findings')} not kept.`);
  if (findingsBelowMinTier > 0) {
    notes.push(
      `${formatPlural(findingsBelowMinTier, 'finding', 'findings')} below the tier asked for not shown.`,
    );
  }
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

/** `1998-01-01 00:02:11.5 to 00:03:25.0 UTC`; the second date only where it differs. Empty without a time. */
export function seenWhen({ firstSeen, lastSeen }: ReportFinding): string {
  if (firstSeen === null) return '';
  const [firstDate = '', first = ''] = plainTime(firstSeen).split(' ');
  const [lastDate = '', last = ''] = plainTime(lastSeen ?? firstSeen).split(' ');
  const zone = firstSeen.endsWith('Z') ? ' UTC' : '';
  if (firstSeen === lastSeen || lastSeen === null) return `${firstDate} ${first}${zone}`;
  return `${firstDate} ${first} to ${firstDate === lastDate ? '' : `${lastDate} `}${last}${zone}`;
}

/** Date and time of day, without the marks of ISO 8601. */
export function plainTime(time: string): string {
  return time.replace('T', ' ').replace(/Z$/, '');
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
  const dates = new Set(
    frames.flatMap(({ time }) => (time === null ? [] : [time.slice(0, time.indexOf('T'))])),
  );
  const [onlyDate] = dates;
  const isOneDate = dates.size === 1;
  return {
    timeHead: isOneDate && onlyDate !== undefined ? onlyDate : 'time',
    rows: frames.map(({ file, number, time, role, summary }) => ({
      file: names.get(file) ?? '',
      number,
      time: shownTime(time, isOneDate),
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

/** The time of day where one date stands at the head of the column. */
function shownTime(time: string | null, isOneDate: boolean): string {
  if (time === null) return '-';
  const plain = plainTime(time);
  return isOneDate ? plain.slice(plain.indexOf(' ') + 1) : plain;
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

/** The command line takes what the shell allows; a ring of captures can be longer. */
const MAX_COMMAND_CHARACTERS = 32_768;

/** The line that makes this report again, and how many captures did not fit into it. */
export function analyzeCommand(report: Report): { readonly command: string; readonly leftOut: number } {
  const options = Object.entries(report.options).map(([name, value]) => {
    if (name.includes('.')) return `--set ${shellWord(`${name}=${value}`)}`;
    return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${shellWord(String(value))}`;
  });
  const paths = [...report.captures, ...report.failures].map(({ path }) =>
    path === '-' ? '-' : shellWord(path),
  );
  let command = ['kbdiag analyze', ...options].join(' ');
  let written = 0;
  for (const path of paths) {
    if (written > 0 && command.length + path.length >= MAX_COMMAND_CHARACTERS) break;
    command += ` ${path}`;
    written++;
  }
  // Standard input has no name, so the word to replace stands in its place, as in the lines for Wireshark.
  if (paths.includes('-')) command += ' < CAPTURE';
  return { command, leftOut: paths.length - written };
}
