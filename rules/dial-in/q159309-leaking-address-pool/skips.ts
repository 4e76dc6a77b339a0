/** Addresses that are passed over while the pool's others go round (rules 4.4). */
import type { Assignment } from '../../../src/trackers/dial-in-pool.ts';
import { groupBy, type LostAddress, type Pool } from './pool.ts';
import type { Thresholds } from './refusals.ts';

export interface Skip {
  readonly lost: LostAddress;
  readonly isStrong: boolean;
  /** Assignments to others since. */
  readonly later: readonly Assignment[];
  readonly absence: { readonly from: number; readonly to: number } | null;
}

/** The rounds of a larger pool are not seen in one capture; and so many lost addresses and assignments prove what more would. */
const MAX_POOL = 256;
const MAX_LOST = 32;
const MAX_LATER = 1024;

export function findSkips(pool: Pool, thresholds: Thresholds): Skip[] {
  const skips: Skip[] = [];
  if (pool.size > MAX_POOL) return skips;
  const oldest = pool.lost.toSorted((a, b) => a.last.until - b.last.until).slice(0, MAX_LOST);
  for (const lost of oldest) {
    const later = pool.assignments
      .filter((assignment) => assignment.time > lost.last.until)
      .slice(0, MAX_LATER);
    const again = later.filter((assignment) => isAgain(pool, assignment));
    if (!belongsToPool(pool, lost, thresholds) || isAllocatorsWay(pool, lost, later)) continue;
    const { absence } = lost.last;
    if (isStrongSkip(pool, lost, later, again, thresholds))
      skips.push({ lost, isStrong: true, later, absence });
    else if (isFullCycle(pool, lost, again, thresholds))
      skips.push({ lost, isStrong: false, later, absence });
  }
  return skips;
}

/** Not the first assignment of its address. */
function isAgain(pool: Pool, assignment: Assignment): boolean {
  return pool.byAddress.get(assignment.address)?.[0] !== assignment;
}

/** Held by several callers, or between addresses that were: an address given once may be one caller's own. */
function belongsToPool(pool: Pool, { address }: LostAddress, thresholds: Thresholds): boolean {
  if (pool.identities(address) >= thresholds.skipIdentities) return true;
  const shared = [...pool.byAddress.keys()]
    .filter((other) => pool.identities(other) >= thresholds.skipIdentities)
    .map((other) => other >>> 0);
  return shared.some((other) => other < address >>> 0) && shared.some((other) => other > address >>> 0);
}

/** As many addresses given again as were free when the lost one came back: its turn has passed. */
function isFullCycle(
  pool: Pool,
  { last }: LostAddress,
  again: readonly Assignment[],
  thresholds: Thresholds,
): boolean {
  if (pool.size < thresholds.skipPoolMin) return false;
  return again.length > 0 && again.length >= pool.size - pool.active(last.until);
}

function isStrongSkip(
  pool: Pool,
  lost: LostAddress,
  later: readonly Assignment[],
  again: readonly Assignment[],
  thresholds: Thresholds,
): boolean {
  if (later.length < thresholds.skipAssignments) return false;
  const others = releasedOthers(pool, lost);
  if (others.length === 0) return false;
  const times = groupBy(again, (assignment) => assignment.address);
  const isRound = others.every((other) => (times.get(other)?.length ?? 0) >= thresholds.skipRounds);
  if (!isRound || !again.every((assignment) => wasFreedHard(pool, assignment))) return false;
  return isInDemand(pool, lost, thresholds) || isInOrder(pool, lost, again, others, thresholds);
}

/** Other addresses that came back at some time. */
function releasedOthers(pool: Pool, { address }: LostAddress): number[] {
  return [...pool.byAddress]
    .filter(
      ([other, assignments]) => other !== address && assignments.some(({ until }) => !Number.isNaN(until)),
    )
    .map(([other]) => other);
}

function previous(pool: Pool, assignment: Assignment): Assignment | undefined {
  const all = pool.byAddress.get(assignment.address) ?? [];
  return all[all.indexOf(assignment) - 1];
}

function wasFreedHard(pool: Pool, assignment: Assignment): boolean {
  return previous(pool, assignment)?.isHard ?? true;
}

/** A caller was refused, or given an address new to the pool, while every other address was surely held. */
function isInDemand(pool: Pool, lost: LostAddress, thresholds: Thresholds): boolean {
  const from = lost.last.until + thresholds.releaseSettleSeconds;
  const fresh = pool.assignments.filter((assignment) => !isAgain(pool, assignment));
  const times = [...pool.history.refusals, ...fresh].map(({ time }) => time).filter((time) => time >= from);
  return times.some((time) =>
    [...pool.byAddress].every(([address, [first]]) => {
      if (address === lost.address || first === undefined || first.time >= time) return true;
      const holder = pool.holder(address, time);
      return holder !== undefined && !isSilent(holder, time, thresholds);
    }),
  );
}

/** The call has been silent for so long that it may be over. */
function isSilent({ silences }: Assignment, time: number, { softReleaseSeconds }: Thresholds): boolean {
  return silences.some(({ from, to }) => time > from + softReleaseSeconds && time < to);
}

/**
 * Every address was given in the order in which it had come back, and the lost one was passed over, round by round. A caller who
 * gets the address that he had before shows nothing of an order.
 */
function isInOrder(
  pool: Pool,
  lost: LostAddress,
  again: readonly Assignment[],
  others: readonly number[],
  thresholds: Thresholds,
): boolean {
  if (again.filter((one) => !pool.isReturn(one)).length < thresholds.fifoReassignments) return false;
  const passes = new Map<number, number>();
  for (const assignment of again) {
    const { address, time } = assignment;
    const since = previous(pool, assignment)?.until ?? Number.NaN;
    const isLongest = others.every((other) => other === address || !(pool.freeSince(other, time) < since));
    if (!isLongest) return false;
    if (since > lost.last.until && !pool.isReturn(assignment))
      passes.set(address, (passes.get(address) ?? 0) + 1);
  }
  return others.every((other) => (passes.get(other) ?? 0) >= thresholds.fifoRounds);
}

/**
 * The assignments since are those of an allocator that had no reason to come to the address: it takes the lowest or the highest
 * free one, or the one that came back last (rules 4.7).
 */
function isAllocatorsWay(pool: Pool, lost: LostAddress, later: readonly Assignment[]): boolean {
  let isLowest = true;
  let isHighest = true;
  let isLatest = true;
  for (const assignment of later) {
    const taken = assignment.address >>> 0;
    const since = pool.freeSince(assignment.address, assignment.time);
    for (const other of pool.byAddress.keys()) {
      const free = pool.freeSince(other, assignment.time);
      if (other === assignment.address || Number.isNaN(free)) continue;
      if (other >>> 0 < taken) isLowest = false;
      if (other >>> 0 > taken) isHighest = false;
      if (!(since >= free)) isLatest = false;
    }
    if (!isLowest && !isHighest && !isLatest) return false;
  }
  return later.length > 0 && lost.address !== 0;
}
