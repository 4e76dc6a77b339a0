import type { Damage, DamageCode } from './errors.ts';
import { MAX_CONTIGUOUS_BYTES } from './limits.ts';

/** What a source brings in at once. Less costs more calls; more than half of a second-level cache of 1 MiB costs misses. */
export const PIECE_BYTES = 512 * 1024;

/**
 * Where a piece begins: behind the head-room, of a multiple of 64 bytes, and on a 64-byte boundary of memory. The allocator hands out large
 * blocks 16 bytes behind a page, and the system copies a third slower to an odd place.
 */
const pieceStart = (headRoom: number): number => headRoom + 48;

/** Of a window among many, at first: for a record of an ordinary link. */
const SMALL_HEAD_ROOM = 2048;

/** The buffer of a capture that was read to its end: to make one takes longer than a small capture does. */
let spare: Uint8Array<ArrayBuffer> | null = null;

/**
 * The bytes a reader stands in: one ArrayBuffer with one DataView over it.
 *
 *     0                    piece start                   end
 *     | head-room         | piece                          |
 *                  | position ........ limit |
 *
 * A source writes behind `limit`. Where there is no room left, the unread rest (the beginning of a record
 * whose end has not come) moves to the end of the head-room first, so that a record is always contiguous and
 * nothing else is ever copied. The window of a single capture has head-room for the longest record and stays for its life; that of one
 * among many, with smaller pieces, has as much as it came to need.
 */
export class Window {
  /** Another one after `makeRoom`, now and then. */
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  /** The next byte to read, index into `view`. */
  position: number;
  /** End of the bytes that are there, index into `view`. */
  limit: number;
  /** Offset in the decompressed stream of index 0 of `view`; negative at first. */
  base = 0.5;
  /** True once the source has nothing more. */
  ended = false;
  /** Why the source ended before its data did. */
  failure: Damage | null = null;
  readonly #pieceBytes: number;
  #pieceStart: number;
  #isSpared = true;

  constructor(pieceBytes: number = PIECE_BYTES) {
    this.#pieceBytes = pieceBytes;
    const start = pieceStart(pieceBytes < PIECE_BYTES ? SMALL_HEAD_ROOM : MAX_CONTIGUOUS_BYTES);
    const isSpareFit = spare?.length === start + pieceBytes;
    this.bytes = isSpareFit && spare !== null ? spare : new Uint8Array(start + pieceBytes);
    if (isSpareFit) spare = null;
    this.view = new DataView(this.bytes.buffer);
    this.#pieceStart = start;
    this.position = start;
    this.limit = start;
    this.base = -start;
  }

  /** Bytes there and not yet read. */
  get available(): number {
    return this.limit - this.position;
  }

  /** Offset of `position` in the decompressed stream. */
  get offset(): number {
    return this.base + this.position;
  }

  /**
   * Makes room for one piece behind `limit` and returns its size. The unread rest must not be longer than
   * `MAX_CONTIGUOUS_BYTES`: readers skip what is longer instead of asking for more.
   */
  makeRoom(): number {
    if (this.bytes.length - this.limit < this.#pieceBytes) {
      const rest = this.limit - this.position;
      const from = this.bytes;
      if (rest > this.#pieceStart) this.#widen(rest);
      const to = this.#pieceStart - rest;
      if (from === this.bytes) from.copyWithin(to, this.position, this.limit);
      else this.bytes.set(from.subarray(this.position, this.limit), to);
      this.base += this.position - to;
      this.position = to;
      this.limit = this.#pieceStart;
    }
    return this.#pieceBytes;
  }

  /** Takes a buffer with head-room for a rest of so many bytes, twice as much as before at least. */
  #widen(rest: number): void {
    const headRoom = Math.min(MAX_CONTIGUOUS_BYTES, Math.max(2 * this.#pieceStart, rest));
    this.#pieceStart = pieceStart(Math.ceil(headRoom / 64) * 64);
    this.bytes = new Uint8Array(this.#pieceStart + this.#pieceBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Takes `source` in from `from` on, as far as one piece goes; returns how many bytes were taken. */
  append(source: Uint8Array, from: number): number {
    const taken = Math.min(this.makeRoom(), source.length - from);
    this.bytes.set(source.subarray(from, from + taken), this.limit);
    this.limit += taken;
    return taken;
  }

  /** Lets the next window have the buffer: nobody reads or fills this one any more. */
  giveBack(): void {
    if (!this.#isSpared) return;
    this.#isSpared = false;
    spare = this.bytes;
  }

  /** Ends the data early; what is unread stays readable. */
  fail(code: DamageCode, message: string): void {
    this.failure = { code, offset: this.base + this.limit, message };
    this.ended = true;
  }

  /** Goes on at another place of the stream, with nothing there yet. */
  seek(offset: number): void {
    this.position = this.#pieceStart;
    this.limit = this.#pieceStart;
    this.base = offset - this.#pieceStart;
    this.ended = false;
    this.failure = null;
  }

  /**
   * Takes out everything unread and starts over at stream offset 0; for a stream that turned out to be compressed. The buffer is
   * not given back: a decompressor may fill it when the capture has been closed.
   */
  reset(): Uint8Array {
    this.#isSpared = false;
    const rest = this.bytes.slice(this.position, this.limit);
    this.position = this.#pieceStart;
    this.limit = this.#pieceStart;
    this.base = -this.#pieceStart;
    this.ended = false;
    this.failure = null;
    return rest;
  }
}
