/** A DHCP lease as one client's station holds it, and what the station did with the address (rules 2.2, 2.3). */
import type { FrameCitation } from '../engine/result.ts';
import { appended, extended, Room } from '../tables/room.ts';
import type { Domain } from './domains.ts';
import type { SubjectLiveness } from './liveness.ts';

/** How a lease ended; `running` until then. */
export type LeaseEnd =
  | 'running'
  | 'naked'
  | 'released'
  | 'declined'
  | 'replaced'
  | 'renewed-late'
  | 'infinite'
  | 'ipv6-only'
  | 'clockStep'
  | 'evicted'
  | 'endOfCapture';

/** A request or discover that asks for the lease to go on. */
export interface Attempt {
  readonly time: number;
  readonly kind: 'request' | 'discover';
  /** A server message to this station came within the answer time. */
  isAnswered: boolean;
  /** A broadcast REQUEST with ciaddr of a station that has just started (RFC 1541 clients check their lease so). */
  readonly isRebootCheck: boolean;
  readonly frame: FrameCitation;
}

/** One frame that uses the address. */
export interface UseFrame {
  readonly time: number;
  readonly isIp: boolean;
  /** Hash of the connection of a bare acknowledgment, 0 for everything else: it may turn out to be a closing one's tail. */
  readonly tail: number;
  readonly frame: FrameCitation;
}

/** Another client to which the address was given. */
export interface SecondHolder {
  readonly time: number;
  readonly mac: number;
  readonly serverId: number;
  /** False if its client identifier, or the first holder's, was not seen: both may be one client with two adapters. */
  readonly isOtherIdentity: boolean;
  readonly request: FrameCitation | null;
  readonly ack: FrameCitation;
  /** When it used or defended the address, at most one a second. */
  uses: readonly number[];
  firstUse: FrameCitation | null;
}

export const NO_TIME = Number.NaN;
const MAX_USES = 256;
const FIRST_USES = 32;
const MAX_ATTEMPTS = 64;
const MAX_RECEIVED = 1024;
const MAX_DHCP_TIMES = 256;
const MAX_RENEWALS = 64;

/** Attempts, uses and times that all leases keep together; beyond that each keeps its first few. */
const MAX_ALL_KEPT = 12_288;
const SURE_KEPT = 3;

/** Most leases come to nothing of the kind: they share what is empty. */
const NONE: readonly never[] = [];

/** Room for the evidence of all leases. */
export function leaseRoom(): Room {
  return new Room(MAX_ALL_KEPT, SURE_KEPT);
}

/** A unicast renewal that was acknowledged. */
export interface Renewal {
  readonly time: number;
  readonly chaddr: number;
  readonly serverId: number;
}

export class Lease {
  readonly domain: Domain;
  readonly chaddr: number;
  readonly address: number;
  clientId: string;
  /** What the client sent was seen, so that an empty `clientId` means that it names itself by its station alone. */
  isIdentityKnown = false;
  serverId = 0;
  /** False for a lease that is known only from the client's requests: its terms are then unknown. */
  isAcknowledged = false;
  /** Seconds of analysis time; NaN where unknown. */
  start = NO_TIME;
  t1 = NO_TIME;
  t2 = NO_TIME;
  expiry = NO_TIME;
  leaseSeconds = NO_TIME;
  graceSeconds = 0;
  request: FrameCitation | null = null;
  ack: FrameCitation | null = null;
  /** Any REQUEST of this client for this address was seen. */
  wasRequested = false;
  isRelayed = false;
  /** Times of unicast renewals whose acknowledgment was captured. */
  unicastRenewals: readonly number[] = NONE;
  attempts: readonly Attempt[] = NONE;
  attemptsLeftOut = 0;
  /** A relay agent passed on an attempt: its copy shows that the client asked, and is no attempt of its own. */
  wasAskedByRelay = false;
  /** First unicast DHCP server message on this interface seen before, or NaN. */
  unicastServerTime = NO_TIME;
  /** Times of frames to the station since the first attempt (or expiry), at most one a second. */
  received: readonly number[] = NONE;
  /** Unicast frames from and to the station after expiry. */
  sentUnicastAfterExpiry = false;
  receivedUnicastAfterExpiry = false;
  uses: readonly UseFrame[] = NONE;
  useCount = 0;
  /** Before the first use frame: when the station was last heard, NaN if not since it is watched. */
  heardBeforeUse = NO_TIME;
  watchedSince = NO_TIME;
  /** The station was heard between T1 and expiry: had it renewed, it would have done so here. */
  wasHeardToExpire = false;
  /** There were too many watches when its turn came: what it did past the lease is not known in full. */
  isWatchRefused = false;
  /** A DHCP message of the client nearest to its first use frame. */
  dhcpTimes: readonly number[] = NONE;
  second: SecondHolder | null = null;
  /** A REQUEST with ciaddr after expiry and grace, or an acknowledgment of one: a renewal was missed. */
  renewalWasMissed = false;
  /** An INIT-REBOOT request for the address whose answer was not seen. */
  rebootUnanswered = false;
  /** Several client identifiers live on this station (PXE then OS, containers). */
  hasSeveralIdentities = false;
  /** The station itself was seen as Ethernet source in this domain. */
  isStationSeen = false;
  liveness: SubjectLiveness | null = null;
  end: LeaseEnd = 'running';
  /** When tracking of this lease ended. */
  endTime = NO_TIME;
  /** Time of the domain's last packet when tracking ended: absence is proven up to here. */
  provenUntil = NO_TIME;

  readonly #room: Room;

  constructor(domain: Domain, chaddr: number, clientId: string, address: number, room: Room) {
    this.#room = room;
    this.domain = domain;
    this.chaddr = chaddr;
    this.clientId = clientId;
    this.address = address;
  }

  /** True if this one's station and another's cannot be one client: an identifier that was not seen may be the same. */
  isOtherIdentity(other: Lease): boolean {
    if (this.isIdentityKnown && other.isIdentityKnown) return true;
    return this.isIdentityKnown ? this.clientId === '' : other.isIdentityKnown && other.clientId === '';
  }

  /** From here on a frame with the address is a use past the lease. */
  get useFrom(): number {
    return this.expiry + this.graceSeconds;
  }

  /**
   * The terms of an acknowledgment. Renewal and rebinding times that are absent (-1) or contradict each other or the lease
   * fall back to the defaults of RFC 2131 4.4.5 together.
   */
  setTerms(start: number, seconds: number, t1Seconds: number, t2Seconds: number): void {
    const t1 = t1Seconds > 0 && t1Seconds < seconds ? t1Seconds : 0.5 * seconds;
    const t2 = t2Seconds > t1 && t2Seconds < seconds ? t2Seconds : 0.875 * seconds;
    this.isAcknowledged = true;
    this.start = start;
    this.leaseSeconds = seconds;
    this.t1 = start + (t1 < t2 ? t1 : 0.5 * seconds);
    this.t2 = start + (t1 < t2 ? t2 : 0.875 * seconds);
    this.expiry = start + seconds;
  }

  addAttempt(attempt: Attempt): void {
    const { length } = this.attempts;
    if (length < MAX_ATTEMPTS && this.#room.take(length)) this.attempts = appended(this.attempts, attempt);
    else this.attemptsLeftOut += 1;
  }

  noteReceived(time: number): void {
    const { length } = this.received;
    if (length < MAX_RECEIVED && this.#room.take(length)) this.received = appended(this.received, time);
  }

  noteDhcp(time: number): void {
    const { length } = this.dhcpTimes;
    if (length < MAX_DHCP_TIMES && this.#room.take(length)) this.dhcpTimes = appended(this.dhcpTimes, time);
  }

  noteRenewal(time: number): void {
    this.unicastRenewals = extended(this.unicastRenewals.slice(1 - MAX_RENEWALS), time);
  }

  /** New terms: the attempts of the old ones are over. */
  clearAttempts(): void {
    this.#room.give(this.attempts.length);
    this.attempts = NONE;
    this.wasAskedByRelay = false;
  }

  /** Its watch begins anew. */
  clearUse(): void {
    this.#room.give(this.#evidenceOfUse());
    this.received = NONE;
    this.uses = NONE;
    this.dhcpTimes = NONE;
    this.useCount = 0;
    this.heardBeforeUse = NO_TIME;
    this.wasHeardToExpire = false;
    this.sentUnicastAfterExpiry = false;
    this.receivedUnicastAfterExpiry = false;
    this.second = null;
  }

  /** It was judged, and nobody looks at its evidence any more. */
  leaveRoom(): void {
    this.#room.give(this.attempts.length + this.#evidenceOfUse());
    this.liveness?.forget();
  }

  /** The other client used or defended the address. */
  noteSecondUse(second: SecondHolder, time: number): void {
    const { length } = second.uses;
    if (length < MAX_RECEIVED && this.#room.take(length)) second.uses = appended(second.uses, time);
  }

  /** Another client was given the address. */
  assignElsewhere(second: SecondHolder): void {
    this.#room.give(this.second?.uses.length ?? 0);
    this.second = second;
  }

  #evidenceOfUse(): number {
    return this.received.length + this.uses.length + this.dhcpTimes.length + (this.second?.uses.length ?? 0);
  }

  /** False once uses need be kept at most once a second. */
  get keepsEveryUse(): boolean {
    return this.uses.length <= FIRST_USES;
  }

  keepUse(use: UseFrame): void {
    if (this.uses.length >= MAX_USES) this.#thinUses();
    // The latest use counts: it tells how long the overuse lasted.
    const { length } = this.uses;
    if (this.#room.take(length)) this.uses = appended(this.uses, use);
    else (this.uses as UseFrame[])[length - 1] = use;
  }

  /** A connection closes: its bare acknowledgments of the last seconds were its tail, not use. */
  dropTail(tail: number, since: number): void {
    for (let i = this.uses.length - 1; i >= 0; i -= 1) {
      const use = this.uses[i] as UseFrame;
      if (use.time < since) return;
      if (use.tail === tail) {
        (this.uses as UseFrame[]).splice(i, 1);
        this.#room.give(1);
        this.useCount -= 1;
      }
    }
  }

  /** Keeps the first frames and every other one after them, so that the whole stretch stays covered. */
  #thinUses(): void {
    const kept = this.uses.filter((_, at) => at < FIRST_USES || at % 2 === 0);
    this.#room.give(this.uses.length - kept.length);
    this.uses = kept;
  }
}
