/**
 * How much of something many small lists may keep together. A list has its own limit; that of all of them is what bounds memory when
 * somebody fills thousands of lists at once. Each may keep its first few whatever the others have, so that nobody is left with nothing.
 */
export class Room {
  readonly #limit: number;
  readonly #sure: number;
  #taken = 0;

  /** `limit` of all lists together, `sure` of each. */
  constructor(limit: number, sure: number) {
    this.#limit = limit;
    this.#sure = sure;
  }

  /** Takes a place for a list that has `own` of them; false if there is none. */
  take(own: number): boolean {
    if (own >= this.#sure && this.#taken >= this.#limit) return false;
    this.#taken += 1;
    return true;
  }

  /** Gives places back. */
  give(places: number): void {
    this.#taken -= places;
  }
}

/** The list with one more; a first one is alone in it, where pushing would make room for sixteen others. */
export function appended<Value>(values: readonly Value[], value: Value): readonly Value[] {
  if (values.length === 0) return [value];
  (values as Value[]).push(value);
  return values;
}

/** Another list with one more, no longer than it must be: one that is spread, or filtered, and added to has room for sixteen others. */
export function extended<Value>(values: readonly Value[], value: Value): readonly Value[] {
  return values.concat([value]);
}
