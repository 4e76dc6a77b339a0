/** Options of a packet in a file whose bytes were changed: those that say nothing of the network, and of them no more than is read. */
import type { RawOption } from '../capture/origin.ts';
import { OPTION } from '../capture/pcapng-blocks.ts';

const FLAGS_BYTES = 4;
/** Bits 0 to 8; reserved ones and errors of the link come behind. */
const KEPT_FLAGS = 0x1ff;
const COUNT_BYTES = 8;

/** Direction, reception and length of the frame check sequence; losses right before. Others are left out, as are those cut short. */
export function countingOptions(options: readonly RawOption[]): RawOption[] {
  return options.flatMap(({ code, value }): RawOption[] => {
    if (code === OPTION.epbFlags && value.length >= FLAGS_BYTES) return [{ code, value: flagsOf(value) }];
    return code === OPTION.epbDropcount && value.length >= COUNT_BYTES
      ? [{ code, value: countOf(value) }]
      : [];
  });
}

function flagsOf(value: Uint8Array): Uint8Array {
  const flags = new DataView(value.buffer, value.byteOffset, FLAGS_BYTES).getUint32(0, true);
  const kept = new Uint8Array(FLAGS_BYTES);
  new DataView(kept.buffer).setUint32(0, flags & KEPT_FLAGS, true);
  return kept;
}

/** A number that no double holds counts nothing, and becomes the largest that one does; from 2^63 on it stays unknown. */
function countOf(value: Uint8Array): Uint8Array {
  const view = new DataView(value.buffer, value.byteOffset, COUNT_BYTES);
  const count = new DataView(new ArrayBuffer(COUNT_BYTES));
  const signed = view.getBigInt64(0, true);
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  count.setBigInt64(0, signed < 0n ? -1n : signed > limit ? limit : signed, true);
  return new Uint8Array(count.buffer);
}
