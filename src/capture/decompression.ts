/** What the decompressing sources share, whatever the format. */
import type { Transform } from 'node:stream';
import { describeSystemError } from './errors.ts';
import { type ByteSource, ChunkQueue, type PieceSource } from './source.ts';
import type { Window } from './window.ts';

/** Size of the pieces that come out of a decompressor. */
export const UNPACKED_CHUNK_BYTES = 256 * 1024;

/** Unpacks what `input` reads. Size and progress are those of the compressed data. */
export abstract class DecompressingSource implements ByteSource {
  readonly isLive: boolean;
  protected readonly input: PieceSource;
  protected isClosed = false;

  constructor(input: PieceSource) {
    this.input = input;
    this.isLive = input.isLive;
  }

  abstract fillWindow(window: Window): Promise<void>;
  /** Lets go of the decompressor. */
  protected abstract closeDecompressor(): void;

  get bytes(): number {
    return this.input.bytes;
  }

  get progress(): number | null {
    return this.input.progress;
  }

  close(): void {
    this.isClosed = true;
    this.closeDecompressor();
    this.input.close();
  }
}

/** Ends `window` with what is wrong with the compressed data. */
export function failUnpacking(window: Window, error: unknown): void {
  window.fail('bad-compression', `the compressed data cannot be read on: ${describeSystemError(error)}`);
}

/** A decompressor of Node, written to in steps. */
export class DecompressorStream {
  readonly stream: Transform;
  readonly queue: ChunkQueue;
  #writeDone: (() => void) | null = null;

  constructor(stream: Transform) {
    this.stream = stream;
    this.queue = new ChunkQueue(stream);
    // The callback of the write that met an error never comes; the closing does.
    stream.on('close', () => this.#writeDone?.());
  }

  /** Resolves when `bytes` are unpacked, or cannot be. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#writeDone = resolve;
      this.stream.write(bytes, () => resolve());
    });
  }
}

/** Lets a decompressor's finished step be followed by its next one before its chunk is worked on. */
export function turnEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
