import {
  END,
  FEED,
  type Capture,
  type CaptureFormat,
  type Compression,
  type Oddity,
  type ReadStatus,
  type RecordRow,
  type Timeline,
} from './capture.ts';
import type { CaptureError, Damage, DamageCode } from './errors.ts';
import type { CaptureInterface, InterfaceRegistry } from './interfaces.ts';
import type { LocalZone } from './local-time.ts';
import { MAX_INT32 } from './limits.ts';
import type { RecordOrigin, StatisticsListener } from './origin.ts';
import type { SectionInterface } from './pcapng-interface.ts';
import type { CaptureRecord } from './record.ts';
import type { ByteSource } from './source.ts';
import type { Window } from './window.ts';

/** What every reader is made of. */
export interface ReaderInput {
  readonly path: string;
  readonly file: number;
  readonly compression: Compression | null;
  readonly source: ByteSource;
  readonly window: Window;
  readonly registry: InterfaceRegistry;
  /** The zone of times that come without one; null where nobody told it. */
  readonly localZone: LocalZone | null;
  /** Whether descriptions of interfaces are kept for `originOf`. */
  readonly keepsOrigin: boolean;
  /** Whom to tell of statistics blocks. */
  readonly onStatistics: StatisticsListener | null;
}

/**
 * What readers of all formats share: the facts about the file, feeding, damage. One capture is a timeline as it
 * stands, so that nothing lies between the engine and the reader.
 */
export abstract class CaptureReader implements Capture, Timeline {
  abstract readonly format: CaptureFormat;
  readonly path: string;
  readonly file: number;
  readonly compression: Compression | null;
  timeZone: 'UTC' | 'unknown' = 'UTC';
  readonly interfaces: number[] = [];
  readonly oddities = new Map<Oddity, number>();
  packets = 0;
  comments = 0;
  oversized = 0;
  damage: Damage | null = null;
  readonly failures: readonly CaptureError[] = [];
  readonly window: Window;
  protected readonly registry: InterfaceRegistry;
  protected readonly onStatistics: StatisticsListener | null;
  /** Number of the last frame, skipped ones included. */
  protected frames = 0;
  protected isDone = false;
  readonly #source: ByteSource;

  constructor(input: ReaderInput) {
    this.path = input.path;
    this.file = input.file;
    this.compression = input.compression;
    this.window = input.window;
    this.registry = input.registry;
    this.onStatistics = input.onStatistics;
    this.#source = input.source;
  }

  get row(): RecordRow | null {
    return null;
  }

  abstract next(record: CaptureRecord): ReadStatus;

  abstract originOf(record: CaptureRecord): RecordOrigin;

  /** The interfaces of the section that is being read, as far as they are described: another array in every section. */
  abstract get section(): readonly SectionInterface[];

  get captures(): readonly Capture[] {
    return [this];
  }

  feed(): Promise<void> | undefined {
    if (this.window.ended || this.isDone) return undefined;
    return this.#source.fillWindow(this.window);
  }

  get bytes(): number {
    return this.#source.bytes;
  }

  get progress(): number | null {
    return this.#source.progress;
  }

  /** True for a pipe: waiting for more bytes can take arbitrarily long. */
  protected get isLive(): boolean {
    return this.#source.isLive;
  }

  close(): void {
    this.stop();
    this.#source.close();
  }

  /** Hands a record out, all but its time; its bytes stand in the window at `dataAt`. */
  protected hand(
    record: CaptureRecord,
    source: CaptureInterface,
    dataAt: number,
    captured: number,
    original: number,
  ): void {
    const window = this.window;
    if (record.view !== window.view) record.view = window.view;
    record.offset = dataAt;
    record.capturedLength = captured;
    record.originalLength = original;
    record.number = ++this.frames;
    record.file = this.file;
    record.interface = source.index;
    record.hasTime = true;
    record.fileOffset = window.base + dataAt;
    record.dropsBefore = 0;
    this.packets++;
    source.packets++;
  }

  /** What is odd in the lengths of a record, counted; answers the original length as an int32. */
  protected checkedOriginal(captured: number, original: number): number {
    if (captured > original) this.countOddity('captured-above-original');
    if (original <= MAX_INT32) return original;
    this.countOddity('original-length');
    return MAX_INT32;
  }

  protected countOddity(oddity: Oddity): void {
    this.oddities.set(oddity, (this.oddities.get(oddity) ?? 0) + 1);
  }

  /** Ends the capture at a record or block that cannot be read. */
  protected endDamaged(code: DamageCode, offset: number, message: string): typeof END {
    this.damage ??= { code, offset, message };
    return this.stop();
  }

  /**
   * Ends the capture where the bytes ran out inside a record, at `offset`. Where the source itself failed (a cut
   * compressed stream, a read error) that is the reason, and it stands where the last byte came from.
   */
  protected endCut(offset: number, message: string): typeof END {
    const failure = this.window.failure;
    if (failure !== null) return this.endDamaged(failure.code, failure.offset, failure.message);
    return this.endDamaged('cut-short', offset, message);
  }

  /** The header of the next frame, at `offset`, is not all there: asks for more, or ends the capture. */
  protected awaitHeader(offset: number): ReadStatus {
    if (!this.window.ended) return FEED;
    if (this.window.available === 0) return this.endClean();
    return this.endCut(offset, `cut short in the header of frame ${this.frames + 1}`);
  }

  /** Of the next frame, at `offset`, the last `missing` captured bytes are not there: asks for more, or ends the capture. */
  protected awaitBytes(offset: number, captured: number, missing: number): ReadStatus {
    if (!this.window.ended) return FEED;
    return this.endCut(
      offset,
      `cut short in frame ${this.frames + 1}: ${missing} of its ${captured} bytes are missing`,
    );
  }

  /** Ends the capture at the next frame, for its length. */
  protected endTooLong(offset: number, captured: number): typeof END {
    return this.endDamaged(
      'bad-record',
      offset,
      `frame ${this.frames + 1} claims ${captured} captured bytes, more than any packet has`,
    );
  }

  /** Ends the capture between two records. */
  protected endClean(): typeof END {
    const failure = this.window.failure;
    if (failure !== null) return this.endDamaged(failure.code, failure.offset, failure.message);
    return this.stop();
  }

  protected stop(): typeof END {
    this.isDone = true;
    this.window.position = this.window.limit;
    return END;
  }
}
