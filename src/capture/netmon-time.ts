/**
 * Times of Network Monitor. Up to version 2.2 they count from a start that the header tells in local time: milliseconds (1.x) or
 * microseconds (2.x). From 2.3 on each frame has a FILETIME.
 */
import { type LocalZone, readSystemTime, toInstant } from './local-time.ts';
import { InterfaceClock } from './pcapng-time.ts';
import type { CaptureRecord } from './record.ts';

/** FILETIME: units of 100 ns since 1601. */
const FILETIME_TSRESOL = 7;
const FILETIME_EPOCH_SECONDS = -11_644_473_600;

/** Upper halves of a time in microseconds from here on are beyond what a double counts exactly, or mean a negative time. */
const WIDE_HIGH = 2 ** 20;
const TICKS_PER_SECOND = 10_000_000n;

/** Where times count from. */
export interface CaptureStart {
  readonly seconds: number;
  readonly millis: number;
}

/** The start that a SYSTEMTIME at `offset` tells, of a clock in `zone`, or in UTC for want of a zone. Null where it is no date. */
export function readStart(view: DataView, offset: number, zone: LocalZone | null): CaptureStart | null {
  const local = readSystemTime(view, offset);
  if (local === null || zone === null) return local;
  return { seconds: toInstant(local.seconds, zone, 'first'), millis: local.millis };
}

/** Version 1.x: milliseconds since the start, unsigned. */
export function setMillisTime(record: CaptureRecord, start: CaptureStart, delta: number): void {
  const millis = start.millis + delta;
  const whole = Math.floor(millis / 1000);
  record.seconds = start.seconds + whole;
  record.nanos = (millis - whole * 1000) * 1_000_000;
}

/**
 * Version 2.0 to 2.2: 64 bits of microseconds since the start. Ten times that, modulo 2^64 and with a sign, are the units of 100 ns, so
 * that frames can come before the start (help of Network Monitor 3).
 */
export function setMicrosTime(record: CaptureRecord, start: CaptureStart, high: number, low: number): void {
  if (high >= WIDE_HIGH) {
    const ticks = BigInt.asIntN(64, ((BigInt(high) << 32n) | BigInt(low)) * 10n);
    let whole = ticks / TICKS_PER_SECOND;
    if (ticks % TICKS_PER_SECOND < 0n) whole--;
    const nanos = Number(ticks - whole * TICKS_PER_SECOND) * 100 + start.millis * 1_000_000;
    const carried = nanos >= 1_000_000_000 ? 1 : 0;
    record.seconds = start.seconds + Number(whole) + carried;
    record.nanos = nanos - carried * 1_000_000_000;
    return;
  }
  const micros = high * 2 ** 32 + low + start.millis * 1000;
  const whole = Math.floor(micros / 1_000_000);
  record.seconds = start.seconds + whole;
  record.nanos = (micros - whole * 1_000_000) * 1000;
}

/** Version 2.3: the time itself. */
export class FiletimeClock {
  readonly #clock = new InterfaceClock(FILETIME_TSRESOL, FILETIME_EPOCH_SECONDS);

  setTime(record: CaptureRecord, high: number, low: number): void {
    this.#clock.convert(high, low);
    record.seconds = this.#clock.seconds;
    record.nanos = this.#clock.nanos;
  }
}
