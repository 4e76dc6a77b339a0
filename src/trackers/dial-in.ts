/**
 * Dial-in: callers of PPP servers over PPTP, L2TP, PPPoE and lines of their own, the accounting of their sessions, and what the
 * LAN behind the server shows of them (rules 4). A packet is first read, which also takes note of data; only if it turns out to be
 * a control packet is it worth the look-up of duplicates and then taken in.
 */
import type { ArpFields } from '../wire/arp.ts';
import type { DhcpMessage } from '../wire/dhcp.ts';
import { decodeGre, GRE_OK, GreHeader } from '../wire/gre.ts';
import { PROTOCOL_GRE } from '../wire/ipv4.ts';
import { decodeL2tp, L2TP_OK, L2TP_PORT, L2tpMessage } from '../wire/l2tp.ts';
import { macFamily } from '../wire/mac.ts';
import {
  KIND_ICMP,
  KIND_IPV4_TUNNEL,
  KIND_LINK_TUNNEL,
  KIND_PPP,
  KIND_RADIUS,
  type Packet,
} from '../wire/packet.ts';
import {
  decodePppFrame,
  isPppControl,
  multilinkPayload,
  PPP_MULTILINK,
  PPP_OK,
  PppFrame,
} from '../wire/ppp.ts';
import { pppDirection } from '../wire/ppp-link.ts';
import {
  decodePppoe,
  PPPOE_DISCOVERY_TYPE,
  PPPOE_OK,
  PPPOE_SESSION,
  PPPOE_SESSION_TYPE,
  PppoeHeader,
} from '../wire/pppoe.ts';
import { RadiusMessage } from '../wire/radius.ts';
import type { Copies } from './copies.ts';
import type { Call, SideOrNone } from './dial-in-call.ts';
import { AddressUses } from './address-use.ts';
import { Carriers } from './dial-in-carriers.ts';
import { type LanOptions, LanView } from './dial-in-lan.ts';
import { type Assignment, type PoolHistory, type PoolOptions, poolsOf } from './dial-in-pool.ts';
import type { CallRegister, DialInLink, PppOptions } from './dial-in-ppp.ts';
import { RadiusSessions } from './dial-in-radius.ts';
import { ControlStreams } from './dial-in-streams.ts';
import type { Domain } from './domains.ts';
import { Names } from './names.ts';
import type { TupleFilter } from './tuple-filter.ts';
import type { Watches } from './watches.ts';

export interface DialInOptions extends PppOptions, PoolOptions, LanOptions {}

/** Calls kept; when there are more, the oldest eighth makes room. */
const MAX_CALLS = 4096;
/** Of the first of them, the liveness without their own packets is followed. */
const MAX_WATCHED_CALLS = 1024;
const MAX_BUNDLES = 1024;
const MAX_LEASED = 4096;
/** Networks on which the callers of lines may show themselves. */
const MAX_LANS = 4;

/** What a packet was read to be. */
const NOTHING = 0;
const PPP_CONTROL = 1;
const PPPOE_DISCOVERY = 2;
const L2TP_CONTROL = 3;
const RADIUS = 4;
const UNREACHABLE = 5;

export class DialInTracker implements CallRegister {
  readonly options: DialInOptions;
  readonly lan: LanView;
  /** Packets whose PPP was looked into, of those that count as inside a tunnel. */
  examined = 0;
  /** Addresses that a dial-in server leases by DHCP for its callers (Q150281, Q177648). */
  readonly leased = new Set<number>();
  /** What is seen of callers' addresses outside their calls. */
  readonly uses: AddressUses;
  readonly #lans = new Set<Domain>();
  #evictedCalls = 0;
  readonly #domainOf: (index: number) => Domain;
  readonly #epochs: number[] = [];
  readonly #epochOf = (interfaceIndex: number): number => this.#epochs[interfaceIndex] ?? 0;
  readonly #carriers: Carriers;
  readonly #streams: ControlStreams;
  /** Of users, by PPP and RADIUS, and of servers that challenge them. */
  readonly names = new Names();
  readonly #radius = new RadiusSessions(this.names, this.#epochOf);
  readonly #calls = new Set<Call>();
  readonly #bundles = new Map<string, Call>();
  readonly #gre = new GreHeader();
  readonly #l2tp = new L2tpMessage();
  readonly #pppoe = new PppoeHeader();
  readonly #message = new RadiusMessage();
  readonly #frame = new PppFrame();
  #meaning = NOTHING;
  #link: DialInLink | null = null;
  #side: SideOrNone = -1;
  #wireEnd = 0;

  constructor(
    options: DialInOptions,
    domainOf: (index: number) => Domain,
    filter: TupleFilter,
    watches: Watches,
  ) {
    this.options = options;
    this.#domainOf = domainOf;
    this.lan = new LanView(options, watches, this.#epochOf);
    this.uses = new AddressUses(watches, this.#epochOf);
    this.#carriers = new Carriers(this, domainOf, this.#epochOf);
    this.#streams = new ControlStreams(filter, this.#carriers);
  }

  /** What was forgotten because there was too much of it. */
  get evictions(): number {
    const { table } = this.#carriers;
    return (
      this.#evictedCalls +
      table.evictions +
      this.#streams.evictions +
      this.#radius.evictions +
      this.lan.evictions +
      this.uses.evictions
    );
  }

  /** True for kinds of packets that `read` wants to see. */
  static isRead(kind: number): boolean {
    return (
      kind === KIND_IPV4_TUNNEL ||
      kind === KIND_LINK_TUNNEL ||
      kind === KIND_PPP ||
      kind === KIND_RADIUS ||
      kind === KIND_ICMP
    );
  }

  /** Reads a packet of one of these kinds; answers true if it is to be taken in, once it proves to be no duplicate. */
  read(packet: Packet): boolean {
    this.#meaning = NOTHING;
    const { kind } = packet;
    if (kind === KIND_PPP) this.#readPpp(packet, null, 0, packet.network, packet.wireEnd);
    else if (kind === KIND_LINK_TUNNEL) this.#readPppoe(packet);
    else if (kind === KIND_RADIUS) this.#meaning = RADIUS;
    else if (kind === KIND_ICMP) this.#meaning = this.lan.wants(packet) ? UNREACHABLE : NOTHING;
    else if (packet.protocol === PROTOCOL_GRE) this.#readGre(packet);
    else this.#readL2tp(packet);
    return this.#meaning !== NOTHING;
  }

  /** Takes in the packet that was just read. */
  take(packet: Packet): void {
    switch (this.#meaning) {
      case PPP_CONTROL:
        this.#link?.control(packet, this.#side, this.#frame.protocol, this.#frame.information, this.#wireEnd);
        break;
      case PPPOE_DISCOVERY:
        this.#carriers.pppoeDiscovery(packet, this.#pppoe);
        break;
      case L2TP_CONTROL:
        this.#carriers.l2tpControl(packet, this.#l2tp);
        break;
      case RADIUS:
        this.#takeRadius(packet);
        break;
      case UNREACHABLE:
        this.lan.unreachable(packet);
        break;
      default:
    }
  }

  /** An IP packet on a line: the call on it is up. */
  lineData(packet: Packet): void {
    this.#carriers.line(packet).data(packet, pppDirection(packet) as SideOrNone);
  }

  /** A TCP segment with SYN, FIN or RST. */
  tcpControl(packet: Packet, copies: Copies): void {
    this.#streams.control(packet, copies);
  }

  /** A TCP segment that passed the filter of followed connections. */
  segment(packet: Packet): void {
    this.#streams.segment(packet);
  }

  arp(packet: Packet, arp: Readonly<ArpFields>, domain: Domain): void {
    if (this.#lans.size < MAX_LANS) this.#lans.add(domain);
    this.lan.arp(packet, arp, domain);
  }

  /** Addresses that a dial-in server leases for its callers do not come from a static pool. */
  dhcp(message: Readonly<DhcpMessage>): void {
    if (macFamily(message.chaddr) !== 'ras' && !message.clientId.startsWith('52415320')) return;
    for (const address of [message.yiaddr, message.ciaddr, message.requestedAddress])
      if (address !== 0 && this.leased.size < MAX_LEASED) this.leased.add(address);
  }

  callStarted(call: Call): void {
    if (this.#calls.size >= MAX_CALLS) {
      for (const oldest of this.#calls) {
        if (this.#calls.size <= MAX_CALLS - MAX_CALLS / 8) break;
        this.#calls.delete(oldest);
        oldest.liveness?.close();
        this.#evictedCalls += 1;
      }
    }
    this.#calls.add(call);
  }

  addressGiven(address: number, { carrier, domain }: DialInLink): void {
    this.uses.watch(address, domain);
    if (carrier === 'line') for (const lan of this.#lans) this.uses.watch(address, lan);
  }

  mayWatch(): boolean {
    return this.#calls.size < MAX_WATCHED_CALLS;
  }

  bundleOf(call: Call): Call | undefined {
    const { names, endpoints, carrier, domain, epoch } = call;
    const place = carrier === 'line' ? '' : String(domain.index);
    const key = JSON.stringify([carrier, place, epoch, ...names, ...endpoints]);
    const first = this.#bundles.get(key);
    if (first !== undefined && first !== call) {
      const other = first.network.calls.find((candidate) => candidate !== call);
      if (other !== undefined) return other;
    }
    if (this.#bundles.size >= MAX_BUNDLES) this.#bundles.delete(this.#bundles.keys().next().value ?? '');
    this.#bundles.set(key, call);
    return undefined;
  }

  /** Addresses that DHCP or RADIUS gave to callers, of these assignments; asked for at the end. */
  givenElsewhere(assignments: readonly Assignment[]): Set<number> {
    const isElsewhere = (one: Assignment): boolean =>
      this.leased.has(one.address) || this.#radius.isGranted(one);
    return new Set(assignments.filter(isElsewhere).map(({ address }) => address));
  }

  /** A new clock epoch began on an interface. */
  closeInterface(index: number): void {
    const epoch = this.#epochOf(index);
    this.#epochs[index] = epoch + 1;
    this.#carriers.restart(index);
    for (const call of this.#calls)
      if (call.domain.interface === index && call.epoch === epoch) call.conclude();
    this.#radius.restart(index);
    this.lan.restart(index);
    this.uses.restart(index, epoch);
  }

  /** The capture ended: what was waited for until its last packet did not come. */
  finish(): void {
    let latest = Number.NEGATIVE_INFINITY;
    for (const link of this.#carriers.links()) {
      const { lastTime } = link.domain.liveness;
      if (lastTime > latest) latest = lastTime;
    }
    for (const link of this.#carriers.links()) link.settle(latest);
  }

  /** The servers that were seen, each with what became of its addresses; asked for at the end. */
  pools(): { readonly ppp: PoolHistory[]; readonly radius: PoolHistory[] } {
    return { ppp: poolsOf([...this.#calls], this.options), radius: this.#radius.pools() };
  }

  /** True if IPCP was negotiated anywhere, whether or not that shows a server. */
  get sawIpcp(): boolean {
    return [...this.#calls].some((call) => call.network.requests.some((run) => run.count > 0));
  }

  /** True if a station answers ARP for addresses that are given to callers; asked for at the end. */
  proxiesForCallers(domain: number, mac: number): boolean {
    const servers = this.lan.servers.filter((one) => one.domain.index === domain && one.mac === mac);
    if (servers.length === 0 || servers.some(({ isGeneric }) => isGeneric)) return false;
    const { ppp, radius } = this.pools();
    const given = new Set(
      [...ppp, ...radius].flatMap(({ assignments }) => assignments).map((one) => one.address),
    );
    return servers.some(({ proxied }) => proxied.some((address) => given.has(address)));
  }

  #readPppoe(packet: Packet): void {
    const { etherType } = packet;
    if (etherType !== PPPOE_SESSION_TYPE && etherType !== PPPOE_DISCOVERY_TYPE) return;
    const header = this.#pppoe;
    if (decodePppoe(packet.view, packet.network, packet.end, packet.wireEnd, header) !== PPPOE_OK) return;
    this.examined += 1;
    if (header.code !== PPPOE_SESSION) {
      this.#meaning = PPPOE_DISCOVERY;
      return;
    }
    const direction = this.#carriers.pppoe(packet, header.session);
    this.#readPpp(packet, direction.link, direction.side, header.payload, header.payloadEnd);
  }

  #readGre(packet: Packet): void {
    const header = this.#gre;
    if (packet.laterFragment) return;
    const status = decodeGre(packet.view, packet.transport, packet.end, packet.ipEnd, header);
    if (status !== GRE_OK) return;
    this.examined += 1;
    // A bare acknowledgment says nothing of the call.
    if (header.payload === header.payloadEnd) return;
    const direction = this.#carriers.gre(packet, header.call);
    this.#readPpp(packet, direction.link, direction.side, header.payload, header.payloadEnd);
  }

  #readL2tp(packet: Packet): void {
    const { view, transport } = packet;
    if (packet.protocol !== 17 || packet.laterFragment) return;
    if (view.getUint16(transport + 2) !== L2TP_PORT && view.getUint16(transport) !== L2TP_PORT) return;
    const wireEnd = Math.min(packet.ipEnd, transport + view.getUint16(transport + 4));
    const status = decodeL2tp(view, transport + 8, packet.end, wireEnd, this.#l2tp);
    if (status !== L2TP_OK && !(this.#l2tp.isControl && this.#l2tp.type !== 0)) return;
    this.examined += 1;
    if (this.#l2tp.isControl) {
      if (this.#l2tp.type !== 0) this.#meaning = L2TP_CONTROL;
      return;
    }
    const direction = this.#carriers.l2tp(packet, this.#l2tp);
    this.#readPpp(packet, direction.link, direction.side, this.#l2tp.payload, this.#l2tp.payloadEnd);
  }

  #readPpp(
    packet: Packet,
    known: DialInLink | null,
    knownSide: SideOrNone,
    at: number,
    wireEnd: number,
  ): void {
    const { view, end } = packet;
    const frame = this.#frame;
    if (decodePppFrame(view, at, end, wireEnd, frame) !== PPP_OK) return;
    const link = known ?? this.#carriers.line(packet);
    const side = known === null ? (pppDirection(packet) as SideOrNone) : knownSide;
    if (frame.protocol === PPP_MULTILINK) {
      const inner = multilinkPayload(view, frame.information, end, link.call?.usesShortSequence ?? false);
      if (inner >= 0) decodePppFrame(view, inner, end, wireEnd, frame);
    }
    if (!isPppControl(frame.protocol)) {
      link.data(packet, side);
      return;
    }
    this.#link = link;
    this.#side = side;
    this.#wireEnd = wireEnd;
    this.#meaning = PPP_CONTROL;
  }

  #takeRadius(packet: Packet): void {
    const { view, transport } = packet;
    const datagramEnd = transport + view.getUint16(transport + 4);
    // The rest of a fragmented message is elsewhere, which is as if it had been cut.
    const end = Math.min(packet.end, packet.ipEnd, datagramEnd);
    const status = this.#message.decode(view, transport + 8, end, datagramEnd);
    this.#radius.message(packet, this.#message, status, this.#domainOf(packet.domain));
  }
}
