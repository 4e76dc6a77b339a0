/** The IP identifications of one address: whether the stations that use it count them together, as one host does (rules 0.5). */

/** The largest step from one packet to the next that still looks like one counter. */
const LANE_STEP = 1024;
/** The largest step under one station that tells a counter. */
const OWN_STEP = 64;
/** Breaks that tell two counters: a single one is of a connection that counts by itself, or chance. */
const MIN_BREAKS = 2;
const MAX_DESTINATIONS = 64;

/** One counter, or one each; unknown where nothing could be compared. */
export type Lane = 'one' | 'several' | 'unknown';

/** A station that sends from the address: the identification and destination of its latest packet, zero before the first. */
export interface LaneSender {
  latestId: number;
  latestDestination: number;
}

/** The latest packet to a destination. */
interface Sent {
  sender: LaneSender;
  id: number;
}

/**
 * The IP identifications of an address under several stations: one counter, or one each. Many hosts keep a counter per destination
 * (RFC 6864 4.1 permits it): identifications to two destinations are compared only where one station counts over all of them.
 */
export class IdLane {
  #latest: LaneSender | null = null;
  readonly #peers = new Map<number, Sent>();
  /** Steps to the same destination, and from one destination to another. */
  readonly #same = new Steps();
  readonly #other = new Steps();

  /** The destination as a signed integer: an address, or a protocol of one. */
  note(sender: LaneSender, id: number, destination: number): void {
    // Zero is what a host sends that does not count (RFC 6864).
    if (id === 0) return;
    const before = this.#peers.get(destination);
    if (before !== undefined) {
      this.#same.note(before.id, id, before.sender === sender);
      before.sender = sender;
      before.id = id;
    } else if (this.#peers.size < MAX_DESTINATIONS) this.#peers.set(destination, { sender, id });
    const latest = this.#latest;
    if (sender.latestId !== 0 && sender.latestDestination !== destination)
      this.#other.note(sender.latestId, id, true);
    if (latest !== null && latest !== sender && latest.latestDestination !== destination)
      this.#other.note(latest.latestId, id, false);
    sender.latestId = id;
    sender.latestDestination = destination;
    this.#latest = sender;
  }

  /**
   * Where the identifications under one station are no counter either (random, or one per destination), steps across stations
   * say nothing.
   */
  get verdict(): Lane {
    const order =
      this.#same.votesOf(1) + this.#other.votesOf(1) > this.#same.votesOf(0) + this.#other.votesOf(0) ? 1 : 0;
    const isGlobal = this.#other.isCounted(order) === true;
    const areComparable = isGlobal || this.#same.isCounted(order) !== false;
    const steps =
      (areComparable ? this.#same.stepsOf(order) : 0) + (isGlobal ? this.#other.stepsOf(order) : 0);
    const breaks =
      (areComparable ? this.#same.breaksOf(order) : 0) + (isGlobal ? this.#other.breaksOf(order) : 0);
    if (steps > 0 && steps >= breaks) return 'one';
    return breaks >= MIN_BREAKS ? 'several' : 'unknown';
  }
}

type Order = 0 | 1;

/** Steps from one identification to the next, in network order and byte-swapped (as NT counts). */
class Steps {
  /** Small ones under one station: how this host counts. */
  readonly #votes = [0, 0];
  #sameStation = 0;
  /** From one station to the other, small and not. */
  readonly #steps = [0, 0];
  readonly #breaks = [0, 0];

  note(before: number, id: number, isSameStation: boolean): void {
    if (isSameStation) this.#sameStation += 1;
    this.#step(0, (id - before) & 0xffff, isSameStation);
    this.#step(1, (swapBytes(id) - swapBytes(before)) & 0xffff, isSameStation);
  }

  /** True if one station counts, false if it does not, null if none sent twice. */
  isCounted(order: Order): boolean | null {
    return this.#sameStation === 0 ? null : this.votesOf(order) * 2 >= this.#sameStation;
  }

  votesOf(order: Order): number {
    return this.#votes[order] as number;
  }

  stepsOf(order: Order): number {
    return this.#steps[order] as number;
  }

  breaksOf(order: Order): number {
    return this.#breaks[order] as number;
  }

  #step(order: Order, step: number, isSameStation: boolean): void {
    const isSmall = step > 0 && step < (isSameStation ? OWN_STEP : LANE_STEP);
    if (isSameStation && !isSmall) return;
    const counts = isSameStation ? this.#votes : isSmall ? this.#steps : this.#breaks;
    counts[order] = (counts[order] as number) + 1;
  }
}

function swapBytes(id: number): number {
  return ((id & 0xff) << 8) | (id >>> 8);
}
