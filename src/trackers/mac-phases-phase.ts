/**
 * One phase of an address on a MAC address that is not the one its ARP speaks of (rules 3.2), or on one that it no longer
 * seems to receive on: what its station sends meanwhile, and what is sent to the old MAC address.
 */
import type { FrameCitation } from '../engine/result.ts';
import { ARP_BYTES, ARP_REPLY, type ArpFields } from '../wire/arp.ts';
import { formatIpv4 } from '../wire/ipv4.ts';
import { formatMac, macHigh, macLow } from '../wire/mac.ts';
import { KIND_ARP, KIND_IPV4, type Packet } from '../wire/packet.ts';
import { ArpCitation, cite, UseCitation } from './citation.ts';
import type { Domain } from './domains.ts';
import { SubjectLiveness } from './liveness.ts';
import { ArpQuestions } from './mac-phases-questions.ts';
import { type AnswerTimes, StaleTraffic } from './mac-phases-traffic.ts';
import type { Watcher } from './watches.ts';
import type { Moment } from './moment.ts';

/**
 * moved: the frames come from another MAC address than before. stranger: ARP sender and Ethernet source differed at the first
 * sighting. deaf: the MAC address is the same, and the station repeats requests that were answered (M2 of rules 3.1).
 */
export type PhaseKind = 'moved' | 'stranger' | 'deaf';

/** How a phase came to its end. */
export type PhaseEnd =
  | 'open'
  /** Back on the old MAC address. */
  | 'returned'
  /** ARP names the new MAC address. */
  | 'announced'
  /** Another station took the address over. */
  | 'takenOver'
  /** It answered what went to the old MAC address. */
  | 'answered'
  /** For so long nothing went to the old MAC address, and no ARP named it, that nothing more is to be expected. */
  | 'quiet'
  /** The new MAC address carries many addresses: a bridge or router. */
  | 'crowded'
  | 'clockStep'
  | 'endOfCapture';

export interface PhaseTimes extends AnswerTimes {
  readonly settleSeconds: number;
  readonly duplicateMillis: number;
  readonly deafReplySeconds: number;
}

/** Whom a phase tells when its station does something that ends it. */
export interface PhaseOwner {
  readonly address: number;
  readonly domain: Domain;
  /** The address is seen under its old MAC address again. */
  returned(packet: Packet): void;
  /** The station answered what went to the old MAC address. */
  answered(): void;
  /** Nothing of interest has happened for longer than ARP entries live. */
  quiet(): void;
  /** A unicast IPv4 packet from the address, with the TTL it had. */
  noteTtl(packet: Packet): void;
}

export interface PhaseBefore {
  /** Frames of the address from the old MAC address before the phase, and the time they span. */
  readonly frames: number;
  readonly seconds: number;
  /** The last ARP packet that named the old MAC address. */
  readonly arp: FrameCitation | null;
  /** The new MAC address was seen in another context before its first phase. */
  readonly isKnownMac: boolean;
  /** Somebody sent a broadcast ARP packet shortly before. */
  readonly sawBroadcast: boolean;
}

/** Longer than an ARP entry in use lives on Windows NT (10 minutes, Q139415). */
const QUIET_SECONDS = 900;
const MAX_STALE_ARP = 6;
const MAX_ALIVE = 1024;
const SURE_ALIVE = 256;

export class MacPhase implements Watcher {
  readonly kind: PhaseKind;
  /** What ARP says, and where peers send. */
  readonly oldMac: number;
  /** What the frames come from; the same as `oldMac` in a deaf phase. */
  readonly newMac: number;
  readonly from: number;
  readonly before: PhaseBefore;
  readonly traffic: StaleTraffic;
  readonly liveness: SubjectLiveness;
  end: PhaseEnd = 'open';
  /** When the phase ended, or the last packet of its epoch. */
  to: number;
  /** Frames of the address under the new MAC address: IPv4, and ARP with it as sender. */
  frames = 0;
  ipFrames = 0;
  lastTime: number;
  readonly firstFrame: FrameCitation;
  /** The frame that ended the phase. */
  endFrame: FrameCitation | null = null;
  /** When ARP named the new MAC address, and whether to everybody. */
  announcedAt = Number.NaN;
  isAnnouncedToAll = false;
  /** ARP packets from the new MAC address that name the old one. */
  staleArp = 0;
  readonly staleArpFrames: FrameCitation[] = [];
  /** It asks or sends itself: somebody who answers for it (ARP suppression, rules 3.4) only replies. */
  speaks = false;
  /** The old MAC address sent something else meanwhile. */
  isOldMacAlive = false;
  /** Unicast frames from and to the address were recorded: the capture shows these directions. */
  sentUnicast = false;
  receivedUnicast = false;
  /** Frames from the new MAC address, whatever they carry. */
  sentFrames = 1;
  /** Somebody sent a broadcast ARP packet soon after the change. */
  sawBroadcastAfter = false;
  /** Times of frames from the new MAC address. */
  readonly alive: number[] = [];
  /** Deaf phases: worked ARP exchanges before, identical requests that were answered, an answered broadcast request. */
  history = 0;
  requests = 0;
  requestFrames: FrameCitation[] = [];
  broadcastAnswer: FrameCitation | null = null;
  readonly #owner: PhaseOwner;
  readonly #questions: ArpQuestions;
  readonly #settleSeconds: number;
  readonly #duplicateSeconds: number;
  readonly #oldHigh: number;
  readonly #oldLow: number;
  readonly #newHigh: number;
  readonly #newLow: number;
  /** When something last named or used the old MAC address. */
  #lastSign: number;
  /** The packet that opened the phase: it may be shown once more, and recorded once more. */
  readonly #firstNumber: number;
  readonly #firstFile: number;
  readonly #firstId: number;

  constructor(
    owner: PhaseOwner,
    kind: PhaseKind,
    macs: { readonly old: number; readonly new: number },
    packet: Packet,
    before: PhaseBefore,
    times: PhaseTimes,
  ) {
    this.#owner = owner;
    this.kind = kind;
    this.oldMac = macs.old;
    this.newMac = macs.new;
    this.#oldHigh = macHigh(macs.old);
    this.#oldLow = macLow(macs.old);
    this.#newHigh = macHigh(macs.new);
    this.#newLow = macLow(macs.new);
    this.from = packet.time;
    this.to = packet.time;
    this.lastTime = packet.time;
    this.#lastSign = packet.time;
    this.before = before;
    // What a deaf station no longer hears was asked for by its last request: there is nothing to settle.
    this.#settleSeconds = kind === 'deaf' ? 0 : times.settleSeconds;
    this.#duplicateSeconds = times.duplicateMillis / 1000;
    this.traffic = new StaleTraffic(times);
    this.#questions = new ArpQuestions(times.deafReplySeconds);
    this.liveness = new SubjectLiveness(owner.domain.liveness, packet.time);
    this.liveness.own(packet);
    const isIp = packet.kind >= KIND_IPV4;
    this.#firstNumber = packet.number;
    this.#firstFile = packet.file;
    this.#firstId = isIp ? packet.ipId : 0;
    this.firstFrame = isIp
      ? new UseCitation(packet, 'new mac', owner.address, macs.new)
      : cite(packet, 'new mac', `ARP from ${formatIpv4(owner.address)} by ${formatMac(macs.new)}`);
    if (isIp) this.#ofAddress(packet);
  }

  watchedPacket(packet: Packet, isSource: boolean): void {
    this.liveness.own(packet);
    const { kind } = packet;
    if (kind < KIND_IPV4) {
      // ARP of the address comes with its fields, through `arp`.
      if (isSource && kind === KIND_ARP) this.#sentArp(packet);
      return;
    }
    if (packet.number === this.#firstNumber && packet.file === this.#firstFile) return;
    if (isSource) this.#sent(packet);
    else if (packet.ipDestination === this.#owner.address) this.#received(packet);
  }

  watchedDuplicate(packet: Packet): void {
    this.liveness.own(packet);
  }

  /** An ARP packet of the address under the new MAC address. */
  arp(packet: Packet, arp: Readonly<ArpFields>): void {
    this.frames += 1;
    this.lastTime = packet.time;
    this.#lastSign = packet.time;
    if (packet.isUnicastDestination) this.sentUnicast = true;
    if (arp.operation !== ARP_REPLY) this.speaks = true;
    else if (this.#questions.isAnswered(arp.targetAddress, packet.time)) {
      this.#owner.answered();
      return;
    }
    if (this.kind === 'deaf') return;
    this.staleArp += 1;
    if (this.staleArpFrames.length < MAX_STALE_ARP)
      this.staleArpFrames.push(new ArpCitation(packet, arp, 'stale arp'));
  }

  /** An ARP request for the address. */
  question(packet: Packet, arp: Readonly<ArpFields>): void {
    if (!this.#isToOld(packet)) this.#questions.askedElsewhere(arp.senderAddress);
    else if (this.#isSettled(packet)) this.#questions.asked(arp.senderAddress, packet.time);
  }

  /** An ARP reply to the address. */
  reply(packet: Packet, arp: Readonly<ArpFields>): void {
    this.receivedUnicast ||= packet.isUnicastDestination;
    if (!this.#isToOld(packet)) return;
    this.traffic.resolved(packet, arp, this.#isSettled(packet));
  }

  /** True if the packet is the one that opened the phase, recorded once more. */
  isCopyOfFirst(packet: Packet): boolean {
    return (
      this.frames === 1 &&
      this.#firstId !== 0 &&
      packet.ipId === this.#firstId &&
      packet.time - this.from <= this.#duplicateSeconds
    );
  }

  close(end: PhaseEnd, to: Moment, frame: FrameCitation | null): void {
    this.end = end;
    this.to = to.time;
    this.endFrame = frame;
    this.liveness.close();
  }

  #sent(packet: Packet): void {
    if (!this.#isFromNew(packet)) {
      if (packet.ipSource === this.#owner.address) this.#owner.returned(packet);
      else this.isOldMacAlive = true;
      return;
    }
    this.#noteAlive(packet);
    if (packet.ipSource !== this.#owner.address || this.isCopyOfFirst(packet)) return;
    this.#ofAddress(packet);
    if (this.traffic.sent(packet)) this.#owner.answered();
    else if (packet.time - this.#lastSign > QUIET_SECONDS) this.#owner.quiet();
  }

  #sentArp(packet: Packet): void {
    if (this.#isFromNew(packet)) this.#noteAlive(packet);
    else if (packet.network + ARP_BYTES <= packet.end) {
      if (packet.view.getInt32(packet.network + 14) !== this.#owner.address) this.isOldMacAlive = true;
    }
  }

  #ofAddress(packet: Packet): void {
    this.frames += 1;
    this.ipFrames += 1;
    this.speaks = true;
    this.lastTime = packet.time;
    if (!packet.isUnicastDestination) return;
    this.sentUnicast = true;
    this.#owner.noteTtl(packet);
  }

  #received(packet: Packet): void {
    this.receivedUnicast = true;
    if (this.#isToOld(packet)) {
      this.#lastSign = packet.time;
      this.traffic.received(packet, this.#isSettled(packet));
    } else this.traffic.reachedElsewhere(packet);
  }

  #isSettled(packet: Packet): boolean {
    return packet.time >= this.from + this.#settleSeconds;
  }

  #isToOld(packet: Packet): boolean {
    return packet.destinationLow === this.#oldLow && packet.destinationHigh === this.#oldHigh;
  }

  #isFromNew(packet: Packet): boolean {
    return packet.sourceLow === this.#newLow && packet.sourceHigh === this.#newHigh;
  }

  #noteAlive({ time }: Packet): void {
    this.sentFrames += 1;
    const { alive } = this;
    const { length } = alive;
    if (length >= SURE_ALIVE && (length >= MAX_ALIVE || time - (alive[length - 1] as number) < 1)) return;
    alive.push(time);
  }
}
