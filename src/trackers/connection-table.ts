/**
 * TCP connections by their two ends: who opened, how both sides closed, and when. 128 bytes each, in sets of eight whose tags
 * share a cache line, so that a miss costs one; grows by doubling as long as live entries would have to go. The two ends are
 * stored in one order, whoever sends.
 */
import { FRAME_WORDS, packFrame } from './frame-words.ts';
import type { Packet } from '../wire/packet.ts';
import { tcpPorts } from '../wire/tcp.ts';

// Words of an entry. The first four are its key; side 0 is the end with the lower address (and port).
const ADDRESS_0 = 0;
const ADDRESS_1 = 1;
const PORTS = 2;
const SCOPE = 3;
export const STATE = 4;
/** What tells the opener's stack, from its SYN; meaningful with OPEN_SEEN. */
export const OPENER_STACK = 5;
export const OPENER_MAC_LOW = 6;
export const OPENER_MAC_HIGH = 7;
/** Sequence number past the FIN, by side. */
export const FIN_END = 8;
/** Last timestamp value seen in a FIN or SYN, by side. */
export const TIMESTAMP = 10;
/** The FINs, by side. */
export const FIN_FRAME = 12;
export const LAST_ACK_FRAME = FIN_FRAME + 2 * FRAME_WORDS;
export const OPENER_ISN = 30;
/** Seconds of capture time at which it was last touched. */
const TOUCHED = 31;
const WORDS = 32;

/** Flags in STATE. Those by side are shifted by the side. */
export const OPEN_SEEN = 1;
/** Side 1 opened it; meaningful with OPEN_SEEN. */
export const OPENED_BY_1 = 2;
export const FIN_OF = 4;
export const ACKED_OF = 16;
export const TIMESTAMP_OF = 64;
/** Side 1 sent the first FIN. */
export const CLOSED_BY_1 = 256;
/** The second FIN does not acknowledge the first: both sides hold TIME-WAIT. */
export const CLOSED_BY_BOTH = 512;
/** Its segments are followed until the last FIN is acknowledged. */
export const FOLLOWED = 1024;
/** It is over, by a reset or a new SYN: all that is left is that there was one, and its first number. */
export const FORGOTTEN = 2048;

const WAYS = 8;
const FIRST_SHIFT = 4;
const LAST_SHIFT = 13;

/** A connection that has been open for longer than any working day has lost its close. */
const OPEN_LIFE_SECONDS = 86_400;

export class ConnectionTable {
  words = new Int32Array((WAYS << FIRST_SHIFT) * WORDS);
  /** Connections that went while they could still have been reused, or while nobody had closed them. */
  evictions = 0;
  readonly #lifeSeconds: number;
  #shift = FIRST_SHIFT;
  /** Hash of each entry's key, never zero; zero is an empty entry. */
  #tags = new Int32Array(WAYS << FIRST_SHIFT);
  #onGone: (entry: number) => void;

  /** `lifeSeconds`: how long an entry is of use after it was last touched, if its connection is not open; `onGone` hears of followed ones that go. */
  constructor(lifeSeconds: number, onGone: (entry: number) => void) {
    this.#lifeSeconds = lifeSeconds;
    this.#onGone = onGone;
  }

  /** The entry of the packet's connection, or -1. */
  find(packet: Packet, scope: number): number {
    const { words } = this;
    const isFirst = sideOf(packet) === 0;
    const source = packet.ipSource;
    const destination = packet.ipDestination;
    const sent = tcpPorts(packet);
    const low = isFirst ? source : destination;
    const high = isFirst ? destination : source;
    const ports = isFirst ? sent : (sent << 16) | (sent >>> 16);
    const tags = this.#tags;
    const tag = tagOf(low, high, ports);
    const first = this.#setOf(tag);
    for (let way = first; way < first + WAYS; way += 1) {
      if (tags[way] !== tag) continue;
      const entry = way * WORDS;
      if (
        words[entry + PORTS] === ports &&
        words[entry] === low &&
        words[entry + ADDRESS_1] === high &&
        words[entry + SCOPE] === scope
      )
        return entry;
    }
    return -1;
  }

  /** A new entry for the packet's connection, which `find` did not find; all but its key is zero. */
  add(packet: Packet, scope: number): number {
    const isFirst = sideOf(packet) === 0;
    const sent = tcpPorts(packet);
    const low = isFirst ? packet.ipSource : packet.ipDestination;
    const high = isFirst ? packet.ipDestination : packet.ipSource;
    const ports = isFirst ? sent : (sent << 16) | (sent >>> 16);
    const tag = tagOf(low, high, ports);
    const way = this.#room(tag, packet.time | 0);
    this.#tags[way] = tag;
    const entry = way * WORDS;
    const { words } = this;
    words.fill(0, entry, entry + WORDS);
    words[entry + ADDRESS_0] = low;
    words[entry + ADDRESS_1] = high;
    words[entry + PORTS] = ports;
    words[entry + SCOPE] = scope;
    words[entry + TOUCHED] = packet.time | 0;
    return entry;
  }

  touch(entry: number, packet: Packet): void {
    this.words[entry + TOUCHED] = packet.time | 0;
  }

  remove(entry: number): void {
    if (((this.words[entry + STATE] as number) & FOLLOWED) !== 0) this.#onGone(entry);
    this.#tags[entry / WORDS] = 0;
  }

  /** Leaves of a connection that it was there. */
  forget(entry: number, packet: Packet): void {
    const state = this.words[entry + STATE] as number;
    if ((state & FOLLOWED) !== 0) this.#onGone(entry);
    this.words[entry + STATE] = (state & OPEN_SEEN) | FORGOTTEN;
    this.touch(entry, packet);
  }

  /** Both ports, side 0 in the upper half. */
  portsOf(entry: number): number {
    return this.words[entry + PORTS] as number;
  }

  noteFrame(at: number, packet: Packet): void {
    packFrame(this.words, at, packet);
  }

  /**
   * A free way of the tag's set; without one, the entry goes that has been of no use for longest; without one of those, the
   * table grows; and where it may not, the entry goes that was quiet for longest.
   */
  #room(tag: number, now: number): number {
    for (;;) {
      const first = this.#setOf(tag);
      let oldest = first;
      let useless = -1;
      for (let way = first; way < first + WAYS; way += 1) {
        if (this.#tags[way] === 0) return way;
        const touched = this.#touchedAt(way);
        if (touched < this.#touchedAt(oldest)) oldest = way;
        const life = isOpen(this.#stateOf(way)) ? OPEN_LIFE_SECONDS : this.#lifeSeconds;
        if (now - touched > life && (useless < 0 || touched < this.#touchedAt(useless))) useless = way;
      }
      if (useless >= 0 || this.#shift >= LAST_SHIFT) {
        const way = useless >= 0 ? useless : oldest;
        if (useless < 0 || isOpen(this.#stateOf(way))) this.evictions += 1;
        this.remove(way * WORDS);
        return way;
      }
      this.#grow();
    }
  }

  #touchedAt(way: number): number {
    return this.words[way * WORDS + TOUCHED] as number;
  }

  #stateOf(way: number): number {
    return this.words[way * WORDS + STATE] as number;
  }

  /** Twice the sets: entries of one old set go to two new ones, so none is displaced. */
  #grow(): void {
    const { words: oldWords } = this;
    const oldTags = this.#tags;
    this.words = new Int32Array(oldWords.length * 2);
    this.#tags = new Int32Array(oldTags.length * 2);
    this.#shift += 1;
    for (let way = 0; way < oldTags.length; way += 1) {
      const tag = oldTags[way] as number;
      if (tag === 0) continue;
      let to = this.#setOf(tag);
      while (this.#tags[to] !== 0) to += 1;
      this.#tags[to] = tag;
      this.words.set(oldWords.subarray(way * WORDS, (way + 1) * WORDS), to * WORDS);
    }
  }

  /** The first way of a tag's set. */
  #setOf(tag: number): number {
    return (tag >>> (32 - this.#shift)) * WAYS;
  }
}

/** Who opened it was seen, and not that both sides closed it. */
function isOpen(state: number): boolean {
  if ((state & (OPEN_SEEN | FORGOTTEN)) !== OPEN_SEEN) return false;
  return (state & (FIN_OF | (FIN_OF << 1))) !== (FIN_OF | (FIN_OF << 1));
}

function tagOf(low: number, high: number, ports: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x2c1b3c6d), 0x297a2d39) ^ ports;
  return Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1) | 1;
}

/** Which side of the stored order sends this packet. */
export function sideOf(packet: Packet): 0 | 1 {
  const source = packet.ipSource >>> 0;
  const destination = packet.ipDestination >>> 0;
  if (source !== destination) return source < destination ? 0 : 1;
  const ports = tcpPorts(packet);
  return ports >>> 16 <= (ports & 0xffff) ? 0 : 1;
}
