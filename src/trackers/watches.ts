/**
 * Watched stations: traffic from and to a MAC address that some model wants to see packet by packet. On
 * healthy traffic there are none, and a packet pays one comparison, or in a run two loads from a small filter, which keeps
 * unwatched ones cheap otherwise, too.
 */
import { macHigh, macLow } from '../wire/mac.ts';
import type { Packet } from '../wire/packet.ts';
import { type AddressWatcher, AddressWatches } from './address-watches.ts';
import { type Copies, DUPLICATE } from './copies.ts';
import { StationPlaces } from './station-places.ts';

/** What is told of watched packets. `isSource` says which end the watched station is. */
export interface Watcher {
  watchedPacket(packet: Packet, isSource: boolean): void;
  /** True if only what the station sends is of interest. */
  readonly isOfSender?: boolean;
  /** The last packet was recorded once more: nothing new happened, but the copy is nobody else's. */
  watchedDuplicate?(packet: Packet): void;
  /** The station sent something that is neither ARP nor IPv4: it is there. */
  watchedOther?(packet: Packet): void;
}

interface WatchedStation {
  /** The MAC address as packets carry it: lower 32 bits and upper 16. */
  readonly low: number;
  readonly high: number;
  readonly domain: number;
  readonly watchers: Watcher[];
  /** Somebody wants to see what it receives. */
  isReceiver: boolean;
  /** The next station of the same list. */
  next: WatchedStation | null;
}

export const MAX_WATCHED_STATIONS = 4096;

/** Lists of stations, by the lower bits of their address: as many as there can be stations, since many more take long to make. */
const LISTS = MAX_WATCHED_STATIONS;
const LIST_MASK = LISTS - 1;

const NO_STATIONS: ReadonlyArray<WatchedStation | null> = Array.from({ length: LISTS }, () => null);

export class Watches {
  /** Number of watched stations and addresses; the engine looks no further while it is zero. */
  active = -1;
  readonly #addresses = new AddressWatches();
  /** Watches that were refused because there were too many. */
  refused = 0;
  /** Packets that were shown to a watcher. */
  shown = 0;
  /** Watched stations, and those of them of which somebody wants to see what they receive. */
  readonly #senders = new StationPlaces();
  readonly #receivers = new StationPlaces();
  /** The first station of each list, by the lower bits of their address; made with the first of all. */
  #stations: Array<WatchedStation | null> = [];

  constructor() {
    // Stored a second time, so that it does not count as constant: the first watch would cost the hot path its compiled code.
    this.active = 0;
  }

  /** Gives its memory back; it must not be used any more. */
  release(): void {
    this.#senders.release();
    this.#receivers.release();
    this.#addresses.release();
  }

  add(domain: number, mac: number, watcher: Watcher): boolean {
    const low = macLow(mac);
    const high = macHigh(mac);
    if (this.#stations.length === 0) this.#stations = NO_STATIONS.slice();
    const known = this.#stationOf(low, high, domain);
    if (known !== null) {
      if (known.watchers.includes(watcher)) return true;
      known.watchers.push(watcher);
      this.#noteInterest(known);
      return true;
    }
    if (this.active - this.#addresses.active >= MAX_WATCHED_STATIONS) {
      this.refused += 1;
      return false;
    }
    const next = this.#stations[low & LIST_MASK] ?? null;
    const station = { low, high, domain, watchers: [watcher], isReceiver: false, next };
    this.#stations[low & LIST_MASK] = station;
    this.active += 1;
    this.#senders.add(low);
    this.#noteInterest(station);
    return true;
  }

  remove(domain: number, mac: number, watcher: Watcher): void {
    const low = macLow(mac);
    const station = this.#stationOf(low, macHigh(mac), domain);
    if (station === null) return;
    const at = station.watchers.indexOf(watcher);
    if (at < 0) return;
    station.watchers.splice(at, 1);
    this.#noteInterest(station);
    if (station.watchers.length > 0) return;
    this.#unlink(station);
    this.active -= 1;
    this.#senders.remove(low);
  }

  #unlink(station: WatchedStation): void {
    const first = this.#stations[station.low & LIST_MASK] ?? null;
    if (first === station) {
      this.#stations[station.low & LIST_MASK] = station.next;
      return;
    }
    for (let before = first; before !== null; before = before.next)
      if (before.next === station) before.next = station.next;
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
    const { sourceLow } = packet;
    if (packet.sourceHigh < 0 || !this.mayConcernStations(sourceLow, packet.destinationLow)) return false;
    return (
      this.#senders.has(sourceLow) || (packet.ethernet >= 0 && this.#receivers.has(packet.destinationLow))
    );
  }

  /** True while addresses are watched beside stations, so that `mayConcern` needs the whole packet. */
  get hasAddresses(): boolean {
    return this.#addresses.active !== 0;
  }

  /**
   * `mayConcern` of an Ethernet frame by the lower words of its addresses, where no address is watched; with more false positives,
   * and cheaper.
   */
  mayConcernStations(sourceLow: number, destinationLow: number): boolean {
    return ((this.#senders.look(sourceLow) | this.#receivers.look(destinationLow)) & 1) !== 0;
  }

  /**
   * `show`, if `mayConcern`; while no address is watched, with each look-up done once. Whether the packet is a copy is asked of those
   * alone that may concern somebody; in other domains, too, where a copy tells of a second tap. Short, so that it becomes a part of
   * what calls it.
   */
  offer(packet: Packet, copies: Copies): void {
    if (this.#addresses.active !== 0) this.#offerToAll(packet, copies);
    else if (this.mayConcernStations(packet.sourceLow, packet.destinationLow))
      this.#offerToStations(packet, copies);
  }

  #offerToAll(packet: Packet, copies: Copies): void {
    if (this.mayConcern(packet)) this.show(packet, copies.examine(packet) === DUPLICATE);
  }

  #offerToStations(packet: Packet, copies: Copies): void {
    if (packet.sourceHigh < 0) return;
    const isSent = this.#senders.has(packet.sourceLow);
    const isReceived = packet.ethernet >= 0 && this.#receivers.has(packet.destinationLow);
    if (isSent || isReceived)
      this.#tellEnds(packet, isSent, isReceived, copies.examine(packet) === DUPLICATE);
  }

  /** Shows the packet, or its second copy, to those who watch its source or destination. */
  show(packet: Packet, isDuplicate: boolean): void {
    if (this.#addresses.active !== 0) this.#addresses.show(packet, isDuplicate);
    if (packet.sourceHigh < 0) return;
    const isReceived = packet.ethernet >= 0 && this.#receivers.has(packet.destinationLow);
    this.#tellEnds(packet, this.#senders.has(packet.sourceLow), isReceived, isDuplicate);
  }

  /** `isSent`, `isReceived`: a watched station stands at the place of its source, or of its destination. */
  #tellEnds(packet: Packet, isSent: boolean, isReceived: boolean, isDuplicate: boolean): void {
    if (isSent) {
      const source = this.#stationOf(packet.sourceLow, packet.sourceHigh, packet.domain);
      if (source !== null) this.#tell(source, packet, true, isDuplicate);
    }
    if (isReceived) {
      const destination = this.#stationOf(packet.destinationLow, packet.destinationHigh, packet.domain);
      if (destination !== null) this.#tell(destination, packet, false, isDuplicate);
    }
  }

  /** Tells of a frame that is neither ARP nor IPv4 to those who watch its source. */
  hear(packet: Packet): void {
    if (packet.sourceHigh < 0 || !this.#senders.has(packet.sourceLow)) return;
    const source = this.#stationOf(packet.sourceLow, packet.sourceHigh, packet.domain);
    if (source === null) return;
    for (const watcher of source.watchers) watcher.watchedOther?.(packet);
  }

  #stationOf(low: number, high: number, domain: number): WatchedStation | null {
    let station = this.#stations[low & LIST_MASK] ?? null;
    while (station !== null && (station.low !== low || station.high !== high || station.domain !== domain))
      station = station.next;
    return station;
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

  /** Its watchers are others than before. */
  #noteInterest(station: WatchedStation): void {
    const isReceiver = station.watchers.some(({ isOfSender }) => isOfSender !== true);
    if (isReceiver && !station.isReceiver) this.#receivers.add(station.low);
    if (!isReceiver && station.isReceiver) this.#receivers.remove(station.low);
    station.isReceiver = isReceiver;
  }
}
