/** The workers of a scan at work, from the first batch of captures to the last; what ends them early. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { SEVERITIES } from '../report/wording.ts';
import type { IndexRow } from '../scan/index-schema.ts';
import type { Job } from '../scan/jobs.ts';
import type { RunOptions, Scan } from '../scan/scan.ts';
import { Workers } from '../scan/workers.ts';
import type { ScanCommandOptions } from './scan.ts';
import { startScanProgress } from './scan-progress.ts';
import type { Tally } from './scan-rate.ts';
import type { WorkerSetup } from './scan-worker.ts';

/** A batch of captures: all of them, and those that are to be done. */
export interface Batch {
  readonly jobs: readonly Job[];
  readonly open: readonly Job[];
  readonly showsProgress: boolean;
}

export type Hooks = Pick<RunOptions, 'onDone' | 'isWanted'>;

export class Session {
  readonly #workers: Workers;
  readonly #count: number;
  readonly #stop = new AbortController();
  readonly #onSignal = (): void => {
    // The second one ends the program at once.
    process.off('SIGINT', this.#onSignal).off('SIGTERM', this.#onSignal);
    this.#stop.abort();
    void this.#workers.destroy();
  };

  private constructor(workers: Workers, count: number) {
    this.#workers = workers;
    this.#count = count;
    process.on('SIGINT', this.#onSignal).on('SIGTERM', this.#onSignal);
  }

  /** With no more workers than there will be captures at a time. */
  static async start(options: ScanCommandOptions, setup: WorkerSetup, most: number): Promise<Session> {
    const count = Math.min(options.jobs ?? availableParallelism(), most);
    const program = join(__dirname, 'scan-worker.cjs');
    const workers = await Workers.start({ program, count, setup, memoryMib: options.memory });
    return new Session(workers, count);
  }

  /** Aborted by the first signal to end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Answers true if it was interrupted. */
  async run(scan: Scan, { jobs, open, showsProgress }: Batch, hooks: Partial<Hooks> = {}): Promise<boolean> {
    const tally = tallyOf(scan, jobs, open);
    const progress = showsProgress
      ? startScanProgress(tally, () => this.#workers.bytesRead.reduce((a, b) => a + b, 0))
      : null;
    try {
      await scan.run(open, {
        workers: this.#workers,
        count: this.#count,
        signal: this.#stop.signal,
        ...hooks,
        onDone: (facts, job) => {
          tally.files += job.files.length;
          tally.bytes += job.bytes;
          tally.findings += countFindings(facts.row);
          hooks.onDone?.(facts, job);
        },
      });
    } finally {
      progress?.stop();
    }
    return this.#stop.signal.aborted && tally.files < tally.allFiles;
  }

  async end(): Promise<void> {
    process.off('SIGINT', this.#onSignal).off('SIGTERM', this.#onSignal);
    await this.#workers.destroy();
  }
}

/** What was done before counts as done. */
function tallyOf(scan: Scan, jobs: readonly Job[], open: readonly Job[]): Tally {
  const isOpen = new Set(open);
  const done = jobs.filter((job) => !isOpen.has(job));
  return {
    allFiles: jobs.reduce((sum, { files }) => sum + files.length, 0),
    allBytes: jobs.reduce((sum, { bytes }) => sum + bytes, 0),
    files: done.reduce((sum, { files }) => sum + files.length, 0),
    bytes: done.reduce((sum, { bytes }) => sum + bytes, 0),
    findings: done
      .flatMap((job) => scan.resultsOf(job))
      .reduce((sum, { row }) => sum + countFindings(row), 0),
  };
}

export function countFindings({ findings }: IndexRow): number {
  return SEVERITIES.reduce((sum, severity) => sum + findings[severity], 0);
}
