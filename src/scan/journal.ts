/**
 * What a scan has done, one line of JSON a capture, in the output folder. A line is written the moment a capture's reports are in
 * their place, so that a scan that is killed loses only what was in flight; a last line without its end was never finished and
 * does not count.
 */
import { closeSync, fdatasync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Inventory, Severity } from '../engine/result.ts';
import type { IndexRow } from './index-schema.ts';
import type { Shard } from './jobs.ts';
import { toLine } from './journal-schema.ts';
import { SharedTurn } from './shared-turn.ts';

/** A file as it was when it was analysed. */
export interface FileMark {
  readonly path: string;
  readonly bytes: number;
  readonly mtimeMillis: number;
  /** SHA-256 of its beginning and end; empty where it could not be read. */
  readonly fingerprint: string;
}

/** The faults of one article and severity in one capture. */
export interface CaptureFault {
  readonly article: string;
  readonly title: string;
  readonly severity: Severity;
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  /** Sorted, at most 100. */
  readonly hosts: readonly string[];
  readonly findings: number;
}

/** An inventory with its times as reports show them. */
export type StoredInventory = Readonly<
  Record<keyof Inventory, ReadonlyArray<readonly [value: string, firstSeen: string | null]>>
>;

export interface JournalEntry {
  readonly files: readonly FileMark[];
  readonly row: IndexRow;
  readonly faults: readonly CaptureFault[];
  /** The gravest fault that `--fail-on` counts. */
  readonly worst: Severity | null;
  readonly inventory: StoredInventory;
  /** Wall time of the analysis. */
  readonly elapsedMillis: number;
}

/** What is kept of an entry in memory. */
export type EntryFacts = Omit<JournalEntry, 'inventory' | 'faults'>;

export function factsOf({ files, row, worst, elapsedMillis }: JournalEntry): EntryFacts {
  return { files, row, worst, elapsedMillis };
}

/** An entry as a line of its journal. */
export function lineOf(entry: JournalEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** What all entries of a journal were made with; another version or other options make them worthless. */
export interface JournalHead {
  readonly journal: 'kbdiag-journal/1';
  readonly version: string;
  /** Everything that reports depend on: thresholds, rules, formats. */
  readonly options: string;
}

/** Stands before what a run adds. No report depends on it. */
export interface RunMark {
  readonly run: {
    readonly command: 'scan' | 'merge';
    /** The shares it is about; none where it is about the whole. */
    readonly shards: readonly Shard[];
  };
}

/** Stands behind what a run added, once its index was written. Without one, the run was killed or goes on. */
export interface EndMark {
  readonly end: {
    /** False if it was interrupted. Of a merge: if that is so of anything merged. */
    readonly complete: boolean;
  };
}

/** Where an entry stands in its journal, in bytes. */
export interface EntryPlace {
  readonly offset: number;
  readonly length: number;
}

const toDisk = promisify(fdatasync);

export class Journal {
  readonly #fd: number;
  #end: number;
  readonly #toDisk: SharedTurn;

  private constructor(fd: number, end: number) {
    this.#fd = fd;
    this.#end = end;
    this.#toDisk = new SharedTurn(() => toDisk(fd));
  }

  /** Begins a journal. Throws what the system reports. */
  static begin(path: string, head: JournalHead): Journal {
    const journal = new Journal(openSync(path, 'w+'), 0);
    journal.add(`${JSON.stringify(head)}\n`);
    return journal;
  }

  /** Goes on with a journal, of which the first `end` bytes are whole lines. */
  static resume(path: string, end: number): Journal {
    const fd = openSync(path, 'r+');
    ftruncateSync(fd, end);
    return new Journal(fd, end);
  }

  /** `line` ends with its newline. One that could not be written whole is taken back, so that the next one begins where it should. */
  add(line: string): EntryPlace {
    const bytes = Buffer.from(line);
    const offset = this.#end;
    try {
      for (let at = 0; at < bytes.length; )
        at += writeSync(this.#fd, bytes, at, bytes.length - at, offset + at);
    } catch (error) {
      ftruncateSync(this.#fd, offset);
      throw error;
    }
    this.#end = offset + bytes.length;
    return { offset, length: bytes.length };
  }

  mark(mark: RunMark | EndMark): void {
    this.add(`${JSON.stringify(mark)}\n`);
  }

  read(place: EntryPlace): JournalEntry {
    return readEntry(this.#fd, place);
  }

  /** Resolves when all that was added before is on the disk itself. */
  sync(): Promise<void> {
    return this.#toDisk.request();
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Throws what the system reports, and a `SyntaxError` where the journal has changed. */
export function readEntry(fd: number, { offset, length }: EntryPlace): JournalEntry {
  const bytes = Buffer.alloc(length);
  readSync(fd, bytes, 0, length, offset);
  return JSON.parse(bytes.toString('utf8')) as JournalEntry;
}

export interface StoredEntry {
  readonly entry: JournalEntry;
  readonly place: EntryPlace;
}

export interface StoredJournal {
  /** Null where the file is no journal. */
  readonly head: JournalHead | null;
  /** A line that was damaged is left out: its capture is analysed again. */
  readonly entries: Iterable<StoredEntry>;
  /** Where the whole lines end; settled once `entries` was gone through, as are the following. */
  readonly end: number;
  /** Of the last run. */
  readonly run: RunMark['run'] | null;
  /** Of the last run, if it came to its end. */
  readonly lastEnd: EndMark['end'] | null;
}

/** A journal, read line by line as it is gone through; null if there is none. */
export function readJournal(path: string): StoredJournal | null {
  let lines: WholeLines;
  try {
    lines = new WholeLines(openSync(path, 'r'));
  } catch {
    return null;
  }
  const each = lines.all();
  const first = each.next();
  const head = first.done ? null : (parse(first.value.bytes) as JournalHead | null);
  const marks = new LastMarks();
  return {
    head: head?.journal === 'kbdiag-journal/1' ? head : null,
    entries: entriesOf(each, marks),
    get end() {
      return lines.end;
    },
    get run() {
      return marks.run;
    },
    get lastEnd() {
      return marks.end;
    },
  };
}

class LastMarks {
  run: RunMark['run'] | null = null;
  end: EndMark['end'] | null = null;

  take(mark: Partial<RunMark & EndMark>): void {
    if (mark.run !== undefined) {
      this.run = mark.run;
      this.end = null;
    } else if (mark.end !== undefined) this.end = mark.end;
  }
}

function* entriesOf(
  lines: Iterable<{ bytes: Buffer; place: EntryPlace }>,
  marks: LastMarks,
): Generator<StoredEntry> {
  for (const { bytes, place } of lines) {
    const line = toLine(parse(bytes));
    if (line === null) continue;
    if ('row' in line) {
      // What follows the end of a run without a run of its own is of one that lost its mark.
      marks.end = null;
      yield { entry: line, place };
    } else marks.take(line);
  }
}

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;

class WholeLines {
  end = 0;
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  *all(): Generator<{ bytes: Buffer; place: EntryPlace }> {
    let rest = Buffer.alloc(0);
    try {
      for (;;) {
        const chunk = Buffer.alloc(CHUNK_BYTES);
        const count = readSync(this.#fd, chunk, 0, CHUNK_BYTES, null);
        if (count === 0) return;
        rest = Buffer.concat([rest, chunk.subarray(0, count)]);
        let from = 0;
        for (let to = rest.indexOf(NEWLINE); to >= 0; to = rest.indexOf(NEWLINE, from)) {
          const place = { offset: this.end, length: to + 1 - from };
          this.end += place.length;
          yield { bytes: rest.subarray(from, to), place };
          from = to + 1;
        }
        rest = rest.subarray(from);
      }
    } finally {
      closeSync(this.#fd);
    }
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

export function isSameHead(one: JournalHead | null, other: JournalHead): boolean {
  return one !== null && one.version === other.version && one.options === other.options;
}
