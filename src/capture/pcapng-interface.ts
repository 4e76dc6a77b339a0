/** An interface as a pcapng section describes it: its entry in the registry, its clock, its snap length. */
import type { CaptureInterface, InterfaceRegistry } from './interfaces.ts';
import type { InterfaceDescription, Stamp } from './origin.ts';
import { type OptionWalk, readInterfaceOptions } from './pcapng-blocks.ts';
import { InterfaceClock } from './pcapng-time.ts';
import type { CaptureRecord } from './record.ts';

export interface SectionInterface {
  readonly entry: CaptureInterface;
  readonly clock: InterfaceClock;
  readonly hasTime: boolean;
  readonly snaplen: number;
  /** Null where nobody asked for it. */
  readonly description: InterfaceDescription | null;
}

/** Reads an interface description block whose link type stands at `at`; `walk` goes over its options. */
export function readInterface(
  view: DataView,
  at: number,
  littleEndian: boolean,
  walk: OptionWalk,
  number: number,
  registry: InterfaceRegistry,
): SectionInterface {
  const linkType = view.getUint16(at, littleEndian);
  const options = readInterfaceOptions(walk);
  const clock = new InterfaceClock(options.tsresol, options.offsetSeconds);
  return {
    entry: registry.register(options.name, number, linkType, options.fcsBytes, clock.precision),
    clock,
    hasTime: options.hasReadableTime && Number.isSafeInteger(options.offsetSeconds),
    snaplen: view.getUint32(at + 4, littleEndian),
    description: null,
  };
}

/** Of a record that has no time. */
export function clearTime(record: CaptureRecord): void {
  record.seconds = 0;
  record.nanos = 0;
}

/** A time of an interface's clock in seconds since 1970, as a double. */
export function toSeconds(source: SectionInterface, stamp: Stamp | null): number | null {
  if (stamp === null || !source.hasTime) return null;
  source.clock.convert(stamp.high, stamp.low);
  return source.clock.seconds + source.clock.nanos / 1e9;
}
