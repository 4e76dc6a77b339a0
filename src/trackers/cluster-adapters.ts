/**
 * Stations whose MAC address is of the kind that cluster adapters send under (rules 0.3), and that were not heard to beat: how
 * much do they send, and for how long? One that beats is a member, and is watched no further.
 */
import type { FrameCitation } from '../engine/result.ts';
import { isHostAddress } from '../wire/ipv4.ts';
import { macHigh, macLow, macNumber } from '../wire/mac.ts';
import { KIND_ARP, KIND_IPV4, type Packet } from '../wire/packet.ts';
import { cite } from './citation.ts';
import type { Domain } from './domains.ts';
import { SubjectLiveness } from './liveness.ts';
import type { Watcher, Watches } from './watches.ts';
import { formatIpv4 } from '../wire/ipv4.ts';
import { formatMac } from '../wire/mac.ts';

const MAX_ADAPTERS = 256;
const MAX_FRAMES = 12;
/** Frames are cited so far apart, so that the cited ones span the watch. */
const CITE_SECONDS = 10;
/** Times kept for the picture of a finding, no closer together than that. */
const MAX_TIMES = 256;

export class ClusterAdapter implements Watcher {
  readonly domain: Domain;
  readonly mac: number;
  readonly first: number;
  last: number;
  /** IPv4 and ARP frames. */
  frames = 0;
  readonly cited: FrameCitation[] = [];
  /** When it sent, so often that a picture shows the whole watch. */
  times: number[] = [];
  readonly liveness: SubjectLiveness;
  /** It sends other messages of the heartbeats' ethertypes, so that something of its driver comes through. */
  hasOtherMessages = false;
  /**
   * Others send to its address, or ARP tells it: the station's own, as where MAC addresses are made of IP addresses. A masked
   * source is told to nobody (Q193602).
   */
  isOrdinary = false;
  #lastNumber = -1;
  #lastCited = Number.NEGATIVE_INFINITY;

  constructor(packet: Packet, domain: Domain) {
    this.domain = domain;
    this.mac = macNumber(packet.sourceHigh, packet.sourceLow);
    this.first = packet.time;
    this.last = packet.time;
    this.liveness = new SubjectLiveness(domain.liveness, packet.time);
    this.watchedPacket(packet, true);
  }

  /** Primary address of the cluster that its MAC address names. */
  get clusterAddress(): number {
    return macLow(this.mac);
  }

  /** Priority of the host, which masked addresses name; 0 in the older form. */
  get priority(): number {
    const high = macHigh(this.mac);
    return high >= 0x0201 && high <= 0x0220 ? high & 0xff : 0;
  }

  watchedPacket(packet: Packet, isSource: boolean): void {
    if (!isSource) {
      this.isOrdinary = true;
      return;
    }
    // The packet that it was found by may be shown again.
    if (packet.number === this.#lastNumber) return;
    this.liveness.own(packet);
    if (packet.kind !== KIND_ARP && packet.kind < KIND_IPV4) return;
    this.#lastNumber = packet.number;
    this.frames += 1;
    this.last = packet.time;
    if (packet.time - this.#lastCited < CITE_SECONDS) return;
    this.#lastCited = packet.time;
    if (this.times.length >= MAX_TIMES) this.times = this.times.filter((_, at) => at % 2 === 0);
    this.times.push(packet.time);
    const what = packet.kind === KIND_ARP ? 'ARP' : `IPv4 from ${formatIpv4(packet.ipSource)}`;
    if (this.cited.length >= MAX_FRAMES) this.cited.pop();
    this.cited.push(cite(packet, 'cluster adapter', `${what} by ${formatMac(this.mac)}`));
  }

  watchedDuplicate(packet: Packet): void {
    this.liveness.own(packet);
  }
}

/** True for the upper half of a MAC address that hides a cluster's: 02:01 to 02:20, and the older 00:bf. */
export function isMaskedHigh(high: number): boolean {
  return (high >= 0x0201 && high <= 0x0220) || high === 0x00bf;
}

export class ClusterAdapters {
  evictions = 0;
  readonly #watches: Watches;
  readonly #byMac = new Map<number, ClusterAdapter[]>();
  /** Stations that beat, by domain and MAC address: no adapters without a beat. */
  readonly #beating = new Map<number, Set<number>>();
  #count = 0;

  constructor(watches: Watches) {
    this.#watches = watches;
  }

  /** An IPv4 or ARP packet from a station under a masked address. */
  seen(packet: Packet, domain: Domain): void {
    if (!isHostAddress(packet.sourceLow)) return;
    const mac = macNumber(packet.sourceHigh, packet.sourceLow);
    if (this.#beating.get(domain.index)?.has(mac)) return;
    const sameMac = this.#byMac.get(mac) ?? [];
    if (sameMac.some((adapter) => adapter.domain === domain)) return;
    if (this.#count >= MAX_ADAPTERS) {
      this.evictions += 1;
      return;
    }
    const adapter = new ClusterAdapter(packet, domain);
    if (!this.#watches.add(domain.index, mac, adapter)) return;
    sameMac.push(adapter);
    this.#byMac.set(mac, sameMac);
    this.#count += 1;
  }

  /** The station named its own masked address in ARP. */
  named(packet: Packet, domain: Domain): void {
    const mac = macNumber(packet.sourceHigh, packet.sourceLow);
    const adapter = this.#byMac.get(mac)?.find((known) => known.domain === domain);
    if (adapter) adapter.isOrdinary = true;
  }

  /** A station sent a message of the heartbeats' ethertypes that is none. */
  otherMessage(packet: Packet, domain: Domain): void {
    if (!isMaskedHigh(packet.sourceHigh)) return;
    this.seen(packet, domain);
    const mac = macNumber(packet.sourceHigh, packet.sourceLow);
    const adapter = this.#byMac.get(mac)?.find((known) => known.domain === domain);
    if (adapter) adapter.hasOtherMessages = true;
  }

  /** A station sent a heartbeat. */
  beat(packet: Packet, domain: Domain): void {
    if (packet.sourceHigh < 0) return;
    const mac = macNumber(packet.sourceHigh, packet.sourceLow);
    let beating = this.#beating.get(domain.index);
    if (beating === undefined) {
      if (this.#beating.size >= MAX_ADAPTERS) return;
      beating = new Set();
      this.#beating.set(domain.index, beating);
    }
    if (beating.has(mac)) return;
    if (beating.size < MAX_ADAPTERS) beating.add(mac);
    for (const adapter of this.#byMac.get(mac) ?? []) if (adapter.domain === domain) this.#remove(adapter);
  }

  /** Ends the watch of the adapters of an interface (or of all), and answers them. */
  close(interfaceIndex: number | null): ClusterAdapter[] {
    const closed = [...this.#byMac.values()]
      .flat()
      .filter(({ domain }) => interfaceIndex === null || domain.interface === interfaceIndex);
    for (const adapter of closed) this.#remove(adapter);
    return closed;
  }

  #remove(adapter: ClusterAdapter): void {
    const sameMac = this.#byMac.get(adapter.mac);
    const at = sameMac?.indexOf(adapter) ?? -1;
    if (sameMac === undefined || at < 0) return;
    sameMac.splice(at, 1);
    if (sameMac.length === 0) this.#byMac.delete(adapter.mac);
    this.#watches.remove(adapter.domain.index, adapter.mac, adapter);
    adapter.liveness.close();
    this.#count -= 1;
  }
}
