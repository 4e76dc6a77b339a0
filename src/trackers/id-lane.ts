/** The IP identifications of one address: whether the stations that use it count them together, as one host does (rules 0.5). */

/** The largest step from one packet to the next that still looks like one counter. */
const LANE_STEP = 1024;

/** The IP identifications of an address under several stations: one counter, or one each. */
export class IdLane {
  #mac = 0;
  #id = 0;
  /** Small steps under one station, in network order and byte-swapped (as NT counts): how this host counts. */
  readonly #votes = [0, 0];
  #sameStation = 0;
  /** Steps from one station to the other, small and not, in both orders. */
  readonly #steps = [0, 0];
  readonly #breaks = [0, 0];

  note(mac: number, id: number): void {
    // Zero is what a host sends that does not count (RFC 6864).
    if (id === 0) return;
    if (this.#mac !== 0) {
      if (mac === this.#mac) this.#sameStation += 1;
      this.#step(0, (id - this.#id) & 0xffff, mac === this.#mac);
      this.#step(1, (swapBytes(id) - swapBytes(this.#id)) & 0xffff, mac === this.#mac);
    }
    this.#mac = mac;
    this.#id = id;
  }

  /**
   * False if each station counts by itself. Where the identifications under one station are no counter either (random, or one
   * per destination), steps across stations say nothing, and the lane is taken for one.
   */
  get isOne(): boolean {
    const order = (this.#votes[1] as number) > (this.#votes[0] as number) ? 1 : 0;
    if (this.#sameStation > 0 && (this.#votes[order] as number) * 2 < this.#sameStation) return true;
    return (this.#steps[order] as number) >= (this.#breaks[order] as number);
  }

  #step(order: 0 | 1, step: number, isSameStation: boolean): void {
    const isSmall = step > 0 && step < LANE_STEP;
    const counts = isSameStation ? this.#votes : isSmall ? this.#steps : this.#breaks;
    if (!isSameStation || step < 64) counts[order] = (counts[order] as number) + 1;
  }
}

function swapBytes(id: number): number {
  return ((id & 0xff) << 8) | (id >>> 8);
}
