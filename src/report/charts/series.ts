/** What pictures read from the series of a finding. */
import { SERIES_UNITS } from '../../engine/result.ts';
import type { ReportFinding } from '../schema.ts';

export type ReportSeries = ReportFinding['series'][number];

export interface Span {
  readonly from: number;
  /** Infinite where no end is known. */
  readonly to: number;
}

/** Times of a series of events. */
export function eventsOf(series: ReportSeries): number[] {
  return series.points.map(([time]) => time ?? Number.NaN).filter(Number.isFinite);
}

/** Stretches in which a state holds. */
export function spansOf(series: ReportSeries): Span[] {
  const spans: Array<{ from: number; to: number }> = [];
  let isOn = false;
  for (const [time = Number.NaN, value = 0] of series.points) {
    if (!Number.isFinite(time)) continue;
    const last = spans.at(-1);
    if (value === 0 && isOn && last) last.to = time;
    else if (value !== 0 && !isOn) spans.push({ from: time, to: Number.POSITIVE_INFINITY });
    isOn = value !== 0;
  }
  return spans;
}

export function isEvent(series: ReportSeries): boolean {
  return series.unit === SERIES_UNITS.event;
}

export function isState(series: ReportSeries): boolean {
  return series.unit === SERIES_UNITS.state;
}

export function isSequence(series: ReportSeries): boolean {
  return series.unit === SERIES_UNITS.sequence;
}

/** Whom the series are about, in order of appearance. */
export function subjectsOf(series: readonly ReportSeries[]): string[] {
  return [...new Set(series.map(({ of = '' }) => of))];
}
