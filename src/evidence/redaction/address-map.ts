/**
 * IPv4 addresses: Crypto-PAn, with some of its bit functions fixed. A map in which bit i is flipped by any function of the bits before
 * it preserves prefixes (Theorem 1 of the paper), so addresses that share k bits still share exactly k bits. Fixed are:
 *
 * - the bits on the way to a range with a meaning of its own, which are not flipped: private addresses stay in their range,
 *   0/8, 127/8, 169.254/16, 224/4 and 255/8 stay what they are to the last bit, and no other address comes into any of these;
 * - bit 16, which is always flipped: no address that is mapped at all stays itself;
 * - bits 17 to 23, which depend on bits 16 to 22 alone: the MAC address of a cluster in IGMP mode (01:00:5e:7f:c:d) holds only the
 *   lower half of its address and has to follow it;
 * - the last octet, which stays: rules ask whether the addresses of a pool lie beside or between each other, and a map that
 *   keeps the order of a /24 keeps its addresses.
 */
import { CryptoPan } from './crypto-pan.ts';

interface Range {
  /** Int32, host bits zero. */
  readonly prefix: number;
  readonly length: number;
  /** True if its addresses are not mapped. */
  readonly isFixed: boolean;
}

function range(first: number, second: number, length: number, isFixed: boolean): Range {
  return { prefix: (first << 24) | (second << 16), length, isFixed };
}

/** RFC 6890, RFC 1918, RFC 6598; none is longer than 16 bits. */
const RANGES: readonly Range[] = [
  range(0, 0, 8, true),
  range(10, 0, 8, false),
  range(100, 64, 10, false),
  range(127, 0, 8, true),
  range(169, 254, 16, true),
  range(172, 16, 12, false),
  range(192, 168, 16, false),
  range(224, 0, 4, true),
  range(255, 0, 8, true),
];

/** The upper half in which the lower halves of all addresses are mapped. */
const LOWER_CONTEXT = 0;
const UNKNOWN = -1;

function sharesPrefix(a: number, b: number, length: number): boolean {
  return length === 0 || (a ^ b) >>> (32 - length) === 0;
}

/** True for addresses that are not mapped: they mean the same everywhere. */
export function isFixedAddress(address: number): boolean {
  return RANGES.some(({ prefix, length, isFixed }) => isFixed && sharesPrefix(address, prefix, length));
}

/** True if the bit behind the first `length` bits decides whether an address comes nearer to a range. */
function isOnTheWay(address: number, length: number): boolean {
  return RANGES.some((known) => known.length > length && sharesPrefix(address, known.prefix, length));
}

export class AddressMap {
  readonly #pan: CryptoPan;
  /** Images of upper halves, computed when first asked for. */
  readonly #upper = new Int32Array(1 << 16).fill(UNKNOWN);
  readonly #third: Uint8Array;

  /** `key` has 32 bytes. */
  constructor(key: Uint8Array) {
    this.#pan = new CryptoPan(key);
    this.#third = Uint8Array.from({ length: 256 }, (_, octet) => this.#mapThird(octet));
  }

  /** The image of an address, int32. */
  map(address: number): number {
    const half = address >>> 16;
    let image = this.#upper[half] as number;
    if (image === UNKNOWN) {
      image = this.#mapUpper(half);
      this.#upper[half] = image;
    }
    if (image === half && isFixedAddress(address)) return address;
    return (image << 16) | ((this.#third[(address >>> 8) & 0xff] as number) << 8) | (address & 0xff);
  }

  /** The image of a third octet, the same in all addresses that are mapped. */
  mapThirdOctet(octet: number): number {
    return this.#third[octet] as number;
  }

  #mapUpper(half: number): number {
    const address = half << 16;
    if (isFixedAddress(address)) return half;
    let flips = 0;
    for (let length = 0; length < 16; length += 1) {
      const flip = isOnTheWay(address, length) ? 0 : this.#pan.flip(address, length);
      flips = (flips << 1) | flip;
    }
    return half ^ flips;
  }

  #mapThird(octet: number): number {
    const address = LOWER_CONTEXT | (octet << 8);
    let flips = 1;
    for (let length = 17; length < 24; length += 1) flips = (flips << 1) | this.#pan.flip(address, length);
    return octet ^ flips;
  }
}
