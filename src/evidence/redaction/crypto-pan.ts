/**
 * Crypto-PAn (Xu, Fan, Ammar, Moon: Prefix-preserving IP address anonymization, ICNP 2002). Bit i of the result is bit i of the
 * address, flipped if a pseudo-random function of the i bits before it says so: addresses that share k bits then share exactly k bits of
 * their images. The function is the first bit of AES-128 over a block that begins with those i bits and goes on with a secret pad.
 *
 *     key: 0 AES key 16 | 16 bytes whose encryption is the pad
 */
import { type Cipher, createCipheriv } from 'node:crypto';

export const CRYPTO_PAN_KEY_BYTES = 32;
const BLOCK_BYTES = 16;

export class CryptoPan {
  readonly #cipher: Cipher;
  readonly #block = Buffer.alloc(BLOCK_BYTES);
  /** The first 32 bits of the pad; the other 96 stay in the block. */
  readonly #padWord: number;

  constructor(key: Uint8Array) {
    if (key.length !== CRYPTO_PAN_KEY_BYTES)
      throw new RangeError(`a Crypto-PAn key has ${CRYPTO_PAN_KEY_BYTES} bytes`);
    this.#cipher = createCipheriv('aes-128-ecb', key.subarray(0, 16), null).setAutoPadding(false);
    this.#cipher.update(key.subarray(16)).copy(this.#block);
    this.#padWord = this.#block.readInt32BE(0);
  }

  /** Whether the bit behind the first `length` bits (0 to 31) of `address` is flipped: 0 or 1. */
  flip(address: number, length: number): number {
    const rest = 0xffff_ffff >>> length;
    this.#block.writeInt32BE((address & ~rest) | (this.#padWord & rest), 0);
    return (this.#cipher.update(this.#block)[0] as number) >>> 7;
  }

  /** The image of a whole address, int32, as in the paper. */
  map(address: number): number {
    let flips = 0;
    for (let length = 0; length < 32; length += 1) flips = (flips << 1) | this.flip(address, length);
    return address ^ flips;
  }
}
