/**
 * Zstandard frames (RFC 8878), taken apart without unpacking anything. Whoever unpacks gets one frame, and one block of it, at a time:
 * what a frame asks for in memory is known before, and what stands before a damage is not lost.
 *
 *     frame      0  4  magic 0xFD2FB528 (LE)          block      0  3  (LE) bit 0 last, bits 1 and 2 type, 21 bits size
 *                4  1  descriptor                                3     data; one byte where it is repeated (type 1)
 *                5     window 0 or 1, dictionary 0 to 4, content size 0 to 8
 *                      blocks, and a checksum of 4 bytes if the descriptor says so
 *
 * A skippable frame has a magic of 0x184D2A50 to 5F and a length of 4 bytes. All lengths are untrusted.
 */
import type { PieceSource } from './source.ts';

const MAGIC = 0xfd2f_b528;
const SKIPPABLE_MAGIC = 0x184d_2a50;
/** The longest header: 4 magic, 1 descriptor, 1 window, 4 dictionary, 8 content size. */
const MAX_HEADER_BYTES = 18;
const MAX_BLOCK_BYTES = 128 * 1024;
const BLOCK_HEADER_BYTES = 3;
const BLOCK_REPEATED = 1;
const BLOCK_RESERVED = 3;
const CHECKSUM_BYTES = 4;
/** A decoder allocates what the header claims. Levels up to 20 stay within. */
export const MAX_WINDOW_BYTES = 32 * 1024 * 1024;
/** What the program `zstd` unpacks without being asked twice. */
const PLAIN_WINDOW_BYTES = 128 * 1024 * 1024;

/** Needs 4 bytes. */
export function isZstd(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const magic = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return magic === MAGIC || isSkippable(magic);
}

function isSkippable(magic: number): boolean {
  return (magic & 0xffff_fff0) === SKIPPABLE_MAGIC;
}

/** A part of a frame; `bytes` are valid until the next call. */
export interface FramePart {
  readonly kind: 'header' | 'block' | 'checksum';
  readonly bytes: Uint8Array;
  /** True for the last part of its frame. */
  readonly isLast: boolean;
  /** The memory that the frame asks for, told by its header; 0 in other parts. */
  readonly windowBytes: number;
}

/** Why frames cannot be read on. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  /** Command that unpacks it all the same, before the name of the file; null where nothing does. */
  readonly command: string | null;

  constructor(message: string, command: string | null = null) {
    super(message);
    this.command = command;
  }
}

/** Takes frames apart as their bytes come. */
export class FrameReader {
  readonly #input: Pick<PieceSource, 'read'>;
  #held: Uint8Array;
  #at = 0;
  #isInFrame = false;
  #hasChecksum = false;
  #afterLastBlock = false;

  /** `first` is what was already read of the stream. */
  constructor(input: Pick<PieceSource, 'read'>, first: Uint8Array) {
    this.#input = input;
    this.#held = first;
  }

  /** The next part, or null at the end. Throws `FrameError`, and what the input throws. */
  async next(): Promise<FramePart | null> {
    if (this.#afterLastBlock) {
      this.#afterLastBlock = false;
      await this.#need(CHECKSUM_BYTES, 'its checksum');
      return { kind: 'checksum', bytes: this.#take(CHECKSUM_BYTES), isLast: true, windowBytes: 0 };
    }
    return this.#isInFrame ? this.#nextBlock() : this.#nextHeader();
  }

  async #nextHeader(): Promise<FramePart | null> {
    for (;;) {
      const there = await this.#fill(4);
      if (there === 0) return null;
      if (there < 4) throw new FrameError('it ends inside a frame header');
      const magic = this.#uint32(0);
      if (magic === MAGIC) break;
      if (!isSkippable(magic)) throw new FrameError('what follows is no frame');
      await this.#need(8, 'a frame to be skipped');
      const bytes = this.#uint32(4);
      this.#at += 8;
      await this.#skip(bytes);
    }
    await this.#need(5, 'a frame header');
    // Filling moves what is held: nothing of it may be looked at before.
    const there = await this.#fill(MAX_HEADER_BYTES);
    const header = readHeader(this.#held, this.#at, there);
    this.#hasChecksum = header.hasChecksum;
    this.#isInFrame = true;
    const { windowBytes } = header;
    return { kind: 'header', bytes: this.#take(header.bytes), isLast: false, windowBytes };
  }

  async #nextBlock(): Promise<FramePart> {
    await this.#need(BLOCK_HEADER_BYTES, 'a block');
    const at = this.#at;
    const word = (this.#held[at] ?? 0) | ((this.#held[at + 1] ?? 0) << 8) | ((this.#held[at + 2] ?? 0) << 16);
    const type = (word >> 1) & 3;
    const size = word >> 3;
    if (type === BLOCK_RESERVED) throw new FrameError('a block of a type that does not exist');
    if (size > MAX_BLOCK_BYTES) throw new FrameError(`a block claims ${size} bytes, more than any has`);
    const bytes = BLOCK_HEADER_BYTES + (type === BLOCK_REPEATED ? 1 : size);
    await this.#need(bytes, 'a block');
    const isLastBlock = (word & 1) === 1;
    if (isLastBlock) {
      this.#isInFrame = false;
      this.#afterLastBlock = this.#hasChecksum;
    }
    const isLast = isLastBlock && !this.#hasChecksum;
    return { kind: 'block', bytes: this.#take(bytes), isLast, windowBytes: 0 };
  }

  #uint32(offset: number): number {
    return new DataView(this.#held.buffer, this.#held.byteOffset).getUint32(this.#at + offset, true);
  }

  #take(bytes: number): Uint8Array {
    const part = this.#held.subarray(this.#at, this.#at + bytes);
    this.#at += bytes;
    return part;
  }

  /** Brings in up to `bytes` to stand together; answers how many do. */
  async #fill(bytes: number): Promise<number> {
    while (this.#held.length - this.#at < bytes) {
      // A piece is valid until the next one is read.
      const rest = this.#held.slice(this.#at);
      const piece = await this.#input.read();
      if (piece === null) return rest.length;
      this.#held = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      this.#at = 0;
    }
    return this.#held.length - this.#at;
  }

  async #need(bytes: number, what: string): Promise<void> {
    if ((await this.#fill(bytes)) < bytes) throw new FrameError(`it ends inside ${what}`);
  }

  async #skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0; ) {
      const there = Math.min(left, this.#held.length - this.#at);
      this.#at += there;
      left -= there;
      if (left > 0) await this.#need(1, 'a frame to be skipped');
    }
  }
}

interface FrameHeader {
  readonly bytes: number;
  readonly hasChecksum: boolean;
  readonly windowBytes: number;
}

/** `there` bytes of the header stand at `at`. */
function readHeader(held: Uint8Array, at: number, there: number): FrameHeader {
  const view = new DataView(held.buffer, held.byteOffset + at, there);
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag;
  const dictionaryAt = isSingleSegment ? 5 : 6;
  const bytes = dictionaryAt + dictionaryBytes + sizeBytes;
  if (there < bytes) throw new FrameError('it ends inside a frame header');
  if ((descriptor & 8) !== 0) throw new FrameError('a frame header with a reserved bit set');
  const dictionary = readUint(view, dictionaryAt, dictionaryBytes);
  if (dictionary !== 0) {
    throw new FrameError(`it needs the dictionary ${dictionary}`, 'zstd -dc -D DICTIONARY');
  }
  const windowBytes = isSingleSegment
    ? readUint(view, dictionaryAt + dictionaryBytes, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
    : readWindow(view.getUint8(5));
  if (windowBytes > MAX_WINDOW_BYTES) {
    throw new FrameError(
      `it asks for a window of ${Math.ceil(windowBytes / 2 ** 20)} MiB, and 32 MiB are allowed`,
      windowBytes > PLAIN_WINDOW_BYTES ? 'zstd -dc --long=31' : 'zstd -dc',
    );
  }
  return { bytes, hasChecksum: (descriptor & 4) !== 0, windowBytes };
}

/** Window_Descriptor: five bits of exponent, three of mantissa (RFC 8878 3.1.1.1.2). */
function readWindow(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** An unsigned number of 0 to 8 bytes, LE; rounded above 2^53. */
function readUint(view: DataView, at: number, bytes: number): number {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + view.getUint8(at + i);
  return value;
}
