/**
 * What a rendered report may not do with hostile strings, by format. Each check answers what is wrong, one line a problem; the
 * readers it uses are those of other people.
 */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'csv-parse/sync';
import type { Report } from '../../src/report/schema.ts';
import { htmlProblems } from './html-check.ts';
import { markdownProblems } from './markdown-check.ts';
import { sarifProblems } from './sarif-check.ts';
import { textProblems, unshowable } from './unshowable.ts';

export type Check = (output: string, report: Report) => string[];

/** One for every format; a format without one fails the tests. */
export const CHECKS: Readonly<Record<string, Check>> = {
  text: textProblems,
  json: jsonProblems,
  ndjson: ndjsonProblems,
  csv: csvProblems,
  sarif: sarifProblems,
  markdown: markdownProblems,
  html: htmlProblems,
};

function jsonProblems(output: string, report: Report): string[] {
  return [
    ...unshowable(output, '\n'),
    ...(isDeepStrictEqual(JSON.parse(output), report) ? [] : ['parsed, it is another report']),
  ];
}

const lineSchema = new Ajv2020({ strict: false, allErrors: true }).compile(
  JSON.parse(
    readFileSync(new URL('../../schema/report-line.schema.json', import.meta.url), 'utf8'),
  ) as object,
);

type Line = Readonly<Record<string, unknown>> & { readonly type: string };

export function ndjsonProblems(output: string, report: Report): string[] {
  const problems = unshowable(output, '\n');
  const lines = output.split('\n');
  if (lines.pop() !== '') problems.push('the last line has no end');
  const parsed = lines.map((line) => JSON.parse(line) as Line);
  for (const [index, line] of parsed.entries()) {
    if (!lineSchema(line)) problems.push(`line ${index + 1}: ${JSON.stringify(lineSchema.errors)}`);
  }
  const partsOf = (type: string) =>
    parsed.filter((line) => line.type === type).map(({ type: _type, ...part }) => part);
  const whole = {
    ...partsOf('report')[0],
    captures: partsOf('capture'),
    failures: partsOf('failure'),
    health: partsOf('health')[0],
    verdicts: partsOf('verdict'),
    findings: partsOf('finding'),
  };
  if (!isDeepStrictEqual(whole, report)) problems.push('put together, the lines are another report');
  return problems;
}

const NUMBERS: Readonly<Record<string, (finding: Report['findings'][number]) => number | undefined>> = {
  confidence: ({ confidence }) => confidence,
  count: ({ count }) => count,
  firstFrame: ({ frames }) => frames[0]?.number,
  firstFrameOffsetBytes: ({ frames }) => frames[0]?.offsetBytes,
  firstFrameCapturedBytes: ({ frames }) => frames[0]?.capturedBytes,
  frameCount: ({ frames }) => frames.length,
};

const JSON_COLUMNS = [
  'hosts',
  'macs',
  'facts',
  'caveats',
  'refutations',
  'displayFilters',
  'related',
] as const;

/** What begins a formula in one spreadsheet or another. */
const FORMULA = /^["\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]/u;

export function csvProblems(output: string, report: Report): string[] {
  const problems = unshowable(output, '\r\n');
  if (output.replaceAll('\r\n', '').match(/[\r\n]/)) problems.push('a line break that ends no row');
  let rows: Array<Record<string, string>> = [];
  try {
    rows = parse<Record<string, string>>(output, { columns: true, record_delimiter: '\r\n' });
  } catch (error) {
    problems.push(String(error));
  }
  if (rows.length !== report.findings.length) problems.push(`${rows.length} rows`);
  for (const [index, row] of rows.entries()) {
    const finding = report.findings[index];
    if (finding === undefined) continue;
    for (const [name, cell] of Object.entries(row)) {
      const number = NUMBERS[name];
      if (number !== undefined) {
        if (cell === '' ? number(finding) !== undefined : Number(cell) !== number(finding))
          problems.push(`${name} of row ${index + 1} is ${cell}`);
      } else if (FORMULA.test(cell)) {
        problems.push(`a formula: ${name} of row ${index + 1} is ${cell.slice(0, 40)}`);
      }
    }
    for (const name of JSON_COLUMNS) {
      if (!isDeepStrictEqual(JSON.parse(row[name] ?? 'null'), finding[name]))
        problems.push(`${name} of row ${index + 1} is another value`);
    }
  }
  // As where a semicolon separates cells: the quotes of a cell then stand in the midst of one.
  for (const piece of output.split(/[;\t]/).slice(1)) {
    if (FORMULA.test(piece)) problems.push(`a formula behind a semicolon: ${piece.slice(0, 40)}`);
  }
  return problems;
}
