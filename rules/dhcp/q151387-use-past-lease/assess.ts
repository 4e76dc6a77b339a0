/** One lease against section 2 of the rules: which tiers its evidence reaches, or why it cannot be judged. */
import type { OptionValues } from '../../../src/engine/options.ts';
import type { Candidate } from '../../../src/engine/rule.ts';
import type { Stations } from '../../../src/trackers/stations.ts';
import type { Attempt, Lease, Renewal, SecondHolder, UseFrame } from '../../../src/trackers/lease.ts';
import type { options } from './options.ts';

export type Thresholds = OptionValues<typeof options>;

/** What one lease comes to. */
export interface Assessment {
  readonly lease: Lease;
  readonly candidates: readonly Candidate[];
  /** Reaches its tier only because no renewal attempt was seen (S1). */
  readonly isUnseen: boolean;
  /** Why the lease is undecided; null if it is judged (or has candidates). */
  readonly undecided: string | null;
  readonly unanswered: readonly Attempt[];
  readonly hasExpired: boolean;
  readonly isUsedByOther: boolean;
}

export function assess(lease: Lease, thresholds: Thresholds, renewals: readonly Renewal[]): Assessment {
  const unanswered = lease.attempts.filter((attempt) => isUnanswered(attempt, lease, thresholds));
  const judge = new LeaseJudge(lease, unanswered, thresholds, renewals);
  const excuse = excuseOf(lease, thresholds);
  const candidates = excuse === null ? judge.candidates() : [];
  return {
    lease,
    candidates,
    isUnseen: candidates.length > 0 && candidates.every((candidate) => candidate.summary === 'unseen'),
    undecided: candidates.length > 0 ? null : undecidedReason(lease, thresholds, excuse),
    unanswered,
    hasExpired: lease.isAcknowledged && lease.endTime > lease.expiry,
    isUsedByOther: judge.isUsedByOther,
  };
}

/** No server message within the answer time, which must lie in the capture to be proven. */
function isUnanswered(attempt: Attempt, lease: Lease, thresholds: Thresholds): boolean {
  return (
    !attempt.isAnswered &&
    !attempt.isRebootCheck &&
    lease.provenUntil >= attempt.time + thresholds.answerSeconds
  );
}

/** What makes the use no fault of this kind (rules 2.5), as the reason it leaves the lease undecided for; null if nothing. */
function excuseOf(lease: Lease, thresholds: Thresholds): string | null {
  if (lease.rebootUnanswered) return 'renewalsNotVisible';
  if (lease.hasSeveralIdentities) return 'notVisible';
  return isResume(lease, thresholds) ? 'resumed' : null;
}

/** Behind a router, bridge or proxy nobody can say who used the address; known only at the end of the capture. */
export function excuseStation(assessment: Assessment, stations: Stations): Assessment {
  const { lease, candidates } = assessment;
  const station = stations.find(lease.domain.index, lease.chaddr);
  if (candidates.length === 0 || station === undefined) return assessment;
  const isShared =
    stations.isRouter(station) || stations.isTranslatingBridge(station) || stations.isProxy(station);
  return isShared ? { ...assessment, candidates: [], isUnseen: false, undecided: 'notVisible' } : assessment;
}

/** A station that slept over its expiry: silent before its first use, and it asks for its lease around that. */
function isResume(lease: Lease, thresholds: Thresholds): boolean {
  const [first] = lease.uses;
  if (first === undefined || !lease.isAcknowledged) return false;
  const heard = Number.isNaN(lease.heardBeforeUse) ? lease.watchedSince : lease.heardBeforeUse;
  if (first.time - heard < thresholds.resumeSilenceSeconds) return false;
  return lease.dhcpTimes.some((time) => Math.abs(time - first.time) <= thresholds.resumeDhcpSeconds);
}

/** Why a lease without a finding is undecided, or null if it is judged. */
function undecidedReason(lease: Lease, thresholds: Thresholds, excuse: string | null): string | null {
  if (lease.end === 'evicted' || lease.isWatchRefused) return 'evicted';
  if (!lease.isAcknowledged) return 'notVisible';
  if (lease.end === 'infinite') return 'expiryNotReached';
  const judgeTime = lease.useFrom + thresholds.judgeSeconds;
  const isJudgeable = lease.provenUntil >= judgeTime;
  if (!isJudgeable) return lease.end === 'clockStep' ? 'clockStep' : 'expiryNotReached';
  if (!lease.domain.liveness.isAlive(lease.useFrom, judgeTime)) return 'captureGap';
  // Who slept over the expiry and got another address is done with this one; of others nobody knows what they did meanwhile.
  if (excuse === 'resumed' && lease.end !== 'replaced') return 'notVisible';
  if (lease.useCount > 0 && excuse !== 'resumed') return excuse ?? 'renewalsNotVisible';
  return lease.isStationSeen ? null : 'notVisible';
}

/** Applies the tiers of rules 2.4 to one lease. */
class LeaseJudge {
  readonly isUsedByOther: boolean;
  readonly #lease: Lease;
  readonly #unanswered: readonly Attempt[];
  readonly #thresholds: Thresholds;
  readonly #renewals: readonly Renewal[];

  constructor(
    lease: Lease,
    unanswered: readonly Attempt[],
    thresholds: Thresholds,
    renewals: readonly Renewal[],
  ) {
    this.#lease = lease;
    this.#unanswered = unanswered;
    this.#thresholds = thresholds;
    this.#renewals = renewals;
    this.isUsedByOther = this.#isSecondOrder();
  }

  candidates(): Candidate[] {
    const found = [this.#firstOrder(), this.#secondOrder(), this.#unseen(), this.#withoutAck(), this.#weak()];
    const candidates = found.filter((candidate) => candidate !== null);
    if (!this.#lease.renewalWasMissed) return candidates;
    // A renewal that this tap missed: whatever else was seen proves little.
    return candidates.map((candidate) => ({ ...candidate, tier: 'suggestive' as const }));
  }

  get #requests(): Attempt[] {
    return this.#unanswered.filter((attempt) => attempt.kind === 'request');
  }

  get #discovers(): Attempt[] {
    return this.#unanswered.filter((attempt) => attempt.kind === 'discover');
  }

  /** Renewals and a new lease were asked for in vain, in sight of the tap, and use went on. */
  #firstOrder(): Candidate | null {
    const lease = this.#lease;
    const { attemptRequests, attemptDiscovers, useFrames, useSpanSeconds, shortLeaseSeconds } =
      this.#thresholds;
    if (!lease.isAcknowledged || lease.leaseSeconds < shortLeaseSeconds) return null;
    const lastRequest = nth(this.#requests, attemptRequests);
    const lastDiscover = nth(this.#discovers, attemptDiscovers);
    if (lastRequest === null || lastDiscover === null) return null;
    const uses = usesAfter(lease.uses, Math.max(lastRequest, lastDiscover));
    if (!this.#isUse(uses, useFrames, useSpanSeconds)) return null;
    const first = (this.#requests[0] as Attempt).time;
    const firstUse = (uses[0] as UseFrame).time;
    if (!this.#isVisible(first, lease.expiry) || !this.#isAlive(lease.t1, firstUse)) return null;
    return {
      tier: 'definitive',
      absence: { from: lease.t1, to: firstUse },
      restsOnMac: true,
      summary: 'firstOrder',
      ...this.#qualifier(),
    };
  }

  /** The address was given to another client, and both use it. */
  #secondOrder(): Candidate | null {
    const { second } = this.#lease;
    if (second === null || !this.isUsedByOther) return null;
    const isSameServer = this.#lease.isAcknowledged && second.serverId === this.#lease.serverId;
    const isProven = isSameServer && second.isOtherIdentity;
    return {
      tier: isProven ? 'definitive' : 'strong',
      absence: null,
      restsOnMac: true,
      summary: 'secondOrder',
      ...(isProven ? this.#qualifier() : {}),
    };
  }

  /** S1: no attempt was seen, on a tap that sees renewals. */
  #unseen(): Candidate | null {
    const lease = this.#lease;
    const { unseenFrames, unseenSpanSeconds, unseenSpanFraction, shortLeaseSeconds } = this.#thresholds;
    if (!lease.isAcknowledged || lease.attempts.length > 0 || lease.wasAskedByRelay) return null;
    // Away from here in that time, it may have renewed elsewhere.
    if (!lease.wasHeardToExpire) return null;
    const span = Math.max(unseenSpanSeconds, unseenSpanFraction * lease.leaseSeconds);
    if (!this.#isUse(lease.uses, unseenFrames, span)) return null;
    if (!lease.sentUnicastAfterExpiry || !lease.receivedUnicastAfterExpiry || !this.#seesRenewals())
      return null;
    const firstUse = (lease.uses[0] as UseFrame).time;
    const isProven = lease.leaseSeconds >= shortLeaseSeconds && this.#isAlive(lease.t1, firstUse);
    return {
      tier: isProven ? 'strong' : 'suggestive',
      absence: { from: lease.t1, to: firstUse },
      restsOnMac: true,
      summary: 'unseen',
    };
  }

  /** S3: the lease itself was not captured; its renewals and discovers, all in vain, were. */
  #withoutAck(): Candidate | null {
    const lease = this.#lease;
    const { attemptRequests, noAckDiscovers, noAckFrames, noAckSpanSeconds } = this.#thresholds;
    if (lease.isAcknowledged) return null;
    const lastRequest = nth(this.#requests, attemptRequests);
    if (lastRequest === null) return null;
    const discovers = this.#discovers.filter((attempt) => attempt.time > lastRequest);
    const [firstDiscover] = discovers;
    if (firstDiscover === undefined || discovers.length < noAckDiscovers) return null;
    const uses = usesAfter(lease.uses, firstDiscover.time).filter((use) => use.isIp);
    if (!this.#isUse(uses, noAckFrames, noAckSpanSeconds)) return null;
    const first = (this.#requests[0] as Attempt).time;
    if (!this.#isVisible(first, firstDiscover.time)) return null;
    const firstUse = (uses[0] as UseFrame).time;
    const isAlive = this.#isAlive(first, firstUse);
    return {
      tier: isAlive ? 'strong' : 'suggestive',
      absence: { from: first, to: firstUse },
      restsOnMac: true,
      summary: 'withoutAck',
    };
  }

  /** Some use, and an admission: a DISCOVER after expiry, or renewals in vain where their answers would be seen. */
  #weak(): Candidate | null {
    const lease = this.#lease;
    const { useFrames, weakSpanSeconds, attemptRequests } = this.#thresholds;
    if (!lease.isAcknowledged || !this.#isUse(lease.uses, useFrames, weakSpanSeconds)) return null;
    const requests = this.#requests;
    const isAdmitted = this.#discovers.length > 0;
    const isRefusedInSight =
      requests.length >= attemptRequests && this.#isVisible((requests[0] as Attempt).time, lease.expiry);
    if (!isAdmitted && !isRefusedInSight) return null;
    const from = (this.#unanswered[0] as Attempt).time;
    return {
      tier: 'suggestive',
      absence: { from, to: (lease.uses[0] as UseFrame).time },
      restsOnMac: true,
      summary: 'weak',
    };
  }

  /** After another client got the address, both are at work under it. */
  #isSecondOrder(): boolean {
    const lease = this.#lease;
    const { second } = lease;
    const { secondUseFrames, secondSpanSeconds } = this.#thresholds;
    if (second === null) return false;
    if (lease.isAcknowledged && second.time < lease.expiry - this.#thresholds.secondEarlySeconds)
      return false;
    const uses = usesAfter(lease.uses, second.time);
    if (uses.length < secondUseFrames || spanOf(uses) < secondSpanSeconds) return false;
    return isUsedBetween(second, uses);
  }

  #qualifier(): { qualifier?: string } {
    return this.isUsedByOther && this.#lease.second?.isOtherIdentity ? { qualifier: 'withDuplicate' } : {};
  }

  #isUse(uses: readonly UseFrame[], frames: number, span: number): boolean {
    const ip = uses.filter((use) => use.isIp).length;
    return uses.length >= frames && ip >= this.#thresholds.useIpFrames && spanOf(uses) >= span;
  }

  /** This tap would have seen an answer: the station received frames, and unicast server messages pass here. */
  #isVisible(from: number, to: number): boolean {
    const lease = this.#lease;
    return lease.unicastServerTime <= to && lease.received.some((time) => time >= from && time <= to);
  }

  #isAlive(from: number, to: number): boolean {
    return (this.#lease.liveness ?? this.#lease.domain.liveness).isAlive(from, to);
  }

  /** Unicast renewals with their acknowledgments pass here: this client's, or those of others of its server. */
  #seesRenewals(): boolean {
    const lease = this.#lease;
    if (lease.unicastRenewals.length > 0) return true;
    const others = this.#renewals.filter(
      (renewal) =>
        renewal.serverId === lease.serverId &&
        renewal.chaddr !== lease.chaddr &&
        renewal.time >= lease.t1 &&
        renewal.time <= lease.expiry,
    );
    return new Set(others.map((renewal) => renewal.chaddr)).size >= this.#thresholds.unseenOthers;
  }
}

function isUsedBetween(second: SecondHolder, uses: readonly UseFrame[]): boolean {
  const from = (uses[0] as UseFrame).time;
  const to = (uses.at(-1) as UseFrame).time;
  return second.uses.some((time) => time > from && time < to);
}

function usesAfter(uses: readonly UseFrame[], time: number): UseFrame[] {
  return uses.filter((use) => use.time > time);
}

function spanOf(uses: readonly UseFrame[]): number {
  const first = uses[0];
  const last = uses.at(-1);
  return first && last ? last.time - first.time : 0;
}

/** Time of the nth attempt, or null; of none if n is 0, when nothing is asked for. */
function nth(attempts: readonly Attempt[], n: number): number | null {
  if (n === 0) return Number.NEGATIVE_INFINITY;
  return attempts[n - 1]?.time ?? null;
}
