/** A seeded xorshift32 generator: fast, and the same on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** The next 32 bits, int32. */
  bits(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x;
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    return (this.bits() >>> 0) % limit;
  }

  /** `from` to `to`, both possible. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  /** True once in `odds` draws on average. */
  onceIn(odds: number): boolean {
    return this.below(odds) === 0;
  }
}
