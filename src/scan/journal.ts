/**
 * What a scan has done, one line of JSON a capture, in the output folder. A line is on disk before the next capture is begun, so
 * that a scan that is killed loses only what was in flight; a last line without its end was never finished and does not count.
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Inventory } from '../engine/result.ts';
import type { IndexRow } from './index-schema.ts';

/** A file as it was when it was analysed. */
export interface FileMark {
  readonly path: string;
  readonly bytes: number;
  readonly mtimeMillis: number;
  /** SHA-256 of its beginning and end. */
  readonly fingerprint: string;
}

export interface JournalEntry {
  readonly files: readonly FileMark[];
  readonly row: IndexRow;
  readonly inventory: Inventory;
  /** Wall time of the analysis. */
  readonly elapsedMillis: number;
}

/** What all entries of a journal were made with; another version or other options make them worthless. */
export interface JournalHead {
  readonly journal: 'kbdiag-journal/1';
  readonly version: string;
  /** Everything that reports depend on: thresholds, rules, formats. */
  readonly options: string;
}

export class Journal {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Begins a journal, or goes on with one. Throws what the system reports. */
  static open(path: string, head: JournalHead, isNew: boolean): Journal {
    const journal = new Journal(openSync(path, isNew ? 'w' : 'a'));
    if (isNew) journal.#write(head);
    return journal;
  }

  add(entry: JournalEntry): void {
    this.#write(entry);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #write(value: JournalHead | JournalEntry): void {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    fsyncSync(this.#fd);
  }
}

/** The whole lines of a journal made with the same version and options, or null if there is none. */
export function readJournal(path: string, head: JournalHead): JournalEntry[] | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  const lines = text.split('\n');
  // What follows the last newline was cut.
  lines.pop();
  const [first, ...rest] = lines.flatMap(parseLine);
  if (first === undefined || !isSame(first as JournalHead, head)) return null;
  return rest as JournalEntry[];
}

function isSame(one: JournalHead, other: JournalHead): boolean {
  return one.journal === other.journal && one.version === other.version && one.options === other.options;
}

/** A line that was damaged is left out: its capture is analysed again. */
function parseLine(line: string): unknown[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
