const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;

/** A little-endian classic capture over and over, each time later by its length. */
export class RepeatedCapture {
  /** Packets handed out so far. */
  packets = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Where each record begins. */
  readonly #records: Uint32Array;
  readonly #seconds: number;
  #rounds = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const offsets: number[] = [];
    for (
      let at = FILE_HEADER_BYTES;
      at < bytes.length;
      at += RECORD_HEADER_BYTES + this.#view.getUint32(at + 8, true)
    )
      offsets.push(at);
    this.#records = Uint32Array.from(offsets);
    const [first = 0, last = 0] = [offsets[0] ?? 0, offsets.at(-1) ?? 0].map((at) =>
      this.#view.getUint32(at, true),
    );
    this.#seconds = last - first + 1;
  }

  /** The next round, the first one with the file's header. The bytes are those of the round before, changed. */
  next(): Uint8Array {
    this.packets += this.#records.length;
    this.#rounds += 1;
    if (this.#rounds === 1) return this.#bytes;
    for (const at of this.#records)
      this.#view.setUint32(at, this.#view.getUint32(at, true) + this.#seconds, true);
    return this.#bytes.subarray(FILE_HEADER_BYTES);
  }
}
