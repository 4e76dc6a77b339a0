/**
 * Who claims an IPv4 address by ARP (rules 0.4): per domain and address, the ordered claims. The claimant is
 * the ARP sender MAC address. While an address has one claimant, only its first and last claim are kept; with
 * the second one the address is contested, every claim that can decide anything is kept, and both stations are watched for signs
 * of life.
 */
import type { FrameCitation } from '../engine/result.ts';
import { ARP_REPLY, ARP_REQUEST, type ArpFields } from '../wire/arp.ts';
import { BOOT_REPLY, DHCP_ACK, DHCP_DECLINE, type DhcpMessage, formatDhcp } from '../wire/dhcp.ts';
import { isHostAddress } from '../wire/ipv4.ts';
import { isStationMac, macFamily, macNumber } from '../wire/mac.ts';
import type { Packet } from '../wire/packet.ts';
import { Oldest } from '../tables/oldest.ts';
import { extended, Room } from '../tables/room.ts';
import { ArpClaim } from './arp-claim.ts';
import { ArpCitation, cite, citeAs } from './citation.ts';
import {
  AddressClaims,
  type AddressNotice,
  type Claim,
  Claimant,
  type ClaimKind,
} from './claimed-address.ts';
import { type Domain, keyOf, type OfEpoch, ofEpoch } from './domains.ts';
import { LatestClaims } from './latest-claims.ts';
import { noteContested, noteRarp, remember, type Stations } from './stations.ts';
import { type FoldTimes, foldTurns } from './turn-folding.ts';
import type { Watches } from './watches.ts';

/** A probe that was answered, whereupon the prober declined the address: a conflict that did not happen. */
export interface AvertedConflict {
  readonly domain: Domain;
  readonly address: number;
  readonly owner: number;
  readonly prober: number;
  readonly frames: readonly FrameCitation[];
}

export interface ClaimTimes extends FoldTimes {
  /** How soon the owner answers an announcement or a probe. */
  readonly answerSeconds: number;
}

export const MAX_CLAIMANTS = 16;
const MAX_ADDRESSES = 16_384;
const MAX_CONTESTED = 1024;
const MAX_CLAIMS = 2048;
/** Claims on contested addresses kept in all; beyond that an address keeps its first few only. */
const MAX_ALL_CLAIMS = 24_576;
const SURE_CLAIMS = 16;
/** Folding that frees less than this part of the claims is not worth its time: they are turns, and there are too many. */
const WORTHWHILE = 0.25;
/** DHCP messages about an address, the first of them that stay, and those of all addresses. */
const MAX_NOTICES = 64;
const FIRST_NOTICES = 8;
const MAX_ALL_NOTICES = 8192;
/** Times of all claimants, and of each. */
const MAX_ALL_TIMES = 131_072;
const SURE_TIMES = 8;
const MAX_RECENT = 4096;
/** How long a probe may wait for its answer and the decline that follows it. */
const PROBE_MEMORY_SECONDS = 60;

interface Probe extends OfEpoch {
  mac: number;
  time: number;
  frame: FrameCitation;
  answeredBy: number;
  answer: FrameCitation | null;
}

/** First messages about an address that nobody claimed yet. */
interface PendingNotices extends OfEpoch {
  readonly notices: readonly AddressNotice[];
}

export class AddressClaimTracker {
  readonly averted: AvertedConflict[] = [];
  /** Addresses that were not tracked because there were too many. */
  evictions = 0;
  /** Claims of contested addresses that found no room in the record. */
  claimsLeftOut = 0;
  readonly #times: ClaimTimes;
  readonly #stations: Stations;
  readonly #watches: Watches;
  readonly #byDomain: Array<Map<number, AddressClaims>> = [];
  /** Per interface, the domains in which addresses are open: most steps of a clock find none. */
  readonly #open: Domain[][] = [];
  readonly #latest = new LatestClaims();
  readonly #probes = new Map<number, Probe>();
  readonly #notices = new Map<number, PendingNotices>();
  readonly #oldestProbes = new Oldest(this.#probes);
  readonly #oldestNotices = new Oldest(this.#notices);
  readonly #close: (claims: AddressClaims) => void;
  #count = 0;
  #contested = 0;
  /** Claims kept on contested addresses. */
  #kept = 0;
  readonly #noticeRoom = new Room(MAX_ALL_NOTICES, 1);
  readonly #timeRoom = new Room(MAX_ALL_TIMES, SURE_TIMES);

  constructor(
    times: ClaimTimes,
    stations: Stations,
    watches: Watches,
    close: (claims: AddressClaims) => void,
  ) {
    this.#times = times;
    this.#stations = stations;
    this.#watches = watches;
    this.#close = close;
  }

  /** An ARP packet, duplicates already removed. */
  arp(packet: Packet, arp: Readonly<ArpFields>, domain: Domain): void {
    if (packet.sourceHigh < 0) return;
    const { operation, senderMac, senderAddress, targetAddress } = arp;
    const isProbed = operation === ARP_REPLY && this.#probeOf(domain, senderAddress) !== undefined;
    if (!isProbed && this.#latest.repeats(packet, arp, domain)) return;
    const ethernetSource = macNumber(packet.sourceHigh, packet.sourceLow);
    if (operation !== ARP_REQUEST && operation !== ARP_REPLY) return;
    if (!isStationMac(ethernetSource) || !isStationMac(senderMac)) return;
    if (senderAddress === 0) {
      if (operation === ARP_REQUEST) this.#probe(packet, arp, domain);
      return;
    }
    if (!isHostAddress(senderAddress)) return;
    const kind = this.#kindOf(packet, arp, domain, ethernetSource);
    if (kind === null) {
      // An address that was seen under its own MAC address before has moved behind this one; a bridge translates from the start.
      if (this.#stations.isOnLink(domain.index, senderAddress)) return;
      const bridge = this.#stations.of(domain.index, ethernetSource);
      if (bridge) bridge.translated = remember(bridge.translated, senderAddress);
      return;
    }
    this.#noteStation(domain, arp, kind);
    if (operation === ARP_REQUEST && targetAddress !== senderAddress)
      this.#latest.ask(domain, arp, packet.time);
    this.#claim(packet, arp, domain, kind);
  }

  /** RARP from a station: it announces a move (virtual machines). */
  rarp(packet: Packet, domain: Domain): void {
    if (packet.sourceHigh < 0) return;
    const station = this.#stations.of(domain.index, macNumber(packet.sourceHigh, packet.sourceLow));
    if (station) noteRarp(station, packet.time);
  }

  /**
   * A DHCP message: which address it is about, and whether it ends a probe. An answer whose type is cut may acknowledge, and
   * then excuses (rules 0.1).
   */
  dhcp(packet: Packet, message: Readonly<DhcpMessage>, domain: Domain, isCut: boolean): void {
    const type = isCut && message.operation === BOOT_REPLY ? message.type || DHCP_ACK : message.type;
    const address = message.yiaddr || message.ciaddr || message.requestedAddress;
    if (address === 0 || Number.isNaN(message.chaddr) || type === 0) return;
    const notice: AddressNotice = {
      time: packet.time,
      type,
      mac: message.chaddr,
      frame: cite(packet, message.type === DHCP_DECLINE ? 'decline' : 'dhcp', formatDhcp(message)),
    };
    const claims = this.#byDomain[domain.index]?.get(address);
    if (claims !== undefined) claims.notices = this.#withNotice(claims.notices, notice);
    else this.#notePending(domain, address, notice);
    if (message.type === DHCP_DECLINE) this.#declined(domain, message.requestedAddress || address, notice);
  }

  /** Closes everything on an interface: a new clock epoch began, or (null) the capture ended. */
  closeInterface(interfaceIndex: number | null): void {
    if (interfaceIndex !== null) {
      for (const domain of this.#open[interfaceIndex]?.splice(0) ?? []) this.#closeDomain(domain.index);
      return;
    }
    for (const domains of this.#open) domains?.splice(0);
    for (const index of this.#byDomain.keys()) this.#closeDomain(index);
  }

  /** Gives its memory back; no packet may come any more. */
  release(): void {
    this.#latest.release();
  }

  #closeDomain(index: number): void {
    const addresses = this.#byDomain[index];
    if (addresses === undefined) return;
    for (const claims of addresses.values()) {
      for (const claimant of claims.claimants) {
        this.#watches.remove(index, claimant.mac, claimant);
        this.#timeRoom.give(claimant.activity.length + claimant.sourced.length);
      }
      if (claims.isContested) {
        this.#contested -= 1;
        this.#kept -= claims.claims.length;
      }
      this.#count -= 1;
      this.#latest.close(claims.domain, claims.address);
      addresses.delete(claims.address);
      this.#noticeRoom.give(claims.notices.length);
      this.#close(claims);
    }
  }

  /**
   * A reply that names its address twice answers an announcement if it goes to somebody who claims the address, too, or names
   * that station while it is broadcast (RFC 5227 2.6). To anybody else it is an announcement that its sender addresses to
   * single stations.
   */
  #kindOf(
    packet: Packet,
    arp: Readonly<ArpFields>,
    domain: Domain,
    ethernetSource: number,
  ): ClaimKind | null {
    const kind = claimKind(packet, arp, ethernetSource);
    const isOwn = kind === 'reply' || kind === 'announcement';
    if (!isOwn || arp.operation !== ARP_REPLY || arp.senderAddress !== arp.targetAddress) return kind;
    const claimants = this.#byDomain[domain.index]?.get(arp.senderAddress)?.claimants ?? [];
    const destination = packet.ethernet < 0 ? 0 : macNumber(packet.destinationHigh, packet.destinationLow);
    const isAnswer = claimants.some(
      ({ mac }) => mac !== arp.senderMac && (mac === arp.targetMac || mac === destination),
    );
    return isAnswer ? 'reply' : 'announcement';
  }

  #noteStation(domain: Domain, arp: Readonly<ArpFields>, kind: ClaimKind): void {
    const station = this.#stations.of(domain.index, arp.senderMac);
    if (station === undefined) return;
    station.arpFrames += 1;
    if (kind === 'corrective') return;
    const { senderAddress } = arp;
    const isReply = kind === 'reply';
    const known = isReply ? station.repliedFor : station.owns;
    // What is known of the station was told of the link.
    if (known.includes(senderAddress)) return;
    const more = remember(known, senderAddress);
    if (isReply) station.repliedFor = more;
    else station.owns = more;
    this.#stations.noteOnLink(domain.index, senderAddress, !isReply);
  }

  #probe(packet: Packet, arp: Readonly<ArpFields>, domain: Domain): void {
    if (!isHostAddress(arp.targetAddress)) return;
    const key = keyOf(domain, arp.targetAddress);
    const known = this.#probeOf(domain, arp.targetAddress);
    if (known && known.mac === arp.senderMac && known.answeredBy !== 0) return;
    if (!known) bound(this.#probes, this.#oldestProbes);
    const frame = new ArpCitation(packet, arp, 'probe');
    const { epoch } = domain;
    this.#probes.set(key, {
      mac: arp.senderMac,
      time: packet.time,
      frame,
      answeredBy: 0,
      answer: null,
      epoch,
    });
  }

  #probeOf(domain: Domain, address: number): Probe | undefined {
    return ofEpoch(this.#probes.get(keyOf(domain, address)), domain);
  }

  #claim(packet: Packet, arp: Readonly<ArpFields>, domain: Domain, kind: ClaimKind): void {
    const claims = this.#claimsOf(domain, arp.senderAddress, packet.time);
    if (claims === undefined) return;
    this.#latest.settle(domain, arp.senderAddress);
    const isReply = kind === 'reply';
    const request = isReply
      ? this.#latest.answeredBy(domain, arp.senderAddress, arp.targetAddress, packet.time)
      : 0;
    const probe = isReply ? this.#probeOf(domain, arp.senderAddress) : undefined;
    const { latest } = claims;
    const [claimant] = claims.claimants;
    if (latest !== null && claimant?.mac === arp.senderMac && probe === undefined) {
      claimant.claims += 1;
      latest.take(packet, arp, kind, request);
    } else {
      const claim = new ArpClaim(packet, arp, kind, request);
      if (isReply) this.#noteContest(domain, claims, claim, probe);
      this.#keep(claims, claim);
    }
    if (claims.latest !== null) this.#expectMore(claims, arp.senderMac);
  }

  /** The next claims by the only station of the address are noted without looking at either, as far as they say nothing new. */
  #expectMore(claims: AddressClaims, mac: number): void {
    const { domain, address } = claims;
    const station = this.#stations.find(domain.index, mac);
    // The packets of one that may be a cluster's member are counted.
    if (station === undefined || macFamily(mac) === 'nlb-masked') return;
    this.#latest.open(claims, mac, station.owns.includes(address), station.repliedFor.includes(address));
  }

  /** A reply to another station's probe or announcement. */
  #noteContest(domain: Domain, claims: AddressClaims, claim: Claim, probe: Probe | undefined): void {
    const station = this.#stations.find(domain.index, claim.mac);
    const isInTime = (time: number) => claim.time - time <= this.#times.answerSeconds;
    if (
      probe &&
      probe.mac !== claim.mac &&
      isInTime(probe.time) &&
      (claim.targetAddress === 0 || claim.targetMac === probe.mac)
    ) {
      probe.answeredBy = claim.mac;
      probe.answer ??= citeAs(claim.frame, 'defence');
      if (station) noteContested(station, claims.address, [probe.frame, probe.answer]);
    }
    const last = claims.claims.at(-1);
    if (last && last.kind === 'announcement' && last.mac !== claim.mac && isInTime(last.time) && station) {
      noteContested(station, claims.address, [last.frame, claim.frame]);
    }
  }

  #declined(domain: Domain, address: number, notice: AddressNotice): void {
    const probe = this.#probeOf(domain, address);
    if (!probe || probe.mac !== notice.mac || probe.answer === null) return;
    if (notice.time - probe.time > PROBE_MEMORY_SECONDS || this.averted.length >= MAX_CONTESTED) return;
    this.averted.push({
      domain,
      address,
      owner: probe.answeredBy,
      prober: probe.mac,
      frames: [probe.frame, probe.answer, notice.frame],
    });
    this.#probes.delete(keyOf(domain, address));
  }

  #keep(claims: AddressClaims, claim: ArpClaim): void {
    if (claims.isLeftOut) {
      claims.claimsLeftOut += 1;
      return;
    }
    let claimant = claims.claimantOf(claim.mac);
    if (claimant === undefined) {
      if (claims.claimants.length >= MAX_CLAIMANTS) {
        this.#leaveOut(claims, claim);
        return;
      }
      claimant = new Claimant(claims, claim.mac);
      claims.addClaimant(claimant);
      if (claims.claimants.length > 1) this.#contest(claims);
      if (claims.isLeftOut) {
        claims.claimsLeftOut += 1;
        return;
      }
    }
    claimant.claims += 1;
    if (!claims.isContested) {
      claims.keepLatest(claim);
      return;
    }
    if (claim.kind === 'request' || claim.kind === 'announcement') claimant.noteActivity(claim);
    if (!this.#hasRoom(claims)) {
      this.#leaveOut(claims, claim);
      return;
    }
    claims.addClaim(claim);
    this.#kept += 1;
  }

  /**
   * Room for one more claim of a contested address, made by folding its turns. Without it the record ends here: one with gaps would
   * show bursts as defences and silence where there was none.
   */
  #hasRoom(claims: AddressClaims): boolean {
    if (claims.isFull) return false;
    const { length } = claims.claims;
    const isTight = length >= MAX_CLAIMS || (length >= SURE_CLAIMS && this.#kept >= MAX_ALL_CLAIMS);
    if (!isTight) return true;
    const folded = foldTurns(claims, this.#times);
    claims.claimsFolded += folded;
    this.#kept -= folded;
    claims.isFull = folded < WORTHWHILE * length;
    return !claims.isFull;
  }

  #leaveOut(claims: AddressClaims, claim: Claim): void {
    if (claims.claimsLeftOut === 0) claims.completeUntil = claim.time;
    claims.claimsLeftOut += 1;
    this.claimsLeftOut += 1;
  }

  #contest(claims: AddressClaims): void {
    if (!claims.isContested) {
      if (this.#contested >= MAX_CONTESTED) {
        this.evictions += 1;
        claims.leaveOut();
        return;
      }
      this.#contested += 1;
      claims.isContested = true;
      claims.latest = null;
      this.#kept += claims.claims.length;
    }
    for (const claimant of claims.claimants) this.#watches.add(claims.domain.index, claimant.mac, claimant);
  }

  #claimsOf(domain: Domain, address: number, time: number): AddressClaims | undefined {
    let addresses = this.#byDomain[domain.index];
    if (addresses === undefined) {
      addresses = new Map();
      this.#byDomain[domain.index] = addresses;
    }
    const known = addresses.get(address);
    if (known) return known;
    if (this.#count >= MAX_ADDRESSES) {
      this.evictions += 1;
      return undefined;
    }
    const claims = new AddressClaims(domain, address, time, this.#timeRoom);
    const pending = ofEpoch(this.#notices.get(keyOf(domain, address)), domain);
    if (pending) {
      claims.notices = pending.notices;
      this.#notices.delete(keyOf(domain, address));
    }
    if (addresses.size === 0) this.#noteOpen(domain);
    addresses.set(address, claims);
    this.#count += 1;
    return claims;
  }

  #noteOpen(domain: Domain): void {
    const domains = this.#open[domain.interface];
    if (domains === undefined) this.#open[domain.interface] = [domain];
    else domains.push(domain);
  }

  /** With the first ones of an address, and the latest. */
  #withNotice(notices: readonly AddressNotice[], notice: AddressNotice): readonly AddressNotice[] {
    const { length } = notices;
    if (length < MAX_NOTICES && this.#noticeRoom.take(length)) return extended(notices, notice);
    return extended(notices.toSpliced(Math.min(FIRST_NOTICES, length - 1), 1), notice);
  }

  /** About an address that nobody has claimed yet. */
  #notePending(domain: Domain, address: number, notice: AddressNotice): void {
    const key = keyOf(domain, address);
    const known = ofEpoch(this.#notices.get(key), domain);
    if (known === undefined) {
      this.#dropPending(key);
      const oldest = this.#notices.size >= MAX_RECENT ? this.#oldestNotices.next() : undefined;
      if (oldest !== undefined) this.#dropPending(oldest);
    }
    const notices = this.#withNotice(known?.notices ?? [], notice);
    this.#notices.set(key, { epoch: domain.epoch, notices });
  }

  #dropPending(key: number): void {
    this.#noticeRoom.give(this.#notices.get(key)?.notices.length ?? 0);
    this.#notices.delete(key);
  }
}

/**
 * What kind of claim an ARP packet is, or null if it is none: its Ethernet source is another station's, and
 * it is not the correction of Q120599, a broadcast announcement that names the older owner.
 */
function claimKind(packet: Packet, arp: Readonly<ArpFields>, ethernetSource: number): ClaimKind | null {
  const isSelf = arp.senderAddress === arp.targetAddress;
  if (ethernetSource !== arp.senderMac) return isSelf && packet.isGroupDestination ? 'corrective' : null;
  if (arp.operation === ARP_REQUEST) return isSelf ? 'announcement' : 'request';
  // A reply to an announcement names the address twice, too; what tells it apart is that it goes to the other station.
  const isToOther =
    packet.isUnicastDestination || (isStationMac(arp.targetMac) && arp.targetMac !== arp.senderMac);
  return isSelf && !(isToOther && !packet.isGroupDestination) ? 'announcement' : 'reply';
}

function bound<Value>(map: Map<number, Value>, oldest: Oldest<number>): void {
  const first = map.size < MAX_RECENT ? undefined : oldest.next();
  if (first !== undefined) map.delete(first);
}
