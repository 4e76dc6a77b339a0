/** Puts bytes into a packet view as the engine does, with poison before and behind what was captured. */
import { decodePacket, LINK_ETHERNET } from '../../src/wire/link.ts';
import { Packet } from '../../src/wire/packet.ts';

export interface FrameBounds {
  readonly linkType?: number;
  /** Captured bytes; all where absent. */
  readonly captured?: number;
  /** Bytes on the wire; the length of the frame where absent. */
  readonly original?: number;
  /** What stands around the captured bytes. */
  readonly poison?: number;
}

const MARGIN = 96;

/** The decoded packet; one of its own, or `packet` filled anew. */
export function decoded(frame: Uint8Array, bounds: FrameBounds = {}, packet: Packet = new Packet()): Packet {
  const captured = bounds.captured ?? frame.length;
  const buffer = new Uint8Array(frame.length + 2 * MARGIN).fill(bounds.poison ?? 0);
  buffer.set(frame.subarray(0, captured), MARGIN);
  packet.view = new DataView(buffer.buffer);
  packet.offset = MARGIN;
  packet.capturedLength = captured;
  packet.originalLength = bounds.original ?? frame.length;
  packet.end = MARGIN + captured;
  packet.wireEnd = MARGIN + packet.originalLength;
  packet.linkType = bounds.linkType ?? LINK_ETHERNET;
  decodePacket(packet);
  return packet;
}

/** Kinds of every prefix of a frame, as [first captured length, kind] wherever the kind changes. */
export function kindsByPrefix(
  frame: Uint8Array,
  linkType: number = LINK_ETHERNET,
): Array<readonly [number, number]> {
  const changes: Array<readonly [number, number]> = [];
  for (let captured = 0; captured <= frame.length; captured += 1) {
    const { kind } = decoded(frame, { captured, linkType, poison: 0x5a });
    if (changes.at(-1)?.[1] !== kind) changes.push([captured, kind]);
  }
  return changes;
}
