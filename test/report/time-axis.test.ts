/** Axes of pictures: where ticks stand, and how moments are written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SMALL_FONT_SIZE, textWidth } from '../../src/report/charts/theme.ts';
import { moment, shortDuration, timeAxis } from '../../src/report/charts/time-axis.ts';

const written = (times: readonly number[], width = 480) => {
  const axis = timeAxis(times, width);
  return [axis.ticks.map((time) => axis.format(time)), axis.label];
};

describe('an axis', () => {
  it.each([
    [[0, 100], ['0', '15', '30', '45', '60', '75', '90'], 'seconds since the first packet'],
    [
      [0, 4],
      ['0.0', '0.5', '1.0', '1.5', '2.0', '2.5', '3.0', '3.5', '4.0'],
      'seconds since the first packet',
    ],
    [
      [100, 500],
      ['2:00', '3:00', '4:00', '5:00', '6:00', '7:00', '8:00'],
      'minutes:seconds since the first packet',
    ],
    [
      [3600, 3660],
      ['1:00:00', '1:00:15', '1:00:30', '1:00:45', '1:01:00'],
      'hours:minutes:seconds since the first packet',
    ],
    [
      [0, 86_400],
      ['0:00', '4:00', '8:00', '12:00', '16:00', '20:00', '24:00'],
      'hours:minutes since the first packet',
    ],
    [[79.588073, 79.590073], ['0.0', '0.5', '1.0', '1.5', '2.0'], 'milliseconds after 79.588073 s'],
    [
      [79.588073, 79.588473],
      ['0', '50', '100', '150', '200', '250', '300', '350', '400'],
      'microseconds after 79.588073 s',
    ],
    [[-5, 5], ['−4', '−2', '0', '2', '4'], 'seconds since the first packet'],
  ])('over %j', (times, ticks, label) => {
    expect(written(times)).toEqual([ticks, label]);
  });

  it('names the first packet by its time where that is known', () => {
    expect(timeAxis([0, 9], 480, '2001-02-03 04:05:06 UTC').label).toBe(
      'seconds since 2001-02-03 04:05:06 UTC',
    );
  });

  it('holds all of its times, and numbers that do not run into each other, whatever they are', () => {
    const time = fc.double({ min: -4e9, max: 4e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(time, { maxLength: 6 }), fc.integer({ min: 200, max: 540 }), (times, width) => {
        const { from, to, ticks, format } = timeAxis(times, width);
        expect(times.every((each) => each >= from && each <= to)).toBe(true);
        expect(to).toBeGreaterThan(from);
        expect(ticks.every((each) => each >= from && each <= to)).toBe(true);
        const pixel = (each: number) => ((each - from) / (to - from)) * width;
        for (const [at, tick] of ticks.entries()) {
          const before = ticks[at - 1];
          if (before === undefined) continue;
          const room = pixel(tick) - pixel(before);
          const widest = Math.max(...[before, tick].map((each) => textWidth(format(each), SMALL_FONT_SIZE)));
          expect(widest).toBeLessThan(room);
        }
      }),
      // Three numbers as wide as a third of the axis, and a quarter of it apart.
      { examples: [[[-3994425443.7062817, 3996759461.954097], 356]] },
    );
  });
});

it.each([
  [0.0004, '0.4 ms'],
  [0.25, '250 ms'],
  [44.5, '44.5 s'],
  [119, '119 s'],
  [150, '2.5 min'],
  [3 * 3600, '3 h'],
  [86_400 * 3, '3 days'],
])('%d seconds are %s', (length, text) => {
  expect(shortDuration(length)).toBe(text);
});

it('moments have a real minus', () => {
  expect([moment(-1.5), moment(0), moment(12.3456)]).toEqual(['−1.5 s', '0 s', '12.346 s']);
});
