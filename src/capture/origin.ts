/**
 * What a capture file says of a record and of its interface beyond what a diagnosis needs: for whoever writes records into another
 * file and has to keep them as they were.
 */
import type { StatisticsOptions } from './pcapng-blocks.ts';
import type { SectionInterface } from './pcapng-interface.ts';
import { DEFAULT_TSRESOL } from './pcapng-time.ts';

/** An option of a pcapng block as it stands in a file, its numbers in little-endian order. */
export interface RawOption {
  readonly code: number;
  /** At most 65,535 bytes. */
  readonly value: Uint8Array;
}

/** An interface as one section of one file describes it. */
export interface InterfaceDescription {
  /** Its number in the section, 0-based; 0 in a pcap. */
  readonly number: number;
  /** LINKTYPE_ number. */
  readonly linkType: number;
  /** As written; 0 is no limit. */
  readonly snaplen: number;
  /** if_tsresol as written: 10^-v of a second, or 2^-(v & 0x7f) with the top bit set. */
  readonly tsresol: number;
  /** if_tsoffset: added to every time, in seconds. */
  readonly offsetSeconds: bigint;
  /** if_fcslen as written; null where nothing is said. */
  readonly fcsLength: number | null;
  readonly name: string | null;
  /** if_description. */
  readonly description: string | null;
  /** The other options: addresses, speed, filter, operating system, hardware. Comments are not among them. */
  readonly others: readonly RawOption[];
}

/** A time in units of its interface's clock: an unsigned 64-bit number in two halves, which a double cannot hold. */
export interface Stamp {
  readonly high: number;
  readonly low: number;
}

/**
 * A time in units of an interface's clock, rounded down: exact where the clock is as fine as the time. Outside of what 64 bits
 * can hold, the nearest time they can.
 */
export function toStamp(
  seconds: number,
  nanos: number,
  tsresol: number = DEFAULT_TSRESOL,
  offsetSeconds = 0n,
): Stamp {
  const units = (tsresol & 0x80) === 0 ? 10n ** BigInt(tsresol) : 1n << BigInt(tsresol & 0x7f);
  const stamp = (BigInt(seconds) - offsetSeconds) * units + (BigInt(nanos) * units) / 1_000_000_000n;
  const kept = stamp < 0n ? 0n : stamp > MAX_UINT64 ? MAX_UINT64 : stamp;
  return { high: Number(kept >> 32n), low: Number(kept & 0xffff_ffffn) };
}

const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;

/** Where a record came from, in the words of its file. */
export interface RecordOrigin {
  /** The same object for all records of an interface in one section. */
  readonly interface: InterfaceDescription;
  /** As written; null where the record has none (a simple packet block). */
  readonly stamp: Stamp | null;
  /** Options of its block, comments left aside: flags, losses before it, hashes, queue. */
  readonly options: readonly RawOption[];
  /** Comments of its block, as they are: hostile text. */
  readonly comments: readonly string[];
}

/** An interface statistics block, in the words of its section. */
export interface SectionStatistics extends StatisticsOptions {
  /** The section it stands in, as far as that is described. */
  readonly section: readonly SectionInterface[];
  /** The number of the interface in that section. */
  readonly number: number;
  /** The time of the block, as written. */
  readonly stamp: Stamp;
}

/** Called while the next record is looked for, once for each block on the way. */
export type StatisticsListener = (statistics: SectionStatistics) => void;
