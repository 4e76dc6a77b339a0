/** An address pool as the capture shows it (rules 4.3): what belongs to it, what is held when, and what was lost. */
import {
  type Assignment,
  countCallers,
  isName,
  type Offer,
  type PoolHistory,
} from '../../../src/trackers/dial-in-pool.ts';

/** An address that was given back and never given again. */
export interface LostAddress {
  readonly address: number;
  /** Its last assignment, which ended by a release that a packet proves. */
  readonly last: Assignment;
}

/** What is known of addresses beside the pool's own calls. */
export interface AddressSurroundings {
  /** It comes from DHCP, or from RADIUS. */
  readonly isLeased: (address: number) => boolean;
  /** A station of the LAN uses it. */
  readonly isForeign: (address: number) => boolean;
  /** After this time it was given in calls of another kind or by another server, or somebody used it. */
  readonly isTakenAfter: (address: number, time: number) => boolean;
}

/** Addresses no further apart may be of one pool. */
const NEAR = 256;

/** Addresses of a pool that lie near each other, as unsigned numbers in order. */
interface Range {
  readonly addresses: readonly number[];
  /** The latest release of an address that was given again. */
  readonly latestPass: number;
}

const NO_RANGE: Range = { addresses: [], latestPass: Number.NEGATIVE_INFINITY };

function isWithin(addresses: readonly number[], value: number): boolean {
  return value >= (addresses[0] ?? Number.NaN) && value <= (addresses.at(-1) ?? Number.NaN);
}

function rangesOf(byAddress: ReadonlyMap<number, readonly Assignment[]>): Range[] {
  const ranges: Array<{ addresses: number[]; latestPass: number }> = [];
  for (const address of [...byAddress.keys()].toSorted((a, b) => (a >>> 0) - (b >>> 0))) {
    let range = ranges.at(-1);
    if (range === undefined || (address >>> 0) - (range.addresses.at(-1) ?? 0) >= NEAR) {
      range = { addresses: [], latestPass: Number.NEGATIVE_INFINITY };
      ranges.push(range);
    }
    range.addresses.push(address >>> 0);
    const assignments = byAddress.get(address) ?? [];
    for (const [at, { until }] of assignments.entries())
      if (at < assignments.length - 1 && until > range.latestPass) range.latestPass = until;
  }
  return ranges;
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
  readonly #ranges: readonly Range[];
  readonly #returns: ReadonlySet<Assignment>;

  /** What is leased, foreign or taken cannot be lost to the pool. */
  constructor(history: PoolHistory, { isLeased, isForeign, isTakenAfter }: AddressSurroundings) {
    this.history = history;
    // An address that was never offered is the caller's own; one that was is of the pool, even where a caller asks for it.
    const offered = new Set(
      history.assignments.filter(({ wasOffered }) => wasOffered).map(({ address }) => address),
    );
    const given = history.assignments.filter(({ address }) => offered.has(address) && !isLeased(address));
    const reserved = reservedAddresses(given, history.offers);
    this.assignments = given.filter(({ address }) => reserved.get(address) !== 'surely');
    this.byAddress = groupBy(this.assignments, (assignment) => assignment.address);
    this.#ranges = rangesOf(this.byAddress);
    this.#returns = returnsOf(this.assignments);
    this.startCallsEnd = history.upAtStart.reduce(
      (latest, end) => Math.max(latest, end),
      Number.NEGATIVE_INFINITY,
    );
    this.lost = [...this.byAddress]
      .map(([address, assignments]) => ({ address, last: assignments.at(-1) as Assignment }))
      .filter(
        ({ address, last }) =>
          last.isHard &&
          !reserved.has(address) &&
          !isForeign(address) &&
          !this.#isOffered(address, last.until) &&
          !isTakenAfter(address, last.until),
      );
  }

  /** Offered after it came back: it is no longer missed, though nobody was seen to take it. */
  #isOffered(address: number, since: number): boolean {
    return this.history.offers.some((offer) => offer.address === address && offer.time > since);
  }

  /**
   * True if the recorder stood still in the span: somebody may have got the address unseen. A line is quiet between its calls, and
   * accounting between its sessions.
   */
  isInterrupted(from: number, to: number): boolean {
    const { kind, domain } = this.history;
    return kind !== 'line' && kind !== 'radius' && domain.liveness.isInterrupted(from, to);
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

  /**
   * True if the address shows itself to belong with the others that are given: several callers held it, or it lies between or
   * right beside them. An address that one caller held once, apart from the others, may be that caller's own.
   */
  isMember(address: number, identities: number): boolean {
    if (this.identities(address) >= identities) return true;
    const value = address >>> 0;
    const { addresses } = this.#rangeOf(address);
    const at = addresses.indexOf(value);
    const near = [addresses[at - 1], addresses[at + 1]].filter((other) => other !== undefined);
    // The first address of a static pool is the server's own (Q122701).
    const own = this.history.address >>> 0;
    if (own >>> 8 === value >>> 8) near.push(own);
    return near.some((other) => other <= value + 1) && near.some((other) => other >= value - 1);
  }

  /** True if an address came back before this time and was never given again, whether or not it is of the pool. */
  isAnyLostBefore(time: number): boolean {
    return this.lost.some(({ last }) => last.until < time);
  }

  /** True if another address may be of the same pool as one of this. */
  isNear(address: number, other: number): boolean {
    const { addresses } = this.#rangeOf(address);
    const [first = Number.NaN] = addresses;
    const last = addresses.at(-1) ?? Number.NaN;
    return other >>> 0 > first - NEAR && other >>> 0 < last + NEAR;
  }

  /** The latest release, in this address's range, of an address that was given again. */
  latestPass(address: number): number {
    return this.#rangeOf(address).latestPass;
  }

  /** Servers may have several pools, each for its own callers: only addresses near each other are compared. */
  #rangeOf(address: number): Range {
    return this.#ranges.find(({ addresses }) => isWithin(addresses, address >>> 0)) ?? NO_RANGE;
  }

  /** True if the caller had the same address the time before: it was kept for him, for all that is known. */
  isReturn(assignment: Assignment): boolean {
    return this.#returns.has(assignment);
  }

  /** Callers that surely differ and held the address. */
  identities(address: number): number {
    return countCallers((this.byAddress.get(address) ?? []).map(({ identity }) => identity));
  }
}

function returnsOf(assignments: readonly Assignment[]): Set<Assignment> {
  const lastOf = new Map<string, number>();
  const returns = new Set<Assignment>();
  for (const assignment of assignments) {
    const { identity, address } = assignment;
    if (identity === '') continue;
    if (lastOf.get(identity) === address) returns.add(assignment);
    lastOf.set(identity, address);
  }
  return returns;
}

/**
 * Addresses that always go to the same caller, who always gets the same: they are his, and not the pool's. Where the name of one who
 * held it was missed, that is perhaps so: such an address is not missed, though it tells of the pool.
 */
function reservedAddresses(
  given: readonly Assignment[],
  offers: readonly Offer[],
): Map<number, 'surely' | 'perhaps'> {
  const byAddress = groupBy(given, (assignment) => assignment.address);
  const byIdentity = groupBy(given, (assignment) => assignment.identity);
  const reserved = new Map<number, 'surely' | 'perhaps'>();
  for (const [address, assignments] of byAddress) {
    const identities = assignments.map(({ identity }) => identity).filter(Boolean);
    const names = identities.filter(isName);
    const [owner, other] = new Set(names.length > 0 ? names : identities);
    if (owner === undefined || other !== undefined) continue;
    // Where most names are missing, they are missing of others, too.
    const unknown = assignments.filter(({ identity }) => identity !== owner).length;
    if (unknown > assignments.length / 2) continue;
    const isAgain =
      assignments.length > 1 || offers.some((offer) => offer.address === address && offer.identity === owner);
    const isOneAddress = byIdentity.get(owner)?.every((assignment) => assignment.address === address);
    if (isAgain && isOneAddress) reserved.set(address, unknown === 0 ? 'surely' : 'perhaps');
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
