import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest, suggestion } from '../../src/cli/nearest.ts';

describe('editDistance', () => {
  it.each([
    ['', 'abc', 3],
    ['lease', 'lease', 0],
    ['laese', 'lease', 1],
    ['leases', 'lease', 1],
    ['kitten', 'sitting', 3],
  ])('%s to %s is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });

  it('is zero only for equal words', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => (editDistance(a, b) === 0) === (a === b)));
  });
});

it('suggests what is near, and nothing else', () => {
  const names = ['Q151387.graceMinSeconds', 'Q151387.graceMaxSeconds', 'capture.dropFraction'];
  expect(nearest('q151387.graceminsecond', names)).toBe('Q151387.graceMinSeconds');
  expect(nearest('unrelated', names)).toBeNull();
  expect(nearest('x'.repeat(10_000_000), names)).toBeNull();
  expect(suggestion('capture.dropfractoin', names)).toBe('; did you mean capture.dropFraction?');
  expect(suggestion('zzz', names)).toBe('');
});
