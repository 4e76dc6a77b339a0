/**
 * Markdown, as CommonMark and GitHub read it, and Jira's own markup: outside of code, hostile strings are plain text; code and
 * tables end where the renderer ends them.
 */
import { unshowable } from './unshowable.ts';

/** A fence that opens, behind the marks of lists and quotes. */
const FENCE = /^[\s>]*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})([^`]*)$/;

/** What somebody else's text would be if it were taken for markup. `code` is out by then. */
const MARKUP: ReadonlyArray<readonly [what: string, pattern: RegExp]> = [
  ['an HTML element', /(?<!\\)<(?!\/?(?:details|summary|br|sub|sup|kbd)\s*\/?>)[A-Za-z/!?][^\n]{0,40}/g],
  ['a link', /(?<!\\)\](?:\([^)\n]*evil|\(1\))[^\n]{0,40}/gi],
  ['an image', /(?<!\\)!\[[^\n]{0,40}/g],
  ['a definition', /^[ >]*\[[^\]\n]*EVIL[^\]\n]*\]:[^\n]{0,40}/gm],
  ['an address that becomes a link', /(?:https?:\/\/|www\.)evil[^\n]{0,40}/g],
  ['a mail address that becomes a link', /\w@evil\.example/g],
  ['somebody who is told', /(?<![\w\\;])@evil-team/g],
  ['emphasis', /(?<!\\)\*\*EVIL|(?<![\\_])__EVIL|(?<!\\)~~EVIL/g],
  ['a formula', /(?<!\\)\$EVIL(?<!\\)\$/g],
  ['markup of Jira', /(?<!\\)\{(?:code|html|noformat|color)/g],
  ['an image of Jira', /(?<!\\)!http/g],
  ['a link of Jira', /(?<!\\)\[(?:EVIL\\?\||~evil)/g],
  ['a forged line', /^[\s>|#*-]*FORGED[^\n]{0,40}/gm],
  ['a heading', /^ {0,3}# EVIL/gm],
];

export function markdownProblems(output: string): string[] {
  const problems = unshowable(output, '\n');
  const { lines, isOpen } = withoutFences(output.split('\n'));
  if (isOpen) problems.push('a code block that does not end');
  problems.push(...tableProblems(lines));
  const prose = lines.map((line) => {
    const { text, isOpen: isSpanOpen } = withoutSpans(line);
    if (isSpanOpen) problems.push(`a code span that does not end: ${line.slice(0, 60)}`);
    return text;
  });
  const text = prose.join('\n');
  for (const [what, pattern] of MARKUP) {
    for (const [found] of text.matchAll(pattern)) problems.push(`${what}: ${found}`);
  }
  return problems;
}

/** The lines outside of fenced code; a line of code becomes an empty one. */
function withoutFences(lines: readonly string[]): { lines: string[]; isOpen: boolean } {
  let fence: string | null = null;
  const outside = lines.map((line) => {
    if (fence === null) {
      fence = FENCE.exec(line)?.[1] ?? null;
      return fence === null ? line : '';
    }
    const closing = /^[\s>]*(`{3,}|~{3,})\s*$/.exec(line)?.[1];
    if (closing?.[0] === fence[0] && closing !== undefined && closing.length >= fence.length) fence = null;
    return '';
  });
  return { lines: outside, isOpen: fence !== null };
}

/** A line without its code spans (CommonMark 6.1): a run of backticks ends with the next run of the same length. */
function withoutSpans(line: string): { text: string; isOpen: boolean } {
  let text = '';
  let at = 0;
  while (at < line.length) {
    if (line[at] === '\\') {
      text += line.slice(at, at + 2);
      at += 2;
    } else if (line[at] === '`') {
      const run = /^`+/.exec(line.slice(at))?.[0] ?? '`';
      const end = endOfSpan(line, at + run.length, run.length);
      if (end === null) return { text: text + line.slice(at), isOpen: true };
      at = end;
      text += ' ';
    } else {
      text += line[at];
      at += 1;
    }
  }
  return { text, isOpen: false };
}

/** Where the span that began before `from` with so many backticks ends, or null. */
function endOfSpan(line: string, from: number, backticks: number): number | null {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let run = runs.exec(line); run !== null; run = runs.exec(line)) {
    if (run[0].length === backticks) return runs.lastIndex;
  }
  return null;
}

/** Every row of a table has the cells of its head; GitHub looks for them before it looks for code. */
function tableProblems(lines: readonly string[]): string[] {
  const problems: string[] = [];
  let cells: number | null = null;
  for (const line of lines) {
    if (!/^\s*\|/.test(line)) {
      cells = null;
      continue;
    }
    const count = line.replaceAll(/\\[\s\S]/g, '').split('|').length;
    if (cells !== null && count !== cells)
      problems.push(`a row of ${count} cells and not ${cells}: ${line.slice(0, 60)}`);
    cells ??= count;
  }
  return problems;
}
