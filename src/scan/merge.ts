/**
 * Scans joined into one: the rows and reports of several output folders in one of their own, as if one scan had written it. The
 * merge keeps a journal as a scan does; one that was killed goes on where it was.
 */
import { constants } from 'node:fs';
import { chmod, copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WriteError } from './atomic-file.ts';
import { compare } from './discover.ts';
import type { Shard } from './jobs.ts';
import type { JournalEntry } from './journal.ts';
import { asideOf, type Scan } from './scan.ts';
import { isReportPlace, type Share, type ShareRow } from './share.ts';
import type { WrittenReport } from './task.ts';

/** Captures whose reports are copied at a time. */
const MAX_COPYING = 32;

/** Two shares that do not go together. */
export interface Conflict {
  readonly kind: 'row' | 'report';
  /** Of the capture. */
  readonly path: string;
  readonly folders: readonly [string, string];
}

export interface MergeSource {
  readonly path: string;
  readonly share: Share;
  readonly row: ShareRow;
}

export interface MergePlan {
  /** By path. */
  readonly sources: readonly MergeSource[];
  /** Nothing may be merged where there are any. */
  readonly conflicts: readonly Conflict[];
}

/** A row that several shares have is taken once. */
export function planMerge(shares: readonly Share[]): MergePlan {
  const sources = new Map<string, MergeSource>();
  const conflicts: Conflict[] = [];
  for (const share of shares) {
    for (const [path, row] of share.rows) {
      const known = sources.get(path);
      if (known === undefined) sources.set(path, { path, share, row });
      else if (!isSameResult(known.share.read(known.row), share.read(row)))
        conflicts.push({ kind: 'row', path, folders: [known.share.folder, share.folder] });
    }
  }
  const sorted = [...sources.values()].toSorted((a, b) => compare(a.path, b.path));
  conflicts.push(...reportConflicts(sorted));
  return { sources: sorted, conflicts };
}

/** The same row of the same bytes, whenever it was made. */
function isSameResult(one: JournalEntry, other: JournalEntry): boolean {
  const known = ({ row, files }: JournalEntry): string =>
    JSON.stringify([row, files.map(({ path, bytes, fingerprint }) => [path, bytes, fingerprint])]);
  return known(one) === known(other);
}

/** Reports in the same place, or in one that would have to be a folder. Within one scan there are none. */
function reportConflicts(sources: readonly MergeSource[]): Conflict[] {
  const owners = new Map<string, MergeSource>();
  const conflicts: Conflict[] = [];
  const add = ({ path, share }: MergeSource, other: MergeSource): void => {
    conflicts.push({ kind: 'report', path, folders: [other.share.folder, share.folder] });
  };
  for (const source of sources) {
    for (const report of source.row.reports) {
      const owner = owners.get(report);
      if (owner === undefined) owners.set(report, source);
      else add(source, owner);
    }
  }
  for (const [report, source] of owners) {
    for (let at = report.indexOf('/'); at >= 0; at = report.indexOf('/', at + 1)) {
      const owner = owners.get(report.slice(0, at));
      if (owner !== undefined) add(source, owner);
    }
  }
  return conflicts;
}

/** The shares that are missing beside those that are there; counts of different divisions stand by themselves. */
export function missingShards(shares: readonly Share[]): Shard[] {
  const known = new Map<number, Set<number>>();
  for (const { run } of shares)
    for (const { index, count } of run?.shards ?? []) {
      const indexes = known.get(count) ?? new Set();
      known.set(count, indexes.add(index));
    }
  return [...known]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([count, indexes]) =>
      Array.from({ length: count }, (_, index) => ({ index: index + 1, count })).filter(
        ({ index }) => !indexes.has(index),
      ),
    );
}

export interface MergeOptions {
  readonly scan: Scan;
  /** Where `scan` writes. */
  readonly out: string;
  readonly signal: AbortSignal;
  /** Called when a row is there with its reports, or was there before. */
  readonly onDone: (entry: JournalEntry) => void;
}

export interface MergeOutcome {
  /** Rows whose reports are not in their share any more, or whose journal has changed meanwhile. */
  readonly leftOut: readonly MergeSource[];
  /** The others; all of them unless it was interrupted. */
  readonly merged: ReadonlyArray<Pick<JournalEntry, 'row' | 'worst'>>;
}

/** Throws `WriteError`. */
export async function merge(sources: readonly MergeSource[], options: MergeOptions): Promise<MergeOutcome> {
  const { scan, out, signal, onDone } = options;
  const leftOut: MergeSource[] = [];
  const merged: Array<Pick<JournalEntry, 'row' | 'worst'>> = [];
  const queue = sources.entries();
  let failure: { error: unknown } | null = null;
  const takeAll = async (): Promise<void> => {
    for (const [index, source] of queue) {
      if (signal.aborted || failure !== null) return;
      const entry = readAgain(source);
      const isMerged = entry !== null && (await mergeOne(entry, source, { scan, out, index }));
      if (!isMerged) {
        leftOut.push(source);
        continue;
      }
      const { row, worst } = entry;
      merged.push({ row, worst });
      onDone(entry);
    }
  };
  const fail = (error: unknown): void => {
    failure ??= { error };
  };
  // Those under way come to their end first: the journal is closed after a failure.
  await Promise.all(Array.from({ length: MAX_COPYING }, () => takeAll().catch(fail)));
  if (failure !== null) throw (failure as { error: unknown }).error;
  return { leftOut: leftOut.toSorted((a, b) => compare(a.path, b.path)), merged };
}

function readAgain({ path, share, row }: MergeSource): JournalEntry | null {
  try {
    const entry = share.read(row);
    return entry.row.path === path && Object.values(entry.row.reports).every(isReportPlace) ? entry : null;
  } catch {
    return null;
  }
}

/** False where a report is not there. */
async function mergeOne(
  entry: JournalEntry,
  { share }: MergeSource,
  { scan, out, index }: { scan: Scan; out: string; index: number },
): Promise<boolean> {
  const paths = Object.values(entry.row.reports);
  const states = await Promise.all(paths.map((path) => stat(join(share.folder, path)).catch(() => null)));
  if (!states.every((state) => state?.isFile() === true)) return false;
  if (scan.holds(entry)) return true;
  const reports: WrittenReport[] = [];
  for (const [format, path] of paths.entries()) {
    const aside = join(asideOf(out), `${process.pid}-${index}-${format}`);
    try {
      // A clone where the file system has such a thing.
      await copyFile(join(share.folder, path), aside, constants.COPYFILE_FICLONE);
      // One that was made read-only could not be brought to the disk.
      await chmod(aside, ((states[format]?.mode ?? 0) & 0o777) | 0o200);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw new WriteError(aside, error);
    }
    reports.push({ aside, path });
  }
  await scan.take(entry, reports);
  return true;
}
