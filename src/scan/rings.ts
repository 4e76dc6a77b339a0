/**
 * Which files are pieces of one capture, by their names: those of `dumpcap -b` (`name_00001_20260101120000.pcapng`) and of
 * `editcap -c` and `-i`, of `tcpdump -C` and `-W` (`name.pcap`, `name.pcap1`, `name.pcap02`), of `tcpdump -G` (a name with
 * a time in it) and `name.00001.pcap`, any of them compressed. Whether they are one after the other in time is seen when they are read.
 */
import { compare, type FoundFile } from './discover.ts';
import type { Group } from './jobs.ts';

/** Marks, in the name of a ring, what differs between its files. No file has it in its name, so that no two names are equal. */
const MARK = '\0';

/** A file as a piece of a ring, as its name tells. */
interface Piece {
  /** Folder and name, with marks. */
  readonly ring: string;
  /** Digits of a time, the same number of them in all files of a ring; empty where the name has none. */
  readonly time: string;
  readonly number: number;
}

/** Rings of at least two files, and each other file by itself. */
export function rings(files: readonly FoundFile[]): Group[] {
  const groups: Group[] = [];
  const alone = (file: FoundFile): void => {
    groups.push({ name: file.path, files: [file] });
  };
  const found = new Map<string, Member[]>();
  for (const file of files) {
    const piece = pieceOf(file.path);
    if (piece === null) alone(file);
    else {
      const members = found.get(piece.ring);
      if (members === undefined) found.set(piece.ring, [{ ...piece, file }]);
      else members.push({ ...piece, file });
    }
  }
  for (const [ring, members] of found) {
    const inOrder = members.toSorted((a, b) => comparePlaces(a, b) || compare(a.file.path, b.file.path));
    // A second file with the same place is a copy of it, such as a compressed one.
    const isCopy = (member: Member, index: number): boolean => {
      const before = inOrder[index - 1];
      return before !== undefined && comparePlaces(before, member) === 0;
    };
    const pieces = inOrder.filter((member, index) => !isCopy(member, index)).map(({ file }) => file);
    const copies = inOrder.filter(isCopy).map(({ file }) => file);
    if (pieces.length > 1 && isPadded(ring, members)) groups.push({ name: ring, files: pieces });
    else for (const file of pieces) alone(file);
    for (const file of copies) alone(file);
  }
  return groups;
}

type Member = Piece & { readonly file: FoundFile };

function comparePlaces(a: Piece, b: Piece): number {
  return compare(a.time, b.time) || a.number - b.number;
}

/** As a path: `name_ring.pcapng`. */
export function plainName(name: string): string {
  return name.replaceAll(/\0[a-z]+\0/g, 'ring');
}

const COMPRESSED = /\.(?:gz|zst)$/i;
/** dumpcap with and without its option `nametimenum`, and editcap. */
const NUMBER_TIME = /^(.*_)(\d{5,10})_(\d{14})(\.\w+)?$/;
const TIME_NUMBER = /^(.*_)(\d{14})_(\d{5,10})(\.\w+)?$/;
/** What follows a name that ends like a capture's: tcpdump takes the name it was given and puts the number behind. */
const BEHIND = /^(.*\.(?:pcap|pcapng|cap|dmp|dump|trc|trace))(\d{0,9})$/i;
const NUMBER = /^(.*[._-]|)(\d{5,10})(\.[A-Za-z]\w*)$/;
/** Seconds since 1970 at the end. */
const EPOCH = /^(.*\.)(1\d{9})$/;
/** A day, and often a time of it, as strftime writes them with and without separators. */
const DAY = '(?:19|20)\\d\\d([-_.]?)(?:0[1-9]|1[0-2])\\1(?:0[1-9]|[12]\\d|3[01])';
const TIME_OF_DAY = '[-_.T ]?(?:[01]\\d|2[0-3])(?:[-_.:h]?[0-5]\\d)?(?:[-_.:m]?[0-6]\\d)?';
const TIME = new RegExp(`(?<!\\d)${DAY}(?:${TIME_OF_DAY})?(?!\\d)`, 'g');

/** The name of the ring that a file may be a piece of; `isNumbered`: it is not its first by name. */
export function ringOf(path: string): { readonly name: string; readonly isNumbered: boolean } | null {
  const piece = pieceOf(path);
  return piece === null ? null : { name: piece.ring, isNumbered: piece.time !== '' || piece.number >= 0 };
}

function pieceOf(path: string): Piece | null {
  const from = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  const folder = path.slice(0, from);
  const name = path.slice(from).replace(COMPRESSED, '');
  const ring = (kind: string, before: string, behind = ''): string =>
    `${folder}${before}${MARK}${kind}${MARK}${behind}`;
  const numbered = NUMBER_TIME.exec(name);
  if (numbered !== null) {
    const [, before = '', number, time = '', behind] = numbered;
    return { ring: ring('files', before, behind), time, number: Number(number) };
  }
  const timed = TIME_NUMBER.exec(name);
  if (timed !== null) {
    const [, before = '', time = '', number, behind] = timed;
    return { ring: ring('files', before, behind), time, number: Number(number) };
  }
  const epoch = EPOCH.exec(name);
  if (epoch !== null) {
    const [, before = '', time = ''] = epoch;
    return { ring: ring('time', before), time, number: -1 };
  }
  const [, beforeNumber = name, behindName = ''] = BEHIND.exec(name) ?? [];
  const isBehind = beforeNumber !== name || BEHIND.test(name);
  const number = behindName === '' ? -1 : Number(behindName);
  let time = '';
  const marked = beforeNumber.replaceAll(TIME, (found) => {
    time += found.replaceAll(/\D/g, '');
    return `${MARK}time${MARK}`;
  });
  if (time !== '') return { ring: folder + marked, time, number };
  if (isBehind && behindName !== '') return { ring: ring('behind', `${beforeNumber}.`), time, number };
  const counted = NUMBER.exec(name);
  if (counted !== null) {
    const [, before = '', digits, behind] = counted;
    return { ring: ring('number', before, behind), time, number: Number(digits) };
  }
  return isBehind ? { ring: ring('behind', `${beforeNumber}.`), time, number } : null;
}

/** A number in the midst of a name counts files only where it was padded: others tell tickets, ports, sites. */
function isPadded(ring: string, members: readonly Member[]): boolean {
  if (!ring.includes(`${MARK}number${MARK}`)) return true;
  return members.some(({ file: { path } }) =>
    /(?<!\d)0\d{4,}(?=\.[A-Za-z]\w*(?:\.(?:gz|zst))?$)/i.test(path),
  );
}
