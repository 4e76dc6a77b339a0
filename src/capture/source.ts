/** Where bytes come from: a regular file (synchronous), memory, or a stream (a pipe, standard input). */
import { closeSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { ArrivingChunks, ChunkFeed, type ChunkSource } from './arriving-chunks.ts';
import { describeSystemError } from './errors.ts';
import type { Window } from './window.ts';

/** Fills a window with the next bytes. Trouble while reading ends the window (`Window.fail`), it never throws. */
export interface ByteSource {
  /** Brings in one piece, or ends the window. Undefined where that was done at once. */
  fillWindow(window: Window): Promise<void> | undefined;
  /** Size on disk, or bytes taken in so far where the size is unknown. */
  readonly bytes: number;
  /** Share taken in so far, 0 to 1, or null. */
  readonly progress: number | null;
  /** True where waiting for more can take arbitrarily long. */
  readonly isLive: boolean;
  /**
   * Brings up to `length` bytes from `position` of the file to `at` in `target`; answers how many, 0 behind the end. Throws what the
   * system reports. Absent where bytes come once only.
   */
  readAt?(target: Uint8Array, at: number, length: number, position: number): number;
  close(): void;
}

/** Reads pieces of compressed data, for the decompressor. Null at the end. */
export interface PieceSource {
  read(): Promise<Uint8Array | null> | Uint8Array | null;
  readonly bytes: number;
  readonly progress: number | null;
  readonly isLive: boolean;
  close(): void;
}

/** Ends `window` with what went wrong in reading. */
export function failReading(window: Window, error: unknown): void {
  window.fail('read-failed', `reading failed: ${describeSystemError(error)}`);
}

/** A regular file, read synchronously: 2 to 10 times as fast as a stream over the same file. */
export class FileSource implements ByteSource, PieceSource {
  readonly bytes: number;
  readonly isLive = false;
  /** A double from the start: one that becomes so at 2 GiB would cost the code around it its compiled form. */
  #taken = 0.5;
  #fd: number;
  readonly #isOwned: boolean;
  #piece: Uint8Array | null = null;
  #window: Window | null = null;

  /** `isOwned` false for standard input, which stays open. Reading goes on from the descriptor's position. */
  constructor(fd: number, bytes: number, isOwned: boolean) {
    this.#taken = 0;
    this.#fd = fd;
    this.bytes = bytes;
    this.#isOwned = isOwned;
  }

  fillWindow(window: Window): undefined {
    if (this.#fd < 0) {
      window.ended = true;
      return;
    }
    this.#window = window;
    const room = window.makeRoom();
    try {
      const count = readSync(this.#fd, window.bytes, window.limit, room, null);
      window.limit += count;
      this.#taken += count;
      if (count === 0) window.ended = true;
    } catch (error) {
      failReading(window, error);
    }
  }

  /** The piece is valid until the next call. Throws what the system reports. */
  read(): Uint8Array | null {
    if (this.#fd < 0) return null;
    this.#piece ??= new Uint8Array(64 * 1024);
    const count = readSync(this.#fd, this.#piece, 0, this.#piece.length, null);
    this.#taken += count;
    return count === 0 ? null : this.#piece.subarray(0, count);
  }

  readAt(target: Uint8Array, at: number, length: number, position: number): number {
    return this.#fd < 0 ? 0 : readSync(this.#fd, target, at, length, position);
  }

  get progress(): number | null {
    return this.bytes === 0 ? null : Math.min(1, this.#taken / this.bytes);
  }

  close(): void {
    if (this.#fd >= 0 && this.#isOwned) closeSync(this.#fd);
    this.#fd = -1;
    this.#window?.giveBack();
    this.#window = null;
  }
}

/** Bytes in memory, copied into the window in pieces. */
export class MemorySource implements ByteSource, PieceSource {
  readonly isLive = false;
  readonly #data: Uint8Array;
  readonly #pieceBytes: number;
  #taken = 0;

  constructor(data: Uint8Array, pieceBytes: number) {
    this.#data = data;
    this.#pieceBytes = Math.max(1, pieceBytes);
  }

  fillWindow(window: Window): undefined {
    const piece = this.read();
    if (piece === null) {
      window.ended = true;
      return;
    }
    const taken = window.append(piece, 0);
    this.#taken -= piece.length - taken;
  }

  read(): Uint8Array | null {
    if (this.#taken >= this.#data.length) return null;
    const piece = this.#data.subarray(this.#taken, this.#taken + this.#pieceBytes);
    this.#taken += piece.length;
    return piece;
  }

  readAt(target: Uint8Array, at: number, length: number, position: number): number {
    const piece = this.#data.subarray(position, position + Math.min(length, this.#pieceBytes));
    target.set(piece, at);
    return piece.length;
  }

  get bytes(): number {
    return this.#data.length;
  }

  get progress(): number | null {
    return this.#data.length === 0 ? null : this.#taken / this.#data.length;
  }

  close(): void {
    this.#taken = this.#data.length;
  }
}

/** Above so many queued bytes a stream is paused: what a slow reader holds in memory stays bounded. */
const QUEUE_BYTES = 1024 * 1024;

/** The chunks of a stream, taken when they come and paused when too many wait. */
export class ChunkQueue extends ArrivingChunks {
  readonly #stream: Readable;
  #chunks: Uint8Array[] = [];
  #head = 0;
  #queuedBytes = 0;

  constructor(stream: Readable) {
    super();
    this.#stream = stream;
    stream.on('data', (chunk: Uint8Array | string) => {
      this.#push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
      if (this.#queuedBytes >= QUEUE_BYTES) stream.pause();
    });
    this.endWith(stream);
  }

  #push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#queuedBytes += chunk.length;
    this.arrive(chunk.length);
  }

  take(): Uint8Array | null {
    const chunk = this.#chunks[this.#head];
    if (chunk === undefined) return null;
    this.#head++;
    if (this.#head === this.#chunks.length) {
      this.#chunks = [];
      this.#head = 0;
    }
    this.#queuedBytes -= chunk.length;
    if (this.#queuedBytes < QUEUE_BYTES && this.#stream.isPaused()) this.#stream.resume();
    return chunk;
  }

  protected get hasChunk(): boolean {
    return this.#head < this.#chunks.length;
  }

  close(): void {
    this.#chunks = [];
    this.#head = 0;
    this.#queuedBytes = 0;
    this.finish(null);
    this.#stream.destroy();
  }
}

/** A pipe, standard input, a device: whatever can only be read as it comes. */
export class StreamSource implements ByteSource, PieceSource {
  readonly progress = null;
  readonly isLive = true;
  readonly #chunks: ChunkSource;
  readonly #feed: ChunkFeed;

  constructor(chunks: ChunkSource) {
    this.#chunks = chunks;
    this.#feed = new ChunkFeed(chunks, (window) => {
      if (chunks.error === null) window.ended = true;
      else failReading(window, chunks.error);
    });
  }

  fillWindow(window: Window): Promise<void> | undefined {
    return this.#feed.fill(window) ? undefined : this.#feed.waitAndFill(window);
  }

  async read(): Promise<Uint8Array | null> {
    const rest = this.#feed.takeRest();
    if (rest !== null) return rest;
    for (;;) {
      const chunk = this.#chunks.take();
      if (chunk !== null) return chunk;
      if (this.#chunks.hasEnded) {
        if (this.#chunks.error !== null) throw this.#chunks.error;
        return null;
      }
      await this.#chunks.wait();
    }
  }

  get bytes(): number {
    return this.#chunks.bytes;
  }

  close(): void {
    this.#chunks.close();
  }
}
