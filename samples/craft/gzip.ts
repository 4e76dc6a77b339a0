import { crc32 } from 'node:zlib';
import { ascii, concat, joined, u8 } from './bytes.ts';

/** The most a stored block holds (RFC 1951 3.2.4). */
const BLOCK_BYTES = 65_535;

/**
 * Bytes as a gzip file (RFC 1952) of stored blocks. What a compressor makes of them differs between versions of zlib; these bytes
 * are the same everywhere.
 */
export function gzipStored(bytes: Uint8Array, name: string): Uint8Array {
  // Flag 8: a name follows. No time, no level, system unknown.
  const parts = [Uint8Array.of(0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 255), ascii(name), u8(0)];
  let at = 0;
  do {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    at += BLOCK_BYTES;
    parts.push(
      u8(at >= bytes.length ? 1 : 0),
      little(block.length, 2),
      little(~block.length & 0xffff, 2),
      block,
    );
  } while (at < bytes.length);
  return concat(joined(parts), little(crc32(bytes), 4), little(bytes.length, 4));
}

function little(value: number, bytes: 2 | 4): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 0xff);
}
