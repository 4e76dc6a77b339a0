/**
 * A scan in its output folder: what is done, what is to do, and the index of it.
 *
 *     OUT/index.*            written at the end, from the journal
 *     OUT/reports/           a report per capture and format
 *     OUT/.kbdiag/           the journal, the lock, and what is being written
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Format } from '../report/formats.ts';
import { makeFolder, Placement, WriteError, writeWhole } from './atomic-file.ts';
import { buildIndex, type IndexFacts, type TimedIndex } from './build-index.ts';
import type { Unlisted } from './discover.ts';
import { isUnchanged } from './fingerprint.ts';
import { indexFiles } from './index-files.ts';
import { removeStalePages } from './stale-pages.ts';
import type { Job } from './jobs.ts';
import type { EntryPlace, JournalEntry, JournalHead, RunMark } from './journal.ts';
import { isSameHead, Journal, readJournal } from './journal.ts';
import { lock } from './lock.ts';
import { reportPath } from './report-paths.ts';
import { EMPTY_INVENTORY, rowWithout } from './row.ts';
import type { Answer, WrittenReport } from './task.ts';
import { WorkerDeath, type Workers } from './workers.ts';

const STATE_FOLDER = '.kbdiag';
const JOURNAL = join(STATE_FOLDER, 'journal.ndjson');
const ASIDE = join(STATE_FOLDER, 'aside');
const LOCK = join(STATE_FOLDER, 'lock');

/** Results that wait for the disk at a time; each is a few files. */
const MAX_PLACING = 32;

/** Troubles with the name of one report, which say nothing about the next one. */
const OF_ONE_NAME: ReadonlySet<string> = new Set([
  'ENAMETOOLONG',
  'EISDIR',
  'ENOTDIR',
  'EINVAL',
  'EILSEQ',
  'EEXIST',
  'ENOTEMPTY',
]);

/** Codes of rows that another try may better, though the file is the same. */
const WORTH_ANOTHER_TRY: ReadonlySet<string> = new Set(['missing', 'unreadable', 'read-failed']);

/** Why a folder cannot be scanned into. */
export type Refusal = 'exists' | 'other-version-or-options' | 'in-use';

export class RefusedFolder extends Error {
  override readonly name = 'RefusedFolder';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

export function journalOf(out: string): string {
  return join(out, JOURNAL);
}

export function lockOf(out: string): string {
  return join(out, LOCK);
}

export function indexOf(out: string): string {
  return join(out, 'index.json');
}

/** Where files are written before they are put in their places. */
export function asideOf(out: string): string {
  return join(out, ASIDE);
}

/** Makes the output folder. Throws `WriteError`. */
export function makeOutputFolder(out: string): void {
  makeFolder(join(out, ASIDE));
}

/** What is kept of an entry in memory; the rest stays in the journal. */
type Done = Omit<JournalEntry, 'inventory' | 'faults'> & { readonly place: EntryPlace };

export interface RunOptions {
  readonly workers: Workers;
  readonly count: number;
  readonly signal: AbortSignal;
  /** Called when a job is done and its results are on disk; of files that are no ring for each. */
  readonly onDone: (entry: JournalEntry, job: Job) => void;
}

export interface OpenOptions {
  readonly formats: readonly Format[];
  readonly isResumed: boolean;
  readonly run: RunMark['run'];
}

/** A job, and of a part why it is one by itself. */
interface Turn {
  readonly job: Job;
  readonly apart: string | null;
}

export class Scan {
  readonly #out: string;
  readonly #formats: readonly Format[];
  readonly #journal: Journal;
  readonly #done: Map<string, Done>;
  readonly #placement: Placement;
  readonly #unlock: () => void;

  private constructor(
    out: string,
    formats: readonly Format[],
    journal: Journal,
    done: Map<string, Done>,
    unlock: () => void,
  ) {
    this.#out = out;
    this.#formats = formats;
    this.#journal = journal;
    this.#done = done;
    this.#placement = new Placement(out);
    this.#unlock = unlock;
  }

  /** The folder must exist (`makeOutputFolder`). Throws `RefusedFolder` and `WriteError`. */
  static open(out: string, head: JournalHead, { formats, isResumed, run }: OpenOptions): Scan {
    const path = join(out, JOURNAL);
    if (!isResumed && (existsSync(path) || existsSync(indexOf(out)))) throw new RefusedFolder('exists');
    const unlock = lock(join(out, LOCK));
    if (unlock === null) throw new RefusedFolder('in-use');
    try {
      const done = new Map<string, Done>();
      const stored = isResumed ? readJournal(path) : null;
      // A journal that was cut in its first line has nothing in it.
      const hasHead = stored !== null && (stored.head !== null || stored.end > 0);
      if (stored !== null && hasHead) {
        if (!isSameHead(stored.head, head)) throw new RefusedFolder('other-version-or-options');
        for (const { entry, place } of stored.entries) done.set(entry.row.path, toDone(entry, place));
      }
      for (const name of readdirSync(join(out, ASIDE))) rmSync(join(out, ASIDE, name), { force: true });
      const journal = hasHead ? Journal.resume(path, stored.end) : Journal.begin(path, head);
      journal.mark({ run });
      return new Scan(out, formats, journal, done, unlock);
    } catch (error) {
      unlock();
      throw error instanceof RefusedFolder ? error : new WriteError(path, error);
    }
  }

  /** True if the job was done before and nothing has changed since. No file is opened for it unless its time has changed. */
  isDone({ files, stem, parts }: Job): boolean {
    const done = this.#done.get(files[0]?.path ?? '');
    // That they are no ring was found out among all of them.
    if (parts.length > 0 && done?.row.apart !== undefined)
      return parts.every((part) => this.#isDoneApart(part));
    if (done === undefined || done.files.length !== files.length) return false;
    const { status, code, reports } = done.row;
    if (status === 'failed' || WORTH_ANOTHER_TRY.has(code ?? '')) return false;
    if (status !== 'unreadable') {
      const isThere = (format: Format) =>
        reports[format] === reportPath(stem, format) && this.#hasFile(reportPath(stem, format));
      if (!this.#formats.every(isThere)) return false;
    }
    return files.every((file, index) => {
      const mark = done.files[index];
      return mark !== undefined && isUnchanged(mark, file);
    });
  }

  #isDoneApart(part: Job): boolean {
    return this.#done.get(part.name)?.row.apart !== undefined && this.isDone(part);
  }

  #hasFile(path: string): boolean {
    return statSync(join(this.#out, path), { throwIfNoEntry: false })?.isFile() === true;
  }

  /** True if this very entry is here, with its reports. */
  holds(entry: JournalEntry): boolean {
    const done = this.#done.get(entry.row.path);
    if (done === undefined) return false;
    if (JSON.stringify(this.#journal.read(done.place)) !== JSON.stringify(entry)) return false;
    return Object.values(entry.row.reports).every((path) => this.#hasFile(path));
  }

  /** What the journal has of a job: several where files are no ring, none where it is not done. */
  resultsOf({ files, parts }: Job): ReadonlyArray<Pick<JournalEntry, 'row' | 'worst'>> {
    const done = this.#done.get(files[0]?.path ?? '');
    if (parts.length > 0 && done?.row.files.length === 1)
      return parts.flatMap((part) => this.resultsOf(part));
    return done === undefined ? [] : [done];
  }

  /** Gives a folder or target that could not be entered its row. */
  addUnlisted({ path, reason }: Unlisted): void {
    const row = rowWithout('unreadable', [path], { code: 'unlisted', reason, bytes: 0 });
    this.#add({ files: [], row, faults: [], worst: null, inventory: EMPTY_INVENTORY, elapsedMillis: 0 });
  }

  /** Does the jobs in their order. Ends early when told to. Throws `WriteError` when the output cannot be written. */
  async run(jobs: Iterable<Job>, options: RunOptions): Promise<void> {
    const placing = new Set<Promise<void>>();
    let failure: { error: unknown } | null = null;
    const fail = (error: unknown): void => {
      failure ??= { error };
    };
    let queue: Iterator<Turn> = turnsOf(jobs, null);
    let apart: Turn[] = [];
    const take = async (slot: number): Promise<void> => {
      for (;;) {
        if (failure !== null || options.signal.aborted) return;
        const next = queue.next();
        if (next.done === true) return;
        const turn = next.value;
        const answer = await this.#perform(turn, slot, options);
        if (answer === null) return;
        if ('apart' in answer) {
          apart.push(...turnsOf(turn.job.parts, answer.apart));
          continue;
        }
        const placed: Promise<void> = this.#settle(answer, turn, options)
          .catch(fail)
          .finally(() => placing.delete(placed));
        placing.add(placed);
        if (placing.size >= MAX_PLACING) await Promise.race(placing);
      }
    };
    for (;;) {
      await Promise.all(Array.from({ length: options.count }, (_, slot) => take(slot).catch(fail)));
      if (apart.length === 0) break;
      // What turned out to be no ring is for all workers.
      queue = apart.toSorted((a, b) => b.job.bytes - a.job.bytes)[Symbol.iterator]();
      apart = [];
    }
    await Promise.all(placing);
    if (failure !== null) throw (failure as { error: unknown }).error;
    await this.#journal.sync().catch((error: unknown) => {
      throw new WriteError(join(this.#out, JOURNAL), error);
    });
  }

  /** Null where it was ended from outside. */
  async #perform(
    { job, apart }: Turn,
    slot: number,
    { workers, signal }: RunOptions,
  ): Promise<Answer | null> {
    const paths = job.files.map(({ path }) => path);
    const task = {
      paths,
      stem: job.stem,
      formats: this.#formats,
      aside: join(this.#out, ASIDE),
      slot,
      apart,
    };
    try {
      return await workers.run(task);
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof WorkerDeath)) throw error;
      return { entry: failedEntry({ job, apart }, 'worker', error.message), reports: [] };
    } finally {
      workers.bytesRead[slot] = 0;
    }
  }

  async #settle(
    answer: Exclude<Answer, { apart: string }>,
    turn: Turn,
    { onDone }: RunOptions,
  ): Promise<void> {
    if ('unwritable' in answer) {
      const { path, message } = answer.unwritable;
      throw new WriteError(path, new Error(message));
    }
    let { entry } = answer;
    try {
      await this.take(entry, answer.reports);
    } catch (error) {
      if (!(error instanceof WriteError) || !OF_ONE_NAME.has(error.code)) throw error;
      const reason = `its report could not be written: ${error.message}`;
      entry = failedEntry(turn, 'report', reason);
      await this.take(entry, []);
    }
    onDone(entry, turn.job);
  }

  /** Puts reports in their places, then says so in the journal. Throws `WriteError`. */
  async take(entry: JournalEntry, reports: readonly WrittenReport[]): Promise<void> {
    await Promise.all(reports.map(({ aside, path }) => this.#placement.place(aside, path)));
    this.#add(entry);
    await this.#journal.sync().catch((error: unknown) => {
      throw new WriteError(join(this.#out, JOURNAL), error);
    });
  }

  #add(entry: JournalEntry): void {
    try {
      this.#done.set(entry.row.path, toDone(entry, this.#journal.add(entry)));
    } catch (error) {
      throw new WriteError(join(this.#out, JOURNAL), error);
    }
  }

  /** The index of these rows; those that are not done yet are left out. */
  index(paths: Iterable<string>, facts: IndexFacts): TimedIndex {
    const known = [...paths].filter((path) => this.#done.has(path));
    return buildIndex(known, (path) => this.#journal.read((this.#done.get(path) as Done).place), facts);
  }

  /** Then says in the journal that this run is at its end. Rejects with `WriteError`. */
  async writeIndex(timed: TimedIndex, isComplete: boolean = timed.index.complete): Promise<void> {
    const written = new Set<string>();
    for await (const [name, text] of indexFiles(timed)) {
      writeWhole(join(this.#out, name), text, join(this.#out, ASIDE));
      written.add(name);
    }
    removeStalePages(this.#out, written);
    try {
      this.#journal.mark({ end: { complete: isComplete } });
    } catch (error) {
      throw new WriteError(join(this.#out, JOURNAL), error);
    }
  }

  close(): void {
    this.#journal.close();
    for (const name of readdirSync(join(this.#out, ASIDE)))
      rmSync(join(this.#out, ASIDE, name), { force: true });
    this.#unlock();
  }
}

function toDone({ files, row, worst, elapsedMillis }: JournalEntry, place: EntryPlace): Done {
  return { files, row, worst, elapsedMillis, place };
}

function* turnsOf(jobs: Iterable<Job>, apart: string | null): Generator<Turn> {
  for (const job of jobs) yield { job, apart };
}

function failedEntry({ job: { files, bytes }, apart }: Turn, code: string, reason: string): JournalEntry {
  const paths = files.map(({ path }) => path);
  const row = rowWithout('failed', paths, { code, reason, bytes });
  return {
    files: files.map((file) => ({ ...file, fingerprint: '' })),
    row: apart === null ? row : { ...row, apart },
    faults: [],
    worst: null,
    inventory: EMPTY_INVENTORY,
    elapsedMillis: 0,
  };
}
