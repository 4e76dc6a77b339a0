/**
 * A load-balancing cluster as its heartbeats show it: members by priority, the senders that speak for each, and the stretches
 * in which a member was silent. One object per domain, cluster address and clock epoch.
 */
import type { FrameCitation } from '../engine/result.ts';
import { type Heartbeat, MAX_PORT_RULES } from '../wire/heartbeat.ts';
import { formatMac, isStationMac, macHigh, macLow, macNumber } from '../wire/mac.ts';
import type { Packet } from '../wire/packet.ts';
import { type BeatBudget, BeatLog } from './beat-log.ts';
import { learnPeriod, type PeriodThresholds } from './beat-period.ts';
import { cite } from './citation.ts';
import type { Domain } from './domains.ts';
import { SubjectLiveness } from './liveness.ts';
import type { Silence } from './silence.ts';
import type { VirtualAddress } from './virtual-address.ts';

/** More senders under one priority than any mistake makes; further ones are one too many to keep apart. */
const MAX_SENDERS = 8;
const MAX_VARIANTS = 64;
const MAX_SEGMENTS = 256;
export const MAX_SILENCES = 64;
const MAX_TIMES = 64;

/** The port rules of a host, as far as they were captured. */
export interface RuleVariant {
  readonly ruleCount: number;
  readonly codes: Int32Array;
}

/** Consecutive beats of a sender with the same port rules: indexes into its log. */
export interface RuleSegment {
  readonly variant: RuleVariant;
  readonly first: number;
  last: number;
}

/** Who sends heartbeats under a priority: a host with one configuration. */
export class Sender {
  readonly priority: number;
  readonly hostAddress: number;
  readonly hostCode: number;
  /** Ethernet source of its last beat; NaN where the link has none. */
  mac = Number.NaN;
  readonly log: BeatLog;
  readonly segments: RuleSegment[] = [];
  /** Seconds between its beats, learnt from its first ones; NaN until then, or if they have no period. */
  period = Number.NaN;

  constructor(beat: Readonly<Heartbeat>, budget: BeatBudget) {
    this.priority = beat.priority;
    this.hostAddress = beat.hostAddress;
    this.hostCode = beat.hostCode;
    this.log = new BeatLog(budget, beat.priority, beat.clusterAddress);
  }

  isOf(beat: Readonly<Heartbeat>): boolean {
    return this.hostAddress === beat.hostAddress && this.hostCode === beat.hostCode;
  }

  noteRules(variant: RuleVariant): void {
    const at = this.log.length - 1;
    const last = this.segments.at(-1);
    if (last && (last.variant === variant || this.segments.length >= MAX_SEGMENTS)) last.last = at;
    else this.segments.push({ variant, first: at, last: at });
  }
}

/** A host of the cluster, by its priority. */
export class Member {
  readonly cluster: Cluster;
  readonly priority: number;
  readonly senders: Sender[] = [];
  readonly silences: Silence[] = [];
  /** The silence that goes on. */
  openSilence: Silence | null = null;
  /** Time of the last beat. */
  lastBeat = Number.NaN;
  /** The host began to beat for another cluster. */
  movedTime = Number.NaN;
  /** A timer looks for its next beat. */
  isTimed = false;
  /** The sender of the last beat. */
  latest: Sender | null = null;

  constructor(cluster: Cluster, priority: number) {
    this.cluster = cluster;
    this.priority = priority;
  }

  get beats(): number {
    return this.senders.reduce((sum, sender) => sum + sender.log.length, 0);
  }

  get firstBeat(): number {
    return Math.min(...this.senders.map((sender) => sender.log.time(0)));
  }

  /** The period of its latest sender that has one; NaN if none has. */
  get period(): number {
    const latest = this.latest?.period ?? Number.NaN;
    if (!Number.isNaN(latest)) return latest;
    return this.senders.find((sender) => !Number.isNaN(sender.period))?.period ?? Number.NaN;
  }

  /** Dedicated addresses it names. */
  get hostAddresses(): number[] {
    return [...new Set(this.senders.map((sender) => sender.hostAddress).filter((address) => address !== 0))];
  }

  /** Ethernet sources of its beats. */
  get macs(): number[] {
    return [...new Set(this.senders.map((sender) => sender.mac).filter(isStationMac))];
  }

  /** True if a beat of another cluster, with this dedicated address, is of the same host. */
  isHost(packet: Packet, hostAddress: number): boolean {
    if (hostAddress !== 0 && this.senders.some((sender) => sender.hostAddress === hostAddress)) return true;
    return this.sent(packet);
  }

  /** True if the frame came from a station that sends its beats. */
  sent(packet: Packet): boolean {
    if (packet.sourceHigh < 0) return false;
    const mac = macNumber(packet.sourceHigh, packet.sourceLow);
    return this.senders.some((sender) => sender.mac === mac);
  }

  countBetween(from: number, to: number): number {
    return this.senders.reduce((sum, sender) => sum + sender.log.countBetween(from, to), 0);
  }

  /** True if at least `fraction` of the beats that its period promises for the span were seen. */
  isBeating(from: number, to: number, fraction: number): boolean {
    const { period } = this;
    if (Number.isNaN(period)) return false;
    // A span holds a beat more or less, by where it starts.
    const expected = Math.max(1, Math.floor((to - from) / period));
    return this.countBetween(from, to) >= fraction * expected;
  }
}

export type ClusterEnd = 'endOfCapture' | 'clockStep' | 'evicted';

export class Cluster {
  readonly domain: Domain;
  /** Primary virtual address. */
  readonly address: number;
  readonly firstTime: number;
  readonly members = new Map<number, Member>();
  readonly virtualAddresses = new Map<number, VirtualAddress>();
  readonly liveness: SubjectLiveness;
  readonly openSilences: Silence[] = [];
  /** Beats or ARP showed multicast or IGMP mode. */
  isMulticast = false;
  /** Beats were shorter on the wire than a whole one. */
  hasShortBeats = false;
  /** Membership facts of so many beats were cut. */
  cutBeats = 0;
  /** Commands to the cluster by remote control, latest last. */
  readonly controlTimes: number[] = [];
  /** Frames under the cluster's own MAC address as Ethernet source, though it is masked otherwise (Q258609). */
  readonly unmaskedTimes: number[] = [];
  unmaskedFrame: FrameCitation | null = null;
  end: ClusterEnd = 'endOfCapture';
  /** Time of the last packet that anything is proven for. */
  provenUntil = Number.NaN;
  readonly #variants: RuleVariant[] = [];
  readonly #budget: BeatBudget;

  constructor(domain: Domain, address: number, time: number, budget: BeatBudget) {
    this.domain = domain;
    this.address = address;
    this.firstTime = time;
    this.#budget = budget;
    this.liveness = new SubjectLiveness(domain.liveness, time);
  }

  /** Takes a beat; answers its member, or null if there is no room for it. */
  beat(packet: Packet, beat: Readonly<Heartbeat>, thresholds: PeriodThresholds): Member | null {
    let member = this.members.get(beat.priority);
    if (member === undefined) {
      member = new Member(this, beat.priority);
      this.members.set(beat.priority, member);
    }
    let sender = member.senders.find((candidate) => candidate.isOf(beat));
    if (sender === undefined && member.senders.length < MAX_SENDERS) {
      sender = new Sender(beat, this.#budget);
      member.senders.push(sender);
    }
    // Codes that change with every beat tell nobody apart.
    sender ??= member.senders.at(-1) as Sender;
    if (!sender.log.add(packet, beat)) return null;
    if (packet.sourceHigh >= 0) sender.mac = macNumber(packet.sourceHigh, packet.sourceLow);
    sender.noteRules(this.#variantOf(beat));
    if (sender.log.length % thresholds.periodBeats === 0) sender.period = learnPeriod(sender, thresholds);
    member.latest = sender;
    member.lastBeat = packet.time;
    if (beat.isShort) this.hasShortBeats = true;
    return member;
  }

  /** True if the MAC address is the one all members receive under. */
  isOwnMac(mac: number): boolean {
    const high = macHigh(mac);
    if (high === 0x02bf || high === 0x03bf) return macLow(mac) === this.address;
    // IGMP mode: 01:00:5e:7f and the last two bytes of the address.
    return high === 0x0100 && macLow(mac) === (0x5e7f0000 | (this.address & 0xffff));
  }

  /** True if one of the hosts has the address for itself. */
  isHostAddress(address: number): boolean {
    for (const member of this.members.values())
      if (member.senders.some((sender) => sender.hostAddress === address)) return true;
    return false;
  }

  /** The last connection that was answered at any of its virtual addresses: SYN and answer. */
  get lastAnswer(): readonly FrameCitation[] {
    const services = [...this.virtualAddresses.values()];
    const [latest] = services.toSorted((a, b) => b.watch.lastAnswer - a.watch.lastAnswer);
    return latest?.watch.answerFrames ?? [];
  }

  /** A connection to one of its virtual addresses was answered. */
  answeredAt(packet: Packet): void {
    for (const silence of this.openSilences) silence.noteAnswer(packet);
  }

  noteControl(packet: Packet): void {
    if (this.controlTimes.length >= MAX_TIMES) this.controlTimes.shift();
    this.controlTimes.push(packet.time);
  }

  noteUnmasked(packet: Packet): void {
    if (this.unmaskedTimes.length >= MAX_TIMES) this.unmaskedTimes.shift();
    this.unmaskedTimes.push(packet.time);
    const from = formatMac(macNumber(packet.sourceHigh, packet.sourceLow));
    this.unmaskedFrame = cite(packet, 'unmasked', `frame under the cluster's own MAC address ${from}`);
  }

  /** True if some of its members hide the cluster's MAC address behind their own. */
  get isMasked(): boolean {
    for (const member of this.members.values())
      if (member.macs.some((mac) => !this.isOwnMac(mac))) return true;
    return false;
  }

  get isClosed(): boolean {
    return !Number.isNaN(this.provenUntil);
  }

  release(): void {
    this.liveness.close();
    for (const member of this.members.values()) for (const sender of member.senders) sender.log.release();
  }

  #variantOf(beat: Readonly<Heartbeat>): RuleVariant {
    const { ruleCount, codes } = beat;
    // What stands in unused places is nobody's.
    const codeCount = Math.min(beat.codeCount, ruleCount);
    const known = this.#variants.find(
      (variant) =>
        variant.ruleCount === ruleCount &&
        variant.codes.length === codeCount &&
        variant.codes.every((code, rule) => code === codes[rule]),
    );
    if (known) return known;
    const variant = { ruleCount, codes: codes.slice(0, Math.min(codeCount, MAX_PORT_RULES)) };
    if (this.#variants.length < MAX_VARIANTS) this.#variants.push(variant);
    return variant;
  }
}
