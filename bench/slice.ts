/** The first packets of a classic little-endian capture as a file of their own, for peers too slow to read it all. */
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const PIECE_BYTES = 8 << 20;

/** Writes `target`; answers how many packets it holds, fewer than asked for in a short capture. */
export function writeSlice(source: string, target: string, packets: number): number {
  const input = openSync(source, 'r');
  const pieces: Uint8Array[] = [];
  for (let total = 0, length = 1; length > 0 && total < packets * 2048; total += length) {
    const piece = new Uint8Array(PIECE_BYTES);
    length = readSync(input, piece);
    pieces.push(piece.subarray(0, length));
  }
  closeSync(input);
  const bytes = Buffer.concat(pieces);
  let end = FILE_HEADER_BYTES;
  let count = 0;
  while (count < packets && end + RECORD_HEADER_BYTES <= bytes.length) {
    const next = end + RECORD_HEADER_BYTES + bytes.readUInt32LE(end + 8);
    if (next > bytes.length) break;
    end = next;
    count += 1;
  }
  writeFileSync(target, bytes.subarray(0, end));
  return count;
}
