/**
 * gzip (RFC 1952), one member or several. Decompression runs in the thread pool while the records of the chunk
 * before are worked on.
 */
import { createGunzip } from 'node:zlib';
import { ChunkFeed } from './arriving-chunks.ts';
import {
  DecompressingSource,
  DecompressorStream,
  failUnpacking,
  turnEventLoop,
  UNPACKED_CHUNK_BYTES,
} from './decompression.ts';
import { failReading, type PieceSource } from './source.ts';
import type { Window } from './window.ts';

/** CRC32 and length (RFC 1952 2.3.1). */
const TRAILER_BYTES = 8;
/** Compressed bytes that are handed to the decompressor at once. */
const MIN_STEP_BYTES = 64;
const MAX_STEP_BYTES = 32 * 1024;

/** True for the gzip magic and the only compression method there is (RFC 1952 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && (bytes.length < 3 || bytes[2] === 8);
}

export class GzipSource extends DecompressingSource {
  readonly #gunzip = new DecompressorStream(createGunzip({ chunkSize: UNPACKED_CHUNK_BYTES }));
  readonly #queue = this.#gunzip.queue;
  readonly #feed = new ChunkFeed(this.#queue, (window) => this.#end(window));
  #inputError: unknown = null;

  /** `first` is what was already read of the compressed stream, to recognise it. */
  constructor(input: PieceSource, first: Uint8Array) {
    super(input);
    void this.#pump(first);
  }

  /**
   * Writes step after step, each when the one before is done. A step that meets an error loses its output, so steps
   * begin small and grow, and the checksum at the end of the file is a step of its own. The end is announced only
   * after every output was taken: zlib then finds out about a cut in a step without output.
   */
  async #pump(first: Uint8Array): Promise<void> {
    let held: Uint8Array = new Uint8Array();
    let written = 0;
    try {
      let piece: Uint8Array | null = first;
      while (piece !== null && !this.isClosed && !this.#queue.hasEnded) {
        const bytes: Uint8Array = Buffer.concat([held, piece]);
        const end = Math.max(0, bytes.length - TRAILER_BYTES);
        for (let at = 0; at < end && !this.#queue.hasEnded; ) {
          const next = Math.min(end, at + Math.min(MAX_STEP_BYTES, Math.max(MIN_STEP_BYTES, written >> 2)));
          await this.#gunzip.write(bytes.subarray(at, next));
          written += next - at;
          at = next;
        }
        held = bytes.subarray(end);
        piece = await this.input.read();
      }
    } catch (error) {
      this.#inputError = error;
    }
    await this.#flushOutput();
    if (!this.isClosed && !this.#queue.hasEnded) await this.#gunzip.write(held);
    await this.#flushOutput();
    if (!this.isClosed && !this.#queue.hasEnded) this.#gunzip.stream.end();
  }

  /** Waits until everything that was decompressed stands in the queue. */
  async #flushOutput(): Promise<void> {
    while (!this.#queue.hasEnded && this.#gunzip.stream.readableLength > 0) {
      this.#gunzip.stream.resume();
      await turnEventLoop();
    }
  }

  fillWindow(window: Window): Promise<void> {
    return this.#feed.fill(window) ? turnEventLoop() : this.#feed.waitAndFill(window);
  }

  #end(window: Window): void {
    if (this.#inputError !== null) failReading(window, this.#inputError);
    else if (this.#queue.error !== null) failUnpacking(window, this.#queue.error);
    else window.ended = true;
  }

  protected closeDecompressor(): void {
    this.#queue.close();
  }
}
