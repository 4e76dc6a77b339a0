/**
 * A part of a timeline by time. What lies outside is read and numbered, so that frame numbers and offsets stay those of the
 * file, and goes no further: to trackers and rules it is as if the capture began and ended there. It stands around the
 * timeline, so that an analysis of everything pays nothing for it.
 */
import { type Capture, type ReadStatus, RECORD, type Timeline } from '../capture/capture.ts';
import type { CaptureError } from '../capture/errors.ts';
import type { InterfaceRegistry } from '../capture/interfaces.ts';
import type { CaptureRecord } from '../capture/record.ts';
import type { CaptureTime } from './result.ts';

/** Both ends belong to it; null is no end. */
export interface Period {
  readonly from: CaptureTime | null;
  readonly to: CaptureTime | null;
}

/** The period meant, by the time of the first record that has one: what was asked for may depend on it. */
export type PeriodOf = (firstTime: CaptureTime) => Period;

export const UNLIMITED: Period = { from: null, to: null };

/** What lay outside in one file, and how many records inside. */
class FileShare {
  examined = 0;
  outside = 0;
  interface = 0;
  firstSeconds = Number.POSITIVE_INFINITY;
  firstNanos = 0;
  lastSeconds = Number.NEGATIVE_INFINITY;
  lastNanos = 0;

  leaveOut(record: CaptureRecord): void {
    const { seconds, nanos } = record;
    this.outside += 1;
    this.interface = record.interface;
    if (seconds < this.firstSeconds || (seconds === this.firstSeconds && nanos < this.firstNanos)) {
      this.firstSeconds = seconds;
      this.firstNanos = nanos;
    }
    if (seconds > this.lastSeconds || (seconds === this.lastSeconds && nanos > this.lastNanos)) {
      this.lastSeconds = seconds;
      this.lastNanos = nanos;
    }
  }
}

export class PeriodTimeline implements Timeline {
  /** Each record has to be looked at. */
  readonly row = null;
  readonly #whole: Timeline;
  readonly #interfaces: InterfaceRegistry;
  readonly #periodOf: PeriodOf;
  readonly #files: FileShare[] = [];
  #period: Period | null = null;
  #fromSeconds = Number.NEGATIVE_INFINITY;
  #fromNanos = 0;
  #toSeconds = Number.POSITIVE_INFINITY;
  #toNanos = 0;

  constructor(whole: Timeline, interfaces: InterfaceRegistry, periodOf: PeriodOf) {
    this.#whole = whole;
    this.#interfaces = interfaces;
    this.#periodOf = periodOf;
  }

  get captures(): readonly Capture[] {
    return this.#whole.captures;
  }

  get failures(): readonly CaptureError[] {
    return this.#whole.failures;
  }

  get progress(): number | null {
    return this.#whole.progress;
  }

  /** The period once it is known: where no record has a time, without ends. */
  get period(): Period {
    return this.#period ?? UNLIMITED;
  }

  next(record: CaptureRecord): ReadStatus {
    for (;;) {
      const status = this.#whole.next(record);
      if (status !== RECORD) return status;
      // Of a record without a time nobody knows whether it is meant.
      if (!record.hasTime) continue;
      const share = (this.#files[record.file] ??= new FileShare());
      if (this.#period === null) this.#settle(record);
      if (this.#isInside(record)) {
        share.examined += 1;
        return RECORD;
      }
      share.leaveOut(record);
    }
  }

  /** Records of a file that were handed out. */
  examinedOf(file: number): number {
    return this.#files[file]?.examined ?? 0;
  }

  /** Earliest and latest time of what was left out of a file; null where nothing was. */
  outsideOf(file: number): readonly [CaptureTime, CaptureTime] | null {
    const share = this.#files[file];
    if (share === undefined || share.outside === 0) return null;
    const precision = this.#precisionOf(share.interface);
    return [
      { seconds: share.firstSeconds, nanos: share.firstNanos, precision },
      { seconds: share.lastSeconds, nanos: share.lastNanos, precision },
    ];
  }

  feed(): Promise<void> | undefined {
    return this.#whole.feed();
  }

  close(): void {
    this.#whole.close();
  }

  #isInside({ seconds, nanos }: CaptureRecord): boolean {
    return (
      (seconds > this.#fromSeconds || (seconds === this.#fromSeconds && nanos >= this.#fromNanos)) &&
      (seconds < this.#toSeconds || (seconds === this.#toSeconds && nanos <= this.#toNanos))
    );
  }

  #settle({ seconds, nanos, interface: index }: CaptureRecord): void {
    const { from, to } = this.#periodOf({ seconds, nanos, precision: this.#precisionOf(index) });
    this.#period = { from, to };
    if (from !== null) {
      this.#fromSeconds = from.seconds;
      this.#fromNanos = from.nanos;
    }
    if (to !== null) {
      this.#toSeconds = to.seconds;
      this.#toNanos = to.nanos;
    }
  }

  #precisionOf(interfaceIndex: number): number {
    return this.#interfaces.list[interfaceIndex]?.precision ?? 6;
  }
}
