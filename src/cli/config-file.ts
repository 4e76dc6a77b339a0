/**
 * A configuration file: one JSON object of thresholds by full name, `{"Q151387.graceMinSeconds": 60}`. It is read by a
 * scanner of its own because JSON.parse tells neither the line of a mistake (Node 20) nor that of a key.
 */
import { terminalText } from '../report/escape.ts';
import { UsageError } from './exit.ts';

/** Both 1-based; the column in characters, as editors count. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface ConfigEntry {
  readonly name: string;
  readonly value: number;
  readonly nameAt: Place;
  readonly valueAt: Place;
}

/**
 * White space, strings and marks of JSON (RFC 8259 2, 7). A quote that nothing closes takes the rest of its line, and
 * whatever else stands there is a word, so that no character is passed over.
 */
const TOKEN =
  /[ \t\r\n]+|"(?:[^"\\\u0000-\u001f]|\\[^\u0000-\u001f])*"|"[^\r\n]*|[{}[\]:,]|[^ \t\r\n{}[\]:,"]+/g; // oxlint-disable-line no-control-regex
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const LINE_END = /\r\n|\r|\n/;

interface Token extends Place {
  /** Empty at the end of the file. */
  readonly text: string;
}

function scan(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let column = 1;
  for (const [token] of text.matchAll(TOKEN)) {
    if (!/^[ \t\r\n]/.test(token)) tokens.push({ text: token, line, column });
    const lines = token.split(LINE_END);
    if (lines.length > 1) column = 1;
    line += lines.length - 1;
    column += Array.from(lines.at(-1) ?? '').length;
  }
  tokens.push({ text: '', line, column });
  return tokens;
}

/** `kb.json, line 3, column 5`. */
export function describePlace(path: string, { line, column }: Place): string {
  return `${terminalText(path)}, line ${line}, column ${column}`;
}

/** Reads the entries in order; a mistake is a `UsageError` that names `path`, line and column. */
export function parseConfig(text: string, path: string): ConfigEntry[] {
  const tokens = scan(text.replace(/^\uFEFF/, ''));
  const entries: ConfigEntry[] = [];
  const places = new Map<string, Place>();
  let at = 0;
  const fail = (place: Place, message: string): never => {
    throw new UsageError(`${describePlace(path, place)}: ${message}`);
  };
  const take = (): Token => tokens[Math.min(at++, tokens.length - 1)] ?? { text: '', line: 1, column: 1 };
  const unexpected = (wanted: string, token: Token): never =>
    fail(token, `expected ${wanted} and not ${describe(token.text)}`);
  const expect = (wanted: string): void => {
    const token = take();
    if (token.text !== wanted) unexpected(wanted, token);
  };
  expect('{');
  let token = take();
  while (token.text !== '}') {
    const name = readString(token.text) ?? unexpected("an option's name in double quotes", token);
    const earlier = places.get(name);
    if (earlier !== undefined) fail(token, `${terminalText(name)} is set in line ${earlier.line} already`);
    places.set(name, token);
    expect(':');
    const value = take();
    if (!NUMBER.test(value.text)) {
      fail(
        value,
        `${terminalText(name)} must be a number and not ${describe(value.text)}; a configuration file holds thresholds`,
      );
    }
    const number = Number(value.text);
    if (!Number.isFinite(number)) fail(value, `${describe(value.text)} is too large a number`);
    entries.push({ name, value: number, nameAt: token, valueAt: value });
    const next = take();
    if (next.text === '}') break;
    if (next.text !== ',') unexpected(', or }', next);
    token = take();
    if (token.text === '}') fail(token, 'a comma may not stand before }');
  }
  const rest = take();
  if (rest.text !== '') unexpected('the end of the file', rest);
  return entries;
}

/** What stands there, and why it cannot, where that is a common slip. */
function describe(text: string): string {
  if (text === '') return 'the end of the file';
  const shown = terminalText(text, 40);
  if (text.startsWith('"') && readString(text) === null) {
    const isClosed = /^"(?:[^"\\]|\\.)*"$/.test(text);
    return `${shown}, ${isClosed ? 'which has an escape that JSON does not know' : 'whose quote is not closed'}`;
  }
  if (/^(?:\/\/|\/\*|#)/.test(text)) return `${shown}: JSON has no comments`;
  if (/^[+.]?\d|^-[\d.]/.test(text) && !NUMBER.test(text))
    return `${shown}, which is not how JSON writes a number`;
  return shown;
}

function readString(token: string): string | null {
  if (!token.startsWith('"')) return null;
  try {
    return JSON.parse(token) as string;
  } catch {
    return null;
  }
}
