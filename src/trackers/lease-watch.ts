/**
 * The watch over one lease's station: from shortly before the lease could run out, it notes what the station
 * receives, when it is heard, and every frame that uses the address past expiry and grace (rules 2.3).
 */
import type { TimerQueue } from '../tables/timer-queue.ts';
import { ARP_BYTES, ARP_REPLY, ARP_REQUEST } from '../wire/arp.ts';
import { formatIpv4 } from '../wire/ipv4.ts';
import { formatMac, macNumber } from '../wire/mac.ts';
import { KIND_ARP, KIND_DHCP, KIND_IPV4, KIND_TCP, KIND_TCP_CONTROL, type Packet } from '../wire/packet.ts';
import { ACK, FIN, RST, SYN, tcpFlags, tcpPayloadLength, tcpPorts } from '../wire/tcp.ts';
import { cite, UseCitation } from './citation.ts';
import type { Lease } from './lease.ts';
import { SubjectLiveness } from './liveness.ts';
import type { LeaseWatchOrder, Watched } from './lease-watch-order.ts';
import type { LeaseOptions } from './leases.ts';
import type { Watcher, Watches } from './watches.ts';

/**
 * Places in the times that every packet of the station is compared with. They stand together in one cache line; as fields each
 * would be a double of its own on the heap.
 */
const EXPIRY = 0;
const USE_FROM = 1;
const LAST_HEARD = 2;
const LAST_RECEIVED = 3;
const LAST_KEPT_USE = 4;
const RENEWAL = 5;

const MAX_CLOSED = 16;

/** Most leases never come to be watched: they share what is empty. */
const NO_DOUBLES = new Float64Array(0);
const NO_WORDS = new Int32Array(0);

export class LeaseWatch implements Watcher, Watched {
  readonly lease: Lease;
  readonly #options: LeaseOptions;
  readonly #watches: Watches;
  readonly #timers: TimerQueue;
  readonly #order: LeaseWatchOrder;
  #second: SecondWatch | null = null;
  #times = NO_DOUBLES;
  #secondMac = 0;
  #isActive = false;
  #isStopped = false;
  /** When its watch is to begin. */
  #due = Number.NaN;
  /** When its timer fires, which may have been set for earlier terms. */
  #timerDue = Number.POSITIVE_INFINITY;
  /** Connections of the station that closed lately, and when: a ring; 0 is no connection. */
  #closedTails = NO_WORDS;
  #closedTimes = NO_DOUBLES;
  #closedNext = 0;

  constructor(
    lease: Lease,
    options: LeaseOptions,
    watches: Watches,
    timers: TimerQueue,
    order: LeaseWatchOrder,
  ) {
    this.lease = lease;
    this.#options = options;
    this.#watches = watches;
    this.#timers = timers;
    this.#order = order;
  }

  /** New terms: the watch begins anew when they could run out. */
  leaseGranted(): void {
    this.#clear();
    const { lease } = this;
    // Early enough to know how long the station was silent before its first use past the lease.
    const due = Math.min(lease.t1, lease.useFrom - this.#options.resumeSilenceSeconds);
    if (due <= lease.domain.liveness.lastTime) {
      this.start(lease.domain.liveness.lastTime);
      return;
    }
    this.#due = due;
    if (this.#timerDue > due) this.#setTimer();
  }

  #setTimer(): void {
    if (this.#timers.add(this.#due, this)) this.#timerDue = this.#due;
    else this.lease.isWatchRefused = true;
  }

  /** The timer fired. */
  timeout(now: number): void {
    if (this.#isStopped) return;
    this.#timerDue = Number.POSITIVE_INFINITY;
    if (now >= this.#due) this.start(this.#due);
    else if (!Number.isNaN(this.#due)) this.#setTimer();
  }

  /** Begins to watch the station; harmless when it is watched already. */
  start(time: number): void {
    if (this.#isActive || this.#isStopped) return;
    const { lease } = this;
    if (!this.#add() && !(this.#order.makeRoom(time) && this.#add())) {
      lease.isWatchRefused = true;
      return;
    }
    this.#isActive = true;
    this.#order.add(this);
    if (this.#times.length === 0) this.#times = new Float64Array(8);
    const times = this.#times;
    times.fill(Number.NEGATIVE_INFINITY);
    times[EXPIRY] = lease.expiry;
    times[RENEWAL] = lease.t1;
    // A lease without known terms may have expired at any time.
    if (lease.isAcknowledged) times[USE_FROM] = lease.useFrom;
    times[LAST_HEARD] = Number.NaN;
    lease.watchedSince = time;
    lease.liveness?.forget();
    lease.liveness = new SubjectLiveness(lease.domain.liveness, time);
  }

  /** Not heard since the watch began: then its last word was the one for which it got the lease. */
  get lastSign(): number {
    const { start, isAcknowledged, watchedSince } = this.lease;
    const lastHeard = this.#times[LAST_HEARD] as number;
    if (!Number.isNaN(lastHeard)) return lastHeard;
    return isAcknowledged ? start : watchedSince;
  }

  giveUp(): void {
    this.lease.isWatchRefused = true;
    this.#unwatch();
  }

  #add(): boolean {
    return this.#watches.add(this.lease.domain.index, this.lease.chaddr, this);
  }

  /** Also watches the station that holds the address now. */
  watchSecond(mac: number): void {
    this.#secondMac = mac;
    this.#second ??= new SecondWatch(this.lease);
    this.#watches.add(this.lease.domain.index, mac, this.#second);
  }

  stop(): void {
    this.#isStopped = true;
    this.#unwatch();
    this.#times = NO_DOUBLES;
    this.#closedTails = NO_WORDS;
    this.#closedTimes = NO_DOUBLES;
    if (this.#timerDue !== Number.POSITIVE_INFINITY)
      this.#timers.retire((waiting) => waiting instanceof LeaseWatch && waiting.#isStopped);
  }

  watchedPacket(packet: Packet, isSource: boolean): void {
    this.lease.liveness?.own(packet);
    if (isSource) {
      this.#sent(packet);
      this.#heard(packet);
      return;
    }
    const { lease } = this;
    const times = this.#times;
    // It is addressed to the station alone, for its own address is no group's.
    lease.receivedUnicastAfterExpiry ||= packet.time > (times[EXPIRY] as number);
    if (packet.time - (times[LAST_RECEIVED] as number) >= 1) {
      times[LAST_RECEIVED] = packet.time;
      lease.noteReceived(packet.time);
    }
    if (packet.kind === KIND_TCP_CONTROL) this.#noteClosing(packet);
  }

  watchedDuplicate(packet: Packet): void {
    this.lease.liveness?.own(packet);
  }

  watchedOther(packet: Packet): void {
    this.#heard(packet);
  }

  #heard({ time }: Packet): void {
    const times = this.#times;
    times[LAST_HEARD] = time;
    if (time >= (times[RENEWAL] as number) && time <= (times[EXPIRY] as number))
      this.lease.wasHeardToExpire = true;
  }

  #clear(): void {
    this.#unwatch();
    this.lease.clearUse();
  }

  #unwatch(): void {
    const { lease } = this;
    if (this.#isActive) this.#watches.remove(lease.domain.index, lease.chaddr, this);
    if (this.#second !== null && this.#secondMac !== 0)
      this.#watches.remove(lease.domain.index, this.#secondMac, this.#second);
    this.#isActive = false;
    this.#order.remove(this);
    this.#secondMac = 0;
    lease.liveness?.close();
    this.#due = Number.NaN;
  }

  #sent(packet: Packet): void {
    const times = this.#times;
    this.lease.sentUnicastAfterExpiry ||=
      packet.isUnicastDestination && packet.time > (times[EXPIRY] as number);
    if (packet.kind === KIND_TCP_CONTROL) this.#noteClosing(packet);
    if (!(packet.time > (times[USE_FROM] as number))) return;
    if (packet.kind === KIND_ARP) this.#sentArp(packet);
    else if (packet.kind >= KIND_IPV4) this.#sentDatagram(packet);
  }

  #sentArp(packet: Packet): void {
    const at = packet.network;
    if (at + ARP_BYTES > packet.end || packet.view.getUint16(at + 6) !== ARP_REQUEST) return;
    if (packet.view.getInt32(at + 14) !== this.lease.address) return;
    this.#use(packet, false, 0);
  }

  #sentDatagram(packet: Packet): void {
    const { lease } = this;
    if (packet.ipSource !== lease.address || packet.kind === KIND_DHCP) return;
    let tail = 0;
    if (!packet.laterFragment && (packet.kind === KIND_TCP || packet.kind === KIND_TCP_CONTROL)) {
      const flags = tcpFlags(packet);
      if ((flags & (FIN | RST)) !== 0) return;
      if (
        (flags & (SYN | ACK)) === ACK &&
        packet.transport + 13 <= packet.end &&
        tcpPayloadLength(packet) === 0
      ) {
        tail = tailOf(packet);
        if (this.#isClosing(tail, packet)) return;
      }
    }
    this.#use(packet, true, tail);
  }

  /** True if this connection was seen to close within the tail time. */
  #isClosing(tail: number, packet: Packet): boolean {
    const at = this.#closedAt(tail);
    return at >= 0 && (this.#closedTimes[at] as number) >= packet.time - this.#options.tailSeconds;
  }

  /** Where a closed connection stands in the ring, or -1. A loop: for so few, asking the array takes longer. */
  #closedAt(tail: number): number {
    const tails = this.#closedTails;
    for (let at = 0; at < tails.length; at += 1) if (tails[at] === tail) return at;
    return -1;
  }

  #use(packet: Packet, isIp: boolean, tail: number): void {
    const { lease } = this;
    const times = this.#times;
    if (lease.useCount === 0) lease.heardBeforeUse = times[LAST_HEARD] as number;
    lease.useCount += 1;
    if (!lease.keepsEveryUse && packet.time - (times[LAST_KEPT_USE] as number) < 1) return;
    times[LAST_KEPT_USE] = packet.time;
    const frame = new UseCitation(packet, 'use', lease.address, lease.chaddr);
    lease.keepUse({ time: packet.time, isIp, tail, frame });
  }

  #noteClosing(packet: Packet): void {
    if ((tcpFlags(packet) & (FIN | RST)) === 0) return;
    if (this.#closedTails.length === 0) {
      this.#closedTails = new Int32Array(MAX_CLOSED);
      this.#closedTimes = new Float64Array(MAX_CLOSED);
    }
    const tail = tailOf(packet);
    const known = this.#closedAt(tail);
    const at = known >= 0 ? known : this.#closedNext;
    this.#closedTails[at] = tail;
    this.#closedTimes[at] = packet.time;
    if (known < 0) this.#closedNext = (at + 1) % MAX_CLOSED;
    this.lease.dropTail(tail, packet.time - this.#options.tailSeconds);
    this.#times[LAST_KEPT_USE] = this.lease.uses.at(-1)?.time ?? Number.NEGATIVE_INFINITY;
  }
}

/** The station that was given the address next: when it uses or defends it. */
class SecondWatch implements Watcher {
  readonly isOfSender = true;
  readonly #lease: Lease;

  constructor(lease: Lease) {
    this.#lease = lease;
  }

  watchedPacket(packet: Packet, isSource: boolean): void {
    const second = this.#lease.second;
    if (!isSource || second === null || packet.time < second.time) return;
    const isUse = packet.kind === KIND_ARP ? this.#isClaim(packet) : this.#isTraffic(packet);
    if (!isUse) return;
    second.firstUse ??= cite(
      packet,
      'other client use',
      `${packet.kind === KIND_ARP ? 'ARP' : 'IPv4'} from ${formatIpv4(this.#lease.address)} by ${formatMac(second.mac)}`,
    );
    if (packet.time - (second.uses.at(-1) ?? Number.NEGATIVE_INFINITY) >= 0.1)
      this.#lease.noteSecondUse(second, packet.time);
  }

  #isTraffic(packet: Packet): boolean {
    return packet.kind >= KIND_IPV4 && packet.kind !== KIND_DHCP && packet.ipSource === this.#lease.address;
  }

  /** A request or announcement uses the address; a reply counts where it goes to the first holder. */
  #isClaim(packet: Packet): boolean {
    const { view, network } = packet;
    if (network + ARP_BYTES > packet.end || view.getInt32(network + 14) !== this.#lease.address) return false;
    const operation = view.getUint16(network + 6);
    if (operation !== ARP_REPLY) return operation === ARP_REQUEST;
    const target = macNumber(view.getUint16(network + 18), view.getInt32(network + 20));
    return target === this.#lease.chaddr || view.getInt32(network + 24) === this.#lease.address;
  }
}

/** One number for a connection, the same from both ends; never 0. */
function tailOf(packet: Packet): number {
  const ports = tcpPorts(packet);
  const both = ports ^ ((ports << 16) | (ports >>> 16));
  return (Math.imul(packet.ipSource ^ packet.ipDestination, 0x9e3779b1) ^ both) | 1;
}
