/** Checksums: the Internet's (RFC 1071) and Ethernet's (IEEE 802.3 3.2.9). */

/** Sum of the 16-bit words in [from, to), not folded; an odd last byte counts as the upper one. */
export function sumWords(view: DataView, from: number, to: number): number {
  let sum = 0;
  let at = from;
  for (; at + 2 <= to; at += 2) sum += view.getUint16(at);
  if (at < to) sum += view.getUint8(at) << 8;
  return sum;
}

/** The checksum that completes a sum. */
export function completeSum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 0x1_0000) + (folded & 0xffff);
  return ~folded & 0xffff;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ ((value & 1) * 0xedb8_8320);
  return value >>> 0;
});

/** The frame check sequence of a frame, in the order in which it stands behind it. */
export function frameCheck(bytes: Uint8Array): number {
  let value = 0xffff_ffff;
  for (const byte of bytes) value = (value >>> 8) ^ (CRC_TABLE[(value ^ byte) & 0xff] as number);
  return ~value >>> 0;
}
