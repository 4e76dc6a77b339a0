/**
 * The one way out for strings that came from a packet, a pcapng comment or a file name. Such a string can
 * hold terminal control sequences (ANSI, OSC), line breaks that forge a line of the report, bidirectional
 * controls that reorder it, invisible characters, halves of surrogate pairs, or a megabyte of text.
 */

/**
 * Unicode classes that must not reach an output as they are: Cc (C0 and C1 controls, DEL), Cf (format characters: bidi
 * controls, zero-width ones, tags), Zl and Zp (line and paragraph separators), Cs (lone surrogates).
 */
const HOSTILE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** The same without the line feed, which in serialised JSON is always the layout's own. */
const HOSTILE_IN_JSON = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Longest string shown, in characters; a host name has 255 bytes at most (RFC 1035 2.3.4). */
export const MAX_CHARACTERS = 512;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function visible(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/** Cuts a string to `maxCharacters` without splitting a surrogate pair, and marks the cut. */
export function capLength(text: string, maxCharacters: number = MAX_CHARACTERS): string {
  if (text.length <= maxCharacters) return text;
  let end = maxCharacters - 1;
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end--;
  return `${text.slice(0, end)}…`;
}

/** One line of harmless text for a terminal or a text file. */
export function terminalText(text: string, maxCharacters: number = MAX_CHARACTERS): string {
  return capLength(text, maxCharacters).replace(HOSTILE, visible);
}

/** JSON whose strings are unchanged when parsed, and whose bytes are harmless when printed. */
export function jsonText(value: unknown): string {
  return harmlessJson(JSON.stringify(value, null, 2));
}

/** The same on one line, which holds no other line break of any kind. */
export function jsonLine(value: unknown): string {
  return harmlessJson(JSON.stringify(value));
}

function harmlessJson(json: string): string {
  return json.replace(HOSTILE_IN_JSON, (character) => {
    let escaped = '';
    for (let i = 0; i < character.length; i++) {
      escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }
    return escaped;
  });
}

/** What a spreadsheet takes for the beginning of a formula, in its full-width forms, too. */
const FORMULA_SIGNS = '=+\\-@\uff1d\uff0b\uff0d\uff20';
const FORMULA = new RegExp(`^["'\\s]*[${FORMULA_SIGNS}]`, 'u');
/** The same behind a semicolon, with which some countries' spreadsheets separate cells, and quotes or not. */
const FORMULA_INSIDE = new RegExp(`(;["'\\s]*)([${FORMULA_SIGNS}])`, 'gu');
/** What a cell holds in Excel. */
const MAX_CELL_CHARACTERS = 32_767;

/**
 * A cell of text in a CSV file (RFC 4180), quoted. What could be a formula, with or without quotes before it, has an apostrophe
 * before it; taking that away gives the text back.
 */
export function csvText(text: string): string {
  const shown = terminalText(text, MAX_CELL_CHARACTERS);
  const safe = (FORMULA.test(shown) ? `'${shown}` : shown).replace(FORMULA_INSIDE, "$1'$2");
  return csvCell(capLength(safe, MAX_CELL_CHARACTERS));
}

function csvCell(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** A file name as one word of a POSIX shell. A name that could be taken for an option gets `./`. */
export function shellWord(text: string): string {
  return shellText(text.startsWith('-') ? `./${text}` : text);
}

/**
 * Any text as one word of a POSIX shell. One with hostile characters is written in `$'…'` (bash, zsh, ksh), byte by byte, so that
 * the line is both safe to show and right to paste.
 */
export function shellText(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  HOSTILE.lastIndex = 0;
  if (!HOSTILE.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const encoder = new TextEncoder();
  const quoted = word.replace(/['\\]/g, '\\$&').replace(HOSTILE, (character) => {
    let bytes = '';
    for (const byte of encoder.encode(character)) bytes += `\\x${byte.toString(16).padStart(2, '0')}`;
    return bytes;
  });
  return `$'${quoted}'`;
}
