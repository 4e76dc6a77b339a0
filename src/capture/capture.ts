import type { CaptureError, Damage } from './errors.ts';
import type { RecordOrigin } from './origin.ts';
import type { CaptureRecord } from './record.ts';
import type { Window } from './window.ts';

/** `next` found a record. */
export const RECORD = 1;
/** `next` needs `feed` before it can go on. */
export const FEED = 0;
/** Nothing more will come: the end of the data, or damage. */
export const END = -1;
export type ReadStatus = typeof RECORD | typeof FEED | typeof END;

/** Where records come from: one capture, or several merged into one timeline. */
export interface RecordSource {
  /**
   * Moves to the next record and writes it into `record`. Never throws on capture bytes, never blocks,
   * never allocates.
   */
  next(record: CaptureRecord): ReadStatus;
  /**
   * Brings in more bytes after `FEED`. Synchronous for regular files (returns undefined), a promise for pipes and
   * decompressors. At the end of the input, `next` then answers with what is left and `END`.
   */
  feed(): Promise<void> | undefined;
  /** Share of the input read so far, 0 to 1; null where the size is unknown. */
  readonly progress: number | null;
  /** Releases the file. Safe to call twice. */
  close(): void;
}

/** What was odd but readable. */
export type Oddity =
  /** A fraction of a second of a whole second or more; it was carried over. */
  | 'time-fraction'
  /** More bytes captured than the packet had. */
  | 'captured-above-original'
  /** A claimed packet length of 2 GiB or more. */
  | 'original-length'
  /** Reserved bits set in the link-type word of a pcap header. */
  | 'reserved-link-type-bits'
  /** A packet of an interface the section does not describe; it was numbered and left out. */
  | 'unknown-interface'
  /** Statistics of an interface the section does not describe. */
  | 'unknown-statistics-interface'
  /** The length at the end of a block differs from the one at its beginning. */
  | 'block-length-mismatch'
  /** A block length that is no multiple of 4; it was rounded up. */
  | 'block-length-unaligned'
  /** Options that do not fit their block, or lie behind more bytes than are looked at. */
  | 'options-unread'
  /** A minor version of pcapng that is neither 0 nor 2. */
  | 'minor-version'
  /** A time beyond what can be represented; taken as absent. */
  | 'time-range'
  /** Times of a clock whose zone the format does not keep; shown as they are. */
  | 'local-time'
  /** The same, and read in the zone that was asked for. */
  | 'local-time-in-zone'
  /** A start of capturing that is no date; times count from 1970. */
  | 'start-time'
  /** What Network Monitor notes beside packets (adapters, filters, events); left out. */
  | 'metadata-record';

export type CaptureFormat = 'pcap' | 'pcapng' | 'netmon1' | 'netmon2' | 'snoop';

export type Compression = 'gzip' | 'zstd';

/**
 * Records that stand one behind the other in a window, each behind a header of four 32-bit words: seconds, fraction, captured
 * and original length. For whoever walks over many of them at a time; the capture's `next` goes on behind the last one taken.
 */
export interface RecordRow {
  /** False while the next bytes are not such a record. */
  readonly isReady: boolean;
  readonly window: Window;
  readonly littleEndian: boolean;
  /** Nanoseconds in a unit of the fraction. */
  readonly nanosPerUnit: number;
  readonly interfaceIndex: number;
  /**
   * Writes the record at `position` in the window into `record`: a whole and ordinary one, the `ahead`-th behind the last one taken.
   * It is not taken by that.
   */
  peek(record: CaptureRecord, ahead: number, position: number): void;
  /** Records were taken as far as `position` in the window. */
  taken(records: number, position: number): void;
}

/** One opened capture: a source of records, and what is true of the file. */
export interface Capture extends RecordSource {
  /** Exactly what the user gave; `-` for standard input. */
  readonly path: string;
  readonly file: number;
  readonly format: CaptureFormat;
  readonly compression: Compression | null;
  /** Size on disk, or bytes read so far from a pipe. */
  readonly bytes: number;
  /** Records handed out so far. */
  readonly packets: number;
  /** `unknown` where times are those of a clock whose zone nobody told; they are then handed out as if it were UTC. */
  readonly timeZone: 'UTC' | 'unknown';
  /** Registry indexes of the interfaces this file described, in order. */
  readonly interfaces: readonly number[];
  /** Section and packet comments seen, counted only. */
  readonly comments: number;
  readonly damage: Damage | null;
  /** What was odd but readable, each with a count. */
  readonly oddities: ReadonlyMap<Oddity, number>;
  /** Records that were numbered and skipped because they are longer than 256 KiB. */
  readonly oversized: number;
  /**
   * What the file says of the record handed out last: valid until the next call to `next`. Interfaces of pcapng are described only if
   * that was asked for when the capture was opened.
   */
  originOf(record: CaptureRecord): RecordOrigin;
}

/** One capture, or several merged by time. */
export interface Timeline extends RecordSource {
  /** The captures that could be opened, in the order they were given. */
  readonly captures: readonly Capture[];
  /** Why the others could not, in the order they were given. */
  readonly failures: readonly CaptureError[];
  /** The records of the only capture, where its format has them in a row; null elsewhere. */
  readonly row: RecordRow | null;
}
