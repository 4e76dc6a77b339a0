/** One address as it is claimed by ARP: its claimants, their claims, and what tells one IP stack from another (rules 0.4, 0.5). */
import type { FrameCitation } from '../engine/result.ts';
import { ARP_REQUEST } from '../wire/arp.ts';
import { DHCP_ACK } from '../wire/dhcp.ts';
import { formatIpv4, isInitialTtl, isLessenedTtl } from '../wire/ipv4.ts';
import { formatMac } from '../wire/mac.ts';
import { KIND_ARP, KIND_IPV4, KIND_TCP, KIND_TCP_CONTROL, type Packet } from '../wire/packet.ts';
import { ACK, RST, SYN, tcpFlags, tcpOptionOrder, tcpPorts } from '../wire/tcp.ts';
import type { ArpClaim } from './arp-claim.ts';
import { cite } from './citation.ts';
import type { Domain } from './domains.ts';
import { appended, extended, type Room } from '../tables/room.ts';
import { IdLane, type LaneSender } from './id-lane.ts';
import type { Watcher } from './watches.ts';
import type { Moment } from './moment.ts';

export type ClaimKind = 'request' | 'reply' | 'announcement' | 'corrective';

export interface Claim {
  readonly time: number;
  readonly kind: ClaimKind;
  /** The claimant: ARP sender MAC address. */
  readonly mac: number;
  /** For replies, whom they answer; else the target fields as they are. */
  readonly targetMac: number;
  readonly targetAddress: number;
  /** The address claimed. */
  readonly address: number;
  /** For replies, the number of the request answered; 0 where it was not seen. */
  readonly request: number;
  readonly frame: FrameCitation;
}

/** A DHCP message about the address. */
export interface AddressNotice {
  readonly time: number;
  readonly type: number;
  /** chaddr. */
  readonly mac: number;
  readonly frame: FrameCitation;
}

/** The option order of a SYN, and the address it goes to. */
interface Syn {
  readonly options: number;
  readonly peer: number;
}

const MAX_TIMES = 2048;
const MAX_TUPLES = 64;
/** Instead of who holds a connection. */
const SHARED = null;
const MAX_TTLS = 32;
const MAX_SYNS = 32;

/** Most claimants do nothing else: they share what is empty. */
const NONE: readonly never[] = [];

/** One station that claims an address, and what else it was seen doing since the address is contested. */
export class Claimant implements Watcher, LaneSender {
  readonly isOfSender = true;
  readonly mac: number;
  claims = 0;
  /** Times of announcements, ARP requests and IPv4 packets of this station, at most one a second. */
  activity: readonly number[] = NONE;
  /** Times at which it sent IPv4 from the address, at most one a second. */
  sourced: readonly number[] = NONE;
  firstSourced: FrameCitation | null = null;
  /** Its SYNs from the address, once each. The options of its SYN/ACKs follow the client's. */
  syns: readonly Syn[] = NONE;
  /** Of its packets from the address, for the lane. */
  latestId = 0;
  latestDestination = 0;
  readonly #owner: AddressClaims;
  /** Its unicast packets from the address by protocol and TTL: appliances send ICMP with another TTL than TCP. */
  #ttls: Map<number, number> | null = null;
  /** Protocol and TTL of its last packets, and how many of them are not in `#ttls` yet. */
  #ttl = 0;
  #run = 0;

  constructor(owner: AddressClaims, mac: number) {
    this.#owner = owner;
    this.mac = mac;
  }

  watchedPacket(packet: Packet, isSource: boolean): void {
    // Somebody else may want to see what the station receives.
    if (!isSource) return;
    if (packet.kind === KIND_ARP) {
      if (packet.network + 8 <= packet.end && packet.view.getUint16(packet.network + 6) === ARP_REQUEST) {
        this.noteActivity(packet);
      }
      return;
    }
    if (packet.kind < KIND_IPV4) return;
    this.noteActivity(packet);
    if (packet.ipSource === this.#owner.address) this.#owner.sourcedBy(this, packet);
  }

  /**
   * Most frequent TTL of its unicast IPv4 from the address if that is one hosts start from, else 0: off the link, or unseen,
   * it tells nothing about the host (rules 0.3).
   */
  get ttl(): number {
    const most = this.#mostFrequentTtl();
    return isInitialTtl(most) ? most : 0;
  }

  /**
   * True if what it sends from the address came through a router: it stands before the host, and is no second one (rules 0.2, 0.3).
   * The 1 or 2 of a protocol that never leaves its link (EIGRP, OSPF) came through none.
   */
  get isRouting(): boolean {
    return isLessenedTtl(this.#mostFrequentTtl());
  }

  /** Of one protocol, or of all; 0 if none was seen. */
  #mostFrequentTtl(protocol = -1): number {
    this.#countRun(this.#ttl);
    const [most] = [...(this.#ttls ?? [])]
      .filter(([key]) => protocol < 0 || key >>> 8 === protocol)
      .toSorted(([, a], [, b]) => b - a);
    return (most?.[0] ?? 0) & 0xff;
  }

  noteActivity(moment: Moment): void {
    this.activity = noteTime(this.activity, moment, this.#owner.timeRoom);
  }

  noteSourced(moment: Moment): void {
    this.sourced = noteTime(this.sourced, moment, this.#owner.timeRoom);
  }

  noteTtl({ protocol, ttl }: Packet): void {
    const key = protocol * 256 + ttl;
    if (key !== this.#ttl) this.#countRun(key);
    this.#run += 1;
  }

  noteSyn(options: number, peer: number): void {
    // A SYN without options is a tool's, not a stack's.
    if (options === 0 || this.syns.length >= MAX_SYNS) return;
    for (const syn of this.syns) if (syn.options === options && syn.peer === peer) return;
    this.syns = extended(this.syns, { options, peer });
  }

  /** True if another claimant's packets are another stack's: other SYNs to one peer, or another initial TTL in one protocol. */
  isOtherStack(other: Claimant): boolean {
    // What an application asks for (Multipath TCP) goes to its own servers: only SYNs to one peer are compared.
    const { syns } = other;
    const shared = this.syns.filter(({ peer }) => syns.some((syn) => syn.peer === peer));
    const isOtherSyn =
      shared.length > 0 &&
      !shared.some((own) => syns.some((syn) => syn.peer === own.peer && syn.options === own.options));
    return isOtherSyn || [...this.#protocols()].some((protocol) => this.#differsIn(protocol, other));
  }

  #differsIn(protocol: number, other: Claimant): boolean {
    const own = this.#mostFrequentTtl(protocol);
    const others = other.#mostFrequentTtl(protocol);
    return own !== others && isInitialTtl(own) && isInitialTtl(others);
  }

  #protocols(): Set<number> {
    this.#countRun(this.#ttl);
    return new Set([...(this.#ttls ?? [])].map(([key]) => key >>> 8));
  }

  /** Adds the packets of the last TTL to its count; those of `ttl` are counted from here. */
  #countRun(ttl: number): void {
    this.#ttls ??= new Map();
    if (this.#run > 0 && (this.#ttls.size < MAX_TTLS || this.#ttls.has(this.#ttl))) {
      this.#ttls.set(this.#ttl, (this.#ttls.get(this.#ttl) ?? 0) + this.#run);
    }
    this.#ttl = ttl;
    this.#run = 0;
  }

  /** True if the station showed itself in (after, after + seconds]. */
  isAliveWithin(after: number, seconds: number): boolean {
    return this.activity.some((time) => time > after && time <= after + seconds);
  }
}

/** All claims of one address in one domain and clock epoch. */
export class AddressClaims {
  readonly domain: Domain;
  readonly address: number;
  readonly firstTime: number;
  claimants: readonly Claimant[] = NONE;
  /** While contested, all claims but those folded or left out; else the first and the last one. */
  claims: readonly Claim[] = NONE;
  /** The last one while one station alone claims the address: its next claim is written over it. */
  latest: ArpClaim | null = null;
  notices: readonly AddressNotice[] = NONE;
  /** A reset from one station inside a connection of the other. */
  resetAcross: FrameCitation | null = null;
  /** Connections that were reset so. */
  resetsAcross = 0;
  /** Whether the IP identifications under all stations look like one counter's. */
  #lane: IdLane | null = null;
  isContested = false;
  /** Too many addresses were contested already when this one was: its claims were not followed. */
  isLeftOut = false;
  /** Claims inside of turns that were not kept, for they decide nothing. */
  claimsFolded = 0;
  /** The record is full: later claims are left out. */
  isFull = false;
  /** Claims that were not kept, and the time of the first of them. */
  claimsLeftOut = 0;
  completeUntil = Number.POSITIVE_INFINITY;
  /** Who holds a connection, by a hash of its other end and its ports. */
  #tuples: Map<number, Claimant | typeof SHARED> | null = null;

  /** For the times of its claimants. */
  readonly timeRoom: Room;

  constructor(domain: Domain, address: number, time: number, timeRoom: Room) {
    this.domain = domain;
    this.address = address;
    this.firstTime = time;
    this.timeRoom = timeRoom;
  }

  get lane(): IdLane {
    this.#lane ??= new IdLane();
    return this.#lane;
  }

  addClaimant(claimant: Claimant): void {
    this.claimants = extended(this.claimants, claimant);
  }

  addClaim(claim: Claim): void {
    this.claims = appended(this.claims, claim);
  }

  /** Of one claimant: the first claim stays, and this one. */
  keepLatest(claim: ArpClaim): void {
    if (this.claims.length > 0) this.latest = claim;
    this.claims = extended(this.claims.slice(0, 1), claim);
  }

  /** Who claims it, and when, is not followed. */
  leaveOut(): void {
    this.isLeftOut = true;
    this.claimsLeftOut += this.claims.length;
    this.claims = NONE;
    this.latest = null;
  }

  claimantOf(mac: number): Claimant | undefined {
    for (const claimant of this.claimants) if (claimant.mac === mac) return claimant;
    return undefined;
  }

  /** IPv4 from the address under a watched station: what tells one IP stack from another. */
  sourcedBy(claimant: Claimant, packet: Packet): void {
    claimant.noteSourced(packet);
    claimant.firstSourced ??= cite(
      packet,
      'traffic',
      `IPv4 from ${formatIpv4(this.address)} by ${formatMac(claimant.mac)}`,
    );
    // Groups are addressed with TTLs of their own (1 in IGMP, 255 in mDNS), which say nothing about the stack.
    if (packet.isUnicastDestination) claimant.noteTtl(packet);
    // TCP counts by itself on hosts that count per destination.
    this.lane.note(claimant, packet.ipId, packet.ipDestination ^ (packet.protocol << 24));
    if (packet.laterFragment || (packet.kind !== KIND_TCP && packet.kind !== KIND_TCP_CONTROL)) return;
    const flags = tcpFlags(packet);
    if ((flags & (SYN | ACK)) === SYN && packet.transport + 20 <= packet.end)
      claimant.noteSyn(tcpOptionOrder(packet), packet.ipDestination);
    this.#noteTuple(claimant, packet, (flags & RST) !== 0);
  }

  #noteTuple(claimant: Claimant, packet: Packet, isReset: boolean): void {
    // An integer, for a larger number would be allocated for every packet; 64 of them do not meet by chance.
    const key = Math.imul(Math.imul(packet.ipDestination, 0x9e3779b1) ^ tcpPorts(packet), 0x85ebca6b);
    this.#tuples ??= new Map();
    const holder = this.#tuples.get(key);
    if (holder === undefined) {
      if (!isReset && this.#tuples.size < MAX_TUPLES) this.#tuples.set(key, claimant);
      return;
    }
    if (holder === claimant || holder === SHARED) return;
    // Data under both is one host's, which sends under two MAC addresses; a reset is counted once.
    this.#tuples.set(key, SHARED);
    if (!isReset) return;
    this.resetsAcross += 1;
    this.resetAcross ??= cite(
      packet,
      'reset',
      `TCP reset from ${formatMac(claimant.mac)} in a connection of ${formatMac(holder.mac)}`,
    );
  }
}

/** True if a DHCP acknowledgment gave the address to this station in (after, until]. */
export function wasLeasedTo(claims: AddressClaims, mac: number, after: number, until: number): boolean {
  return claims.notices.some(
    (notice) => notice.type === DHCP_ACK && notice.mac === mac && notice.time > after && notice.time <= until,
  );
}

/** The times with one more, unless one within the last second is there already. Asked of each packet of a claimant. */
function noteTime(times: readonly number[], { time }: Moment, room: Room): readonly number[] {
  const { length } = times;
  // A list of its own, and so one of doubles, where each would else be an object. Before anything is read: where a list was once read
  // that is empty, each reading of a time allocates.
  if (length === 0) return room.take(0) ? [time] : times;
  const last = times[length - 1] as number;
  const isClose = time - last < 1 && time >= last;
  // The latest moment of each second is what "alive after" asks for.
  const isLatest = isClose && length >= 2 && time - (times[length - 2] as number) < 1;
  if (!isLatest && length < MAX_TIMES && room.take(length)) return appended(times, time);
  if (isLatest || !isClose) (times as number[])[length - 1] = time;
  return times;
}
