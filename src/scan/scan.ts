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
import { type Done, DoneRows } from './done-rows.ts';
import { type Disclosure, FULL_DISCLOSURE } from './disclosure.ts';
import { isUnchanged } from './fingerprint.ts';
import { indexFiles } from './index-files.ts';
import { removeStalePages } from './stale-pages.ts';
import type { Job } from './jobs.ts';
import { Backlog } from './backlog.ts';
import type { EntryFacts, JournalEntry, JournalHead, RunMark } from './journal.ts';
import { factsOf, isSameHead, Journal, lineOf, readJournal } from './journal.ts';
import { Lanes } from './lanes.ts';
import { lock } from './lock.ts';
import { reportPath } from './report-paths.ts';
import { EMPTY_INVENTORY, rowWithout } from './row.ts';
import type { Analysed, Answer, WrittenReport } from './task.ts';
import { WorkerDeath, type Workers } from './workers.ts';

const STATE_FOLDER = '.kbdiag';
const JOURNAL = join(STATE_FOLDER, 'journal.ndjson');
const ASIDE = join(STATE_FOLDER, 'aside');
const LOCK = join(STATE_FOLDER, 'lock');

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

export interface RunOptions {
  readonly workers: Workers;
  readonly count: number;
  readonly signal: AbortSignal;
  /** Called when a job is done and its results are on disk; of files that are no ring for each. */
  readonly onDone: (facts: EntryFacts, job: Job) => void;
  /** False where a result is not to be kept, nor its reports. */
  readonly isWanted?: (facts: EntryFacts, job: Job) => boolean;
}

export interface OpenOptions {
  readonly formats: readonly Format[];
  readonly isResumed: boolean;
  readonly run: RunMark['run'];
  readonly disclosure?: Disclosure;
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
  readonly #done: DoneRows;
  readonly #placement: Placement;
  readonly #unlock: () => void;
  readonly #disclosure: Disclosure;

  private constructor(
    out: string,
    formats: readonly Format[],
    journal: Journal,
    done: DoneRows,
    unlock: () => void,
    disclosure: Disclosure,
  ) {
    this.#out = out;
    this.#formats = formats;
    this.#journal = journal;
    this.#done = done;
    this.#placement = new Placement(out, join(out, ASIDE));
    this.#unlock = unlock;
    this.#disclosure = disclosure;
  }

  /** The folder must exist (`makeOutputFolder`). Throws `RefusedFolder` and `WriteError`. */
  static open(out: string, head: JournalHead, options: OpenOptions): Scan {
    const { formats, isResumed, run, disclosure = FULL_DISCLOSURE } = options;
    const path = join(out, JOURNAL);
    if (!isResumed && (existsSync(path) || existsSync(indexOf(out)))) throw new RefusedFolder('exists');
    const unlock = lock(join(out, LOCK));
    if (unlock === null) throw new RefusedFolder('in-use');
    try {
      const done = new DoneRows();
      const stored = isResumed ? readJournal(path) : null;
      // A journal that was cut in its first line has nothing in it.
      const hasHead = stored !== null && (stored.head !== null || stored.end > 0);
      if (stored !== null && hasHead) {
        if (!isSameHead(stored.head, head)) throw new RefusedFolder('other-version-or-options');
        for (const { entry, place } of stored.entries) done.remember({ ...factsOf(entry), place });
      }
      for (const name of readdirSync(join(out, ASIDE))) rmSync(join(out, ASIDE, name), { force: true });
      const journal = hasHead ? Journal.resume(path, stored.end) : Journal.begin(path, head);
      journal.mark({ run });
      return new Scan(out, formats, journal, done, unlock, disclosure);
    } catch (error) {
      unlock();
      throw error instanceof RefusedFolder ? error : new WriteError(path, error);
    }
  }

  /** True if the job was done before and nothing has changed since. No file is opened for it unless its time has changed. */
  isDone({ files, shown, stem, parts }: Job): boolean {
    const done = this.#done.get(shown[0] ?? '');
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
      return (
        mark !== undefined &&
        mark.path === shown[index] &&
        isUnchanged(mark, file, (hex) => this.#disclosure.digest(hex))
      );
    });
  }

  /**
   * `isDone` by what is in memory, for a watch that asks every second. A ring that has only lost files is as it was: what they told
   * stands in its row.
   */
  isCurrent({ files, shown, parts }: Job): boolean {
    const done = this.#done.get(shown[0] ?? '') ?? this.#done.ringWith(shown[0] ?? '');
    if (done === undefined) return false;
    if (parts.length > 0 && done.row.apart !== undefined) return parts.every((part) => this.isCurrent(part));
    return files.every((file, index) => {
      const mark = done.files.find(({ path }) => path === shown[index]);
      return mark?.bytes === file.bytes && mark.mtimeMillis === file.mtimeMillis;
    });
  }

  /** True if the job is all that is left, unchanged, of a ring whose row tells more. */
  hasShrunk(job: Job): boolean {
    const ring = this.#done.ringWith(job.shown[0] ?? '');
    return ring !== undefined && ring.row.files.length > job.files.length && this.isCurrent(job);
  }

  /** All rows but those of what could not be listed. */
  paths(): string[] {
    return Array.from(this.#done.all(), ({ row }) => row)
      .filter(({ code }) => code !== 'unlisted')
      .map(({ path }) => path);
  }

  #isDoneApart(part: Job): boolean {
    return this.#done.get(part.shown[0] ?? '')?.row.apart !== undefined && this.isDone(part);
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
  resultsOf({ shown, parts }: Job): ReadonlyArray<Pick<JournalEntry, 'row' | 'worst'>> {
    const done = this.#done.get(shown[0] ?? '');
    if (parts.length > 0 && done?.row.files.length === 1)
      return parts.flatMap((part) => this.resultsOf(part));
    return done === undefined ? [] : [done];
  }

  /** The gravest fault of a row that `--fail-on` counts. */
  worstOf(path: string): JournalEntry['worst'] {
    return this.#done.get(path)?.worst ?? null;
  }

  /** Gives a folder or target that could not be entered its row; answers what it is called there. */
  addUnlisted({ path, reason }: Unlisted): string {
    const shown = this.#disclosure.names([path])(path);
    if (this.#done.get(shown)?.row.reason === this.#disclosure.sentence(reason, [path])) return shown;
    const facts = { code: 'unlisted', reason: this.#disclosure.sentence(reason, [path]), bytes: 0 };
    const row = rowWithout('unreadable', [shown], facts);
    const entry = { files: [], row, faults: [], worst: null, inventory: EMPTY_INVENTORY, elapsedMillis: 0 };
    this.#note(factsOf(entry), lineOf(entry));
    return shown;
  }

  /** Does the jobs in their order. Ends early when told to. Throws `WriteError` when the output cannot be written. */
  async run(jobs: Iterable<Job>, options: RunOptions): Promise<void> {
    const lanes = new Lanes(options.count);
    const backlog = new Backlog();
    const apart: Turn[] = [];
    let failure: { error: unknown } | null = null;
    const fail = (error: unknown): void => {
      failure ??= { error };
    };
    const carryOut = async (turn: Turn, lane: number): Promise<void> => {
      const answer = await this.#perform(turn, lane, options);
      if (answer === null) return;
      if ('apart' in answer) {
        apart.push(...turnsOf(turn.job.parts, answer.apart));
        return;
      }
      if (options.isWanted?.(answer.facts, turn.job) === false) return;
      const bytes = answer.reports.reduce((sum, { text }) => sum + text.length, 0);
      void backlog.add(bytes, this.#settle(answer, turn, options).catch(fail));
    };
    let turns: Iterable<Turn> = turnsOf(jobs, null);
    for (;;) {
      for (const turn of turns) {
        await backlog.room();
        const { bytes } = turn.job;
        const lane = await lanes.enter(bytes);
        if (failure === null && !options.signal.aborted)
          void carryOut(turn, lane)
            .catch(fail)
            .finally(() => lanes.leave(lane, bytes));
        else {
          lanes.leave(lane, bytes);
          break;
        }
      }
      await lanes.empty();
      if (apart.length === 0) break;
      // What turned out to be no ring is for all workers.
      turns = apart.splice(0).toSorted((a, b) => b.job.bytes - a.job.bytes);
    }
    await backlog.empty();
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
    const task = { paths, shown: job.shown, stem: job.stem, formats: this.#formats, slot, apart };
    try {
      return await workers.run(task);
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof WorkerDeath)) throw error;
      const reason = this.#disclosure.sentence(error.message, paths);
      return { ...failed({ job, apart }, 'worker', reason), reports: [] };
    } finally {
      workers.bytesRead[slot] = 0;
    }
  }

  async #settle({ facts, line, reports }: Analysed, turn: Turn, { onDone }: RunOptions): Promise<void> {
    try {
      await Promise.all(reports.map(({ text, path }) => this.#placement.write(text, path)));
      await this.#add(facts, line);
      onDone(facts, turn.job);
    } catch (error) {
      if (!(error instanceof WriteError) || !OF_ONE_NAME.has(error.code)) throw error;
      const reason = `its report could not be written: ${this.#disclosure.writeTrouble(error)}`;
      const instead = failed(turn, 'report', reason);
      await this.#add(instead.facts, instead.line);
      onDone(instead.facts, turn.job);
    }
  }

  /** Puts reports that were written aside in their places, then says so in the journal. Throws `WriteError`. */
  async take(entry: JournalEntry, reports: readonly WrittenReport[]): Promise<void> {
    await Promise.all(reports.map(({ aside, path }) => this.#placement.place(aside, path)));
    await this.#add(factsOf(entry), lineOf(entry));
  }

  /** Resolves when it is on the disk. */
  async #add(facts: EntryFacts, line: string): Promise<void> {
    this.#note(facts, line);
    await this.#journal.sync().catch((error: unknown) => {
      throw new WriteError(join(this.#out, JOURNAL), error);
    });
  }

  #note(facts: EntryFacts, line: string): void {
    try {
      const place = this.#journal.add(line);
      this.#done.remember({ ...facts, place });
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

function* turnsOf(jobs: Iterable<Job>, apart: string | null): Generator<Turn> {
  for (const job of jobs) yield { job, apart };
}

function failed({ job, apart }: Turn, code: string, reason: string): Pick<Analysed, 'facts' | 'line'> {
  const { files, shown, bytes } = job;
  const row = rowWithout('failed', shown, { code, reason, bytes });
  const entry: JournalEntry = {
    files: files.map((file, index) => ({ ...file, path: shown[index] as string, fingerprint: '' })),
    row: apart === null ? row : { ...row, apart },
    faults: [],
    worst: null,
    inventory: EMPTY_INVENTORY,
    elapsedMillis: 0,
  };
  return { facts: factsOf(entry), line: lineOf(entry) };
}
