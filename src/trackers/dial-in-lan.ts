/**
 * Dial-in callers as their server's LAN shows them: the server answers ARP for each (proxy ARP) and hands their traffic on. What
 * remains of a caller whose address was not given back is a server that goes on answering ARP for it, and says "host unreachable"
 * to whoever sends to it (rules 4.5).
 */
import type { FrameCitation } from '../engine/result.ts';
import type { ArpFields } from '../wire/arp.ts';
import { ARP_REPLY, ARP_REQUEST } from '../wire/arp.ts';
import { icmpCode, undeliveredHeader } from '../wire/icmp.ts';
import { formatIpv4, isHostAddress } from '../wire/ipv4.ts';
import { formatMac, isStationMac, macHigh, macLow, macNumber } from '../wire/mac.ts';
import type { Packet } from '../wire/packet.ts';
import type { AddressWatcher } from './address-watches.ts';
import { ArpCitation, cite } from './citation.ts';
import type { Domain } from './domains.ts';
import { SubjectLiveness } from './liveness.ts';
import type { Watches } from './watches.ts';

export interface LanOptions {
  readonly lanProxied: number;
  readonly lanMaxProxied: number;
}

const MAX_SERVERS = 4096;
const MAX_WATCHED = 256;
const MAX_REQUESTS = 64;
const MAX_UNREACHABLES = 64;
const MAX_REPLIES = 16;
const MAX_ASKERS = 16;
/** Sooner after one question, another one is the same. */
const QUESTION_SECONDS = 1;
const MAX_OWN = 8;
/** Addresses of servers that are kept from earlier clock epochs. */
const MAX_PAST = 256;
const CITED_REQUESTS = 3;

/** Code of ICMP destination unreachable. */
const HOST_UNREACHABLE = 1;

/** Where a packet stands, written over by later ones: nothing is allocated for packets that nobody will cite. */
class FrameMark {
  time = Number.NaN;
  #number = 0;
  #file = 0;
  #seconds = 0.5;
  #nanos = 0;
  #precision = 6;
  #offsetBytes = 0.5;
  #capturedBytes = 0;

  set(packet: Packet): void {
    this.time = packet.time;
    this.#number = packet.number;
    this.#file = packet.file;
    this.#seconds = packet.seconds;
    this.#nanos = packet.nanos;
    this.#precision = packet.precision;
    this.#offsetBytes = packet.fileOffset;
    this.#capturedBytes = packet.capturedLength;
  }

  cite(role: string, summary: string): FrameCitation {
    return {
      number: this.#number,
      file: this.#file,
      time: { seconds: this.#seconds, nanos: this.#nanos, precision: this.#precision },
      role,
      summary,
      offsetBytes: this.#offsetBytes,
      capturedBytes: this.#capturedBytes,
    };
  }
}

/** A frame about an address. */
export interface Sign {
  readonly time: number;
  readonly frame: FrameCitation;
}

/** Of so many things that only so many are kept, those kept lie evenly over the whole time. */
class Spread<T> {
  readonly kept: T[] = [];
  readonly #most: number;
  #stride = 1;
  #skipped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** True if the next one is to be kept, which must then be added. */
  isNext(): boolean {
    this.#skipped += 1;
    if (this.#skipped < this.#stride) return false;
    this.#skipped = 0;
    return true;
  }

  add(one: T): void {
    if (this.kept.length >= this.#most) {
      let at = 0;
      for (let from = 0; from < this.kept.length; from += 2, at += 1) this.kept[at] = this.kept[from] as T;
      this.kept.length = at;
      this.#stride *= 2;
    }
    this.kept.push(one);
  }

  clear(): void {
    this.kept.length = 0;
    this.#stride = 1;
    this.#skipped = 0;
  }
}

/** An address that a server answers ARP for. */
export class ProxiedAddress implements AddressWatcher {
  readonly address: number;
  readonly server: ProxyServer;
  readonly liveness: SubjectLiveness;
  /** Traffic since the watch began. */
  sawFrom = false;
  sawTo = false;
  /** The last packet from it; its time is NaN before the first. */
  readonly lastFrom = new FrameMark();
  /** Times of IPv4 packets to it since then. */
  readonly requests = new Spread<number>(MAX_REQUESTS);
  /** Unreachables of the server about it since then. */
  readonly unreachables = new Spread<Sign>(MAX_UNREACHABLES);
  /** ARP replies of the server for it since then. */
  readonly replies = new Spread<Sign>(MAX_REPLIES);
  /** The most questions for it in a row of one asker since then, who was seen to be answered before, and now was not. */
  mostUnanswered = 0;
  /** Something came from it in a later clock epoch than its server's. */
  isBack = false;
  #unanswered = 0;
  /** Who asks, and when it asked last. */
  #asker = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Askers whose answers were captured. */
  readonly #served = new Set<number>();
  readonly #requestMarks = Array.from({ length: CITED_REQUESTS }, () => new FrameMark());

  constructor(address: number, server: ProxyServer, time: number) {
    this.address = address;
    this.server = server;
    this.liveness = new SubjectLiveness(server.domain.liveness, time);
  }

  watchedAddressPacket(packet: Packet, isSource: boolean): void {
    if (this.server.isPast) {
      if (isSource) this.isBack = true;
      return;
    }
    this.liveness.own(packet);
    if (isSource) {
      this.sawFrom = true;
      this.lastFrom.set(packet);
      this.#restart();
      return;
    }
    this.sawTo = true;
    if (!this.requests.isNext()) return;
    this.requests.add(packet.time);
    this.#requestMarks[this.requests.kept.length - 1]?.set(packet);
  }

  /** Somebody asks who has it. */
  asked({ time }: Packet, asker: number): void {
    if (
      !this.#served.has(asker) ||
      (asker === this.#asker && Math.abs(time - this.#askedAt) < QUESTION_SECONDS)
    )
      return;
    this.#unanswered = asker === this.#asker ? this.#unanswered + 1 : 1;
    this.#asker = asker;
    this.#askedAt = time;
    // The last one may still be answered.
    this.mostUnanswered = Math.max(this.mostUnanswered, this.#unanswered - 1);
  }

  /** The server answers for it. */
  replied(packet: Packet, arp: Readonly<ArpFields>): void {
    this.#unanswered = 0;
    if (this.#served.size < MAX_ASKERS) this.#served.add(arp.targetAddress);
    if (this.server.isPast || !this.replies.isNext()) return;
    this.replies.add({ time: packet.time, frame: new ArpCitation(packet, arp, 'arp reply') });
  }

  watchedAddressDuplicate(packet: Packet): void {
    if (!this.server.isPast) this.liveness.own(packet);
  }

  get requestFrames(): FrameCitation[] {
    const summary = `IPv4 to ${formatIpv4(this.address)}`;
    const { length } = this.requests.kept;
    return this.#requestMarks.slice(0, length).map((mark) => mark.cite('request', summary));
  }

  #restart(): void {
    if (this.requests.kept.length > 0) this.requests.clear();
    if (this.unreachables.kept.length > 0) this.unreachables.clear();
    if (this.replies.kept.length > 0) this.replies.clear();
    this.#unanswered = 0;
    this.#asker = 0;
    this.mostUnanswered = 0;
  }
}

/** A station that answers ARP for other addresses than its own. */
export class ProxyServer {
  readonly domain: Domain;
  readonly mac: number;
  /** Clock epoch of its interface. */
  readonly epoch: number;
  /** Addresses that it names as its own, or sends ICMP errors from. */
  readonly own = new Set<number>();
  /** Addresses that it answered for, its own ones not left out. */
  readonly answered = new Map<number, ProxiedAddress | null>();
  /** So many of them that it answers for a whole prefix. */
  isGeneric = false;
  /** There was no room to watch all of them. */
  isUnwatched = false;
  /** The end of its clock epoch; NaN while that goes on. */
  #endTime = Number.NaN;

  constructor(domain: Domain, mac: number, epoch: number) {
    this.domain = domain;
    this.mac = mac;
    this.epoch = epoch;
  }

  /** Its clock epoch is over. */
  get isPast(): boolean {
    return !Number.isNaN(this.#endTime);
  }

  /** Up to where it was seen. */
  get lastTime(): number {
    return this.isPast ? this.#endTime : this.domain.liveness.lastTime;
  }

  /** It said of one of them that it cannot be reached. */
  get hasUnreachables(): boolean {
    return [...this.answered.values()].some(
      (proxied) => proxied !== null && proxied.unreachables.kept.length > 0,
    );
  }

  /** Its clock epoch ends. */
  end(): void {
    this.#endTime = this.domain.liveness.lastTime;
  }

  get proxied(): number[] {
    return [...this.answered.keys()].filter((address) => !this.own.has(address));
  }

  noteOwn(address: number): void {
    if (this.own.size < MAX_OWN && isHostAddress(address)) this.own.add(address);
  }
}

/** A station that answered ARP, before it answered for a second address. */
interface Answerer {
  readonly domain: Domain;
  readonly mac: number;
  address: number;
  own: number;
  server: ProxyServer | null;
}

/**
 * Stations whose ARP packets say nothing new of them: the address that each asks or announces for, and the only one it answers for.
 * 16 bytes each: 0 domain and upper MAC address | 1 lower MAC address | 2 asks for | 3 answers for.
 */
const USUAL_PLACES = 1024;
const USUAL_WORDS = 4;
const ASKS = 2;
const ANSWERS = 3;

export class LanView {
  evictions = 0;
  readonly #usual = new Int32Array(USUAL_PLACES * USUAL_WORDS);
  readonly #options: LanOptions;
  readonly #watches: Watches;
  readonly #answerers = new Map<number, Answerer[]>();
  readonly #servers: ProxyServer[] = [];
  /** Those of earlier clock epochs that may have lost an address. */
  readonly #past: ProxyServer[] = [];
  readonly #epochOf: (interfaceIndex: number) => number;
  #pastAddresses = 0;
  #count = 0;
  #watched = 0;

  constructor(options: LanOptions, watches: Watches, epochOf: (interfaceIndex: number) => number) {
    this.#options = options;
    this.#watches = watches;
    this.#epochOf = epochOf;
  }

  /** Of all clock epochs; asked for at the end. */
  get servers(): readonly ProxyServer[] {
    return [...this.#past, ...this.#servers];
  }

  /** An ARP packet, duplicates removed. */
  arp(packet: Packet, arp: Readonly<ArpFields>, domain: Domain): void {
    const { senderMac: mac, senderAddress: address } = arp;
    const isReply = arp.operation === ARP_REPLY && address !== arp.targetAddress;
    if (arp.operation === ARP_REQUEST && this.#watched + this.#past.length > 0)
      this.#asked(packet, arp, domain);
    if (packet.sourceHigh < 0 || macNumber(packet.sourceHigh, packet.sourceLow) !== mac) return;
    if (isReply && this.#past.length > 0) this.#repliedLater(packet, arp, domain);
    const usual = this.#usualOf(domain, mac);
    if (usual >= 0 && this.#usual[usual + (isReply ? ANSWERS : ASKS)] === address) return;
    if (!isHostAddress(address) || !isStationMac(mac)) return;
    const answerer = this.#answererOf(domain, mac);
    if (answerer === undefined) return;
    if (!isReply) {
      answerer.own = address;
      answerer.server?.noteOwn(address);
      this.#noteUsual(answerer, ASKS, address);
      return;
    }
    if (answerer.address === 0) answerer.address = address;
    if (answerer.address === address && answerer.server === null) {
      this.#noteUsual(answerer, ANSWERS, address);
      return;
    }
    const server = answerer.server ?? this.#makeServer(answerer);
    if (!server.answered.has(address) && !server.isGeneric) this.#addAnswered(packet, server, address);
    server.answered.get(address)?.replied(packet, arp);
  }

  /** True if the ICMP packet says "host unreachable" and there is a server that might say so of a caller. */
  wants(packet: Packet): boolean {
    return (
      this.#servers.length > 0 && undeliveredHeader(packet) >= 0 && icmpCode(packet) === HOST_UNREACHABLE
    );
  }

  /** Such a packet, duplicates removed. */
  unreachable(packet: Packet): void {
    const target = packet.view.getInt32(undeliveredHeader(packet) + 16);
    const mac = packet.sourceHigh < 0 ? Number.NaN : macNumber(packet.sourceHigh, packet.sourceLow);
    const server = this.#servers.find(
      (candidate) => candidate.mac === mac && candidate.domain.index === packet.domain,
    );
    if (server === undefined) return;
    if (!server.answered.get(packet.ipSource)?.sawFrom) server.noteOwn(packet.ipSource);
    const proxied = server.answered.get(target);
    if (!proxied?.unreachables.isNext()) return;
    const summary = `ICMP host unreachable: ${formatIpv4(target)}, by ${formatMac(server.mac)}`;
    proxied.unreachables.add({ time: packet.time, frame: cite(packet, 'unreachable', summary) });
  }

  /** The clock epoch ends: what is watched begins anew. */
  restart(interfaceIndex: number): void {
    this.#usual.fill(0);
    const stale = this.#servers.filter((server) => server.domain.interface === interfaceIndex);
    for (const server of stale) {
      if (!this.#keep(server)) this.#stopWatching(server);
      this.#servers.splice(this.#servers.indexOf(server), 1);
    }
    for (const answerers of this.#answerers.values()) {
      for (const answerer of answerers) {
        if (answerer.domain.interface !== interfaceIndex) continue;
        answerer.server = null;
        answerer.address = 0;
      }
    }
  }

  #asked(packet: Packet, { senderAddress, targetAddress }: Readonly<ArpFields>, domain: Domain): void {
    if (senderAddress === targetAddress) return;
    for (const list of [this.#servers, this.#past])
      for (const server of list)
        if (server.domain === domain) server.answered.get(targetAddress)?.asked(packet, senderAddress);
  }

  #repliedLater(packet: Packet, arp: Readonly<ArpFields>, domain: Domain): void {
    for (const past of this.#past)
      if (past.domain === domain && past.mac === arp.senderMac)
        past.answered.get(arp.senderAddress)?.replied(packet, arp);
  }

  /** What was seen on one side of a step stays valid (rules 0.2), unless the address comes back to life on the other. */
  #keep(server: ProxyServer): boolean {
    if (server.isGeneric || !server.hasUnreachables) return false;
    const watched = [...server.answered.values()].filter((proxied) => proxied !== null);
    if (this.#pastAddresses + watched.length > MAX_PAST) {
      this.evictions += 1;
      return false;
    }
    this.#pastAddresses += watched.length;
    this.#watched -= watched.length;
    for (const { liveness } of watched) liveness.end();
    server.end();
    this.#past.push(server);
    return true;
  }

  #answererOf(domain: Domain, mac: number): Answerer | undefined {
    const same = this.#answerers.get(mac);
    const known = same?.find((answerer) => answerer.domain === domain);
    if (known) return known;
    if (this.#count >= MAX_SERVERS) {
      this.evictions += 1;
      return undefined;
    }
    const answerer: Answerer = { domain, mac, address: 0, own: 0, server: null };
    if (same) same.push(answerer);
    else this.#answerers.set(mac, [answerer]);
    this.#count += 1;
    return answerer;
  }

  /** Where it is noted what the station asks and answers for, or -1. */
  #usualOf(domain: Domain, mac: number): number {
    const at = usualPlaceOf(mac);
    const isStation = this.#usual[at] === usualKeyOf(domain, mac) && this.#usual[at + 1] === macLow(mac);
    return isStation ? at : -1;
  }

  #noteUsual({ domain, mac }: Answerer, word: number, address: number): void {
    const words = this.#usual;
    const at = usualPlaceOf(mac);
    if (this.#usualOf(domain, mac) < 0) {
      words[at] = usualKeyOf(domain, mac);
      words[at + 1] = macLow(mac);
      words[at + ASKS] = 0;
      words[at + ANSWERS] = 0;
    }
    words[at + word] = address;
  }

  #makeServer(answerer: Answerer): ProxyServer {
    const { domain, mac } = answerer;
    const server = new ProxyServer(domain, mac, this.#epochOf(domain.interface));
    answerer.server = server;
    this.#noteUsual(answerer, ANSWERS, 0);
    if (answerer.own !== 0) server.noteOwn(answerer.own);
    server.answered.set(answerer.address, null);
    this.#servers.push(server);
    return server;
  }

  #addAnswered(packet: Packet, server: ProxyServer, address: number): void {
    server.answered.set(address, null);
    const { proxied } = server;
    if (proxied.length > this.#options.lanMaxProxied) {
      server.isGeneric = true;
      this.#stopWatching(server);
      return;
    }
    if (proxied.length < this.#options.lanProxied || server.isUnwatched) return;
    for (const one of proxied) {
      if (server.answered.get(one) !== null) continue;
      const watch = new ProxiedAddress(one, server, packet.time);
      if (this.#watched < MAX_WATCHED && this.#watches.addAddress(server.domain.index, one, watch)) {
        this.#watched += 1;
        server.answered.set(one, watch);
      } else {
        watch.liveness.close();
        server.isUnwatched = true;
        this.evictions += 1;
        return;
      }
    }
  }

  #stopWatching(server: ProxyServer): void {
    for (const proxied of server.answered.values()) {
      if (proxied === null) continue;
      this.#watches.removeAddress(server.domain.index, proxied.address, proxied);
      this.#watched -= 1;
      proxied.liveness.close();
    }
  }
}

function usualPlaceOf(mac: number): number {
  return (Math.imul(macLow(mac), 0x9e3779b1) >>> 22) * USUAL_WORDS;
}

function usualKeyOf(domain: Domain, mac: number): number {
  return (domain.index << 16) | macHigh(mac);
}
