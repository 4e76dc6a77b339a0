/** What the workers of a scan are given to do, and in which order; which share of it a shard takes. */
import { createHash } from 'node:crypto';
import { compare, type FoundFile } from './discover.ts';
import { type Disclosure, FULL_DISCLOSURE } from './disclosure.ts';
import { reportStems } from './report-paths.ts';

/** One analysis: a capture, or the files of a ring as one timeline. */
export interface Job {
  /** What decides on the shard and on the place of its reports: the path of the file, or the name of the ring. */
  readonly name: string;
  /** In the order in which `kbdiag analyze` would be given them. */
  readonly files: readonly FoundFile[];
  /** What the files are called in all that is written. */
  readonly shown: readonly string[];
  readonly bytes: number;
  /** Where its reports go, below the folder of reports, without the extension. */
  readonly stem: string;
  /** Of a ring: each of its files by itself, should they turn out to be no ring. */
  readonly parts: readonly Job[];
}

/** Files that are analysed together, in their order, and what they are called together. */
export interface Group {
  readonly name: string;
  readonly files: readonly FoundFile[];
}

/** `index` of `count`, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Each file by itself. */
export function singles(files: readonly FoundFile[]): Group[] {
  return files.map((file) => ({ name: file.path, files: [file] }));
}

/** The jobs of a scan, the largest first, so that no worker begins one when the others are about to end. */
export function toJobs(
  groups: readonly Group[],
  shard: Shard | null = null,
  disclosure: Disclosure = FULL_DISCLOSURE,
): Job[] {
  // Places of reports are settled among all of them: no two shards write to the same one.
  const names = groups.flatMap(({ name, files }) => [...new Set([name, ...files.map(({ path }) => path)])]);
  const shownAs = disclosure.names(names);
  const stems = reportStems(names.map(shownAs));
  const toJob = (name: string, files: readonly FoundFile[]): Job => ({
    name,
    files,
    shown: files.map(({ path }) => shownAs(path)),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    stem: stems.get(shownAs(name)) as string,
    parts: files.length === 1 ? [] : files.map((file) => toJob(file.path, [file])),
  });
  return groups
    .map(({ name, files }) => toJob(name, files))
    .filter(({ name }) => isInShard(name, shard))
    .toSorted((a, b) => b.bytes - a.bytes || compare(a.name, b.name));
}

/** Depends on the name alone, so that a shard keeps what it has when files come and go. */
export function isInShard(name: string, shard: Shard | null): boolean {
  if (shard === null) return true;
  return createHash('sha256').update(name).digest().readUInt32BE(0) % shard.count === shard.index - 1;
}
