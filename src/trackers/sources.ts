/**
 * Every IPv4 source of a domain and the MAC address it was last seen under: the one look-up that an
 * ordinary IPv4 packet pays. Its slot says "this address, nothing pending", and then nothing else happens.
 */
import { QuadTable } from '../tables/quad-table.ts';
import { macNumber } from '../wire/mac.ts';

/** What the table tells when something about a source is new; cold. */
export interface SourceListener {
  /** An IPv4 source was seen for the first time (or again after it was displaced). */
  sourceAppeared(domain: number, address: number, mac: number, time: number): void;
  /** A source is now seen under another MAC address; answers false if it need not be told again. */
  sourceMoved(domain: number, address: number, from: number, to: number, time: number): boolean;
}

// value1: MAC address bits 47..32 in the upper half, then flags, then a frame count that saturates.
const OCCUPIED = 0x8000;
/** The source moves between MAC addresses all the time (behind two routers); its moves are no news. */
const RESTLESS = 0x4000;
const COUNT_MASK = 0x0fff;

const SETS = 1 << 9;
const MAX_SETS = 1 << 12;

export class Sources {
  readonly #table = new QuadTable(SETS, MAX_SETS);
  readonly #listener: SourceListener;

  constructor(listener: SourceListener) {
    this.#listener = listener;
  }

  get evictions(): number {
    return this.#table.evictions;
  }

  /** Notes an IPv4 packet's source; integers only. */
  touch(domain: number, address: number, macHigh: number, macLow: number, time: number): void {
    const entry = this.#table.find(address, domain);
    if (entry < 0) {
      this.#insert(domain, address, macHigh, macLow, time);
      return;
    }
    const words = this.#table.words;
    const state = words[entry + 3] as number;
    if (words[entry + 2] === macLow && state >>> 16 === macHigh) {
      if ((state & COUNT_MASK) !== COUNT_MASK) words[entry + 3] = state + 1;
      return;
    }
    this.#move(entry, domain, address, macHigh, macLow, time);
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

  #insert(domain: number, address: number, macHigh: number, macLow: number, time: number): void {
    const entry = this.#table.insert(address, domain);
    this.#table.words[entry + 2] = macLow;
    this.#table.words[entry + 3] = (macHigh << 16) | OCCUPIED | 1;
    this.#listener.sourceAppeared(domain, address, macNumber(macHigh, macLow), time);
  }

  #move(entry: number, domain: number, address: number, macHigh: number, macLow: number, time: number): void {
    const words = this.#table.words;
    const state = words[entry + 3] as number;
    const from = macNumber(state >>> 16, words[entry + 2] as number);
    words[entry + 2] = macLow;
    words[entry + 3] = (macHigh << 16) | (state & 0xffff);
    if ((state & RESTLESS) !== 0) return;
    if (this.#listener.sourceMoved(domain, address, from, macNumber(macHigh, macLow), time)) return;
    // The listener may have looked up other sources: find the entry again.
    const again = this.#table.find(address, domain);
    if (again >= 0) words[again + 3] = (words[again + 3] as number) | RESTLESS;
  }
}
