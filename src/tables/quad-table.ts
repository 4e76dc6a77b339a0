/**
 * A bounded hash table of 16-byte entries for hot paths: two key words, two value words, all int32. Four
 * entries make a set, which is one cache line; a hit moves to the front of its set, and a full set loses its
 * last, least recently used entry. Nothing is ever allocated after construction.
 *
 * An entry is named by the index of its first word in `words`: [key0, key1, value0, value1]. `value1` must
 * not be zero: zero marks an empty entry. An index stays valid until the next call on the table.
 */
export class QuadTable {
  readonly words: Int32Array;
  /** Entries that were displaced from full sets. */
  evictions = 0;
  readonly #shift: number;

  /** `sets` is a power of two from 2 to 2^22; the table holds four entries a set. */
  constructor(sets: number) {
    this.words = new Int32Array(sets * 16);
    this.#shift = 32 - Math.log2(sets);
  }

  /** Bytes the table takes at most. */
  get bytes(): number {
    return this.words.byteLength;
  }

  #setOf(key0: number, key1: number): number {
    const mixed = Math.imul(key0 ^ Math.imul(key1 ^ (key1 >>> 15), 0x2c1b3c6d), 0x297a2d39);
    return (Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1) >>> this.#shift) << 4;
  }

  /** The entry of this key, now first in its set, or -1. */
  find(key0: number, key1: number): number {
    const words = this.words;
    const first = this.#setOf(key0, key1);
    if (words[first] === key0 && words[first + 1] === key1 && words[first + 3] !== 0) return first;
    for (let entry = first + 4; entry < first + 16; entry += 4) {
      if (words[entry] === key0 && words[entry + 1] === key1 && words[entry + 3] !== 0) {
        this.#swap(first, entry);
        return first;
      }
    }
    return -1;
  }

  /**
   * Makes room for a key that `find` did not find and answers its entry, values to be set by the caller. The
   * set's last entry is displaced if the set is full.
   */
  insert(key0: number, key1: number): number {
    const words = this.words;
    const first = this.#setOf(key0, key1);
    if (words[first + 15] !== 0) this.evictions += 1;
    // A loop of twelve is cheaper here than the call behind copyWithin.
    for (let word = first + 15; word > first + 3; word -= 1) words[word] = words[word - 4] as number;
    words[first] = key0;
    words[first + 1] = key1;
    words[first + 2] = 0;
    words[first + 3] = 0;
    return first;
  }

  /** Empties the table; the count of evictions stays. */
  clear(): void {
    this.words.fill(0);
  }

  #swap(a: number, b: number): void {
    const words = this.words;
    for (let i = 0; i < 4; i += 1) {
      const kept = words[a + i] as number;
      words[a + i] = words[b + i] as number;
      words[b + i] = kept;
    }
  }
}
