/** Keyed permutations of small numbers: a balanced Feistel network over AES-128. */
import { type Cipher, createCipheriv } from 'node:crypto';

const ROUNDS = 10;

export class BitPermutation {
  readonly #cipher: Cipher;
  /** 0 width | 1 round | 2 context 6 | 8 half 4 | zero */
  readonly #block = Buffer.alloc(16);

  /** `key` has 16 bytes. */
  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  }

  /** The image of a number of `bits` bits, an even count up to 32; another permutation for every `context` below 2^48. */
  map(value: number, bits: number, context: number): number {
    return this.#run(value, bits, context, 1);
  }

  /** The same, and no number is its own image: a step around the circle, seen through the network. */
  mapAway(value: number, bits: number, context: number): number {
    const next = (this.#run(value, bits, context, 1) + 1) & (2 ** bits - 1);
    return this.#run(next, bits, context, -1);
  }

  #run(value: number, bits: number, context: number, direction: 1 | -1): number {
    const half = bits >> 1;
    const mask = (1 << half) - 1;
    this.#block[0] = bits;
    this.#block.writeUIntBE(context, 2, 6);
    let left = (value >>> half) & mask;
    let right = value & mask;
    for (let step = 0; step < ROUNDS; step += 1) {
      const round = direction === 1 ? step : ROUNDS - 1 - step;
      if (round % 2 === 0) left ^= this.#function(round, right) & mask;
      else right ^= this.#function(round, left) & mask;
    }
    return ((left << half) | right) >>> 0;
  }

  #function(round: number, half: number): number {
    this.#block[1] = round;
    this.#block.writeUInt32BE(half, 8);
    return this.#cipher.update(this.#block).readUInt16BE(0);
  }
}
