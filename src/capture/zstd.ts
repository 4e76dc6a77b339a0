/**
 * zstd (RFC 8878). Node's own decompressor where there is one (22.15 and later), which works in the thread pool and checks the
 * checksums; else one in JavaScript, which does neither. Both get a frame at a time: Node's would stop behind the first.
 */
import type { Transform } from 'node:stream';
import type { Decompress } from 'fzstd';
import {
  DecompressingSource,
  DecompressorStream,
  failUnpacking,
  turnEventLoop,
  UNPACKED_CHUNK_BYTES,
} from './decompression.ts';
import { collectAll, collectYoung } from './garbage.ts';
import { failReading, type PieceSource } from './source.ts';
import type { Window } from './window.ts';
import { FrameError, type FramePart, FrameReader, MAX_WINDOW_BYTES } from './zstd-frames.ts';

/** Each part that the script unpacks leaves up to three buffers of the size of a block, 128 KiB, behind: 12 MiB. */
const PARTS_TO_COLLECT = 32;
/** ZSTD_d_windowLogMax, and the exponent of 32 MiB. */
const WINDOW_LOG_MAX = 100;
const MAX_WINDOW_LOG = 25;

/** Unpacks one frame. */
interface FrameDecoder {
  /** What a part comes to, in pieces; they are the caller's. Throws what is wrong with it. */
  unpack(part: FramePart): Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  close(): void;
}

type NativeDecompressor = (options: { chunkSize: number; params: Record<number, number> }) => Transform;

/** Asked of Node that runs, not of the one that built this; the types are those of the oldest. */
function nativeDecompressor(): NativeDecompressor | undefined {
  const zlib: object = process.getBuiltinModule('node:zlib');
  return (zlib as { createZstdDecompress?: NativeDecompressor }).createZstdDecompress;
}

export class ZstdSource extends DecompressingSource {
  /** What the stream asks for that is refused, once reading came to it; null before. */
  refusal: FrameError | null = null;
  readonly #frames: FrameReader;
  readonly #script = new ScriptGarbage();
  #decoder: FrameDecoder | null = null;
  #chunks: readonly Uint8Array[] = [];
  #next = 0;
  #from = 0;

  /** `first` is what was already read of the compressed stream, to recognise it. */
  constructor(input: PieceSource, first: Uint8Array) {
    super(input);
    this.#frames = new FrameReader(input, first);
  }

  async fillWindow(window: Window): Promise<void> {
    try {
      while (this.#next >= this.#chunks.length) {
        const part = this.isClosed ? null : await this.#frames.next();
        if (part === null || this.isClosed) {
          window.ended = true;
          return;
        }
        this.#decoder ??= await openDecoder(this.#script);
        this.#chunks = await this.#decoder.unpack(part);
        this.#next = 0;
        if (part.isLast) this.closeDecompressor();
      }
      this.#append(window);
    } catch (error) {
      this.#fail(window, error);
    }
  }

  #append(window: Window): void {
    const chunk = this.#chunks[this.#next] ?? new Uint8Array();
    this.#from += window.append(chunk, this.#from);
    if (this.#from < chunk.length) return;
    this.#from = 0;
    this.#next++;
  }

  #fail(window: Window, error: unknown): void {
    this.closeDecompressor();
    if (error instanceof FrameError && error.command !== null) this.refusal = error;
    if (error instanceof Error && 'syscall' in error) failReading(window, error);
    else failUnpacking(window, error);
  }

  protected closeDecompressor(): void {
    this.#decoder?.close();
    this.#decoder = null;
  }
}

class NativeDecoder implements FrameDecoder {
  readonly #stream: DecompressorStream;

  constructor(create: NativeDecompressor) {
    this.#stream = new DecompressorStream(
      create({ chunkSize: UNPACKED_CHUNK_BYTES, params: { [WINDOW_LOG_MAX]: MAX_WINDOW_LOG } }),
    );
  }

  async unpack({ bytes }: FramePart): Promise<readonly Uint8Array[]> {
    const { stream, queue } = this.#stream;
    await this.#stream.write(bytes);
    const chunks: Uint8Array[] = [];
    for (;;) {
      for (let chunk = queue.take(); chunk !== null; chunk = queue.take()) chunks.push(chunk);
      if (queue.hasEnded || stream.readableLength === 0) break;
      await turnEventLoop();
    }
    if (queue.error !== null) throw queue.error;
    return chunks;
  }

  close(): void {
    this.#stream.queue.close();
  }
}

async function openDecoder(garbage: ScriptGarbage): Promise<FrameDecoder> {
  const create = nativeDecompressor();
  if (create !== undefined) return new NativeDecoder(create);
  // Loaded when it is needed.
  const fzstd = await import('fzstd');
  return new ScriptDecoder(new fzstd.Decompress(), garbage);
}

/** What the script leaves behind: V8 does not see soon enough how much that is. */
class ScriptGarbage {
  #parts = 0;
  #windowBytes = 0;

  /** Called before each part of any frame. */
  note(windowBytes: number): void {
    this.#windowBytes += windowBytes;
    if (this.#windowBytes > MAX_WINDOW_BYTES) {
      // The windows of the frames before are old by now.
      collectAll();
      this.#windowBytes = windowBytes;
    }
    this.#parts += 1;
    if (this.#parts % PARTS_TO_COLLECT === 0) collectYoung();
  }
}

class ScriptDecoder implements FrameDecoder {
  readonly #decoder: Decompress;
  #chunks: Uint8Array[] = [];
  readonly #garbage: ScriptGarbage;

  constructor(decoder: Decompress, garbage: ScriptGarbage) {
    this.#decoder = decoder;
    this.#garbage = garbage;
    decoder.ondata = (chunk) => this.#chunks.push(chunk);
  }

  unpack({ bytes, isLast, windowBytes }: FramePart): readonly Uint8Array[] {
    this.#chunks = [];
    this.#garbage.note(windowBytes);
    // It keeps short frames back until it knows of their end. The bytes it is given are its own.
    this.#decoder.push(bytes.slice(), isLast);
    // Of a piece that was used up it keeps an empty rest, and with it the piece, until another one is left over: of whole blocks, for ever.
    if (this.#decoder['l'] === 0) this.#decoder['c'] = [];
    return this.#chunks;
  }

  close(): void {
    this.#chunks = [];
  }
}
