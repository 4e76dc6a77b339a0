import { constants, createReadStream, fstatSync, openSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { Capture, Compression, Timeline } from './capture.ts';
import { CaptureError, type CaptureErrorCode, type Damage, describeSystemError } from './errors.ts';
import { quote, recognise, type Recognised } from './format.ts';
import { GzipSource, isGzip } from './gzip.ts';
import type { InterfaceRegistry } from './interfaces.ts';
import type { LocalZone } from './local-time.ts';
import { NETMON_HEADER_BYTES, NetmonReader } from './netmon.ts';
import type { ReadAt } from './netmon-table.ts';
import type { StatisticsListener } from './origin.ts';
import { PcapReader } from './pcap.ts';
import { PcapngReader } from './pcapng.ts';
import { PipeChunks } from './pipe.ts';
import type { CaptureReader, ReaderInput } from './reader.ts';
import { SnoopReader } from './snoop.ts';
import {
  type ByteSource,
  ChunkQueue,
  FileSource,
  MemorySource,
  type PieceSource,
  StreamSource,
} from './source.ts';
import { PIECE_BYTES, Window } from './window.ts';
import { ZstdSource } from './zstd.ts';
import { isZstd } from './zstd-frames.ts';

/** A capture that is already in memory. */
export interface MemoryInput {
  readonly bytes: Uint8Array;
  /** What reports call it. */
  readonly path: string;
  /** Bytes brought in per step; the result does not depend on it. */
  readonly pieceBytes?: number;
}

/** A path, `-` for standard input, or bytes. */
export type CaptureInput = string | MemoryInput;

export interface OpenOptions {
  /** Position among the files given, 0-based. */
  readonly file: number;
  readonly interfaces: InterfaceRegistry;
  /** What `-` stands for; the process's standard input by default. */
  readonly stdin?: NodeJS.ReadableStream;
  /** Size of the steps in which bytes are brought in; smaller where many captures are open at once. */
  readonly windowBytes?: number;
  /** Keeps what `originOf` tells of interfaces: up to a megabyte per capture. */
  readonly keepsOrigin?: boolean;
  /** Is told what interface statistics blocks say, by readers of pcapng. */
  readonly onStatistics?: StatisticsListener;
  /** The zone of times that a format keeps without one; they are taken as UTC for want of it, and `timeZone` says so. */
  readonly localZone?: LocalZone;
  /** Ends the wait for the first bytes of a pipe, with its reason. Once the capture is open it says nothing here. */
  readonly signal?: AbortSignal;
}

export function pathOf(input: CaptureInput): string {
  return typeof input === 'string' ? input : input.path;
}

/**
 * Opens a capture and recognises its format. For a pipe this waits for the first bytes.
 * Throws `CaptureError`, or the reason of `signal`, and nothing else.
 */
export async function openCapture(input: CaptureInput, options: OpenOptions): Promise<Capture & Timeline> {
  const path = pathOf(input);
  const pieceBytes = options.windowBytes ?? PIECE_BYTES;
  const window = new Window(pieceBytes);
  const source: ByteSource & PieceSource = openSource(input, path, pieceBytes, options.stdin);
  let opened: ByteSource = source;
  let compression: Compression | null = null;
  try {
    while (window.available < 4 && !window.ended)
      await unlessAborted(source.fillWindow(window), options.signal);
    if (window.available >= 2 && isGzip(window.bytes.subarray(window.position, window.limit))) {
      compression = 'gzip';
      opened = new GzipSource(source, window.reset());
    } else if (isZstd(window.bytes.subarray(window.position, window.limit))) {
      compression = 'zstd';
      opened = new ZstdSource(source, window.reset());
    }
    for (;;) {
      if (window.failure !== null && window.available === 0)
        throw brokenFromTheStart(path, window.failure, opened);
      const format = recognise(window.view, window.position, window.limit, window.ended, path);
      if (format !== 'need-more') {
        const reader: ReaderInput = {
          path,
          file: options.file,
          compression,
          source: opened,
          window,
          registry: options.interfaces,
          localZone: options.localZone ?? null,
          keepsOrigin: options.keepsOrigin ?? false,
          onStatistics: options.onStatistics ?? null,
        };
        return toReader(format, reader);
      }
      await unlessAborted(opened.fillWindow(window), options.signal);
    }
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** Waits, but throws the reason of the signal as soon as there is one. */
function unlessAborted(
  waiting: Promise<void> | undefined,
  signal: AbortSignal | undefined,
): Promise<void> | undefined {
  if (waiting === undefined || signal === undefined) return waiting;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    void waiting.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}

function toReader(format: Exclude<Recognised, 'need-more'>, input: ReaderInput): CaptureReader {
  switch (format) {
    case 'pcap':
      return new PcapReader(input);
    case 'pcapng':
      return new PcapngReader(input);
    case 'snoop':
      return new SnoopReader(input);
    case 'netmon':
      return new NetmonReader(input, randomAccess(input));
  }
}

/** For a format that says at its end where what is. Throws `CaptureError` where the bytes come once only. */
function randomAccess({ path, compression, source, window }: ReaderInput): ReadAt {
  if (source.readAt && beginsThere(source.readAt.bind(source), window)) return source.readAt.bind(source);
  const unpack = compression === null ? 'cat' : compression === 'gzip' ? 'gzip -dc' : 'zstd -dc';
  const from = path === '-' ? '' : ` ${quote(path)}`;
  throw new CaptureError(
    'unsupported-format',
    path,
    `Network Monitor file that comes ${compression === null ? 'from a pipe' : `${compression}-compressed`}; where its frames are stands at its end, so it has to be a plain file`,
    `Save it first: ${unpack}${from} > trace.cap; then: kbdiag analyze trace.cap`,
    0,
  );
}

/** Whether the file begins with what was read: standard input can be a file that somebody has read from. */
function beginsThere(readAt: ReadAt, { bytes, position, limit }: Window): boolean {
  const start = new Uint8Array(Math.min(NETMON_HEADER_BYTES, limit - position));
  try {
    const count = readAt(start, 0, start.length, 0);
    return count > 0 && start.subarray(0, count).every((byte, i) => byte === bytes[position + i]);
  } catch {
    return false;
  }
}

function brokenFromTheStart(path: string, failure: Damage, source: ByteSource): CaptureError {
  const refusal = source instanceof ZstdSource ? source.refusal : null;
  if (refusal !== null) {
    const file = path === '-' ? 'FILE' : quote(path);
    return new CaptureError(
      'unsupported-format',
      path,
      `zstd-compressed file that is not unpacked: ${refusal.message}`,
      `Unpack it on the way: ${refusal.command} ${file} | kbdiag analyze -`,
      0,
    );
  }
  const code = failure.code === 'bad-compression' ? 'damaged-header' : 'unreadable';
  return new CaptureError(code, path, failure.message, 'Take the capture from its source again.', 0);
}

function openSource(
  input: CaptureInput,
  path: string,
  pieceBytes: number,
  stdin: NodeJS.ReadableStream | undefined,
): ByteSource & PieceSource {
  if (typeof input !== 'string') return new MemorySource(input.bytes, input.pieceBytes ?? pieceBytes);
  if (input === '-') return openStandardInput(stdin);
  try {
    const facts = statSync(path);
    if (facts.isDirectory()) {
      throw new CaptureError('directory', path, 'this is a directory', 'Name the capture files in it.');
    }
    if (facts.isFile()) {
      const fd = openSync(path, 'r');
      return new FileSource(fd, fstatSync(fd).size, true);
    }
    if (facts.isFIFO()) {
      // Without waiting for a writer, and as a socket: a read that blocks a thread would outlive an interrupt.
      const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      return new StreamSource(new PipeChunks(fd));
    }
    return new StreamSource(new ChunkQueue(createReadStream(path)));
  } catch (error) {
    throw error instanceof CaptureError ? error : explainSystemError(error, path);
  }
}

/** Standard input that is a file on disk is read as one; merely touching `process.stdin` would open it. */
function openStandardInput(stream: NodeJS.ReadableStream | undefined): ByteSource & PieceSource {
  const fd: unknown = stream !== undefined && 'fd' in stream ? stream.fd : null;
  if (stream === undefined || fd === 0) {
    try {
      const facts = fstatSync(0);
      if (facts.isFile()) return new FileSource(0, facts.size, false);
      if (stream === undefined && (facts.isFIFO() || facts.isSocket()))
        return new StreamSource(new PipeChunks(0));
    } catch {
      // Closed or not ours to ask; the stream will say.
    }
  }
  const stdin = stream ?? process.stdin;
  return new StreamSource(new ChunkQueue(stdin instanceof Readable ? stdin : new Readable().wrap(stdin)));
}

const SYSTEM_ERRORS: ReadonlyMap<string, readonly [code: CaptureErrorCode, message: string, hint: string]> =
  new Map([
    ['ENOENT', ['missing', 'no such file', 'Check the name.']],
    ['ENOTDIR', ['missing', 'no such file: a part of the path is no directory', 'Check the name.']],
    ['ENAMETOOLONG', ['missing', 'no such file: the name is too long', 'Check the name.']],
    ['ELOOP', ['missing', 'a loop of symbolic links', 'Check the name.']],
    ['EACCES', ['unreadable', 'permission denied', 'Make it readable, or run as a user who may read it.']],
    ['EPERM', ['unreadable', 'permission denied', 'Make it readable, or run as a user who may read it.']],
    [
      'EMFILE',
      ['unreadable', 'too many files open', 'Give fewer captures at once, or raise the limit (ulimit -n).'],
    ],
    ['ENXIO', ['unreadable', 'a socket cannot be opened by name', 'Pipe the capture in and name it as "-".']],
  ]);

function explainSystemError(error: unknown, path: string): CaptureError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = SYSTEM_ERRORS.get(code);
  if (known) return new CaptureError(known[0], path, known[1], known[2]);
  const reason = describeSystemError(error);
  return new CaptureError('unreadable', path, `cannot be opened: ${reason}`, 'Check the name and the disk.');
}
