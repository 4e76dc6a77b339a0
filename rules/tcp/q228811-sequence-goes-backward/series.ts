/** What the numbers of a host prove by themselves (rules 1.5, series). */
import type { Candidate } from '../../../src/engine/rule.ts';
import type { IsnSeries, IsnStretch } from '../../../src/trackers/isn-series.ts';
import type { Host } from './host.ts';
import type { Thresholds } from './reuse.ts';

export interface SeriesVerdict {
  readonly candidate: Candidate;
  readonly stretch: IsnStretch;
}

/** A source of many attempts that mostly fail. */
export function isScanner(series: IsnSeries, thresholds: Thresholds): boolean {
  const { scannerTargets, scannerFailFraction } = thresholds;
  return series.stretches.some(
    ({ targets, failedTargets }) =>
      targets >= scannerTargets && failedTargets > scannerFailFraction * targets,
  );
}

/** The most telling stretch of a host that has steps backward; null without one. */
export function judgeSeries(host: Host, thresholds: Thresholds): SeriesVerdict | null {
  const verdicts = host.series
    .filter((series) => series.role === 'server' || !isScanner(series, thresholds))
    .flatMap((series) => series.stretches)
    .filter((stretch) => stretch.backward > 0 && stretch.isPlain && stretch.isTtlFitting)
    .map((stretch) => judgeStretch(host, stretch, thresholds))
    .toSorted((a, b) => rank(b) - rank(a) || b.stretch.backward - a.stretch.backward);
  return verdicts[0] ?? null;
}

function rank({ candidate }: SeriesVerdict): number {
  return candidate.tier === 'strong' ? 1 : 0;
}

function judgeStretch(host: Host, stretch: IsnStretch, thresholds: Thresholds): SeriesVerdict {
  const { strongSamples, strongBackward, strongBackwardFraction, aloneBackward } = thresholds;
  const hasFailed =
    (host.client?.failedAttempts ?? 0) > 0 ||
    host.reuses.some((reuse) => reuse.old.close === 'whole' && reuse.isOpen && reuse.syns.length >= 2);
  const isStrong =
    stretch.samples >= strongSamples &&
    stretch.backward >= strongBackwardFraction * stretch.steps &&
    stretch.backward >= (hasFailed ? Math.min(strongBackward, aloneBackward) : aloneBackward);
  return {
    stretch,
    candidate: {
      tier: isStrong ? 'strong' : 'suggestive',
      summary: isStrong ? 'series' : 'seriesWeak',
      absence: null,
      restsOnMac: false,
    },
  };
}

/** True if a stretch is long enough to tell the generator, and it could be told. */
export function isClassified(stretch: IsnStretch, thresholds: Thresholds): boolean {
  return stretch.samples >= thresholds.minSamples && stretch.kind !== 'unknown';
}
