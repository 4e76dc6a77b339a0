/**
 * Keyed permutations of strings of digits, each digit with a base of its own: letters have 26, figures 10, bytes 256. A Feistel
 * network in which one half is added to a pseudo-random function of the other, digit by digit, keeps length and bases, and so the
 * shape of a name. Wrapped around a step that moves everything, it leaves no string as it is.
 */
import { createHmac } from 'node:crypto';

/** Even, so that both halves are changed equally often; more than the 8 that FF3 had to give up on short strings. */
const ROUNDS = 10;
const DIGEST_BYTES = 32;

export class DigitPermutation {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /**
   * The image of `digits`; `bases` has one base of at least 2 for each. Strings of different length or bases, or under different
   * `context`, have independent images.
   */
  map(digits: readonly number[], bases: readonly number[], context: string): number[] {
    const moved = [...digits];
    if (moved.length === 0) return moved;
    const seed = `${context}/${bases.join()}`;
    if (moved.length === 1) {
      // One step of the cycle through all digits: which step depends on the key.
      const base = bases[0] as number;
      const step = 1 + ((this.#stream(`${seed}/one`, 1)[0] as number) % (base - 1));
      return [((moved[0] as number) + step) % base];
    }
    this.#run(moved, bases, seed, 1);
    const last = moved.length - 1;
    moved[last] = ((moved[last] as number) + 1) % (bases[last] as number);
    this.#run(moved, bases, seed, -1);
    return moved;
  }

  /** The network forward (1) or backward (-1). */
  #run(digits: number[], bases: readonly number[], seed: string, direction: 1 | -1): void {
    const middle = digits.length >> 1;
    for (let step = 0; step < ROUNDS; step += 1) {
      const round = direction === 1 ? step : ROUNDS - 1 - step;
      const [from, to] = round % 2 === 0 ? [0, middle] : [middle, digits.length];
      const others = round % 2 === 0 ? digits.slice(middle) : digits.slice(0, middle);
      const added = this.#stream(`${seed}/${round}/${others.join()}`, to - from);
      for (let at = from; at < to; at += 1) {
        const base = bases[at] as number;
        const term = (added[at - from] as number) % base;
        digits[at] = ((digits[at] as number) + (direction === 1 ? term : base - term)) % base;
      }
    }
  }

  /** Pseudo-random numbers of 16 bits. */
  #stream(seed: string, count: number): number[] {
    const numbers: number[] = [];
    for (let block = 0; numbers.length < count; block += 1) {
      const digest = createHmac('sha256', this.#key).update(`${block}/${seed}`).digest();
      for (let at = 0; at < DIGEST_BYTES && numbers.length < count; at += 2)
        numbers.push(digest.readUInt16BE(at));
    }
    return numbers;
  }
}

/** What was mapped lately; a capture says the same names again and again. */
export class MappedValues<Key, Value> {
  readonly #values = new Map<Key, Value>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: Key, map: (key: Key) => Value): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    // All of it goes at once: nothing depends on it but time.
    if (this.#values.size >= this.#limit) this.#values.clear();
    const value = map(key);
    this.#values.set(key, value);
    return value;
  }
}
