/**
 * A stretch without heartbeats from one member, watched from the moment at which it is longer than the tolerance: does the host
 * live, does its cluster adapter send, is the cluster served meanwhile?
 */
import type { FrameCitation } from '../engine/result.ts';
import { ARP_REPLY, type ArpFields } from '../wire/arp.ts';
import { isStationMac, macNumber } from '../wire/mac.ts';
import { KIND_IPV4, type Packet } from '../wire/packet.ts';
import type { AddressWatcher } from './address-watches.ts';
import { ArpCitation, UseCitation } from './citation.ts';
import type { Cluster, Member } from './cluster.ts';
import { SubjectLiveness } from './liveness.ts';
import type { Watcher, Watches } from './watches.ts';

const MAX_LIFE_FRAMES = 8;
const MAX_REPLIERS = 8;
/** Times of signs of life of one kind, and how far apart they are in the picture of a finding. */
const MAX_LIFE_TIMES = 64;
const LIFE_SPACING_SECONDS = 0.5;

/** A sign of life; `replier` is the station, if it is an ARP reply that a proxy may have given. */
export interface LifeFrame {
  readonly time: number;
  readonly frame: FrameCitation;
  readonly replier: number;
}

/** Signs of life of one kind. */
export class LifeSigns {
  count = 0;
  /** When the first ones came that are some time apart, for a picture. */
  readonly spaced: number[] = [];
  readonly #times: number[] = [];
  #last = Number.NEGATIVE_INFINITY;
  #next = Number.NEGATIVE_INFINITY;

  note({ time }: Packet): void {
    this.count += 1;
    this.#last = time;
    if (this.#times.length < MAX_LIFE_TIMES) this.#times.push(time);
    if (this.spaced.length >= MAX_LIFE_TIMES || time < this.#next) return;
    this.spaced.push(time);
    this.#next = time + LIFE_SPACING_SECONDS;
  }

  /** How many there were up to a moment; for one before the last of them, as many as are kept at most. */
  countUntil(time: number): number {
    return time >= this.#last ? this.count : this.#times.filter((sign) => sign <= time).length;
  }
}

export class Silence implements Watcher, AddressWatcher {
  readonly member: Member;
  /** Time of the last beat before. */
  readonly from: number;
  /** From here on the member counts as silent. */
  readonly threshold: number;
  /** Time of the beat that ended it, or of the end of the watch. */
  to = Number.NaN;
  /** The member came back by itself. */
  isRecovered = false;
  /** Frames after the threshold from the dedicated address under another MAC address than the cluster adapter's, but ARP replies. */
  readonly properLife = new LifeSigns();
  /** ARP replies of that kind, by station. */
  readonly repliesBy = new Map<number, LifeSigns>();
  /** IPv4 and ARP frames after the threshold from the cluster adapter. */
  readonly weakLife = new LifeSigns();
  /** Frames of any kind from the cluster adapter. */
  adapterFrames = 0;
  /** IPv4 frames that the member sent from a virtual address. */
  virtualFrames = 0;
  /** Connections to a virtual address that were answered; when the first of them was, and the first late in the silence. */
  answered = 0;
  firstAnswer = Number.POSITIVE_INFINITY;
  firstLateAnswer = Number.POSITIVE_INFINITY;
  readonly lifeFrames: LifeFrame[] = [];
  /** The last connection to the cluster that was answered before: its SYN and the answer. */
  readonly lastAnswer: readonly FrameCitation[];
  readonly #lateFrom: number;
  readonly #watches: Watches;
  readonly #macs: readonly number[];
  readonly #addresses: readonly number[];
  readonly liveness: SubjectLiveness;

  constructor(member: Member, threshold: number, serveSeconds: number, watches: Watches) {
    this.member = member;
    this.from = member.lastBeat;
    this.threshold = threshold;
    this.#lateFrom = this.from + serveSeconds;
    this.#watches = watches;
    // The cluster's own MAC address is every member's: it tells nothing of one of them.
    this.#macs = member.macs.filter((mac) => !member.cluster.isOwnMac(mac));
    this.#addresses = member.hostAddresses;
    this.lastAnswer = member.cluster.lastAnswer;
    const { domain } = member.cluster;
    this.liveness = new SubjectLiveness(domain.liveness, threshold);
    for (const mac of this.#macs) watches.add(domain.index, mac, this);
    for (const address of this.#addresses) watches.addAddress(domain.index, address, this);
  }

  get cluster(): Cluster {
    return this.member.cluster;
  }

  /** True if the member sends under a MAC address of its own, so that it is known what its cluster adapter sends. */
  get isAdapterKnown(): boolean {
    return this.#macs.length > 0;
  }

  /** Anything from or to the MAC address of the member's beats. */
  watchedPacket(packet: Packet, isSource: boolean): void {
    if (!isSource || packet.time <= this.threshold) return;
    this.liveness.own(packet);
    this.adapterFrames += 1;
    const isIp = packet.kind >= KIND_IPV4;
    if (isIp && this.cluster.virtualAddresses.has(packet.ipSource)) {
      this.virtualFrames += 1;
      return;
    }
    // ARP is told apart where it is decoded; what carries no address of a host proves nothing.
    if (!isIp) return;
    const mac = macNumber(packet.sourceHigh, packet.sourceLow);
    this.#noteLife(packet, this.#countLife(packet, mac, false));
  }

  watchedDuplicate(packet: Packet): void {
    this.liveness.own(packet);
  }

  /** An IPv4 packet from or to the member's dedicated address. */
  watchedAddressPacket(packet: Packet, isSource: boolean): void {
    if (!isSource) {
      this.liveness.own(packet);
      return;
    }
    if (packet.time <= this.threshold || packet.sourceHigh < 0) return;
    const mac = macNumber(packet.sourceHigh, packet.sourceLow);
    // What its own adapter sends is shown by the watch of that station.
    if (this.#macs.includes(mac) || !isStationMac(mac)) return;
    this.liveness.own(packet);
    this.#noteLife(packet, this.#countLife(packet, mac, false));
  }

  watchedAddressDuplicate(packet: Packet): void {
    this.liveness.own(packet);
  }

  /** An ARP packet in the domain, duplicates already removed. */
  arp(packet: Packet, arp: Readonly<ArpFields>): void {
    if (packet.time <= this.threshold || packet.sourceHigh < 0) return;
    const mac = macNumber(packet.sourceHigh, packet.sourceLow);
    const isOwn = this.#macs.includes(mac);
    if (!isOwn && (!isStationMac(mac) || !this.#addresses.includes(arp.senderAddress))) return;
    this.liveness.own(packet);
    const isReply = arp.operation === ARP_REPLY;
    const role = this.#countLife(packet, mac, isReply);
    if (this.lifeFrames.length >= MAX_LIFE_FRAMES) return;
    const replier = isReply && role === 'life' ? mac : 0;
    this.lifeFrames.push({ time: packet.time, frame: new ArpCitation(packet, arp, role), replier });
  }

  noteAnswer(packet: Packet): void {
    this.answered += 1;
    if (this.answered === 1) this.firstAnswer = packet.time;
    if (packet.time >= this.#lateFrom) this.firstLateAnswer = Math.min(this.firstLateAnswer, packet.time);
  }

  /** A frame of the host under this MAC address; answers its role in the proof. */
  #countLife(packet: Packet, mac: number, isReply: boolean): string {
    if (this.#macs.includes(mac) || this.cluster.isOwnMac(mac)) {
      this.weakLife.note(packet);
      return 'weak life';
    }
    if (isReply) this.#repliesOf(mac)?.note(packet);
    else this.properLife.note(packet);
    return 'life';
  }

  #repliesOf(mac: number): LifeSigns | undefined {
    const known = this.repliesBy.get(mac);
    if (known !== undefined || this.repliesBy.size >= MAX_REPLIERS) return known;
    const made = new LifeSigns();
    this.repliesBy.set(mac, made);
    return made;
  }

  #noteLife(packet: Packet, role: string): void {
    if (this.lifeFrames.length >= MAX_LIFE_FRAMES) return;
    const mac = macNumber(packet.sourceHigh, packet.sourceLow);
    const frame = new UseCitation(packet, role, packet.ipSource, mac);
    this.lifeFrames.push({ time: packet.time, frame, replier: 0 });
  }

  /** Ends the watch; what was seen stays. */
  close(time: number, isRecovered: boolean): void {
    this.to = time;
    this.isRecovered = isRecovered;
    const { domain } = this.cluster;
    for (const mac of this.#macs) this.#watches.remove(domain.index, mac, this);
    for (const address of this.#addresses) this.#watches.removeAddress(domain.index, address, this);
    this.liveness.close();
  }
}
