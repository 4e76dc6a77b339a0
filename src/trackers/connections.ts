/**
 * TCP connections by their control segments (rules 1.2 to 1.4): the initial sequence numbers of every host in both roles, and
 * tuples that are opened again while the peer may hold the old connection in TIME-WAIT. An ordinary data segment comes here
 * only if its connection waits for an answer.
 */
import type { ArpFields } from '../wire/arp.ts';
import { undeliveredTcp } from '../wire/icmp.ts';
import type { Packet } from '../wire/packet.ts';
import {
  ACK,
  FIN,
  RST,
  SYN,
  sequenceForward,
  tcpAcknowledgment,
  tcpFlags,
  tcpPayloadLength,
  tcpPorts,
  tcpSequence,
} from '../wire/tcp.ts';
import { TcpOptions } from '../wire/tcp-options.ts';
import { AttemptEnds } from './attempt-ends.ts';
import * as entry from './connection-table.ts';
import { noteAcknowledgment, noteFin } from './connection-closing.ts';
import { ConnectionTable, sideOf } from './connection-table.ts';
import { type Copies, ORIGINAL } from './copies.ts';
import type { Domain } from './domains.ts';
import { FRAME_WORDS, secondsSince } from './frame-words.ts';
import { SAMPLE_REGRESSION, type SeriesOptions } from './isn-series.ts';
import { IsnSeriesTable } from './isn-series-table.ts';
import * as pending from './pending-syns.ts';
import { PendingSyns } from './pending-syns.ts';
import { SynFlood } from './syn-flood.ts';
import type { TupleFilter } from './tuple-filter.ts';
import { firstSynOf, isNewerByTimestamp, oldConnectionOf, pendingSynOf } from './tuple-openings.ts';
import { TupleReuse } from './tuple-reuse.ts';
import { TupleReuses } from './tuple-reuses.ts';
import type { Watches } from './watches.ts';

export interface ConnectionOptions extends SeriesOptions {
  readonly duplicateMillis: number;
  readonly timeWaitSeconds: number;
  readonly freshResetSeconds: number;
  readonly hangSeconds: number;
}

export class Connections {
  readonly flood = new SynFlood();
  /** Control segments whose header was cut before its window. */
  cut = 0;
  readonly series: IsnSeriesTable;
  readonly reuses: TupleReuses;
  readonly #options: ConnectionOptions;
  readonly #filter: TupleFilter;
  readonly #copies: Copies;
  readonly #domainOf: (index: number) => Domain;
  readonly #framesOf: (domain: number, address: number) => number;
  readonly #pending: PendingSyns;
  readonly #ends: AttemptEnds;
  readonly #table: ConnectionTable;
  readonly #tcpOptions = new TcpOptions();
  /** Clock epochs by interface: part of every key, so that nothing is found across a step. */
  readonly #epochs: number[] = [];

  constructor(
    options: ConnectionOptions,
    filter: TupleFilter,
    copies: Copies,
    watches: Watches,
    domainOf: (index: number) => Domain,
    framesOf: (domain: number, address: number) => number,
  ) {
    this.#framesOf = framesOf;
    this.#options = options;
    this.#filter = filter;
    this.#copies = copies;
    this.#domainOf = domainOf;
    this.series = new IsnSeriesTable(options);
    this.reuses = new TupleReuses(filter, watches, options.freshResetSeconds, options.hangSeconds);
    this.#ends = new AttemptEnds(this.series, this.reuses);
    this.#pending = new PendingSyns((at, packet) => this.#ends.displace(this.#pending, at, packet));
    this.#table = new ConnectionTable(options.timeWaitSeconds, (at) =>
      filter.remove(this.#table.portsOf(at)),
    );
  }

  get evictions(): number {
    return this.#table.evictions + this.series.evictions + this.reuses.evictions;
  }

  /** Hosts of which too little is known because there were too many, or too many attempts. */
  get evictedHosts(): number {
    return this.series.evictions + this.reuses.evictions + this.#ends.lost;
  }

  /** Attempts that others displaced before it was known what would come of them. */
  get evictedSyns(): number {
    return this.#ends.displaced + this.#ends.lost;
  }

  /** Connections that others displaced: a tuple opened again is then taken for a new one, or its opener for an unknown one. */
  get evictedConnections(): number {
    return this.#table.evictions;
  }

  /** A segment with SYN, FIN or RST. */
  control(packet: Packet): void {
    // A header cut before its window says too little.
    if (packet.transport + 16 > packet.end) {
      this.cut += 1;
      return;
    }
    const flags = tcpFlags(packet);
    if (flags === SYN && this.#isShed(packet)) return;
    this.reuses.advance();
    const scope = this.#scopeOf(packet);
    if ((flags & SYN) !== 0) {
      if ((flags & (FIN | RST)) !== 0) return;
      if ((flags & ACK) === 0) this.#syn(packet, scope);
      else this.#synAck(packet, scope);
    } else if ((flags & RST) !== 0) this.#reset(packet, scope);
    else this.#fin(packet, scope);
  }

  #isShed(packet: Packet): boolean {
    return this.flood.sheds(packet.seconds, packet.ipSource, packet.ipDestination, tcpPorts(packet));
  }

  /** Another segment, of a connection that is followed or has the same ports. */
  segment(packet: Packet): void {
    if (packet.transport + 16 > packet.end) return;
    if ((tcpFlags(packet) & ACK) === 0) return;
    const scope = this.#scopeOf(packet);
    const at = this.#table.find(packet, scope);
    if (at >= 0 && ((this.#table.words[at + entry.STATE] as number) & entry.FOLLOWED) !== 0)
      noteAcknowledgment(this.#table, at, packet, this.#filter);
    if (!this.reuses.isAnyOpen) return;
    const reuse = this.reuses.find(packet, scope);
    if (reuse === undefined) return;
    if (reuse.isOpeners(packet)) {
      if (!reuse.isContinued(packet)) return;
      reuse.accept(packet);
      this.reuses.settle(reuse);
    } else if (tcpPayloadLength(packet) === 0) reuse.bareAck(packet, this.#copies);
  }

  /** An ICMP packet: it may say why an attempt stays without an answer. */
  icmp(packet: Packet): void {
    if (!this.reuses.isAnyOpen) return;
    const inner = undeliveredTcp(packet);
    if (inner >= 0) this.reuses.undelivered(packet, inner);
  }

  /** An ARP packet; one for its sender's own address announces that. */
  arp(packet: Packet, fields: ArpFields): void {
    if (fields.senderAddress === fields.targetAddress) this.rebooted(packet, fields.senderAddress);
    this.reuses.ownArp(packet, fields);
  }

  /** A host announced itself or took its address anew: its numbers may begin anew. */
  rebooted(packet: Packet, address: number): void {
    this.series.rebooted(packet, address);
  }

  /** A new clock epoch on an interface, or the end of the capture. */
  closeInterface(interfaceIndex: number | null): void {
    if (interfaceIndex === null) {
      // SYNs to a listener under observation that nobody answered.
      this.reuses.noteUnanswered(this.#pending);
      for (let at = this.#pending.next(0); at >= 0; at = this.#pending.next(this.#pending.after(at)))
        this.#ends.giveUp(this.#pending, at);
      this.reuses.close();
      this.series.close();
      return;
    }
    this.#epochs[interfaceIndex] = (this.#epochs[interfaceIndex] ?? 0) + 1;
    this.reuses.breakOff(interfaceIndex);
  }

  /** Gives its memory back; none but the series themselves may be used any more. */
  release(): void {
    this.#pending.release();
    this.series.release();
  }

  /** Sources of SYNs that are still without an answer, by domain and address; a source may come more than once. */
  unanswered(): ReturnType<PendingSyns['ends']> {
    return this.#pending.ends();
  }

  #scopeOf(packet: Packet): number {
    return (((this.#epochs[packet.interface] ?? 0) << 12) | packet.domain) + 1;
  }

  #syn(packet: Packet, scope: number): void {
    const series = this.series.find(packet.domain, packet.ipSource, 'client');
    // Nothing will ever be said of its attempts; while one of another host is under way, they show whether its peer lives.
    if (series?.isScattered && !this.reuses.isAnyOpen) {
      series.samples += 1;
      return;
    }
    const known = this.#pending.findOpener(packet, scope);
    if (known >= 0 && this.#repeats(packet, known, scope)) return;
    if (this.reuses.isAnyOpen) {
      const reuse = this.reuses.continued(packet, scope);
      if (reuse !== undefined) {
        if (this.#copies.examine(packet) !== ORIGINAL) return reuse.synAgain(packet);
        if (!reuse.syns.some(({ isn }) => isn === tcpSequence(packet))) this.#sampleSyn(packet, scope, 0);
        reuse.syn(packet);
        return;
      }
    }
    this.#tcpOptions.read(packet);
    const at = this.#table.find(packet, scope);
    let flags = 0;
    if (at >= 0) {
      const isCopy =
        ((this.#table.words[at + entry.STATE] as number) & entry.OPEN_SEEN) !== 0 &&
        this.#table.words[at + entry.OPENER_ISN] === tcpSequence(packet);
      if (isCopy) return;
      flags = this.#reuse(packet, scope, at);
      this.#table.forget(at, packet);
      if (flags < 0) return;
    }
    this.flood.unanswered += 1;
    this.#pending.add(packet, scope, this.#tcpOptions, flags);
    this.#sampleSyn(packet, scope, 0);
  }

  /** True if a SYN says nothing new: sent again, or recorded again. One with another number begins a new attempt. */
  #repeats(packet: Packet, at: number, scope: number): boolean {
    const { words } = this.#pending;
    if (words[at + pending.PENDING_ISN] !== tcpSequence(packet)) {
      this.#ends.giveUp(this.#pending, at);
      this.#pending.remove(at);
      return false;
    }
    const seconds = secondsSince(packet, words, at + pending.PENDING_FRAME);
    const id = (words[at + pending.PENDING_META] as number) >>> 16;
    // A host counts its packets, retransmissions among them: the same identification is the same packet, seen elsewhere.
    if (seconds * 1000 <= this.#options.duplicateMillis + 1e-6 || (id !== 0 && id === packet.ipId)) {
      this.#copies.recurred(packet, seconds);
      return true;
    }
    if (this.reuses.isAnyOpen) this.reuses.otherUnanswered(packet, scope, seconds);
    const count = words[at + pending.PENDING_COUNT] as number;
    if ((count & 0xff) < 0xff) words[at + pending.PENDING_COUNT] = count + 1;
    return true;
  }

  #sampleSyn(packet: Packet, scope: number, flags: number): void {
    const series = this.series.find(packet.domain, packet.ipSource, 'client');
    if (series === undefined || series.isScattered || this.series.isRepeat(packet, scope)) return;
    this.series.sample(series, packet, scope, this.#tcpOptions, flags);
  }

  /**
   * A SYN on a tuple whose earlier connection is known: answers the flags of its attempt, or -1 where it opens the tuple
   * below the old numbers while the peer may hold the old connection.
   */
  #reuse(packet: Packet, scope: number, at: number): number {
    const { words } = this.#table;
    const state = words[at + entry.STATE] as number;
    const side = sideOf(packet);
    const openerFin = (state & (entry.FIN_OF << side)) !== 0;
    const responderFin = (state & (entry.FIN_OF << (1 - side))) !== 0;
    if (!openerFin || (state & entry.FORGOTTEN) !== 0) return pending.META_KNOWN;
    const known = pending.META_KNOWN | (responderFin ? pending.META_CLOSED : 0);
    // The opener closed first: only it waits.
    const isFirstFinOpeners = ((state & entry.CLOSED_BY_1) !== 0) === (side === 1);
    if (responderFin && isFirstFinOpeners && (state & entry.CLOSED_BY_BOTH) === 0) return known;
    const isWhole = responderFin && (state & entry.ACKED_OF) !== 0 && (state & (entry.ACKED_OF << 1)) !== 0;
    const closeFrame = isWhole ? entry.LAST_ACK_FRAME : entry.FIN_FRAME + side * FRAME_WORDS;
    const sinceClose = secondsSince(packet, words, at + closeFrame);
    if (sinceClose < 0 || sinceClose > this.#options.timeWaitSeconds) return known;
    // A host that was started since then begins its numbers anew, whatever its generator.
    const series = this.series.find(packet.domain, packet.ipSource, 'client');
    if (series !== undefined && series.rebootTime >= packet.time - sinceClose) return known;
    const expected = words[at + entry.FIN_END + side] as number;
    const ahead = sequenceForward((expected - 1) | 0, tcpSequence(packet));
    if ((ahead > 0 && ahead < 0x8000_0000) || isNewerByTimestamp(words, at, side, this.#tcpOptions))
      return known | pending.META_REUSE;
    this.#openReuse(packet, scope, at, isWhole ? 'whole' : 'half', sinceClose);
    return -1;
  }

  #openReuse(packet: Packet, scope: number, at: number, close: 'whole' | 'half', sinceClose: number): void {
    if (this.#copies.examine(packet) !== ORIGINAL) return;
    const options = this.#tcpOptions;
    const domain = this.#domainOf(packet.domain);
    const syn = firstSynOf(packet, scope, domain, options);
    const old = oldConnectionOf(this.#table.words, at, packet, syn.stack, close, sinceClose);
    this.series.ensure(packet.domain, packet.ipSource, 'client', scope);
    this.#sampleSyn(packet, scope, SAMPLE_REGRESSION);
    this.reuses.open(new TupleReuse(syn, old, this.#leastGap(domain, packet)));
  }

  /** The opener's own packets, as many again to it, show nothing of whether the capture is alive (rules 0.2). */
  #leastGap(domain: Domain, packet: Packet): number {
    return domain.liveness.gapLimitWithout(2 * this.#framesOf(packet.domain, packet.ipSource));
  }

  #synAck(packet: Packet, scope: number): void {
    if (this.reuses.isAnyOpen) {
      const reuse = this.reuses.find(packet, scope);
      if (reuse?.isResponders(packet)) {
        this.#acceptReuse(packet, reuse);
        return;
      }
    }
    const client = this.series.find(packet.domain, packet.ipDestination, 'client');
    const at = client?.isScattered && !this.reuses.isAnyOpen ? -1 : this.#pending.findAnswered(packet, scope);
    if (at < 0) {
      this.#unasked(packet, scope, client?.isScattered ?? false);
      return;
    }
    const words = this.#pending.words;
    const length = (words[at + pending.PENDING_COUNT] as number) >>> 8;
    const ahead = sequenceForward(words[at + pending.PENDING_ISN] as number, tcpAcknowledgment(packet));
    // Data in the SYN (TCP Fast Open) may be acknowledged with it.
    if (ahead === 0 || ahead > 1 + length) return;
    this.#complete(packet, scope, at);
  }

  #complete(packet: Packet, scope: number, at: number): void {
    this.flood.know(packet.ipDestination, packet.ipSource);
    const { words } = this.#pending;
    const client = packet.ipDestination;
    const flags = words[at + pending.PENDING_META] as number;
    this.#addConnection(
      packet,
      scope,
      words[at + pending.PENDING_ISN] as number,
      words[at + pending.PENDING_STACK] as number,
      words[at + pending.PENDING_MAC_LOW] as number,
      words[at + pending.PENDING_MAC_HIGH] as number,
    );
    let series = this.series.find(packet.domain, client, 'client');
    if (series === undefined) {
      series = this.series.ensure(packet.domain, client, 'client', scope);
      if (series !== undefined) {
        const source = this.#pending;
        for (let next = source.nextOf(client, scope, 0); next >= 0; ) {
          this.series.samplePending(series, words, next, scope);
          next = source.nextOf(client, scope, source.after(next));
        }
      }
    }
    if (series !== undefined) {
      series.isHandshakeSeen = true;
      series.noteAnswered(packet.ipSource, words[at + pending.PENDING_PORTS] as number);
      if ((flags & pending.META_REUSE) !== 0) series.reusesAccepted += 1;
    }
    this.#pending.remove(at);
    this.flood.unanswered -= 1;
    this.#sampleSynAck(packet, scope, true);
    if (this.reuses.isAnyOpen) this.reuses.listenerAnswered(packet, scope);
  }

  #addConnection(
    packet: Packet,
    scope: number,
    isn: number,
    stack: number,
    macLow: number,
    macHigh: number,
  ): void {
    const found = this.#table.find(packet, scope);
    if (found >= 0) this.#table.remove(found);
    const at = this.#table.add(packet, scope);
    const { words } = this.#table;
    // The packet is the responder's: the other side opened.
    words[at + entry.STATE] = entry.OPEN_SEEN | (sideOf(packet) === 0 ? entry.OPENED_BY_1 : 0);
    words[at + entry.OPENER_ISN] = isn;
    words[at + entry.OPENER_STACK] = stack;
    words[at + entry.OPENER_MAC_LOW] = macLow;
    words[at + entry.OPENER_MAC_HIGH] = macHigh;
  }

  #sampleSynAck(packet: Packet, scope: number, isHandshake: boolean): void {
    const server = this.series.ensure(packet.domain, packet.ipSource, 'server', scope);
    if (server === undefined) return;
    server.isHandshakeSeen ||= isHandshake;
    if (this.series.isRepeat(packet, scope)) return;
    this.#tcpOptions.read(packet);
    this.series.sample(server, packet, scope, this.#tcpOptions, 0);
  }

  /** A SYN/ACK whose SYN was not seen, or not kept because its sender's numbers say nothing. */
  #unasked(packet: Packet, scope: number, isScattered: boolean): void {
    const server = this.series.find(packet.domain, packet.ipSource, 'server');
    if (!isScattered) {
      const at = this.#table.find(packet, scope);
      if (at >= 0 && ((this.#table.words[at + entry.STATE] as number) & entry.FORGOTTEN) === 0) return;
      if (at >= 0) this.#table.remove(at);
      this.#table.add(packet, scope);
    }
    if (!server?.isScattered) this.#sampleSynAck(packet, scope, isScattered);
    else {
      server.samples += 1;
      if (this.reuses.isAnyOpen && this.series.isRepeat(packet, scope)) return;
    }
    if (this.reuses.isAnyOpen) this.reuses.listenerAnswered(packet, scope);
  }

  /** True if no connection between the two hosts of the packet is kept: those who may have opened it have scattered numbers. */
  #isUnkept(packet: Packet): boolean {
    const { domain } = packet;
    const source = this.series.find(domain, packet.ipSource, 'client');
    const destination = this.series.find(domain, packet.ipDestination, 'client');
    if (source === undefined) return destination?.isScattered ?? false;
    return source.isScattered && (destination === undefined || destination.isScattered);
  }

  #acceptReuse(packet: Packet, reuse: TupleReuse): void {
    const accepted = reuse.answered(packet);
    if (accepted === undefined) return;
    reuse.accept(packet);
    this.#addConnection(packet, reuse.scope, accepted.isn, reuse.stack, reuse.macLow, reuse.macHigh);
    this.#sampleSynAck(packet, reuse.scope, true);
    const series = this.series.find(packet.domain, reuse.opener, 'client');
    if (series !== undefined) {
      series.isHandshakeSeen = true;
      series.noteAnswered(reuse.responder, reuse.ports);
    }
    this.reuses.settle(reuse);
  }

  #fin(packet: Packet, scope: number): void {
    if (this.#isUnkept(packet)) return;
    let at = this.#table.find(packet, scope);
    if (at < 0) {
      at = this.#table.add(packet, scope);
      this.flood.know(packet.ipDestination, packet.ipSource);
      this.flood.know(packet.ipSource, packet.ipDestination);
    }
    this.#tcpOptions.read(packet);
    noteFin(this.#table, at, packet, this.#tcpOptions, this.#filter);
  }

  #reset(packet: Packet, scope: number): void {
    if (this.reuses.isAnyOpen) {
      const reuse = this.reuses.find(packet, scope);
      if (reuse !== undefined) {
        if (this.#copies.examine(packet) !== ORIGINAL) return;
        if (reuse.isOpeners(packet)) reuse.openerReset(packet);
        else reuse.responderReset(packet);
        return;
      }
    }
    if (this.#isUnkept(packet) && !this.reuses.isAnyOpen) {
      // The usual form of a refusal, whose SYN was not kept.
      if ((tcpFlags(packet) & ACK) !== 0 && tcpSequence(packet) === 0) this.reuses.freshReset(packet, scope);
      return;
    }
    const answered = this.#pending.findAnswered(packet, scope);
    if (answered >= 0) {
      const meta = answered + pending.PENDING_META;
      const { words } = this.#pending;
      if (((words[meta] as number) & pending.META_REFUSED) === 0) this.reuses.freshReset(packet, scope);
      words[meta] = (words[meta] as number) | pending.META_REFUSED;
      return;
    }
    const own = this.#pending.findOpener(packet, scope);
    if (own >= 0) this.#resetByOpener(packet, scope, own);
    const at = this.#table.find(packet, scope);
    // A reset ends TIME-WAIT, too (RFC 1337).
    if (at >= 0) this.#table.forget(at, packet);
  }

  /**
   * The opener resets its own attempt. With a number far above its SYN it answers an acknowledgment of another connection: the
   * tuple's old one, of which nothing was seen (RFC 9293 3.10.7.3).
   */
  #resetByOpener(packet: Packet, scope: number, at: number): void {
    const { words } = this.#pending;
    const meta = words[at + pending.PENDING_META] as number;
    const isn = words[at + pending.PENDING_ISN] as number;
    const ahead = sequenceForward(isn, tcpSequence(packet));
    const isStrange = (meta & pending.META_KNOWN) === 0 && ahead > 1 && ahead <= this.#options.isnBound;
    if (isStrange && this.#copies.examine(packet) === ORIGINAL) {
      const reuse = new TupleReuse(
        pendingSynOf(packet, scope, this.#domainOf(packet.domain), words, at),
        {
          close: 'unseen',
          expected: tcpSequence(packet),
          closeTime: Number.NaN,
          isSameStack: null,
          isSameMac: null,
          frames: [],
        },
        this.#leastGap(this.#domainOf(packet.domain), packet),
      );
      this.reuses.open(reuse);
      reuse.firstReset(packet);
    }
    this.#pending.remove(at);
  }
}
