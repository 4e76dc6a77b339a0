/**
 * SYNs that wait for their answer: the embryonic part of the connections, apart from the others so that a flood of SYNs
 * displaces its own kind only. Sets of four, whose tags share a cache line; of a full set the oldest entry goes that is no evidence.
 */
import { borrowBuffer, returnBuffer } from '../tables/spare-buffers.ts';
import type { Packet } from '../wire/packet.ts';
import { tcpPayloadLength, tcpPorts, tcpSequence } from '../wire/tcp.ts';
import type { TcpOptions } from '../wire/tcp-options.ts';
import { packFrame, secondsSince } from './frame-words.ts';

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
/** That connection was closed by FINs of both sides. */
export const META_CLOSED = 0x1000;
/** The attempt was reset; it stays to be counted among what its host tried. */
export const META_REFUSED = 0x2000;
/** What comes of the attempt says something of its host. */
export const META_EVIDENCE = META_REUSE | META_CLOSED;

const SETS_SHIFT = 10;
const WAYS = 4;
const ENTRIES = WAYS << SETS_SHIFT;

/** NT gives an attempt up after so long (Q200770): no answer is to come. */
const GIVE_UP_SECONDS = 45;

export class PendingSyns {
  readonly words = new Int32Array(borrowBuffer(ENTRIES * WORDS * Int32Array.BYTES_PER_ELEMENT));
  used = 0;
  /** Source address by entry: compact, to find all of one host. */
  readonly #sources = new Int32Array(ENTRIES);
  /** Hash of each entry's key, never zero; zero is an empty entry. */
  readonly #tags = new Int32Array(ENTRIES);
  readonly #onDisplaced: (entry: number, packet: Packet) => void;

  /** `onDisplaced` hears of an entry that goes for the SYN of `packet`, while its words are still there. */
  constructor(onDisplaced: (entry: number, packet: Packet) => void) {
    this.#onDisplaced = onDisplaced;
  }

  /** Gives its memory back; it must not be used any more. */
  release(): void {
    returnBuffer(this.words.buffer);
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
    const tag = tagOf(packet.ipSource, packet.ipDestination, ports);
    const way = this.#room(tag, packet);
    this.#tags[way] = tag;
    const entry = way * WORDS;
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
    this.#sources[way] = packet.ipSource;
    this.used += 1;
  }

  remove(entry: number): void {
    this.#tags[entry / WORDS] = 0;
    this.used -= 1;
  }

  /** The next entry of this source at or after `entry`, or -1. */
  nextOf(source: number, scope: number, entry: number): number {
    if (this.used === 0) return -1;
    const sources = this.#sources;
    for (let at = entry / WORDS; at < sources.length; at += 1) {
      if (sources[at] === source && this.#tags[at] !== 0 && this.words[at * WORDS + SCOPE] === scope)
        return at * WORDS;
    }
    return -1;
  }

  /** The next used entry at or after `entry`, or -1. */
  next(entry: number): number {
    for (let at = entry / WORDS; at < ENTRIES; at += 1) if (this.#tags[at] !== 0) return at * WORDS;
    return -1;
  }

  /** What `next` and `nextOf` are asked with to go on. */
  after(entry: number): number {
    return entry + WORDS;
  }

  /** True if the attempt has waited for so long that its host has given it up. */
  isOver(entry: number, packet: Packet): boolean {
    return secondsSince(packet, this.words, entry + PENDING_FRAME) > GIVE_UP_SECONDS;
  }

  /** The two ends of every attempt that waits; a source may come more than once. */
  *ends(): Generator<{ readonly domain: number; readonly source: number; readonly destination: number }> {
    for (let at = this.next(0); at >= 0; at = this.next(this.after(at))) {
      const destination = this.words[at + PENDING_DESTINATION] as number;
      yield { domain: this.domainOf(at), source: this.sourceOf(at), destination };
    }
  }

  sourceOf(entry: number): number {
    return this.words[entry + SOURCE] as number;
  }

  scopeOf(entry: number): number {
    return this.words[entry + SCOPE] as number;
  }

  domainOf(entry: number): number {
    return (this.scopeOf(entry) - 1) & 0xfff;
  }

  #find(source: number, destination: number, ports: number, scope: number): number {
    if (this.used === 0) return -1;
    const tags = this.#tags;
    const tag = tagOf(source, destination, ports);
    const first = setOf(tag);
    for (let way = first; way < first + WAYS; way += 1)
      if (tags[way] === tag && this.#isOf(way * WORDS, source, destination, ports, scope)) return way * WORDS;
    return -1;
  }

  #isOf(entry: number, source: number, destination: number, ports: number, scope: number): boolean {
    const { words } = this;
    return (
      words[entry + PENDING_PORTS] === ports &&
      words[entry] === source &&
      words[entry + PENDING_DESTINATION] === destination &&
      words[entry + SCOPE] === scope
    );
  }

  /** A free way of the tag's set; without one, the oldest is displaced, of those that may be evidence last. */
  #room(tag: number, packet: Packet): number {
    const first = setOf(tag);
    let oldest = first;
    let spare = -1;
    for (let way = first; way < first + WAYS; way += 1) {
      if (this.#tags[way] === 0) return way;
      // By frame number: that of a later file begins anew, which costs an unlucky choice at most.
      if (this.#numberOf(way) < this.#numberOf(oldest)) oldest = way;
      if (!this.#isHeld(way, packet) && (spare < 0 || this.#numberOf(way) < this.#numberOf(spare)))
        spare = way;
    }
    const way = spare < 0 ? oldest : spare;
    this.#onDisplaced(way * WORDS, packet);
    this.remove(way * WORDS);
    return way;
  }

  /** What comes of an attempt on a tuple whose earlier connection is known may be evidence. */
  #isHeld(way: number, packet: Packet): boolean {
    const isReuse = ((this.words[way * WORDS + PENDING_META] as number) & META_EVIDENCE) !== 0;
    return isReuse && !this.isOver(way * WORDS, packet);
  }

  #numberOf(way: number): number {
    return this.words[way * WORDS + PENDING_FRAME] as number;
  }
}

function setOf(tag: number): number {
  return (tag >>> (32 - SETS_SHIFT)) * WAYS;
}

function tagOf(source: number, destination: number, ports: number): number {
  const mixed = Math.imul(source ^ Math.imul(destination, 0x2c1b3c6d), 0x297a2d39) ^ ports;
  return Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1) | 1;
}

/** What tells one stack from another in a SYN or SYN/ACK: TTL, window, segment size, scale, option order. */
export function stackOf(packet: Packet, options: TcpOptions): number {
  const { view, transport } = packet;
  let stack = (packet.ttl << 16) | view.getUint16(transport + 14);
  stack = Math.imul(stack ^ (stack >>> 15), 0x2c1b3c6d) + options.segmentSize;
  stack = Math.imul(stack ^ (stack >>> 13), 0x297a2d39) + options.order;
  return Math.imul(stack ^ (stack >>> 16), 0x9e3779b1) + options.scale;
}
