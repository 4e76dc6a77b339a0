import type { Run } from './measure.ts';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** The figures of one contender on one capture. */
export interface Result {
  readonly runs: readonly Run[];
  /** Packets in what it read: a slice or the whole capture. */
  readonly packets: number;
  /** Why there are no runs. */
  readonly failure: string | null;
}

export function wallOf(result: Result): Spread {
  return spreadOf(result.runs.map(({ wallMillis }) => wallMillis));
}

/** The highest of all runs, since it is a bound that is checked; null where it was not measured. */
export function peakOf(result: Result): number | null {
  const peaks = result.runs.map(({ peakBytes }) => peakBytes).filter((bytes) => bytes !== null);
  return peaks.length === 0 ? null : Math.max(...peaks);
}

export function cpuOf(result: Result): number | null {
  const times = result.runs.map(({ cpuMillis }) => cpuMillis).filter((millis) => millis !== null);
  return times.length === 0 ? null : median(times);
}

export function nanosPerPacket(result: Result): number {
  return (wallOf(result).median * 1e6) / result.packets;
}
