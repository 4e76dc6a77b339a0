/** The series that a finding carries for its picture: made from times, kept in bounded numbers. */
import { type Series, SERIES_UNITS } from './result.ts';

type Point = readonly [number, number];

/** Points of one series, and series of one finding (DESIGN 4). */
export const MAX_POINTS = 512;
export const MAX_SERIES = 32;
/** What a finding may keep of its points however many findings came before it. */
const LEAST_POINTS = 32;

interface Span {
  readonly from: number;
  /** NaN or infinite where no end was seen. */
  readonly to: number;
}

/** Moments at which something happened; nothing where there are none, so that a picture has no empty rows. */
export function eventSeries(name: string, of: string, times: readonly number[]): Series[] {
  const points = times
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b)
    .map((time): Point => [time, 1]);
  return points.length === 0
    ? []
    : [{ name, unit: SERIES_UNITS.event, of, points: thin(points, MAX_POINTS, 1) }];
}

/** Times at which a state holds. */
export function stateSeries(name: string, of: string, spans: readonly Span[]): Series[] {
  const points = spans
    .filter(({ from, to }) => Number.isFinite(from) && !(to < from))
    .toSorted((a, b) => a.from - b.from)
    .flatMap(({ from, to }): Point[] =>
      Number.isFinite(to)
        ? [
            [from, 1],
            [to, 0],
          ]
        : [[from, 1]],
    );
  return points.length === 0
    ? []
    : [{ name, unit: SERIES_UNITS.state, of, points: thin(points, MAX_POINTS, 2) }];
}

/** Sequence numbers by time; int32 or unsigned. */
export function sequenceSeries(name: string, of: string, points: readonly Point[]): Series[] {
  const known = points.filter(([time]) => Number.isFinite(time)).toSorted(([a], [b]) => a - b);
  const numbers = known.map(([time, number]): Point => [time, number >>> 0]);
  return numbers.length === 0
    ? []
    : [{ name, unit: SERIES_UNITS.sequence, of, points: thin(numbers, MAX_POINTS, 1) }];
}

/** From the time of trackers, which begins with a whole second, to seconds since the first packet, to the microsecond. */
export function sinceFirstPacket(series: Series, firstSeconds: number): Series {
  return {
    ...series,
    points: series.points.map(([time, value]) => [Math.round((time - firstSeconds) * 1e6) / 1e6, value]),
  };
}

/** How many points may still be kept. Findings without end must not fill the memory with what nobody draws. */
export class PointRoom {
  #left: number;

  constructor(points: number) {
    this.#left = points;
  }

  /** Nothing but a little of each finding can be kept. */
  get isFull(): boolean {
    return this.#left <= 0;
  }

  /** The series, thinned to the room that is left, but for a few points each finding keeps. */
  fit(series: readonly Series[]): Series[] {
    const shown = series.slice(0, MAX_SERIES);
    const total = shown.reduce((sum, { points }) => sum + Math.min(points.length, MAX_POINTS), 0);
    const most = Math.max(LEAST_POINTS, this.#left);
    const share = Math.min(1, most / Math.max(1, total));
    const fitted = shown.map((line) => {
      const step = line.unit === SERIES_UNITS.state ? 2 : 1;
      const wanted = Math.max(step, Math.floor(Math.min(line.points.length, MAX_POINTS) * share));
      return { ...line, points: thin(line.points, wanted, step) };
    });
    this.#left -= fitted.reduce((sum, { points }) => sum + points.length, 0);
    return fitted;
  }
}

/** At most so many points, evenly chosen, with the first and the last ones; `step` of them belong together. */
function thin(points: readonly Point[], most: number, step: number): readonly Point[] {
  if (points.length <= most) return points;
  const groups = Math.ceil(points.length / step);
  const wanted = Math.max(1, Math.floor(most / step));
  const kept: Point[] = [];
  for (let at = 0; at < wanted; at += 1) {
    const group = wanted === 1 ? 0 : Math.round((at * (groups - 1)) / (wanted - 1));
    kept.push(...points.slice(group * step, group * step + step));
  }
  return kept;
}
