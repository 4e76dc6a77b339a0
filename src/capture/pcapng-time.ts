/**
 * Time stamps of pcapng: 64 bits in units of if_tsresol, which neither fit a double nor may cost a BigInt per
 * packet. The upper 32 bits change every 4,295 s at microseconds (every 4.3 s at nanoseconds): they are split once into
 * whole seconds and a rest, and each packet adds its lower 32 bits to the rest.
 */

/** Beyond 2^52 units a second the rest plus 32 bits is no longer exact in a double. */
const MAX_EXACT_UNITS = 2 ** 52;
/** 10^9 = 2^9 * 5^9. */
const FIVE_TO_THE_9 = 1_953_125;

/** if_tsresol: 10^-v, or 2^-v with the top bit set. Finer than this is refused (wire.md 1.2). */
const MAX_DECIMAL_EXPONENT = 19;
const MAX_BINARY_EXPONENT = 63;
export const DEFAULT_TSRESOL = 6;

export function isReadableTsresol(tsresol: number): boolean {
  return (tsresol & 0x80) === 0 ? tsresol <= MAX_DECIMAL_EXPONENT : (tsresol & 0x7f) <= MAX_BINARY_EXPONENT;
}

/** The clock of one interface of a section. `convert` leaves its answer in `seconds` and `nanos`. */
export class InterfaceClock {
  /** Whole seconds since 1970 of the last time stamp. */
  seconds = 0.5;
  /** 0 to 999,999,999, truncated. */
  nanos = 0;
  /** Decimals a time stamp needs, at most 9. */
  readonly precision: number;
  readonly #isBinary: boolean;
  readonly #exponent: number;
  readonly #units: number;
  readonly #isExact: boolean;
  /** Nanoseconds in a unit, where that is a whole number; 0 otherwise. */
  readonly #nanosPerUnit: number;
  /** if_tsoffset. */
  readonly #offsetSeconds: number;
  #high = -1;
  /** What `#high` comes to: seconds, and units of the second that had begun. */
  #highSeconds = 0.5;
  #highUnits = 0.5;
  /** The second of the last time stamp, in units since `#highSeconds`; most packets fall into the same one. */
  #secondAt = 0.5;

  constructor(tsresol: number, offsetSeconds: number) {
    this.#isBinary = (tsresol & 0x80) !== 0;
    this.#exponent = tsresol & 0x7f;
    this.#units = (this.#isBinary ? 2 : 10) ** this.#exponent;
    this.#isExact = this.#units <= MAX_EXACT_UNITS;
    this.#nanosPerUnit = !this.#isBinary && this.#exponent <= 9 ? 10 ** (9 - this.#exponent) : 0;
    this.#offsetSeconds = offsetSeconds;
    this.precision = Math.min(
      9,
      this.#isBinary ? Math.ceil(this.#exponent * Math.LOG10E * Math.LN2) : this.#exponent,
    );
    this.seconds = 0;
    this.#highSeconds = 0;
    this.#highUnits = 0;
    this.#secondAt = 0;
  }

  /** `high` and `low` are unsigned 32-bit. */
  convert(high: number, low: number): void {
    if (high !== this.#high) this.#split(high);
    if (!this.#isExact) {
      this.#convertBig(high, low);
      return;
    }
    const units = this.#highUnits + low;
    let rest = units - this.#secondAt;
    if (rest < 0 || rest >= this.#units) {
      let whole = Math.floor(units / this.#units);
      rest = units - whole * this.#units;
      // The quotient is rounded; the rest is exact and tells.
      if (rest < 0) {
        whole--;
        rest += this.#units;
      }
      this.#secondAt = whole * this.#units;
      this.seconds = this.#highSeconds + whole;
    }
    this.nanos = (this.#nanosPerUnit > 0 ? rest * this.#nanosPerUnit : this.#scaleToNanos(rest)) | 0;
  }

  #split(high: number): void {
    this.#high = high;
    const stamp = BigInt(high) << 32n;
    const units = this.#bigUnits();
    this.#highSeconds = Number(stamp / units) + this.#offsetSeconds;
    this.#highUnits = Number(stamp % units);
    this.#secondAt = 0;
    this.seconds = this.#highSeconds;
  }

  #bigUnits(): bigint {
    return this.#isBinary ? 1n << BigInt(this.#exponent) : 10n ** BigInt(this.#exponent);
  }

  /** Femtoseconds and below: no clock has them, so their cost does not matter. */
  #convertBig(high: number, low: number): void {
    const stamp = (BigInt(high) << 32n) | BigInt(low);
    const units = this.#bigUnits();
    this.seconds = Number(stamp / units) + this.#offsetSeconds;
    this.nanos = Number(((stamp % units) * 1_000_000_000n) / units);
  }

  /** `rest` units of a second to nanoseconds, truncated and exact. */
  #scaleToNanos(rest: number): number {
    const exponent = this.#exponent;
    if (!this.#isBinary) return Math.floor(rest / 10 ** (exponent - 9));
    // rest * 10^9 / 2^exponent = rest * 5^9 / 2^(exponent - 9); with 5^9 under 2^21, 32 bits of rest at a time are exact.
    if (exponent <= 32) return Math.floor((rest * FIVE_TO_THE_9) / 2 ** (exponent - 9));
    const shift = 2 ** (exponent - 32);
    const upper = Math.floor(rest / shift);
    const lower = rest - upper * shift;
    return Math.floor((upper * FIVE_TO_THE_9 + Math.floor((lower * FIVE_TO_THE_9) / shift)) / 2 ** 23);
  }
}
