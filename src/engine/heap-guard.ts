/**
 * Keeps the process small. V8 lets a heap grow to several times of what lives in it before it looks; above a limit it is told to
 * look at once, and from then on whenever the heap has grown by a fifth.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/** Bytes of resident memory from which on the heap is looked after, and by how much it must have grown since the last time. */
const LIMIT_BYTES = 80 * 2 ** 20;
const STEP_BYTES = 6 * 2 ** 20;

export class HeapGuard {
  #collect: (() => void) | null = null;
  #next = LIMIT_BYTES;

  /** Called a few times a second, between two stretches of work. */
  look(): void {
    // A worker's heap has a limit of its own; resident memory, and the flag below, are those of all threads together.
    if (process.memoryUsage.rss() < this.#next || !isMainThread) return;
    this.#collect ??= collector();
    this.#collect();
    this.#next = Math.max(LIMIT_BYTES, process.memoryUsage.rss() + STEP_BYTES);
  }
}

/** The engine's own full collection, which the program is not given unless it asks. */
function collector(): () => void {
  setFlagsFromString('--heap-growing-percent=20');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return collect;
}
