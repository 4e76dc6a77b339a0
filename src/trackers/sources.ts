/**
 * Every IPv4 source of a domain and the MAC address it was last seen under: the one look-up that an
 * ordinary IPv4 packet pays. Its slot says "this address, nothing pending", and then nothing else happens.
 */
import { QuadTable } from '../tables/quad-table.ts';
import { isLessenedTtl } from '../wire/ipv4.ts';
import { macNumber } from '../wire/mac.ts';
import type { Packet } from '../wire/packet.ts';

/**
 * What to make of a source under another MAC address: it moved; it moves all the time, and need not be told of again; or a router
 * passes its packets on within sight, while it stays where it was.
 */
export type SourceMove = 'moved' | 'restless' | 'routed';

/** What the table tells when something about a source is new; cold. */
export interface SourceListener {
  /** An IPv4 source was seen for the first time (or again after it was displaced). */
  sourceAppeared(packet: Packet): void;
  /** A source is now seen under another MAC address. */
  sourceMoved(packet: Packet, from: number): SourceMove;
}

// value1: MAC address bits 47..32 in the upper half, then flags, then a frame count that saturates.
const OCCUPIED = 0x8000;
/** The source moves between MAC addresses all the time (behind two routers); its moves are no news. */
const RESTLESS = 0x4000;
/** A router's copies of its packets are recorded, too: they are no moves. */
const ROUTED = 0x2000;
const COUNT_MASK = 0x0fff;
/** Frames of a source are counted up to here. */
export const MOST_FRAMES = COUNT_MASK;

// Of the times: the first sighting of all, or the first since the source was counted anew.
const FIRST = 1;
const AGAIN = 2;

const SETS = 1 << 9;
const MAX_SETS = 1 << 12;

export class Sources {
  readonly #table = new QuadTable(SETS, MAX_SETS);
  /**
   * When each source was first seen, in milliseconds modulo 2^32: read for the few that change their MAC address, so that it
   * need not widen the entry that every packet touches. Null where nobody asks.
   */
  readonly #firstTimes: QuadTable | null;
  readonly #listener: SourceListener;

  constructor(listener: SourceListener, keepsFirstTimes = false) {
    this.#listener = listener;
    this.#firstTimes = keepsFirstTimes ? new QuadTable(SETS, MAX_SETS) : null;
  }

  get evictions(): number {
    return this.#table.evictions;
  }

  /** Notes the source of an IPv4 packet that has a MAC address; integers only. */
  touch(packet: Packet): void {
    const { domain, ipSource, sourceHigh, sourceLow } = packet;
    const entry = this.#table.find(ipSource, domain);
    if (entry < 0) {
      this.#insert(packet);
      return;
    }
    const words = this.#table.words;
    const state = words[entry + 3] as number;
    if (words[entry + 2] === sourceLow && state >>> 16 === sourceHigh) {
      if ((state & COUNT_MASK) !== COUNT_MASK) words[entry + 3] = state + 1;
      return;
    }
    this.#move(entry, packet);
  }

  /** Does what `touch` does for a source that is still where it was; false, with nothing done, for any other. */
  touchKnown(domain: number, address: number, sourceHigh: number, sourceLow: number): boolean {
    const entry = this.#table.find(address, domain);
    if (entry < 0) return false;
    const words = this.#table.words;
    const state = words[entry + 3] as number;
    if (words[entry + 2] !== sourceLow || state >>> 16 !== sourceHigh) return false;
    if ((state & COUNT_MASK) !== COUNT_MASK) words[entry + 3] = state + 1;
    return true;
  }

  /** The MAC address a source was last seen under, or NaN. */
  macOf(domain: number, address: number): number {
    const entry = this.#table.find(address, domain);
    if (entry < 0) return Number.NaN;
    const words = this.#table.words;
    return macNumber((words[entry + 3] as number) >>> 16, words[entry + 2] as number);
  }

  /** Frames seen from a source, saturating at 4095; 0 if it is unknown. */
  framesOf(domain: number, address: number): number {
    const entry = this.#table.find(address, domain);
    return entry < 0 ? 0 : (this.#table.words[entry + 3] as number) & COUNT_MASK;
  }

  /** Seconds from the first sighting of a source, or from its last `restart`, to this packet; 0 if it is unknown. */
  secondsSinceFirst(domain: number, address: number, packet: Packet): number {
    const entry = this.#firstTimes?.find(address, domain) ?? -1;
    if (entry < 0 || this.#firstTimes === null) return 0;
    const millis = millisOf(packet) - (this.#firstTimes.words[entry + 2] as number);
    return (millis >>> 0) / 1000;
  }

  /**
   * Every source that is still known. `firstMillis` is when it was first seen, in milliseconds of analysis time modulo 2^32; NaN
   * where that is not known (any more).
   */
  *all(): Generator<{ domain: number; address: number; mac: number; firstMillis: number }> {
    const { words } = this.#table;
    for (let entry = 0; entry < words.length; entry += 4) {
      const state = words[entry + 3] as number;
      if (state === 0) continue;
      const address = words[entry] as number;
      const domain = words[entry + 1] as number;
      const mac = macNumber(state >>> 16, words[entry + 2] as number);
      const first = this.#firstTimes?.find(address, domain) ?? -1;
      const times = this.#firstTimes?.words;
      const isFirst = times !== undefined && first >= 0 && times[first + 3] === FIRST;
      yield { domain, address, mac, firstMillis: isFirst ? (times[first + 2] as number) : Number.NaN };
    }
  }

  /** Counts a known source's frames anew from this packet on. */
  restart(domain: number, address: number, packet: Packet): void {
    const entry = this.#table.find(address, domain);
    if (entry < 0) return;
    const words = this.#table.words;
    words[entry + 3] = ((words[entry + 3] as number) & ~COUNT_MASK) | 1;
    this.#noteFirst(domain, address, packet, AGAIN);
  }

  #noteFirst(domain: number, address: number, packet: Packet, kind = FIRST): void {
    const times = this.#firstTimes;
    if (times === null) return;
    // The two tables displace by their own order: what was displaced there may still stand here.
    const known = times.find(address, domain);
    const entry = known >= 0 ? known : times.insert(address, domain);
    times.words[entry + 2] = millisOf(packet);
    times.words[entry + 3] = kind;
  }

  #insert(packet: Packet): void {
    const { domain, ipSource, sourceHigh, sourceLow } = packet;
    const entry = this.#table.insert(ipSource, domain);
    this.#table.words[entry + 2] = sourceLow;
    this.#table.words[entry + 3] = (sourceHigh << 16) | OCCUPIED | 1;
    this.#noteFirst(domain, ipSource, packet);
    this.#listener.sourceAppeared(packet);
  }

  #move(entry: number, packet: Packet): void {
    const words = this.#table.words;
    const low = words[entry + 2] as number;
    const state = words[entry + 3] as number;
    if ((state & ROUTED) !== 0 && isPassedOn(packet)) return;
    words[entry + 2] = packet.sourceLow;
    words[entry + 3] = (packet.sourceHigh << 16) | (state & 0xffff);
    if ((state & RESTLESS) !== 0) return;
    const move = this.#listener.sourceMoved(packet, macNumber(state >>> 16, low));
    if (move === 'moved') return;
    // The listener may have looked up other sources: find the entry again.
    const again = this.#table.find(packet.ipSource, packet.domain);
    if (again < 0) return;
    if (move === 'restless') words[again + 3] = (words[again + 3] as number) | RESTLESS;
    else {
      words[again + 2] = low;
      words[again + 3] = state | ROUTED;
    }
  }
}

/** True for a packet that came by way of a router. */
export function isPassedOn(packet: Packet): boolean {
  return packet.isUnicastDestination && isLessenedTtl(packet.ttl);
}

function millisOf(packet: Packet): number {
  return (packet.time * 1000) | 0;
}
