/** Times as reports show them, ISO 8601 with any number of decimals. */

/** A time without a zone is read as UTC, wherever this runs. */
function secondsOf(time: string): number {
  return Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(time) ? time : `${time}Z`) / 1000;
}

/** Whole seconds since 1970, and the decimals as nanoseconds. */
function partsOf(time: string): readonly [seconds: number, nanos: number] {
  const dot = time.indexOf('.');
  if (dot < 0) return [secondsOf(time), 0];
  const digits = /^\d*/.exec(time.slice(dot + 1))?.[0] ?? '';
  const rest = time.slice(dot + 1 + digits.length);
  return [secondsOf(time.slice(0, dot) + rest), Number(digits.slice(0, 9).padEnd(9, '0'))];
}

export function compareTimes(a: string, b: string): number {
  if (a === b) return 0;
  const [seconds, nanos] = partsOf(a);
  const [otherSeconds, otherNanos] = partsOf(b);
  return seconds - otherSeconds || nanos - otherNanos;
}

/** The earlier one; one that is not known does not count. */
export function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareTimes(a, b) <= 0 ? a : b;
}

export function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareTimes(a, b) >= 0 ? a : b;
}

/** With as many decimals as the times have. */
export function secondsFrom(from: string, to: string): number {
  const [fromSeconds, fromNanos] = partsOf(from);
  const [toSeconds, toNanos] = partsOf(to);
  return Number((toSeconds - fromSeconds + (toNanos - fromNanos) / 1e9).toFixed(9));
}
