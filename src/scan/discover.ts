/**
 * Which files a scan is about: those named, those that match a pattern, those in a folder. Links are followed where the user names
 * them and nowhere else, so that no file outside the folder is read and none twice.
 */
import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface FoundFile {
  /** What `kbdiag analyze` would be given, and what reports and the index call it. */
  readonly path: string;
  readonly bytes: number;
  readonly mtimeMillis: number;
}

/** What could not even be listed. */
export interface Unlisted {
  readonly path: string;
  readonly reason: string;
}

export interface Discovery {
  /** Sorted by path. */
  readonly files: readonly FoundFile[];
  readonly unlisted: readonly Unlisted[];
}

export interface DiscoverOptions {
  /** Also the folders in a folder. */
  readonly isRecursive: boolean;
  /** Files and folders that are not part of it: the output folder, where it lies inside. */
  readonly leaveOut?: readonly string[];
}

/** Throws nothing: what cannot be read is told. Patterns are expanded only where no file has that very name. */
export async function discover(targets: readonly string[], options: DiscoverOptions): Promise<Discovery> {
  const walk = new Walk(options);
  for (const target of targets) {
    if (statSync(target, { throwIfNoEntry: false }) !== undefined) walk.target(target);
    else for (const match of await expand(target)) walk.target(match);
  }
  const files = walk.files.toSorted((a, b) => compare(a.path, b.path));
  return { files, unlisted: walk.unlisted };
}

/** The files of a pattern; one that matches nothing stands for itself, to be told as missing. */
async function expand(pattern: string): Promise<readonly string[]> {
  const { glob, isDynamicPattern } = await import('tinyglobby');
  if (!isDynamicPattern(pattern)) return [pattern];
  const matches = await glob(pattern, {
    dot: true,
    followSymbolicLinks: false,
    onlyFiles: true,
    expandDirectories: false,
  });
  return matches.length === 0 ? [pattern] : matches.toSorted(compare);
}

class Walk {
  readonly files: FoundFile[] = [];
  readonly unlisted: Unlisted[] = [];
  readonly #isRecursive: boolean;
  readonly #leftOut: ReadonlySet<string>;
  /** Device and inode of what was taken: a file named twice is one capture. */
  readonly #seen = new Set<string>();

  constructor({ isRecursive, leaveOut = [] }: DiscoverOptions) {
    this.#isRecursive = isRecursive;
    this.#leftOut = new Set(leaveOut.map(realOf));
  }

  target(path: string): void {
    try {
      const facts = statSync(path);
      if (facts.isDirectory()) this.#folder(path);
      else this.#file(path);
    } catch (error) {
      this.#tell(path, error);
    }
  }

  #folder(folder: string): void {
    if (this.#leftOut.has(realOf(folder))) return;
    let entries;
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      this.#tell(folder, error);
      return;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (this.#isRecursive) this.#folder(path);
      } else if (entry.isFile()) this.#file(path);
    }
  }

  #file(path: string): void {
    if (this.#leftOut.has(realOf(path))) return;
    try {
      const facts = statSync(path);
      const identity = `${facts.dev}/${facts.ino}`;
      if (this.#seen.has(identity) && lstatSync(path).nlink === 1) return;
      this.#seen.add(identity);
      this.files.push({ path, bytes: facts.size, mtimeMillis: Math.floor(facts.mtimeMs) });
    } catch (error) {
      this.#tell(path, error);
    }
  }

  #tell(path: string, error: unknown): void {
    this.unlisted.push({ path, reason: error instanceof Error ? error.message : String(error) });
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
