/**
 * Watched stations: traffic from and to a MAC address that some model wants to see packet by packet. On
 * healthy traffic there are none, and a packet pays one comparison; otherwise a small bitmap keeps the
 * unwatched ones cheap.
 */
import { macHigh, macLow } from '../wire/mac.ts';
import type { Packet } from '../wire/packet.ts';
import { type AddressWatcher, AddressWatches } from './address-watches.ts';

/** What is told of watched packets. `isSource` says which end the watched station is. */
export interface Watcher {
  watchedPacket(packet: Packet, isSource: boolean): void;
  /** The last packet was recorded once more: nothing new happened, but the copy is nobody else's. */
  watchedDuplicate?(packet: Packet): void;
}

interface WatchedStation {
  /** The MAC address as packets carry it: lower 32 bits and upper 16. */
  readonly low: number;
  readonly high: number;
  readonly domain: number;
  readonly watchers: Watcher[];
}

/** The bitmap is by the last two bytes of the MAC address: they tell the stations of a segment apart, and cost no hash. */
const BITMAP_BITS = 16;
const BITMAP_MASK = (1 << BITMAP_BITS) - 1;
export const MAX_WATCHED_STATIONS = 4096;

export class Watches {
  /** Number of watched stations and addresses; the engine looks no further while it is zero. */
  active = 0;
  readonly #addresses = new AddressWatches();
  /** Watches that were refused because there were too many. */
  refused = 0;
  /** Packets that were shown to a watcher. */
  shown = 0;
  readonly #bitmap = new Int32Array(1 << (BITMAP_BITS - 5));
  readonly #bitCounts = new Uint16Array(1 << BITMAP_BITS);
  /** By the bit of the bitmap; made with the first station. */
  #stations: Array<WatchedStation[] | undefined> = [];

  add(domain: number, mac: number, watcher: Watcher): boolean {
    const low = macLow(mac);
    const high = macHigh(mac);
    const bit = low & BITMAP_MASK;
    if (this.#stations.length === 0)
      this.#stations = Array.from({ length: 1 << BITMAP_BITS }, () => undefined);
    let sameBit = this.#stations[bit];
    const known = sameBit?.find((station) => isStation(station, low, high, domain));
    if (known) {
      if (!known.watchers.includes(watcher)) known.watchers.push(watcher);
      return true;
    }
    if (this.active - this.#addresses.active >= MAX_WATCHED_STATIONS) {
      this.refused += 1;
      return false;
    }
    if (sameBit === undefined) {
      sameBit = [];
      this.#stations[bit] = sameBit;
    }
    sameBit.push({ low, high, domain, watchers: [watcher] });
    this.active += 1;
    this.#setBit(bit, 1);
    return true;
  }

  remove(domain: number, mac: number, watcher: Watcher): void {
    const low = macLow(mac);
    const high = macHigh(mac);
    const bit = low & BITMAP_MASK;
    const sameBit = this.#stations[bit];
    const station = sameBit?.find((candidate) => isStation(candidate, low, high, domain));
    if (sameBit === undefined || station === undefined) return;
    const at = station.watchers.indexOf(watcher);
    if (at < 0) return;
    station.watchers.splice(at, 1);
    if (station.watchers.length > 0) return;
    sameBit.splice(sameBit.indexOf(station), 1);
    if (sameBit.length === 0) this.#stations[bit] = undefined;
    this.active -= 1;
    this.#setBit(bit, -1);
  }

  /** Watches an IPv4 address, whichever station it is behind; false if there are too many. */
  addAddress(domain: number, address: number, watcher: AddressWatcher): boolean {
    const before = this.#addresses.active;
    const isAdded = this.#addresses.add(domain, address, watcher);
    this.active += this.#addresses.active - before;
    if (!isAdded) this.refused += 1;
    return isAdded;
  }

  removeAddress(domain: number, address: number, watcher: AddressWatcher): void {
    const before = this.#addresses.active;
    this.#addresses.remove(domain, address, watcher);
    this.active += this.#addresses.active - before;
  }

  /** True if a watcher may want this packet; cheap, with rare false positives. */
  mayConcern(packet: Packet): boolean {
    if (this.#addresses.active !== 0 && this.#addresses.mayConcern(packet)) return true;
    if (packet.sourceHigh < 0) return false;
    return this.#hasBit(packet.sourceLow) || (packet.ethernet >= 0 && this.#hasBit(packet.destinationLow));
  }

  /** True while addresses are watched beside stations, so that `mayConcern` needs the whole packet. */
  get hasAddresses(): boolean {
    return this.#addresses.active !== 0;
  }

  /** `mayConcern` of an Ethernet frame by the lower words of its addresses, where no address is watched. */
  mayConcernStations(sourceLow: number, destinationLow: number): boolean {
    return this.#hasBit(sourceLow) || this.#hasBit(destinationLow);
  }

  /** Shows the packet, or its second copy, to those who watch its source or destination. */
  show(packet: Packet, isDuplicate: boolean): void {
    if (this.#addresses.active !== 0) this.#addresses.show(packet, isDuplicate);
    if (packet.sourceHigh < 0) return;
    this.#showTo(packet, packet.sourceLow, packet.sourceHigh, true, isDuplicate);
    if (packet.ethernet >= 0)
      this.#showTo(packet, packet.destinationLow, packet.destinationHigh, false, isDuplicate);
  }

  #showTo(packet: Packet, low: number, high: number, isSource: boolean, isDuplicate: boolean): void {
    // Most packets shown have one watched end: the bitmap spares the look-up of the other.
    if (!this.#hasBit(low)) return;
    const sameBit = this.#stations[low & BITMAP_MASK];
    if (sameBit === undefined) return;
    for (const station of sameBit) {
      if (!isStation(station, low, high, packet.domain)) continue;
      this.shown += 1;
      // A watcher may end its own watch and others' here: walk from the end.
      for (let i = station.watchers.length - 1; i >= 0; i -= 1) {
        const watcher = station.watchers[i];
        if (watcher === undefined) continue;
        if (isDuplicate) watcher.watchedDuplicate?.(packet);
        else watcher.watchedPacket(packet, isSource);
      }
      return;
    }
  }

  #hasBit(low: number): boolean {
    return (((this.#bitmap[(low & BITMAP_MASK) >>> 5] as number) >>> (low & 31)) & 1) === 1;
  }

  #setBit(bit: number, change: number): void {
    const count = (this.#bitCounts[bit] as number) + change;
    this.#bitCounts[bit] = count;
    const word = this.#bitmap[bit >>> 5] as number;
    this.#bitmap[bit >>> 5] = count > 0 ? word | (1 << (bit & 31)) : word & ~(1 << (bit & 31));
  }
}

function isStation(station: WatchedStation, low: number, high: number, domain: number): boolean {
  return station.low === low && station.high === high && station.domain === domain;
}
