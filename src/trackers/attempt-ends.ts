/** How attempts to connect end without a connection: given up, displaced by others, or waiting as the capture ends. */
import type { Packet } from '../wire/packet.ts';
import type { IsnSeries } from './isn-series.ts';
import type { IsnSeriesTable } from './isn-series-table.ts';
import {
  META_CLOSED,
  META_EVIDENCE,
  META_REFUSED,
  PENDING_COUNT,
  PENDING_META,
  type PendingSyns,
} from './pending-syns.ts';
import type { TupleReuses } from './tuple-reuses.ts';

export class AttemptEnds {
  /** Attempts displaced too early, on tuples whose earlier connection was seen: what came of them would have been evidence. */
  lost = 0;
  /** Other attempts that were displaced, but those that say no more of their host than is known. */
  displaced = 0;
  readonly #series: IsnSeriesTable;
  readonly #reuses: TupleReuses;

  constructor(series: IsnSeriesTable, reuses: TupleReuses) {
    this.#series = series;
    this.#reuses = reuses;
  }

  /**
   * An attempt is displaced by the SYN of `packet`. One that its host has given up ends as it would at the end of the capture;
   * of a younger one nobody knows what would have come.
   */
  displace(pending: PendingSyns, at: number, packet: Packet): void {
    this.#reuses.noteDisplaced(pending, at);
    const meta = pending.words[at + PENDING_META] as number;
    if (pending.isOver(at, packet)) {
      this.giveUp(pending, at);
      // A host with a series is judged, or counted as undecided, all the same.
      if (this.#seriesOf(pending, at) !== undefined) return;
    } else if ((meta & META_EVIDENCE) !== 0) {
      this.lost += 1;
      return;
    }
    if ((meta & META_REFUSED) === 0) this.displaced += 1;
  }

  /** An attempt ends that no answer is to come for. */
  giveUp(pending: PendingSyns, at: number): void {
    const { words } = pending;
    if (((words[at + PENDING_META] as number) & META_CLOSED) === 0) return;
    if (((words[at + PENDING_COUNT] as number) & 0xff) < 2) return;
    const series = this.#seriesOf(pending, at);
    if (series !== undefined) series.failedAttempts += 1;
  }

  #seriesOf(pending: PendingSyns, at: number): IsnSeries | undefined {
    return this.#series.find(pending.domainOf(at), pending.sourceOf(at), 'client');
  }
}
