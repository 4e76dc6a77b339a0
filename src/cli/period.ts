/**
 * `--from` and `--to`: a date and time (ISO 8601), a time of day of the capture's first day, or a time that long after its first
 * packet. Both ends belong to the period.
 */
import { toInstant } from '../capture/local-time.ts';
import type { Period, PeriodOf } from '../engine/period.ts';
import type { CaptureTime } from '../engine/result.ts';
import { terminalText } from '../report/escape.ts';
import { parseOffset, type TimeZone } from '../report/time-zone.ts';
import { UsageError } from './exit.ts';

/** What was asked for, before the capture is known. */
type Moment =
  | { readonly kind: 'instant'; readonly time: CaptureTime }
  /** `seconds` since midnight, there where the zone is. */
  | { readonly kind: 'timeOfDay'; readonly time: CaptureTime; readonly zone: TimeZone }
  /** `seconds` after something. */
  | { readonly kind: 'after'; readonly time: CaptureTime };

type End = 'from' | 'to';

const DAY_SECONDS = 86_400;
const CLOCK = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?`;
const ZONE = String.raw`\s*(Z|[+-]\d{2}(?::?\d{2})?)?`;
const TIME_OF_DAY = new RegExp(`^${CLOCK}${ZONE}$`, 'i');
const DATE = new RegExp(String.raw`^(\d{4})-(\d{2})-(\d{2})(?:(?:[T ]\s*)${CLOCK}${ZONE})?$`, 'i');
const AFTER = /^\+(?:\d+(?:\.\d+)?(?:ms|s|min|m|h|d))+$/i;
const AMOUNT = /(\d+(?:\.\d+)?)(ms|s|min|m|h|d)/gi;
const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  min: 60,
  h: 3600,
  d: DAY_SECONDS,
};
/** A thousand years: sums stay exact to the nanosecond's neighbourhood. */
const MAX_AFTER_SECONDS = 3.2e10;

/** Reads both; what cannot be meant is a `UsageError`, for a time of day only once the capture's first day is known. */
export function toPeriod(from: string | undefined, to: string | undefined, zone: TimeZone): PeriodOf {
  const fromMoment = from === undefined ? null : readMoment(from, 'from', zone);
  const toMoment = to === undefined ? null : readMoment(to, 'to', zone);
  const periodOf: PeriodOf = (firstTime) => {
    const start = fromMoment === null ? null : resolve(fromMoment, firstTime, 'from');
    if (toMoment === null) return { from: start, to: null };
    // After `--from 14:00`, `--to 15:00` is the next one and `--to +10m` is 14:10; +5m and +10m both count from the first packet.
    const isFromStart = toMoment.kind === 'timeOfDay' || fromMoment?.kind !== 'after';
    const base = start !== null && isFromStart ? start : firstTime;
    const end = resolve(toMoment, base, 'to');
    const isNextDay = toMoment.kind === 'timeOfDay' && start !== null && isBefore(end, start);
    return checked({
      from: start,
      to: isNextDay ? resolve(toMoment, { ...base, seconds: base.seconds + DAY_SECONDS }, 'to') : end,
    });
  };
  const checked = (period: Period): Period => {
    if (period.from !== null && period.to !== null && isBefore(period.to, period.from))
      throw new UsageError(
        `--to ${terminalText(to ?? '')} lies before --from ${terminalText(from ?? '')}; exchange the two`,
      );
    return period;
  };
  // What does not depend on the capture is said before it is read.
  if (fromMoment?.kind === 'instant' && toMoment?.kind === 'instant')
    checked({ from: fromMoment.time, to: toMoment.time });
  return periodOf;
}

function isBefore(a: CaptureTime, b: CaptureTime): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos);
}

function readMoment(text: string, end: End, zone: TimeZone): Moment {
  const word = text.trim();
  const refuse = (why: string): never => {
    throw new UsageError(`--${end} ${terminalText(text)}: ${why}`);
  };
  if (AFTER.test(word)) {
    let total = 0;
    for (const [, amount = '', unit = ''] of word.matchAll(AMOUNT))
      total += Number(amount) * (UNIT_SECONDS[unit.toLowerCase()] ?? 0);
    if (total > MAX_AFTER_SECONDS) refuse('no capture is that long');
    const nanos = Math.round((total % 1) * 1e9);
    const seconds = Math.floor(total) + Math.floor(nanos / 1e9);
    return { kind: 'after', time: { seconds, nanos: nanos % 1e9, precision: 0 } };
  }
  const ofDay = TIME_OF_DAY.exec(word);
  if (ofDay !== null) {
    const time = readClock(ofDay.slice(1, 5)) ?? refuse('there is no such time of day');
    return { kind: 'timeOfDay', time, zone: readZone(ofDay[5], zone, refuse) };
  }
  const date = DATE.exec(word);
  if (date === null) {
    return refuse(
      "write 2001-02-03T04:05:06 (with Z or +01:00, else in --tz), 04:05 of the capture's first day, or +10m after its first packet",
    );
  }
  const midnight = readDate(date.slice(1, 4)) ?? refuse('there is no such day');
  const local = readZone(date[8], zone, refuse);
  if (date[4] === undefined) {
    if (end === 'from') return { kind: 'instant', time: at(midnight, 0, 0, 0, local, end) };
    // The whole day is meant.
    const next = toInstant(midnight + DAY_SECONDS, local, 'first');
    return { kind: 'instant', time: { seconds: next - 1, nanos: 999_999_999, precision: 9 } };
  }
  const { seconds, nanos, precision } = readClock(date.slice(4, 8)) ?? refuse('there is no such time of day');
  return { kind: 'instant', time: at(midnight, seconds, nanos, precision, local, end) };
}

function at(
  midnight: number,
  seconds: number,
  nanos: number,
  precision: number,
  zone: TimeZone,
  end: End,
): CaptureTime {
  // What clocks show twice, when they are set back, is taken so that more is examined.
  const which = end === 'from' ? 'first' : 'last';
  return { seconds: toInstant(midnight + seconds, zone, which), nanos, precision };
}

/** Hours, minutes, seconds and their fraction, as seconds since midnight. */
function readClock([hours, minutes, seconds = '0', fraction = '']: readonly string[]): CaptureTime | null {
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  return {
    seconds: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
    nanos: Number(fraction.padEnd(9, '0')),
    precision: fraction.length,
  };
}

/** Midnight in UTC of a day of the calendar. */
function readDate(parts: readonly string[]): number | null {
  const [year = 0, month = 0, day = 0] = parts.map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.getTime() / 1000 : null;
}

function readZone(text: string | undefined, zone: TimeZone, refuse: (why: string) => never): TimeZone {
  if (text === undefined) return zone;
  const offset = text.toUpperCase() === 'Z' ? 0 : (parseOffset(text) ?? refuse('there is no such time zone'));
  return { name: text, offsetAt: () => offset };
}

/** `base` is the capture's first packet, or the beginning of the period. */
function resolve(moment: Moment, base: CaptureTime, end: End): CaptureTime {
  const { time } = moment;
  switch (moment.kind) {
    case 'instant':
      return time;
    case 'timeOfDay': {
      const { zone } = moment;
      const local = base.seconds + zone.offsetAt(base.seconds);
      const midnight = Math.floor(local / DAY_SECONDS) * DAY_SECONDS;
      return at(midnight, time.seconds, time.nanos, time.precision, zone, end);
    }
    case 'after': {
      const nanos = base.nanos + time.nanos;
      return {
        seconds: base.seconds + time.seconds + Math.floor(nanos / 1e9),
        nanos: nanos % 1e9,
        precision: Math.max(base.precision, time.nanos === 0 ? 0 : 9),
      };
    }
  }
}
