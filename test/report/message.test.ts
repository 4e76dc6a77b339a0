import { describe, expect, it } from 'vitest';
import { interpolate, placeholders } from '../../src/report/message.ts';

describe('interpolate', () => {
  it.each([
    ['{a} and {b}', { a: 'x', b: 2.5 }, 'x and 2.5'],
    ['{t:duration}', { t: 125 }, '2 min 5 s'],
    ['{n:count}', { n: 12_345 }, '12,345'],
    ['{n:count lease|leases}', { n: 1 }, '1 lease'],
    ['{n:count lease was|leases were} used', { n: 0 }, '0 leases were used'],
    [
      '{n:bytes} {p:percent} {s:seconds} {m:millis}',
      { n: 2048, p: 0.5, s: 1.23456, m: 7 },
      '2 KiB 50 % 1.235 s 7 ms',
    ],
    ['{gone} {none} {toString}', { none: null }, 'unknown unknown unknown'],
    ['{a}', { a: '{b}', b: 'no' }, '{b}'],
    ['$& {a}', { a: '$1' }, '$& $1'],
  ])('%s', (template, data, text) => {
    expect(interpolate(template, data)).toBe(text);
  });

  it('cuts a long text of a packet', () => {
    expect(interpolate('{name}', { name: 'x'.repeat(1e6) })).toHaveLength(512);
  });
});

it('tells what a template shows', () => {
  expect(placeholders('{a} {t:duration} {n:count x|y} {z:parsecs} {m:count x}')).toEqual([
    { name: 'a', unit: null, isKnownUnit: true },
    { name: 't', unit: 'duration', isKnownUnit: true },
    { name: 'n', unit: 'count x|y', isKnownUnit: true },
    { name: 'z', unit: 'parsecs', isKnownUnit: false },
    { name: 'm', unit: 'count x', isKnownUnit: false },
  ]);
});
