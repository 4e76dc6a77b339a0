/**
 * An attempt to open a connection on a tuple whose earlier connection the peer may still hold in TIME-WAIT, with a number
 * that is not above the old ones (rules 1.4): what was sent, what came back, and whether the listener was alive meanwhile.
 */
import type { FrameCitation } from '../engine/result.ts';
import { formatIpv4 } from '../wire/ipv4.ts';
import type { Packet } from '../wire/packet.ts';
import { sequenceForward, tcpAcknowledgment, tcpPayloadLength, tcpPorts, tcpSequence } from '../wire/tcp.ts';
import { cite } from './citation.ts';
import { type Copies, ORIGINAL } from './copies.ts';
import type { Domain } from './domains.ts';

/** How the old connection ended, as far as it was seen. */
export interface OldConnection {
  /** `whole`: both FINs and their acknowledgments; `half`: the opener's FIN; `unseen`: nothing of it. */
  readonly close: 'whole' | 'half' | 'unseen';
  /** Sequence number past the opener's FIN: what the peer expects next. */
  readonly expected: number;
  readonly closeTime: number;
  /** Old and new SYN agree in TTL, segment size, window and options; null where the old SYN was not seen. */
  readonly isSameStack: boolean | null;
  readonly isSameMac: boolean | null;
  readonly frames: readonly FrameCitation[];
}

/** The SYN that opens the tuple again. */
export interface FirstSyn {
  readonly domain: Domain;
  readonly scope: number;
  readonly opener: number;
  readonly responder: number;
  readonly ports: number;
  readonly isn: number;
  readonly ttl: number;
  readonly isPlain: boolean;
  readonly stack: number;
  readonly macLow: number;
  readonly macHigh: number;
  readonly time: number;
  /** Bytes of data in the SYN (TCP Fast Open). */
  readonly payload: number;
  readonly frame: FrameCitation;
}

interface Attempt {
  readonly isn: number;
  readonly payload: number;
  readonly time: number;
  readonly frame: FrameCitation;
  /** How often it was recorded, and how long after the first time for the last time. */
  records: number;
  copiedFor: number;
}

/** An acknowledgment of the old connection. */
export interface OldAck {
  readonly time: number;
  /** The SYN before it. */
  readonly syn: Attempt;
  /** IP identification. */
  readonly id: number;
  readonly frame: FrameCitation;
  /** How often it was recorded since that SYN. */
  records: number;
}

/** How much later the copy of one packet may come than that of the other: half as late again, and by the spread of rules 0.2. */
const COPY_SPREAD = 0.5;
const COPY_SPREAD_SECONDS = 0.005;
const MAX_EVENTS = 32;

export class TupleReuse {
  readonly domain: Domain;
  readonly scope: number;
  readonly opener: number;
  readonly responder: number;
  /** Opener's port in the upper half. */
  readonly ports: number;
  /** What tells the opener's stack and station, for the connection this may become. */
  readonly stack: number;
  readonly macLow: number;
  readonly macHigh: number;
  readonly old: OldConnection;
  readonly isn: number;
  readonly ttl: number;
  /** Gate G3: nothing but the options of an old stack. */
  readonly isPlain: boolean;
  readonly firstTime: number;
  /** The first SYN and all that follow it, retransmissions and further tries alike. */
  readonly syns: Attempt[] = [];
  readonly #oldAcks: OldAck[] = [];
  /** Acknowledgment number of the bare ACKs. */
  oldAck = 0;
  readonly resets: Array<{ time: number; frame: FrameCitation }> = [];
  readonly openerResets: FrameCitation[] = [];
  /** Resets of the opener with the number that the responder expects, while no answer was seen: there was one. */
  readonly unseenAnswers: FrameCitation[] = [];
  /** SYN, old acknowledgment, opener's reset with its number. */
  rounds = 0;
  acceptedTime = Number.NaN;
  /** The responder acknowledges another number than that of the old connection that was seen. */
  isAnsweredOtherwise = false;
  /** An ICMP error says that its SYNs did not reach the responder. */
  isUndelivered = false;
  accepted: FrameCitation | null = null;
  /** SYN/ACKs of the listener to SYNs on other tuples. */
  readonly listenerTimes: number[] = [];
  readonly listenerFrames: FrameCitation[] = [];
  /** Times of SYNs on other tuples to the listener that stayed without an answer. */
  readonly othersUnanswered: number[] = [];
  /** Times at which the responder reset fresh attempts. */
  readonly freshResets: number[] = [];
  /** Gaps up to so many seconds between packets are no sign that the capture stood still. */
  readonly leastGap: number;
  lastTime: number;
  /** The clock stepped before the attempt had taken long enough to hang. */
  isBroken = false;
  /** Time of the last packet of the domain before its clock stepped, or of the capture. */
  seenUntil = Number.NaN;
  /** The capture was alive from the first SYN until the attempt counts as hanging, by the packets of others. */
  isAliveThrough = false;
  /** What comes next in a round. */
  #awaits: 'ack' | 'reset' | 'syn' = 'ack';

  constructor(syn: FirstSyn, old: OldConnection, leastGap: number) {
    this.leastGap = leastGap;
    this.domain = syn.domain;
    this.scope = syn.scope;
    this.opener = syn.opener;
    this.responder = syn.responder;
    this.ports = syn.ports;
    this.stack = syn.stack;
    this.macLow = syn.macLow;
    this.macHigh = syn.macHigh;
    this.old = old;
    this.isn = syn.isn;
    this.ttl = syn.ttl;
    this.isPlain = syn.isPlain;
    this.firstTime = syn.time;
    this.lastTime = syn.time;
    const { isn, payload, time, frame } = syn;
    this.syns.push({ isn, payload, time, frame, records: 1, copiedFor: 0 });
  }

  /** How far the number lies below what the peer expects. */
  get back(): number {
    return sequenceForward(this.isn, (this.old.expected - 1) | 0);
  }

  /** SYNs that repeat the first one. */
  get retransmissions(): Attempt[] {
    return this.syns.slice(1).filter((attempt) => attempt.isn === this.isn);
  }

  /** True if the packet is of this tuple, whoever sends it. */
  isOf(packet: Packet, scope: number): boolean {
    return scope === this.scope && (this.isOpeners(packet) || this.isResponders(packet));
  }

  /** A router or host on the way says that a SYN of this tuple was not delivered: the silence has another reason. */
  noteUndelivered(view: DataView, inner: number): void {
    const header = (view.getUint8(inner) & 15) << 2;
    if (view.getInt32(inner + 12) !== this.opener || view.getInt32(inner + 16) !== this.responder) return;
    if (view.getInt32(inner + header) === this.ports) this.isUndelivered = true;
  }

  /** By address and port: both ends may be one host. */
  isOpeners(packet: Packet): boolean {
    return (
      packet.ipSource === this.opener &&
      packet.ipDestination === this.responder &&
      tcpPorts(packet) === this.ports
    );
  }

  isResponders(packet: Packet): boolean {
    const sent = tcpPorts(packet);
    return (
      packet.ipSource === this.responder &&
      packet.ipDestination === this.opener &&
      ((sent << 16) | (sent >>> 16)) === this.ports
    );
  }

  /** Its domain's time goes no further: the clock stepped, or the capture ends. */
  conclude(): void {
    this.seenUntil = this.domain.liveness.lastTime;
  }

  get isOpen(): boolean {
    return Number.isNaN(this.acceptedTime);
  }

  syn(packet: Packet): void {
    this.lastTime = packet.time;
    this.#awaits = 'ack';
    if (this.syns.length >= MAX_EVENTS) return;
    const isn = tcpSequence(packet);
    const role = isn === this.isn ? 'retransmission' : 'second try';
    const frame = cite(packet, role, synSummary(this.opener, this.responder, this.ports, isn));
    const payload = tcpPayloadLength(packet);
    this.syns.push({ isn, payload, time: packet.time, frame, records: 1, copiedFor: 0 });
  }

  /** A SYN was recorded once more. */
  synAgain(packet: Packet): void {
    const isn = tcpSequence(packet);
    const known = this.syns.findLast((attempt) => attempt.isn === isn);
    if (known === undefined) return;
    known.records += 1;
    known.copiedFor = packet.time - known.time;
  }

  /** Some answer may be a copy of what came before the SYN. */
  get isAckDoubtful(): boolean {
    return this.#oldAcks.some((ack) => this.#isDoubtful(ack));
  }

  /** Answers with the old connection's number, without doubtful ones. */
  get oldAcks(): readonly OldAck[] {
    return this.#oldAcks.filter((ack) => !this.#isDoubtful(ack));
  }

  /**
   * Answers to the SYN that was first answered may be copies of acknowledgments from before it: where the SYN was recorded again, too,
   * no earlier, and more often. Answers to a further SYN are its own.
   */
  #isDoubtful({ syn, time, records }: OldAck): boolean {
    if (syn !== this.#oldAcks[0]?.syn) return false;
    const latest = syn.copiedFor + Math.min(syn.copiedFor * COPY_SPREAD, COPY_SPREAD_SECONDS);
    return records < syn.records && time - syn.time <= latest;
  }

  /** The first SYN was sent again after an old acknowledgment. */
  get isRepeatedAfterOldAck(): boolean {
    const [first] = this.oldAcks;
    return first !== undefined && this.retransmissions.some(({ time }) => time > first.time);
  }

  /** A bare acknowledgment of the responder after the SYN, or a copy of one. */
  bareAck(packet: Packet, copies: Copies): void {
    const isCopy = copies.examine(packet) !== ORIGINAL;
    const acknowledged = tcpAcknowledgment(packet);
    if (acknowledged !== this.old.expected) {
      // One that crosses the first SYN answers something else.
      if (!isCopy && this.syns.length > 1) this.isAnsweredOtherwise = true;
      return;
    }
    const { time, ipId: id } = packet;
    if (isCopy) {
      const known = this.#oldAcks.findLast((ack) => ack.id === id);
      if (known !== undefined) known.records += 1;
      return;
    }
    this.lastTime = time;
    this.oldAck = acknowledged;
    if (this.#awaits === 'ack') this.#awaits = 'reset';
    const syn = this.syns.at(-1);
    if (this.#oldAcks.length >= MAX_EVENTS || syn === undefined) return;
    const summary = `ACK without data, ack ${acknowledged >>> 0}: the old connection's next number`;
    this.#oldAcks.push({ time, syn, id, frame: cite(packet, 'old ack', summary), records: 1 });
  }

  /** The opener answered an old acknowledgment, which itself was not noted: that makes a round. */
  firstReset(packet: Packet): void {
    this.oldAck = tcpSequence(packet);
    this.#awaits = 'reset';
    this.#noteReset(packet);
  }

  openerReset(packet: Packet): void {
    const sequence = tcpSequence(packet);
    if (this.#oldAcks.length > 0) {
      if (sequence === this.oldAck) this.#noteReset(packet);
    } else if (sequence === this.old.expected && this.unseenAnswers.length < MAX_EVENTS)
      this.unseenAnswers.push(cite(packet, 'reset', `RST of the opener, seq ${sequence >>> 0}`));
  }

  #noteReset(packet: Packet): void {
    this.lastTime = packet.time;
    if (this.#awaits === 'reset') {
      this.rounds += 1;
      this.#awaits = 'syn';
    }
    if (this.openerResets.length < MAX_EVENTS)
      this.openerResets.push(cite(packet, 'reset', `RST of the opener, seq ${this.oldAck >>> 0}`));
  }

  responderReset(packet: Packet): void {
    this.lastTime = packet.time;
    if (this.resets.length < MAX_EVENTS)
      this.resets.push({
        time: packet.time,
        frame: cite(packet, 'refusal', `RST from ${formatIpv4(this.responder)}`),
      });
  }

  /** The SYN that a SYN/ACK of the responder answers; data in it may be acknowledged with it. */
  answered(packet: Packet): { readonly isn: number } | undefined {
    const acknowledged = tcpAcknowledgment(packet);
    return this.syns.find(({ isn, payload }) => {
      const ahead = sequenceForward(isn, acknowledged);
      return ahead > 0 && ahead <= 1 + payload;
    });
  }

  /** True if a segment of the opener goes on where one of its SYNs ended: the SYN/ACK was not captured. */
  isContinued(packet: Packet): boolean {
    const sequence = tcpSequence(packet);
    if (sequence === this.old.expected) return false;
    return this.syns.some(
      ({ isn, payload }) =>
        sequence === ((isn + 1) | 0) || (payload > 0 && sequence === ((isn + 1 + payload) | 0)),
    );
  }

  /** The responder's SYN/ACK, or a segment of the opener that shows that there was one. */
  accept(packet: Packet): void {
    if (!this.isOpen) return;
    this.lastTime = packet.time;
    this.acceptedTime = packet.time;
    const summary = this.isOpeners(packet)
      ? 'the opener goes on: its SYN was accepted'
      : `SYN/ACK from ${formatIpv4(this.responder)}`;
    this.accepted = cite(packet, 'accepted', summary);
  }

  otherUnanswered(time: number): void {
    if (this.othersUnanswered.length < 64) this.othersUnanswered.push(time);
  }

  listenerAnswered(packet: Packet): void {
    if (this.listenerTimes.length >= 256) return;
    this.listenerTimes.push(packet.time);
    if (this.listenerFrames.length < 4)
      this.listenerFrames.push(
        cite(packet, 'listener alive', `SYN/ACK of the listener to ${formatIpv4(packet.ipDestination)}`),
      );
  }
}

export function synSummary(opener: number, responder: number, ports: number, isn: number): string {
  return `SYN ${formatIpv4(opener)}:${ports >>> 16} to ${formatIpv4(responder)}:${ports & 0xffff}, seq ${isn >>> 0}`;
}
