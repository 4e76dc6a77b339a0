/**
 * DHCP leases (rules 2.2): per domain, the clients by chaddr and what they hold. A client is one station; a
 * second client identifier on it is another identity, not another client. DHCP is rare, so these are bounded
 * maps of objects. The station is watched from shortly before its lease could run out.
 */
import {
  DHCP_ACK,
  DHCP_CUT,
  DHCP_DECLINE,
  DHCP_DISCOVER,
  DHCP_INFORM,
  DHCP_NAK,
  DHCP_OFFER,
  DHCP_OK,
  DHCP_RELEASE,
  DHCP_REQUEST,
  type DhcpMessage,
  formatDhcp,
  INFINITE_LEASE,
} from '../wire/dhcp.ts';
import { isHostAddress } from '../wire/ipv4.ts';
import { isStationMac, macFamily, macNumber } from '../wire/mac.ts';
import type { Packet } from '../wire/packet.ts';
import { Oldest } from '../tables/oldest.ts';
import { TimerQueue } from '../tables/timer-queue.ts';
import type { FrameCitation } from '../engine/result.ts';
import { cite, citeAs } from './citation.ts';
import type { Client, Exchange } from './dhcp-client.ts';
import { DhcpClients } from './dhcp-clients.ts';
import type { Domain } from './domains.ts';
import { Lease, type LeaseEnd, leaseRoom, type Renewal } from './lease.ts';
import { LeaseWatch } from './lease-watch.ts';
import { LeaseWatchOrder } from './lease-watch-order.ts';
import type { Sources } from './sources.ts';
import type { Watches } from './watches.ts';

export interface LeaseOptions {
  readonly crossInterfaceSeconds: number;
  readonly rebootSeconds: number;
  readonly graceFraction: number;
  readonly graceMinSeconds: number;
  readonly graceMaxSeconds: number;
  readonly answerSeconds: number;
  readonly tailSeconds: number;
  readonly secondEarlySeconds: number;
  readonly resumeSilenceSeconds: number;
}

const MAX_CLIENTS = 8192;
/** Leases of a client, and of all together. */
const MAX_LEASES = 8;
const MAX_ALL_LEASES = 8192;
/** Ended leases that wait to be judged. */
const MAX_ENDED = 4096;
const MAX_RENEWALS = 4096;

export class LeaseTracker {
  /** Clients that were forgotten because there were too many. */
  evictions = 0;
  /** Stations whose DHCP messages were cut before their options ended. */
  readonly cutClients = new Set<number>();
  /** Unicast renewals with their acknowledgment, the latest ones. */
  readonly renewals: Renewal[] = [];
  /** Messages with RAS pseudo addresses and other leases that are no subject, by reason. */
  readonly rasClients = new Set<number>();
  readonly #options: LeaseOptions;
  readonly #sources: Sources;
  readonly #watches: Watches;
  readonly #close: (lease: Lease) => void;
  readonly #timersOf: (domain: Domain) => TimerQueue;
  readonly #byAddress = new Map<number, LeaseWatch[]>();
  readonly #watchOf = new Map<Lease, LeaseWatch>();
  readonly #watchOrder = new LeaseWatchOrder();
  /** Per interface, the first unicast DHCP message of a server. */
  readonly #unicastServerTimes: number[] = [];
  readonly #room = leaseRoom();
  readonly #clients = new DhcpClients();
  readonly #ended = new Set<Lease>();
  readonly #oldestEnded = new Oldest(this.#ended);

  constructor(
    options: LeaseOptions,
    sources: Sources,
    watches: Watches,
    timersOf: (domain: Domain) => TimerQueue,
    close: (lease: Lease) => void,
  ) {
    this.#options = options;
    this.#sources = sources;
    this.#watches = watches;
    this.#timersOf = timersOf;
    this.#close = close;
  }

  /** A DHCP message, duplicates removed. `isCopy` marks one that was seen before on another tap. */
  message(packet: Packet, message: DhcpMessage, status: number, domain: Domain, isCopy: boolean): void {
    if (!isStationMac(message.chaddr)) return;
    if (status === DHCP_CUT) {
      if (this.cutClients.size < MAX_CLIENTS) this.cutClients.add(message.chaddr);
      // Whatever it says behind the cut, it is an answer.
      if (message.operation === 2) this.#noteAnswers(packet, message.chaddr, domain);
      return;
    }
    if (status !== DHCP_OK || message.type === 0) return;
    // Addresses that a RAS server leases for its callers under made-up stations (Q150281, Q177648).
    if (macFamily(message.chaddr) === 'ras' || message.clientId.startsWith('52415320')) {
      if (this.rasClients.size < MAX_CLIENTS) this.rasClients.add(message.chaddr);
      return;
    }
    const client = this.#clientOf(domain, message.chaddr, packet.time);
    if (packet.sourceHigh >= 0 && macNumber(packet.sourceHigh, packet.sourceLow) === message.chaddr) {
      client.isStationSeen = true;
      for (const lease of client.leases) lease.isStationSeen = true;
    }
    if (message.operation === 2) this.#fromServer(packet, message, client);
    else if (!isCopy) this.#fromClient(packet, message, client);
  }

  /** Ends all leases on an interface (a new clock epoch) or everywhere (null, the end of the capture). */
  closeInterface(interfaceIndex: number | null, end: LeaseEnd): void {
    for (const client of this.#clients.on(interfaceIndex)) {
      for (const lease of client.leases) this.#endLease(client, lease, end, client.domain.liveness.lastTime);
      client.restart();
    }
    for (const lease of this.#ended)
      if (interfaceIndex === null || lease.domain.interface === interfaceIndex) this.#settle(lease);
    if (interfaceIndex !== null) this.#unicastServerTimes[interfaceIndex] = Number.NaN;
  }

  #clientOf(domain: Domain, chaddr: number, time: number): Client {
    const known = this.#clients.find(domain, chaddr);
    if (known) {
      if (Number.isNaN(known.firstTime)) known.firstTime = time;
      return known;
    }
    if (this.#clients.size >= MAX_CLIENTS) this.#evictClient(null);
    return this.#clients.add(domain, chaddr, time);
  }

  /** The oldest client makes room; answers false if there is none but this one. */
  #evictClient(except: Client | null): boolean {
    const oldest = this.#clients.oldest(except);
    if (oldest === undefined) return false;
    for (const lease of oldest.leases)
      this.#endLease(oldest, lease, 'evicted', oldest.domain.liveness.lastTime);
    this.#clients.remove(oldest);
    this.evictions += 1;
    return true;
  }

  #fromClient(packet: Packet, message: DhcpMessage, client: Client): void {
    for (const lease of client.leases) {
      lease.noteDhcp(packet.time);
      // What asks for parameters alone, say a browser for its proxy, holds no lease under its identifier.
      if (message.type !== DHCP_INFORM) this.#noteIdentity(client, lease, message.clientId);
    }
    if (message.asksIpv6Only) client.asksIpv6Only = true;
    if (message.type === DHCP_DISCOVER) this.#discover(packet, message, client);
    else if (message.type === DHCP_REQUEST) this.#request(packet, message, client);
    else if (message.type === DHCP_INFORM) client.exchangeOf(message.xid).isInform = true;
    else if (message.type === DHCP_RELEASE) this.#endAddress(client, message.ciaddr, 'released', packet.time);
    else if (message.type === DHCP_DECLINE)
      this.#endAddress(client, message.requestedAddress, 'declined', packet.time);
  }

  #discover(packet: Packet, message: DhcpMessage, client: Client): void {
    const exchange = client.exchangeOf(message.xid);
    exchange.isInform = false;
    exchange.discoverTime = packet.time;
    exchange.clientId = message.clientId;
    if (client.endedByIpv6Only) return;
    for (const lease of client.leases) {
      const isPast = lease.isAcknowledged ? packet.time > lease.expiry : lease.attempts.length > 0;
      if (!isPast || !lease.wasRequested) continue;
      if (message.giaddr !== 0) {
        lease.wasAskedByRelay = true;
        continue;
      }
      const frame = cite(packet, 'discover attempt', formatDhcp(message));
      lease.addAttempt({
        time: packet.time,
        kind: 'discover',
        isAnswered: false,
        isRebootCheck: false,
        frame,
      });
      this.#watchNow(lease, packet.time);
    }
  }

  #request(packet: Packet, message: DhcpMessage, client: Client): void {
    const exchange = client.exchangeOf(message.xid);
    exchange.isInform = false;
    const address = message.ciaddr || message.requestedAddress;
    exchange.requestTime = packet.time;
    const request = cite(packet, 'request', formatDhcp(message));
    exchange.request = request;
    exchange.wants = address;
    exchange.clientId = message.clientId;
    exchange.renews = message.ciaddr;
    exchange.isUnicast = message.ciaddr !== 0 && packet.isUnicastDestination && message.giaddr === 0;
    client.noteIdentity(message.clientId);
    if (message.ciaddr !== 0) this.#renew(packet, message, client, request);
    else if (message.serverId !== 0) this.#select(packet.time, client, address);
    else if (address !== 0) this.#rebootRequest(packet.time, client, address);
  }

  /** RENEWING or REBINDING, whatever options 50 and 54 say (RFC 1541 clients carry them). */
  #renew(packet: Packet, message: DhcpMessage, client: Client, request: FrameCitation): void {
    const address = message.ciaddr;
    if (!isHostAddress(address)) return;
    let lease = client.leases.find((candidate) => candidate.address === address);
    if (lease === undefined) lease = this.#presume(client, message, packet.time);
    if (lease === undefined) return;
    lease.wasRequested = true;
    const isBroadcast = !packet.isUnicastDestination;
    // Only while nothing shows that the station was at work under this address before.
    const isRebootCheck =
      isBroadcast &&
      packet.time - client.firstTime <= this.#options.rebootSeconds &&
      !lease.isAcknowledged &&
      this.#sources.macOf(client.domain.index, address) !== client.chaddr;
    if (lease.isAcknowledged && !(packet.time > lease.t1)) return;
    if (lease.isAcknowledged && packet.time > lease.useFrom) lease.renewalWasMissed = true;
    if (message.giaddr !== 0) {
      lease.wasAskedByRelay = true;
      return;
    }
    const frame = citeAs(request, 'renewal attempt');
    lease.addAttempt({ time: packet.time, kind: 'request', isAnswered: false, isRebootCheck, frame });
    this.#watchNow(lease, packet.time);
  }

  /** A lease that was given before the capture, or out of its sight. */
  #presume(client: Client, message: DhcpMessage, time: number): Lease | undefined {
    if (client.leases.length >= MAX_LEASES || client.mayHaveHeld(message.ciaddr)) return undefined;
    const lease = this.#addLease(client, message.clientId, message.ciaddr);
    lease.start = time;
    lease.isIdentityKnown = true;
    return lease;
  }

  /** A REQUEST after an OFFER: the DISCOVER before it was answered, wherever the OFFER passed. */
  #select(time: number, client: Client, address: number): void {
    for (const lease of client.leases) {
      if (lease.address === address) lease.wasRequested = true;
      for (const attempt of lease.attempts) {
        if (attempt.kind === 'discover' && time - attempt.time <= this.#options.answerSeconds)
          attempt.isAnswered = true;
      }
    }
  }

  #rebootRequest(time: number, client: Client, address: number): void {
    for (const lease of client.leases) {
      if (lease.address !== address) continue;
      lease.wasRequested = true;
      lease.rebootUnanswered = true;
    }
    client.noteReboot(address, time);
  }

  #fromServer(packet: Packet, message: DhcpMessage, client: Client): void {
    if (message.type !== DHCP_OFFER && message.type !== DHCP_ACK && message.type !== DHCP_NAK) return;
    this.#noteVisibleServer(packet);
    this.#noteAnswers(packet, client.chaddr, client.domain);
    for (const sibling of this.#clients.ofStation(client.chaddr))
      this.#noteRebootAnswer(sibling, packet.time);
    const exchange = client.exchanges.find((candidate) => candidate.xid === message.xid);
    if (message.ipv6Only && client.asksIpv6Only) {
      client.endedByIpv6Only = true;
      for (const lease of [...client.leases]) this.#endLease(client, lease, 'ipv6-only', packet.time);
      return;
    }
    if (message.type === DHCP_ACK) this.#acknowledge(packet, message, client, exchange);
    else if (message.type === DHCP_NAK) this.#refuse(packet.time, client, exchange);
  }

  /** A server message that was unicast on layer 2 shows that this tap sees such messages. */
  #noteVisibleServer(packet: Packet): void {
    if (!packet.isUnicastDestination) return;
    const known = this.#unicastServerTimes[packet.interface];
    if (known !== undefined && !Number.isNaN(known)) return;
    this.#unicastServerTimes[packet.interface] = packet.time;
    for (const watch of this.#watchOf.values()) {
      if (watch.lease.domain.interface === packet.interface && Number.isNaN(watch.lease.unicastServerTime)) {
        watch.lease.unicastServerTime = packet.time;
      }
    }
  }

  /** Any server message to the station answers what it asked within the answer time, whatever its xid. */
  #noteAnswers(packet: Packet, chaddr: number, domain: Domain): void {
    for (const client of this.#clients.ofStation(chaddr)) {
      const early = client.domain.interface === domain.interface ? 0 : this.#options.crossInterfaceSeconds;
      for (const attempt of client.leases.flatMap((lease) => lease.attempts)) {
        const wait = packet.time - attempt.time;
        if (wait >= -early && wait <= this.#options.answerSeconds) attempt.isAnswered = true;
      }
    }
  }

  #noteRebootAnswer(client: Client, time: number): void {
    client.rebootRequests = client.rebootRequests.filter((request) => {
      if (time - request.time > this.#options.answerSeconds) return true;
      for (const lease of client.leases)
        if (lease.address === request.address) lease.rebootUnanswered = false;
      return false;
    });
  }

  #acknowledge(packet: Packet, message: DhcpMessage, client: Client, exchange: Exchange | undefined): void {
    const address = message.yiaddr;
    if (address === 0 || message.leaseSeconds < 0 || !isHostAddress(address)) return;
    if (exchange?.isInform ?? this.#clients.answersInform(client.chaddr, message.xid)) return;
    client.noteAcknowledged(address);
    client.endedByIpv6Only = false;
    let lease = client.leases.find((candidate) => candidate.address === address);
    if (message.leaseSeconds === INFINITE_LEASE) {
      if (lease) this.#endLease(client, lease, 'infinite', packet.time);
      return;
    }
    const clientId = exchange?.clientId || message.clientId;
    // The acknowledgment repeats the address that the client had, where its request was not seen.
    const isAsked = exchange !== undefined && !Number.isNaN(exchange.requestTime);
    const isRenewal = address === (isAsked ? exchange.renews : message.ciaddr);
    if (lease?.isAcknowledged && packet.time > lease.useFrom) {
      if (isRenewal) lease.renewalWasMissed = true;
      this.#endLease(client, lease, 'renewed-late', packet.time);
      lease = undefined;
    }
    this.#replaceOthers(client, address, clientId, packet.time);
    lease ??= this.#addLease(client, clientId, address);
    this.#noteIdentity(client, lease, clientId);
    lease.clientId = clientId || lease.clientId;
    lease.isIdentityKnown ||= exchange !== undefined || clientId !== '';
    this.#grant(packet, message, client, lease, exchange);
    if (isRenewal && exchange?.isUnicast) this.#noteRenewal(lease, exchange.requestTime, message.serverId);
    this.#assignElsewhere(packet, message, lease, exchange);
    this.#renewSiblings(client, lease, packet.time);
  }

  /** Sets the terms of an acknowledged lease (RFC 2131 4.4.1: time counts from the request). */
  #grant(
    packet: Packet,
    message: DhcpMessage,
    client: Client,
    lease: Lease,
    exchange: Exchange | undefined,
  ): void {
    const seconds = message.leaseSeconds;
    let start = packet.time;
    if (exchange !== undefined) {
      if (message.rapidCommit && !Number.isNaN(exchange.discoverTime)) start = exchange.discoverTime;
      else if (!Number.isNaN(exchange.requestTime)) start = exchange.requestTime;
    }
    lease.setTerms(start, seconds, message.t1Seconds, message.t2Seconds);
    lease.serverId = message.serverId;
    lease.graceSeconds = Math.min(
      this.#options.graceMaxSeconds,
      Math.max(this.#options.graceMinSeconds, this.#options.graceFraction * seconds),
    );
    lease.request = exchange?.request ?? null;
    lease.ack = cite(packet, 'lease ack', formatDhcp(message));
    lease.isRelayed = message.giaddr !== 0;
    lease.isStationSeen ||= client.isStationSeen;
    if (exchange !== undefined && exchange.wants === lease.address) lease.wasRequested = true;
    lease.clearAttempts();
    lease.rebootUnanswered = false;
    lease.renewalWasMissed = false;
    this.#watchOf.get(lease)?.leaseGranted();
  }

  #noteRenewal(lease: Lease, time: number, serverId: number): void {
    lease.noteRenewal(time);
    this.renewals.push({ time, chaddr: lease.chaddr, serverId });
    if (this.renewals.length > MAX_RENEWALS) this.renewals.splice(0, MAX_RENEWALS / 2);
  }

  /** The same identity got another address: its older lease is over. Another identity keeps its own. */
  #replaceOthers(client: Client, address: number, clientId: string, time: number): void {
    for (const other of [...client.leases]) {
      if (other.address === address) continue;
      const isOtherIdentity = other.clientId !== '' && clientId !== '' && other.clientId !== clientId;
      if (isOtherIdentity) other.hasSeveralIdentities = true;
      else this.#endLease(client, other, 'replaced', time);
    }
  }

  #noteIdentity(client: Client, lease: Lease, clientId: string): void {
    if (lease.clientId !== '' && clientId !== '' && lease.clientId !== clientId)
      lease.hasSeveralIdentities = true;
    if (client.identities.length > 1) lease.hasSeveralIdentities = true;
  }

  /** The address of a lease goes to another client: second order (rules 2.4). */
  #assignElsewhere(packet: Packet, message: DhcpMessage, next: Lease, exchange: Exchange | undefined): void {
    for (const watch of this.#byAddress.get(message.yiaddr) ?? []) {
      const lease = watch.lease;
      if (lease.domain !== next.domain || lease.chaddr === next.chaddr) continue;
      if (lease.clientId !== '' && lease.clientId === next.clientId) continue;
      const isEarly = lease.isAcknowledged && packet.time < lease.expiry - this.#options.secondEarlySeconds;
      if (isEarly || lease.second?.mac === next.chaddr) continue;
      lease.assignElsewhere({
        time: packet.time,
        mac: next.chaddr,
        serverId: message.serverId,
        isOtherIdentity: lease.isOtherIdentity(next),
        request: exchange?.request ?? null,
        ack: cite(packet, 'other client ack', formatDhcp(message)),
        uses: [],
        firstUse: null,
      });
      this.#watchNow(lease, packet.time);
      watch.watchSecond(next.chaddr);
    }
  }

  /** The same station and address in another domain: this renewal holds there as well. */
  #renewSiblings(client: Client, lease: Lease, time: number): void {
    for (const sibling of this.#clients.ofStation(client.chaddr)) {
      if (sibling === client) continue;
      for (const other of sibling.leases) {
        if (other.address !== lease.address || !other.isAcknowledged || !(other.expiry < lease.expiry))
          continue;
        if (time > other.useFrom) continue;
        other.start = lease.start;
        other.t1 = lease.t1;
        other.t2 = lease.t2;
        other.expiry = lease.expiry;
        this.#watchOf.get(other)?.leaseGranted();
      }
    }
  }

  #refuse(time: number, client: Client, exchange: Exchange | undefined): void {
    const wanted = exchange?.wants ?? 0;
    for (const lease of [...client.leases]) {
      if (wanted === 0 || lease.address === wanted) this.#endLease(client, lease, 'naked', time);
    }
  }

  #endAddress(client: Client, address: number, end: LeaseEnd, time: number): void {
    const lease = client.leases.find((candidate) => candidate.address === address);
    if (lease) this.#endLease(client, lease, end, time);
  }

  #addLease(client: Client, clientId: string, address: number): Lease {
    if (client.leases.length >= MAX_LEASES) {
      this.evictions += 1;
      this.#endLease(client, client.leases[0] as Lease, 'evicted', client.domain.liveness.lastTime);
    }
    while (this.#watchOf.size >= MAX_ALL_LEASES && this.#evictClient(client));
    const lease = new Lease(client.domain, client.chaddr, clientId, address, this.#room);
    lease.isStationSeen = client.isStationSeen;
    lease.unicastServerTime = this.#unicastServerTimes[client.domain.interface] ?? Number.NaN;
    const timers = this.#timersOf(client.domain);
    const watch = new LeaseWatch(lease, this.#options, this.#watches, timers, this.#watchOrder);
    this.#watchOf.set(lease, watch);
    const sameAddress = this.#byAddress.get(address);
    if (sameAddress) sameAddress.push(watch);
    else this.#byAddress.set(address, [watch]);
    client.addLease(lease);
    return lease;
  }

  #watchNow(lease: Lease, time: number): void {
    this.#watchOf.get(lease)?.start(time);
  }

  #endLease(client: Client, lease: Lease, end: LeaseEnd, time: number): void {
    client.removeLease(lease);
    const watch = this.#watchOf.get(lease);
    this.#watchOf.delete(lease);
    const sameAddress = this.#byAddress.get(lease.address)?.filter((candidate) => candidate !== watch) ?? [];
    if (sameAddress.length > 0) this.#byAddress.set(lease.address, sameAddress);
    else this.#byAddress.delete(lease.address);
    lease.end = end;
    lease.endTime = time;
    watch?.stop();
    // Without terms and without use, nothing is left to be judged of what was dropped.
    if (end === 'evicted' && !lease.isAcknowledged && lease.useCount === 0) {
      this.#settle(lease);
      return;
    }
    // What became of it is judged when its expiry would have passed: at the end of the clock epoch.
    this.#ended.add(lease);
    if (this.#ended.size > MAX_ENDED) this.#settle(this.#oldestEnded.next() as Lease);
  }

  #settle(lease: Lease): void {
    this.#ended.delete(lease);
    lease.provenUntil = lease.domain.liveness.lastTime;
    this.#close(lease);
    lease.leaveRoom();
  }
}
