/** Makes an input smaller as long as it still shows the same fault. */
import { Stopwatch } from './stopwatch.ts';

/**
 * Cuts out pieces, large ones first, then sets what is left to zero, until nothing more can go or the time is over. `shows` must
 * answer true for the input itself.
 */
export async function minimise(
  input: Uint8Array,
  shows: (candidate: Uint8Array) => Promise<boolean>,
  budgetSeconds: number,
): Promise<Uint8Array> {
  const watch = new Stopwatch();
  const isOver = (): boolean => watch.isOver(budgetSeconds);
  let best = input;
  for (let before = -1; before !== best.length && !isOver(); ) {
    before = best.length;
    for (let size = Math.max(1, best.length >> 1); size >= 1 && !isOver(); size >>= 1) {
      for (let at = 0; at < best.length && !isOver(); ) {
        const candidate = without(best, at, Math.min(best.length, at + size));
        if (await shows(candidate)) best = candidate;
        else at += size;
      }
    }
  }
  for (let size = Math.max(1, best.length >> 2); size >= 1 && !isOver(); size >>= 1) {
    for (let at = 0; at < best.length && !isOver(); at += size) {
      if (best.subarray(at, at + size).every((byte) => byte === 0)) continue;
      const candidate = best.slice().fill(0, at, at + size);
      if (await shows(candidate)) best = candidate;
    }
  }
  return best;
}

function without(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const left = new Uint8Array(bytes.length - (to - from));
  left.set(bytes.subarray(0, from));
  left.set(bytes.subarray(to), from);
  return left;
}
