/**
 * The workers of a scan: threads that stay for many captures. One that dies is replaced, and its capture is tried once more in a
 * process of its own, where it can take nobody with it.
 */
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import type { Piscina } from 'piscina';
import { lanesOf, TASKS_PER_WORKER } from './lanes.ts';
import type { Answer, Task } from './task.ts';

export interface WorkersOptions {
  /** The program of a worker: a thread's by its default export, a process's by messages. */
  readonly program: string;
  readonly count: number;
  /** What the program is told once, plain data. */
  readonly setup: unknown;
  /** The heap of a worker in MiB; a process of its own has twice as much. */
  readonly memoryMib: number;
}

/** What a worker finds in its `workerData`, and a process in its first message. */
export interface WorkerData {
  readonly setup: unknown;
  /** Bytes read of the capture at hand, per slot; null in a process. */
  readonly bytesRead: Float64Array<SharedArrayBuffer> | null;
}

/** Both tries ended without an answer. */
export class WorkerDeath extends Error {
  override readonly name = 'WorkerDeath';
}

export class Workers {
  readonly bytesRead: Float64Array<SharedArrayBuffer>;
  readonly #options: WorkersOptions;
  readonly #pool: Piscina;
  readonly #processes = new Set<ChildProcess>();
  #isDestroyed = false;
  /** Those who wait for the pool. */
  readonly #waiting = new Set<(error: unknown) => void>();
  /** A worker died before it could begin: there is no use in further ones. */
  #isBroken = false;

  private constructor(options: WorkersOptions, pool: Piscina, bytesRead: Float64Array<SharedArrayBuffer>) {
    this.#options = options;
    this.#pool = pool;
    this.bytesRead = bytesRead;
    pool.on('error', (error: unknown) => {
      this.#isBroken = true;
      for (const reject of this.#waiting) reject(error);
    });
  }

  static async start(options: WorkersOptions): Promise<Workers> {
    const { Piscina: Pool } = await import('piscina');
    const bytesRead = new Float64Array(
      new SharedArrayBuffer(lanesOf(options.count) * Float64Array.BYTES_PER_ELEMENT),
    );
    const data: WorkerData = { setup: options.setup, bytesRead };
    const pool = new Pool({
      filename: options.program,
      minThreads: options.count,
      maxThreads: options.count,
      concurrentTasksPerWorker: TASKS_PER_WORKER,
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMib },
      recordTiming: false,
    });
    return new Workers(options, pool, bytesRead);
  }

  /** Rejects with `WorkerDeath` where both tries failed, and with anything once the workers were destroyed. */
  async run(task: Task): Promise<Answer> {
    let reason: string;
    try {
      if (this.#isBroken) return await this.#runApart(task);
      return await this.#runInPool(task);
    } catch (error) {
      if (this.#isDestroyed || error instanceof WorkerDeath) throw error;
      reason = describeDeath(error, this.#options.memoryMib);
    }
    try {
      return await this.#runApart(task);
    } catch (error) {
      const again = error instanceof Error ? error.message : String(error);
      throw new WorkerDeath(`${reason}; once more in a process of its own, it ${again}`, { cause: error });
    }
  }

  /** Ends all of them at once, whatever they do. */
  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    for (const child of this.#processes) child.kill('SIGKILL');
    await this.#pool.destroy();
  }

  async #runInPool(task: Task): Promise<Answer> {
    let reject = (_error: unknown): void => {};
    const broken = new Promise<never>((_resolve, give) => {
      reject = give;
    });
    this.#waiting.add(reject);
    try {
      return (await Promise.race([this.#pool.run(task), broken])) as Answer;
    } finally {
      this.#waiting.delete(reject);
    }
  }

  async #runApart(task: Task): Promise<Answer> {
    const memoryMib = 2 * this.#options.memoryMib;
    const child = fork(this.#options.program, [], {
      execArgv: [`--max-old-space-size=${memoryMib}`],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#processes.add(child);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-8192);
    });
    const data: WorkerData = { setup: this.#options.setup, bytesRead: null };
    try {
      return await new Promise<Answer>((resolve, reject) => {
        child.on('error', reject);
        child.on('message', (answer) => resolve(answer as Answer));
        child.on('close', (code, signal) => {
          const isMemory = /heap out of memory|Allocation failed/i.test(said);
          reject(
            new WorkerDeath(
              isMemory
                ? `ran out of memory (${memoryMib} MiB)`
                : `ended with ${signal === null ? `code ${code}` : signal}`,
            ),
          );
        });
        child.send({ data, task });
      });
    } finally {
      this.#processes.delete(child);
      child.kill('SIGKILL');
    }
  }
}

function describeDeath(error: unknown, memoryMib: number): string {
  if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY')
    return `its worker ran out of memory (${memoryMib} MiB)`;
  return `its worker died: ${error instanceof Error ? error.message : String(error)}`;
}
