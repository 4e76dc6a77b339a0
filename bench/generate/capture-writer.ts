/** Writes records to a file in large pieces; frames are composed in place, in the writer's own buffer. */
import { closeSync, openSync, writeSync } from 'node:fs';

export type WrittenFormat = 'pcap' | 'pcapng';

const BUFFER_BYTES = 4 << 20;
/** More than the longest record. */
const RESERVE_BYTES = 4096;
const SNAP_LENGTH = 262_144;
const LINKTYPE_ETHERNET = 1;
const PCAP_MAGIC = 0xa1b2c3d4;
const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
const INTERFACE_BLOCK = 1;
const ENHANCED_PACKET_BLOCK = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** 2024-03-05 08:00:00 UTC: any date will do. */
const START_SECONDS = 1_709_625_600;

export class CaptureWriter {
  readonly bytes = new Uint8Array(BUFFER_BYTES);
  readonly view = new DataView(this.bytes.buffer);
  packets = 0;
  /** Size of the same records as classic pcap, which is the measure of progress in either format. */
  classicBytes = 24;
  readonly #file: number;
  readonly #format: WrittenFormat;
  #end = 0;

  constructor(path: string, format: WrittenFormat) {
    this.#file = openSync(path, 'w');
    this.#format = format;
    if (format === 'pcap') this.#writePcapHeader();
    else this.#writePcapngHeader();
  }

  /** Begins a record of `length` bytes, `micros` after the start of the capture; answers where its frame goes. */
  record(length: number, micros: number): number {
    if (this.#end + RESERVE_BYTES > BUFFER_BYTES) this.#flush();
    this.packets += 1;
    this.classicBytes += 16 + length;
    return this.#format === 'pcap' ? this.#pcapRecord(length, micros) : this.#pcapngRecord(length, micros);
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #pcapRecord(length: number, micros: number): number {
    const at = this.#end;
    const seconds = Math.floor(micros / 1e6);
    this.view.setUint32(at, START_SECONDS + seconds, true);
    this.view.setUint32(at + 4, micros - seconds * 1e6, true);
    this.view.setUint32(at + 8, length, true);
    this.view.setUint32(at + 12, length, true);
    this.#advance(16 + length);
    return at + 16;
  }

  #pcapngRecord(length: number, micros: number): number {
    const at = this.#end;
    const padded = (length + 3) & ~3;
    const time = START_SECONDS * 1e6 + micros;
    this.view.setUint32(at, ENHANCED_PACKET_BLOCK, true);
    this.view.setUint32(at + 4, 32 + padded, true);
    this.view.setUint32(at + 8, 0, true);
    this.view.setUint32(at + 12, Math.floor(time / 2 ** 32), true);
    this.view.setUint32(at + 16, time % 2 ** 32, true);
    this.view.setUint32(at + 20, length, true);
    this.view.setUint32(at + 24, length, true);
    this.bytes.fill(0, at + 28 + length, at + 28 + padded);
    this.view.setUint32(at + 28 + padded, 32 + padded, true);
    this.#advance(32 + padded);
    return at + 28;
  }

  #writePcapHeader(): void {
    for (const [offset, value] of [PCAP_MAGIC, 0x0004_0002, 0, 0, SNAP_LENGTH, LINKTYPE_ETHERNET].entries()) {
      this.view.setUint32(4 * offset, value, true);
    }
    this.#advance(24);
  }

  #writePcapngHeader(): void {
    const words = [SECTION_HEADER_BLOCK, 28, BYTE_ORDER_MAGIC, 1, 0xffff_ffff, 0xffff_ffff, 28];
    words.push(INTERFACE_BLOCK, 20, LINKTYPE_ETHERNET, SNAP_LENGTH, 20);
    for (const [offset, value] of words.entries()) this.view.setUint32(4 * offset, value, true);
    this.#advance(4 * words.length);
  }

  #advance(length: number): void {
    this.#end += length;
  }

  #flush(): void {
    for (let at = 0; at < this.#end; ) at += writeSync(this.#file, this.bytes, at, this.#end - at);
    this.#end = 0;
  }
}
