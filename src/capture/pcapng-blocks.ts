/** Block types, option codes and the decoding of the rare blocks of pcapng (draft-ietf-opsawg-pcapng). */
import type { Stamp } from './origin.ts';
import { addCounts } from './limits.ts';
import { DEFAULT_TSRESOL, isReadableTsresol } from './pcapng-time.ts';

export const BLOCK = {
  sectionHeader: 0x0a0d_0d0a,
  interfaceDescription: 1,
  obsoletePacket: 2,
  simplePacket: 3,
  nameResolution: 4,
  interfaceStatistics: 5,
  enhancedPacket: 6,
  journal: 9,
  decryptionSecrets: 0xa,
  custom: 0xbad,
  customNoCopy: 0x4000_0bad,
} as const;

const KNOWN_BLOCKS: ReadonlySet<number> = new Set(Object.values(BLOCK));

/** True for a block type that files really hold; tells a block from arbitrary bytes. */
export function isKnownBlock(type: number): boolean {
  return KNOWN_BLOCKS.has(type) || (type >= 0x201 && type <= 0x220);
}

/**
 * Blocks that Wireshark shows as a frame of their own though they hold no packet: custom blocks, systemd journal
 * entries, sysdig events. They take a frame number and are no packets (as capinfos counts them).
 */
const NUMBERED_BLOCKS: ReadonlySet<number> = new Set([
  BLOCK.journal,
  BLOCK.custom,
  BLOCK.customNoCopy,
  0x204,
  0x216,
  0x221,
]);

export function hasFrameNumber(type: number): boolean {
  return NUMBERED_BLOCKS.has(type);
}

export const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;

/** Option codes; what they mean depends on the block. */
export const OPTION = {
  end: 0,
  comment: 1,
  sectionHardware: 2,
  sectionOs: 3,
  sectionApplication: 4,
  ifName: 2,
  ifDescription: 3,
  ifSpeed: 8,
  ifTsresol: 9,
  ifTzone: 10,
  ifFilter: 11,
  ifFcslen: 13,
  ifTsoffset: 14,
  ifTxspeed: 16,
  ifRxspeed: 17,
  epbFlags: 2,
  epbHash: 3,
  epbDropcount: 4,
  epbPacketid: 5,
  epbQueue: 6,
  isbStarttime: 2,
  isbEndtime: 3,
  isbIfrecv: 4,
  isbIfdrop: 5,
  isbOsdrop: 7,
} as const;

/** Options of one block that are looked at. Each is at least 4 bytes, so this bounds nothing that is real. */
const MAX_OPTIONS = 4096;
/** Longer interface names are cut: the field is a name, and the file is not trusted. */
const MAX_NAME_BYTES = 256;
/** Counters from here on are a writer's "unknown" (-1), not counts. */
const UNKNOWN_COUNTER_HIGH = 0x8000_0000;

/** Walks the options of a block. `isComplete` turns false where one does not fit. */
export class OptionWalk {
  comments = 0;
  isComplete = true;
  code = 0;
  /** Index of the value. */
  at = 0;
  length = 0;
  readonly #view: DataView;
  readonly #end: number;
  readonly #littleEndian: boolean;
  #next: number;
  #count = 0;

  constructor(view: DataView, from: number, end: number, littleEndian: boolean) {
    this.#view = view;
    this.#next = from;
    this.#end = end;
    this.#littleEndian = littleEndian;
  }

  /** Moves to the next option; false at the end. Comments are counted on the way. */
  advance(): boolean {
    if (this.#next + 4 > this.#end) return false;
    this.code = this.#view.getUint16(this.#next, this.#littleEndian);
    this.length = this.#view.getUint16(this.#next + 2, this.#littleEndian);
    this.at = this.#next + 4;
    if (this.code === OPTION.end) return false;
    if (this.at + this.length > this.#end || ++this.#count > MAX_OPTIONS) {
      this.isComplete = false;
      return false;
    }
    this.#next = this.at + ((this.length + 3) & ~3);
    if (this.code === OPTION.comment) this.comments++;
    return true;
  }

  uint8(): number {
    return this.length >= 1 ? this.#view.getUint8(this.at) : 0;
  }

  uint32(): number {
    return this.length >= 4 ? this.#view.getUint32(this.at, this.#littleEndian) : 0;
  }

  /** The two halves of a 64-bit value that is written as one number. */
  halves(): readonly [high: number, low: number] | null {
    if (this.length < 8) return null;
    const first = this.#view.getUint32(this.at, this.#littleEndian);
    const second = this.#view.getUint32(this.at + 4, this.#littleEndian);
    return this.#littleEndian ? [second, first] : [first, second];
  }

  /** A 64-bit counter, or null where it is absent or unknown. */
  counter(): number | null {
    const halves = this.halves();
    if (halves === null || halves[0] >= UNKNOWN_COUNTER_HIGH) return null;
    return addCounts(halves[0] * 2 ** 32, halves[1]);
  }

  /** A time stamp, whose upper half is always written first; null where it is cut. */
  stamp(): Stamp | null {
    if (this.length < 8) return null;
    return {
      high: this.#view.getUint32(this.at, this.#littleEndian),
      low: this.#view.getUint32(this.at + 4, this.#littleEndian),
    };
  }

  text(): string {
    const length = Math.min(this.length, MAX_NAME_BYTES);
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.at, length);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }
}

export interface InterfaceOptions {
  name: string | null;
  tsresol: number;
  /** False where if_tsresol is finer than can be read. */
  hasReadableTime: boolean;
  /** if_tsoffset in seconds. */
  offsetSeconds: number;
  fcsBytes: number;
}

export function readInterfaceOptions(walk: OptionWalk): InterfaceOptions {
  const options: InterfaceOptions = {
    name: null,
    tsresol: DEFAULT_TSRESOL,
    hasReadableTime: true,
    offsetSeconds: 0,
    fcsBytes: 0,
  };
  while (walk.advance()) {
    if (walk.code === OPTION.ifName) {
      options.name = walk.text() || null;
    } else if (walk.code === OPTION.ifTsresol && walk.length >= 1) {
      options.hasReadableTime = isReadableTsresol(walk.uint8());
      options.tsresol = options.hasReadableTime ? walk.uint8() : DEFAULT_TSRESOL;
    } else if (walk.code === OPTION.ifTsoffset) {
      const halves = walk.halves();
      if (halves !== null) options.offsetSeconds = (halves[0] | 0) * 2 ** 32 + halves[1];
    } else if (walk.code === OPTION.ifFcslen && walk.length >= 1) {
      // Written in bits by some and in bytes by others: 32 and 16 can only be bits, 4 and 2 only bytes.
      const length = walk.uint8();
      options.fcsBytes = length >= 16 ? length >> 3 : length;
    }
  }
  return options;
}

export interface PacketOptions {
  /** epb_dropcount, or 0. */
  drops: number;
  /** FCS length in epb_flags (bits 5 to 8), or 0. */
  fcsBytes: number;
}

/** Options of an enhanced packet block; the obsolete packet block has no drop count among them. */
export function readPacketOptions(walk: OptionWalk): PacketOptions {
  const options: PacketOptions = { drops: 0, fcsBytes: 0 };
  while (walk.advance()) {
    if (walk.code === OPTION.epbFlags) options.fcsBytes = (walk.uint32() >>> 5) & 0xf;
    else if (walk.code === OPTION.epbDropcount) options.drops = walk.counter() ?? 0;
  }
  return options;
}

/** Times as written, counters as far as they are known. */
export interface StatisticsOptions {
  start: Stamp | null;
  end: Stamp | null;
  /** isb_ifdrop + isb_osdrop. */
  dropped: number | null;
  received: number | null;
}

export function readStatisticsOptions(walk: OptionWalk): StatisticsOptions {
  const options: StatisticsOptions = { start: null, end: null, dropped: null, received: null };
  while (walk.advance()) {
    if (walk.code === OPTION.isbStarttime) options.start = walk.stamp();
    else if (walk.code === OPTION.isbEndtime) options.end = walk.stamp();
    else if (walk.code === OPTION.isbIfrecv) options.received = walk.counter();
    else if (walk.code === OPTION.isbIfdrop || walk.code === OPTION.isbOsdrop) {
      const count = walk.counter();
      if (count !== null) options.dropped = addCounts(options.dropped ?? 0, count);
    }
  }
  return options;
}
