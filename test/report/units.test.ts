import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  isoTime,
  secondsBetween,
} from '../../src/report/units.ts';

describe('isoTime', () => {
  it.each([
    [{ seconds: 883_612_800, nanos: 999_999_999, precision: 6 }, '1998-01-01T00:00:00.999999Z'],
    [{ seconds: 883_612_800, nanos: 1, precision: 9 }, '1998-01-01T00:00:00.000000001Z'],
    [{ seconds: 883_612_800, nanos: 999_999_999, precision: 0 }, '1998-01-01T00:00:00Z'],
    [{ seconds: -1, nanos: 500_000_000, precision: 1 }, '1969-12-31T23:59:59.5Z'],
    [{ seconds: 8.64e12, nanos: 0, precision: 0 }, '+275760-09-13T00:00:00Z'],
    [{ seconds: 8.64e12 + 1, nanos: 0, precision: 0 }, null],
    [{ seconds: Number.NaN, nanos: 0, precision: 6 }, null],
    [null, null],
  ])('%j is %s', (time, iso) => {
    expect(isoTime(time)).toBe(iso);
  });
});

describe('secondsBetween', () => {
  it('has the precision of the finer time, and a sign', () => {
    const from = { seconds: 10, nanos: 900_000_000, precision: 6 };
    expect(secondsBetween(from, { seconds: 11, nanos: 0, precision: 3 })).toBe(0.1);
    expect(secondsBetween(from, { seconds: 10, nanos: 0, precision: 3 })).toBe(-0.9);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 s'],
    [0.0001, '0.1 ms'],
    [0.35, '350 ms'],
    [12.54, '12.5 s'],
    [59.94, '59.9 s'],
    [59.96, '1 min'],
    [125, '2 min 5 s'],
    [3599.7, '1 h'],
    [10_800, '3 h'],
    [187_200, '2 d 4 h'],
    [-5, '-5 s'],
    [Infinity, 'an unlimited time'],
  ])('%d s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

it('groups and scales numbers without a locale', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect(formatCount(1234.5678)).toBe('1,234.5678');
  expect(formatCount(12)).toBe('12');
  expect(formatBytes(1)).toBe('1 byte');
  expect(formatBytes(1536)).toBe('1.5 KiB');
  expect(formatBytes(5 * 2 ** 40)).toBe('5 TiB');
  expect(formatPercent(0.0123)).toBe('1.2 %');
});
