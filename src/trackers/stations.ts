/**
 * What a MAC address is (rules 0.3): host, router or bridge, proxy, fabric, translating bridge, member of a
 * load-balancing cluster. Classes are computed from all of the capture, so they are asked for at its end.
 */
import type { FrameCitation } from '../engine/result.ts';
import { extended } from '../tables/room.ts';
import { isHostAddress } from '../wire/ipv4.ts';
import { isSharedMac, isStationMac, macFamily, macHigh, macLow, macNumber } from '../wire/mac.ts';
import type { Packet } from '../wire/packet.ts';

export interface StationOptions {
  readonly nlbFrames: number;
  readonly routerSources: number;
  readonly routerSeconds: number;
  readonly routerOffLink: number;
  readonly proxyAddresses: number;
  readonly bridgeAddresses: number;
}

/** Addresses remembered per station and purpose; more make no difference to any class. */
const MAX_ADDRESSES = 32;
/** Addresses remembered over all domains, for each of the two purposes. */
const MAX_ON_LINK = 65_536;
const MAX_STATIONS = 16_384;
const MAX_RARP_TIMES = 64;
const MAX_CARRIED = 4;

/** Most stations do next to nothing: they share what is empty. */
const NONE: readonly never[] = [];

export class Station {
  readonly domain: number;
  readonly mac: number;
  /** Addresses it answered ARP requests for. */
  repliedFor: readonly number[] = NONE;
  /** Addresses whose probe or announcement by another station it answered. */
  contested: readonly number[] = NONE;
  /** The first of those answers. */
  contestedFrames: readonly FrameCitation[] = NONE;
  /** Addresses that it names as its own in ARP requests and announcements. */
  owns: readonly number[] = NONE;
  /** Sender addresses of its ARP packets in which another MAC address stands as sender. */
  translated: readonly number[] = NONE;
  /** The same, whether from the first sighting on or after a change. */
  speaksFor: readonly number[] = NONE;
  /** ARP packets with this sender MAC address; all of them for the masked address of a cluster's member, else some. */
  arpFrames = 0;
  rarpTimes: readonly number[] = NONE;
  /** The latest IPv4 sources behind it, with the times of their first sighting. */
  sourceTimes: ReadonlyArray<{ readonly address: number; readonly time: number }> = NONE;
  /** Sources within one window that made it look like a router; judged at the end. */
  routedSources: readonly number[] = NONE;
  /** The first addresses it ever sent IPv4 from; a few tell a host with one address from others. */
  carried: readonly number[] = NONE;
  /** So many sources that no further ones are noted. */
  hasManySources = false;

  /** The MAC address in its two halves. */
  readonly high: number;
  readonly low: number;

  constructor(domain: number, mac: number) {
    this.domain = domain;
    this.mac = mac;
    this.high = macHigh(mac);
    this.low = macLow(mac);
  }
}

export class Stations {
  evictions = 0;
  readonly #options: StationOptions;
  readonly #byDomain: Array<Map<number, Station>> = [];
  #count = 0;
  #last: Station | undefined;
  #sourceFrames: ((domain: number, address: number) => number) | undefined;
  /** Per domain, addresses that were the sender address of an ARP packet from their own MAC address. */
  readonly #onLink: Array<Set<number>> = [];
  /** Per domain, addresses that asked or announced for themselves; a reply may be a proxy's. */
  readonly #speaking: Array<Set<number>> = [];
  #onLinkCount = 0;
  #speakingCount = 0;
  /** Cluster addresses of heartbeats. */
  readonly #heartbeatClusters = new Set<number>();

  constructor(options: StationOptions) {
    this.#options = options;
  }

  /** The station, made if new; undefined when there are too many. */
  of(domain: number, mac: number): Station | undefined {
    const last = this.#last;
    if (last !== undefined && last.mac === mac && last.domain === domain) return last;
    let stations = this.#byDomain[domain];
    if (stations === undefined) {
      stations = new Map();
      this.#byDomain[domain] = stations;
    }
    let station = stations.get(mac);
    if (station === undefined) {
      if (this.#count >= MAX_STATIONS) {
        this.evictions += 1;
        return undefined;
      }
      station = new Station(domain, mac);
      stations.set(mac, station);
      this.#count += 1;
    }
    this.#last = station;
    return station;
  }

  find(domain: number, mac: number): Station | undefined {
    return this.#byDomain[domain]?.get(mac);
  }

  /** The address was the sender of an ARP packet; `isOwn` if that was no reply. */
  noteOnLink(domain: number, address: number, isOwn: boolean): void {
    this.#onLinkCount += this.#addTo(this.#onLink, this.#onLinkCount, domain, address);
    if (isOwn) this.#speakingCount += this.#addTo(this.#speaking, this.#speakingCount, domain, address);
  }

  /** Adds to one of the bounded sets; answers how many addresses are new in it, 0 or 1. */
  #addTo(sets: Array<Set<number>>, count: number, domain: number, address: number): number {
    let addresses = sets[domain];
    if (addresses === undefined) {
      addresses = new Set();
      sets[domain] = addresses;
    }
    if (addresses.has(address)) return 0;
    if (count >= MAX_ON_LINK) {
      this.evictions += 1;
      return 0;
    }
    addresses.add(address);
    return 1;
  }

  /** True if the address was the sender of an ARP packet on this link. */
  isOnLink(domain: number, address: number): boolean {
    return this.#onLink[domain]?.has(address) ?? false;
  }

  /** True if the address was ever seen in traffic of its own: ARP requests, announcements, IPv4. */
  isSeen(domain: number, address: number): boolean {
    return this.#speaking[domain]?.has(address) || (this.#sourceFrames?.(domain, address) ?? 0) > 0;
  }

  /** Lets `isSeen` ask for IPv4 sources. */
  askSources(frames: (domain: number, address: number) => number): void {
    this.#sourceFrames = frames;
  }

  /** Every station, in order of appearance per domain. */
  *all(): Generator<Station> {
    for (const stations of this.#byDomain) if (stations) yield* stations.values();
  }

  noteHeartbeat(cluster: number): void {
    if (this.#heartbeatClusters.size < 256) this.#heartbeatClusters.add(cluster);
  }

  /** A new IPv4 source behind a station. */
  noteSource(packet: Packet): void {
    const { domain, sourceHigh, sourceLow } = packet;
    const last = this.#last;
    // A flood of sources behind one station is over here.
    if (last?.hasManySources && last.domain === domain && last.high === sourceHigh && last.low === sourceLow)
      return;
    const { ipSource: address, time } = packet;
    const mac = macNumber(sourceHigh, sourceLow);
    // Addresses of hosts that have none yet, and of no host (rules 0.3), say nothing about who routes.
    if (!isHostAddress(address) || !isStationMac(mac)) return;
    const station = this.of(domain, mac);
    if (station === undefined || station.hasManySources) return;
    if (station.carried.length < MAX_CARRIED && !station.carried.includes(address))
      station.carried = extended(station.carried, address);
    const oldest = time - this.#options.routerSeconds;
    const lasting = station.sourceTimes.filter((source) => !(source.time < oldest));
    const isKnown = lasting.some((source) => source.address === address);
    if (isKnown) {
      if (lasting.length < station.sourceTimes.length) station.sourceTimes = lasting.slice();
      return;
    }
    const recent = extended(lasting, { address, time });
    station.sourceTimes = recent;
    if (recent.length < this.#options.routerSources) return;
    if (recent.length > station.routedSources.length)
      station.routedSources = recent.map((source) => source.address);
    if (recent.length >= MAX_ADDRESSES) station.hasManySources = true;
  }

  isRouter(station: Station): boolean {
    const offLink = station.routedSources.filter((address) => !this.isOnLink(station.domain, address)).length;
    return (
      station.routedSources.length >= this.#options.routerSources && offLink >= this.#options.routerOffLink
    );
  }

  isProxy(station: Station): boolean {
    return station.repliedFor.length >= this.#options.proxyAddresses;
  }

  isTranslatingBridge(station: Station): boolean {
    return station.translated.length >= this.#options.bridgeAddresses;
  }

  /**
   * True if the address belongs to several machines by design, or to none in particular. `frames`: how many its watcher counted
   * from it, ARP or not.
   */
  isShared(domain: number, mac: number, frames = 0): boolean {
    const family = macFamily(mac);
    return (
      isSharedMac(family) || (family === 'nlb-masked' && this.#isMaskedClusterMember(domain, mac, frames))
    );
  }

  /** A 02:hh:a.b.c.d source counts as masked where the cluster a.b.c.d shows itself (rules 0.3). */
  #isMaskedClusterMember(domain: number, mac: number, framesSeen: number): boolean {
    const cluster = macLow(mac);
    if (this.#heartbeatClusters.has(cluster)) return true;
    if (this.find(domain, macNumber(0x02bf, cluster)) || this.find(domain, macNumber(0x03bf, cluster)))
      return true;
    const station = this.find(domain, mac);
    const frames = Math.max(framesSeen, station?.arpFrames ?? 0);
    return (
      frames >= this.#options.nlbFrames && (this.isOnLink(domain, cluster) || this.isSeen(domain, cluster))
    );
  }
}

/** One of a station's bounded lists with one more address, once each. */
export function remember(addresses: readonly number[], address: number): readonly number[] {
  if (addresses.length >= MAX_ADDRESSES || addresses.includes(address)) return addresses;
  return extended(addresses, address);
}

/** The station answered another one's probe or announcement of the address. */
export function noteContested(station: Station, address: number, frames: readonly FrameCitation[]): void {
  if (station.contested.includes(address)) return;
  station.contested = remember(station.contested, address);
  if (station.contestedFrames.length < 12) station.contestedFrames = [...station.contestedFrames, ...frames];
}

export function noteRarp(station: Station, time: number): void {
  if (station.rarpTimes.length < MAX_RARP_TIMES) station.rarpTimes = extended(station.rarpTimes, time);
}
