/**
 * A pipe or socket, read into a few buffers over and over. A stream would make a new one for every read: memory that the collector does
 * not see, and that grows to tens of megabytes before it looks.
 */
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { ArrivingChunks } from './arriving-chunks.ts';

/** What a pipe of Linux holds. */
const BUFFER_BYTES = 64 * 1024;
const BUFFERS = 16;

export class PipeChunks extends ArrivingChunks {
  readonly #socket: Socket;
  readonly #free: Uint8Array[] = [];
  /** Filled and not yet taken. */
  readonly #filled: Uint8Array[] = [];
  /** The one that is read into next, and the one that was taken last. */
  #next: Uint8Array;
  #taken: Uint8Array | null = null;
  #made = 1;
  #isPaused = false;

  /** Reads from `fd`, which is closed in the end. */
  constructor(fd: number) {
    super();
    this.#next = new Uint8Array(BUFFER_BYTES);
    const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
      fd,
      readable: true,
      writable: false,
      onread: {
        buffer: () => this.#next,
        callback: (count, buffer) => this.#read(buffer.subarray(0, count)),
      },
    };
    this.#socket = new Socket(options);
    this.endWith(this.#socket);
    this.#socket.resume();
  }

  /** The chunk is valid until the next call. */
  take(): Uint8Array | null {
    const chunk = this.#filled.shift() ?? null;
    if (chunk === null) return null;
    if (this.#taken !== null) this.#free.push(this.#taken);
    this.#taken = new Uint8Array(chunk.buffer);
    if (this.#isPaused && this.#free.length > 0) {
      this.#isPaused = false;
      this.#socket.resume();
    }
    return chunk;
  }

  protected get hasChunk(): boolean {
    return this.#filled.length > 0;
  }

  close(): void {
    this.#filled.length = 0;
    this.finish(null);
    this.#socket.destroy();
  }

  /**
   * Takes in what was read; answers false to pause. The next buffer is asked for at once, paused or not, so that the reading pauses
   * while there is still one.
   */
  #read(chunk: Uint8Array): boolean {
    this.#filled.push(chunk);
    this.#next = this.#free.pop() ?? this.#makeBuffer();
    this.#isPaused = this.#free.length === 0 && this.#made >= BUFFERS;
    this.arrive(chunk.length);
    return !this.#isPaused;
  }

  #makeBuffer(): Uint8Array {
    this.#made += 1;
    return new Uint8Array(BUFFER_BYTES);
  }
}
