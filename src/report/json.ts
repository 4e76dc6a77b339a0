/** The JSON report. */
import { jsonText } from './escape.ts';
import type { Report } from './schema.ts';

/** Parsing it gives the report unchanged; printing it on a terminal does no harm. */
export function renderJson(report: Report): string {
  return [...jsonPieces(report)].join('');
}

/** The same a verdict, a finding at a time: a report of a thousand findings is many megabytes, and each copy of it as many again. */
export function* jsonPieces(report: Report): Generator<string, void, void> {
  let before = '{';
  for (const [key, value] of Object.entries(report)) {
    if (value === undefined) continue;
    yield `${before}\n  ${JSON.stringify(key)}: `;
    if (Array.isArray(value) && value.length > 0) yield* listPieces(value);
    else yield indented(value, '  ');
    before = ',';
  }
  yield '\n}\n';
}

function* listPieces(values: readonly unknown[]): Generator<string, void, void> {
  let before = '[';
  for (const value of values) {
    yield `${before}\n    ${indented(value, '    ')}`;
    before = ',';
  }
  yield '\n  ]';
}

/** No string has a line break in JSON: those that are there stand between values. */
function indented(value: unknown, indent: string): string {
  return jsonText(value).replaceAll('\n', `\n${indent}`);
}
