/** Interface statistics blocks (pcapng draft 4.6): cumulative counters, turned into losses per interval. */
import type { CaptureInterface, InterfaceRegistry } from './interfaces.ts';
import { addCounts } from './limits.ts';

/** Losses beyond so many intervals are added to the last one: a file can hold a statistics block per packet. */
const MAX_DROP_INTERVALS = 4096;
/** And those of all interfaces together: there may be thousands. */
const MAX_ALL_DROP_INTERVALS = 16_384;

export interface InterfaceStatistics {
  /** Equal for blocks whose counters go on from one another: isb_starttime, or the section where it is absent. */
  identity: string;
  /** isb_starttime in seconds since 1970, or null. */
  from: number | null;
  /** isb_endtime, or the time of the block itself; null where it has none. */
  to: number | null;
  /** isb_ifdrop + isb_osdrop since the start, or null where neither is there. */
  dropped: number | null;
  /** isb_ifrecv since the start, or null. */
  received: number | null;
}

/**
 * Counts what a statistics block says. The files of a ring repeat the start of capturing and count on; a file with
 * another start, or a counter that fell, begins anew and is added to what was lost before.
 */
export function countStatistics(
  registry: InterfaceRegistry,
  target: CaptureInterface,
  block: InterfaceStatistics,
): void {
  let run = target.statistics;
  const dropped = block.dropped ?? (run?.identity === block.identity ? run.dropped : 0);
  if (run === null || run.identity !== block.identity || dropped < run.dropped) {
    run = {
      identity: block.identity,
      droppedBefore: target.droppedByStatistics,
      receivedBefore: target.received ?? 0,
      dropped: 0,
      until: block.from,
    };
    target.statistics = run;
  }
  const lost = dropped - run.dropped;
  if (lost > 0) {
    const intervals = target.dropIntervals;
    const last = intervals[intervals.length - 1];
    const isFull = intervals.length >= MAX_DROP_INTERVALS || registry.dropIntervals >= MAX_ALL_DROP_INTERVALS;
    if (last === undefined || !isFull) {
      intervals.push({ from: run.until, to: block.to, packets: lost });
      registry.dropIntervals += 1;
    } else {
      last.packets = addCounts(last.packets, lost);
      last.to = block.to;
    }
  }
  run.dropped = dropped;
  if (block.to !== null) run.until = block.to;
  target.droppedByStatistics = addCounts(run.droppedBefore, dropped);
  if (block.received !== null) target.received = addCounts(run.receivedBefore, block.received);
}
