/**
 * gzip (RFC 1952), one member or several. Decompression runs in the thread pool while the records of the chunk
 * before are worked on.
 */
import { createGunzip } from 'node:zlib';
import { describeSystemError } from './errors.ts';
import { ChunkQueue, type ByteSource, type PieceSource } from './source.ts';
import type { Window } from './window.ts';

const CHUNK_BYTES = 256 * 1024;
/** CRC32 and length (RFC 1952 2.3.1). */
const TRAILER_BYTES = 8;
/** Compressed bytes that are handed to the decompressor at once. */
const MIN_STEP_BYTES = 64;
const MAX_STEP_BYTES = 32 * 1024;

/** True for the gzip magic and the only compression method there is (RFC 1952 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && (bytes.length < 3 || bytes[2] === 8);
}

export class GzipSource implements ByteSource {
  readonly isLive: boolean;
  readonly #input: PieceSource;
  readonly #gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  readonly #queue: ChunkQueue;
  #inputError: unknown = null;
  #writeDone: (() => void) | null = null;
  #isClosed = false;
  #chunk: Uint8Array | null = null;
  #from = 0;

  /** `first` is what was already read of the compressed stream, to recognise it. */
  constructor(input: PieceSource, first: Uint8Array) {
    this.#input = input;
    this.isLive = input.isLive;
    this.#queue = new ChunkQueue(this.#gunzip);
    // The callback of the write that met an error never comes; the closing does.
    this.#gunzip.on('close', () => this.#writeDone?.());
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
      while (piece !== null && !this.#isClosed && !this.#queue.hasEnded) {
        const bytes: Uint8Array = Buffer.concat([held, piece]);
        const end = Math.max(0, bytes.length - TRAILER_BYTES);
        for (let at = 0; at < end && !this.#queue.hasEnded; ) {
          const next = Math.min(end, at + Math.min(MAX_STEP_BYTES, Math.max(MIN_STEP_BYTES, written >> 2)));
          await this.#write(bytes.subarray(at, next));
          written += next - at;
          at = next;
        }
        held = bytes.subarray(end);
        piece = await this.#input.read();
      }
    } catch (error) {
      this.#inputError = error;
    }
    await this.#flushOutput();
    if (!this.#isClosed && !this.#queue.hasEnded) await this.#write(held);
    await this.#flushOutput();
    if (!this.#isClosed && !this.#queue.hasEnded) this.#gunzip.end();
  }

  /** Waits until everything that was decompressed stands in the queue. */
  async #flushOutput(): Promise<void> {
    while (!this.#queue.hasEnded && this.#gunzip.readableLength > 0) {
      this.#gunzip.resume();
      await turnEventLoop();
    }
  }

  #write(piece: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#writeDone = resolve;
      this.#gunzip.write(piece, () => resolve());
    });
  }

  fillWindow(window: Window): Promise<void> {
    return this.#take(window) ? turnEventLoop() : this.#waitAndTake(window);
  }

  async #waitAndTake(window: Window): Promise<void> {
    await this.#queue.wait();
    this.#take(window);
  }

  #take(window: Window): boolean {
    this.#chunk ??= this.#queue.take();
    if (this.#chunk !== null) {
      this.#from += window.append(this.#chunk, this.#from);
      if (this.#from === this.#chunk.length) {
        this.#chunk = null;
        this.#from = 0;
      }
      return true;
    }
    if (!this.#queue.hasEnded) return false;
    if (this.#inputError !== null)
      window.fail('read-failed', `reading failed: ${describeSystemError(this.#inputError)}`);
    else if (this.#queue.error !== null)
      window.fail('bad-compression', `the compressed data cannot be read on: ${this.#queue.error.message}`);
    else window.ended = true;
    return true;
  }

  get bytes(): number {
    return this.#input.bytes;
  }

  get progress(): number | null {
    return this.#input.progress;
  }

  close(): void {
    this.#isClosed = true;
    this.#queue.close();
    this.#input.close();
  }
}

/** Lets the decompressor's finished step be followed by its next one before this chunk is worked on. */
function turnEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
