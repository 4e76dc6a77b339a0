/**
 * Which files a scan is about: those named, those that match a pattern, those in a folder. Links are followed where the user names
 * them and nowhere else, so that no file outside the folder is read and none twice.
 */
import { readdirSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

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
  /** Folders in folders that were not entered. */
  readonly foldersLeft: number;
}

export interface DiscoverOptions {
  /** Also the folders in a folder. */
  readonly isRecursive: boolean;
  /** Files and folders that are not part of it: the output folder, where it lies inside. They must exist. */
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
  const unlisted = walk.unlisted.toSorted((a, b) => compare(a.path, b.path));
  return { files, unlisted, foldersLeft: walk.foldersLeft };
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
  foldersLeft = 0;
  /** Reasons by path: the same folder can be reached by two targets. */
  readonly #unlisted = new Map<string, string>();
  readonly #isRecursive: boolean;
  /** Device and inode. */
  readonly #leftOut: ReadonlySet<string>;
  /** Device and inode of what was taken: a file named twice is one capture. */
  readonly #seen = new Set<string>();
  readonly #paths = new Set<string>();

  constructor({ isRecursive, leaveOut = [] }: DiscoverOptions) {
    this.#isRecursive = isRecursive;
    this.#leftOut = new Set(leaveOut.map((path) => identityOf(statSync(path))));
  }

  get unlisted(): Unlisted[] {
    return Array.from(this.#unlisted, ([path, reason]) => ({ path, reason }));
  }

  target(path: string): void {
    try {
      const facts = statSync(path);
      if (facts.isDirectory()) this.#folder(path, facts);
      else if (facts.isFile()) this.#file(path, facts);
      else this.#tell(path, 'neither a file nor a folder: only files can be scanned');
    } catch (error) {
      this.#tell(path, error);
    }
  }

  #folder(folder: string, facts: Stats): void {
    if (this.#leftOut.has(identityOf(facts))) return;
    let entries;
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      this.#tell(folder, error);
      return;
    }
    for (const entry of entries) {
      const isFolder = entry.isDirectory();
      if (!isFolder && !entry.isFile()) continue;
      const path = join(folder, entry.name);
      try {
        if (isFolder) this.#inner(path, statSync(path));
        else this.#file(path, statSync(path));
      } catch (error) {
        this.#tell(path, error);
      }
    }
  }

  /** A folder in a folder. */
  #inner(path: string, facts: Stats): void {
    if (this.#isRecursive) this.#folder(path, facts);
    else if (!this.#leftOut.has(identityOf(facts))) this.foldersLeft += 1;
  }

  #file(given: string, facts: Stats): void {
    // To `kbdiag analyze` a single hyphen is standard input.
    const path = given === '-' ? './-' : given;
    const identity = identityOf(facts);
    if (this.#leftOut.has(identity)) return;
    const place = resolve(path);
    // One file under two names is told under both, as they are two captures to whoever keeps them.
    if (this.#seen.has(identity) && (facts.nlink === 1 || this.#paths.has(place))) return;
    this.#seen.add(identity);
    if (facts.nlink > 1) this.#paths.add(place);
    this.files.push({ path, bytes: facts.size, mtimeMillis: Math.floor(facts.mtimeMs) });
  }

  #tell(path: string, error: unknown): void {
    this.#unlisted.set(path, error instanceof Error ? error.message : String(error));
  }
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}/${ino}`;
}

/** By code units, which no locale changes. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
