/**
 * A citation packed into six words of a table, for trackers that must remember frames they will hardly ever cite.
 *
 *     0 number | 1 file 16, offset bits 47..32 | 2 offset bits 31..0 | 3 seconds | 4 nanoseconds
 *     5 time precision 4, captured bytes 28
 */
import type { FrameCitation } from '../engine/result.ts';
import type { Packet } from '../wire/packet.ts';
import { type Citable, cite } from './citation.ts';

export const FRAME_WORDS = 6;

export function packFrame(words: Int32Array, at: number, packet: Packet): void {
  const { fileOffset } = packet;
  words[at] = packet.number;
  words[at + 1] = (packet.file << 16) | (Math.floor(fileOffset / 0x1_0000_0000) & 0xffff);
  words[at + 2] = fileOffset | 0;
  words[at + 3] = packet.seconds;
  words[at + 4] = packet.nanos;
  words[at + 5] = (packet.precision << 28) | (packet.capturedLength & 0x0fff_ffff);
}

/** What `packFrame` kept of a packet. */
export function unpackPacket(words: Int32Array, at: number): Citable {
  const place = words[at + 1] as number;
  const size = words[at + 5] as number;
  return {
    number: (words[at] as number) >>> 0,
    file: place >>> 16,
    seconds: secondsOf(words[at + 3] as number),
    nanos: words[at + 4] as number,
    precision: size >>> 28,
    fileOffset: (place & 0xffff) * 0x1_0000_0000 + ((words[at + 2] as number) >>> 0),
    capturedLength: size & 0x0fff_ffff,
  };
}

export function unpackFrame(words: Int32Array, at: number, role: string, summary: string): FrameCitation {
  return cite(unpackPacket(words, at), role, summary);
}

/** Seconds between two packed frames of one clock epoch. */
export function secondsBetween(words: Int32Array, from: number, others: Int32Array, to: number): number {
  const seconds = ((others[to + 3] as number) - (words[from + 3] as number)) | 0;
  return seconds + ((others[to + 4] as number) - (words[from + 4] as number)) * 1e-9;
}

/** Seconds from a packed frame to the current packet, in the same clock epoch. */
export function secondsSince(packet: Packet, words: Int32Array, at: number): number {
  const seconds = (packet.seconds - (words[at + 3] as number)) | 0;
  return seconds + (packet.nanos - (words[at + 4] as number)) * 1e-9;
}

/** Seconds since 1970 from their lower 32 bits: years 1970 to 2106, which is what classic captures can say. */
function secondsOf(word: number): number {
  return word >>> 0;
}
