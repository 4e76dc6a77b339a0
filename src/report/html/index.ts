/** The HTML report as it is asked for: the page, and the pictures of its first findings. A bundle of its own. */
import { orderFindings } from '../outline.ts';
import type { Report } from '../schema.ts';
import type { Chart, Pictures } from './model.ts';
import { renderHtml as renderPage } from './page.ts';

/** Findings whose pictures are drawn: further down nobody looks, and a page has to stay small. */
const MAX_PICTURED = 20;

export async function renderHtml(report: Report): Promise<string> {
  return renderPage(report, await drawPictures(report));
}

/** The chart library is loaded only where there is something to draw. */
async function drawPictures(report: Report): Promise<Pictures> {
  const charts = new Map<string, readonly Chart[]>();
  const drawn = orderFindings(report.findings)
    .slice(0, MAX_PICTURED)
    .filter(({ series }) => series.length > 0);
  if (drawn.length === 0) return { charts, css: '' };
  const { CHART_CSS, drawCharts } = await import('../charts/index.ts');
  const firstTime = report.captures[0]?.firstTime ?? null;
  for (const finding of drawn) charts.set(finding.key, await drawCharts(finding, { firstTime }));
  return { charts, css: CHART_CSS };
}
