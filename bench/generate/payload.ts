/**
 * Application bytes to cut payloads from: half words, half noise, so that a compressor finds what it finds in
 * real traffic. Sums of the 16-bit words up to every position make a payload's checksum one subtraction.
 */
import type { Random } from './random.ts';

/** Longer than a gzip window, so that repeated cuts are not found again in it. */
const POOL_BYTES = 1 << 20;
const STRETCH_BYTES = 4096;
const WORDS =
  'the quick report of every server says that order number from client was sent again at noon and not answered by host'.split(
    ' ',
  );

export class PayloadPool {
  readonly bytes = new Uint8Array(POOL_BYTES);
  /** Sum of the first n big-endian words. */
  readonly #sums = new Float64Array(POOL_BYTES / 2 + 1);
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    const text = new TextEncoder();
    for (let at = 0; at < POOL_BYTES; ) {
      if (Math.floor(at / STRETCH_BYTES) % 2 === 0) {
        const word = text.encode(`${WORDS[random.below(WORDS.length)]} `);
        this.bytes.set(word.subarray(0, POOL_BYTES - at), at);
        at += word.length;
      } else {
        this.bytes[at] = random.bits();
        at += 1;
      }
    }
    for (let word = 0; word < POOL_BYTES / 2; word += 1) {
      const value = (this.bytes[2 * word] ?? 0) * 256 + (this.bytes[2 * word + 1] ?? 0);
      this.#sums[word + 1] = (this.#sums[word] ?? 0) + value;
    }
  }

  /** An even position with `length` bytes behind it. */
  cut(length: number): number {
    return this.#random.below((POOL_BYTES - length) >> 1) * 2;
  }

  /** Checksum part of the bytes from `at`, which is even; an odd last byte is padded as in RFC 1071. */
  sum(at: number, length: number): number {
    const words = length >> 1;
    const sum = (this.#sums[(at >> 1) + words] ?? 0) - (this.#sums[at >> 1] ?? 0);
    return length % 2 === 0 ? sum : sum + (this.bytes[at + length - 1] ?? 0) * 256;
  }
}
