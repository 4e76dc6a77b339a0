/** Chunks that come when they come: from a stream, a pipe, a decompressor. */
import type { Readable } from 'node:stream';

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
