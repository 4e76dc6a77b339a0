/**
 * Who is watched for a lease, the longest watched first. Visitors who left stay watched, for they may come back with the old address;
 * where there is no room for another station, the one that has been silent for longest makes room.
 */

/** What stands in the order. */
export interface Watched {
  /** When the station was last heard. */
  readonly lastSign: number;
  /** Ends the watch; what it would have shown is not known. */
  giveUp(): void;
}

/** Of so many, the longest watched ones, the most silent is taken: all would take too long in a flood. */
const MAX_COMPARED = 64;
/** Who was heard within this time may be the next to use its address. */
const SILENT_SECONDS = 30;

export class LeaseWatchOrder {
  readonly #order = new Set<Watched>();

  add(watch: Watched): void {
    this.#order.add(watch);
  }

  remove(watch: Watched): void {
    this.#order.delete(watch);
  }

  /** Makes room at `time`; false if all who were asked were heard lately. */
  makeRoom(time: number): boolean {
    let most: Watched | null = null;
    let compared = 0;
    for (const watch of this.#order) {
      if (most === null || watch.lastSign < most.lastSign) most = watch;
      compared += 1;
      if (compared === MAX_COMPARED) break;
    }
    if (most === null || time - most.lastSign < SILENT_SECONDS) return false;
    most.giveUp();
    return true;
  }
}
