/** Where the report of a capture lies below the output folder: under the capture's own path. */
import { createHash } from 'node:crypto';
import { posix, sep } from 'node:path';
import type { Format } from '../report/formats.ts';
import { plainName } from './rings.ts';

export const REPORT_FOLDER = 'reports';

const EXTENSIONS: Readonly<Record<string, string>> = { text: 'txt', markdown: 'md' };

/** Bytes of a name in a folder, on every usual file system; leaves room for the extension. */
const MAX_NAME_BYTES = 255 - 16;

/** Below the output folder, with forward slashes. */
export function reportPath(stem: string, format: Format): string {
  return `${REPORT_FOLDER}/${stem}.${EXTENSIONS[format] ?? format}`;
}

/**
 * The stems of reports by the names of captures. Names that would give the same place, or whose place would be a folder of
 * another one's, are told apart by a hash of the name.
 */
export function reportStems(names: readonly string[]): Map<string, string> {
  const stems = new Map(names.map((name) => [name, stemOf(name)]));
  const counts = new Map<string, number>();
  const beginnings = new Set<string>();
  for (const stem of stems.values()) {
    counts.set(stem, (counts.get(stem) ?? 0) + 1);
    for (const folder of foldersOf(stem)) addBeginnings(folder, beginnings);
  }
  for (const [name, stem] of stems) {
    if ((counts.get(stem) as number) > 1 || beginnings.has(stem))
      stems.set(name, `${cut(stem)}~${hashOf(name)}`);
  }
  return stems;
}

function* foldersOf(stem: string): Generator<string> {
  for (let at = stem.indexOf('/'); at >= 0; at = stem.indexOf('/', at + 1)) yield stem.slice(0, at);
}

/** What, with some extension, would be the folder's name. */
function addBeginnings(folder: string, beginnings: Set<string>): void {
  const name = folder.lastIndexOf('/') + 1;
  for (let dot = folder.indexOf('.', name); dot >= 0; dot = folder.indexOf('.', dot + 1))
    beginnings.add(folder.slice(0, dot));
}

function stemOf(name: string): string {
  const plain = plainName(name);
  const path = sep === '\\' ? plain.replaceAll('\\', '/').replaceAll(':', '') : plain;
  const inside = posix.normalize(path).replace(/^(?:\.{0,2}\/)+/, '');
  return inside
    .split('/')
    .map((segment) =>
      Buffer.byteLength(segment) > MAX_NAME_BYTES ? `${cut(segment)}~${hashOf(segment)}` : segment,
    )
    .join('/');
}

/** Room for a hash at the end of the last name. */
function cut(stem: string): string {
  const slash = stem.lastIndexOf('/') + 1;
  let last = stem.slice(slash);
  while (Buffer.byteLength(last) > MAX_NAME_BYTES - 17) last = Array.from(last).slice(0, -1).join('');
  return stem.slice(0, slash) + last;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
