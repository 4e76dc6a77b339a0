/** SARIF: valid, and harmless in everything that a viewer shows or follows. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { Report } from '../../src/report/schema.ts';
import { unshowable } from './unshowable.ts';

/** The official schema, which comes with @microsoft/sarif-multitool; see .ci/run. */
export const SARIF_SCHEMA: string | undefined = process.env['KBDIAG_SARIF_SCHEMA'];

let validate: ValidateFunction | undefined;

/** Violations of the official schema; none where it is not here. */
export function schemaViolations(log: unknown): string[] {
  if (SARIF_SCHEMA === undefined) return [];
  validate ??= new Ajv2020({ strict: false, allErrors: true, formats: fullFormats }).compile(
    JSON.parse(readFileSync(SARIF_SCHEMA, 'utf8')) as object,
  );
  if (validate(log)) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

interface Leaf {
  readonly path: readonly string[];
  readonly text: string;
}

/** Every string of a value with the names that lead to it; property bags hold data, which nothing shows. */
function leaves(value: unknown, path: readonly string[] = []): Leaf[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'properties' ? [] : leaves(inner, [...path, name]),
  );
}

export function sarifProblems(output: string, report: Report): string[] {
  const log: unknown = JSON.parse(output);
  const problems = [...unshowable(output, '\n'), ...schemaViolations(log)];
  const files = new Set(
    [...report.captures, ...report.failures].map(({ path }) => path.replaceAll(/\p{Cs}/gu, '\ufffd')),
  );
  for (const { path, text } of leaves(log)) {
    const name = path.at(-1) ?? '';
    const place = path.join('.');
    if (name === 'uri') {
      if (!/^[\x21-\x7e]*$/.test(text)) problems.push(`${place} is no URI: ${text.slice(0, 40)}`);
      if (!files.has(fileOf(text))) problems.push(`${place} names no input: ${text.slice(0, 40)}`);
    } else {
      // Paragraphs are the renderer's.
      problems.push(...unshowable(text, '\n').map((problem) => `${place}: ${problem}`));
      if (/(?:^|\n)FORGED/.test(text)) problems.push(`${place} has a forged line`);
      if (text.includes('](')) problems.push(`${place} has a link: ${text.slice(0, 40)}`);
      if (/\{\d/.test(text)) problems.push(`${place} has a place to fill in: ${text.slice(0, 40)}`);
    }
  }
  return problems;
}

/** The path that a URI reference stands for, as a client that knows nothing of kbdiag reads it. */
function fileOf(uri: string): string {
  const { pathname } = new URL(uri, 'file:///base/');
  const path = decodeURIComponent(pathname);
  return uri.startsWith('file:') ? path : decodeURIComponent(uri);
}
