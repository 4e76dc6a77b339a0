/** Calls and their accounting on one server: accounting supplies the releases and refusals that the calls do not show (rules 4.6). */
import {
  type Assignment,
  type CallEnd,
  isName,
  type PoolHistory,
  type Refusal,
} from '../../../src/trackers/dial-in-pool.ts';
import { groupBy } from './pool.ts';

/** A refusal that both show is told at most so many seconds apart. */
const SAME_REFUSAL_SECONDS = 10;
/** And so is the beginning of a session. */
const SAME_START_SECONDS = 10;

export interface JoinedPools {
  /** Pools of calls, each with what its accounting adds. */
  readonly ppp: PoolHistory[];
  /** Accounting that belongs to none of them. */
  readonly radius: PoolHistory[];
}

export function joinAccounting(ppp: readonly PoolHistory[], radius: readonly PoolHistory[]): JoinedPools {
  const used = new Set<PoolHistory>();
  const ends = groupBy(
    ppp.flatMap(({ unrefused }) => unrefused),
    ({ identity }) => (isName(identity) ? identity : ''),
  );
  const joined = ppp.map((calls) => {
    // How calls ended of which one direction was captured, nobody knows: they do not bear out what accounting says.
    const accounting = calls.isOneWay ? [] : radius.filter((candidate) => isSameServer(calls, candidate));
    for (const one of accounting) used.add(one);
    return accounting.reduce((known, one) => join(known, one, ends), calls);
  });
  return { ppp: joined, radius: radius.filter((candidate) => !used.has(candidate)) };
}

function isSameServer(calls: PoolHistory, accounting: PoolHistory): boolean {
  if (calls.address !== 0 && calls.address === accounting.address) return true;
  // Where callers have names, one whose name was missed tells no server from another with the same private addresses.
  const named = calls.assignments.filter(({ identity }) => isName(identity));
  const telling = named.length > 0 ? named : calls.assignments;
  return accounting.assignments.some((one) => telling.some((other) => isSameSession(one, other)));
}

/** `ends` tells by name which calls ended otherwise than by a refusal; those without a name are under an empty one. */
function join(
  calls: PoolHistory,
  accounting: PoolHistory,
  ends: ReadonlyMap<string, readonly CallEnd[]>,
): PoolHistory {
  const assignments = calls.assignments.map((assignment) => withRelease(assignment, accounting.assignments));
  // What a call itself shows is not overruled by a Stop that fits a refusal: the caller may have hung up, or be called back.
  const added = accounting.refusals.filter(
    (refusal) =>
      !calls.refusals.some((known) => isSame(known, refusal)) &&
      ![refusal.identity, ''].some((name) => ends.get(name)?.some((end) => isSame(end, refusal))),
  );
  const refusals = [...calls.refusals, ...added];
  refusals.sort((a, b) => a.time - b.time);
  return { ...calls, assignments, refusals };
}

function isSame(one: CallEnd, other: Refusal): boolean {
  return Math.abs(one.time - other.time) <= SAME_REFUSAL_SECONDS;
}

/** One call, told twice: the same address from the same time on, for the same user. */
function isSameSession(one: Assignment, other: Assignment): boolean {
  const isNamed = isName(one.identity) && isName(other.identity);
  return (
    one.address === other.address &&
    Math.abs(one.time - other.time) <= SAME_START_SECONDS &&
    (!isNamed || one.identity === other.identity)
  );
}

/** A Stop that came while the call was not seen to end. */
function withRelease(assignment: Assignment, accounted: readonly Assignment[]): Assignment {
  if (assignment.isHard) return assignment;
  const stop = accounted.find((one) => isSameSession(one, assignment) && one.until > assignment.time);
  return stop === undefined
    ? assignment
    : { ...assignment, until: stop.until, isHard: true, releaseFrame: stop.releaseFrame };
}
