/** Where the report goes: standard output, or a file that is either whole or not there. */
import {
  accessSync,
  constants,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { OutputError, UsageError } from './exit.ts';
import { terminalText } from '../report/escape.ts';

/**
 * Writes to standard output and waits until it is out. A reader that went away is no error. The descriptor is written to
 * directly: the stream takes 3 ms to set up, and is needed only for a pipe that another program made non-blocking.
 */
export async function writeStdout(text: string): Promise<void> {
  const bytes = Buffer.from(text);
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(1, bytes, written);
  } catch (error) {
    if (codeOf(error) === 'EPIPE') return;
    if (codeOf(error) !== 'EAGAIN') throw new OutputError('standard output', error);
    await writeStream(bytes.subarray(written));
  }
}

function writeStream(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => {
      if (error && codeOf(error) !== 'EPIPE') reject(new OutputError('standard output', error));
      else resolve();
    };
    process.stdout.once('error', done);
    process.stdout.write(bytes, done);
  });
}

/** Says early, before a long analysis, that a report could not be written; `inputs` are never overwritten. */
export function checkOutputFile(path: string, inputs: readonly string[]): void {
  const target = resolved(path);
  for (const input of inputs) {
    if (input !== '-' && target !== null && resolved(input) === target) {
      throw new UsageError(`-o ${terminalText(path)} is the capture itself; name another file`);
    }
  }
  try {
    if (target === null) accessSync(dirname(path), constants.W_OK);
    else if (statSync(target).isDirectory()) throw new Error('it is a directory');
    else accessSync(target, constants.W_OK);
  } catch (error) {
    throw new OutputError(path, error);
  }
}

/** Writes a file by way of a temporary one beside it, so that a full disk leaves the old content or nothing. */
export function writeOutputFile(path: string, text: string): void {
  const target = resolved(path) ?? path;
  try {
    const existing = statSync(target, { throwIfNoEntry: false });
    // A device or a named pipe is written to, not replaced.
    if (existing && !existing.isFile()) return writeFileSync(target, text);
    const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
    try {
      writeFileSync(temporary, text, { flag: 'wx', ...(existing ? { mode: existing.mode } : {}) });
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      // A file in a directory that takes no new ones can still be written itself.
      if (existing && isRefusal(error)) return writeFileSync(target, text);
      throw error;
    }
  } catch (error) {
    throw new OutputError(path, error);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
}

function resolved(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
