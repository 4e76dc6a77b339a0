/**
 * What a pcapng file says of a packet and its interface beyond what a diagnosis reads, found by looking back from the packet's data
 * at the block around it: reading on pays nothing for it.
 */
import type { InterfaceDescription, RawOption, RecordOrigin } from './origin.ts';
import { BLOCK, OPTION, OptionWalk } from './pcapng-blocks.ts';
import type { SectionInterface } from './pcapng-interface.ts';
import { DEFAULT_TSRESOL } from './pcapng-time.ts';
import { MAX_CONTIGUOUS_BYTES } from './limits.ts';
import type { CaptureRecord } from './record.ts';

/** Bytes of options that are kept of all interfaces of a section together; a hostile file could describe 65,536 long ones. */
const MAX_INTERFACE_BYTES = 1024 * 1024;
/** Bytes of options and comments that are kept of one packet. */
const MAX_PACKET_BYTES = 8 * 1024;
/** What stands between the start of a packet block and its data. */
const PACKET_HEADER_BYTES = 28;
const SIMPLE_HEADER_BYTES = 12;
/** drops_count of an obsolete packet block that does not know. */
const UNKNOWN_DROPS = 0xffff;
/** Custom options that may be copied: they begin with the number of whose they are. Those that may not have codes of their own. */
const CUSTOM = { text: 2988, binary: 2989 } as const;
/** if_iana_tzname. */
const LAST_INTERFACE_OPTION = 18;
/** epb_queue; of a verdict (7), what is a number depends on its kind. */
const LAST_PACKET_OPTION = OPTION.epbQueue;

/** Bytes of the number that an option's value is, or begins with; what is not listed has none. */
const INTERFACE_NUMBERS: ReadonlyMap<number, 4 | 8> = new Map([
  [OPTION.ifSpeed, 8],
  [OPTION.ifTzone, 4],
  [OPTION.ifTxspeed, 8],
  [OPTION.ifRxspeed, 8],
  [CUSTOM.text, 4],
  [CUSTOM.binary, 4],
]);
const PACKET_NUMBERS: ReadonlyMap<number, 4 | 8> = new Map([
  [OPTION.epbFlags, 4],
  [OPTION.epbDropcount, 8],
  [OPTION.epbPacketid, 8],
  [OPTION.epbQueue, 4],
  [CUSTOM.text, 4],
  [CUSTOM.binary, 4],
]);

const decoder = new TextDecoder();

function bytesOf(view: DataView, walk: OptionWalk): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + walk.at, walk.length).slice();
}

function textOf(view: DataView, walk: OptionWalk): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + walk.at, walk.length);
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** The option with its number, if it has one, in little-endian order; null where the option is too short for it. */
function copyOption(
  view: DataView,
  walk: OptionWalk,
  littleEndian: boolean,
  numbers: ReadonlyMap<number, 4 | 8>,
): RawOption | null {
  const value = bytesOf(view, walk);
  const width = numbers.get(walk.code) ?? 0;
  if (value.length < width) return null;
  if (!littleEndian && width > 0) value.subarray(0, width).reverse();
  return { code: walk.code, value };
}

/** Whether the option can be copied: its form is known, or it is a custom one that its owner lets be copied. */
function mayCopy(code: number, lastKnown: number): boolean {
  return code <= lastKnown || code === CUSTOM.text || code === CUSTOM.binary;
}

/** Describes the interfaces of a capture. */
export class InterfaceOrigins {
  #left = MAX_INTERFACE_BYTES;

  /** The link type of the block stands at `at`, and the block ends at `end`. */
  describe(
    view: DataView,
    at: number,
    end: number,
    littleEndian: boolean,
    number: number,
  ): InterfaceDescription {
    let tsresol = DEFAULT_TSRESOL;
    let offsetSeconds = 0n;
    let fcsLength: number | null = null;
    let name: string | null = null;
    let description: string | null = null;
    const others: RawOption[] = [];
    const walk = new OptionWalk(view, at + 8, end, littleEndian);
    while (walk.advance()) {
      const { code, length } = walk;
      if (code === OPTION.ifTsresol) tsresol = length >= 1 ? walk.uint8() : tsresol;
      else if (code === OPTION.ifFcslen) fcsLength = length >= 1 ? walk.uint8() : fcsLength;
      else if (code === OPTION.ifTsoffset)
        offsetSeconds = length >= 8 ? view.getBigInt64(walk.at, littleEndian) : offsetSeconds;
      else if (code !== OPTION.comment && length <= this.#left) {
        if (code === OPTION.ifName) name = textOf(view, walk) || null;
        else if (code === OPTION.ifDescription) description = textOf(view, walk) || null;
        // A filter is text, or instructions whose numbers are in the order of the section.
        else if (mayCopy(code, LAST_INTERFACE_OPTION) && (code !== OPTION.ifFilter || walk.uint8() === 0)) {
          const option = copyOption(view, walk, littleEndian, INTERFACE_NUMBERS);
          if (option !== null) others.push(option);
        } else continue;
        this.#left -= length;
      }
    }
    return {
      number,
      linkType: view.getUint16(at, littleEndian),
      snaplen: view.getUint32(at + 4, littleEndian),
      tsresol,
      offsetSeconds,
      fcsLength,
      name,
      description,
      others,
    };
  }
}

/** Reads the block around the record's data. `limit` is the end of the bytes that are there. */
export function readOrigin(
  record: CaptureRecord,
  limit: number,
  littleEndian: boolean,
  section: readonly SectionInterface[],
): RecordOrigin {
  const { view, offset } = record;
  if (isSimple(record, littleEndian)) {
    return { interface: describedOf(section[0]), stamp: null, options: [], comments: [] };
  }
  const start = offset - PACKET_HEADER_BYTES;
  const isEnhanced = view.getUint32(start, littleEndian) === BLOCK.enhancedPacket;
  const number = isEnhanced
    ? view.getUint32(start + 8, littleEndian)
    : view.getUint16(start + 8, littleEndian);
  const options: RawOption[] = [];
  const comments: string[] = [];
  const blockEnd = start + ((view.getUint32(start + 4, littleEndian) + 3) & ~3) - 4;
  const optionsEnd = Math.min(blockEnd, start + MAX_CONTIGUOUS_BYTES, limit);
  const walk = new OptionWalk(view, offset + ((record.capturedLength + 3) & ~3), optionsEnd, littleEndian);
  let left = MAX_PACKET_BYTES;
  while (walk.advance()) {
    if (walk.length > left) continue;
    left -= walk.length + 4;
    if (walk.code === OPTION.comment) comments.push(textOf(view, walk));
    else if (mayCopy(walk.code, LAST_PACKET_OPTION)) {
      const option = copyOption(view, walk, littleEndian, PACKET_NUMBERS);
      if (option !== null) options.push(option);
    }
  }
  if (!isEnhanced) {
    const drops = view.getUint16(start + 10, littleEndian);
    if (drops > 0 && drops !== UNKNOWN_DROPS) options.push(dropCount(drops));
  }
  return {
    interface: describedOf(section[number]),
    stamp: { high: view.getUint32(start + 12, littleEndian), low: view.getUint32(start + 16, littleEndian) },
    options,
    comments,
  };
}

/**
 * Whether the record is a simple packet block. Where those have their length, of at least 16 bytes more than is captured, the others
 * have the captured length.
 */
function isSimple({ view, offset, hasTime, capturedLength }: CaptureRecord, littleEndian: boolean): boolean {
  const start = offset - SIMPLE_HEADER_BYTES;
  return (
    !hasTime &&
    view.getUint32(start, littleEndian) === BLOCK.simplePacket &&
    view.getUint32(start + 4, littleEndian) !== capturedLength
  );
}

function describedOf(source: SectionInterface | undefined): InterfaceDescription {
  if (source?.description) return source.description;
  throw new TypeError('the capture was opened without keepsOrigin');
}

function dropCount(drops: number): RawOption {
  const value = new Uint8Array(8);
  new DataView(value.buffer).setUint32(0, drops, true);
  return { code: OPTION.epbDropcount, value };
}
