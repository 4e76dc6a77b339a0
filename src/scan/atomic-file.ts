/** Files that are either whole or not there: written aside, brought to the disk, renamed, and the folder brought to the disk. */
import { closeSync, fsync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { SharedTurn } from './shared-turn.ts';

const syncFile = promisify(fsync);

/** A file or folder of the output that could not be written. */
export class WriteError extends Error {
  override readonly name = 'WriteError';
  readonly path: string;
  readonly code: string;

  constructor(path: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.path = path;
    this.code = (cause as NodeJS.ErrnoException).code ?? '';
  }
}

/** At once; for the few files of an index. `aside` is a folder on the same file system. Throws `WriteError`. */
export function writeWhole(path: string, text: string, aside: string): void {
  const temporary = join(aside, `index-${process.pid}`);
  try {
    writeFileSync(temporary, text);
    syncNow(temporary, 'r+');
    renameSync(temporary, path);
    syncNow(dirname(path), 'r');
  } catch (error) {
    throw new WriteError(path, error);
  }
}

function syncNow(path: string, flags: string): void {
  // Windows has no such thing for folders.
  if (flags === 'r' && sep === '\\') return;
  const fd = openSync(path, flags);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new WriteError(path, error);
  }
}

/**
 * Puts files in their places below a folder. Waiting for the disk takes longer than a small analysis, so that many are under way at
 * a time, and what several need of a folder is done once. All else is done at once: to have another thread open, fill or rename a
 * file costs more than to do it.
 */
export class Placement {
  readonly #root: string;
  readonly #aside: string;
  readonly #folders = new Map<string, Promise<void>>();
  readonly #syncs = new Map<string, SharedTurn>();
  #written = 0;

  /** `aside`: a folder on the same file system, for what is not whole yet. */
  constructor(root: string, aside: string) {
    this.#root = root;
    this.#aside = aside;
  }

  /** Resolves when the file is there for good. Rejects with `WriteError`. */
  async write(text: string, path: string): Promise<void> {
    const aside = join(this.#aside, `report-${this.#written}`);
    this.#written += 1;
    await this.#put(aside, path, () => writeSynced(aside, text));
  }

  /** `write` of a file that lies aside already. */
  async place(aside: string, path: string): Promise<void> {
    await this.#put(aside, path, () => syncPath(aside, 'r+'));
  }

  async #put(aside: string, path: string, toDisk: () => Promise<void>): Promise<void> {
    const target = join(this.#root, path);
    const folder = dirname(target);
    try {
      await this.#make(folder);
      await toDisk();
      renameSync(aside, target);
      await this.#sync(folder);
    } catch (error) {
      throw error instanceof WriteError ? error : new WriteError(target, error);
    }
  }

  /** The folder and those above it, each once. */
  #make(folder: string): Promise<void> {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const made = this.#makeNew(folder);
    this.#folders.set(folder, made);
    return made;
  }

  async #makeNew(folder: string): Promise<void> {
    const above = dirname(folder);
    if (relative(this.#root, folder) !== '' && above !== folder) await this.#make(above);
    const created = await mkdir(folder, { recursive: true });
    if (created !== undefined) await this.#sync(above);
  }

  #sync(folder: string): Promise<void> {
    let sync = this.#syncs.get(folder);
    if (sync === undefined) {
      // Windows has no such thing for folders.
      sync = new SharedTurn(async () => (sep === '\\' ? undefined : syncPath(folder, 'r')));
      this.#syncs.set(folder, sync);
    }
    return sync.request();
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const fd = openSync(path, 'w');
  try {
    writeFileSync(fd, text);
    await syncFile(fd);
  } finally {
    closeSync(fd);
  }
}

async function syncPath(path: string, flags: string): Promise<void> {
  const fd = openSync(path, flags);
  try {
    await syncFile(fd);
  } finally {
    closeSync(fd);
  }
}
