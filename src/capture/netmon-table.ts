/**
 * The frame table of Network Monitor: where each frame of the capture begins, 32 bits each (LE), in the order of the capture. Read in
 * pieces, as it can be a third of the file.
 */

const ENTRY_BYTES = 4;
const PIECE_BYTES = 64 * 1024;

/** Brings bytes from a place of the file; answers how many, 0 behind the end. */
export type ReadAt = (target: Uint8Array, at: number, length: number, position: number) => number;

export class FrameTable {
  /** Where it stands in the file, and where it ends. */
  readonly offset: number;
  readonly end: number;
  /** Entries in it. */
  readonly entries: number;
  /** Entries taken. */
  taken = 0;
  readonly #readAt: ReadAt;
  readonly #bytes = new Uint8Array(PIECE_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #limit = 0;

  constructor(offset: number, bytes: number, readAt: ReadAt) {
    this.offset = offset;
    this.end = offset + bytes;
    this.entries = Math.floor(bytes / ENTRY_BYTES);
    this.#readAt = readAt;
  }

  /** The next entry; -1 where a piece has to be loaded, or none is left. */
  take(): number {
    if (this.#at >= this.#limit) return -1;
    const entry = this.#view.getUint32(this.#at, true);
    this.#at += ENTRY_BYTES;
    this.taken++;
    return entry;
  }

  /** Offset in the file of the entry taken last. */
  get lastOffset(): number {
    return this.offset + (this.taken - 1) * ENTRY_BYTES;
  }

  /** Brings in the next piece. False where the file has none, though it should. Throws what the system reports. */
  load(): boolean {
    const position = this.offset + this.taken * ENTRY_BYTES;
    const wanted = Math.min(PIECE_BYTES, (this.entries - this.taken) * ENTRY_BYTES);
    let there = 0;
    while (there < wanted) {
      const count = this.#readAt(this.#bytes, there, wanted - there, position + there);
      if (count === 0) break;
      there += count;
    }
    this.#at = 0;
    this.#limit = there - (there % ENTRY_BYTES);
    return this.#limit > 0;
  }
}
