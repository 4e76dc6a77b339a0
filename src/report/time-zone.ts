/** Time zones: those of the IANA database by name, and fixed distances from UTC. */

/** Seconds east of UTC at a time in seconds since 1970. */
export interface TimeZone {
  /** `UTC`, `+05:30`, `Europe/Berlin`. */
  readonly name: string;
  offsetAt(seconds: number): number;
}

export const UTC: TimeZone = { name: 'UTC', offsetAt: () => 0 };

/** Hours, and minutes if any, from UTC (ISO 8601). */
const OFFSET = /^([+-])(\d{2})(?::?([0-5]\d))?$/;
/** The farthest zones are 14 hours from UTC; ISO 8601 allows for no more than a day. */
const MAX_OFFSET_HOURS = 23;

/** Beyond these the calendars of Intl and of ISO 8601 part (1600, 9999); zones are taken to be as they are there. */
const FIRST_SECONDS = -11_676_096_000;
const LAST_SECONDS = 253_402_300_799;
/** Clocks change on the quarter hour of UTC nearly everywhere: between two equal ends nothing changes. */
const BLOCK_SECONDS = 900;
/** A report has times of some hundred blocks; one of many more starts anew. */
const MAX_BLOCKS = 4096;

/** The zone of that name, or null if there is none. `local` is the zone of this machine, by its own name. */
export function findTimeZone(text: string): TimeZone | null {
  const name = text.trim();
  if (/^(?:utc|z|gmt)$/i.test(name)) return UTC;
  const offset = parseOffset(name);
  if (offset !== null) return offset === 0 ? UTC : { name: offsetText(offset), offsetAt: () => offset };
  try {
    return new NamedZone(/^local$/i.test(name) ? undefined : name);
  } catch {
    // Intl refuses names that it does not know.
    return null;
  }
}

/** Names of zones, for a suggestion. */
export function timeZoneNames(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')];
}

/** `+01:00`, `-0330`, `+05` in seconds; null if it is no such thing. */
export function parseOffset(text: string): number | null {
  const [, sign, hours = '', minutes = '0'] = OFFSET.exec(text) ?? [];
  if (sign === undefined || Number(hours) > MAX_OFFSET_HOURS) return null;
  const seconds = Number(hours) * 3600 + Number(minutes) * 60;
  return sign === '-' && seconds !== 0 ? -seconds : seconds;
}

/** `+01:00`; zones of long ago have seconds as well. */
export function offsetText(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const size = Math.abs(seconds);
  const rest = size % 60 === 0 ? '' : `:${two(size % 60)}`;
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(size / 3600))}:${two(Math.floor(size / 60) % 60)}${rest}`;
}

class NamedZone implements TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  /** By block, its offset; NaN for one in which the clocks change. */
  readonly #blocks = new Map<number, number>();

  constructor(timeZone: string | undefined) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    this.name = this.#format.resolvedOptions().timeZone;
  }

  offsetAt(seconds: number): number {
    const at = Math.min(LAST_SECONDS, Math.max(FIRST_SECONDS, Math.floor(seconds)));
    const block = Math.floor(at / BLOCK_SECONDS);
    const known = this.#blocks.get(block);
    if (known !== undefined) return Number.isNaN(known) ? this.#offsetAt(at) : known;
    const first = this.#offsetAt(block * BLOCK_SECONDS);
    const isSteady = first === this.#offsetAt((block + 1) * BLOCK_SECONDS - 1);
    if (this.#blocks.size >= MAX_BLOCKS) this.#blocks.clear();
    this.#blocks.set(block, isSteady ? first : Number.NaN);
    return isSteady ? first : this.#offsetAt(at);
  }

  #offsetAt(seconds: number): number {
    const parts: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(seconds * 1000)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - seconds;
  }
}
