/**
 * SYNs that wait for their answer: the embryonic part of the connections, apart from the others so that a flood of SYNs
 * displaces its own kind only. Sets of four; the oldest entry of a full set goes.
 */
import type { Packet } from '../wire/packet.ts';
import { tcpPayloadLength, tcpPorts, tcpSequence } from '../wire/tcp.ts';
import type { TcpOptions } from '../wire/tcp-options.ts';
import { packFrame } from './frame-words.ts';
import type { TupleFilter } from './tuple-filter.ts';

// Words of an entry. The first four are its key.
const SOURCE = 0;
export const PENDING_DESTINATION = 1;
export const PENDING_PORTS = 2;
/** Domain and clock epoch; zero is an empty entry. */
const SCOPE = 3;
export const PENDING_ISN = 4;
/** IP identification in the upper half, then flags and the TTL. */
export const PENDING_META = 5;
export const PENDING_STACK = 6;
/** Lower and upper part of the MAC address; the upper one is -1 where the link has none. */
export const PENDING_MAC_LOW = 7;
export const PENDING_MAC_HIGH = 8;
export const PENDING_TIMESTAMP = 9;
/** SYNs of this attempt, at most 255; payload bytes of the first above. */
export const PENDING_COUNT = 10;
export const PENDING_FRAME = 11;
const WORDS = 20;

/** Flags in PENDING_META. */
export const META_PLAIN = 0x100;
export const META_TIMESTAMP = 0x200;
/** The tuple's earlier connection closed within TIME-WAIT, and this number is in order. */
export const META_REUSE = 0x400;
/** An earlier connection on the tuple was seen: what a strange answer may mean is known from it. */
export const META_KNOWN = 0x800;

const SETS_SHIFT = 10;
const WAYS = 4;
const SET_WORDS = WAYS * WORDS;

export class PendingSyns {
  readonly words = new Int32Array((WAYS << SETS_SHIFT) * WORDS);
  used = 0;
  readonly #filter: TupleFilter;
  /** Source address by entry: compact, to find all of one host. */
  readonly #sources = new Int32Array(WAYS << SETS_SHIFT);

  constructor(filter: TupleFilter) {
    this.#filter = filter;
  }

  /** The entry of the attempt that a SYN belongs to, or -1. */
  findOpener(packet: Packet, scope: number): number {
    return this.#find(packet.ipSource, packet.ipDestination, tcpPorts(packet), scope);
  }

  /** The entry of the attempt that the packet answers, or -1. */
  findAnswered(packet: Packet, scope: number): number {
    const ports = tcpPorts(packet);
    return this.#find(packet.ipDestination, packet.ipSource, (ports << 16) | (ports >>> 16), scope);
  }

  /** Notes the first SYN of an attempt. */
  add(packet: Packet, scope: number, options: TcpOptions, flags: number): void {
    const { words } = this;
    const ports = tcpPorts(packet);
    const entry = this.#room(setOf(packet.ipSource, packet.ipDestination, ports));
    words[entry + SOURCE] = packet.ipSource;
    words[entry + PENDING_DESTINATION] = packet.ipDestination;
    words[entry + PENDING_PORTS] = ports;
    words[entry + SCOPE] = scope;
    words[entry + PENDING_ISN] = tcpSequence(packet);
    words[entry + PENDING_META] =
      (packet.ipId << 16) |
      flags |
      (options.isPlain && options.isKnown ? META_PLAIN : 0) |
      (options.hasTimestamp ? META_TIMESTAMP : 0) |
      packet.ttl;
    words[entry + PENDING_STACK] = stackOf(packet, options);
    words[entry + PENDING_MAC_LOW] = packet.sourceLow;
    words[entry + PENDING_MAC_HIGH] = packet.sourceHigh;
    words[entry + PENDING_TIMESTAMP] = options.timestamp;
    words[entry + PENDING_COUNT] = 1 | (Math.min(tcpPayloadLength(packet), 0xffff) << 8);
    packFrame(words, entry + PENDING_FRAME, packet);
    this.#sources[entry / WORDS] = packet.ipSource;
    this.used += 1;
    this.#filter.add(ports);
  }

  remove(entry: number): void {
    this.words[entry + SCOPE] = 0;
    this.used -= 1;
    this.#filter.remove(this.words[entry + PENDING_PORTS] as number);
  }

  /** The next entry of this source at or after `entry`, or -1. */
  nextOf(source: number, scope: number, entry: number): number {
    if (this.used === 0) return -1;
    const sources = this.#sources;
    for (let at = entry / WORDS; at < sources.length; at += 1) {
      if (sources[at] === source && this.words[at * WORDS + SCOPE] === scope) return at * WORDS;
    }
    return -1;
  }

  /** The next used entry at or after `entry`, or -1. */
  next(entry: number): number {
    for (let at = entry; at < this.words.length; at += WORDS) if (this.words[at + SCOPE] !== 0) return at;
    return -1;
  }

  /** What `next` and `nextOf` are asked with to go on. */
  after(entry: number): number {
    return entry + WORDS;
  }

  sourceOf(entry: number): number {
    return this.words[entry + SOURCE] as number;
  }

  scopeOf(entry: number): number {
    return this.words[entry + SCOPE] as number;
  }

  #find(source: number, destination: number, ports: number, scope: number): number {
    if (this.used === 0) return -1;
    const { words } = this;
    const first = setOf(source, destination, ports);
    for (let entry = first; entry < first + SET_WORDS; entry += WORDS) {
      if (
        words[entry + PENDING_PORTS] === ports &&
        words[entry] === source &&
        words[entry + PENDING_DESTINATION] === destination &&
        words[entry + SCOPE] === scope
      )
        return entry;
    }
    return -1;
  }

  /** A free entry of the set; without one, the oldest is given up. */
  #room(first: number): number {
    const { words } = this;
    let oldest = first;
    for (let entry = first; entry < first + SET_WORDS; entry += WORDS) {
      if (words[entry + SCOPE] === 0) return entry;
      // By frame number: that of a later file begins anew, which costs an unlucky choice at most.
      if ((words[entry + PENDING_FRAME] as number) < (words[oldest + PENDING_FRAME] as number))
        oldest = entry;
    }
    this.remove(oldest);
    return oldest;
  }
}

function setOf(source: number, destination: number, ports: number): number {
  const mixed = Math.imul(source ^ Math.imul(destination, 0x2c1b3c6d), 0x297a2d39) ^ ports;
  return (Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1) >>> (32 - SETS_SHIFT)) * SET_WORDS;
}

/** What tells one stack from another in a SYN or SYN/ACK: TTL, window, segment size, scale, option order. */
export function stackOf(packet: Packet, options: TcpOptions): number {
  const { view, transport } = packet;
  let stack = (packet.ttl << 16) | view.getUint16(transport + 14);
  stack = Math.imul(stack ^ (stack >>> 15), 0x2c1b3c6d) + options.segmentSize;
  stack = Math.imul(stack ^ (stack >>> 13), 0x297a2d39) + options.order;
  return Math.imul(stack ^ (stack >>> 16), 0x9e3779b1) + options.scale;
}
