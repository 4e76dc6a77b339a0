import { describe, expect, it } from 'vitest';
import { MAX_CONTIGUOUS_BYTES } from '../../src/capture/limits.ts';
import { PIECE_BYTES, Window } from '../../src/capture/window.ts';

/** Bytes that tell where they stand. */
const byteAt = (offset: number): number => (Math.imul(offset, 0x9e37_79b1) >>> 24) & 0xff;

describe('a window', () => {
  it.each([64, 4096, 100_000, PIECE_BYTES])(
    'of pieces of %d bytes keeps what is unread together, up to the longest record',
    (pieceBytes) => {
      const window = new Window(pieceBytes);
      let brought = 0;
      const bring = (): number => {
        const piece = Uint8Array.from({ length: pieceBytes }, (_, at) => byteAt(brought + at));
        return window.append(piece, 0);
      };
      for (const unread of [40, 3000, 90_000, MAX_CONTIGUOUS_BYTES, 10, MAX_CONTIGUOUS_BYTES]) {
        while (window.available < unread) brought += bring();
        expect(window.view.buffer).toBe(window.bytes.buffer);
        const { offset, position, limit } = window;
        expect(offset + limit - position).toBe(brought);
        const told = window.bytes
          .subarray(position, limit)
          .findIndex((byte, at) => byte !== byteAt(offset + at));
        expect(told).toBe(-1);
        window.position = Math.min(limit, position + Math.floor(unread / 2));
      }
    },
  );

  it('among many has no more than its file needs', () => {
    const small = new Window(4096);
    expect(small.bytes.length).toBeLessThan(8192);
    const large = new Window();
    expect(large.bytes.length).toBeGreaterThan(PIECE_BYTES + MAX_CONTIGUOUS_BYTES);
  });
});
