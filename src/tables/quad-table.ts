/**
 * A bounded hash table of 16-byte entries for hot paths: two key words, two value words, all int32. Four
 * entries make a set, which is one cache line; a hit moves to the front of its set. A new entry begins at the end
 * of its set and displaces what stands there, so that a flood of keys seen once displaces its own kind only. The table starts small, because what is looked up for every packet should
 * stay in the first-level cache, and grows by doubling as long as sets overflow and its limit allows.
 *
 * An entry is named by the index of its first word in `words`: [key0, key1, value0, value1]. `value1` must
 * not be zero: zero marks an empty entry. An index stays valid until the next call on the table.
 */
export class QuadTable {
  words: Int32Array;
  /** Entries that were displaced from full sets. */
  evictions = 0;
  #shift: number;
  readonly #maxSets: number;

  /** Powers of two, from 2 to 2^22 sets; the table holds four entries a set. */
  constructor(sets: number, maxSets: number = sets) {
    this.words = new Int32Array(sets * 16);
    this.#shift = 32 - Math.log2(sets);
    this.#maxSets = maxSets;
  }

  /** Bytes the table takes at most. */
  get bytes(): number {
    return this.words.byteLength;
  }

  #setOf(key0: number, key1: number): number {
    // Multiplicative hashing (Knuth 6.4): the upper bits are the mixed ones.
    return (Math.imul(key0 ^ Math.imul(key1, 0x2c1b3c6d), 0x9e3779b1) >>> this.#shift) << 4;
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
    if (this.words[this.#setOf(key0, key1) + 15] !== 0) this.#overflow();
    const words = this.words;
    const first = this.#setOf(key0, key1);
    let entry = first;
    while (entry < first + 12 && words[entry + 3] !== 0) entry += 4;
    // Also where the table grew: all entries of the old set may have gone to the same new one.
    if (words[entry + 3] !== 0) this.evictions += 1;
    words[entry] = key0;
    words[entry + 1] = key1;
    words[entry + 2] = 0;
    words[entry + 3] = 0;
    return entry;
  }

  /** Empties the table; the count of evictions stays. */
  clear(): void {
    this.words.fill(0);
  }

  /** A set is full: the table grows as far as its limit allows. */
  #overflow(): void {
    if (this.words.length >= this.#maxSets * 16) return;
    const old = this.words;
    this.words = new Int32Array(old.length * 2);
    this.#shift -= 1;
    // In order, so that the most recent entry of a set stays in front. A set of twice as many holds a part of one old
    // set: nothing can be displaced here.
    for (let entry = 0; entry < old.length; entry += 4) {
      if (old[entry + 3] === 0) continue;
      const moved = this.insert(old[entry] as number, old[entry + 1] as number);
      this.words[moved + 2] = old[entry + 2] as number;
      this.words[moved + 3] = old[entry + 3] as number;
    }
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
