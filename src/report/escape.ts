/**
 * The one way out for strings that came from a packet, a pcapng comment or a file name. Such a string can
 * hold terminal control sequences (ANSI, OSC), line breaks that forge a line of the report, bidirectional
 * controls that reorder it, invisible characters, halves of surrogate pairs, or a megabyte of text.
 */

/**
 * Unicode classes that must not reach an output as they are: Cc (C0 and C1 controls, DEL), Cf (format characters: bidi
 * controls, zero-width ones, tags), Zl and Zp (line and paragraph separators), Cs (lone surrogates), what fonts show as
 * nothing (fillers, variation selectors, joiners) and noncharacters, which XML forbids.
 */
const CLASSES =
  '\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}';
/** Text of ASCII, with the dots between the parts of a line and the one that marks a cut: as nearly all of it is, and harmless. */
const PLAIN = /^[ -~\u00b7\u2026]*$/;
const PLAIN_JSON = /^[ -~\n]*$/;

/**
 * These, and the fifth and further combining marks in a row, which would be drawn over the lines around. V8 takes longer to read
 * such classes than to write a short report: each expression is made when a text that is not plain asks for it.
 */
const hostile = onDemand(() => new RegExp(`[${CLASSES}]|\\p{M}(?<=\\p{M}{5})`, 'gu'));
/** The same without the line feed, which in serialised JSON is always the layout's own. */
const hostileInJson = onDemand(() => new RegExp(`(?!\\n)[${CLASSES}]`, 'gu'));

function onDemand(make: () => RegExp): () => RegExp {
  let made: RegExp | null = null;
  return () => (made ??= make());
}

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
  const capped = capLength(text, maxCharacters);
  return PLAIN.test(capped) ? capped : capped.replace(hostile(), visible);
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
  if (PLAIN_JSON.test(json)) return json;
  return json.replace(hostileInJson(), (character) => {
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

/** A cell that holds JSON; parsing it gives the value unchanged. */
export function csvJson(value: unknown): string {
  const escapeSign = (_match: string, before: string, sign: string) =>
    `${before}\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return csvCell(jsonLine(value).replace(FORMULA_INSIDE, escapeSign));
}

function csvCell(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/**
 * A plain text message of SARIF, on one line. In these `[text](target)` is a link and `{0}` a place to fill in (SARIF 2.1.0
 * 3.11.5, 3.11.6); a space takes that meaning away, whether or not a viewer knows of escapes.
 */
export function sarifText(text: string): string {
  return terminalText(text, Infinity)
    .replaceAll('](', '] (')
    .replace(/\{(?=\d)/g, '{ ');
}

/**
 * A file's path as a URI reference (RFC 3986): a relative one stays relative, an absolute one becomes `file:`. `separator` is
 * that of the system the path is from.
 */
export function pathUri(path: string, separator: string): string {
  const isWindows = separator === '\\';
  const slashed = isWindows ? path.replaceAll('\\', '/') : path;
  const encoded = slashed
    .replace(/\p{Cs}/gu, '\ufffd')
    .split('/')
    .map((segment) => encodeURIComponent(segment).replace(/[!'()*]/g, percent));
  const hasDrive = isWindows && /^[A-Za-z]:\//.test(slashed);
  // The colon of a drive stays; anywhere else it could be taken for the end of a scheme.
  if (hasDrive) return `file:///${[slashed.slice(0, 2), ...encoded.slice(1)].join('/')}`;
  const uri = encoded.join('/');
  if (isWindows && uri.startsWith('//')) return `file:${uri}`;
  return uri.startsWith('/') ? `file://${uri}` : uri;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** A file name as one word of a POSIX shell. A name that could be taken for an option gets `./`. */
export function shellWord(text: string): string {
  return shellText(text.startsWith('-') ? `./${text}` : text);
}

/**
 * Any text as one word of a POSIX shell. One with hostile characters is written in `$'…'` (bash, zsh, ksh), byte by byte, so that
 * the line is both safe to show and right to paste. In octal: how many hexadecimal digits belong to one byte is not the same
 * in all shells.
 */
export function shellText(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (PLAIN.test(word) || word.search(hostile()) < 0) return `'${word.replaceAll("'", "'\\''")}'`;
  const encoder = new TextEncoder();
  const quoted = word.replace(/['\\]/g, '\\$&').replace(hostile(), (character) => {
    let bytes = '';
    for (const byte of encoder.encode(character)) bytes += `\\${byte.toString(8).padStart(3, '0')}`;
    return bytes;
  });
  return `$'${quoted}'`;
}

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Harmless text for HTML, between tags and inside quoted attributes alike. */
export function htmlText(text: string, maxCharacters: number = MAX_CHARACTERS): string {
  return terminalText(text, maxCharacters).replace(
    /[&<>"']/g,
    (character) => HTML_ENTITIES[character] ?? character,
  );
}

/** What may stand around a word without being part of it. */
const AROUND_WORD = /^([("']*)(.*?)([)"'.,;:!?]*)$/su;
/** Nothing in it is markup, and no platform makes a link, a mention or a picture of it. */
const PLAIN_WORD =
  /^(?!gh-\d)[\p{L}\p{M}\p{N}]+(?:['’/+-][\p{L}\p{M}\p{N}]+|,\p{N}+|\.\p{N}+(?!(?:\.\p{N}+){2}))*$/iu;
const PUNCTUATION = /^[^\p{L}\p{M}\p{N}]{1,3}$/u;

/**
 * One line of harmless text for Markdown, in a paragraph as in a cell of a table. Words that are more than letters and digits
 * become code: escaping alone would keep them from being markup, but not from being what GitHub, GitLab and Jira look for in the
 * finished page: mentions, references to issues, bare links, `:ab:` inside a MAC address.
 */
export function markdownText(text: string, maxCharacters: number = MAX_CHARACTERS): string {
  const words = terminalText(text, maxCharacters).trim().split(/ +/);
  return words.map(markdownWord).join(' ');
}

function markdownWord(word: string, index: number): string {
  if (PUNCTUATION.test(word)) return escapePunctuation(word);
  const [, before = '', core = '', after = ''] = AROUND_WORD.exec(word) ?? ['', '', word, ''];
  const end = escapePunctuation(after);
  if (core === '') return escapePunctuation(word);
  if (!PLAIN_WORD.test(core)) return before + core.split('|').map(codeSpan).join('\\|') + end;
  // At the beginning of a line `1.` and `1)` begin a list.
  return index === 0 && before === '' && /^\d+[.)]/.test(core + after)
    ? `${core}${after.replace(/^[.)]/, '\\$&')}`
    : before + core + after;
}

/** CommonMark 2.4: a backslash takes its meaning from any ASCII punctuation; what never has one stays as it is. */
function escapePunctuation(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, (mark) => (/[.,;:?'"()%/]/.test(mark) ? mark : `\\${mark}`));
}

/** CommonMark 6.1: the fence is longer than any run of backticks inside. */
function codeSpan(text: string): string {
  if (text === '') return '';
  const runs = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return fence + pad + text + pad + fence;
}

/** One harmless line of Markdown that is code from end to end, to be copied. Not for cells: a `|` stays one. */
export function markdownWords(text: string): string {
  return codeSpan(terminalText(text, Infinity).trim());
}

/** Lines to paste, as a block of code that nothing in them can end; each line is one harmless line. */
export function markdownCode(lines: readonly string[], language = ''): string {
  const harmless = lines.map((line) => terminalText(line, Infinity));
  const runs = harmless.join('\n').match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(2, ...runs.map((run) => run.length)) + 1);
  return [fence + language, ...harmless, fence].join('\n');
}

/** Not characters: XML 1.0 2.2 leaves them out, and to Unicode they are neither controls nor formats. */
const NONCHARACTERS = /[\ufffe\uffff]/g;

/** One line of at most so many characters that XML allows; what markup means is the document library's to escape. */
export function xmlText(text: string, maxCharacters: number = MAX_CHARACTERS): string {
  // Escapes are longer than what they stand for.
  return capLength(terminalText(text, maxCharacters).replaceAll(NONCHARACTERS, '\ufffd'), maxCharacters);
}
