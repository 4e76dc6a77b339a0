/** Captures without end, made as they are read: a few frames over and over, each with its number written into it. */

/** 2001-02-03 04:05:06 UTC. */
const START_SECONDS = 981_173_106;
const PIECE_BYTES = 256 * 1024;
const PCAP_MAGIC = 0xa1b2c3d4;
const SNAP_LENGTH = 262_144;
export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_PPP = 9;
const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE = 1;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;

/** A stream of pieces; each is written over by the next one. */
export type Pieces = Generator<Uint8Array, void, void>;

/** Changes the frame `which` of the packets of a number, which begins at `at`. */
export type Change = (view: DataView, at: number, number: number, which: number) => void;

export interface Repetition {
  readonly frames: readonly Uint8Array[];
  /** How often. */
  readonly count: number;
  /** How many of these in a second; frames of one number are 20 microseconds apart. */
  readonly perSecond: number;
  readonly change: Change;
  /** When the first of them comes, in seconds after the start of the capture; 0 where absent. */
  readonly firstSecond?: number;
  /** Instead of its place in the steady flow, the time of a number in seconds. */
  readonly timeOf?: (number: number) => number;
}

export function pcapHeader(linkType: number = LINKTYPE_ETHERNET): Uint8Array {
  const words = [PCAP_MAGIC, 0x0004_0002, 0, 0, SNAP_LENGTH, linkType];
  return new Uint8Array(Uint32Array.from(words).buffer);
}

/** The records of a little-endian classic capture. */
export function* pcapRecords(repetition: Repetition): Pieces {
  const { frames, count, perSecond, change, timeOf, firstSecond = 0 } = repetition;
  const perNumber = frames.reduce((sum, frame) => sum + 16 + frame.length, 0);
  const numbers = Math.max(1, Math.floor(PIECE_BYTES / perNumber));
  const piece = new Uint8Array(numbers * perNumber);
  const view = new DataView(piece.buffer);
  for (let first = 0; first < count; first += numbers) {
    const until = Math.min(count, first + numbers);
    let at = 0;
    for (let number = first; number < until; number += 1) {
      const seconds = timeOf?.(number) ?? START_SECONDS + firstSecond + Math.floor(number / perSecond);
      const micros = timeOf === undefined ? Math.floor(((number % perSecond) * 1e6) / perSecond) : 0;
      for (const [which, frame] of frames.entries()) {
        view.setUint32(at, seconds, true);
        view.setUint32(at + 4, micros + 20 * which, true);
        view.setUint32(at + 8, frame.length, true);
        view.setUint32(at + 12, frame.length, true);
        piece.set(frame, at + 16);
        change(view, at + 16, number, which);
        at += 16 + frame.length;
      }
    }
    yield piece.subarray(0, at);
  }
}

export function* pcap(linkType: number, ...repetitions: readonly Repetition[]): Pieces {
  yield pcapHeader(linkType);
  for (const repetition of repetitions) yield* pcapRecords(repetition);
}

/** A pcapng block; the body is padded. */
export function block(type: number, body: Uint8Array): Uint8Array {
  const length = 12 + ((body.length + 3) & ~3);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  bytes.set(body, 8);
  view.setUint32(length - 4, length, true);
  return bytes;
}

export function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + ((value.length + 3) & ~3));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  bytes.set(value, 4);
  return bytes;
}

export function sectionHeader(...options: readonly Uint8Array[]): Uint8Array {
  const fixed = new DataView(new ArrayBuffer(16));
  fixed.setUint32(0, BYTE_ORDER_MAGIC, true);
  fixed.setUint16(4, 1, true);
  fixed.setBigInt64(8, -1n, true);
  return block(SECTION_HEADER, Buffer.concat([new Uint8Array(fixed.buffer), ...options]));
}

export function interfaceDescription(...options: readonly Uint8Array[]): Uint8Array {
  const fixed = new DataView(new ArrayBuffer(8));
  fixed.setUint16(0, LINKTYPE_ETHERNET, true);
  fixed.setUint32(4, SNAP_LENGTH, true);
  return block(INTERFACE, Buffer.concat([new Uint8Array(fixed.buffer), ...options]));
}

/** `seconds` after the start; `dropped` is cumulative. */
export function interfaceStatistics(source: number, seconds: number, dropped: number): Uint8Array {
  const fixed = new DataView(new ArrayBuffer(24));
  const micros = (START_SECONDS + seconds) * 1e6;
  fixed.setUint32(0, source, true);
  fixed.setUint32(4, Math.floor(micros / 2 ** 32), true);
  fixed.setUint32(8, micros % 2 ** 32, true);
  // isb_ifdrop.
  fixed.setUint16(12, 5, true);
  fixed.setUint16(14, 8, true);
  fixed.setUint32(16, dropped, true);
  return block(INTERFACE_STATISTICS, new Uint8Array(fixed.buffer));
}

/** `seconds` after the start. */
export function enhancedPacket(
  source: number,
  seconds: number,
  frame: Uint8Array,
  ...options: readonly Uint8Array[]
): Uint8Array {
  const fixed = new DataView(new ArrayBuffer(20));
  const micros = (START_SECONDS + seconds) * 1e6;
  fixed.setUint32(0, source, true);
  fixed.setUint32(4, Math.floor(micros / 2 ** 32), true);
  fixed.setUint32(8, micros % 2 ** 32, true);
  fixed.setUint32(12, frame.length, true);
  fixed.setUint32(16, frame.length, true);
  const padding = new Uint8Array(-frame.length & 3);
  return block(ENHANCED_PACKET, Buffer.concat([new Uint8Array(fixed.buffer), frame, padding, ...options]));
}

/** Puts small pieces together. */
export function* gathered(pieces: Iterable<Uint8Array>): Pieces {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  yield Buffer.concat(waiting);
}
