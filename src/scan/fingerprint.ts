/** Files as they are now, and whether they still are what they were. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { FoundFile } from './discover.ts';
import type { FileMark } from './journal.ts';

const END_BYTES = 64 * 1024;

/** Made once: it takes as long as the digest of a small file. */
let piece: Buffer | undefined;

/** SHA-256 of the first and the last 64 KiB; empty where the file cannot be read. */
export function fingerprint(path: string): string {
  let fd;
  try {
    fd = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(fd);
    const hash = createHash('sha256');
    piece ??= Buffer.alloc(END_BYTES);
    hash.update(piece.subarray(0, readSync(fd, piece, 0, END_BYTES, 0)));
    // What the first piece has is not taken twice.
    const from = Math.max(END_BYTES, size - END_BYTES);
    if (size > END_BYTES) hash.update(piece.subarray(0, readSync(fd, piece, 0, END_BYTES, from)));
    return hash.digest('hex');
  } catch {
    return '';
  } finally {
    closeSync(fd);
  }
}

/** True if the file has not changed. It is opened only where its time alone has; `digest`: what became of its fingerprint. */
export function isUnchanged(mark: FileMark, file: FoundFile, digest: (hex: string) => string): boolean {
  if (mark.bytes !== file.bytes) return false;
  if (mark.mtimeMillis === file.mtimeMillis) return true;
  return mark.fingerprint !== '' && mark.fingerprint === digest(fingerprint(file.path));
}
