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
import type { Job } from './jobs.ts';
import { Backlog } from './backlog.ts';
import type { EntryFacts, EntryPlace, JournalEntry, JournalHead } from './journal.ts';
import { factsOf, isSameHead, Journal, lineOf, readJournal } from './journal.ts';
import { Lanes } from './lanes.ts';
import { lock } from './lock.ts';
import { reportPath } from './report-paths.ts';
import { EMPTY_INVENTORY, rowWithout } from './row.ts';
import type { Answer } from './task.ts';
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

/** Makes the output folder. Throws `WriteError`. */
export function makeOutputFolder(out: string): void {
  makeFolder(join(out, ASIDE));
}

/** What is kept of an entry in memory; the rest stays in the journal. */
type Done = EntryFacts & { readonly place: EntryPlace };

export interface RunOptions {
  readonly workers: Workers;
  readonly count: number;
  readonly signal: AbortSignal;
  /** Called when a job is done and its results are on disk. */
  readonly onDone: (facts: EntryFacts, job: Job) => void;
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
    this.#placement = new Placement(out, join(out, ASIDE));
    this.#unlock = unlock;
  }

  /** The folder must exist (`makeOutputFolder`). Throws `RefusedFolder` and `WriteError`. */
  static open(out: string, head: JournalHead, formats: readonly Format[], isResumed: boolean): Scan {
    const path = join(out, JOURNAL);
    if (!isResumed && (existsSync(path) || existsSync(join(out, 'index.json'))))
      throw new RefusedFolder('exists');
    const unlock = lock(join(out, LOCK));
    if (unlock === null) throw new RefusedFolder('in-use');
    try {
      const done = new Map<string, Done>();
      const stored = isResumed ? readJournal(path) : null;
      // A journal that was cut in its first line has nothing in it.
      const hasHead = stored !== null && (stored.head !== null || stored.end > 0);
      if (stored !== null && hasHead) {
        if (!isSameHead(stored.head, head)) throw new RefusedFolder('other-version-or-options');
        for (const { entry, place } of stored.entries) done.set(entry.row.path, { ...factsOf(entry), place });
      }
      for (const name of readdirSync(join(out, ASIDE))) rmSync(join(out, ASIDE, name), { force: true });
      const journal = hasHead ? Journal.resume(path, stored.end) : Journal.begin(path, head);
      return new Scan(out, formats, journal, done, unlock);
    } catch (error) {
      unlock();
      throw error instanceof RefusedFolder ? error : new WriteError(path, error);
    }
  }

  /** True if the job was done before and nothing has changed since. No file is opened for it unless its time has changed. */
  isDone({ files, stem }: Job): boolean {
    const done = this.#done.get(files[0]?.path ?? '');
    if (done === undefined || done.files.length !== files.length) return false;
    const { status, code, reports } = done.row;
    if (status === 'failed' || WORTH_ANOTHER_TRY.has(code ?? '')) return false;
    if (status !== 'unreadable') {
      const isThere = (format: Format) =>
        reports[format] === reportPath(stem, format) &&
        statSync(join(this.#out, reportPath(stem, format)), { throwIfNoEntry: false })?.isFile() === true;
      if (!this.#formats.every(isThere)) return false;
    }
    return files.every((file, index) => {
      const mark = done.files[index];
      return mark !== undefined && isUnchanged(mark, file);
    });
  }

  /** What the journal has of a job. */
  resultOf({ files }: Job): Pick<JournalEntry, 'row' | 'worst'> | undefined {
    return this.#done.get(files[0]?.path ?? '');
  }

  /** Gives a folder or target that could not be entered its row. */
  addUnlisted({ path, reason }: Unlisted): void {
    const row = rowWithout('unreadable', [path], { code: 'unlisted', reason, bytes: 0 });
    const entry = { files: [], row, faults: [], worst: null, inventory: EMPTY_INVENTORY, elapsedMillis: 0 };
    this.#add(entry, lineOf(entry));
  }

  /** Does the jobs in their order. Ends early when told to. Throws `WriteError` when the output cannot be written. */
  async run(jobs: Iterable<Job>, options: RunOptions): Promise<void> {
    const lanes = new Lanes(options.count);
    const backlog = new Backlog();
    let failure: { error: unknown } | null = null;
    const fail = (error: unknown): void => {
      failure ??= { error };
    };
    const carryOut = async (job: Job, lane: number): Promise<void> => {
      const answer = await this.#perform(job, lane, options);
      if (answer === null) return;
      const bytes = answer.reports.reduce((sum, report) => sum + report.bytes.length, 0);
      void backlog.add(bytes, this.#settle(answer, job, options).catch(fail));
    };
    for (const job of jobs) {
      await backlog.room();
      const lane = await lanes.enter(job.bytes);
      if (failure === null && !options.signal.aborted)
        void carryOut(job, lane)
          .catch(fail)
          .finally(() => lanes.leave(lane, job.bytes));
      else {
        lanes.leave(lane, job.bytes);
        break;
      }
    }
    await lanes.empty();
    await backlog.empty();
    if (failure !== null) throw (failure as { error: unknown }).error;
    await this.#journal.sync().catch((error: unknown) => {
      throw new WriteError(join(this.#out, JOURNAL), error);
    });
  }

  /** Null where it was ended from outside. */
  async #perform(job: Job, slot: number, { workers, signal }: RunOptions): Promise<Answer | null> {
    const paths = job.files.map(({ path }) => path);
    const task = { paths, stem: job.stem, formats: this.#formats, slot };
    try {
      return await workers.run(task);
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof WorkerDeath)) throw error;
      return { ...failed(job, 'worker', error.message), reports: [] };
    } finally {
      workers.bytesRead[slot] = 0;
    }
  }

  /** Puts the reports in their places, then says so in the journal. */
  async #settle(answer: Answer, job: Job, { onDone }: RunOptions): Promise<void> {
    let { facts, line } = answer;
    try {
      await Promise.all(answer.reports.map(({ bytes, path }) => this.#placement.place(bytes, path)));
    } catch (error) {
      if (!(error instanceof WriteError) || !OF_ONE_NAME.has(error.code)) throw error;
      ({ facts, line } = failed(job, 'report', `its report could not be written: ${error.message}`));
    }
    this.#add(facts, line);
    await this.#journal.sync().catch((error: unknown) => {
      throw new WriteError(join(this.#out, JOURNAL), error);
    });
    onDone(facts, job);
  }

  #add(facts: EntryFacts, line: string): void {
    try {
      const place = this.#journal.add(line);
      this.#done.set(facts.row.path, { ...facts, place });
    } catch (error) {
      throw new WriteError(join(this.#out, JOURNAL), error);
    }
  }

  /** The index of these rows; those that are not done yet are left out. */
  index(paths: Iterable<string>, facts: IndexFacts): TimedIndex {
    const known = [...paths].filter((path) => this.#done.has(path));
    return buildIndex(known, (path) => this.#journal.read((this.#done.get(path) as Done).place), facts);
  }

  /** Throws `WriteError`. */
  writeIndex(index: TimedIndex): void {
    for (const [name, text] of indexFiles(index))
      writeWhole(join(this.#out, name), text, join(this.#out, ASIDE));
  }

  close(): void {
    this.#journal.close();
    for (const name of readdirSync(join(this.#out, ASIDE)))
      rmSync(join(this.#out, ASIDE, name), { force: true });
    this.#unlock();
  }
}

function failed({ files, bytes }: Job, code: string, reason: string): Pick<Answer, 'facts' | 'line'> {
  const paths = files.map(({ path }) => path);
  const entry: JournalEntry = {
    files: files.map((file) => ({ ...file, fingerprint: '' })),
    row: rowWithout('failed', paths, { code, reason, bytes }),
    faults: [],
    worst: null,
    inventory: EMPTY_INVENTORY,
    elapsedMillis: 0,
  };
  return { facts: factsOf(entry), line: lineOf(entry) };
}
