/** An address pool as the capture shows it (rules 4.3): what belongs to it, what is held when, and what was lost. */
import type { Assignment, PoolHistory } from '../../../src/trackers/dial-in-pool.ts';

/** An address that was given back and never given again. */
export interface LostAddress {
  readonly address: number;
  /** Its last assignment, which ended by a release that a packet proves. */
  readonly last: Assignment;
}

export class Pool {
  readonly history: PoolHistory;
  /** Assignments from the pool, by time. */
  readonly assignments: readonly Assignment[];
  /** The assignments of each address of the pool (K), by time. */
  readonly byAddress: ReadonlyMap<number, readonly Assignment[]>;
  readonly lost: readonly LostAddress[];
  /** The end of the last call that was up when the capture began; NaN if one was not seen to end, minus infinity if there was none. */
  readonly startCallsEnd: number;

  /** Leased addresses come from DHCP, and foreign ones are used by a station of the LAN: neither can be lost to the pool. */
  constructor(
    history: PoolHistory,
    isLeased: (address: number) => boolean,
    isForeign: (address: number) => boolean,
  ) {
    this.history = history;
    const given = history.assignments.filter(
      (assignment) => assignment.wasOffered && !isLeased(assignment.address),
    );
    const reserved = reservedAddresses(given);
    this.assignments = given.filter((assignment) => !reserved.has(assignment.address));
    this.byAddress = groupBy(this.assignments, (assignment) => assignment.address);
    this.startCallsEnd = history.upAtStart.reduce(
      (latest, end) => Math.max(latest, end),
      Number.NEGATIVE_INFINITY,
    );
    this.lost = [...this.byAddress]
      .map(([address, assignments]) => ({ address, last: assignments.at(-1) as Assignment }))
      .filter(({ address, last }) => last.isHard && !isForeign(address));
  }

  /** When the last of the pool's addresses was given for the first time. */
  get lastNew(): number {
    let last = Number.NEGATIVE_INFINITY;
    for (const [first] of this.byAddress.values()) if (first && first.time > last) last = first.time;
    return last;
  }

  get size(): number {
    return this.byAddress.size;
  }

  /** The assignment in force at `time`: the caller holds the address, or nobody saw it give it back. */
  holder(address: number, time: number): Assignment | undefined {
    const latest = this.byAddress.get(address)?.findLast((assignment) => assignment.time <= time);
    return latest !== undefined && !(latest.until <= time) ? latest : undefined;
  }

  /** When the address became free, as seen at `time`; NaN if it is held, or was never given before. */
  freeSince(address: number, time: number): number {
    const latest = this.byAddress.get(address)?.findLast((assignment) => assignment.time < time);
    return latest !== undefined && latest.until <= time ? latest.until : Number.NaN;
  }

  /** Addresses held at `time`. */
  active(time: number): number {
    return [...this.byAddress.keys()].filter((address) => this.holder(address, time) !== undefined).length;
  }

  /** Distinct callers that held the address; those without a name count as one. */
  identities(address: number): number {
    return new Set(this.byAddress.get(address)?.map((assignment) => assignment.identity)).size;
  }
}

/** Addresses that always go to the same caller, who always gets the same: they are his, and not the pool's. */
function reservedAddresses(given: readonly Assignment[]): Set<number> {
  const byAddress = groupBy(given, (assignment) => assignment.address);
  const byIdentity = groupBy(given, (assignment) => assignment.identity);
  const reserved = new Set<number>();
  for (const [address, assignments] of byAddress) {
    const [first] = assignments;
    if (first === undefined || first.identity === '' || assignments.length < 2) continue;
    const isOneCaller = assignments.every((assignment) => assignment.identity === first.identity);
    const isOneAddress = byIdentity
      .get(first.identity)
      ?.every((assignment) => assignment.address === address);
    if (isOneCaller && isOneAddress) reserved.add(address);
  }
  return reserved;
}

/** Elements by key, in their order. */
export function groupBy<Key, Value>(
  values: readonly Value[],
  keyOf: (value: Value) => Key,
): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}
