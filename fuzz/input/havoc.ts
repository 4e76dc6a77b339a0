/** Changes to bytes that know nothing of what the bytes mean. */
import type { Random } from '../../samples/craft/random.ts';

/** What lengths and counts go wrong at. */
const EDGES: readonly number[] = [
  0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 20, 28, 31, 32, 63, 64, 127, 128, 129, 254, 255, 256, 257, 511, 512,
  1023, 1024, 4095, 4096, 32_767, 32_768, 65_535, 65_536, 262_143, 262_144, 262_145, 0xff_ffff, 0x100_0000,
  0x100_0001, 0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_fff0, 0xffff_fffe, 0xffff_ffff,
];

/** No input grows beyond this by changes. */
export const MAX_INPUT_BYTES = 256 * 1024;

const MAX_PIECE_BYTES = 4096;

/** A number as hostile files have them: near an edge, small, or any. */
export function hostileNumber(random: Random): number {
  const kind = random.integer(0, 9);
  if (kind < 6) return (random.pick(EDGES) + random.integer(-1, 1)) >>> 0;
  if (kind < 8) return random.integer(0, 300);
  return Math.floor(random.next() * 2 ** 32) >>> 0;
}

type Change = (bytes: Uint8Array, random: Random, donor: Uint8Array) => Uint8Array;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function without(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const left = new Uint8Array(bytes.length - (to - from));
  left.set(bytes.subarray(0, from));
  left.set(bytes.subarray(to), from);
  return left;
}

function withPiece(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  if (bytes.length + piece.length > MAX_INPUT_BYTES) return bytes;
  const grown = new Uint8Array(bytes.length + piece.length);
  grown.set(bytes.subarray(0, at));
  grown.set(piece, at);
  grown.set(bytes.subarray(at), at + piece.length);
  return grown;
}

function range(bytes: Uint8Array, random: Random): readonly [from: number, to: number] {
  const from = random.integer(0, Math.max(0, bytes.length - 1));
  const most = Math.min(bytes.length - from, random.chance(0.7) ? 16 : MAX_PIECE_BYTES);
  return [from, from + random.integer(Math.min(1, most), most)];
}

function place(bytes: Uint8Array, random: Random, width: number): number {
  return random.integer(0, bytes.length - width);
}

const CHANGES: readonly Change[] = [
  function flipBit(bytes, random) {
    const at = place(bytes, random, 1);
    bytes[at] = (bytes[at] as number) ^ (1 << random.integer(0, 7));
    return bytes;
  },
  function setByte(bytes, random) {
    bytes[place(bytes, random, 1)] = random.chance(0.5)
      ? random.integer(0, 255)
      : hostileNumber(random) & 0xff;
    return bytes;
  },
  function addToByte(bytes, random) {
    const at = place(bytes, random, 1);
    bytes[at] = (bytes[at] as number) + random.integer(-16, 16);
    return bytes;
  },
  function setShort(bytes, random) {
    if (bytes.length >= 2)
      viewOf(bytes).setUint16(place(bytes, random, 2), hostileNumber(random) & 0xffff, random.chance(0.5));
    return bytes;
  },
  function setWord(bytes, random) {
    if (bytes.length >= 4)
      viewOf(bytes).setUint32(place(bytes, random, 4), hostileNumber(random), random.chance(0.5));
    return bytes;
  },
  function addToWord(bytes, random) {
    if (bytes.length < 4) return bytes;
    const at = place(bytes, random, 4);
    const littleEndian = random.chance(0.5);
    const view = viewOf(bytes);
    view.setUint32(at, view.getUint32(at, littleEndian) + random.integer(-32, 32), littleEndian);
    return bytes;
  },
  function fill(bytes, random) {
    const [from, to] = range(bytes, random);
    return bytes.fill(random.pick([0, 0xff, 0x20, random.integer(0, 255)]), from, to);
  },
  function remove(bytes, random) {
    const [from, to] = range(bytes, random);
    return without(bytes, from, to);
  },
  function repeat(bytes, random) {
    const [from, to] = range(bytes, random);
    return withPiece(bytes, random.chance(0.5) ? to : place(bytes, random, 0), bytes.slice(from, to));
  },
  function insertNoise(bytes, random) {
    const noise = Uint8Array.from({ length: random.integer(1, 24) }, () => random.integer(0, 255));
    return withPiece(bytes, place(bytes, random, 0), noise);
  },
  function moveOver(bytes, random) {
    const [from, to] = range(bytes, random);
    return bytes.copyWithin(place(bytes, random, 1), from, to);
  },
  function copyFromDonor(bytes, random, donor) {
    if (donor.length === 0) return bytes;
    const [from, to] = range(donor, random);
    const at = place(bytes, random, 1);
    bytes.set(donor.subarray(from, Math.min(to, from + bytes.length - at)), at);
    return bytes;
  },
  function insertFromDonor(bytes, random, donor) {
    if (donor.length === 0) return bytes;
    const [from, to] = range(donor, random);
    return withPiece(bytes, place(bytes, random, 0), donor.subarray(from, to));
  },
  function splice(bytes, random, donor) {
    if (donor.length === 0 || !random.chance(0.3)) return bytes;
    const head = bytes.subarray(0, place(bytes, random, 0));
    return withPiece(
      head,
      head.length,
      donor.subarray(place(donor, random, 1)).subarray(0, MAX_INPUT_BYTES >> 1),
    );
  },
  function truncate(bytes, random) {
    return random.chance(0.3) ? bytes.slice(0, place(bytes, random, 0)) : bytes;
  },
];

/** A copy of `input` with some changes; `donor` is another input, whose pieces are put into it. */
export function havoc(input: Uint8Array, random: Random, donor: Uint8Array, maxChanges = 6): Uint8Array {
  let bytes: Uint8Array = input.slice();
  // Mostly few: what is changed everywhere is refused at its first byte.
  const count = random.chance(0.9) ? random.integer(1, maxChanges) : random.integer(1, 8 * maxChanges);
  for (let at = 0; at < count; at += 1) {
    if (bytes.length === 0) bytes = Uint8Array.of(random.integer(0, 255));
    bytes = random.pick(CHANGES)(bytes, random, donor);
  }
  return bytes;
}
