/**
 * Goes through a map or a set that gives up what is oldest when it is full. To look for it from the beginning each time would be to walk
 * over everything given up since the table was last rebuilt, which are thousands.
 */
export class Oldest<Key> {
  readonly #table: { keys(): Iterator<Key, unknown> };
  #keys: Iterator<Key, unknown> | null = null;

  constructor(table: { keys(): Iterator<Key, unknown> }) {
    this.#table = table;
  }

  /** The key that has stood there for longest, or undefined where there is none. It must be removed before the next call. */
  next(): Key | undefined {
    for (;;) {
      const isNew = this.#keys === null;
      this.#keys ??= this.#table.keys();
      const step = this.#keys.next();
      if (step.done !== true) return step.value;
      // An iterator that has come to the end stays there, whatever comes after.
      this.#keys = null;
      if (isNew) return undefined;
    }
  }
}
