/**
 * A capture as a header and pieces (records of a pcap, blocks of a pcapng), so that changes can go by piece and leave the rest of the
 * file a capture. Lengths are taken as they are in sound files; whatever is not sound is one last piece.
 */
import type { Random } from '../../samples/craft/random.ts';
import { joined } from '../../samples/craft/bytes.ts';
import { havoc, hostileNumber, MAX_INPUT_BYTES } from './havoc.ts';

export interface Pieces {
  readonly kind: 'pcap' | 'pcapng';
  readonly littleEndian: boolean;
  readonly header: Uint8Array;
  readonly pieces: readonly Uint8Array[];
}

const MAX_PIECES = 4096;

/** Null for anything that is neither. */
export function toPieces(bytes: Uint8Array): Pieces | null {
  if (bytes.length < 24) return null;
  const view = viewOf(bytes);
  const magic = view.getUint32(0);
  if (magic === 0x0a0d_0d0a) return blocksOf(bytes, view);
  const isBig = magic === 0xa1b2_c3d4 || magic === 0xa1b2_3c4d || magic === 0xa1b2_cd34;
  const isLittle = magic === 0xd4c3_b2a1 || magic === 0x4d3c_b2a1 || magic === 0x34cd_b2a1;
  return isBig || isLittle ? recordsOf(bytes, view, isLittle) : null;
}

function recordsOf(bytes: Uint8Array, view: DataView, littleEndian: boolean): Pieces {
  const headerBytes = recordHeaderBytes(bytes);
  const pieces: Uint8Array[] = [];
  let at = 24;
  while (at + headerBytes <= bytes.length && pieces.length < MAX_PIECES) {
    const end = at + headerBytes + view.getUint32(at + 8, littleEndian);
    if (end > bytes.length) break;
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  if (at < bytes.length) pieces.push(bytes.subarray(at));
  return { kind: 'pcap', littleEndian, header: bytes.subarray(0, 24), pieces };
}

/** Kuznetzov's patch has 8 bytes more in each record, as it mostly is. */
function recordHeaderBytes(bytes: Uint8Array): number {
  return isPatchedPcap(bytes) ? 24 : 16;
}

export function isPatchedPcap(bytes: Uint8Array): boolean {
  return (bytes[0] === 0x34 && bytes[1] === 0xcd) || (bytes[2] === 0xcd && bytes[3] === 0x34);
}

function blocksOf(bytes: Uint8Array, view: DataView): Pieces {
  const littleEndian = view.getUint32(8) === 0x4d3c_2b1a;
  const pieces: Uint8Array[] = [];
  let order = littleEndian;
  let at = 0;
  while (at + 12 <= bytes.length && pieces.length < MAX_PIECES) {
    if (view.getUint32(at) === 0x0a0d_0d0a) order = view.getUint32(at + 8) === 0x4d3c_2b1a;
    const length = view.getUint32(at + 4, order);
    if (length < 12 || at + length > bytes.length) break;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  if (at < bytes.length) pieces.push(bytes.subarray(at));
  const [header = new Uint8Array(0), ...rest] = pieces;
  return { kind: 'pcapng', littleEndian, header, pieces: rest };
}

export function fromPieces({ header, pieces }: Pieces): Uint8Array {
  return joined([header, ...pieces]);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Link types of which something is decoded, and some of which nothing is. */
const LINK_TYPES: readonly number[] = [
  0, 1, 9, 12, 14, 50, 51, 101, 105, 108, 113, 127, 166, 204, 228, 229, 276, 147, 65_535,
];
const PCAP_MAGICS: readonly number[] = [0xa1b2_c3d4, 0xa1b2_3c4d, 0xa1b2_cd34];
const BLOCK_TYPES: readonly number[] = [1, 2, 3, 4, 5, 6, 9, 0xa, 0xbad, 0x4000_0bad, 0x204, 0x8000_0001];

/** A capture with some of its pieces changed, and the rest as it was. Null where it has no pieces. */
export function changePieces(bytes: Uint8Array, random: Random, donorBytes: Uint8Array): Uint8Array | null {
  const capture = toPieces(bytes);
  if (capture === null || capture.pieces.length === 0) return null;
  const donor = toPieces(donorBytes);
  const rounds = random.integer(1, 5);
  let { header } = capture;
  let pieces = [...capture.pieces];
  for (let round = 0; round < rounds && pieces.length > 0; round += 1) {
    const at = random.integer(0, pieces.length - 1);
    switch (random.integer(0, 11)) {
      case 0:
        pieces.splice(at, random.integer(1, Math.max(1, pieces.length >> 2)));
        break;
      case 1:
        pieces.splice(random.integer(0, pieces.length), 0, pieces[at] as Uint8Array);
        break;
      case 2: {
        const other = random.integer(0, pieces.length - 1);
        [pieces[at], pieces[other]] = [pieces[other] as Uint8Array, pieces[at] as Uint8Array];
        break;
      }
      case 3:
        pieces = [...pieces.slice(at), ...pieces.slice(0, at)];
        break;
      case 4:
        if (donor !== null && donor.kind === capture.kind)
          pieces.splice(at, 0, ...donor.pieces.slice(random.integer(0, donor.pieces.length)).slice(0, 64));
        break;
      case 5:
        header = changedHeader(capture.kind, header, random, capture.littleEndian);
        break;
      case 6:
      case 7:
        pieces[at] = changedTime(capture, pieces[at] as Uint8Array, random);
        break;
      case 8:
        pieces[at] = changedLength(capture, pieces[at] as Uint8Array, random);
        break;
      case 9:
        if (capture.kind === 'pcapng') pieces.splice(at, 0, newBlock(capture.littleEndian, random));
        else pieces.splice(0, at);
        break;
      default:
        pieces[at] = changedBody(capture, pieces[at] as Uint8Array, random, donorBytes);
    }
  }
  const changed = fromPieces({ ...capture, header, pieces });
  return changed.length > MAX_INPUT_BYTES ? changed.subarray(0, MAX_INPUT_BYTES) : changed;
}

function changedHeader(
  kind: Pieces['kind'],
  header: Uint8Array,
  random: Random,
  littleEndian: boolean,
): Uint8Array {
  const changed = header.slice();
  const view = viewOf(changed);
  if (kind === 'pcapng') {
    const at = random.pick([12, 14, 16, 20]);
    if (at + 4 <= changed.length) view.setUint32(at, hostileNumber(random), littleEndian);
    return changed;
  }
  const what = random.integer(0, 3);
  if (what === 0) view.setUint32(0, random.pick(PCAP_MAGICS), littleEndian);
  else if (what === 1) view.setUint32(16, hostileNumber(random), littleEndian);
  else if (what === 2) view.setUint32(20, hostileNumber(random), littleEndian);
  else view.setUint32(20, random.pick(LINK_TYPES), littleEndian);
  return changed;
}

/** Where the two words of the time stand: seconds and fraction, or the halves of the units since 1970. */
function timeAt({ kind, littleEndian }: Pieces, piece: Uint8Array): number {
  if (kind === 'pcap') return 0;
  const type = viewOf(piece).getUint32(0, littleEndian);
  return type === 6 || type === 2 || type === 5 ? 12 : -1;
}

/** A time at an edge, a step, or that of another epoch. */
function changedTime(capture: Pieces, piece: Uint8Array, random: Random): Uint8Array {
  const at = piece.length < 20 ? -1 : timeAt(capture, piece);
  if (at < 0) return piece;
  const changed = piece.slice();
  const view = viewOf(changed);
  const word = at + random.pick([0, 4]);
  const { littleEndian } = capture;
  const value = random.chance(0.5)
    ? hostileNumber(random)
    : view.getUint32(word, littleEndian) + random.pick([-1, 1]) * random.pick([1, 10, 60, 3600, 86_400, 1e6]);
  view.setUint32(word, value, littleEndian);
  return changed;
}

function changedLength({ kind, littleEndian }: Pieces, piece: Uint8Array, random: Random): Uint8Array {
  if (piece.length < 28) return piece;
  const changed = piece.slice();
  const at = kind === 'pcap' ? random.pick([8, 12]) : random.pick([4, 20, 24, piece.length - 4]);
  viewOf(changed).setUint32(at, hostileNumber(random), littleEndian);
  return changed;
}

/** What is in the piece changes, and its lengths say the truth of it. */
function changedBody(capture: Pieces, piece: Uint8Array, random: Random, donor: Uint8Array): Uint8Array {
  const { kind, littleEndian } = capture;
  const headerBytes = kind === 'pcap' ? 16 : 8;
  if (piece.length < headerBytes + 4) return piece;
  if (kind === 'pcap') {
    const body = havoc(piece.subarray(headerBytes), random, donor, 3);
    const header = piece.slice(0, headerBytes);
    const view = viewOf(header);
    const added = body.length - (piece.length - headerBytes);
    view.setUint32(8, view.getUint32(8, littleEndian) + added, littleEndian);
    view.setUint32(12, view.getUint32(12, littleEndian) + added, littleEndian);
    return joined([header, body]);
  }
  const body = havoc(piece.subarray(8, piece.length - 4), random, donor, 3);
  return block(littleEndian, viewOf(piece).getUint32(0, littleEndian), body);
}

function block(littleEndian: boolean, type: number, body: Uint8Array): Uint8Array {
  const length = 12 + ((body.length + 3) & ~3);
  const made = new Uint8Array(length);
  const view = viewOf(made);
  view.setUint32(0, type, littleEndian);
  view.setUint32(4, length, littleEndian);
  made.set(body, 8);
  view.setUint32(length - 4, length, littleEndian);
  return made;
}

/** An interface, statistics, a new section, or a block of any type, with options of any length. */
function newBlock(littleEndian: boolean, random: Random): Uint8Array {
  const kind = random.integer(0, 3);
  if (kind === 0) {
    const body = new Uint8Array(8 + 32);
    const view = viewOf(body);
    view.setUint16(0, random.pick(LINK_TYPES), littleEndian);
    view.setUint32(4, hostileNumber(random), littleEndian);
    addOptions(view, 8, random, littleEndian, [2, 3, 9, 10, 11, 13, 14]);
    return block(littleEndian, 1, body);
  }
  if (kind === 1) {
    const body = new Uint8Array(12 + 48);
    const view = viewOf(body);
    view.setUint32(0, random.integer(0, 2), littleEndian);
    view.setUint32(4, hostileNumber(random), littleEndian);
    view.setUint32(8, hostileNumber(random), littleEndian);
    addOptions(view, 12, random, littleEndian, [2, 3, 4, 5, 7]);
    return block(littleEndian, 5, body);
  }
  if (kind === 2) {
    const order = random.chance(0.5);
    const body = new Uint8Array(16).fill(0xff, 8);
    const view = viewOf(body);
    view.setUint32(0, 0x1a2b_3c4d, order);
    view.setUint16(4, 1, order);
    view.setUint16(6, random.pick([0, 2, 1]), order);
    return block(order, 0x0a0d_0d0a, body);
  }
  const body = Uint8Array.from({ length: random.integer(0, 64) }, () => random.integer(0, 255));
  return block(littleEndian, random.pick(BLOCK_TYPES), body);
}

function addOptions(
  view: DataView,
  from: number,
  random: Random,
  littleEndian: boolean,
  codes: readonly number[],
): void {
  for (let at = from; at + 12 <= view.byteLength; at += 12) {
    view.setUint16(
      at,
      random.chance(0.9) ? random.pick(codes) : hostileNumber(random) & 0xffff,
      littleEndian,
    );
    view.setUint16(at + 2, random.chance(0.8) ? 8 : hostileNumber(random) & 0xffff, littleEndian);
    view.setUint32(
      at + 4,
      random.chance(0.5) ? random.integer(0, 255) << 24 : hostileNumber(random),
      littleEndian,
    );
    view.setUint32(at + 8, hostileNumber(random), littleEndian);
  }
}
