/** The options of a SYN (RFC 9293 3.2, RFC 7323, RFC 2018), read in one pass; lengths are untrusted. */
import type { Packet } from './packet.ts';

const END_OF_LIST = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2;
const WINDOW_SCALE = 3;
const TIMESTAMPS = 8;

/** One instance is filled anew for every segment, so that nothing is allocated. */
export class TcpOptions {
  /** False where the options were cut by the capture: then none of the fields says anything. */
  isKnown = false;
  /** The kinds in their order and the header's length, as one number; 0 without options. */
  order = 0;
  /** Maximum segment size, or -1. */
  segmentSize = -1;
  /** Window scale shift, or -1. */
  scale = -1;
  hasTimestamp = false;
  /** Timestamp value as int32; meaningful with `hasTimestamp`. */
  timestamp = 0;
  /** Nothing but maximum segment size, no-operation and end of list: a stack before RFC 7323. */
  isPlain = true;

  read(packet: Packet): void {
    const { view, transport } = packet;
    this.order = 0;
    this.segmentSize = -1;
    this.scale = -1;
    this.hasTimestamp = false;
    this.isPlain = true;
    const end = transport + ((view.getUint8(transport + 12) >>> 4) << 2);
    this.isKnown = end <= packet.end && end >= transport + 20;
    if (!this.isKnown || end === transport + 20) return;
    this.#walk(view, transport + 20, end);
  }

  /** At most 40 bytes, one or more a step. */
  #walk(view: DataView, from: number, end: number): void {
    let order = end - from;
    for (let at = from; at < end; ) {
      const kind = view.getUint8(at);
      order = (Math.imul(order, 31) + kind + 1) | 0;
      if (kind === END_OF_LIST) break;
      if (kind === NO_OPERATION) {
        at += 1;
        continue;
      }
      const length = at + 1 < end ? view.getUint8(at + 1) : 0;
      // An option that runs past the header has no value to read.
      if (length < 2 || at + length > end) break;
      this.#option(view, at, kind, length);
      at += length;
    }
    this.order = order;
  }

  #option(view: DataView, at: number, kind: number, length: number): void {
    if (kind === MAXIMUM_SEGMENT_SIZE) {
      if (length === 4) this.segmentSize = view.getUint16(at + 2);
      return;
    }
    this.isPlain = false;
    if (kind === WINDOW_SCALE && length === 3) this.scale = view.getUint8(at + 2);
    else if (kind === TIMESTAMPS && length === 10) {
      this.hasTimestamp = true;
      this.timestamp = view.getInt32(at + 2);
    }
  }
}
