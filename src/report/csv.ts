/**
 * The CSV report (RFC 4180): a header row, then one finding a row. Text is quoted and numbers are not; lists and facts are JSON
 * in one cell. docs/formats.md describes the columns.
 */
import { csvJson, csvText } from './escape.ts';
import type { Report, ReportFinding } from './schema.ts';

interface Column {
  readonly name: string;
  /** The cell as it stands in the file; a value that is absent is an empty cell. */
  readonly cell: (finding: ReportFinding) => string;
}

function textColumn(name: string, value: (finding: ReportFinding) => string | null | undefined): Column {
  return { name, cell: (finding) => textOrEmpty(value(finding)) };
}

function textOrEmpty(value: string | null | undefined): string {
  return value === null || value === undefined ? '' : csvText(value);
}

/** Numbers as JavaScript writes them, which is the shortest text that reads back as the same number. */
function numberColumn(name: string, value: (finding: ReportFinding) => number | undefined): Column {
  return { name, cell: (finding) => String(value(finding) ?? '') };
}

function jsonColumn(name: string, value: (finding: ReportFinding) => unknown): Column {
  return { name, cell: (finding) => csvJson(value(finding)) };
}

const COLUMNS: readonly Column[] = [
  textColumn('article', ({ article }) => article),
  textColumn('title', ({ title }) => title),
  textColumn('kind', ({ kind }) => kind),
  textColumn('severity', ({ severity }) => severity),
  textColumn('tier', ({ tier }) => tier),
  numberColumn('confidence', ({ confidence }) => confidence),
  textColumn('subject', ({ subject }) => subject),
  textColumn('domain', ({ domain }) => domain),
  jsonColumn('hosts', ({ hosts }) => hosts),
  jsonColumn('macs', ({ macs }) => macs),
  textColumn('firstSeen', ({ firstSeen }) => firstSeen),
  textColumn('lastSeen', ({ lastSeen }) => lastSeen),
  numberColumn('count', ({ count }) => count),
  textColumn('summary', ({ summary }) => summary),
  textColumn('why', ({ why }) => why),
  textColumn('whatToDo', ({ whatToDo }) => whatToDo),
  jsonColumn('facts', ({ facts }) => facts),
  jsonColumn('caveats', ({ caveats }) => caveats),
  jsonColumn('refutations', ({ refutations }) => refutations),
  textColumn('file', ({ frames }) => frames[0]?.file),
  numberColumn('firstFrame', ({ frames }) => frames[0]?.number),
  numberColumn('firstFrameOffsetBytes', ({ frames }) => frames[0]?.offsetBytes),
  numberColumn('firstFrameCapturedBytes', ({ frames }) => frames[0]?.capturedBytes),
  numberColumn('frameCount', ({ frames }) => frames.length),
  jsonColumn('frames', framesByFile),
  jsonColumn('displayFilters', ({ displayFilters }) => displayFilters),
  textColumn('key', ({ key }) => key),
  textColumn('countsIn', ({ countsIn }) => countsIn),
  jsonColumn('related', ({ related }) => related),
];

/** The numbers of the cited frames, per file in the order of citation. */
function framesByFile({ frames }: ReportFinding): Array<{ file: string; numbers: number[] }> {
  const numbers = new Map<string, number[]>();
  for (const { file, number } of frames) {
    const known = numbers.get(file);
    if (known === undefined) numbers.set(file, [number]);
    else known.push(number);
  }
  return Array.from(numbers, ([file, list]) => ({ file, numbers: list }));
}

export function renderCsv(report: Report): string {
  const rows = [
    COLUMNS.map(({ name }) => name),
    ...report.findings.map((finding) => COLUMNS.map(({ cell }) => cell(finding))),
  ];
  return rows.map((row) => `${row.join(',')}\r\n`).join('');
}
