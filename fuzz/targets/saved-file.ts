/** Inputs of targets that read files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | null = null;

/** The path of a file with these bytes, which is there until the next one. */
export function savedFile(bytes: Uint8Array): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), 'kbdiag-fuzz-'));
    folder = made;
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  }
  const path = join(folder, 'input');
  writeFileSync(path, bytes);
  return path;
}
