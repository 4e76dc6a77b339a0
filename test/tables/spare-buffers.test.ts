import { describe, expect, it } from 'vitest';
import { borrowBuffer, returnBuffer } from '../../src/tables/spare-buffers.ts';

describe('spare buffers', () => {
  it('are handed out again, and empty', () => {
    const first = borrowBuffer(48);
    new Uint8Array(first).fill(7);
    returnBuffer(first);
    const second = borrowBuffer(48);
    expect(second).toBe(first);
    expect(new Uint8Array(second).every((byte) => byte === 0)).toBe(true);
  });

  it('belong to one borrower, even when returned twice', () => {
    const buffer = borrowBuffer(80);
    returnBuffer(buffer);
    returnBuffer(buffer);
    expect(borrowBuffer(80)).not.toBe(borrowBuffer(80));
  });

  it('fit exactly', () => {
    returnBuffer(borrowBuffer(96));
    expect(borrowBuffer(97).byteLength).toBe(97);
  });

  it('are bounded in number', () => {
    const lent = Array.from({ length: 100 }, () => borrowBuffer(112));
    for (const buffer of lent) returnBuffer(buffer);
    const kept = lent.filter((buffer) => {
      const again = Array.from({ length: 100 }, () => borrowBuffer(112));
      for (const each of again) returnBuffer(each);
      return again.includes(buffer);
    });
    expect(kept.length).toBeLessThanOrEqual(8);
  });
});
