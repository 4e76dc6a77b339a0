/**
 * A frame while it is redacted. It begins as zeros: only what is carried over on purpose stands in the result, so whatever is not
 * known, not understood, or behind an end that a length field names, is gone by itself.
 *
 * Offsets are those of the frame. Nothing behind `end` is ever touched; a field that the capture cut is carried over as far as it
 * is there if it stays what it is, and left out if it would have to be mapped as a whole.
 */
import { macHigh, macLow, macNumber } from '../../wire/mac.ts';
import { completeSum } from './checksum.ts';
import type { Mapping } from './mapping.ts';

/** What makes a checksum that was wrong wrong again. */
const WRONG = 0x5555;

export class Draft {
  readonly mapping: Mapping;
  /** The frame as it was. */
  readonly source: DataView;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  /** Past the last captured byte, frame check sequence excluded. */
  readonly end: number;
  /** Past the last byte the frame had on the wire. */
  readonly wireEnd: number;
  readonly #original: Uint8Array;

  constructor(mapping: Mapping, frame: Uint8Array, end: number, wireEnd: number) {
    this.mapping = mapping;
    this.#original = frame;
    this.source = new DataView(frame.buffer, frame.byteOffset, frame.length);
    this.bytes = new Uint8Array(frame.length);
    this.view = new DataView(this.bytes.buffer);
    this.end = end;
    this.wireEnd = wireEnd;
  }

  /** Carries `count` bytes over as they are, as far as they are there. */
  keep(at: number, count: number): void {
    this.keepTo(at, at + count);
  }

  keepTo(from: number, to: number): void {
    const last = Math.min(to, this.end);
    if (from < last) this.bytes.set(this.#original.subarray(from, last), from);
  }

  /** An IPv4 address. */
  address(at: number): void {
    if (at + 4 <= this.end) this.view.setInt32(at, this.mapping.address(this.source.getInt32(at)));
  }

  /** Every whole IPv4 address in [from, to). */
  addresses(from: number, to: number): void {
    for (let at = from; at + 4 <= to; at += 4) this.address(at);
  }

  mac(at: number): void {
    if (at + 6 > this.end) return;
    const image = this.mapping.mac(macNumber(this.source.getUint16(at), this.source.getInt32(at + 2)));
    this.view.setUint16(at, macHigh(image));
    this.view.setInt32(at + 2, macLow(image));
  }

  /** A name of `count` bytes. */
  name(at: number, count: number): void {
    this.transform(at, count, (value) => this.mapping.names.mapBytes(value));
  }

  /** Something of `count` bytes that identifies. */
  identifier(at: number, count: number): void {
    this.transform(at, count, (value) => this.mapping.identifier(value));
  }

  /** Carries bytes over and changes them in place, if all of them are there. */
  transform(at: number, count: number, change: (value: Uint8Array) => void): void {
    if (count <= 0 || at + count > this.end) return;
    const value = this.bytes.subarray(at, at + count);
    value.set(this.#original.subarray(at, at + count));
    change(value);
  }

  /**
   * Writes the checksum at `at`. `before` is the sum of what it covers in the frame as it was and `after` now, both without the
   * checksum itself. One that was right is right again, one that was wrong is wrong, and zero stays zero: transmit offload and
   * damage go on looking like what they are. `isOptional`: zero means none (UDP).
   */
  checksum(at: number, before: number, after: number, isOptional = false): void {
    if (at + 2 > this.end) return;
    const was = this.source.getUint16(at);
    if (was === 0 && (isOptional || completeSum(before) !== 0)) return;
    const right = completeSum(after);
    const isRight = completeSum(before + was) === 0;
    let value = isRight ? right : right ^ WRONG;
    if (value === 0 && (isOptional || !isRight)) value = isRight ? 0xffff : WRONG ^ 0xffff;
    this.view.setUint16(at, value);
  }
}
