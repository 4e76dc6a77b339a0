/** An interface as a pcapng section describes it: its entry in the registry, its clock, its snap length. */
import type { CaptureInterface } from './interfaces.ts';
import type { InterfaceClock } from './pcapng-time.ts';
import type { CaptureRecord } from './record.ts';

export interface SectionInterface {
  readonly entry: CaptureInterface;
  readonly clock: InterfaceClock;
  readonly hasTime: boolean;
  readonly snaplen: number;
}

/** Of a record that has no time. */
export function clearTime(record: CaptureRecord): void {
  record.seconds = 0;
  record.nanos = 0;
}

/** A time of an interface's clock in seconds since 1970, as a double. */
export function toSeconds(
  source: SectionInterface,
  stamp: readonly [high: number, low: number],
): number | null {
  if (!source.hasTime) return null;
  source.clock.convert(stamp[0], stamp[1]);
  return source.clock.seconds + source.clock.nanos / 1e9;
}
