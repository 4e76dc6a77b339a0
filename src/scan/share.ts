/** The folder of a scan as something to merge: read, and nothing in it changed. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { TOOL } from '../report/tool.ts';
import { headFacts } from './head.ts';
import type { ScanIndex } from './index-schema.ts';
import type { EntryPlace, JournalEntry, JournalHead, RunMark } from './journal.ts';
import { readEntry, readJournal } from './journal.ts';
import { isHeld } from './lock.ts';
import { REPORT_FOLDER } from './report-paths.ts';
import { indexOf, journalOf, lockOf } from './scan.ts';

/** What is known of a row without reading it again. */
export interface ShareRow {
  readonly place: EntryPlace;
  readonly reports: readonly string[];
}

export class Share {
  /** As the user named it. */
  readonly folder: string;
  readonly head: JournalHead;
  /** Of the last run; null where that is not known. */
  readonly run: RunMark['run'] | null;
  /** True if its last run came to its end without an interrupt. */
  readonly isComplete: boolean;
  /** The rows of its index, or without a whole index those of its journal; by path. */
  readonly rows: ReadonlyMap<string, ShareRow>;
  readonly #fd: number;

  private constructor(
    folder: string,
    fd: number,
    facts: Pick<Share, 'head' | 'run' | 'isComplete' | 'rows'>,
  ) {
    this.folder = folder;
    this.head = facts.head;
    this.run = facts.run;
    this.isComplete = facts.isComplete;
    this.rows = facts.rows;
    this.#fd = fd;
  }

  /** Null where the folder holds no scan. */
  static open(folder: string): Share | null {
    const path = journalOf(folder);
    const stored = readJournal(path);
    if (stored === null || stored.head === null || !isReadable(stored.head)) return null;
    const rows = new Map<string, ShareRow>();
    for (const { entry, place } of stored.entries)
      rows.set(entry.row.path, { place, reports: Object.values(entry.row.reports) });
    const indexed = stored.lastEnd === null ? null : indexedPaths(folder);
    if (indexed !== null) for (const name of rows.keys()) if (!indexed.has(name)) rows.delete(name);
    return new Share(folder, openSync(path, 'r'), {
      head: stored.head,
      run: stored.run,
      isComplete: indexed !== null && stored.lastEnd?.complete === true,
      rows,
    });
  }

  /** Throws where the journal can no longer be read. */
  read({ place }: ShareRow): JournalEntry {
    return readEntry(this.#fd, place);
  }

  /** True while a process of this machine scans into it. */
  get isInUse(): boolean {
    return isHeld(lockOf(this.folder));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** False where this version can make nothing of what it has written itself. */
function isReadable(head: JournalHead): boolean {
  if (head.version !== TOOL.version) return true;
  try {
    headFacts(head);
    return true;
  } catch {
    return false;
  }
}

/** The paths of the index; null where there is none. A journal also has what the last run left out. */
function indexedPaths(folder: string): Set<string> | null {
  try {
    const { captures } = JSON.parse(readFileSync(indexOf(folder), 'utf8')) as ScanIndex;
    return new Set(captures.map(({ path }) => path));
  } catch {
    return null;
  }
}

/** True for a place below the folder of reports, and nowhere else. */
export function isReportPlace(path: string): boolean {
  return path.startsWith(`${REPORT_FOLDER}/`) && posix.normalize(path) === path && !path.includes('\0');
}
