/**
 * Load-balancing clusters (rules 5.3): takes heartbeats to clusters and members, notices when one falls silent, and shows each
 * cluster's virtual addresses what concerns them. Without a heartbeat or a cluster's MAC address nothing here is ever made.
 */
import { QuadTable } from '../tables/quad-table.ts';
import type { TimerQueue, Waiting } from '../tables/timer-queue.ts';
import type { ArpFields } from '../wire/arp.ts';
import {
  decodeHeartbeat,
  Heartbeat,
  HEARTBEAT_CUT,
  HEARTBEAT_FOREIGN,
  HEARTBEAT_MALFORMED,
  HEARTBEAT_OK,
} from '../wire/heartbeat.ts';
import { isHostAddress } from '../wire/ipv4.ts';
import { macHigh, macLow } from '../wire/mac.ts';
import { KIND_HEARTBEAT, KIND_LINK_TUNNEL, KIND_OTHER, KIND_RARP, type Packet } from '../wire/packet.ts';
import { ACK, RST, SYN, tcpFlags } from '../wire/tcp.ts';
import { type BeatBudget, MAX_BEATS } from './beat-log.ts';
import type { PeriodThresholds } from './beat-period.ts';
import { Cluster, type ClusterEnd, MAX_SILENCES, type Member } from './cluster.ts';
import { type ClusterAdapter, ClusterAdapters, isMaskedHigh } from './cluster-adapters.ts';
import { type Copies, DUPLICATE } from './copies.ts';
import type { Domain } from './domains.ts';
import { Silence } from './silence.ts';
import { SynTable } from './syn-attempts.ts';
import type { TupleFilter } from './tuple-filter.ts';
import { type ServiceShare, type ServiceThresholds, VirtualAddress } from './virtual-address.ts';
import type { Watches } from './watches.ts';
import type { Moment } from './moment.ts';

export interface HeartbeatThresholds extends PeriodThresholds, ServiceThresholds {
  readonly tolerancePeriods: number;
  readonly silenceExtraSeconds: number;
  readonly silentServeSeconds: number;
  readonly conflictBeats: number;
  readonly conflictSeconds: number;
}

/** What is told when a cluster, or a station under a cluster's MAC address, can be judged no further. */
export interface HeartbeatListener {
  clusterClosed(cluster: Cluster): void;
  adapterClosed(adapter: ClusterAdapter, cluster: Cluster | null): void;
}

const MAX_CLUSTERS = 64;
const MAX_VIRTUAL_ADDRESSES = 64;
const MAX_NAMED = 256;
/** 11 KB each; clusters have one virtual address or a few. */
const MAX_ANSWER_LOGS = 256;
const MAX_PORT_KEYS = 16_384;
const BEAT_ROUNDING_SECONDS = 1e-6;
/** Sets of the table of served clients: 16,384 clients. */
const CLIENT_SETS = 1 << 6;
const MAX_CLIENT_SETS = 1 << 12;

export class HeartbeatTracker {
  readonly thresholds: HeartbeatThresholds;
  /** Clusters, members, attempts and stations that found no room. */
  evictions = 0;
  /** Heartbeats cut before the cluster that they are about. */
  namelessCuts = 0;
  malformed = 0;
  /** Interfaces with frames of another ethertype than IPv4, IPv6 and ARP: no capture filter hides heartbeats there. */
  readonly #unfiltered = new Set<number>();
  /** Ports of virtual addresses that answered at any time, as `portKey` names them. */
  readonly answeredPorts = new Set<string>();
  /** Virtual addresses that were seen as IPv4 source, as `portKey` names their port 0. */
  readonly visible = new Set<string>();
  /** Cluster addresses whose shared MAC address was seen as ARP sender, with the addresses it stands for. */
  readonly #named = new Map<string, Set<number>>();
  readonly #beat = new Heartbeat();
  readonly #adapters: ClusterAdapters;
  /** By domain, then by cluster address. */
  readonly #clusters: Array<Map<number, Cluster> | undefined> = [];
  /** By domain, then by virtual address. */
  readonly #services: Array<Map<number, VirtualAddress> | undefined> = [];
  /** Open silences of all clusters; ARP is looked at only while there are any. */
  readonly #silences: Silence[] = [];
  readonly #watches: Watches;
  readonly #tuples: TupleFilter;
  readonly #copies: Copies;
  readonly #timersOf: (domain: Domain) => TimerQueue;
  readonly #listener: HeartbeatListener;
  readonly #budget: BeatBudget = { beats: MAX_BEATS };
  /** Made with the first virtual address. */
  #share: ServiceShare | null = null;
  #clusterCount = 0;
  #serviceCount = 0;
  #nextService = 0;

  constructor(
    thresholds: HeartbeatThresholds,
    shared: {
      readonly watches: Watches;
      readonly tuples: TupleFilter;
      readonly copies: Copies;
      readonly timersOf: (domain: Domain) => TimerQueue;
    },
    listener: HeartbeatListener,
  ) {
    this.thresholds = thresholds;
    this.#watches = shared.watches;
    this.#tuples = shared.tuples;
    this.#copies = shared.copies;
    this.#timersOf = shared.timersOf;
    this.#listener = listener;
    this.#adapters = new ClusterAdapters(shared.watches);
  }

  /** First SYNs that a flood displaced before they could be repeated. */
  get displacedSyns(): number {
    return this.#share?.syns.evictions ?? 0;
  }

  /** A frame that is neither IP nor ARP: a heartbeat, or what shows that heartbeats would have been captured. */
  frame(packet: Packet, domain: Domain): void {
    const { kind } = packet;
    this.#noteUnmasked(packet, domain);
    if (kind !== KIND_HEARTBEAT) {
      if (kind === KIND_OTHER || kind === KIND_RARP || kind === KIND_LINK_TUNNEL)
        this.#noteUnfiltered(domain);
      return;
    }
    this.#noteUnfiltered(domain);
    if (this.#copies.examine(packet) === DUPLICATE) return;
    const { view, network, end, wireEnd } = packet;
    const beat = this.#beat;
    const status = decodeHeartbeat(view, network, end, wireEnd, beat);
    if (status === HEARTBEAT_FOREIGN) {
      this.#adapters.otherMessage(packet, domain);
      return;
    }
    this.#adapters.beat(packet, domain);
    if (status === HEARTBEAT_OK) this.#take(packet, domain);
    else if (status === HEARTBEAT_MALFORMED) this.malformed += 1;
    else if (status === HEARTBEAT_CUT && beat.clusterAddress === 0) this.namelessCuts += 1;
    else if (status === HEARTBEAT_CUT) {
      const cluster = this.#clusterOf(packet, domain, beat.clusterAddress);
      if (cluster) cluster.cutBeats += 1;
    }
  }

  /** An ARP packet, duplicates already removed. */
  arp(packet: Packet, arp: Readonly<ArpFields>, domain: Domain): void {
    this.#noteAdapter(packet, domain);
    this.#noteUnmasked(packet, domain);
    const high = macHigh(arp.senderMac);
    if (isMaskedHigh(high) && packet.sourceHigh === high && packet.sourceLow === macLow(arp.senderMac))
      this.#adapters.named(packet, domain);
    if (high === 0x02bf || high === 0x03bf) {
      this.#noteNamed(domain, macLow(arp.senderMac), arp.senderAddress, high === 0x03bf);
    } else if (high === 0x0100 && macLow(arp.senderMac) >>> 16 === 0x5e7f) {
      this.#noteIgmp(domain, arp);
    }
    for (const silence of this.#silences) if (silence.cluster.domain === domain) silence.arp(packet, arp);
  }

  /** A new IPv4 source, or one that moved to another station. */
  sourceSeen(packet: Packet, domain: Domain): void {
    this.#noteAdapter(packet, domain);
    this.#noteUnmasked(packet, domain);
  }

  /** True if virtual addresses are known, whose SYNs and answers are wanted. */
  get isServing(): boolean {
    return this.#serviceCount !== 0;
  }

  /** A TCP segment with SYN, FIN or RST. */
  control(packet: Packet): void {
    const services = this.#services[packet.domain];
    if (services === undefined) return;
    const flags = tcpFlags(packet);
    const to = services.get(packet.ipDestination);
    if (to !== undefined) {
      if ((flags & (SYN | ACK | RST)) === SYN) to.syn(packet);
      else if ((flags & SYN) === 0 && this.#tuples.has(packet)) to.clientSegment(packet);
      return;
    }
    if ((flags & (SYN | RST)) !== 0) services.get(packet.ipSource)?.reply(packet);
  }

  /** Any other TCP segment between ports that are followed. */
  segment(packet: Packet): void {
    if (this.#serviceCount === 0) return;
    this.#services[packet.domain]?.get(packet.ipDestination)?.clientSegment(packet);
  }

  /** A command of remote control, UDP 2504 or 1717 (Q198516, Q150543). */
  remoteControl(packet: Packet, domain: Domain): void {
    const clusters = this.#clusters[domain.index];
    if (clusters === undefined) return;
    const to = packet.ipDestination;
    for (const cluster of clusters.values())
      if (
        cluster.virtualAddresses.has(to) ||
        cluster.isHostAddress(to) ||
        !isHostAddress(to) ||
        packet.isGroupDestination
      )
        cluster.noteControl(packet);
  }

  /** True if more than IP and ARP was captured on the interface. */
  isUnfiltered(interfaceIndex: number): boolean {
    return this.#unfiltered.has(interfaceIndex);
  }

  /** True if the MAC address of this cluster was seen as ARP sender, or it beats. */
  isKnownCluster(domain: Domain, clusterAddress: number): boolean {
    return (
      this.#named.has(`${domain.index}/${clusterAddress}`) ||
      this.#clusters[domain.index]?.has(clusterAddress) === true
    );
  }

  /** Closes everything on an interface (or everywhere): no timer or window goes on. */
  closeInterface(interfaceIndex: number | null, end: ClusterEnd): void {
    for (const adapter of this.#adapters.close(interfaceIndex)) {
      const cluster = this.#clusters[adapter.domain.index]?.get(adapter.clusterAddress) ?? null;
      this.#listener.adapterClosed(adapter, cluster);
    }
    for (const clusters of this.#clusters) {
      if (clusters === undefined) continue;
      for (const cluster of clusters.values())
        if (interfaceIndex === null || cluster.domain.interface === interfaceIndex) this.#close(cluster, end);
    }
  }

  #take(packet: Packet, domain: Domain): void {
    const beat = this.#beat;
    const cluster = this.#clusterOf(packet, domain, beat.clusterAddress);
    if (cluster === null) return;
    cluster.liveness.own(packet);
    const member = cluster.members.get(beat.priority);
    if (member?.openSilence) this.#endSilence(member, packet, true);
    if (!member?.senders.some((sender) => sender.isOf(beat))) this.#noteMove(packet, domain, cluster);
    const taken = cluster.beat(packet, beat, this.thresholds);
    if (taken === null) {
      // No more room: what there is is judged, and the cluster starts anew.
      this.evictions += 1;
      this.#close(cluster, 'evicted');
      return;
    }
    if (packet.isMulticastDestination) cluster.isMulticast = true;
    if (beat.hostAddress !== 0) this.#dropService(cluster, beat.hostAddress);
    if (!taken.isTimed && !Number.isNaN(taken.period)) this.#startTimer(taken);
  }

  /** A host begins to beat for this cluster: for another one that it was in, it may have left it. */
  #noteMove(packet: Packet, domain: Domain, to: Cluster): void {
    const { hostAddress } = this.#beat;
    for (const cluster of this.#clusters[domain.index]?.values() ?? []) {
      if (cluster === to) continue;
      for (const member of cluster.members.values())
        if (member.isHost(packet, hostAddress)) member.movedTime = packet.time;
    }
  }

  #noteUnfiltered(domain: Domain): void {
    if (this.#unfiltered.size < MAX_NAMED) this.#unfiltered.add(domain.interface);
  }

  #clusterOf(packet: Packet, domain: Domain, address: number): Cluster | null {
    let clusters = this.#clusters[domain.index];
    if (clusters === undefined) {
      clusters = new Map();
      this.#clusters[domain.index] = clusters;
    }
    const known = clusters.get(address);
    if (known) return known;
    if (this.#clusterCount >= MAX_CLUSTERS) {
      this.evictions += 1;
      return null;
    }
    const cluster = new Cluster(domain, address, packet.time, this.#budget);
    clusters.set(address, cluster);
    this.#clusterCount += 1;
    this.#addService(cluster, address);
    for (const named of this.#named.get(`${domain.index}/${address}`) ?? []) this.#addService(cluster, named);
    return cluster;
  }

  #addService(cluster: Cluster, address: number): void {
    if (cluster.virtualAddresses.has(address) || cluster.isHostAddress(address)) return;
    if (cluster.virtualAddresses.size >= MAX_VIRTUAL_ADDRESSES) {
      this.evictions += 1;
      return;
    }
    const { index } = cluster.domain;
    let services = this.#services[index];
    if (services === undefined) {
      services = new Map();
      this.#services[index] = services;
    }
    if (services.has(address)) return;
    this.#share ??= {
      syns: new SynTable(this.#tuples),
      clients: new QuadTable(CLIENT_SETS, MAX_CLIENT_SETS),
      filter: this.#tuples,
      thresholds: this.thresholds,
      logs: MAX_ANSWER_LOGS,
    };
    const service = new VirtualAddress(cluster, address, this.#nextService, this.#share);
    this.#nextService += 1;
    cluster.virtualAddresses.set(address, service);
    services.set(address, service);
    this.#serviceCount += 1;
    this.#watches.addAddress(index, address, service);
  }

  /** An address that ARP gave to the cluster is a host's own. */
  #dropService(cluster: Cluster, address: number): void {
    const service = cluster.virtualAddresses.get(address);
    if (service === undefined || address === cluster.address) return;
    this.#endService(service);
    cluster.virtualAddresses.delete(address);
  }

  #endService(service: VirtualAddress): void {
    const { index, liveness } = service.cluster.domain;
    this.#watches.removeAddress(index, service.address, service);
    this.#services[index]?.delete(service.address);
    this.#serviceCount -= 1;
    service.close({ time: liveness.lastTime });
    const { domain } = service.cluster;
    if (service.frames > 0) bounded(this.visible, portKey(domain, service.address, 0));
    for (const port of service.ports) bounded(this.answeredPorts, portKey(domain, service.address, port));
    this.evictions += service.evictions;
  }

  #noteNamed(domain: Domain, clusterAddress: number, address: number, isMulticast: boolean): void {
    if (!isHostAddress(clusterAddress) || !isHostAddress(address)) return;
    const key = `${domain.index}/${clusterAddress}`;
    let named = this.#named.get(key);
    if (named === undefined) {
      if (this.#named.size >= MAX_NAMED) return;
      named = new Set();
      this.#named.set(key, named);
    }
    if (named.size < MAX_VIRTUAL_ADDRESSES) named.add(address);
    const cluster = this.#clusters[domain.index]?.get(clusterAddress);
    if (cluster === undefined) return;
    if (isMulticast) cluster.isMulticast = true;
    this.#addService(cluster, address);
  }

  /** IGMP mode tells the last two bytes of the cluster's address only. */
  #noteIgmp(domain: Domain, arp: Readonly<ArpFields>): void {
    for (const cluster of this.#clusters[domain.index]?.values() ?? []) {
      if (!cluster.isOwnMac(arp.senderMac) || !isHostAddress(arp.senderAddress)) continue;
      cluster.isMulticast = true;
      this.#addService(cluster, arp.senderAddress);
    }
  }

  /** A frame under the MAC address that all members receive under: in a masked cluster, nothing should leave under it. */
  #noteUnmasked(packet: Packet, domain: Domain): void {
    if (packet.sourceHigh !== 0x02bf) return;
    const cluster = this.#clusters[domain.index]?.get(packet.sourceLow);
    if (cluster?.isMasked) cluster.noteUnmasked(packet);
  }

  #noteAdapter(packet: Packet, domain: Domain): void {
    if (isMaskedHigh(packet.sourceHigh)) this.#adapters.seen(packet, domain);
  }

  #limitOf(member: Member): number {
    const { tolerancePeriods, silenceExtraSeconds } = this.thresholds;
    return tolerancePeriods * member.period + silenceExtraSeconds;
  }

  #startTimer(member: Member): void {
    const waiting: Waiting = { timeout: (now) => this.#missed(member, waiting, now) };
    this.#arm(member, waiting, member.lastBeat + this.#limitOf(member));
  }

  /** A member's next beat is due, or came meanwhile. */
  #missed(member: Member, waiting: Waiting, now: number): void {
    member.isTimed = false;
    if (member.cluster.isClosed || member.openSilence) return;
    const due = member.lastBeat + this.#limitOf(member);
    if (now > due) this.#fallSilent(member, due);
    // A beat that comes at this very moment is still in time: the timer fires before it is taken in.
    else this.#arm(member, waiting, Math.max(due, now + BEAT_ROUNDING_SECONDS));
  }

  #arm(member: Member, waiting: Waiting, due: number): void {
    member.isTimed = this.#timersOf(member.cluster.domain).add(due, waiting);
  }

  #fallSilent(member: Member, threshold: number): void {
    if (member.silences.length >= MAX_SILENCES) {
      this.evictions += 1;
      return;
    }
    const silence = new Silence(member, threshold, this.thresholds.silentServeSeconds, this.#watches);
    member.openSilence = silence;
    member.silences.push(silence);
    member.cluster.openSilences.push(silence);
    this.#silences.push(silence);
  }

  #endSilence(member: Member, { time }: Moment, isRecovered: boolean): void {
    const silence = member.openSilence;
    if (silence === null) return;
    silence.close(time, isRecovered);
    for (const { answers } of member.cluster.virtualAddresses.values())
      answers?.keepAround(silence.from, time);
    member.openSilence = null;
    remove(member.cluster.openSilences, silence);
    remove(this.#silences, silence);
  }

  #close(cluster: Cluster, end: ClusterEnd): void {
    const { domain } = cluster;
    const last = { time: domain.liveness.lastTime };
    cluster.end = end;
    cluster.provenUntil = last.time;
    for (const member of cluster.members.values()) this.#endSilence(member, last, false);
    for (const service of cluster.virtualAddresses.values()) this.#endService(service);
    this.#clusters[domain.index]?.delete(cluster.address);
    this.#clusterCount -= 1;
    this.#listener.clusterClosed(cluster);
    cluster.release();
  }
}

function remove<Item>(items: Item[], item: Item): void {
  const at = items.indexOf(item);
  if (at >= 0) items.splice(at, 1);
}

function bounded(keys: Set<string>, key: string): void {
  if (keys.size < MAX_PORT_KEYS) keys.add(key);
}

/** How a port of a virtual address is named in `answeredPorts`. */
export function portKey(domain: Domain, address: number, port: number): string {
  return `${domain.index}/${address}:${port}`;
}
