/** Axes in capture time: where ticks stand, and how a moment and a length of time are written. */

import { SMALL_FONT_SIZE, textWidth } from './theme.ts';

/** Steps between ticks that people count in, in seconds; below a second, powers of ten. */
const STEPS: readonly number[] = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800,
  432_000, 864_000,
];
const MAX_TICKS = 9;
/** Room between the numbers of two ticks. */
const TICK_GAP = 22;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
/** Below so many seconds, seconds are easier to read than minutes. */
const LAST_SECONDS = 300;

export interface TimeAxis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  /** What the numbers on the axis are. */
  readonly label: string;
  readonly format: (time: number) => string;
}

/** Where an axis lies: its ends, and the first event on it. */
interface Extent {
  readonly from: number;
  readonly first: number;
  readonly to: number;
}

/**
 * An axis over all of the times, with a little room on either side; `width` is its length in units of the picture. `start` is the
 * first packet's time of day, if that is known.
 */
export function timeAxis(times: readonly number[], width: number, start: string | null = null): TimeAxis {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    if (time < first) first = time;
    if (time > last) last = time;
  }
  if (first > last) return timeAxis([0, 1], width, start);
  // One moment alone still needs an axis.
  const pad = first === last ? 0.5 : (last - first) * 0.03;
  const extent = { from: first - pad, first, to: last + pad };
  let axis = axisOf(extent, MAX_TICKS, start);
  for (let most = MAX_TICKS - 1; most >= 2 && !isRoomy(axis, width); most -= 1)
    axis = axisOf(extent, most, start);
  return isRoomy(axis, width) ? axis : { ...axis, ticks: axis.ticks.slice(0, 1) };
}

function axisOf(extent: Extent, mostTicks: number, start: string | null): TimeAxis {
  const { from, to } = extent;
  const span = to - from;
  const step = stepOf(span, mostTicks);
  // Where hardly a digit changes, what counts is the time from the first event on.
  if (span < 1 && Math.abs(from) > 10 * span) return closeUp(extent, step);
  const largest = Math.max(Math.abs(from), Math.abs(to));
  const isSeconds = step < 1 || (step < MINUTE && largest < LAST_SECONDS);
  const unit = isSeconds ? 'seconds' : labelOf(largest, step);
  return {
    from,
    to,
    ticks: ticksFrom(0, from, to, step),
    label: `${unit} since ${start === null ? 'the first packet' : start}`,
    format: (time) => (isSeconds ? seconds(time, step) : clock(time, largest, step)),
  };
}

/** Milliseconds, or microseconds, after the first event, which is named below the axis. */
function closeUp({ from, first, to }: Extent, step: number): TimeAxis {
  const isMillis = to - from >= 0.001;
  const scale = isMillis ? 1e3 : 1e6;
  return {
    from,
    to,
    ticks: ticksFrom(first, from, to, step),
    label: `${isMillis ? 'milliseconds' : 'microseconds'} after ${withMinus(first.toFixed(6))} s`,
    format: (time) => seconds((time - first) * scale, step * scale),
  };
}

function ticksFrom(origin: number, from: number, to: number, step: number): number[] {
  const ticks: number[] = [];
  const first = Math.ceil((from - origin) / step);
  // Counted, for a step may be too small to change a number as large as a hostile clock makes it.
  for (let at = 0; at < 2 * MAX_TICKS && origin + (first + at) * step <= to; at += 1)
    ticks.push(origin + (first + at) * step);
  return ticks;
}

/** Whether the numbers fit side by side: what they have is the distance of two ticks, not their share of the width. */
function isRoomy({ from, to, ticks, format }: TimeAxis, width: number): boolean {
  const [first = 0, second = Number.POSITIVE_INFINITY] = ticks;
  const widths = ticks.map((time) => textWidth(format(time), SMALL_FONT_SIZE) + TICK_GAP);
  return Math.max(...widths, 0) <= ((second - first) / (to - from)) * width;
}

function stepOf(span: number, mostTicks: number): number {
  const least = span / mostTicks;
  if (least > 1) {
    const known = STEPS.find((step) => step >= least);
    if (known !== undefined) return known;
    return Math.ceil(least / DAY / 10) * 10 * DAY;
  }
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

function seconds(time: number, step: number): string {
  const decimals = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  return withMinus(time.toFixed(decimals).replace(/^-(0(?:\.0*)?)$/, '$1'));
}

function labelOf(largest: number, step: number): string {
  if (largest < HOUR) return 'minutes:seconds';
  return step < MINUTE ? 'hours:minutes:seconds' : 'hours:minutes';
}

function clock(time: number, largest: number, step: number): string {
  const whole = Math.round(Math.abs(time));
  const sign = time < 0 && whole > 0 ? '−' : '';
  const two = (value: number) => String(value).padStart(2, '0');
  if (largest < HOUR) return `${sign}${Math.floor(whole / MINUTE)}:${two(whole % MINUTE)}`;
  const hours = `${sign}${Math.floor(whole / HOUR)}:${two(Math.floor((whole % HOUR) / MINUTE))}`;
  return step < MINUTE ? `${hours}:${two(whole % MINUTE)}` : hours;
}

/** A hyphen is shorter than the plus that it stands beside. */
export function withMinus(text: string): string {
  return text.replace(/^-/, '−');
}

/** A length of time in as few words as a label has room for: `44.5 s`, `12 min`, `3.5 h`. */
export function shortDuration(length: number): string {
  const of = (value: number, unit: string) => `${trimmed(value)} ${unit}`;
  if (length < 1) return of(length * 1000, 'ms');
  if (length < 2 * MINUTE) return of(length, 's');
  if (length < 2 * HOUR) return of(length / MINUTE, 'min');
  return length < 2 * DAY ? of(length / HOUR, 'h') : of(length / DAY, 'days');
}

/** Three digits, without zeros that say nothing. */
function trimmed(value: number): string {
  return String(Number(value >= 100 ? value.toFixed(0) : value.toPrecision(3)));
}

/** A moment in the text of a description. */
export function moment(time: number): string {
  return `${withMinus(String(Math.round(time * 1000) / 1000))} s`;
}
