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
import { type Canvas, type Chart, pictureKey } from './svg.ts';
import { drawTimeline, isTimeline } from './timeline.ts';

export type { Chart } from './svg.ts';
export { CHART_CSS } from './theme.ts';

interface Picture {
  readonly suits: (series: readonly ReportSeries[]) => boolean;
  readonly draw: (canvas: Canvas, finding: ReportFinding) => Chart;
  /** A second picture of a part that is too small in the first; null where there is none. */
  readonly closeUp?: (canvas: Canvas, finding: ReportFinding) => Chart | null;
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

export interface ChartOptions {
  /** `firstTime` of the first capture in the report, which axes then name; ISO 8601. */
  readonly firstTime?: string | null;
}

/** The pictures of a finding, in the order to show them; none where its series hold nothing that can be drawn. */
export async function drawCharts(
  finding: ReportFinding,
  { firstTime = null }: ChartOptions = {},
): Promise<readonly Chart[]> {
  const series = finding.series.filter(({ points }) => points.length > 0);
  const picture = PICTURES.find(({ suits }) => suits(series));
  if (picture === undefined) return [];
  const drawn = { ...finding, series };
  const canvas = (at: number): Canvas => ({ key: pictureKey(finding.key, at), start: timeOfDay(firstTime) });
  const closeUp = picture.closeUp?.(canvas(2), drawn) ?? null;
  return [picture.draw(canvas(1), drawn), ...(closeUp === null ? [] : [closeUp])];
}

/** `2024-03-01 10:00:00.123 UTC`; whatever is no such time is not shown. */
function timeOfDay(time: string | null): string | null {
  const [, date, clock, zone] =
    /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*(Z?)$/.exec(time ?? '') ?? [];
  return date === undefined ? null : `${date} ${clock}${zone === 'Z' ? ' UTC' : ''}`;
}
