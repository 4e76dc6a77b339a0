/**
 * pcapng (draft-ietf-opsawg-pcapng): blocks in sections, each section with its byte order and its interfaces.
 *
 *     every block                        enhanced packet block, from 8 on
 *      0  4  type                         8  4  interface       20  4  captured length (untrusted)
 *      4  4  total length (untrusted)    12  4  time, upper     24  4  original length (untrusted)
 *      8     body, padded to 4           16  4  time, lower     28     data, padded to 4, options
 *     -4  4  total length again
 *
 * Packets are handed out from the window; every other block is looked at as far as it fits there, or skipped as it streams by.
 */
import { END, FEED, RECORD, type ReadStatus } from './capture.ts';
import { CaptureError } from './errors.ts';
import type { CaptureInterface } from './interfaces.ts';
import { addCounts, MAX_BLOCK_BYTES, MAX_CONTIGUOUS_BYTES, MAX_INT32, MAX_RECORD_BYTES } from './limits.ts';
import type { RecordOrigin } from './origin.ts';
import {
  BLOCK,
  BYTE_ORDER_MAGIC,
  hasFrameNumber,
  isKnownBlock,
  OptionWalk,
  readPacketOptions,
  readStatisticsOptions,
} from './pcapng-blocks.ts';
import { clearTime, readInterface, type SectionInterface, toSeconds } from './pcapng-interface.ts';
import { InterfaceOrigins, readOrigin } from './pcapng-origin.ts';
import { CaptureReader, type ReaderInput } from './reader.ts';
import type { CaptureRecord } from './record.ts';
import { countStatistics } from './statistics.ts';

/** Type and length; length again. */
const BLOCK_HEADER_BYTES = 8;
const MIN_BLOCK_BYTES = 12;
/** Up to and with the byte-order magic, which a section header needs before its length can be read. */
const SECTION_START_BYTES = 12;
/** Fixed part of a section header with its trailer. */
const MIN_SECTION_BYTES = 28;
const ENHANCED_HEADER_BYTES = 28;
const MIN_ENHANCED_BYTES = 32;
const SIMPLE_HEADER_BYTES = 12;
/** drops_count of an obsolete packet block that does not know. */
const UNKNOWN_DROPS = 0xffff;
/** A section describes at most so many interfaces; a hostile file could describe one per 20 bytes. */
const MAX_INTERFACES = 65_536;

/** Whether a pcapng section header begins at `offset`. Needs 12 bytes. */
export function isPcapng(view: DataView, offset: number): boolean {
  if (view.getUint32(offset, true) !== BLOCK.sectionHeader) return false;
  return (
    view.getUint32(offset + 8, true) === BYTE_ORDER_MAGIC ||
    view.getUint32(offset + 8, false) === BYTE_ORDER_MAGIC
  );
}

export class PcapngReader extends CaptureReader {
  readonly format = 'pcapng';
  #littleEndian = true;
  /** False while the window's next bytes are not the beginning of a block. */
  #isAtBlock = true;
  #section: SectionInterface[] = [];
  #sections = 0;
  /** Bytes still to be skipped of a block, and then its trailer. */
  #skipBytes = 0;
  #skippedBlockBytes = 0;
  #skippedBlockOffset = 0;
  readonly #origins: InterfaceOrigins | null;
  /** First packet of an interface that nothing describes: its offset, or -1, and how many there were. */
  #strayOffset = -1;
  #strayPackets = 0;

  /** The first section header stands in the window as far as its version. Throws `CaptureError`. */
  constructor(input: ReaderInput) {
    super(input);
    this.#origins = input.keepsOrigin ? new InterfaceOrigins() : null;
    const { view, position } = input.window;
    this.#littleEndian = view.getUint32(position + 8, true) === BYTE_ORDER_MAGIC;
    const length = view.getUint32(position + 4, this.#littleEndian);
    const major = view.getUint16(position + 12, this.#littleEndian);
    if (length < MIN_SECTION_BYTES || length > MAX_BLOCK_BYTES) {
      throw new CaptureError(
        'damaged-header',
        input.path,
        `pcapng section header with an impossible length of ${length} bytes`,
        'Take the capture from its source again.',
        4,
      );
    }
    if (major !== 1) {
      throw new CaptureError(
        'unsupported-format',
        input.path,
        `pcapng version ${major}; only version 1 can be read`,
        'Check that the file was not changed after it was captured.',
        12,
      );
    }
  }

  /** An enhanced packet block that is whole, regular and without options; `#nextUnusual` does all others. */
  next(record: CaptureRecord): ReadStatus {
    const window = this.window;
    const position = window.position;
    const limit = window.limit;
    if (position + MIN_ENHANCED_BYTES <= limit && this.#isAtBlock) {
      const view = window.view;
      const le = this.#littleEndian;
      const length = view.getUint32(position + 4, le);
      const captured = view.getUint32(position + 20, le);
      if (
        view.getUint32(position, le) === BLOCK.enhancedPacket &&
        length >= MIN_ENHANCED_BYTES &&
        length <= limit - position &&
        (length & 3) === 0 &&
        captured <= MAX_RECORD_BYTES &&
        ((captured + 3) & ~3) === length - MIN_ENHANCED_BYTES &&
        view.getUint32(position + length - 4, le) === length
      ) {
        const source = this.#section[view.getUint32(position + 8, le)];
        const original = view.getUint32(position + 24, le);
        if (source !== undefined && source.hasTime && captured <= original && original <= MAX_INT32) {
          const clock = source.clock;
          clock.convert(view.getUint32(position + 12, le), view.getUint32(position + 16, le));
          window.position = position + length;
          this.#fill(record, source.entry, position + ENHANCED_HEADER_BYTES, captured, original);
          record.seconds = clock.seconds;
          record.nanos = clock.nanos;
          return RECORD;
        }
      }
    }
    return this.#nextUnusual(record);
  }

  get section(): readonly SectionInterface[] {
    return this.#section;
  }

  originOf(record: CaptureRecord): RecordOrigin {
    return readOrigin(record, this.window.limit, this.#littleEndian, this.#section);
  }

  /** All but the time, which is set to none. */
  #fill(
    record: CaptureRecord,
    entry: CaptureInterface,
    dataAt: number,
    captured: number,
    original: number,
  ): void {
    const window = this.window;
    record.view = window.view;
    record.offset = dataAt;
    record.capturedLength = captured;
    record.originalLength = original;
    record.number = ++this.frames;
    record.file = this.file;
    record.interface = entry.index;
    record.hasTime = true;
    record.fileOffset = window.base + dataAt;
    record.dropsBefore = 0;
    this.packets++;
    entry.packets++;
  }

  #nextUnusual(record: CaptureRecord): ReadStatus {
    for (;;) {
      if (this.isDone) return END;
      const status = this.#isAtBlock ? this.#readBlock(record) : this.#skip();
      if (status !== null) return status;
    }
  }

  #mayRead(bytes: number): boolean {
    return this.window.available >= bytes;
  }

  /** The window holds too little of the block at `position`. */
  #runOut(what: string): ReadStatus {
    if (!this.window.ended) return FEED;
    return this.endCut(this.window.offset, `cut short in ${what} after frame ${this.frames}`);
  }

  #badBlock(offset: number, message: string): ReadStatus {
    return this.endDamaged('bad-block', offset, `${message}, after frame ${this.frames}`);
  }

  protected override endClean(): typeof END {
    if (this.#strayPackets > 0) {
      const message = `${this.#strayPackets} packets name an interface that their section does not describe; they were left out`;
      this.damage ??= { code: 'bad-block', offset: this.#strayOffset, message };
    }
    return super.endClean();
  }

  /** Reads one block. Null where it held nothing to hand out. */
  #readBlock(record: CaptureRecord): ReadStatus | null {
    const window = this.window;
    const { view, position } = window;
    if (window.available === 0) return window.ended ? this.endClean() : FEED;
    if (!this.#mayRead(BLOCK_HEADER_BYTES)) return this.#runOut('a block header');
    if (view.getUint32(position, true) === BLOCK.sectionHeader) {
      if (!this.#mayRead(SECTION_START_BYTES)) return this.#runOut('a section header');
      const isLittle = view.getUint32(position + 8, true) === BYTE_ORDER_MAGIC;
      if (!isLittle && view.getUint32(position + 8, false) !== BYTE_ORDER_MAGIC) {
        return this.#badBlock(window.offset, 'section header without a byte-order magic');
      }
      this.#littleEndian = isLittle;
    }
    const le = this.#littleEndian;
    const type = view.getUint32(position, le);
    const claimed = view.getUint32(position + 4, le);
    if (claimed < MIN_BLOCK_BYTES || claimed > MAX_BLOCK_BYTES) {
      return this.#badBlock(window.offset, `block with an impossible length of ${claimed} bytes`);
    }
    const length = (claimed + 3) & ~3;
    const end = position + length;
    if (length <= MAX_CONTIGUOUS_BYTES) {
      // The next block's header is looked at where the lengths differ; at the end of the data there is none.
      if (!this.#mayRead(length)) return this.#runOut('a block');
      const trailer = view.getUint32(end - 4, le);
      if (trailer !== claimed && trailer !== length) {
        if (!this.#mayRead(length + BLOCK_HEADER_BYTES) && !window.ended) return FEED;
        if (!this.#isBlockAt(end)) {
          return this.#badBlock(
            window.offset,
            `block lengths ${claimed} and ${trailer} differ, and no block follows`,
          );
        }
        this.countOddity('block-length-mismatch');
      }
      if (claimed !== length) this.countOddity('block-length-unaligned');
      return this.#decode(record, type, end - 4, end);
    }
    if (!this.#mayRead(MAX_CONTIGUOUS_BYTES) && !window.ended) return FEED;
    if (window.available < Math.min(length, MAX_CONTIGUOUS_BYTES)) return this.#runOut('a block');
    if (claimed !== length) this.countOddity('block-length-unaligned');
    this.#skippedBlockOffset = window.offset;
    this.#skippedBlockBytes = claimed;
    const status = this.#decode(
      record,
      type,
      position + MAX_CONTIGUOUS_BYTES,
      position + MAX_CONTIGUOUS_BYTES,
    );
    if (this.isDone) return status;
    this.#skipBytes = length - 4 - MAX_CONTIGUOUS_BYTES;
    this.#isAtBlock = false;
    return status;
  }

  /** Whether a block could begin at `at`; the end of the data is as good. */
  #isBlockAt(at: number): boolean {
    const { view, limit } = this.window;
    if (at === limit) return true;
    if (at + BLOCK_HEADER_BYTES > limit) return false;
    if (view.getUint32(at, true) === BLOCK.sectionHeader) return true;
    const length = view.getUint32(at + 4, this.#littleEndian);
    return (
      isKnownBlock(view.getUint32(at, this.#littleEndian)) &&
      length >= MIN_BLOCK_BYTES &&
      length <= MAX_BLOCK_BYTES &&
      (length & 3) === 0
    );
  }

  /** Skips the rest of a long block and compares its trailer. Null when that is done. */
  #skip(): ReadStatus | null {
    const window = this.window;
    const taken = Math.min(this.#skipBytes, window.available);
    window.position += taken;
    this.#skipBytes -= taken;
    const offset = this.#skippedBlockOffset;
    if (this.#skipBytes > 0 || !this.#mayRead(4)) {
      if (!window.ended) return FEED;
      return this.endCut(offset, `cut short in a long block after frame ${this.frames}`);
    }
    const claimed = this.#skippedBlockBytes;
    const trailer = window.view.getUint32(window.position, this.#littleEndian);
    if (trailer !== claimed && trailer !== ((claimed + 3) & ~3)) {
      if (!this.#mayRead(4 + BLOCK_HEADER_BYTES) && !window.ended) return FEED;
      if (!this.#isBlockAt(window.position + 4)) {
        return this.#badBlock(offset, `block lengths ${claimed} and ${trailer} differ, and no block follows`);
      }
      this.countOddity('block-length-mismatch');
    }
    window.position += 4;
    this.#isAtBlock = true;
    return null;
  }

  /**
   * Decodes the block at `position`, whose body is there up to `bodyEnd`, and moves to `next`. Null where it
   * held nothing to hand out.
   */
  #decode(record: CaptureRecord, type: number, bodyEnd: number, next: number): ReadStatus | null {
    const position = this.window.position;
    switch (type) {
      case BLOCK.enhancedPacket:
      case BLOCK.obsoletePacket:
        return this.#decodePacket(record, type === BLOCK.enhancedPacket, bodyEnd, next);
      case BLOCK.simplePacket:
        return this.#decodeSimplePacket(record, bodyEnd, next);
      case BLOCK.sectionHeader:
        if (bodyEnd - position < MIN_SECTION_BYTES - 4) {
          return this.#badBlock(this.window.offset, 'section header that is too short');
        }
        if (this.window.view.getUint16(position + 12, this.#littleEndian) !== 1) {
          return this.#badBlock(this.window.offset, 'section of an unknown pcapng version');
        }
        this.#beginSection(position, bodyEnd);
        break;
      case BLOCK.interfaceDescription:
        if (bodyEnd - position < 16)
          return this.#badBlock(this.window.offset, 'interface description that is too short');
        if (this.#section.length >= MAX_INTERFACES) {
          return this.#badBlock(this.window.offset, `more than ${MAX_INTERFACES} interfaces`);
        }
        this.#describeInterface(position, bodyEnd);
        break;
      case BLOCK.interfaceStatistics:
        if (bodyEnd - position < 20)
          return this.#badBlock(this.window.offset, 'interface statistics that are too short');
        this.#readStatistics(position, bodyEnd);
        break;
      default:
        if (hasFrameNumber(type)) this.frames++;
        break;
    }
    this.window.position = next;
    return null;
  }

  #walk(from: number, end: number): OptionWalk {
    return new OptionWalk(this.window.view, from, end, this.#littleEndian);
  }

  #finishWalk(walk: OptionWalk): void {
    this.comments += walk.comments;
    if (!walk.isComplete) this.countOddity('options-unread');
  }

  #beginSection(position: number, bodyEnd: number): void {
    this.#section = [];
    this.#sections++;
    const minor = this.window.view.getUint16(position + 14, this.#littleEndian);
    if (minor !== 0 && minor !== 2) this.countOddity('minor-version');
    const walk = this.#walk(position + 24, bodyEnd);
    while (walk.advance());
    this.#finishWalk(walk);
  }

  #describeInterface(position: number, bodyEnd: number): void {
    const { view } = this.window;
    const number = this.#section.length;
    const walk = this.#walk(position + 16, bodyEnd);
    const read = readInterface(view, position + 8, this.#littleEndian, walk, number, this.registry);
    this.#finishWalk(walk);
    if (!read.hasTime) this.countOddity('time-range');
    const description = this.#origins?.describe(view, position + 8, bodyEnd, this.#littleEndian, number);
    this.#section.push({ ...read, description: description ?? null });
    if (!this.interfaces.includes(read.entry.index)) this.interfaces.push(read.entry.index);
  }

  #readStatistics(position: number, bodyEnd: number): void {
    const { view } = this.window;
    const le = this.#littleEndian;
    const number = view.getUint32(position + 8, le);
    const source = this.#section[number];
    if (source === undefined) return this.countOddity('unknown-statistics-interface');
    const walk = this.#walk(position + 20, bodyEnd);
    const options = readStatisticsOptions(walk);
    const { start } = options;
    this.#finishWalk(walk);
    const stamp = { high: view.getUint32(position + 12, le), low: view.getUint32(position + 16, le) };
    const end = options.end ?? (stamp.high === 0 && stamp.low === 0 ? null : stamp);
    countStatistics(this.registry, source.entry, {
      ...options,
      identity: start ? `${start.high}.${start.low}` : `${this.file}/${this.#sections}`,
      from: toSeconds(source, start),
      to: toSeconds(source, end),
    });
    this.onStatistics?.({ section: this.#section, number, stamp, ...options });
  }

  #decodePacket(
    record: CaptureRecord,
    isEnhanced: boolean,
    bodyEnd: number,
    next: number,
  ): ReadStatus | null {
    const window = this.window;
    const { view, position } = window;
    const le = this.#littleEndian;
    const dataAt = position + ENHANCED_HEADER_BYTES;
    if (bodyEnd < dataAt) return this.#badBlock(window.offset, 'packet block that is too short');
    const captured = view.getUint32(position + 20, le);
    const original = view.getUint32(position + 24, le);
    const source =
      this.#section[isEnhanced ? view.getUint32(position + 8, le) : view.getUint16(position + 8, le)];
    const room = this.#roomFor(bodyEnd, dataAt, next);
    if (captured > room) {
      return this.#badBlock(
        window.offset,
        `frame ${this.frames + 1} claims ${captured} bytes in a block with room for ${room}`,
      );
    }
    if (captured > MAX_RECORD_BYTES || source === undefined) {
      this.#leaveOut(source === undefined);
      window.position = next;
      return null;
    }
    const high = view.getUint32(position + 12, le);
    const low = view.getUint32(position + 16, le);
    const optionsAt = dataAt + ((captured + 3) & ~3);
    let drops = 0;
    if (bodyEnd - optionsAt >= 4) {
      const walk = this.#walk(optionsAt, bodyEnd);
      const options = readPacketOptions(walk);
      this.#finishWalk(walk);
      if (isEnhanced) {
        drops = options.drops;
        if (options.fcsBytes > 0 && source.entry.fcsBytes === 0) source.entry.fcsBytes = options.fcsBytes;
      }
    }
    if (!isEnhanced) {
      drops = view.getUint16(position + 10, le);
      if (drops === UNKNOWN_DROPS) drops = 0;
    }
    this.#hand(record, source.entry, dataAt, captured, original);
    record.hasTime = source.hasTime;
    if (source.hasTime) {
      source.clock.convert(high, low);
      record.seconds = source.clock.seconds;
      record.nanos = source.clock.nanos;
    } else {
      clearTime(record);
    }
    record.dropsBefore = Math.min(drops, MAX_INT32);
    source.entry.droppedByPackets = addCounts(source.entry.droppedByPackets, drops);
    window.position = next;
    return RECORD;
  }

  #decodeSimplePacket(record: CaptureRecord, bodyEnd: number, next: number): ReadStatus | null {
    const window = this.window;
    const { view, position } = window;
    const dataAt = position + SIMPLE_HEADER_BYTES;
    if (bodyEnd < dataAt) return this.#badBlock(window.offset, 'packet block that is too short');
    const original = view.getUint32(position + 8, this.#littleEndian);
    const source = this.#section[0];
    const room = this.#roomFor(bodyEnd, dataAt, next);
    const snaplen = source === undefined || source.snaplen === 0 ? room : source.snaplen;
    const captured = Math.min(original, snaplen, room);
    if (captured > MAX_RECORD_BYTES || source === undefined) {
      this.#leaveOut(source === undefined);
      window.position = next;
      return null;
    }
    this.#hand(record, source.entry, dataAt, captured, original);
    record.hasTime = false;
    clearTime(record);
    window.position = next;
    return RECORD;
  }

  /** Bytes a packet's data may have in its block, of which a long one stands in the window only in part. */
  #roomFor(bodyEnd: number, dataAt: number, next: number): number {
    const isLong = bodyEnd === next;
    return isLong
      ? ((this.#skippedBlockBytes + 3) & ~3) - 4 - (dataAt - this.window.position)
      : bodyEnd - dataAt;
  }

  /** Numbers a packet that is not handed out. */
  #leaveOut(isStray: boolean): void {
    this.frames++;
    if (!isStray) {
      this.oversized++;
      return;
    }
    this.countOddity('unknown-interface');
    if (this.#strayOffset < 0) this.#strayOffset = this.window.offset;
    this.#strayPackets++;
  }

  #hand(
    record: CaptureRecord,
    entry: CaptureInterface,
    dataAt: number,
    captured: number,
    original: number,
  ): void {
    this.#fill(record, entry, dataAt, captured, this.checkedOriginal(captured, original));
  }
}
