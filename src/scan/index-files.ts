/**
 * The index as files: index.json by its schema, index.ndjson for programs that read line by line, index.csv for spreadsheets, and
 * index.html to look at, with index-2.html and so on where there are many captures.
 */
import { csvText, jsonLine, jsonText } from '../report/escape.ts';
import type { TimedIndex } from './build-index.ts';
import { compare } from './discover.ts';
import type { IndexRow } from './index-schema.ts';

/** By name, one at a time: of a large scan all of them together would be much to hold. Elapsed times stand in those that are not compared. */
export async function* indexFiles(timed: TimedIndex): AsyncGenerator<readonly [name: string, text: string]> {
  yield ['index.json', `${jsonText(timed.index)}\n`];
  yield ['index.ndjson', ndjson(timed)];
  yield ['index.csv', csv(timed)];
  const { indexPages } = await import('./index-html/index.ts');
  yield* indexPages(timed);
}

/** `{type: "scan"}` with all that is no list, then a line for each capture, fault and shared thing. */
function ndjson({ index, elapsedMillis }: TimedIndex): string {
  const { captures, faults, shared, ...scan } = index;
  const lines = [
    { type: 'scan', ...scan },
    ...captures.map((row) => ({ type: 'capture', ...row, elapsedMillis: elapsedMillis.get(row.path) ?? 0 })),
    ...faults.map((fault) => ({ type: 'fault', ...fault })),
    ...shared.map((thing) => ({ type: 'shared', ...thing })),
  ];
  return lines.map((line) => `${jsonLine(line)}\n`).join('');
}

type Cell = string | number | null;

/** RFC 4180, a capture a row. After the fixed columns one for the verdict on each article. */
function csv({ index, elapsedMillis }: TimedIndex): string {
  const articles = [...new Set(index.captures.flatMap(({ verdicts }) => Object.keys(verdicts)))].toSorted(
    compare,
  );
  const rows = index.captures.map((row) => {
    const cells = cellsOf(row, elapsedMillis.get(row.path) ?? 0);
    return [
      ...COLUMNS.map((name) => cells[name]),
      ...articles.map((article) => row.verdicts[article] ?? null),
    ];
  });
  return [[...COLUMNS, ...articles], ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellsOf(row: IndexRow, elapsed: number): Record<(typeof COLUMNS)[number], Cell> {
  const { findings, health } = row;
  return {
    path: row.path,
    files: row.files.length,
    status: row.status,
    code: row.code,
    reason: row.reason,
    report: row.report,
    critical: findings.critical,
    error: findings.error,
    warning: findings.warning,
    info: findings.info,
    notices: row.notices,
    packets: row.packets,
    bytes: row.bytes,
    durationSeconds: row.durationSeconds,
    firstTime: row.firstTime,
    lastTime: row.lastTime,
    dropFraction: health?.dropFraction ?? null,
    clockEpochs: health?.clockEpochs ?? null,
    duplicates: health?.duplicates ?? null,
    truncatedPackets: health?.truncatedPackets ?? null,
    malformedPackets: health?.malformedPackets ?? null,
    elapsedMillis: elapsed,
  };
}

const COLUMNS = [
  'path',
  'files',
  'status',
  'code',
  'reason',
  'report',
  'critical',
  'error',
  'warning',
  'info',
  'notices',
  'packets',
  'bytes',
  'durationSeconds',
  'firstTime',
  'lastTime',
  'dropFraction',
  'clockEpochs',
  'duplicates',
  'truncatedPackets',
  'malformedPackets',
  'elapsedMillis',
] as const;

function cellText(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'number' ? String(cell) : csvText(cell);
}
