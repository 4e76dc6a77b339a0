/**
 * Which pairs of TCP ports somebody follows segment by segment: one bit a pair, so that every other segment pays for one load
 * from the first-level cache. A hit says "maybe"; whoever follows connections looks further.
 */
import { borrowBuffer, returnBuffer } from '../tables/spare-buffers.ts';
import type { Packet } from '../wire/packet.ts';

/** A count of connections per pair of ports. */
const COUNT_BYTES = 4 << 16;

export class TupleFilter {
  /** One bit per pair of ports in use: small enough to stay in the first-level cache. */
  readonly #bits = new Int32Array(1 << 11);
  /** Made with the first connection: most small captures have none that is followed. */
  #counts = new Int32Array(0);
  /** Connections that are followed. */
  #used = 0;
  readonly #wider: TupleFilter | null;

  /** `wider`: a filter that passes all that this one passes. */
  constructor(wider: TupleFilter | null = null) {
    this.#wider = wider;
  }

  /** False if no connection is followed. */
  get isUsed(): boolean {
    return this.#used > 0;
  }

  /** True if a connection between these ports may be followed. Both ports together are the same from both ends. */
  has(packet: Packet): boolean {
    return this.hasPorts(packet.view.getInt32(packet.transport));
  }

  /** `has`, of ports as they stand in the segment. */
  hasPorts(ports: number): boolean {
    const bit = (ports ^ (ports >>> 16)) & 0xffff;
    return (((this.#bits[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
  }

  /** One more connection with these ports (source in the upper half, or either way round) is followed. */
  add(ports: number): void {
    this.#wider?.add(ports);
    this.#used += 1;
    this.#count(ports, 1);
  }

  remove(ports: number): void {
    this.#wider?.remove(ports);
    this.#used -= 1;
    this.#count(ports, -1);
  }

  /** Gives its memory back; it must not be used any more. */
  release(): void {
    if (this.#counts.length > 0) returnBuffer(this.#counts.buffer);
  }

  #count(ports: number, change: number): void {
    if (this.#counts.length === 0) this.#counts = new Int32Array(borrowBuffer(COUNT_BYTES));
    const bit = (ports ^ (ports >>> 16)) & 0xffff;
    const count = (this.#counts[bit] as number) + change;
    this.#counts[bit] = count;
    const word = this.#bits[bit >>> 5] as number;
    this.#bits[bit >>> 5] = count > 0 ? word | (1 << (bit & 31)) : word & ~(1 << (bit & 31));
  }
}
