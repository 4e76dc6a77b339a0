/** Where the report goes: standard output, or a file that is either whole or not there. */
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve as fullPath } from 'node:path';
import { OutputError, type OutputKind, REPORT_OUTPUT, UsageError } from './exit.ts';
import { leaveInterruptToSystem } from './interrupt.ts';
import { terminalText } from '../report/escape.ts';

/**
 * Writes to standard output and waits until it is out. A reader that went away is no error. The descriptor is written to
 * directly: the stream takes 3 ms to set up, and is needed only for a pipe that another program made non-blocking.
 */
export async function writeStdout(text: string | Iterable<string>): Promise<void> {
  let isStream = false;
  leaveInterruptToSystem();
  for (const bytes of batches(text)) {
    const written: number = isStream ? 0 : writeNow(bytes);
    if (written < 0) return;
    isStream ||= written < bytes.length;
    if (isStream && !(await writeStream(bytes.subarray(written)))) return;
  }
}

/** How many bytes went straight to the descriptor: not all if it does not take them now, -1 if the reader went away. */
function writeNow(bytes: Uint8Array): number {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(1, bytes, written);
  } catch (error) {
    if (codeOf(error) === 'EPIPE') return -1;
    if (codeOf(error) !== 'EAGAIN') throw new OutputError('standard output', error);
  }
  return written;
}

/** Characters that are written at a time. */
const BATCH_CHARACTERS = 64 * 1024;

/** The bytes of a text, of its pieces so many together that a file is not written line by line. */
function* batches(text: string | Iterable<string>): Generator<Uint8Array, void, void> {
  let batch = '';
  for (const piece of typeof text === 'string' ? [text] : text) {
    batch += piece;
    if (batch.length < BATCH_CHARACTERS) continue;
    yield Buffer.from(batch);
    batch = '';
  }
  if (batch !== '') yield Buffer.from(batch);
}

/** False where the reader went away. */
function writeStream(bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => {
      process.stdout.off('error', done);
      if (error && codeOf(error) !== 'EPIPE') reject(new OutputError('standard output', error));
      else resolve(!error);
    };
    process.stdout.once('error', done);
    process.stdout.write(bytes, done);
  });
}

/** Says early, before a long analysis, that an output could not be written; `inputs` are never overwritten. */
export function checkOutputFile(
  path: string,
  inputs: readonly string[],
  kind: OutputKind = REPORT_OUTPUT,
): void {
  for (const input of inputs) {
    if (input === '-' ? isStandardStream(0, path) : isSameFile(input, path)) {
      throw new UsageError(`${kind.option} ${terminalText(path)} is the capture itself; name another file`);
    }
  }
  try {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing?.isDirectory()) throw new Error('it is a directory');
    accessSync(existing === undefined ? dirname(targetOf(path)) : path, constants.W_OK);
  } catch (error) {
    throw new OutputError(path, error, kind);
  }
}

/** True where both names lead to one file, by links of any kind or none; what does not exist yet is told by its place. */
export function isSameFile(a: string, b: string): boolean {
  const first = statSync(a, { throwIfNoEntry: false, bigint: true });
  const second = statSync(b, { throwIfNoEntry: false, bigint: true });
  if (first === undefined || second === undefined) return first === second && targetOf(a) === targetOf(b);
  return first.dev === second.dev && first.ino === second.ino;
}

/** True where the name leads to the file or pipe that a standard stream is. */
export function isStandardStream(descriptor: 0 | 1, path: string): boolean {
  try {
    const stream = fstatSync(descriptor, { bigint: true });
    const named = statSync(path, { throwIfNoEntry: false, bigint: true });
    return (
      !stream.isCharacterDevice() &&
      named !== undefined &&
      stream.dev === named.dev &&
      stream.ino === named.ino
    );
  } catch {
    // A closed descriptor is no file.
    return false;
  }
}

/** Writes a file whole, or leaves what was there before. */
export function writeOutputFile(path: string, text: string | Iterable<string>): void {
  const file = new OutputFile(path);
  try {
    for (const bytes of batches(text)) file.write(bytes);
    file.commit();
  } finally {
    file.discard();
  }
}

/**
 * A file that is written by way of a temporary one beside it, so that a full disk leaves the old content or nothing. A device or a
 * named pipe is written to, not replaced. Throws `OutputError`.
 */
export class OutputFile {
  readonly #path: string;
  readonly #kind: OutputKind;
  /** What the name leads to, links followed. */
  readonly #target: string;
  /** Where the bytes go until `commit`; null where they go to the target itself. */
  #temporary: string | null = null;
  #descriptor: number;

  constructor(path: string, kind: OutputKind = REPORT_OUTPUT) {
    this.#path = path;
    this.#kind = kind;
    try {
      const existing = statSync(path, { throwIfNoEntry: false });
      if (existing !== undefined && !existing.isFile()) {
        leaveInterruptToSystem();
        this.#target = path;
        this.#descriptor = openSync(path, 'w');
        return;
      }
      this.#target = targetOf(path);
      const temporary = join(dirname(this.#target), `.${basename(this.#target)}.${process.pid}.tmp`);
      try {
        this.#descriptor = openSync(temporary, 'wx', existing?.mode);
        this.#temporary = temporary;
      } catch (error) {
        // A file in a directory that takes no new ones can still be written itself.
        if (existing === undefined || !isRefusal(error)) throw error;
        this.#descriptor = openSync(this.#target, 'w');
      }
    } catch (error) {
      throw new OutputError(path, error, kind);
    }
  }

  /** True where the bytes go to a file beside the target until `commit`. */
  get isAside(): boolean {
    return this.#temporary !== null;
  }

  /** Writes all of `bytes` behind what was written before. */
  write(bytes: Uint8Array): void {
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
    } catch (error) {
      throw new OutputError(this.#path, error, this.#kind);
    }
  }

  /** Puts the file in its place. */
  commit(): void {
    try {
      this.#close();
      const temporary = this.#temporary;
      if (temporary === null) return;
      try {
        renameSync(temporary, this.#target);
        this.#temporary = null;
      } catch (error) {
        // The name is another user's to change, and the file is not (a sticky directory).
        if (!isRefusal(error) || !statSync(this.#target, { throwIfNoEntry: false })) throw error;
        copyFileSync(temporary, this.#target);
      }
    } catch (error) {
      throw new OutputError(this.#path, error, this.#kind);
    }
  }

  /** Takes back what was not committed; half a file would be taken for a whole one. Safe to call at any time. */
  discard(): void {
    try {
      if (this.#descriptor >= 0 && this.#temporary === null && fstatSync(this.#descriptor).isFile())
        ftruncateSync(this.#descriptor);
      this.#close();
    } catch {
      // What matters went wrong before, and was told.
    }
    if (this.#temporary !== null) rmSync(this.#temporary, { force: true });
    this.#temporary = null;
  }

  #close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = -1;
    if (descriptor >= 0) closeSync(descriptor);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
}

/** Links in a row that are followed, as Linux does. */
const MAX_LINKS = 40;

/** The full name of a file, links followed, also where it does not exist yet. */
function targetOf(path: string): string {
  let name = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    try {
      return realpathSync(name);
    } catch {
      // Nothing is there; what the name says may be a link all the same.
    }
    try {
      name = fullPath(dirname(name), readlinkSync(name));
    } catch {
      break;
    }
  }
  try {
    return join(realpathSync(dirname(name)), basename(name));
  } catch {
    return fullPath(name);
  }
}
