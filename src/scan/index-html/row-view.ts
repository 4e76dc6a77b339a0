/** A capture's row as the page shows it. All strings are as they came: the templates escape them. */
import { capLength, pathUri } from '../../report/escape.ts';
import { MAX_TEXT_CHARACTERS } from '../../report/html/markup.ts';
import { plainTime } from '../../report/outline.ts';
import type { TimeZone } from '../../report/time-zone.ts';
import { formatBytes, formatCount, formatDuration, formatPercent, formatPlural } from '../../report/units.ts';
import { SEVERITIES, VERDICT_WORDS } from '../../report/wording.ts';
import { zonedTime } from '../../report/zoned.ts';
import type { IndexRow } from '../index-schema.ts';
import { isTrouble } from '../row.ts';

export interface Link {
  readonly text: string;
  readonly href: string;
}

/** A count of findings, in the colour of their severity. */
export interface CountView {
  readonly tone: string;
  readonly text: string;
}

/** The articles with one verdict. */
export interface VerdictsView {
  readonly words: string;
  readonly tone: string;
  readonly articles: string;
}

export interface RowView {
  readonly id: string;
  readonly path: string;
  /** To the report that is best read; empty where there is none. */
  readonly href: string;
  /** To those in other formats. */
  readonly others: readonly Link[];
  /** Of a ring with several files, or why a piece of one stands alone. */
  readonly files: string;
  /** Empty for what was read as a whole. */
  readonly status: string;
  /** Of the status. */
  readonly tone: string;
  readonly reason: string;
  /** False for what has no report: then the reason stands in place of what follows. */
  readonly isRead: boolean;
  readonly findings: readonly CountView[];
  readonly verdicts: readonly VerdictsView[];
  readonly health: string;
  readonly packets: string;
  readonly firstTime: string;
  readonly duration: string;
  readonly bytes: string;
  readonly elapsed: string;
}

/** The format that a link on a capture leads to: the first of these that there is. */
const FOR_READING = ['html', 'text', 'markdown'];

export const VERDICT_TONES = {
  found: 'error',
  suspected: 'warning',
  inconclusive: 'open',
  clear: 'clear',
  'not-applicable': 'dim',
} as const;

/** From what asks for a look to what asks for none. */
export const VERDICTS = Object.keys(VERDICT_TONES) as ReadonlyArray<keyof typeof VERDICT_TONES>;

/** A longer path loses its middle: the names of a ring's files differ at the end. */
const MAX_PATH_CHARACTERS = 240;
const PATH_HEAD_CHARACTERS = 80;

export function shortPath(path: string): string {
  if (path.length <= MAX_PATH_CHARACTERS) return path;
  const tail = path.slice(PATH_HEAD_CHARACTERS - MAX_PATH_CHARACTERS).replace(/^[\udc00-\udfff]/, '');
  return capLength(path, PATH_HEAD_CHARACTERS) + tail;
}

/** Relative to the page, which lies in the output folder as the reports do. */
export function reportHref(row: IndexRow): string {
  const [first] = formatsOf(row);
  return first === undefined ? '' : hrefOf(row, first);
}

function formatsOf({ reports }: IndexRow): string[] {
  const known = Object.keys(reports);
  return [
    ...FOR_READING.filter((format) => known.includes(format)),
    ...known.filter((format) => !FOR_READING.includes(format)),
  ];
}

/** Empty where it would be cut: no system has such names. */
function hrefOf({ reports }: IndexRow, format: string): string {
  const href = pathUri(reports[format] ?? '', '/');
  return href.length > MAX_TEXT_CHARACTERS ? '' : href;
}

/** ISO 8601 without decimals, in the zone that was asked for. */
export function toSecond(time: string, zone: TimeZone | null): string {
  return (zone === null ? time : zonedTime(time, zone)).replace(/\.\d+/, '');
}

/** The same in words. */
export function shownSecond(time: string, zone: TimeZone | null): string {
  return plainTime(toSecond(time, zone));
}

export function countsOf(findings: IndexRow['findings'], notices = 0): CountView[] {
  const counts = SEVERITIES.filter((severity) => findings[severity] > 0).map((severity) => ({
    tone: severity,
    text: `${formatCount(findings[severity])} ${severity}`,
  }));
  if (notices === 0) return counts;
  return [...counts, { tone: 'notice', text: formatPlural(notices, 'notice', 'notices') }];
}

/** `id` names the row for links; `elapsedMillis` is what its analysis took. */
export function toRowView(row: IndexRow, id: string, elapsedMillis: number, zone: TimeZone | null): RowView {
  const [, ...others] = formatsOf(row);
  const { status, firstTime, durationSeconds } = row;
  return {
    id,
    path: shortPath(row.path),
    href: reportHref(row),
    others: others
      .map((format) => ({ text: format, href: hrefOf(row, format) }))
      .filter(({ href }) => href !== ''),
    files: filesOf(row),
    status: status === 'ok' ? '' : status,
    tone: !isTrouble(row) ? 'dim' : status === 'failed' ? 'error' : 'warning',
    reason: capLength(row.reason ?? ''),
    isRead: row.report !== null,
    findings: countsOf(row.findings, row.notices),
    verdicts: verdictsOf(row),
    health: healthOf(row),
    packets: formatCount(row.packets),
    firstTime: firstTime === null ? '–' : shownSecond(firstTime, zone),
    duration: durationSeconds === null ? '–' : formatDuration(durationSeconds),
    bytes: formatBytes(row.bytes),
    elapsed: formatDuration(elapsedMillis / 1000),
  };
}

function verdictsOf({ verdicts }: IndexRow): VerdictsView[] {
  const entries = Object.entries(verdicts);
  return VERDICTS.flatMap((verdict) => {
    const articles = entries.filter(([, own]) => own === verdict).map(([article]) => article);
    if (articles.length === 0) return [];
    return [{ words: VERDICT_WORDS[verdict], tone: VERDICT_TONES[verdict], articles: articles.join(', ') }];
  });
}

/** What weakens the capture as evidence. */
function healthOf({ status, health }: IndexRow): string {
  if (health === null) return '–';
  const { dropFraction, clockEpochs, duplicates, truncatedPackets, malformedPackets } = health;
  const parts = [
    dropFraction > 0 ? `${formatPercent(dropFraction)} lost` : '',
    clockEpochs > 0 ? formatPlural(clockEpochs, 'clock step', 'clock steps') : '',
    duplicates > 0 ? formatPlural(duplicates, 'duplicate', 'duplicates') : '',
    truncatedPackets > 0 ? `${formatCount(truncatedPackets)} cut short` : '',
    malformedPackets > 0 ? `${formatCount(malformedPackets)} malformed` : '',
  ].filter((part) => part !== '');
  if (parts.length > 0) return parts.join(', ');
  return status === 'ok' ? 'sound' : 'else sound';
}

function filesOf({ files, apart = '' }: IndexRow): string {
  if (files.length < 2) return capLength(apart);
  return `${formatCount(files.length)} files, to ${shortPath(files.at(-1) ?? '')}`;
}
