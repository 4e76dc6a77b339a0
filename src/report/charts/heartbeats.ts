/** A cluster over time: a row for each host with its heartbeats and silences, and one for each address that clients asked for. */
import type { ReportFinding } from '../schema.ts';
import { drawRows, type Row } from './rows.ts';
import { isEvent, type ReportSeries, type Span, subjectsOf } from './series.ts';
import { barsOf, type EventStyle, marksOf, type StateStyle } from './styles.ts';
import type { Canvas, Chart } from './svg.ts';
import { shortDuration } from './time-axis.ts';

const EVENTS: readonly EventStyle[] = [
  { name: 'heartbeat', legend: 'heartbeat', tone: 'good', shape: 'tick' },
  {
    name: 'frame without heartbeats',
    legend: 'frame of a host that never beats',
    tone: 'warn',
    shape: 'tick',
  },
  { name: 'sign of life', legend: 'the host lives', tone: 'warn', shape: 'diamond' },
  { name: 'request answered', legend: 'request answered', tone: 'good', shape: 'dot', lane: 'upper' },
  { name: 'request unanswered', legend: 'request unanswered', tone: 'bad', shape: 'cross', lane: 'lower' },
];

const STATES: readonly StateStyle[] = [
  { name: 'contradicting', legend: 'contradicting', tone: 'bad', isHatched: true },
  { name: 'silent', legend: 'no heartbeat', tone: 'bad', isHatched: true },
  { name: 'late heartbeat', legend: 'late', tone: 'bad', isHatched: true },
  { name: 'no answer', legend: 'no answer', tone: 'bad', isHatched: true },
  { name: 'answers nobody', legend: 'answers nobody', tone: 'bad', isHatched: true, isStrip: true },
  { name: 'converging', legend: 'converging', tone: 'warn', isHatched: false, isStrip: true },
];

/** These alone make a picture one of a cluster. */
const OWN = new Set(['heartbeat', 'frame without heartbeats', 'request answered', 'request unanswered']);
const MAX_ROWS = 12;

export function isCluster(series: readonly ReportSeries[]): boolean {
  return series.some((each) => isEvent(each) && OWN.has(each.name));
}

export function drawHeartbeats(canvas: Canvas, { series, subject }: ReportFinding): Chart {
  const rows = subjectsOf(series)
    .slice(0, MAX_ROWS)
    .map((host) =>
      rowOf(
        host,
        series.filter(({ of = '' }) => of === host),
      ),
    );
  return drawRows(canvas, {
    title: series.some(({ name }) => name.startsWith('request '))
      ? 'Heartbeats, and requests to the virtual address'
      : 'Heartbeats of the hosts',
    description: [`Timeline of ${subject}.`, ...rows.map(describeRow)].join(' '),
    rows,
  });
}

function rowOf(host: string, series: readonly ReportSeries[]): Row {
  const bars = barsOf(STATES, series, labelOf);
  // On a bar, there is nothing beside which they would have to keep.
  const events = bars.length === 0 ? EVENTS : EVENTS.map(inTheMiddle);
  const marks = marksOf(events, series);
  return { label: splitName(host), bars, marks };
}

function inTheMiddle({ name, legend, tone, shape }: EventStyle): EventStyle {
  return { name, legend, tone, shape };
}

function labelOf({ legend }: StateStyle, { from, to }: Span): string {
  return Number.isFinite(to) ? `${legend} for ${shortDuration(to - from)}` : legend;
}

/** `host 2 (10.0.0.12)` and `virtual address 10.0.0.80` in two lines. */
function splitName(name: string): string[] {
  const [, first, second] = /^(.*?) \(?([\d.:a-f]{7,})\)?$/.exec(name) ?? [];
  return first === undefined || second === undefined ? [name] : [first, second];
}

function describeRow({ label, marks, bars }: Row): string {
  const seen = marks.map(({ times, legend }) => `${times.length} × ${legend}`);
  const states = bars.map(({ legend, spans }) => {
    const total = spans.reduce((sum, { from, to }) => sum + (Number.isFinite(to) ? to - from : 0), 0);
    return `${legend} ${shortDuration(total)}`;
  });
  return `${label.join(' ')}: ${[...seen, ...states].join(', ')}.`;
}
