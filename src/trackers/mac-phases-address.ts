/** One address and the MAC addresses it is seen under, phase by phase (rules 3.2). */
import type { FrameCitation } from '../engine/result.ts';
import { extended } from '../tables/room.ts';
import { ARP_REPLY, ARP_REQUEST, type ArpFields } from '../wire/arp.ts';
import { isInitialTtl } from '../wire/ipv4.ts';
import { isSharedByDesign, macNumber } from '../wire/mac.ts';
import { KIND_ARP, type Packet } from '../wire/packet.ts';
import { ArpCitation, ArpNote, cite } from './citation.ts';
import type { Domain } from './domains.ts';
import {
  MacPhase,
  type PhaseEnd,
  type PhaseKind,
  type PhaseOwner,
  type PhaseTimes,
} from './mac-phases-phase.ts';
import { ArpRequests, type RequestRun, type RequestTimes } from './mac-phases-requests.ts';
import type { Moment } from './moment.ts';
import { isPassedOn, MOST_FRAMES, type SourceMove } from './sources.ts';

export interface MacPhaseOptions extends PhaseTimes, RequestTimes {
  readonly arpBeforeSeconds: number;
  readonly noAnnounceSeconds: number;
  readonly bondPhaseSeconds: number;
  readonly bondMacs: number;
}

/** What an address asks of the tracker that keeps it. */
export interface PhaseKeeper {
  readonly options: MacPhaseOptions;
  /** Opens the watch over a phase; false if there is no room, or too many addresses moved to that MAC address. */
  watch(phase: MacPhase, owner: AddressPhases): boolean;
  unwatch(phase: MacPhase, owner: AddressPhases): void;
  /** Room for one more closed phase; false if there is none. */
  keep(): boolean;
  /** IPv4 frames of an address before this packet, and the seconds since the first of them. */
  framesBefore(owner: AddressPhases, packet: Packet): { readonly frames: number; readonly seconds: number };
  /** The MAC address that IPv4 of an address was last seen under; NaN if it was not. */
  sourceOf(owner: AddressPhases): number;
  /** Counts the address's IPv4 frames anew. */
  restartFrames(owner: AddressPhases, packet: Packet): void;
  /** Where an address moved in earlier clock epochs, too: by MAC address, whether that had been seen before its first phase. */
  movesOf(domain: number, address: number): Map<number, boolean> | null;
  noteMoves(owner: AddressPhases, moves: Map<number, boolean>): void;
  isKnownMac(domain: number, mac: number): boolean;
  sawBroadcast(domain: number, packet: Packet): boolean;
}

/** A corrective announcement (Q120599) follows the older owner's reply at once; NT takes 2 ms. */
const CORRECTIVE_SECONDS = 2;
/** A station that repeated its requests though it heard does so by habit: its requests are no sign. */
const MAX_FALSE_ALARMS = 1;
/** Phases kept for judgement; an address that has more alternates. */
const MAX_PHASES = 8;
/** Short phases after which an address is taken for one that alternates, and no longer followed. */
const MAX_SHORT_PHASES = 8;
/** Short phases that make an alternation. */
const ALTERNATIONS = 2;
const MAX_MACS = 16;
const MAX_LEASES = 8;
/** Most addresses never change: they share what is empty. */
const NONE: readonly never[] = [];

export class AddressPhases implements PhaseOwner {
  readonly address: number;
  readonly domain: Domain;
  /** The MAC address that ARP names. */
  home: number;
  readonly firstTime: number;
  /** ARP packets of the address under its own MAC address since it has that one. */
  ownArp = 0;
  ownArpSince: number;
  lastOwnArp: number;
  /** It asked or announced for itself: somebody else may only reply for it. */
  speaks = false;
  /** Unicast ARP packets from it, and to it, were recorded: the capture shows these directions. */
  sentUnicast = false;
  receivedUnicast = false;
  /** Phases to be judged, in order; those too short to say anything are only counted. */
  phases: readonly MacPhase[] = NONE;
  open: MacPhase | null = null;
  /** Phases under another MAC address that were over within `bondPhaseSeconds`. */
  shortPhases = 0;
  /** It answered what was sent to the MAC address in its ARP while it sent from another one. */
  answeredPhases = 0;
  /** Changes that ARP followed, and a MAC address shared by design among those seen. */
  announcedChanges = 0;
  isShared = false;
  /** It never spoke under the MAC address that its ARP names, but under others: an anycast gateway, a pair of firewalls, a router. */
  hasOtherSource = false;
  /** How often its datagrams came from the MAC address in its ARP again. */
  returns = 0;
  /** A bridge speaks for it under its own MAC address. */
  isTranslated = false;
  /** Phases that were not followed because there were too many. */
  isLeftOut = false;
  /**
   * How many exchanges had worked before it repeated requests that are answered, as a deaf station does, in a capture without
   * destination MAC addresses; -1 if it did not.
   */
  repeatedHistory = -1;
  /** MAC addresses that DHCP acknowledged the address to. */
  leasedTo: readonly number[] = NONE;
  /** A corrective announcement explained a mismatch. */
  isCorrected = false;
  readonly #keeper: PhaseKeeper;
  #requests: ArpRequests | null = null;
  /** The last ARP packet under its own MAC address. */
  #lastArp: ArpNote | null = null;
  /** MAC addresses it moved to, and whether they had been seen before that. */
  #moves: Map<number, boolean> | null;
  /** How often it repeated requests and heard all the same. */
  #falseAlarms = 0;
  #lastReply = Number.NEGATIVE_INFINITY;
  /** When somebody last asked everybody for this address. */
  #askedFor = Number.NEGATIVE_INFINITY;
  /** IPv4 frames under the MAC address that ARP names, in the times before phases away from it. */
  #beforeIpFrames = 0;
  #beforeSeconds = 0;
  /** The last MAC address that somebody else named for it by ARP, and when: a manager, or a switch. */
  #namedMac = 0;
  #namedAt = Number.NaN;
  /** Unicast IPv4 packets while watched, by TTL. */
  #ttls: Uint32Array | null = null;
  /** When a router was first seen to pass its packets on, and how many of its own there had been. */
  #routedAt = Number.NaN;
  #framesAtRouting = 0;
  /** What the deaf station of the open phase asks for. */
  #deafTarget = 0;

  constructor(keeper: PhaseKeeper, domain: Domain, address: number, home: number, packet: Packet) {
    this.#keeper = keeper;
    this.domain = domain;
    this.address = address;
    this.home = home;
    this.firstTime = packet.time;
    this.ownArpSince = packet.time;
    this.lastOwnArp = packet.time;
    this.#moves = keeper.movesOf(domain.index, address);
  }

  /** More MAC addresses than this are not told apart. */
  get macs(): number {
    return 1 + (this.#moves?.size ?? 0);
  }

  /** It uses several MAC addresses at once: further moves tell nothing. */
  get isRestless(): boolean {
    return this.answeredPhases > 0 || this.shortPhases >= MAX_SHORT_PHASES || this.macs > MAX_MACS;
  }

  /**
   * The class of rules 0.3: one MAC address in ARP, IPv4 under a few, and either what goes to the one in ARP is answered while
   * others transmit, or they alternate quickly.
   */
  get isBond(): boolean {
    return (
      this.announcedChanges === 0 &&
      !this.hasOtherSource &&
      this.macs >= 2 &&
      this.macs <= this.#keeper.options.bondMacs &&
      (this.answeredPhases > 0 || this.shortPhases >= ALTERNATIONS)
    );
  }

  /** Most frequent TTL of its unicast IPv4 while watched; 0 if there was none. */
  get ttl(): number {
    const ttls = this.#ttls;
    return ttls === null ? 0 : ttls.indexOf(Math.max(...ttls));
  }

  /** False if its packets came through a router (rules 0.3). */
  get isFirstHop(): boolean {
    return this.#ttls === null || isInitialTtl(this.ttl);
  }

  /** True if its packets came from a router in the end, and nothing from itself any more. `frames`: those of its own. */
  isAway(frames: number): boolean {
    // Of more frames than are counted, nobody knows whether some came later.
    return this.lastOwnArp < this.#routedAt && frames === this.#framesAtRouting && frames < MOST_FRAMES;
  }

  /** ARP with this address as sender, under the MAC address it names. */
  ownArpPacket(packet: Packet, arp: Readonly<ArpFields>): void {
    const { senderMac, targetAddress, operation } = arp;
    if (senderMac !== this.home) this.#rehome(packet, arp);
    else if (this.open !== null && this.open.kind !== 'deaf') this.returned(packet);
    if (packet.isUnicastDestination) this.sentUnicast = true;
    this.ownArp += 1;
    this.lastOwnArp = packet.time;
    this.#lastArp ??= new ArpNote();
    this.#lastArp.take(packet, arp);
    if (operation === ARP_REPLY) {
      this.#lastReply = packet.time;
      this.#ownRequests.replied();
      this.#answersBroadcast(packet);
    } else this.speaks = true;
    const { open } = this;
    if (open?.kind === 'deaf') open.arp(packet, arp);
    if (operation !== ARP_REQUEST || targetAddress === this.address) return;
    open?.traffic.asked(targetAddress);
    const run = this.#ownRequests.asked(packet, arp);
    if (run === null || this.open !== null || this.#falseAlarms >= MAX_FALSE_ALARMS) return;
    // Without destination MAC addresses nothing shows what the station should have received.
    if (packet.ethernet < 0) this.repeatedHistory = Math.max(this.repeatedHistory, run.history);
    else this.#openDeaf(packet, run);
  }

  /** ARP with this address as sender under another MAC address than it names. */
  foreignArpPacket(packet: Packet, arp: Readonly<ArpFields>, source: number, isFirst: boolean): void {
    const isSelf = arp.senderAddress === arp.targetAddress;
    if (this.isTranslated) return;
    if (arp.senderMac !== this.home) {
      this.#namedElsewhere(packet, arp);
      return;
    }
    if (isSelf && packet.isGroupDestination && packet.time - this.#lastReply <= CORRECTIVE_SECONDS) {
      this.isCorrected = true;
      return;
    }
    if (this.ownArp === 0 && this.#moves !== null && !this.#moves.has(source)) this.hasOtherSource = true;
    if (this.open === null || this.open.newMac !== source)
      this.#openMoved(packet, source, isFirst, this.#keeper.sourceOf(this));
    const { open } = this;
    if (open === null || open.newMac !== source) return;
    open.arp(packet, arp);
    if (arp.operation === ARP_REQUEST && !isSelf) open.traffic.asked(arp.targetAddress);
  }

  /** IPv4 of the address under a MAC address that it was not seen under last. */
  sourceMoved(packet: Packet, from: number, mac: number): SourceMove {
    const { open, home } = this;
    if (mac === home || mac === open?.newMac || !isPassedOn(packet)) {
      this.#moved(packet, from, mac);
      return 'moved';
    }
    // A router's copy (rules 0.2), or from afar: it says nothing of where the address is.
    if (Number.isNaN(this.#routedAt)) {
      this.#routedAt = packet.time;
      this.#framesAtRouting = this.#keeper.framesBefore(this, packet).frames;
    }
    return 'routed';
  }

  #moved(packet: Packet, from: number, mac: number): void {
    const { open, home } = this;
    if (isSharedByDesign(mac)) {
      this.isShared = true;
      return;
    }
    if (mac === home) {
      // What it sent under others does not count as sent from here.
      this.#keeper.restartFrames(this, packet);
      if (open !== null && open.kind !== 'deaf') this.returned(packet);
      return;
    }
    if (from !== home && (this.#moves === null || this.ownArp === 0)) this.hasOtherSource = true;
    if (open === null || open.kind === 'deaf' || mac !== open.newMac)
      this.#openMoved(packet, mac, false, from);
  }

  /** An ARP reply to the address. */
  replyReceived(packet: Packet, arp: Readonly<ArpFields>): void {
    const isAddressed = packet.ethernet >= 0;
    if (isAddressed) this.open?.reply(packet, arp);
    // A cooked capture keeps no destination; the reply names whom it is meant for.
    const destination = isAddressed
      ? macNumber(packet.destinationHigh, packet.destinationLow)
      : arp.targetMac;
    if (destination !== this.home) return;
    const run = this.#requests?.answered(packet, arp) ?? null;
    if (run !== null && this.open?.kind === 'deaf' && run.target === this.#deafTarget)
      this.open.requests = Math.max(this.open.requests, run.answered);
  }

  /** Somebody asked for this address, everybody or one station. */
  askedFor(packet: Packet, arp: Readonly<ArpFields>): void {
    if (packet.isGroupDestination) this.#askedFor = packet.time;
    if (packet.ethernet >= 0) this.open?.question(packet, arp);
  }

  leased(mac: number): void {
    if (this.leasedTo.length < MAX_LEASES && !this.leasedTo.includes(mac))
      this.leasedTo = extended(this.leasedTo, mac);
  }

  noteTtl(packet: Packet): void {
    this.#ttls ??= new Uint32Array(256);
    this.#ttls[packet.ttl] = (this.#ttls[packet.ttl] as number) + 1;
  }

  returned(packet: Packet): void {
    const { open } = this;
    if (open === null) return;
    if (packet.kind !== KIND_ARP) this.returns += 1;
    const what = packet.kind === KIND_ARP ? 'ARP' : 'IPv4';
    this.closePhase('returned', packet, cite(packet, 'return', `${what} under the old MAC address again`));
  }

  answered(): void {
    const { open } = this;
    if (open === null) return;
    if (open.kind === 'deaf') this.#falseAlarms += 1;
    else this.answeredPhases += 1;
    this.#requests?.forget();
    this.closePhase('answered', { time: open.lastTime }, null);
  }

  quiet(): void {
    if (this.open !== null) this.closePhase('quiet', { time: this.open.lastTime }, null);
  }

  /** Ends the open phase and keeps it if it may say something. */
  closePhase(end: PhaseEnd, to: Moment, frame: FrameCitation | null): void {
    const { open } = this;
    if (open === null) return;
    this.open = null;
    this.#keeper.unwatch(open, this);
    open.close(end, to, frame);
    // A deaf station that turns out to hear was never deaf.
    if (open.kind === 'deaf' && end === 'answered') return;
    const isShort = open.lastTime - open.from < this.#keeper.options.bondPhaseSeconds;
    if (isShort && end === 'returned' && open.ipFrames > 0) this.shortPhases += 1;
    if (isShort && open.staleArp === 0 && end === 'returned') return;
    if (this.phases.length >= MAX_PHASES) return;
    if (this.#keeper.keep()) this.phases = extended(this.phases, open);
    else this.isLeftOut = true;
  }

  get #ownRequests(): ArpRequests {
    this.#requests ??= new ArpRequests(this.#keeper.options);
    return this.#requests;
  }

  /** ARP names another MAC address for the address than it did, from that MAC address. */
  #rehome(packet: Packet, arp: Readonly<ArpFields>): void {
    const { open } = this;
    const isToAll = packet.isGroupDestination || arp.senderAddress === arp.targetAddress;
    if (open !== null && open.newMac === arp.senderMac) {
      open.announcedAt = packet.time;
      open.isAnnouncedToAll = isToAll;
      this.closePhase('announced', packet, new ArpCitation(packet, arp, 'announcement'));
    } else this.closePhase('takenOver', packet, null);
    this.home = arp.senderMac;
    this.announcedChanges += 1;
    this.ownArp = 0;
    this.ownArpSince = packet.time;
    this.#beforeIpFrames = 0;
    this.#beforeSeconds = 0;
    this.#requests?.forget();
    this.#keeper.restartFrames(this, packet);
  }

  /** A third station names a MAC address for it: it may announce a change, of an open phase or of one that begins soon. */
  #namedElsewhere(packet: Packet, arp: Readonly<ArpFields>): void {
    const { open } = this;
    this.#namedMac = arp.senderMac;
    this.#namedAt = packet.time;
    if (open === null || open.newMac !== arp.senderMac) return;
    open.announcedAt = packet.time;
    open.isAnnouncedToAll = packet.isGroupDestination || arp.senderAddress === arp.targetAddress;
  }

  /** `from`: the MAC address that its IPv4 was last seen under; NaN if it was not. */
  #openMoved(packet: Packet, mac: number, isFirst: boolean, from: number): void {
    if (this.open !== null) this.closePhase('takenOver', packet, null);
    if (this.isRestless || this.isTranslated) return;
    this.#moves ??= new Map();
    const isKnownMac = this.#moves.get(mac) ?? this.#keeper.isKnownMac(this.domain.index, mac);
    this.#moves.set(mac, isKnownMac);
    this.#keeper.noteMoves(this, this.#moves);
    if (!isFirst) this.#noteBefore(packet, from);
    this.#open(packet, isFirst ? 'stranger' : 'moved', mac, isKnownMac);
    const isNamed =
      this.#namedMac === mac && packet.time - this.#namedAt <= this.#keeper.options.noAnnounceSeconds;
    if (this.open !== null && isNamed) this.open.announcedAt = this.#namedAt;
  }

  #openDeaf(packet: Packet, run: RequestRun): void {
    this.#open(packet, 'deaf', this.home, false);
    const { open } = this;
    if (open === null) return;
    this.#deafTarget = run.target;
    open.history = run.history;
    open.requests = run.answered;
    open.requestFrames = run.frames ?? [];
  }

  #open(packet: Packet, kind: PhaseKind, mac: number, isKnownMac: boolean): void {
    const { domain } = this;
    const before = {
      frames: this.#beforeIpFrames + this.ownArp,
      seconds: this.#beforeSeconds,
      arp: this.#lastArp?.cite('arp before') ?? null,
      isKnownMac,
      sawBroadcast: this.#keeper.sawBroadcast(domain.index, packet),
    };
    const macs = { old: this.home, new: mac };
    const phase = new MacPhase(this, kind, macs, packet, before, this.#keeper.options);
    if (!this.#keeper.watch(phase, this)) {
      phase.liveness.close();
      this.isLeftOut = true;
      return;
    }
    this.open = phase;
  }

  /** Frames under the MAC address that ARP names, before the first phase away from it. */
  #noteBefore(packet: Packet, from: number): void {
    let span = this.lastOwnArp - this.ownArpSince;
    if (from === this.home) {
      const { frames, seconds } = this.#keeper.framesBefore(this, packet);
      this.#beforeIpFrames += frames;
      this.#keeper.restartFrames(this, packet);
      // When the last IPv4 frame came is not kept: the address was in use from its first one on.
      span = Math.max(seconds, packet.time - this.ownArpSince);
    }
    this.#beforeSeconds = Math.max(this.#beforeSeconds, span);
  }

  #answersBroadcast(packet: Packet): void {
    const { open } = this;
    if (open?.kind !== 'deaf' || open.broadcastAnswer !== null) return;
    if (this.#askedFor < open.from || packet.time - this.#askedFor > this.#keeper.options.deafReplySeconds)
      return;
    open.broadcastAnswer = this.#lastArp?.cite('broadcast answer') ?? null;
  }
}
