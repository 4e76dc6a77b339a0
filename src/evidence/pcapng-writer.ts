/**
 * Writes pcapng (draft-ietf-opsawg-pcapng), little-endian, one block after the other, through a buffer of fixed size.
 *
 *     section header     8 magic   12 major 1   14 minor 0   16 section length, -1          24 options
 *     interface          8 link type   12 snaplen                                           16 options
 *     statistics         8 interface   12 time                                              20 options
 *     enhanced packet    8 interface   12 time   20 captured   24 original   28 data, padded to 4, options
 *
 * Every block begins with its type and length, and ends with its length. Interfaces may be described at any place before their
 * first packet, so they need not be known when the section begins.
 */
import type { InterfaceDescription, RawOption, Stamp } from '../capture/origin.ts';
import { BLOCK, BYTE_ORDER_MAGIC, OPTION } from '../capture/pcapng-blocks.ts';
import { DEFAULT_TSRESOL } from '../capture/pcapng-time.ts';

/** Takes the bytes of a file in order. They are valid during the call only. Throws what the system reports. */
export interface ByteSink {
  write(bytes: Uint8Array): void;
}

export interface SectionDescription {
  /** shb_userappl: the program that writes the file. */
  readonly application?: string;
  readonly hardware?: string;
  readonly os?: string;
  /** opt_comment, each one an option of its own. */
  readonly comments?: readonly string[];
}

export interface PacketDescription {
  /** What `writeInterface` answered. */
  readonly interface: number;
  readonly stamp: Stamp;
  /** The captured bytes. */
  readonly bytes: Uint8Array;
  /** Bytes on the wire. */
  readonly originalLength: number;
  /** Written behind the comments, in the order given. */
  readonly options?: readonly RawOption[];
  readonly comments?: readonly string[];
}

/** Counters of an interface since its capture began; what is absent or null is left out. */
export interface StatisticsDescription {
  readonly interface: number;
  /** When they were taken, in units of the interface's clock. */
  readonly stamp: Stamp;
  readonly start?: Stamp | null;
  readonly end?: Stamp | null;
  readonly received?: number | null;
  /** isb_ifdrop: lost in the interface. */
  readonly dropped?: number | null;
  /** isb_osdrop: lost in the operating system. */
  readonly droppedBySystem?: number | null;
}

const BUFFER_BYTES = 256 * 1024;
/** Type and length, and the length again. */
const FRAME_BYTES = 12;
/** An option's length is a 16-bit number. */
const MAX_OPTION_BYTES = 0xffff;
/** Options of one block; readers bound what they take. */
const MAX_OPTIONS_BYTES = 1024 * 1024;
const NO_OPTIONS: readonly never[] = [];

export { toStamp } from '../capture/origin.ts';

const encoder = new TextEncoder();

export class PcapngWriter {
  readonly #sink: ByteSink;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #length = 0;
  #interfaces = 0;
  #hasSection = false;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Begins a section. The interfaces of the one before are not known in it. */
  writeSection(section: SectionDescription): void {
    const options = new OptionList();
    options.addTexts(OPTION.comment, section.comments ?? NO_OPTIONS);
    options.addText(OPTION.sectionHardware, section.hardware);
    options.addText(OPTION.sectionOs, section.os);
    options.addText(OPTION.sectionApplication, section.application);
    const view = this.#begin(BLOCK.sectionHeader, 16, options.bytes);
    view.setUint32(0, BYTE_ORDER_MAGIC, true);
    view.setUint16(4, 1, true);
    view.setUint16(6, 0, true);
    view.setBigInt64(8, -1n, true);
    this.#end(16, options);
    this.#hasSection = true;
    this.#interfaces = 0;
  }

  /** Describes an interface and answers its number in this section. Its own `number` is not written anywhere. */
  writeInterface(description: Partial<InterfaceDescription> & { readonly linkType: number }): number {
    this.#checkSection();
    const { linkType, snaplen = 0, tsresol = DEFAULT_TSRESOL, offsetSeconds = 0n } = description;
    const options = new OptionList();
    options.addText(OPTION.ifName, description.name);
    options.addText(OPTION.ifDescription, description.description);
    options.addRaw(description.others ?? NO_OPTIONS);
    if (tsresol !== DEFAULT_TSRESOL) options.add(OPTION.ifTsresol, Uint8Array.of(tsresol));
    const fcsLength = description.fcsLength ?? null;
    if (fcsLength !== null) options.add(OPTION.ifFcslen, Uint8Array.of(fcsLength));
    if (offsetSeconds !== 0n) options.add(OPTION.ifTsoffset, int64(offsetSeconds));
    const view = this.#begin(BLOCK.interfaceDescription, 8, options.bytes);
    view.setUint16(0, linkType, true);
    view.setUint16(2, 0, true);
    view.setUint32(4, snaplen, true);
    this.#end(8, options);
    return this.#interfaces++;
  }

  /** Writes a packet as an enhanced packet block. */
  writePacket(packet: PacketDescription): void {
    this.#checkInterface(packet.interface);
    const { bytes, stamp } = packet;
    const options = new OptionList();
    options.addTexts(OPTION.comment, packet.comments ?? NO_OPTIONS);
    options.addRaw(packet.options ?? NO_OPTIONS);
    const padding = -bytes.length & 3;
    const view = this.#begin(BLOCK.enhancedPacket, 20, bytes.length + padding + options.bytes);
    view.setUint32(0, packet.interface, true);
    view.setUint32(4, stamp.high, true);
    view.setUint32(8, stamp.low, true);
    view.setUint32(12, bytes.length, true);
    view.setUint32(16, packet.originalLength, true);
    this.#length += 20;
    this.#put(bytes);
    this.#pad(padding);
    this.#end(0, options, 20 + bytes.length + padding);
  }

  writeStatistics(statistics: StatisticsDescription): void {
    this.#checkInterface(statistics.interface);
    const options = new OptionList();
    options.addStamp(OPTION.isbStarttime, statistics.start);
    options.addStamp(OPTION.isbEndtime, statistics.end);
    options.addCount(OPTION.isbIfrecv, statistics.received);
    options.addCount(OPTION.isbIfdrop, statistics.dropped);
    options.addCount(OPTION.isbOsdrop, statistics.droppedBySystem);
    const view = this.#begin(BLOCK.interfaceStatistics, 12, options.bytes);
    view.setUint32(0, statistics.interface, true);
    view.setUint32(4, statistics.stamp.high, true);
    view.setUint32(8, statistics.stamp.low, true);
    this.#end(12, options);
  }

  /** Hands on what is still in the buffer. Needed once, at the end. */
  flush(): void {
    if (this.#length === 0) return;
    this.#sink.write(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }

  #checkSection(): void {
    if (!this.#hasSection) throw new RangeError('a pcapng file begins with a section');
  }

  #checkInterface(number: number): void {
    if (number < 0 || number >= this.#interfaces) {
      throw new RangeError(`interface ${number} is not described in this section`);
    }
  }

  /**
   * Writes type and length of a block with `fixedBytes` of body and `moreBytes` behind them, and answers a view of the fixed part,
   * which is surely in the buffer.
   */
  #begin(type: number, fixedBytes: number, moreBytes: number): DataView {
    if (this.#length + 8 + fixedBytes > BUFFER_BYTES) this.flush();
    this.#view.setUint32(this.#length, type, true);
    this.#view.setUint32(this.#length + 4, FRAME_BYTES + fixedBytes + moreBytes, true);
    this.#length += 8;
    return new DataView(this.#buffer.buffer, this.#length, fixedBytes);
  }

  /** Steps over the fixed part, writes the options and the length. `bodyBytes` is the body before the options. */
  #end(fixedBytes: number, options: OptionList, bodyBytes = fixedBytes): void {
    this.#length += fixedBytes;
    for (const { code, value } of options.list) {
      this.#putUint16(code);
      this.#putUint16(value.length);
      this.#put(value);
      this.#pad(-value.length & 3);
    }
    if (options.list.length > 0) this.#pad(4);
    if (this.#length + 4 > BUFFER_BYTES) this.flush();
    this.#view.setUint32(this.#length, FRAME_BYTES + bodyBytes + options.bytes, true);
    this.#length += 4;
  }

  #putUint16(value: number): void {
    if (this.#length + 2 > BUFFER_BYTES) this.flush();
    this.#view.setUint16(this.#length, value, true);
    this.#length += 2;
  }

  #pad(bytes: number): void {
    if (this.#length + bytes > BUFFER_BYTES) this.flush();
    this.#buffer.fill(0, this.#length, this.#length + bytes);
    this.#length += bytes;
  }

  #put(bytes: Uint8Array): void {
    if (this.#length + bytes.length > BUFFER_BYTES) this.flush();
    if (bytes.length > BUFFER_BYTES) {
      this.#sink.write(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}

/** The options of one block, and what they come to with their headers, padding and end. */
class OptionList {
  readonly list: RawOption[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.list.length === 0 ? 0 : this.#bytes + 4;
  }

  /** One that is too long, or too much for its block, is left out: a block with a wrong length would be no block. */
  add(code: number, value: Uint8Array): void {
    const bytes = 4 + ((value.length + 3) & ~3);
    if (value.length > MAX_OPTION_BYTES || this.#bytes + bytes > MAX_OPTIONS_BYTES) return;
    this.list.push({ code, value });
    this.#bytes += bytes;
  }

  addRaw(options: readonly RawOption[]): void {
    for (const { code, value } of options) this.add(code, value);
  }

  addText(code: number, text: string | null | undefined): void {
    if (text !== null && text !== undefined && text !== '') this.add(code, utf8(text));
  }

  addTexts(code: number, texts: readonly string[]): void {
    for (const text of texts) this.addText(code, text);
  }

  addStamp(code: number, stamp: Stamp | null | undefined): void {
    if (stamp === null || stamp === undefined) return;
    const value = new Uint8Array(8);
    const view = new DataView(value.buffer);
    view.setUint32(0, stamp.high, true);
    view.setUint32(4, stamp.low, true);
    this.add(code, value);
  }

  addCount(code: number, count: number | null | undefined): void {
    if (count !== null && count !== undefined) this.add(code, int64(BigInt(count)));
  }
}

function int64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, value), true);
  return bytes;
}

/** UTF-8 as an option can hold it, cut between characters. */
function utf8(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  if (bytes.length <= MAX_OPTION_BYTES) return bytes;
  let end = MAX_OPTION_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
