/** Where packets were lost: right before one that was recorded, or within a stretch that statistics of the capture tell of. */
import type { CaptureInterface } from '../capture/interfaces.ts';
import type { InterfaceClock } from './interface-clock.ts';
import type { LocatedDrop } from './proof-limits.ts';
import type { Moment } from '../trackers/moment.ts';

const MAX_DROPS = 4096;

export class LocatedDrops {
  /** Those right before recorded packets, in the order of the capture; the last ones of an interface stand for all that found no room. */
  readonly list: LocatedDrop[] = [];

  /** Packets were lost between the last packet of an interface and the one at `to`. */
  note({ source, lastTime: from }: InterfaceClock, { time: to }: Moment, packets: number): void {
    const { index } = source;
    if (this.list.length < MAX_DROPS) {
      this.list.push({ interface: index, from, to, packets });
      return;
    }
    // Too many to keep apart: the interface's last one widens over the rest, for none may be missed.
    const at = this.list.findLastIndex((drop) => drop.interface === index);
    const last = this.list[at];
    if (last) this.list[at] = { ...last, to: Math.max(last.to, to), packets: last.packets + packets };
  }

  /** With those that statistics blocks locate, in times from `base`. `endOf` tells the time of an interface's last packet. */
  withStatistics(
    interfaces: readonly CaptureInterface[],
    base: number,
    endOf: (interfaceIndex: number) => number,
  ): LocatedDrop[] {
    const fromStatistics = interfaces.flatMap((source) =>
      source.dropIntervals
        .filter((interval) => interval.from !== null && interval.to !== null)
        .map((interval) => ({
          interface: source.index,
          from: (interval.from as number) - base,
          to: (interval.to as number) - base,
          packets: interval.packets,
        }))
        // One that covers all of the interface's packets locates nothing.
        .filter((drop) => drop.to - drop.from < endOf(source.index) * 0.5),
    );
    return [...this.list, ...fromStatistics];
  }
}
