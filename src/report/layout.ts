/** Prose and tables in a given width. */
import type { Device } from './style.ts';
import { paint } from './style.ts';
import { formatCount } from './units.ts';

/** Prose is not set wider than this, however wide the terminal: longer lines are hard to read. */
const MAX_PROSE_WIDTH = 110;
/** cli-table3 takes more than linear time; the rest is counted. */
export const MAX_TABLE_ROWS = 200;
/** The least the last column is left with, gutter included. */
const MIN_LAST_WIDTH = 18;
/** Between two columns. */
const GUTTER = 2;

/**
 * Breaks a text into lines; `first` starts the first one, and the others are indented as far, or by `hanging` more, so that
 * no word of a name begins a line as the report's own lines begin.
 */
export function wrap(device: Device, text: string, first = '', hanging = 0): string {
  const indent = ' '.repeat(first.length + hanging);
  const width = Math.min(device.width, MAX_PROSE_WIDTH) - first.length;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const room = lines.length === 0 ? width : width - hanging;
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return first + lines.join(`\n${indent}`);
}

export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

/**
 * A table without rules, its heads in bold capitals; the last column takes the width that is left and wraps. Cells are plain,
 * harmless text; `colour` may colour one after it was laid out.
 */
export async function renderTable(
  device: Device,
  columns: readonly Column[],
  rows: ReadonlyArray<readonly string[]>,
  colour: (text: string, row: number, column: number) => string = (text) => text,
  indent = '',
): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const shown = rows.slice(0, MAX_TABLE_ROWS);
  const widths = columns.map(
    ({ head }, column) => Math.max(head.length, ...shown.map((row) => row[column]?.length ?? 0)) + GUTTER,
  );
  const room = device.width - indent.length;
  shrink(widths, room);
  const table = new Table({
    colWidths: widths,
    colAligns: columns.map(({ align }) => align ?? 'left'),
    wordWrap: true,
    wrapOnWordBoundary: true,
    // biome-ignore format: one line per edge of the frame, all of them empty
    chars: {
      top: '', 'top-mid': '', 'top-left': '', 'top-right': '',
      bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
      left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '',
    },
    // Compact: no line of the frame between two rows, not even an empty one.
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GUTTER, compact: true },
  });
  table.push(columns.map(({ head }) => paint(device, 'bold', head.toUpperCase())));
  for (const [index, row] of shown.entries()) {
    table.push(
      row.map((text, column) => colour(breakLongWords(text, (widths[column] ?? 0) - GUTTER), index, column)),
    );
  }
  const lines = table
    .toString()
    .split('\n')
    .map((line) => indent + line.trimEnd());
  if (rows.length > shown.length)
    lines.push(`${indent}… and ${formatCount(rows.length - shown.length)} more.`);
  return lines.join('\n');
}

/** The last column gives way first, then the widest of the others. */
function shrink(widths: number[], room: number): void {
  const last = widths.length - 1;
  const minLast = Math.min(widths[last] ?? 0, Math.max(MIN_LAST_WIDTH, Math.floor(room * 0.25)));
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  if (excess <= 0) return;
  const given = Math.min(excess, (widths[last] ?? 0) - minLast);
  widths[last] = (widths[last] ?? 0) - given;
  excess -= given;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths.slice(0, last)));
    const width = widths[widest] ?? 0;
    if (width <= 6 + GUTTER) return;
    widths[widest] = width - 1;
    excess--;
  }
}

/** cli-table3 cuts a word that is wider than its cell; broken, all of it stays. */
function breakLongWords(text: string, width: number): string {
  if (width < 1) return text;
  return text
    .split(' ')
    .map((word) =>
      word.length <= width ? word : (word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [word]).join(' '),
    )
    .join(' ');
}
