/**
 * Watched stations: traffic from and to a MAC address that some model wants to see packet by packet. On
 * healthy traffic there are none, and a packet pays one comparison; otherwise a small bitmap keeps the
 * unwatched ones cheap.
 */
import { macHigh, macLow } from '../wire/mac.ts';
import type { Packet } from '../wire/packet.ts';
import { type AddressWatcher, AddressWatches } from './address-watches.ts';
import { type Copies, DUPLICATE } from './copies.ts';

/** What is told of watched packets. `isSource` says which end the watched station is. */
export interface Watcher {
  watchedPacket(packet: Packet, isSource: boolean): void;
  /** True if data that goes to the station changes nothing the second time: nobody then asks whether it is a copy. */
  readonly takesCopies?: boolean;
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

/** Stations are counted by the last two bytes of the MAC address: they tell those of a segment apart, and cost no hash. */
const PLACE_BITS = 16;
const PLACE_MASK = (1 << PLACE_BITS) - 1;
export const MAX_WATCHED_STATIONS = 4096;

/** Lists of stations, by the lower bits of their place: as many as there can be stations, since many more take long to make. */
const LISTS = MAX_WATCHED_STATIONS;
const LIST_MASK = LISTS - 1;

const NO_LISTS: ReadonlyArray<WatchedStation[] | undefined> = Array.from({ length: LISTS }, () => undefined);

export class Watches {
  /** Number of watched stations and addresses; the engine looks no further while it is zero. */
  active = 0;
  readonly #addresses = new AddressWatches();
  /** Watches that were refused because there were too many. */
  refused = 0;
  /** Packets that were shown to a watcher. */
  shown = 0;
  readonly #counts = new Uint16Array(1 << PLACE_BITS);
  /** By the lower bits of the same two bytes; made with the first station. */
  #stations: Array<WatchedStation[] | undefined> = [];

  add(domain: number, mac: number, watcher: Watcher): boolean {
    const low = macLow(mac);
    const high = macHigh(mac);
    const place = low & PLACE_MASK;
    if (this.#stations.length === 0) this.#stations = NO_LISTS.slice();
    let samePlace = this.#stations[place & LIST_MASK];
    const known = samePlace?.find((station) => isStation(station, low, high, domain));
    if (known) {
      if (!known.watchers.includes(watcher)) known.watchers.push(watcher);
      return true;
    }
    if (this.active - this.#addresses.active >= MAX_WATCHED_STATIONS) {
      this.refused += 1;
      return false;
    }
    if (samePlace === undefined) {
      samePlace = [];
      this.#stations[place & LIST_MASK] = samePlace;
    }
    samePlace.push({ low, high, domain, watchers: [watcher] });
    this.active += 1;
    this.#count(place, 1);
    return true;
  }

  remove(domain: number, mac: number, watcher: Watcher): void {
    const low = macLow(mac);
    const high = macHigh(mac);
    const place = low & PLACE_MASK;
    const samePlace = this.#stations[place & LIST_MASK];
    const station = samePlace?.find((candidate) => isStation(candidate, low, high, domain));
    if (samePlace === undefined || station === undefined) return;
    const at = station.watchers.indexOf(watcher);
    if (at < 0) return;
    station.watchers.splice(at, 1);
    if (station.watchers.length > 0) return;
    samePlace.splice(samePlace.indexOf(station), 1);
    if (samePlace.length === 0) this.#stations[place & LIST_MASK] = undefined;
    this.active -= 1;
    this.#count(place, -1);
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
    return this.#mayBe(packet.sourceLow) || (packet.ethernet >= 0 && this.#mayBe(packet.destinationLow));
  }

  /** True while addresses are watched beside stations, so that `mayConcern` needs the whole packet. */
  get hasAddresses(): boolean {
    return this.#addresses.active !== 0;
  }

  /** `mayConcern` of an Ethernet frame by the lower words of its addresses, where no address is watched. */
  mayConcernStations(sourceLow: number, destinationLow: number): boolean {
    const counts = this.#counts;
    return (
      ((counts[sourceLow & PLACE_MASK] as number) | (counts[destinationLow & PLACE_MASK] as number)) !== 0
    );
  }

  /** Shows the packet, or its second copy, to those who watch its source or destination. */
  show(packet: Packet, isDuplicate: boolean): void {
    if (this.#addresses.active !== 0) this.#addresses.show(packet, isDuplicate);
    if (packet.sourceHigh < 0) return;
    const source = this.#stationOf(packet.sourceLow, packet.sourceHigh, packet.domain);
    if (source !== undefined) this.#tell(source, packet, true, isDuplicate);
    if (packet.ethernet < 0) return;
    const destination = this.#stationOf(packet.destinationLow, packet.destinationHigh, packet.domain);
    if (destination !== undefined) this.#tell(destination, packet, false, isDuplicate);
  }

  /** `show` of data between stations, where no address is watched; whether it is a copy is asked only if it matters. */
  showData(packet: Packet, copies: Copies): void {
    const source = this.#stationOf(packet.sourceLow, packet.sourceHigh, packet.domain);
    if (source !== undefined) this.#tell(source, packet, true, copies.examine(packet) === DUPLICATE);
    const destination = this.#stationOf(packet.destinationLow, packet.destinationHigh, packet.domain);
    if (destination === undefined) return;
    const isDuplicate =
      (source !== undefined || !takeCopies(destination)) && copies.examine(packet) === DUPLICATE;
    this.#tell(destination, packet, false, isDuplicate);
  }

  /** The station with this MAC address, if it is watched. Most packets shown have one watched end: the count spares the look-up of the other. */
  #stationOf(low: number, high: number, domain: number): WatchedStation | undefined {
    const place = low & PLACE_MASK;
    if (this.#counts[place] === 0) return undefined;
    const stations = this.#stations[place & LIST_MASK] as WatchedStation[];
    for (const station of stations) if (isStation(station, low, high, domain)) return station;
    return undefined;
  }

  #tell(station: WatchedStation, packet: Packet, isSource: boolean, isDuplicate: boolean): void {
    this.shown += 1;
    // A watcher may end its own watch and others' here: walk from the end.
    for (let i = station.watchers.length - 1; i >= 0; i -= 1) {
      const watcher = station.watchers[i];
      if (watcher === undefined) continue;
      if (isDuplicate) watcher.watchedDuplicate?.(packet);
      else watcher.watchedPacket(packet, isSource);
    }
  }

  #mayBe(low: number): boolean {
    return this.#counts[low & PLACE_MASK] !== 0;
  }

  #count(place: number, change: number): void {
    this.#counts[place] = (this.#counts[place] as number) + change;
  }
}

function isStation(station: WatchedStation, low: number, high: number, domain: number): boolean {
  return station.low === low && station.high === high && station.domain === domain;
}

function takeCopies(station: WatchedStation): boolean {
  for (const watcher of station.watchers) if (watcher.takesCopies !== true) return false;
  return true;
}
