/** Stretches in which connection attempts stay without answer, of a virtual address or of one station that answers for it. */
import type { FrameCitation } from '../engine/result.ts';
import type { Packet } from '../wire/packet.ts';
import type { SynAttempt } from './syn-attempts.ts';
import type { Moment } from './moment.ts';

const MAX_ATTEMPTS = 512;
const MAX_KEPT = 64;
const MAX_TIMES = 64;

export interface OutageLimits {
  /** Outages shorter than this, or with fewer attempts, are not kept. */
  readonly seconds: number;
  readonly attempts: number;
}

export class Outage {
  /** First transmission of its first attempt. */
  readonly from: number;
  /** The frame that ended it, or the end of the capture. */
  to = Number.NaN;
  /** Nothing ended it but the end of what was captured. */
  isOpen = false;
  readonly attempts: SynAttempt[] = [];
  /** IPv4 frames from the virtual address inside. */
  frames = 0;
  /** Attempts that other stations answered meanwhile, and when the first ones were. */
  answeredByOthers = 0;
  /** Of the first and of the last ones. */
  readonly #firstOthers: number[] = [];
  readonly #lastOthers: number[] = [];
  /** For stations: when the first of its last answers before came, as many as make a baseline; NaN if there were fewer. */
  baselineFrom = Number.NaN;
  /** The last answered connection before: its SYN and the answer. */
  readonly lastAnswer: readonly FrameCitation[];

  constructor(first: SynAttempt, lastAnswer: readonly FrameCitation[]) {
    this.from = first.time;
    this.attempts.push(first);
    this.lastAnswer = lastAnswer;
  }

  /** Another station answered an attempt. */
  noteOther(time: number): void {
    if (this.#firstOthers.length < MAX_TIMES) this.#firstOthers.push(time);
    this.#lastOthers[this.answeredByOthers % MAX_TIMES] = time;
    this.answeredByOthers += 1;
  }

  /** Attempts that others answered up to `time`; in the midst of many, no more than the first ones that are kept. */
  answeredByOthersUntil(time: number): number {
    const later = this.#lastOthers.filter((other) => other > time).length;
    if (later < this.#lastOthers.length) return this.answeredByOthers - later;
    return this.#firstOthers.filter((other) => other <= time).length;
  }

  add(attempt: SynAttempt): void {
    if (this.attempts.length < MAX_ATTEMPTS) this.attempts.push(attempt);
  }
}

/**
 * Follows one side. `strict` outages end with any IPv4 frame from the virtual address, `loose` ones only with an answer: the
 * first kind proves more.
 */
export class OutageWatch {
  strict: Outage | null = null;
  loose: Outage | null = null;
  readonly kept: Outage[] = [];
  /** Outages beyond those kept. */
  leftOut = 0;
  /** Times of the last IPv4 frame and the last answer. */
  lastFrame = Number.NEGATIVE_INFINITY;
  lastAnswer = Number.NEGATIVE_INFINITY;
  answerFrames: readonly FrameCitation[] = [];
  readonly #limits: OutageLimits;
  readonly #opened: (outage: Outage) => void;
  readonly #kept: (outage: Outage) => void;

  /** `opened` is told of each new outage, `kept` of each that is kept, when it has ended. */
  constructor(
    limits: OutageLimits,
    opened: (outage: Outage) => void = () => undefined,
    kept: (outage: Outage) => void = () => undefined,
  ) {
    this.#limits = limits;
    this.#opened = opened;
    this.#kept = kept;
  }

  /** An attempt was repeated without an answer. */
  attempt(attempt: SynAttempt): void {
    if (attempt.time > this.lastFrame) this.strict = this.#extend(this.strict, attempt);
    if (attempt.time > this.lastAnswer) {
      const isNew = this.loose === null;
      this.loose = this.#extend(this.loose, attempt);
      if (isNew && attempt.time <= this.lastFrame) this.loose.frames += 1;
    }
  }

  /** An IPv4 frame from the virtual address. */
  frame(packet: Packet): void {
    this.lastFrame = packet.time;
    if (this.loose !== null) this.loose.frames += 1;
    if (this.strict !== null) this.strict = this.#close(this.strict, packet, false);
  }

  /** An attempt was answered, here or out of sight. */
  answer(packet: Packet, frames: readonly FrameCitation[] | null): void {
    this.lastAnswer = packet.time;
    this.lastFrame = packet.time;
    if (frames !== null) this.answerFrames = frames;
    if (this.strict !== null) this.strict = this.#close(this.strict, packet, false);
    if (this.loose !== null) this.loose = this.#close(this.loose, packet, false);
  }

  /** Nothing more is seen after this time. */
  finish(last: Moment): void {
    if (this.strict !== null) this.strict = this.#close(this.strict, last, true);
    if (this.loose !== null) this.loose = this.#close(this.loose, last, true);
  }

  #extend(outage: Outage | null, attempt: SynAttempt): Outage {
    if (outage !== null) {
      outage.add(attempt);
      return outage;
    }
    const opened = new Outage(attempt, this.answerFrames);
    this.#opened(opened);
    return opened;
  }

  #close(outage: Outage, { time }: Moment, isOpen: boolean): null {
    outage.to = time;
    outage.isOpen = isOpen;
    if (time - outage.from < this.#limits.seconds || outage.attempts.length < this.#limits.attempts)
      return null;
    if (this.kept.length < MAX_KEPT) {
      this.kept.push(outage);
      this.#kept(outage);
    } else this.leftOut += 1;
    return null;
  }
}
