/** Series of findings: how they are made, thinned, and kept in bounds. */
import { describe, expect, it } from 'vitest';
import type { Series } from '../../src/engine/result.ts';
import {
  eventSeries,
  MAX_SERIES,
  PointRoom,
  sequenceSeries,
  sinceFirstPacket,
  stateSeries,
} from '../../src/engine/series.ts';

const many = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
const pointsOf = (series: readonly Series[]): unknown => series.map(({ points }) => points);

describe('series', () => {
  it('of events are in order, without times that are none, and nothing of nothing', () => {
    expect(eventSeries('e', 'x', [3, 1, Number.NaN, 2])).toEqual([
      {
        name: 'e',
        unit: 'event',
        of: 'x',
        points: [
          [1, 1],
          [2, 1],
          [3, 1],
        ],
      },
    ]);
    expect(eventSeries('e', 'x', [])).toEqual([]);
    expect(eventSeries('e', 'x', [Number.NaN])).toEqual([]);
  });

  it('of states begin and end, and what was not seen to end does not', () => {
    expect(
      pointsOf(
        stateSeries('s', 'x', [
          { from: 5, to: Number.NaN },
          { from: 1, to: 2 },
          { from: 4, to: 3 },
        ]),
      ),
    ).toEqual([
      [
        [1, 1],
        [2, 0],
        [5, 1],
      ],
    ]);
  });

  it('of sequence numbers are unsigned', () => {
    expect(
      pointsOf(
        sequenceSeries('n', 'x', [
          [2, -1],
          [1, 7],
        ]),
      ),
    ).toEqual([
      [
        [1, 7],
        [2, 0xffff_ffff],
      ],
    ]);
  });

  it('hold 512 points, evenly chosen, with the first and the last', () => {
    const [thinned] = eventSeries('e', 'x', many(10_000));
    expect(thinned?.points.length).toBe(512);
    expect([thinned?.points[0], thinned?.points.at(-1)]).toEqual([
      [0, 1],
      [9999, 1],
    ]);
    const gaps = (thinned?.points ?? []).slice(1).map(([time], at) => time - (thinned?.points[at]?.[0] ?? 0));
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
  });

  it('of states are thinned by whole stretches', () => {
    const [thinned] = stateSeries(
      's',
      'x',
      many(1000).map((at) => ({ from: at, to: at + 0.5 })),
    );
    expect(thinned?.points.length).toBe(512);
    for (const [at, [time, value]] of (thinned?.points ?? []).entries()) {
      expect(value).toBe(at % 2 === 0 ? 1 : 0);
      if (value === 0) expect(time).toBe((thinned?.points[at - 1]?.[0] ?? 0) + 0.5);
    }
  });

  it('count from the first packet, to the microsecond', () => {
    const [series] = eventSeries('e', 'x', [1.4119271, 2]);
    expect(sinceFirstPacket(series as Series, 0.411927).points).toEqual([
      [1, 1],
      [1.588073, 1],
    ]);
  });
});

describe('room for points', () => {
  it('is given in full while there is any, and a few points each when there is none', () => {
    const room = new PointRoom(1000);
    const series = eventSeries('e', 'x', many(400));
    const kept = many(6).map(() => room.fit(series)[0]?.points.length);
    expect(kept).toEqual([400, 400, 200, 32, 32, 32]);
    expect(room.isFull).toBe(true);
  });

  it('holds so many series of a finding, whatever a rule reports', () => {
    const series = many(100).flatMap((at) => eventSeries(`e${at}`, 'x', many(600)));
    const fitted = new PointRoom(1e6).fit(series);
    expect(fitted.length).toBe(MAX_SERIES);
    expect(fitted.every(({ points }) => points.length === 512)).toBe(true);
  });

  it('keeps a thousand findings small', () => {
    const room = new PointRoom(32_768);
    const series = many(24).flatMap((at) => eventSeries(`e${at}`, 'x', many(512)));
    const total = many(1000).reduce(
      (sum) => sum + room.fit(series).reduce((all, { points }) => all + points.length, 0),
      0,
    );
    expect(total).toBeLessThan(32_768 + 1000 * 32);
  });
});
