/**
 * `kbdiag scan --watch`: one pass after another over the targets. The first takes what is there, further ones what has come and is
 * complete. It ends with the first signal to end, as a scan does that has come to its end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { terminalText } from '../report/escape.ts';
import { formatPlural } from '../report/units.ts';
import { SEVERITIES } from '../report/wording.ts';
import { Arrivals, type Arrived, type Moment } from '../scan/arrivals.ts';
import type { TimedIndex } from '../scan/build-index.ts';
import type { Discovery } from '../scan/discover.ts';
import type { IndexRow } from '../scan/index-schema.ts';
import type { Job } from '../scan/jobs.ts';
import type { EntryFacts } from '../scan/journal.ts';
import type { Scan } from '../scan/scan.ts';
import type { Session } from './scan-session.ts';
import { note } from './terminal.ts';

const LOOK_MILLIS = 1000;
/** At most a twentieth of the time goes into looking, and a tenth into writing the index. */
const LOOK_FACTOR = 20;
const INDEX_FACTOR = 10;

export interface WatchOptions {
  readonly settleMillis: number;
  readonly isQuiet: boolean;
  /** What the targets are now. */
  readonly discover: () => Promise<Discovery>;
  /** What is to be done of these files, and the rows of what cannot be listed. */
  readonly plan: (found: Discovery) => Plan;
  /** The index of these rows. */
  readonly writeIndex: (paths: Iterable<string>, isComplete: boolean) => Promise<TimedIndex>;
}

export interface Plan {
  readonly jobs: readonly Job[];
  readonly unlisted: readonly string[];
}

export interface WatchEnd {
  readonly timed: TimedIndex;
  /** False if it was ended before the first pass was done. */
  readonly isBegun: boolean;
}

export class Watch {
  readonly #scan: Scan;
  readonly #session: Session;
  readonly #options: WatchOptions;
  readonly #arrivals: Arrivals;
  #plan: Plan = { jobs: [], unlisted: [] };
  #passes = 0;
  #waiting = 0;
  /** When the index was written last, how long that took, and whether there is anything new for it. */
  #writtenAt = -Infinity;
  #writeMillis = 0;
  #isOutdated = true;

  constructor(scan: Scan, session: Session, options: WatchOptions) {
    this.#scan = scan;
    this.#session = session;
    this.#options = options;
    this.#arrivals = new Arrivals(options.settleMillis);
  }

  /** Goes on until the session is told to end. */
  async run(): Promise<WatchEnd> {
    const { signal } = this.#session;
    const { isQuiet } = this.#options;
    while (!signal.aborted) {
      const started = performance.now();
      const found = await this.#options.discover();
      const arrived = this.#arrivals.look(found.files, momentNow());
      const lookMillis = performance.now() - started;
      const isFirst = this.#passes === 0;
      if (arrived.hasNew || isFirst) await this.#pass(found, arrived, isFirst);
      this.#waiting = arrived.waiting;
      if (signal.aborted) break;
      this.#passes += 1;
      if (isFirst && !isQuiet) note(`${this.#state()}; watching, Ctrl-C ends`);
      if (this.#isOutdated && performance.now() - this.#writtenAt > INDEX_FACTOR * this.#writeMillis)
        await this.#writeIndex();
      await sleep(Math.max(LOOK_MILLIS, LOOK_FACTOR * lookMillis), undefined, { signal }).catch(() => {});
    }
    return { timed: await this.#writeIndex(), isBegun: this.#passes > 0 };
  }

  async #pass(found: Discovery, { complete }: Arrived, isFirst: boolean): Promise<void> {
    this.#plan = this.#options.plan({ ...found, files: complete });
    const { jobs } = this.#plan;
    const isDone = (job: Job): boolean =>
      isFirst ? this.#scan.isDone(job) || this.#scan.hasShrunk(job) : this.#scan.isCurrent(job);
    const open: Job[] = [];
    for (const job of jobs) {
      if (isDone(job)) for (const { path } of job.files) this.#arrivals.take(path);
      else open.push(job);
    }
    this.#isOutdated = true;
    if (open.length === 0) return;
    await this.#session.run(
      this.#scan,
      { jobs, open, showsProgress: isFirst && !this.#options.isQuiet },
      {
        isWanted: (facts, job) => this.#isWanted(facts, job, isFirst),
        onDone: ({ elapsedMillis }, job) => {
          for (const { path } of job.files) this.#arrivals.take(path, elapsedMillis);
        },
      },
    );
  }

  /** Told before the result takes the place of an earlier one. */
  #isWanted({ row }: EntryFacts, job: Job, isFirst: boolean): boolean {
    const [before] = this.#scan.resultsOf(job);
    // What it told before it went is more than that it has gone.
    if (row.code === 'missing' && before !== undefined) return false;
    const youngest = job.files.reduce((one, other) => (other.mtimeMillis >= one.mtimeMillis ? other : one));
    if (this.#arrivals.isUnfinished(youngest.path, row, momentNow())) {
      this.#say(
        `${terminalText(youngest.path)}: not whole yet (${terminalText(row.reason ?? '')}); waiting for the rest`,
      );
      return false;
    }
    const text = describeRow(row);
    if (!isFirst && (before === undefined || describeRow(before.row) !== text))
      this.#say(
        `${terminalText(job.files.length === 1 ? youngest.path : `${job.files[0]?.path}…`)}: ${text}`,
      );
    return true;
  }

  #say(text: string): void {
    if (!this.#options.isQuiet) note(text);
  }

  async #writeIndex(): Promise<TimedIndex> {
    const started = performance.now();
    const paths = [...this.#scan.paths(), ...this.#plan.unlisted];
    const isComplete = this.#waiting === 0 && this.#plan.jobs.every((job) => this.#scan.isCurrent(job));
    const timed = await this.#options.writeIndex(paths, isComplete);
    this.#writtenAt = performance.now();
    this.#writeMillis = this.#writtenAt - started;
    this.#isOutdated = false;
    return timed;
  }

  #state(): string {
    const files = this.#plan.jobs.reduce((sum, job) => sum + job.files.length, 0);
    const waiting = this.#waiting === 0 ? '' : `, ${formatPlural(this.#waiting, 'is', 'are')} being written`;
    return `${formatPlural(files, 'file is', 'files are')} done${waiting}`;
  }
}

function momentNow(): Moment {
  return { now: performance.now(), wall: Date.now() };
}

/** What a row tells, in a line: findings, or why there can be none. */
function describeRow({ status, reason, findings, verdicts }: IndexRow): string {
  const trouble = reason === null ? [] : [`${status}: ${terminalText(reason)}`];
  const counts = SEVERITIES.filter((severity) => findings[severity] > 0).map((severity) =>
    formatPlural(findings[severity], severity, `${severity}s`),
  );
  const articles = Object.entries(verdicts)
    .filter(([, verdict]) => verdict === 'found' || verdict === 'suspected')
    .map(([article, verdict]) => `${article} ${verdict}`);
  const found = counts.length === 0 ? [] : [`${counts.join(', ')} (${articles.join(', ')})`];
  const parts = [...found, ...trouble];
  return parts.length === 0 ? 'no fault found' : parts.join('; ');
}
