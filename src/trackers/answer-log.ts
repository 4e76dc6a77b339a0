/**
 * When connections to a virtual address were answered, for the picture of a finding: all of the capture in few times, and more of them
 * around the stretches that a finding may be about. Of fixed size, whatever the traffic.
 */
import type { Moment } from './moment.ts';

/** Answers closer together than this are one in a picture. */
const RECENT_SPACING_SECONDS = 0.25;
const RECENT = 1024;
const ALL = 256;
const MAX_VIEWS = 16;
const VIEW_TIMES = 256;
/** How far around a stretch its view reaches. */
const BEFORE_SECONDS = 60;
const AFTER_SECONDS = 30;

interface View {
  readonly until: number;
  readonly times: number[];
}

export class AnswerLog {
  /** The latest ones, in a ring. */
  readonly #recent = new Float64Array(RECENT);
  #recentCount = 0;
  #nextRecent = Number.NEGATIVE_INFINITY;
  /** Of the whole capture: half of them go when there are too many, and later ones come half as often. */
  #all: number[] = [];
  #spacing = RECENT_SPACING_SECONDS;
  #nextAll = Number.NEGATIVE_INFINITY;
  readonly #views: View[] = [];
  /** Views that still take in what follows their stretch. */
  #open: View[] = [];

  note(packet: Moment): void {
    const { time } = packet;
    if (time < this.#nextRecent) return;
    this.#nextRecent = time + RECENT_SPACING_SECONDS;
    this.#recent[this.#recentCount % RECENT] = time;
    this.#recentCount += 1;
    if (time >= this.#nextAll) this.#noteAmongAll(time);
    if (this.#open.length === 0) return;
    this.#open = this.#open.filter(({ until, times }) => time <= until && times.length < VIEW_TIMES);
    for (const { times } of this.#open) times.push(time);
  }

  /** A stretch that a finding may be about has just ended: what is known around it stays. */
  keepAround(from: number, to: number): void {
    if (this.#views.length >= MAX_VIEWS) return;
    const times = this.#recentFrom(from - BEFORE_SECONDS);
    const view = { until: to + AFTER_SECONDS, times: evenly(times, VIEW_TIMES / 2) };
    this.#views.push(view);
    this.#open.push(view);
  }

  /** Times of answers in a span, in order: not all of them, and none that was not one. */
  between(from: number, to: number): number[] {
    const times = new Set([...this.#all, ...this.#views.flatMap((view) => view.times)]);
    for (const time of this.#recentFrom(from)) times.add(time);
    return [...times].filter((time) => time >= from && time <= to).toSorted((a, b) => a - b);
  }

  #noteAmongAll(time: number): void {
    if (this.#all.length >= ALL) {
      this.#all = this.#all.filter((_, at) => at % 2 === 0);
      this.#spacing *= 2;
    }
    this.#all.push(time);
    this.#nextAll = time + this.#spacing;
  }

  #recentFrom(from: number): number[] {
    const kept = Math.min(this.#recentCount, RECENT);
    const first = this.#recentCount - kept;
    const times = Array.from({ length: kept }, (_, at) => this.#recent[(first + at) % RECENT] as number);
    return times.filter((time) => time >= from);
  }
}

function evenly(times: readonly number[], most: number): number[] {
  if (times.length <= most) return [...times];
  const step = (times.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, at) => times[Math.round(at * step)] as number);
}
