/** Numbers and times as a person reads them. Independent of the locale, so that reports are the same everywhere. */
import type { CaptureTime } from '../engine/result.ts';

/** The farthest from 1970 that ECMAScript's Date reaches, in seconds (ECMA-262 21.4.1.1). */
const MAX_DATE_SECONDS = 8.64e12;

/**
 * ISO 8601 in UTC with the decimals the capture has, truncated; null where no calendar date exists for it
 * (a damaged capture can claim any 64-bit number).
 */
export function isoTime(time: CaptureTime | null): string | null {
  if (time === null || !Number.isFinite(time.seconds) || Math.abs(time.seconds) > MAX_DATE_SECONDS)
    return null;
  const date = new Date(Math.floor(time.seconds) * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const precision = Math.min(9, Math.max(0, Math.trunc(time.precision)));
  const digits = String(Math.min(999_999_999, Math.max(0, Math.trunc(time.nanos)))).padStart(9, '0');
  const fraction = precision === 0 ? '' : `.${digits.slice(0, precision)}`;
  return date.toISOString().replace(/\.\d+Z$/, `${fraction}Z`);
}

/** Seconds from `from` to `to`, with the finer precision of the two. */
export function secondsBetween(from: CaptureTime, to: CaptureTime): number {
  const seconds = to.seconds - from.seconds + (to.nanos - from.nanos) / 1e9;
  return Number(seconds.toFixed(Math.min(9, Math.max(from.precision, to.precision, 0))));
}

/** Grouped by thousands: `1,234,567`. */
export function formatCount(count: number): string {
  const [whole = '', fraction] = String(count).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `1 lease`, `14 leases`. */
export function formatPlural(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** At most `decimals` decimals, without trailing zeros. */
function short(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}

/** The two largest units: `350 ms`, `12.5 s`, `2 min 5 s`, `3 h`, `2 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'an unlimited time';
  if (seconds < 0) return `-${formatDuration(-seconds)}`;
  if (seconds === 0) return '0 s';
  if (seconds < 0.9995) return `${short(seconds * 1000, seconds < 0.01 ? 3 : 0)} ms`;
  if (seconds < 59.95) return `${short(seconds, 1)} s`;
  const whole = Math.round(seconds);
  const steps: ReadonlyArray<readonly [string, number, string, number]> = [
    ['d', 86_400, 'h', 3600],
    ['h', 3600, 'min', 60],
    ['min', 60, 's', 1],
  ];
  for (const [unit, size, lesserUnit, lesserSize] of steps) {
    if (whole < size) continue;
    const lesser = Math.floor((whole % size) / lesserSize);
    const greater = formatCount(Math.floor(whole / size));
    return lesser === 0 ? `${greater} ${unit}` : `${greater} ${unit} ${lesser} ${lesserUnit}`;
  }
  return `${whole} s`;
}

/** Binary units, one decimal: `24 bytes`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return formatPlural(bytes, 'byte', 'bytes');
  let value = bytes;
  let unit = '';
  for (unit of ['KiB', 'MiB', 'GiB', 'TiB']) {
    value /= 1024;
    if (value < 1024) break;
  }
  return `${short(value, 1)} ${unit}`;
}

/** A share of one: `1.2 %`. */
export function formatPercent(share: number): string {
  return `${short(share * 100, share < 0.001 ? 3 : 1)} %`;
}
