/** Addresses in text, big-endian numbers and the Internet checksum (RFC 1071), for crafted frames. */

/** `00:a0:c9:11:22:33` */
export type Mac = string;
/** `10.0.0.5` */
export type Ipv4 = string;

export function macBytes(mac: Mac): Uint8Array {
  const bytes = Uint8Array.from(mac.split(':'), (part) => Number.parseInt(part, 16));
  if (bytes.length !== 6) throw new RangeError(`not a MAC address: ${mac}`);
  return bytes;
}

export function ipv4Bytes(address: Ipv4): Uint8Array {
  const bytes = Uint8Array.from(address.split('.'), Number);
  if (bytes.length !== 4) throw new RangeError(`not an IPv4 address: ${address}`);
  return bytes;
}

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** `length` bytes of a fixed pattern. */
export function filler(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => 0x61 + (index % 23));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return joined(parts);
}

/** `concat` for lists of any length. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Pads with zero bytes to at least `length`. */
export function padTo(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.length >= length ? bytes : concat(bytes, new Uint8Array(length - bytes.length));
}

/** RFC 1071: one's complement of the one's complement sum; odd lengths are padded with a zero byte. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  const bytes = concat(...parts);
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2) {
    sum += ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
