/**
 * A configuration file: one JSON object of thresholds by full name, `{"Q151387.graceMinSeconds": 60}`. It is read by a
 * scanner of its own because JSON.parse tells neither the line of a mistake (Node 20) nor that of a key.
 */
import { terminalText } from '../report/escape.ts';
import { UsageError } from './exit.ts';

export interface ConfigEntry {
  readonly name: string;
  readonly value: number;
  /** 1-based. */
  readonly line: number;
}

/** The tokens of JSON (RFC 8259 2); whatever else stands there is one token of its own, to be named in the error. */
const TOKEN =
  /[ \t\r\n]+|"(?:[^"\\\p{Cc}]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}[\]:,]|[^\s{}[\]:,]+/guy;

interface Token {
  readonly text: string;
  readonly line: number;
}

function scan(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.trim() !== '') tokens.push({ text: token, line });
    line += token.split('\n').length - 1;
  }
  tokens.push({ text: '', line });
  return tokens;
}

/** Reads the entries in order; a mistake is a `UsageError` that names `path` and the line. */
export function parseConfig(text: string, path: string): ConfigEntry[] {
  const tokens = scan(text.replace(/^\uFEFF/, ''));
  const entries: ConfigEntry[] = [];
  const lines = new Map<string, number>();
  let at = 0;
  const fail = (line: number, message: string): never => {
    throw new UsageError(`${terminalText(path)}, line ${line}: ${message}`);
  };
  const take = (): Token => tokens[Math.min(at++, tokens.length - 1)] ?? { text: '', line: 1 };
  const shown = (token: Token): string =>
    token.text === '' ? 'the end of the file' : terminalText(token.text, 40);
  const expect = (wanted: string): Token => {
    const token = take();
    return token.text === wanted ? token : fail(token.line, `expected ${wanted} and not ${shown(token)}`);
  };
  expect('{');
  let token = take();
  while (token.text !== '}') {
    const name = readString(token.text);
    if (name === null)
      return fail(token.line, `expected an option's name in double quotes and not ${shown(token)}`);
    const earlier = lines.get(name);
    if (earlier !== undefined) fail(token.line, `${terminalText(name)} is set in line ${earlier} already`);
    lines.set(name, token.line);
    expect(':');
    const value = take();
    if (!/^-?\d/.test(value.text))
      fail(value.line, `${terminalText(name)} must be a number and not ${shown(value)}`);
    const number = Number(value.text);
    if (!Number.isFinite(number)) fail(value.line, `${shown(value)} is not a number`);
    entries.push({ name, value: number, line: token.line });
    const next = take();
    if (next.text === '}') break;
    if (next.text !== ',') fail(next.line, `expected , or } and not ${shown(next)}`);
    token = take();
    if (token.text === '}') fail(token.line, 'a comma may not stand before }');
  }
  const rest = take();
  if (rest.text !== '') fail(rest.line, `expected the end of the file and not ${shown(rest)}`);
  return entries;
}

function readString(token: string): string | null {
  if (!token.startsWith('"')) return null;
  try {
    return JSON.parse(token) as string;
  } catch {
    return null;
  }
}
