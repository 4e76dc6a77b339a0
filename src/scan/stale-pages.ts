/** Pages of an earlier index that had more of them. */
import { closeSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TOOL } from '../report/tool.ts';
import { WriteError } from './atomic-file.ts';

const PAGE_NAME = /^index-[1-9]\d*\.html$/;
/** The generator is named within so many bytes. */
const HEAD_BYTES = 1024;

/** Removes those that were not written now and that this program made. Throws `WriteError`. */
export function removeStalePages(folder: string, written: ReadonlySet<string>): void {
  for (const name of readdirSync(folder)) {
    if (!PAGE_NAME.test(name) || written.has(name)) continue;
    const path = join(folder, name);
    try {
      if (isOwnPage(path)) rmSync(path);
    } catch (error) {
      throw new WriteError(path, error);
    }
  }
}

function isOwnPage(path: string): boolean {
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const length = readSync(fd, head, 0, HEAD_BYTES, 0);
    return head.toString('utf8', 0, length).includes(`<meta name="generator" content="${TOOL.name} `);
  } finally {
    closeSync(fd);
  }
}
