/**
 * One virtual address of a cluster as clients meet it: which attempts to connect were answered, by which station, and the
 * stretches in which none was (rules 5.3).
 */
import type { FrameCitation } from '../engine/result.ts';
import { QuadTable } from '../tables/quad-table.ts';
import { isLessenedTtl } from '../wire/ipv4.ts';
import { macNumber } from '../wire/mac.ts';
import type { Packet } from '../wire/packet.ts';
import { ACK, RST, SYN, tcpAcknowledgment, tcpFlags, tcpPorts, tcpSequence } from '../wire/tcp.ts';
import type { AddressWatcher } from './address-watches.ts';
import { AnswerLog } from './answer-log.ts';
import type { Cluster } from './cluster.ts';
import { type Outage, OutageWatch } from './outage.ts';
import { SegmentCitation, SynAttempt, type SynTable } from './syn-attempts.ts';
import type { TupleFilter } from './tuple-filter.ts';
import type { Moment } from './moment.ts';

export interface ServiceThresholds {
  readonly synRepeatSeconds: number;
  readonly baselineAnswers: number;
  readonly memberAnswers: number;
  readonly holeSeconds: number;
  readonly holeSyns: number;
  readonly memberSeconds: number;
  readonly memberSyns: number;
  readonly floodFraction: number;
  readonly floodSynsPerSecond: number;
}

const MAX_PORTS = 256;
const MAX_ANSWERERS = 64;
const MAX_OPEN = 4096;
const MAX_ATTEMPTS = 4096;
const MAX_FLOODS = 64;
const RECENT_ANSWERS = 64;
/** A baseline needs no more answers than are kept. */
const MAX_BASELINE = 64;
const ROUNDING_SECONDS = 1e-6;

/** The times of the last so many events. */
class RecentTimes {
  readonly #times: Float64Array;
  #count = 0;

  constructor(size: number) {
    this.#times = new Float64Array(Math.max(1, Math.min(MAX_BASELINE, size)));
  }

  add(packet: Packet): void {
    this.#times[this.#count % this.#times.length] = packet.time;
    this.#count += 1;
  }

  /** The earliest of the last so many; NaN if there were fewer. */
  get earliest(): number {
    const { length } = this.#times;
    return this.#count < length ? Number.NaN : (this.#times[this.#count % length] as number);
  }
}

/** A station that answers for the virtual address. */
export class Answerer {
  readonly high: number;
  readonly low: number;
  readonly watch: OutageWatch;
  readonly recent: RecentTimes;

  constructor(packet: Packet, watch: OutageWatch, thresholds: ServiceThresholds) {
    this.high = packet.sourceHigh;
    this.low = packet.sourceLow;
    this.watch = watch;
    this.recent = new RecentTimes(thresholds.memberAnswers);
  }

  get mac(): number {
    return macNumber(this.high, this.low);
  }
}

interface PortService {
  answers: number;
  readonly recent: RecentTimes;
}

/** A second in which more attempts came than the cluster's clients make. */
export interface Flood {
  readonly from: number;
  to: number;
}

/** What virtual addresses share: the table of waiting SYNs, the clients that were served, the filter of connections. */
export interface ServiceShare {
  readonly syns: SynTable;
  /** Client and virtual address to the MAC address that answered last. */
  readonly clients: QuadTable;
  readonly filter: TupleFilter;
  readonly thresholds: ServiceThresholds;
  /** Logs of answers that may still be made. */
  logs: number;
}

export class VirtualAddress implements AddressWatcher {
  readonly cluster: Cluster;
  readonly address: number;
  /** Tells it from the others in shared tables. */
  readonly index: number;
  /** IPv4 frames with this source. */
  frames = 0;
  syns = 0;
  answered = 0;
  /** Attempts that were repeated at least once, answered later or not. */
  readonly attempts: SynAttempt[] = [];
  /** Attempts, ports or stations that found no room. */
  evictions = 0;
  readonly watch: OutageWatch;
  readonly answerers: Answerer[] = [];
  readonly floods: Flood[] = [];
  /** Null where so many virtual addresses have one that there was no room. */
  readonly answers: AnswerLog | null;
  readonly #share: ServiceShare;
  readonly #ports = new Map<number, PortService>();
  /** Repeated attempts without an answer, by client and its port. */
  readonly #open = new Map<number, SynAttempt>();
  #lastAnswerer: Answerer | null = null;
  readonly #recentTimes = new Float64Array(RECENT_ANSWERS);
  readonly #recentAnswerers: Array<Answerer | null> = Array.from({ length: RECENT_ANSWERS }, () => null);
  #recentCount = 0;
  #second = Number.NEGATIVE_INFINITY;
  #secondSyns = 0;
  #secondAnswered = 0;
  /** The last answered connection, to know a copy of its answer. */
  #answeredClient = 0;
  #answeredPorts = 0;
  #answeredSequence = 0;

  constructor(cluster: Cluster, address: number, index: number, share: ServiceShare) {
    this.cluster = cluster;
    this.address = address;
    this.index = index;
    this.#share = share;
    const { holeSeconds, holeSyns } = share.thresholds;
    this.answers = share.logs > 0 ? new AnswerLog() : null;
    share.logs -= 1;
    this.watch = new OutageWatch({ seconds: holeSeconds, attempts: holeSyns }, undefined, this.#kept);
  }

  /** An outage that may be told of: its picture shows what was answered around it. */
  readonly #kept = ({ from, to }: Outage): void => this.answers?.keepAround(from, to);

  /** Ports that answered. */
  get ports(): number[] {
    return [...this.#ports.keys()];
  }

  /** A SYN to the address. */
  syn(packet: Packet): void {
    const { syns, thresholds } = this.#share;
    const open = this.#open.size === 0 ? undefined : this.#openAttempt(packet.ipSource, tcpPorts(packet));
    if (open !== undefined) {
      if (open.isn === tcpSequence(packet)) {
        if (isRepeat(packet, open.lastTime, thresholds)) open.repeat(packet);
        return;
      }
      // Opened anew: the old attempt was never answered.
      this.#forget(open);
    }
    const entry = syns.find(this.index, packet.ipSource, tcpPorts(packet));
    if (entry >= 0 && syns.isns[entry] === tcpSequence(packet)) {
      if (isRepeat(packet, syns.times[entry] as number, thresholds)) this.#promote(entry, packet);
      return;
    }
    this.#countSyn(packet);
    if (entry >= 0) syns.refresh(entry, packet);
    this.#noteServer(entry >= 0 ? entry : syns.insert(this.index, packet), packet);
  }

  /** A SYN/ACK or RST from the address. */
  reply(packet: Packet): void {
    const flags = tcpFlags(packet);
    const isSynAck = (flags & (SYN | ACK)) === (SYN | ACK);
    const ports = swapped(tcpPorts(packet));
    const found = this.#waiting(packet.ipDestination, ports);
    if (found !== null && isAnswerTo(found.isn, packet, flags)) {
      this.#answer(packet, found, isSynAck);
    } else if (
      isSynAck &&
      found === null &&
      !this.#isPassedOn(packet) &&
      !this.#isRepeatedAnswer(packet, ports)
    ) {
      this.#answer(packet, null, true);
    }
  }

  /** A segment of a client without SYN: if it goes on from a SYN that waits, the client was answered out of sight. */
  clientSegment(packet: Packet): void {
    const found = this.#waiting(packet.ipSource, tcpPorts(packet));
    if (found === null || ((found.isn + 1) | 0) !== tcpSequence(packet)) return;
    this.#settle(packet, found);
    this.answered += 1;
    this.#secondAnswered += 1;
    this.answers?.note(packet);
    this.watch.answer(packet, null);
    this.cluster.answeredAt(packet);
  }

  /** An IPv4 frame from or to the address. */
  watchedAddressPacket(packet: Packet, isSource: boolean): void {
    this.cluster.liveness.own(packet);
    if (!isSource) return;
    this.frames += 1;
    this.watch.frame(packet);
    this.#answererOf(packet)?.watch.frame(packet);
    if (packet.sourceHigh >= 0 && this.cluster.isOwnMac(macNumber(packet.sourceHigh, packet.sourceLow)))
      this.cluster.noteUnmasked(packet);
  }

  /** A copy proves what the original does; where a mirror shows both tagged and untagged, it may be the only one in this domain. */
  watchedAddressDuplicate(packet: Packet): void {
    this.watchedAddressPacket(packet, packet.ipSource === this.address);
  }

  /** Ends all that waits. */
  close(last: Moment): void {
    this.#endSecond();
    this.watch.finish(last);
    for (const answerer of this.answerers) answerer.watch.finish(last);
    for (const attempt of this.#open.values()) this.#share.filter.remove(attempt.ports);
    this.#open.clear();
    this.#share.syns.clear(this.index);
  }

  #countSyn(packet: Packet): void {
    this.syns += 1;
    if (packet.time >= this.#second + 1) {
      this.#endSecond();
      this.#second = packet.time;
    }
    this.#secondSyns += 1;
  }

  #endSecond(): void {
    const { floodSynsPerSecond, floodFraction } = this.#share.thresholds;
    const lost = this.#secondSyns - this.#secondAnswered;
    if (this.#secondSyns > floodSynsPerSecond && lost >= floodFraction * this.#secondSyns) {
      const last = this.floods.at(-1);
      const to = this.#second + 1;
      if (last && (this.#second <= last.to + 1 || this.floods.length >= MAX_FLOODS)) last.to = to;
      else this.floods.push({ from: this.#second, to });
    }
    this.#secondSyns = 0;
    this.#secondAnswered = 0;
  }

  /** Notes in the waiting SYN which station answered this client last. */
  #noteServer(entry: number, packet: Packet): void {
    const { clients, syns } = this.#share;
    const known = clients.find(packet.ipSource, this.index);
    if (known < 0) return;
    const { words } = clients;
    syns.servedBy[entry] = macNumber((words[known + 3] as number) >>> 16, words[known + 2] as number);
  }

  #promote(entry: number, packet: Packet): void {
    const { syns, filter } = this.#share;
    const attempt = new SynAttempt(syns, entry, packet);
    if (this.#open.size >= MAX_OPEN) {
      for (const oldest of this.#open.values()) {
        this.#forget(oldest);
        break;
      }
      this.evictions += 1;
    }
    // Followed on: the filter keeps the connection that the table gives up.
    filter.add(attempt.ports);
    syns.remove(entry);
    this.#open.set(keyOf(attempt.client, attempt.ports), attempt);
    attempt.portBaseline = this.#ports.get(attempt.port)?.recent.earliest ?? Number.NaN;
    if (this.attempts.length >= MAX_ATTEMPTS) {
      this.attempts.splice(0, MAX_ATTEMPTS / 2);
      this.evictions += MAX_ATTEMPTS / 2;
    }
    this.attempts.push(attempt);
    this.watch.attempt(attempt);
    const server = this.answerers.find(({ mac }) => mac === attempt.servedBy);
    server?.watch.attempt(attempt);
  }

  #openAttempt(client: number, ports: number): SynAttempt | undefined {
    const open = this.#open.get(keyOf(client, ports));
    return open?.ports === ports ? open : undefined;
  }

  #forget(attempt: SynAttempt): void {
    this.#open.delete(keyOf(attempt.client, attempt.ports));
    this.#share.filter.remove(attempt.ports);
  }

  /** The attempt of this connection, repeated or not. */
  #waiting(client: number, ports: number): Waiting | null {
    const { syns } = this.#share;
    const entry = syns.find(this.index, client, ports);
    if (entry >= 0) return { entry, attempt: null, isn: syns.isns[entry] as number };
    const attempt = this.#open.size === 0 ? undefined : this.#openAttempt(client, ports);
    return attempt === undefined ? null : { entry: -1, attempt, isn: attempt.isn };
  }

  /** The attempt was answered; answers the citation of its SYN. */
  #settle(packet: Packet, { entry, attempt }: Waiting): FrameCitation {
    if (attempt !== null) {
      attempt.answeredTime = packet.time;
      this.#forget(attempt);
      return attempt.frame;
    }
    const { syns } = this.#share;
    const frame = syns.cite(entry, packet, 'answered SYN');
    syns.remove(entry);
    return frame;
  }

  #answer(packet: Packet, found: Waiting | null, isSynAck: boolean): void {
    const ports = swapped(tcpPorts(packet));
    const frames: FrameCitation[] = found === null ? [] : [this.#settle(packet, found)];
    frames.push(new SegmentCitation(packet, isSynAck ? 'answer' : 'reset'));
    this.answered += 1;
    this.#secondAnswered += 1;
    this.#answeredClient = packet.ipDestination;
    this.#answeredPorts = ports;
    this.#answeredSequence = tcpSequence(packet);
    this.answers?.note(packet);
    this.watch.answer(packet, frames);
    const answerer = this.#answererOf(packet);
    this.#noteRecent(packet, answerer);
    for (const other of this.answerers) {
      if (other === answerer) continue;
      other.watch.strict?.noteOther(packet.time);
      other.watch.loose?.noteOther(packet.time);
    }
    // A reset of a port that served before says that somebody is there.
    if (isSynAck || this.#ports.has(ports & 0xffff)) this.cluster.answeredAt(packet);
    if (!isSynAck) return;
    this.#notePort(packet, ports & 0xffff);
    if (answerer === null) return;
    this.#noteClient(packet);
    answerer.watch.answer(packet, frames);
    answerer.recent.add(packet);
  }

  #isRepeatedAnswer(packet: Packet, ports: number): boolean {
    return (
      this.#answeredClient === packet.ipDestination &&
      this.#answeredPorts === ports &&
      this.#answeredSequence === tcpSequence(packet)
    );
  }

  #notePort(packet: Packet, port: number): void {
    let service = this.#ports.get(port);
    if (service === undefined) {
      if (this.#ports.size >= MAX_PORTS) {
        this.evictions += 1;
        return;
      }
      service = { answers: 0, recent: new RecentTimes(this.#share.thresholds.baselineAnswers) };
      this.#ports.set(port, service);
    }
    service.answers += 1;
    service.recent.add(packet);
  }

  #noteClient(packet: Packet): void {
    const { clients } = this.#share;
    let entry = clients.find(packet.ipDestination, this.index);
    if (entry < 0) entry = clients.insert(packet.ipDestination, this.index);
    clients.words[entry + 2] = packet.sourceLow;
    // The lower half only says that the entry is taken.
    clients.words[entry + 3] = (packet.sourceHigh << 16) | 1;
  }

  #noteRecent(packet: Packet, answerer: Answerer | null): void {
    const at = this.#recentCount % RECENT_ANSWERS;
    this.#recentTimes[at] = packet.time;
    this.#recentAnswerers[at] = answerer;
    this.#recentCount += 1;
  }

  /** Fills in what was seen before an outage of a station was noticed, at the first repetition. */
  #openedAt(answerer: Answerer, outage: Outage): void {
    const kept = Math.min(this.#recentCount, RECENT_ANSWERS);
    for (let at = 0; at < kept; at += 1) {
      const time = this.#recentTimes[at] as number;
      if (time >= outage.from && this.#recentAnswerers[at] !== answerer) outage.noteOther(time);
    }
    outage.baselineFrom = answerer.recent.earliest;
  }

  /** The station that sent a packet of the address; a router that passes one on is none (rules 0.2). */
  #answererOf(packet: Packet): Answerer | null {
    const { sourceHigh, sourceLow } = packet;
    if (sourceHigh < 0 || this.#isPassedOn(packet)) return null;
    const last = this.#lastAnswerer;
    if (last !== null && last.low === sourceLow && last.high === sourceHigh) return last;
    let answerer = this.answerers.find(({ low, high }) => low === sourceLow && high === sourceHigh);
    if (answerer === undefined) {
      if (this.answerers.length >= MAX_ANSWERERS) return null;
      answerer = this.#newAnswerer(packet);
      this.answerers.push(answerer);
    }
    this.#lastAnswerer = answerer;
    return answerer;
  }

  /** True for a router's copy of a packet; a host of the cluster may be set to begin with any TTL. */
  #isPassedOn(packet: Packet): boolean {
    const { ttl, sourceHigh, sourceLow } = packet;
    if (!isLessenedTtl(ttl) || sourceHigh < 0) return false;
    for (const member of this.cluster.members.values()) if (member.sent(packet)) return false;
    return !this.cluster.isOwnMac(macNumber(sourceHigh, sourceLow));
  }

  #newAnswerer(packet: Packet): Answerer {
    const { thresholds } = this.#share;
    const limits = { seconds: thresholds.memberSeconds, attempts: thresholds.memberSyns };
    const watch = new OutageWatch(limits, (outage) => this.#openedAt(answerer, outage), this.#kept);
    const answerer = new Answerer(packet, watch, thresholds);
    return answerer;
  }
}

interface Waiting {
  readonly entry: number;
  readonly attempt: SynAttempt | null;
  readonly isn: number;
}

/** A reset without ACK names nothing; else the acknowledgment must be of the SYN. What was cut is believed. */
function isAnswerTo(isn: number, packet: Packet, flags: number): boolean {
  if ((flags & (ACK | RST)) === RST || packet.transport + 12 > packet.end) return true;
  return tcpAcknowledgment(packet) === ((isn + 1) | 0);
}

/** Times are doubles: a step of exactly so much may come out a little shorter. */
function isRepeat({ time }: Packet, last: number, { synRepeatSeconds }: ServiceThresholds): boolean {
  return time - last >= synRepeatSeconds - ROUNDING_SECONDS;
}

function swapped(ports: number): number {
  return (ports << 16) | (ports >>> 16);
}

function keyOf(client: number, ports: number): number {
  return (client >>> 0) * 0x1_0000 + (ports >>> 16);
}
