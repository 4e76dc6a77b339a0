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
  return JSON.stringify(value, null, 2).replace(HOSTILE_IN_JSON, (character) => {
    let escaped = '';
    for (let i = 0; i < character.length; i++) {
      escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }
    return escaped;
  });
}

/**
 * A file name as one word of a POSIX shell. A name that could be taken for an option gets `./`; one with hostile
 * characters is written in `$'…'` (bash, zsh, ksh), byte by byte, so that the line is both safe to show and right to paste.
 */
export function shellWord(text: string): string {
  const word = text.startsWith('-') ? `./${text}` : text;
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

/** Not characters: XML 1.0 2.2 leaves them out, and to Unicode they are neither controls nor formats. */
const NONCHARACTERS = /[\ufffe\uffff]/g;

/** One line of at most so many characters that XML allows; what markup means is the document library's to escape. */
export function xmlText(text: string, maxCharacters: number = MAX_CHARACTERS): string {
  // Escapes are longer than what they stand for.
  return capLength(terminalText(text, maxCharacters).replaceAll(NONCHARACTERS, '\ufffd'), maxCharacters);
}
