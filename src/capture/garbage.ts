/**
 * V8's own collections, which a program is not given unless it asks. V8 weighs what is on its heap; of the buffers that stand beside it,
 * tens of megabytes may be garbage before it looks.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options?: { type: 'minor' }) => void;

let known: Collect | null = null;

/** Asked for once in every thread. */
function collector(): Collect {
  if (known !== null) return known;
  setFlagsFromString('--expose-gc');
  // Undefined where another thread took the flag back in between.
  const collect = runInNewContext('globalThis.gc') as Collect | undefined;
  setFlagsFromString('--no-expose-gc');
  if (collect === undefined) return () => undefined;
  known = collect;
  return known;
}

/** Collects everything; takes milliseconds, more with a larger heap. */
export function collectAll(): void {
  collector()();
}

/** Collects what was made lately and is dead already; takes less than a millisecond where little of it lives. */
export function collectYoung(): void {
  collector()({ type: 'minor' });
}
