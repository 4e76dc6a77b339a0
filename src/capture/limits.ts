/** Sizes that bound what a capture file may ask of us. None of them comes from the file. */

/** The longest record handed out: libpcap's MAXIMUM_SNAPLEN, and what every common reader accepts. */
export const MAX_RECORD_BYTES = 262_144;

/** Up to here a record or block is skipped by streaming, beyond it the length is damage (wire.md 1.2). */
export const MAX_BLOCK_BYTES = 16 * 1024 * 1024;

/** The longest piece that has to stand in the window at once: a full record, its headers and its options. */
export const MAX_CONTIGUOUS_BYTES = MAX_RECORD_BYTES + 16 * 1024;

/** A file may claim counts that no double holds, and many of them: a sum ends where whole numbers do. */
export function addCounts(one: number, other: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, one + other);
}

/** Claimed lengths are kept as int32. */
export const MAX_INT32 = 0x7fff_ffff;
