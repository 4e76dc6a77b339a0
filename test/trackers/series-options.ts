/** The thresholds of series as rules 7 has them. */
import type { SeriesOptions } from '../../src/trackers/isn-series.ts';

export const SERIES: SeriesOptions = {
  reorderMillis: 10,
  stepMinMillis: 1,
  seriesGapSeconds: 600,
  isnBound: 5e7,
  maxBackwardStep: 2_097_152,
  medianDeviation: 1e6,
  jumpFraction: 0.1,
  minSamples: 9,
  inBoundSteps: 7,
  zeroStepFraction: 0.2,
  sameIsnTuples: 3,
  natLanes: 4,
  laneSamples: 4,
  laneGapRatio: 10,
  ttlMin: 65,
  ttlMax: 128,
};
