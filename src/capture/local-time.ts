/** Times as a clock on the wall shows them, and the time that they are. */

/** A zone, as far as its clocks go: seconds east of UTC at a time in seconds since 1970. */
export interface LocalZone {
  offsetAt(seconds: number): number;
}

const DAY_SECONDS = 86_400;

/**
 * The time at which clocks of the zone show this, in seconds since 1970. What they show twice, when they are set back, is the first
 * or the last of the two; what they never show, when they are set forward, is taken as if they had not been.
 */
export function toInstant(localSeconds: number, zone: LocalZone, which: 'first' | 'last'): number {
  const before = zone.offsetAt(localSeconds - DAY_SECONDS);
  const after = zone.offsetAt(localSeconds + DAY_SECONDS);
  const times = [localSeconds - before, localSeconds - after].filter(
    (time) => time + zone.offsetAt(time) === localSeconds,
  );
  if (times.length === 0) return localSeconds - before;
  return which === 'first' ? Math.min(...times) : Math.max(...times);
}

/** A SYSTEMTIME of Windows: year, month (1 to 12), day of the week, day, hour, minute, second, millisecond, each 16 bits (LE). */
export interface SystemTime {
  /** Seconds since 1970 if the clock showed UTC. */
  readonly seconds: number;
  /** 0 to 999. */
  readonly millis: number;
}

/** Null where there is no such date. */
export function readSystemTime(view: DataView, offset: number): SystemTime | null {
  const field = (index: number) => view.getUint16(offset + 2 * index, true);
  const year = field(0);
  const month = field(1);
  const day = field(3);
  const millis = field(7);
  // Dates of Windows begin in 1601.
  if (year < 1601 || year > 9999 || month < 1 || month > 12 || day < 1 || millis > 999) return null;
  if (field(4) > 23 || field(5) > 59 || field(6) > 59) return null;
  const firstOfMonth = Date.UTC(year, month - 1, 1) / 1000;
  const seconds = firstOfMonth + (day - 1) * DAY_SECONDS + field(4) * 3600 + field(5) * 60 + field(6);
  return seconds < Date.UTC(year, month, 1) / 1000 ? { seconds, millis } : null;
}
