import type { CaptureInterface } from '../capture/interfaces.ts';
import { TimerQueue } from '../tables/timer-queue.ts';
import type { Moment } from '../trackers/moment.ts';

const MAX_TIMERS = 65_536;

/** The clock of one interface, and what waits for it. */
export class InterfaceClock {
  readonly source: CaptureInterface;
  readonly linkType: number;
  readonly precision: number;
  readonly timers = new TimerQueue(MAX_TIMERS);
  /** Time of the last packet; NaN before the first. A double from the start. */
  lastTime = Number.NaN;

  constructor(source: CaptureInterface) {
    this.source = source;
    this.linkType = source.linkType;
    this.precision = source.precision;
  }

  /** Bytes of frame check sequence; a later packet may be the first that tells. */
  get fcsBytes(): number {
    return this.source.fcsBytes;
  }

  /** Tells all whose time has come. */
  fire({ time: now }: Moment): void {
    const { timers } = this;
    for (let due = timers.takeDue(now); due !== undefined; due = timers.takeDue(now)) due.timeout(now);
  }
}
