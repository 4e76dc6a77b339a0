/**
 * What is sent to a MAC address that its station may no longer receive on, and what the station answers (rules 3.2). One answer
 * shows that it still receives; what stays without one is kept as evidence, at most so much of each kind.
 */
import type { FrameCitation } from '../engine/result.ts';
import type { ArpFields } from '../wire/arp.ts';
import { unreachedUdpPorts } from '../wire/icmp.ts';
import { formatIpv4 } from '../wire/ipv4.ts';
import { macNumber } from '../wire/mac.ts';
import { KIND_ICMP, KIND_TCP, KIND_TCP_CONTROL, KIND_UDP, type Packet } from '../wire/packet.ts';
import { ACK, RST, SYN, tcpAcknowledgment, tcpFlags, tcpPorts, tcpSequence } from '../wire/tcp.ts';
import { cite } from './citation.ts';
import { Downloads, endOf, isAtOrAfter, Uploads } from './mac-phases-flows.ts';

export interface AnswerTimes {
  readonly ackSeconds: number;
  readonly echoSeconds: number;
  readonly multiPointSeconds: number;
}

/** A frame that waited for an answer in vain. */
export interface Unanswered {
  readonly time: number;
  /** Equal for frames of one flow. */
  readonly flow: string;
  readonly kind: 'tcp' | 'echo' | 'arp';
  readonly isRetransmission: boolean;
  /** A SYN: a filter of the station's own drops it just as silently. */
  readonly isOpening: boolean;
  readonly frame: FrameCitation;
}

/** A TCP segment that takes sequence space, and its retransmissions. */
interface Segment {
  readonly peer: number;
  /** As the peer sends them: its own in the upper half. */
  readonly ports: number;
  readonly sequence: number;
  /** Past its last byte. */
  readonly end: number;
  readonly isOpening: boolean;
  ipId: number;
  lastTime: number;
  /** The sendings after the change of address had settled. */
  readonly sent: Array<{ readonly time: number; readonly frame: FrameCitation }>;
  retransmissions: number;
  /** Acknowledged too late for an answer, or the same bytes went elsewhere: acknowledgments say nothing any more. */
  isOver: boolean;
  /** It was acknowledged in the end. */
  isAcknowledged: boolean;
}

/** A UDP flow between a peer and the station. */
interface Dialogue {
  readonly peer: number;
  /** As the peer sends them. */
  readonly ports: number;
  /** The station sent first: what it sends later may be its question once more. */
  readonly isOwn: boolean;
  /** The peer's last datagram, to the old MAC address; NaN once something followed it. */
  time: number;
}

interface Echo {
  readonly peer: number;
  /** Identifier and sequence number. */
  readonly key: number;
  readonly time: number;
  readonly frame: FrameCitation;
  isAnswered: boolean;
}

/** An ARP reply to the station that may not have reached it. */
interface Resolution {
  readonly target: number;
  /** The MAC address in the last reply. */
  mac: number;
  /** Of the last reply; NaN once it was repeated or used. */
  time: number;
  frame: FrameCitation | null;
  readonly repeated: Array<{ readonly time: number; readonly frame: FrameCitation }>;
}

const MAX_SEGMENTS = 64;
const MAX_SENT = 16;
const MAX_ECHOES = 64;
const SURE_ECHOES = 32;
const MAX_RESOLUTIONS = 16;
/** UDP flows remembered, and exchanges on them that show that the station receives. */
const MAX_DIALOGUES = 16;
const DIALOGUE_TURNS = 3;
/** A UDP server answers at once; a client that asks again waits longer. */
const DIALOGUE_SECONDS = 1;

/** Frames of a flood that are closer together are not kept one by one. */
const LAST_FRAME_SECONDS = 0.1;

export class StaleTraffic {
  /** Unicast frames to the address at the old MAC address, after the change had settled. */
  frames = 0;
  /** A peer went on with new data for longer than one does that hears no acknowledgments. */
  isFlowing = false;
  first: FrameCitation | null = null;
  last: FrameCitation | null = null;
  /** The frame with which the station answered one of them. */
  answer: FrameCitation | null = null;
  readonly #times: AnswerTimes;
  readonly #segments: Segment[] = [];
  readonly #echoes: Echo[] = [];
  readonly #resolutions: Resolution[] = [];
  readonly #dialogues: Dialogue[] = [];
  readonly #uploads = new Uploads();
  readonly #downloads = new Downloads();
  #nextDialogue = 0;
  #turns = 0;
  #lastTime = Number.NEGATIVE_INFINITY;
  #echoCount = 0;
  #lastEcho = 0;

  constructor(times: AnswerTimes) {
    this.#times = times;
  }

  /** IPv4 to the address, at the old MAC address. Before the change has settled it is remembered and not counted. */
  received(packet: Packet, isSettled: boolean): void {
    if (isSettled) this.#count(packet, 'stale destination');
    if (packet.laterFragment) return;
    if (packet.kind === KIND_TCP || packet.kind === KIND_TCP_CONTROL) this.#segment(packet, isSettled);
    else if (packet.kind === KIND_UDP && isSettled)
      this.#dialogue(packet, tcpPorts(packet), packet.ipSource, false);
    else if (packet.kind === KIND_ICMP && isSettled && packet.view.getUint8(packet.transport) === 8)
      this.#echo(packet);
  }

  /** An ARP reply to the address, at the old MAC address. */
  resolved(packet: Packet, arp: Readonly<ArpFields>, isSettled: boolean): void {
    if (!isSettled) return;
    this.#count(packet, 'stale destination');
    let known = this.#resolutions.find((resolution) => resolution.target === arp.senderAddress);
    if (known === undefined) {
      if (this.#resolutions.length >= MAX_RESOLUTIONS) return;
      known = { target: arp.senderAddress, mac: 0, time: Number.NaN, frame: null, repeated: [] };
      this.#resolutions.push(known);
    }
    known.mac = arp.senderMac;
    known.time = packet.time;
    known.frame = cite(
      packet,
      'unheard reply',
      `ARP reply from ${formatIpv4(arp.senderAddress)}, asked again`,
    );
  }

  /** The station asks for this target again: it has not heard the reply. */
  asked(target: number): void {
    const known = this.#resolutions.find((resolution) => resolution.target === target);
    if (known === undefined || known.frame === null || Number.isNaN(known.time)) return;
    if (known.repeated.length < MAX_SENT) known.repeated.push({ time: known.time, frame: known.frame });
    known.time = Number.NaN;
  }

  /** IPv4 from the address: answers true if it answers something that went to the old MAC address. */
  sent(packet: Packet): boolean {
    if (this.answer !== null) return true;
    if (this.#isAnswer(packet)) {
      this.answer = cite(packet, 'answer', `IPv4 from ${formatIpv4(packet.ipSource)} that answers it`);
    }
    return this.answer !== null;
  }

  /** IPv4 to the address at its new MAC address: what the station now acknowledges may have come this way. */
  reachedElsewhere(packet: Packet): void {
    if (packet.laterFragment) return;
    if (packet.kind === KIND_UDP) {
      const flow = this.#flowOf(tcpPorts(packet), packet.ipSource);
      if (flow !== undefined) flow.time = Number.NaN;
    }
    if (packet.kind !== KIND_TCP && packet.kind !== KIND_TCP_CONTROL) return;
    const ports = tcpPorts(packet);
    this.#uploads.end(ports, packet.ipSource);
    this.#downloads.end(ports, packet.ipSource);
    if (this.#segments.length === 0) return;
    const end = endOf(packet);
    for (const segment of this.#segments) {
      if (segment.ports !== ports || segment.peer !== packet.ipSource) continue;
      if (isAtOrAfter(end, segment.end)) segment.isOver = true;
    }
  }

  /** What stayed without an answer up to a moment, in order of time. */
  unanswered(until: number): Unanswered[] {
    const found: Unanswered[] = [];
    for (const { peer, ports, sent, retransmissions, isAcknowledged, isOpening } of this.#segments) {
      if (retransmissions === 0 || isAcknowledged) continue;
      const skipped = sent.length - retransmissions;
      for (const [at, { time, frame }] of sent.entries())
        found.push({
          time,
          frame,
          kind: 'tcp',
          flow: `tcp ${peer} ${ports}`,
          isRetransmission: at >= skipped,
          isOpening,
        });
    }
    for (const { peer, key, time, frame, isAnswered } of this.#echoes) {
      if (isAnswered || time + this.#times.echoSeconds > until) continue;
      found.push({
        time,
        frame,
        kind: 'echo',
        flow: `echo ${peer} ${key >>> 16}`,
        isRetransmission: false,
        isOpening: false,
      });
    }
    for (const { target, repeated } of this.#resolutions)
      for (const { time, frame } of repeated)
        found.push({
          time,
          frame,
          kind: 'arp',
          flow: `arp ${target}`,
          isRetransmission: false,
          isOpening: false,
        });
    return found.toSorted((a, b) => a.time - b.time);
  }

  #count(packet: Packet, role: string): void {
    this.frames += 1;
    if (this.first !== null && packet.time - this.#lastTime < LAST_FRAME_SECONDS) return;
    this.#lastTime = packet.time;
    const what = packet.network + 20 <= packet.end && packet.etherType === 0x0806 ? 'ARP reply' : 'IPv4';
    this.last = cite(packet, role, `${what} to the old MAC address`);
    this.first ??= this.last;
  }

  #segment(packet: Packet, isSettled: boolean): void {
    if ((tcpFlags(packet) & RST) !== 0) return;
    const sequence = tcpSequence(packet);
    const end = endOf(packet);
    const ports = tcpPorts(packet);
    const peer = packet.ipSource;
    if ((tcpFlags(packet) & ACK) !== 0) this.#uploads.confirm(packet, ports, peer);
    if (isSettled && this.#downloads.goesOn(packet, ports)) this.isFlowing = true;
    if (end === sequence) return;
    const known = this.#segments.find(
      (segment) => segment.sequence === sequence && segment.ports === ports && segment.peer === peer,
    );
    if (known !== undefined) {
      this.#retransmission(packet, known, isSettled);
      return;
    }
    const place = this.#placeFor(packet);
    if (place < 0) return;
    this.#segments[place] = {
      peer,
      ports,
      sequence,
      end,
      isOpening: (tcpFlags(packet) & (SYN | ACK)) === SYN,
      ipId: packet.ipId,
      lastTime: packet.time,
      sent: isSettled ? [{ time: packet.time, frame: citeSegment(packet, 'segment') }] : [],
      retransmissions: 0,
      isOver: false,
      isAcknowledged: false,
    };
  }

  #retransmission(packet: Packet, known: Segment, isSettled: boolean): void {
    const { ipId } = packet;
    const isCopy =
      ipId !== 0 && ipId === known.ipId && packet.time - known.lastTime <= this.#times.multiPointSeconds;
    // The same datagram at another tap is not sent again (rules 0.2).
    if (isCopy) return;
    known.ipId = ipId;
    known.lastTime = packet.time;
    if (!isSettled || known.sent.length >= MAX_SENT) return;
    known.retransmissions += 1;
    known.sent.push({ time: packet.time, frame: citeSegment(packet, 'retransmission') });
  }

  /** Notes a datagram of a UDP flow, ports as the peer sends them. */
  #dialogue(packet: Packet, ports: number, peer: number, isOwn: boolean): void {
    const known = this.#flowOf(ports, peer);
    if (known === undefined) {
      this.#dialogues[this.#nextDialogue] = { peer, ports, isOwn, time: isOwn ? Number.NaN : packet.time };
      this.#nextDialogue = (this.#nextDialogue + 1) % MAX_DIALOGUES;
    } else if (!isOwn) known.time = packet.time;
    else if (!known.isOwn && packet.time - known.time <= DIALOGUE_SECONDS) {
      known.time = Number.NaN;
      this.#turns += 1;
    }
  }

  #flowOf(ports: number, peer: number): Dialogue | undefined {
    return this.#dialogues.find((flow) => flow.ports === ports && flow.peer === peer);
  }

  /** A free place, or that of a segment whose time to be acknowledged is over and that was never sent again; else -1. */
  #placeFor(packet: Packet): number {
    const { length } = this.#segments;
    if (length < MAX_SEGMENTS) return length;
    const oldest = packet.time - this.#times.ackSeconds;
    return this.#segments.findIndex(
      (segment) => segment.isAcknowledged || (segment.retransmissions === 0 && segment.lastTime < oldest),
    );
  }

  #echo(packet: Packet): void {
    const { length } = this.#echoes;
    const last = this.#echoes[this.#lastEcho];
    if (length >= SURE_ECHOES && last !== undefined && packet.time - last.time < LAST_FRAME_SECONDS) return;
    // The first ones stay; of a long run, the latest take turns in the rest.
    const place = length < MAX_ECHOES ? length : SURE_ECHOES + (this.#echoCount % (MAX_ECHOES - SURE_ECHOES));
    this.#echoCount += 1;
    this.#lastEcho = place;
    this.#echoes[place] = {
      peer: packet.ipSource,
      key: packet.view.getInt32(packet.transport + 4),
      time: packet.time,
      frame: cite(packet, 'echo request', `ICMP echo request from ${formatIpv4(packet.ipSource)}`),
      isAnswered: false,
    };
  }

  #isAnswer(packet: Packet): boolean {
    if (this.#resolutions.length > 0 && this.#usesResolution(packet)) return true;
    if (packet.laterFragment) return false;
    if (packet.kind === KIND_TCP || packet.kind === KIND_TCP_CONTROL) return this.#acknowledges(packet);
    if (packet.kind === KIND_UDP && packet.isUnicastDestination) return this.#replies(packet);
    if (packet.kind !== KIND_ICMP) return false;
    if (packet.view.getUint8(packet.transport) !== 0) return this.#refuses(packet);
    return this.#echoes.length > 0 && this.#echoed(packet);
  }

  /** No program listens at the port of a datagram: that one arrived. */
  #refuses(packet: Packet): boolean {
    if (this.#dialogues.length === 0) return false;
    const at = unreachedUdpPorts(packet);
    if (at < 0) return false;
    const ports = packet.view.getInt32(at);
    const flow = this.#flowOf(ports, packet.ipDestination);
    return flow !== undefined && packet.time - flow.time <= DIALOGUE_SECONDS;
  }

  /** Answers to questions of peers, again and again: they arrived, though no single one shows it. */
  #replies(packet: Packet): boolean {
    const own = tcpPorts(packet);
    this.#dialogue(packet, (own << 16) | (own >>> 16), packet.ipDestination, true);
    return this.#turns >= DIALOGUE_TURNS;
  }

  /** It sends to the target of a reply: to its address, or by way of it to another network's. */
  #usesResolution(packet: Packet): boolean {
    if (!packet.isUnicastDestination) return false;
    const oldest = packet.time - this.#times.ackSeconds;
    const target = packet.ipDestination;
    const mac = packet.ethernet < 0 ? 0 : macNumber(packet.destinationHigh, packet.destinationLow);
    return this.#resolutions.some(
      (resolution) => (resolution.target === target || resolution.mac === mac) && resolution.time >= oldest,
    );
  }

  #acknowledges(packet: Packet): boolean {
    const own = tcpPorts(packet);
    const ports = (own << 16) | (own >>> 16);
    if (this.#uploads.goesOn(packet, ports)) return true;
    if (this.#segments.length === 0) return false;
    const flags = tcpFlags(packet);
    const peer = packet.ipDestination;
    const acknowledgment = tcpAcknowledgment(packet);
    let isAnswer = false;
    for (const segment of this.#segments) {
      if (segment.ports !== ports || segment.peer !== peer || segment.isOver) continue;
      // A reset without an acknowledgment number refuses whatever arrived last.
      const isCovered = (flags & ACK) === 0 ? (flags & RST) !== 0 : isAtOrAfter(acknowledgment, segment.end);
      if (!isCovered) continue;
      segment.isOver = true;
      segment.isAcknowledged = true;
      if (packet.time - segment.lastTime <= this.#times.ackSeconds && segment.sent.length > 0)
        isAnswer = true;
    }
    return isAnswer;
  }

  #echoed(packet: Packet): boolean {
    const key = packet.view.getInt32(packet.transport + 4);
    const peer = packet.ipDestination;
    let isAnswer = false;
    for (const echo of this.#echoes) {
      if (echo.key !== key || echo.peer !== peer || echo.isAnswered) continue;
      echo.isAnswered = true;
      if (packet.time - echo.time <= this.#times.echoSeconds) isAnswer = true;
    }
    return isAnswer;
  }
}

function citeSegment(packet: Packet, role: string): FrameCitation {
  return cite(
    packet,
    role,
    `TCP segment from ${formatIpv4(packet.ipSource)}, sequence ${tcpSequence(packet) >>> 0}`,
  );
}
