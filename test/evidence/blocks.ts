/** Blocks of a pcapng, little-endian, put together by hand. */
import { concat } from '../../samples/craft/index.ts';

/** An option of a block. */
export type Option = readonly [code: number, value: Uint8Array];

export const u16 = (value: number): Uint8Array => Uint8Array.of(value, value >>> 8);
export const u32 = (value: number): Uint8Array =>
  Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);

export function padded(bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Uint8Array(-bytes.length & 3));
}

export function block(type: number, body: Uint8Array): Uint8Array {
  const length = u32(12 + padded(body).length);
  return concat(u32(type), length, padded(body), length);
}

export function options(...list: readonly Option[]): Uint8Array {
  return concat(...list.map(([code, value]) => concat(u16(code), u16(value.length), padded(value))), u32(0));
}

/** A section header. */
export function section(...list: readonly Option[]): Uint8Array {
  const fixed = concat(u32(0x1a2b3c4d), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff));
  return block(0x0a0d0d0a, concat(fixed, options(...list)));
}

/** An Ethernet interface. */
export function ethernetInterface(...list: readonly Option[]): Uint8Array {
  return block(1, concat(u16(1), u16(0), u32(0), options(...list)));
}

/** A packet at so many seconds since 1970, on a clock of microseconds. */
export function enhancedPacket(
  interfaceNumber: number,
  seconds: number,
  bytes: Uint8Array,
  ...list: readonly Option[]
): Uint8Array {
  const micros = BigInt(seconds) * 1_000_000n;
  const stamp = concat(u32(Number(micros >> 32n)), u32(Number(micros & 0xffff_ffffn)));
  const lengths = concat(u32(bytes.length), u32(bytes.length));
  return block(6, concat(u32(interfaceNumber), stamp, lengths, padded(bytes), options(...list)));
}
