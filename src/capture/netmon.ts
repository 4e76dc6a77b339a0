/**
 * Microsoft Network Monitor 1.x and 2.x (.cap). All numbers are little-endian.
 *
 *     file header, 128 bytes                    frame 1.x                 frame 2.x
 *      0  4  "RTSS" (1.x) or "GMBU" (2.x)        0  4  ms since start      0  8  µs since start
 *      4  1  minor version   5  1  major         4  2  original length     8  4  original length
 *      6  2  medium                              6  2  captured length    12  4  captured length
 *      8 16  start, local time (SYSTEMTIME)      8     data               16     data, and behind it
 *     24  4  offset of the frame table           since 2.1: medium 2 | since 2.2: process 4
 *     28  4  its length in bytes                 since 2.3: FILETIME 8, time zone 1
 *
 * Frames are found through the table, at the end of the file: there are holes, and the order of the file need not be that of the
 * capture. No length and no entry is trusted: a frame lies inside the file and outside of the table, and all frames together are not
 * more than the file. Where the table is missing, as in a file that was cut, frames are read one behind the other while they make sense.
 */
import { END, FEED, RECORD, type ReadStatus } from './capture.ts';
import { CaptureError } from './errors.ts';
import { MAX_BLOCK_BYTES, MAX_INT32, MAX_RECORD_BYTES } from './limits.ts';
import { METADATA, toLinkType, UNNUMBERED_METADATA } from './netmon-media.ts';
import { FrameTable, type ReadAt } from './netmon-table.ts';
import { type CaptureStart, FiletimeClock, readStart, setMicrosTime, setMillisTime } from './netmon-time.ts';
import { type RecordOrigin, toStamp } from './origin.ts';
import type { SectionInterface } from './pcapng-interface.ts';
import { InterfaceClock } from './pcapng-time.ts';
import { CaptureReader, type ReaderInput } from './reader.ts';
import type { CaptureRecord } from './record.ts';
import { failReading } from './source.ts';

export const NETMON_MAGICS = ['RTSS', 'GMBU'] as const;
/** The header up to the offsets of what else is in the file. */
export const NETMON_HEADER_BYTES = 64;
/** The whole header, behind which most files have their first frame. */
const PADDED_HEADER_BYTES = 128;
/** The versions in which a frame's trailer grew, as major and minor version in one number. */
const WITH_MEDIUM = 0x201;
const WITH_PROCESS = 0x202;
const WITH_FILETIME = 0x203;
/** Where the FILETIME stands in the trailer. */
const FILETIME_AT = 6;
/** Read at first behind a jump to another place; more with every piece that follows on. */
const FIRST_PIECE_BYTES = 4096;
/** No packet is longer (D-Bus allows 128 MiB). */
const PLAUSIBLE_ORIGINAL_BYTES = 128 * 1024 * 1024;
const NO_FRAME = -1;

export class NetmonReader extends CaptureReader {
  readonly format: 'netmon1' | 'netmon2';
  readonly section: SectionInterface[] = [];
  readonly #readAt: ReadAt;
  readonly #table: FrameTable;
  readonly #isFirst: boolean;
  readonly #headerBytes: number;
  readonly #trailerBytes: number;
  readonly #hasFiletime: boolean;
  readonly #tsresol: number;
  readonly #start: CaptureStart;
  readonly #filetime = new FiletimeClock();
  /** Medium of the frames before, and their interface; `METADATA` and the like where they are no packets. */
  #medium: number;
  #source: SectionInterface | typeof METADATA | typeof UNNUMBERED_METADATA = METADATA;
  readonly #byLinkType = new Map<number, SectionInterface>();
  /** Offset in the file of the frame that comes next, `NO_FRAME` while that is not known. */
  #frameAt = 0.5;
  /** Where the frame before begins and ends in the file. */
  #lastAt = 0.5;
  #lastEnd = 0.5;
  /** Frames may not go beyond: the table begins there. Infinity behind it. */
  #bound = 0.5;
  /** What frames may still have, all together. */
  #left = 0.5;
  #pieceBytes = FIRST_PIECE_BYTES;
  /** Why frames are read one behind the other; null while the table is good for something. */
  #lostTable: string | null = null;

  /** The file header stands in the window. Throws `CaptureError`. */
  constructor(input: ReaderInput, readAt: ReadAt) {
    super(input);
    const { view, position } = input.window;
    const major = view.getUint8(position + 5);
    const version = (major << 8) | view.getUint8(position + 4);
    if (major !== 1 && major !== 2) {
      throw new CaptureError(
        'unsupported-format',
        input.path,
        `Network Monitor version ${major}.${version & 0xff}; known are 1.x and 2.x`,
        'Check that the file was not changed after it was captured.',
        4,
      );
    }
    this.#readAt = readAt;
    this.#isFirst = major === 1;
    this.format = this.#isFirst ? 'netmon1' : 'netmon2';
    this.#headerBytes = this.#isFirst ? 8 : 16;
    this.#hasFiletime = version >= WITH_FILETIME;
    this.#trailerBytes = this.#hasFiletime
      ? 15
      : version >= WITH_PROCESS
        ? 6
        : version >= WITH_MEDIUM
          ? 2
          : 0;
    this.#tsresol = this.#isFirst ? 3 : this.#hasFiletime ? 7 : 6;
    this.#start = this.#findStart(view, position + 8, input);
    this.#medium = view.getUint16(position + 6, true);
    if (this.#trailerBytes === 0) this.#source = this.#sourceOf(this.#medium);
    else this.#medium = NO_FRAME;
    const tableAt = view.getUint32(position + 24, true);
    const tableBytes = view.getUint32(position + 28, true);
    this.#table = new FrameTable(tableAt, tableBytes, readAt);
    this.#frameAt = NO_FRAME;
    this.#lastAt = 0;
    this.#lastEnd = NETMON_HEADER_BYTES;
    this.#bound = -1;
    this.#left = this.bytes;
    if (this.#table.end > this.bytes) this.#loseTable(`its frame table, at byte ${tableAt}, is missing`);
    else if (tableAt < NETMON_HEADER_BYTES || tableBytes === 0) {
      if (this.bytes > PADDED_HEADER_BYTES) this.#loseTable('it has no frame table');
    }
  }

  #findStart(view: DataView, offset: number, { localZone }: ReaderInput): CaptureStart {
    if (this.#hasFiletime) return { seconds: 0, millis: 0 };
    const start = readStart(view, offset, localZone);
    if (start === null) this.countOddity('start-time');
    this.timeZone = localZone === null || start === null ? 'unknown' : 'UTC';
    this.countOddity(this.timeZone === 'UTC' ? 'local-time-in-zone' : 'local-time');
    return start ?? { seconds: 0, millis: 0 };
  }

  originOf(record: CaptureRecord): RecordOrigin {
    const source = this.#source;
    if (typeof source === 'number' || source.description === null)
      throw new TypeError('no record was handed out');
    const stamp = toStamp(record.seconds, record.nanos, this.#tsresol);
    return { interface: source.description, stamp, options: [], comments: [] };
  }

  override get progress(): number | null {
    if (this.#lostTable !== null) return this.bytes === 0 ? null : this.window.offset / this.bytes;
    return this.#table.entries === 0 ? null : this.#table.taken / this.#table.entries;
  }

  /** A frame as the one before, behind it in the file, and whole; all other cases are `#nextUnusual`. */
  next(record: CaptureRecord): ReadStatus {
    const window = this.window;
    const frameAt = this.#frameAt - window.base;
    const dataAt = frameAt + this.#headerBytes;
    if (frameAt >= window.position && dataAt <= window.limit && this.#lostTable === null) {
      const view = window.view;
      const captured = this.#isFirst ? view.getUint16(frameAt + 6, true) : view.getUint32(frameAt + 12, true);
      const original = this.#isFirst ? view.getUint16(frameAt + 4, true) : view.getUint32(frameAt + 8, true);
      const dataEnd = dataAt + captured;
      const end = dataEnd + this.#trailerBytes;
      const source = this.#source;
      if (
        captured <= MAX_RECORD_BYTES &&
        end <= window.limit &&
        captured <= original &&
        original <= MAX_INT32 &&
        typeof source !== 'number' &&
        (this.#trailerBytes === 0 || view.getUint16(dataEnd, true) === this.#medium) &&
        end + window.base <= this.#bound &&
        end - frameAt <= this.#left
      ) {
        this.hand(record, source.entry, dataAt, captured, original);
        this.#pass(record, frameAt, dataEnd, end);
        return RECORD;
      }
    }
    return this.#nextUnusual(record);
  }

  /** Reads the time of a frame that was handed out, and goes on behind it. */
  #pass(record: CaptureRecord, frameAt: number, dataEnd: number, end: number): void {
    const { view, base } = this.window;
    if (this.#isFirst) setMillisTime(record, this.#start, view.getUint32(frameAt, true));
    else if (this.#hasFiletime) {
      const at = dataEnd + FILETIME_AT;
      this.#filetime.setTime(record, view.getUint32(at + 4, true), view.getUint32(at, true));
    } else {
      setMicrosTime(record, this.#start, view.getUint32(frameAt + 4, true), view.getUint32(frameAt, true));
    }
    this.#leave(frameAt + base, end + base);
    this.window.position = end;
  }

  /** Goes on behind a frame that begins and ends there in the file. */
  #leave(start: number, end: number): void {
    this.#lastAt = start;
    this.#lastEnd = end;
    this.#left -= end - start;
    this.#frameAt = this.#lostTable === null ? this.#table.take() : end;
  }

  override feed(): undefined {
    if (this.isDone) return;
    const window = this.window;
    try {
      if (this.#frameAt < 0) {
        if (!this.#table.load()) window.fail('cut-short', 'the frame table is cut short');
        else this.#frameAt = this.#table.take();
        return;
      }
      if (window.ended) return;
      const room = Math.min(window.makeRoom(), this.#pieceBytes);
      this.#pieceBytes = Math.min(2 * this.#pieceBytes, 2 ** 30);
      const count = this.#readAt(window.bytes, window.limit, room, window.base + window.limit);
      window.limit += count;
      if (count === 0) window.ended = true;
    } catch (error) {
      failReading(window, error);
    }
  }

  #nextUnusual(record: CaptureRecord): ReadStatus {
    for (;;) {
      if (this.isDone) return END;
      if (this.#frameAt < 0) {
        if (this.#table.taken >= this.#table.entries) return this.#endOfTable();
        const failure = this.window.failure;
        if (failure === null) return FEED;
        return this.endDamaged(failure.code, this.#lastEnd, failure.message);
      }
      const place = this.#goToFrame();
      if (place !== RECORD) return place;
      const found = this.#readFrame(record);
      if (found !== null) return found;
    }
  }

  #endOfTable(): typeof END {
    const rest = (this.#table.end - this.#table.offset) % 4;
    if (rest === 0) return this.stop();
    const message = `the frame table has ${rest} bytes behind its last entry`;
    return this.endDamaged('bad-table', this.#table.end - rest, message);
  }

  /** Brings the window to the next frame. `RECORD` means that the frame may lie there. */
  #goToFrame(): ReadStatus {
    const window = this.window;
    const frameAt = this.#frameAt;
    if (this.#lostTable === null) {
      const wrong = this.#misplaced(frameAt);
      if (wrong !== null) return this.#endBadEntry(wrong);
      this.#bound = frameAt < this.#table.offset ? this.#table.offset : Infinity;
    }
    const ahead = frameAt - window.offset;
    if (ahead >= 0 && ahead <= window.available) {
      window.position += ahead;
      return RECORD;
    }
    window.seek(frameAt);
    this.#pieceBytes = FIRST_PIECE_BYTES;
    return FEED;
  }

  /** What is wrong with a frame's place, or null. */
  #misplaced(frameAt: number): string | null {
    if (frameAt < NETMON_HEADER_BYTES) return 'points into the file header';
    if (frameAt >= this.bytes) return `points to byte ${frameAt}, behind the end of the file`;
    if (frameAt >= this.#table.offset && frameAt < this.#table.end) return 'points into the table';
    if (frameAt >= this.#lastAt && frameAt < this.#lastEnd) return 'points into the frame before';
    return null;
  }

  #endBadEntry(wrong: string): ReadStatus {
    const message = `entry ${this.#table.taken} of the frame table ${wrong}`;
    if (this.frames > 0) return this.endDamaged('bad-table', this.#table.lastOffset, message);
    // Nothing was read yet: the frames may be there all the same.
    this.#loseTable(message);
    return FEED;
  }

  /** From here on frames are read one behind the other. */
  #loseTable(reason: string): void {
    this.#lostTable = reason;
    this.#frameAt = PADDED_HEADER_BYTES;
    this.#lastAt = 0;
    this.#lastEnd = PADDED_HEADER_BYTES;
  }

  #endWithoutTable(): typeof END {
    const count = this.frames === 1 ? '1 frame was' : `${this.frames} frames were`;
    const code = this.#table.end > this.bytes ? 'cut-short' : 'bad-table';
    return this.endDamaged(code, this.#lastEnd, `${this.#lostTable}; ${count} read in the order of the file`);
  }

  /** Reads the frame at the window's position. Null means that there was none to hand out, and the next one is known. */
  #readFrame(record: CaptureRecord): ReadStatus | null {
    const window = this.window;
    const { view, position, offset } = window;
    const dataAt = position + this.#headerBytes;
    if (dataAt > window.limit) return this.#isMissing(offset, 'in the header of ');
    const isFirst = this.#isFirst;
    const captured = isFirst ? view.getUint16(position + 6, true) : view.getUint32(position + 12, true);
    const original = isFirst ? view.getUint16(position + 4, true) : view.getUint32(position + 8, true);
    const end = dataAt + captured + this.#trailerBytes;
    if (this.#lostTable !== null && !this.#isPlausible(captured, original, offset + end - position))
      return this.#endWithoutTable();
    if (captured > MAX_BLOCK_BYTES) return this.endTooLong(offset, captured);
    const wrong = this.#overlap(offset, offset + end - position);
    if (wrong !== null) return this.endDamaged('bad-table', offset, `frame ${this.frames + 1} ${wrong}`);
    if (captured > MAX_RECORD_BYTES) {
      if (offset + end - position > this.bytes) return this.#isCut(offset, 'in ');
      this.frames++;
      this.oversized++;
      this.#leave(offset, offset + end - position);
      return null;
    }
    if (end > window.limit) return this.#isMissing(offset, 'in ');
    if (this.#trailerBytes > 0) this.#useMedium(view.getUint16(dataAt + captured, true));
    const source = this.#source;
    if (typeof source === 'number') {
      this.countOddity('metadata-record');
      if (source === METADATA) this.frames++;
      this.#leave(offset, offset + end - position);
      return null;
    }
    this.hand(record, source.entry, dataAt, captured, this.checkedOriginal(captured, original));
    this.#pass(record, position, dataAt + captured, end);
    return RECORD;
  }

  /** Whether a frame without an entry of its own can be one. */
  #isPlausible(captured: number, original: number, end: number): boolean {
    return (
      captured <= MAX_RECORD_BYTES &&
      captured <= original &&
      original > 0 &&
      original <= PLAUSIBLE_ORIGINAL_BYTES &&
      end <= this.bytes &&
      (this.#table.offset < PADDED_HEADER_BYTES || end <= this.#table.offset)
    );
  }

  /** What a frame may not lie on, or null. */
  #overlap(start: number, end: number): string | null {
    if (this.#lostTable !== null) return null;
    if (end > this.#bound) return 'runs into the frame table';
    if (end - start > this.#left) return 'lies on others: all frames together are longer than the file';
    if (start < this.#lastAt && end > this.#lastAt) return 'runs into the frame before';
    return null;
  }

  #isMissing(offset: number, where: string): ReadStatus {
    if (!this.window.ended) return FEED;
    return this.#lostTable === null ? this.#isCut(offset, where) : this.#endWithoutTable();
  }

  #isCut(offset: number, where: string): typeof END {
    return this.endCut(offset, `cut short ${where}frame ${this.frames + 1}`);
  }

  #useMedium(medium: number): void {
    if (medium === this.#medium) return;
    this.#medium = medium;
    this.#source = this.#sourceOf(medium);
  }

  /** The interface of a medium: one for each link type. */
  #sourceOf(medium: number): SectionInterface | typeof METADATA | typeof UNNUMBERED_METADATA {
    const linkType = toLinkType(medium);
    if (linkType === METADATA || linkType === UNNUMBERED_METADATA) return linkType;
    const known = this.#byLinkType.get(linkType);
    if (known !== undefined) return known;
    const number = this.section.length;
    const tsresol = this.#tsresol;
    const entry = this.registry.register(null, number, linkType, 0, tsresol);
    this.interfaces.push(entry.index);
    const source: SectionInterface = {
      entry,
      clock: new InterfaceClock(tsresol, 0),
      hasTime: true,
      snaplen: 0,
      description: {
        number,
        linkType,
        snaplen: 0,
        tsresol,
        offsetSeconds: 0n,
        fcsLength: null,
        name: null,
        description: null,
        others: [],
      },
    };
    this.section.push(source);
    this.#byLinkType.set(linkType, source);
    return source;
  }
}
