/**
 * Keeps the process small. V8 lets a heap grow to several times of what lives in it before it looks; above a limit it is told to
 * look at once, and from then on whenever the heap has grown by a fifth.
 */
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import { collectAll } from '../capture/garbage.ts';

/** Bytes of resident memory from which on the heap is looked after, and by how much it must have grown since the last time. */
const LIMIT_BYTES = 80 * 2 ** 20;
const STEP_BYTES = 6 * 2 ** 20;

export class HeapGuard {
  #hasBegun = false;
  #next = LIMIT_BYTES;

  /** Called a few times a second, between two stretches of work. */
  look(): void {
    // A worker's heap has a limit of its own; resident memory, and the flag below, are those of all threads together.
    if (process.memoryUsage.rss() < this.#next || !isMainThread) return;
    if (!this.#hasBegun) setFlagsFromString('--heap-growing-percent=20');
    this.#hasBegun = true;
    collectAll();
    this.#next = Math.max(LIMIT_BYTES, process.memoryUsage.rss() + STEP_BYTES);
  }
}
