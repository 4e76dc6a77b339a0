/**
 * Pictures of findings, drawn from the series that they carry. Which picture a finding gets is told by the names and units of its
 * series, never by its article: a rule that speaks of leases or heartbeats in the same words gets the same picture.
 *
 * The libraries behind this are heavy: load it by `import()`, and only when a picture is wanted.
 */
import type { ReportFinding } from '../schema.ts';
import { drawClaims, drawQuarrel, isClaimed } from './address-claims.ts';
import { drawPool, isPool } from './address-pool.ts';
import { drawHeartbeats, isCluster } from './heartbeats.ts';
import { drawLease, isLease } from './lease-timeline.ts';
import type { ReportSeries } from './series.ts';
import { drawNumbers, isNumbered } from './sequence-numbers.ts';
import { type Chart, pictureKey } from './svg.ts';
import { drawTimeline, isTimeline } from './timeline.ts';

export type { Chart } from './svg.ts';
export { CHART_CSS } from './theme.ts';

interface Picture {
  readonly suits: (series: readonly ReportSeries[]) => boolean;
  readonly draw: (key: string, finding: ReportFinding) => Chart;
  /** A second picture of a part that is too small in the first; null where there is none. */
  readonly closeUp?: (key: string, finding: ReportFinding) => Chart | null;
}

/** The first that suits draws. */
const PICTURES: readonly Picture[] = [
  { suits: isLease, draw: drawLease },
  { suits: isCluster, draw: drawHeartbeats },
  { suits: isPool, draw: drawPool },
  { suits: isClaimed, draw: drawClaims, closeUp: drawQuarrel },
  { suits: isNumbered, draw: drawNumbers },
  { suits: isTimeline, draw: drawTimeline },
];

/** The pictures of a finding, in the order to show them; none where its series hold nothing that can be drawn. */
export async function drawCharts(finding: ReportFinding): Promise<readonly Chart[]> {
  const series = finding.series.filter(({ points }) => points.length > 0);
  const picture = PICTURES.find(({ suits }) => suits(series));
  if (picture === undefined) return [];
  const drawn = { ...finding, series };
  const closeUp = picture.closeUp?.(pictureKey(finding.key, 2), drawn) ?? null;
  return [picture.draw(pictureKey(finding.key, 1), drawn), ...(closeUp === null ? [] : [closeUp])];
}
