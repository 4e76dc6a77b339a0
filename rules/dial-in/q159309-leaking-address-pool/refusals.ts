/** Refusals of callers, and whether they show that an address was lost (rules 4.3, 4.4). */
import type { OptionValues } from '../../../src/engine/options.ts';
import { countCallers, isName, type Refusal } from '../../../src/trackers/dial-in-pool.ts';
import type { options } from './options.ts';
import type { LostAddress, Pool } from './pool.ts';

export type Thresholds = OptionValues<typeof options>;

/** A refusal that shows a loss: the addresses that were lost by then. */
export interface ProvenRefusal {
  readonly refusal: Refusal;
  readonly lost: readonly LostAddress[];
  /** It counts, or the server itself said that its pool is empty. */
  readonly isCounting: boolean;
  /** The recorder stood still since the address came back. */
  readonly isInterrupted: boolean;
  /** What was not seen, if it rests on that. */
  readonly absence: { readonly from: number; readonly to: number } | null;
}

export function proveRefusals(pool: Pool, thresholds: Thresholds): ProvenRefusal[] {
  const { refusals } = pool.history;
  const isEmpty = refusals.map((refusal, at) => isPoolEmptyAfter(pool, refusal, refusals[at + 1]));
  const served = new Set(pool.history.assignments.map(({ identity }) => identity).filter(Boolean));
  // Callers that never get an address, not even when the pool is shown to have one, are refused for another reason.
  const refusedAnyway = new Set(
    refusals
      .filter((_, at) => !isEmpty[at])
      .map(({ identity }) => identity)
      .filter((identity) => !served.has(identity)),
  );
  const isCaller = refusals.map(
    (refusal) => !refusedAnyway.has(refusal.identity) && isForPool(pool, refusal, served),
  );
  const callers = countCallers(refusals.filter((_, at) => isCaller[at]).map(({ identity }) => identity));
  const members = pool.lost
    .filter(({ address }) => pool.isMember(address, thresholds.skipIdentities))
    .toSorted((a, b) => a.last.until - b.last.until)
    .slice(0, MAX_LOST);
  const proven: ProvenRefusal[] = [];
  for (const [at, refusal] of refusals.entries()) {
    const { identity } = refusal;
    const latest = refusal.time - thresholds.releaseSettleSeconds + ROUNDING_SECONDS;
    const lost = members.filter(({ last }) => last.until <= latest);
    const isEnough = served.has(identity) || callers >= thresholds.refusedIdentities;
    const isCounting = isEmpty[at] === true && isEnough && isCaller[at] === true;
    const own = isCounting ? [...addressesOf(pool, identity), ...offeredTo(pool, identity)] : [];
    // (iv): an address that came back later than the lost one was given again. And it is one that the caller might get.
    const missed = isCounting
      ? lost.filter(
          ({ address, last }) =>
            pool.latestPass(address) > last.until &&
            (own.length === 0 || own.some((other) => pool.isNear(address, other))),
        )
      : [];
    const shown = missed.length > 0 ? missed : refusal.isPoolEmpty ? lost : [];
    if (shown.length === 0) continue;
    const sure = shown.find(({ last }) => last.absence === null);
    const absence = refusal.absence ?? (sure ? null : (shown[0]?.last.absence ?? null));
    const isInterrupted = shown.every(({ last }) => pool.isInterrupted(last.until, refusal.time));
    proven.push({ refusal, lost: shown, isCounting: missed.length > 0, isInterrupted, absence });
  }
  return proven;
}

/** Addresses of the pool that the caller was given at other times. */
function addressesOf(pool: Pool, identity: string): number[] {
  return pool.assignments.filter((given) => given.identity === identity).map(({ address }) => address);
}

/** Addresses that the caller was offered, or asked for, where the capture may have missed that he got them. */
function offeredTo(pool: Pool, identity: string): number[] {
  return pool.history.offers.filter((offer) => offer.identity === identity).map(({ address }) => address);
}

/**
 * False if the caller wants nothing of the pool, for he has an address of his own; or if he calls a second time while he is on,
 * which servers refuse for itself.
 */
function isForPool(pool: Pool, { identity, time }: Refusal, served: ReadonlySet<string>): boolean {
  if (served.has(identity) && addressesOf(pool, identity).length === 0) return false;
  const isOn = pool.history.assignments.some(
    (given) => given.identity === identity && given.time < time && !(given.until <= time),
  );
  return !(isOn && isName(identity));
}

/** So many lost addresses prove what more would. */
const MAX_LOST = 64;

/** Differences of times are doubles: 5 s exactly may come out a little shorter. */
const ROUNDING_SECONDS = 1e-6;

/** (i) and (ii): nothing that follows shows that an address was left. */
function isPoolEmptyAfter(pool: Pool, refusal: Refusal, next: Refusal | undefined): boolean {
  const { time } = refusal;
  if (pool.lastNew > time) return false;
  const until = next?.time ?? Number.POSITIVE_INFINITY;
  return !pool.assignments.some(
    (assignment) =>
      assignment.time > time &&
      assignment.time < until &&
      pool.holder(assignment.address, time) === undefined,
  );
}
