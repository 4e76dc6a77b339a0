/** Chunks that come when they come: from a stream, a pipe, a decompressor. */
import type { Readable } from 'node:stream';
import type { Window } from './window.ts';

export interface ChunkSource {
  /** Bytes that came so far. */
  readonly bytes: number;
  readonly hasEnded: boolean;
  readonly error: Error | null;
  /** The oldest chunk, or null where none waits. It may be written over after the next call. */
  take(): Uint8Array | null;
  /** Resolves when a chunk or the end has come. */
  wait(): Promise<void>;
  close(): void;
}

/** What any of them has: its end, its error, and one who waits. How the chunks are kept is its own. */
export abstract class ArrivingChunks implements ChunkSource {
  bytes = 0;
  hasEnded = false;
  error: Error | null = null;
  #wake: (() => void) | null = null;

  /** True where a chunk was not yet taken. */
  protected abstract get hasChunk(): boolean;
  abstract take(): Uint8Array | null;
  abstract close(): void;

  wait(): Promise<void> {
    if (this.hasEnded || this.hasChunk) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Ends when the stream does, and with its error. */
  protected endWith(stream: Readable): void {
    stream.on('end', () => this.finish(null));
    // A stream that is destroyed from outside closes without an end.
    stream.on('close', () => this.finish(null));
    stream.on('error', (error) => this.finish(error));
  }

  /** A chunk of `bytes` came and was kept. */
  protected arrive(bytes: number): void {
    this.bytes += bytes;
    this.#notify();
  }

  /** The first end counts. */
  protected finish(error: Error | null): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.error = error;
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

/** Chunks on their way into windows. */
export class ChunkFeed {
  readonly #chunks: ChunkSource;
  readonly #end: (window: Window) => void;
  /** The one that is worked on, and how far it was taken. */
  #chunk: Uint8Array | null = null;
  #from = 0;

  /** `end` ends a window behind the last chunk. */
  constructor(chunks: ChunkSource, end: (window: Window) => void) {
    this.#chunks = chunks;
    this.#end = end;
  }

  /** Brings one piece into `window`, or ends it; false where nothing has come. */
  fill(window: Window): boolean {
    this.#chunk ??= this.#chunks.take();
    if (this.#chunk === null) {
      if (!this.#chunks.hasEnded) return false;
      this.#end(window);
      return true;
    }
    this.#from += window.append(this.#chunk, this.#from);
    if (this.#from === this.#chunk.length) {
      this.#chunk = null;
      this.#from = 0;
    }
    return true;
  }

  async waitAndFill(window: Window): Promise<void> {
    await this.#chunks.wait();
    this.fill(window);
  }

  /** What is left of the chunk that is worked on; null where it was all taken. */
  takeRest(): Uint8Array | null {
    const rest = this.#chunk?.subarray(this.#from) ?? null;
    this.#chunk = null;
    this.#from = 0;
    return rest;
  }
}
