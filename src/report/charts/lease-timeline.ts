/** A lease over time: its terms, what its holder asked in vain, and how long the address was used past the end. */
import type { ReportFinding } from '../schema.ts';
import { drawRows, type Marks, type Row } from './rows.ts';
import type { ReportSeries } from './series.ts';
import { barsOf, type EventStyle, isStyled, marksOf, type StateStyle } from './styles.ts';
import type { Canvas, Chart } from './svg.ts';
import { moment, shortDuration } from './time-axis.ts';

interface LabelledState extends StateStyle {
  /** Written over the bar. */
  readonly label: string;
}

const STATES: readonly LabelledState[] = [
  { name: 'lease bound', legend: 'lease held', tone: 'good', isHatched: false, label: 'held' },
  { name: 'lease renewing', legend: 'renewing', tone: 'good', isHatched: true, label: '' },
  { name: 'lease rebinding', legend: 'rebinding', tone: 'warn', isHatched: false, label: '' },
  { name: 'lease grace', legend: 'grace', tone: 'calm', isHatched: false, label: '' },
  { name: 'lease expired', legend: 'expired', tone: 'bad', isHatched: true, label: 'expired' },
];

const ASKED: readonly EventStyle[] = [
  { name: 'renewal answered', legend: 'renewal answered', tone: 'good', shape: 'dot' },
  { name: 'renewal unanswered', legend: 'renewal unanswered', tone: 'bad', shape: 'cross' },
  { name: 'discover unanswered', legend: 'discover unanswered', tone: 'bad', shape: 'down' },
];

const USED: readonly EventStyle[] = [
  { name: 'use by ARP', legend: 'ARP from the address', tone: 'bad', shape: 'ring', lane: 'upper' },
  { name: 'use by IPv4', legend: 'IPv4 from the address', tone: 'bad', shape: 'dot', lane: 'lower' },
];

const BY_ANOTHER: readonly EventStyle[] = [
  { name: 'leased to another', legend: 'leased to another client', tone: 'other', shape: 'square' },
  { name: 'use by another', legend: 'used by that client', tone: 'other', shape: 'up' },
];

export function isLease(series: readonly ReportSeries[]): boolean {
  return isStyled(series, { states: STATES, events: [...ASKED, ...USED] });
}

export function drawLease(canvas: Canvas, { series, subject }: ReportFinding): Chart {
  const states = barsOf(STATES, series, ({ label }) => label);
  const asked = marksOf(ASKED, series);
  const used = marksOf(USED, series);
  const another = marksOf(BY_ANOTHER, series);
  const other = series.find(({ name }) => name === BY_ANOTHER[0]?.name)?.of ?? '';
  const rows: Row[] = [
    { label: ['lease'], bars: states, marks: [] },
    { label: ['asks the server'], bars: [], marks: asked },
    { label: ['uses the address'], bars: [], marks: used },
    { label: ['another client', other], bars: [], marks: another },
  ].filter(({ bars, marks }) => bars.length > 0 || marks.length > 0);
  const spanOf = (name: string) => states.find((state) => state.name === name)?.spans[0];
  const end = spanOf('lease grace')?.from ?? spanOf('lease expired')?.from;
  const expired = spanOf('lease expired');
  const rules = [
    { time: end, label: 'expiry' },
    { time: spanOf('lease bound')?.from, label: 'granted' },
    { time: spanOf('lease renewing')?.from, label: 'T1' },
    { time: spanOf('lease rebinding')?.from, label: 'T2' },
  ].flatMap(({ time, label }) => (time === undefined ? [] : [{ time, label }]));
  return drawRows(canvas, {
    title: 'The lease, and the use of the address past it',
    description: describe(subject, rules, [...asked, ...used, ...another], end),
    rows,
    rules,
    ...(expired === undefined ? {} : { region: { tone: 'bad', span: expired } }),
  });
}

function describe(
  subject: string,
  rules: ReadonlyArray<{ readonly time: number; readonly label: string }>,
  events: readonly Marks[],
  end: number | undefined,
): string {
  const terms = rules
    .toSorted((a, b) => a.time - b.time)
    .map(({ time, label }) => `${label} ${moment(time)}`);
  const seen = events.map(({ legend, times }) => `${times.length} × ${legend}`);
  const last = Math.max(
    ...events.filter(({ name }) => name.startsWith('use by')).flatMap(({ times }) => times),
    Number.NEGATIVE_INFINITY,
  );
  const past = end !== undefined && last > end ? [`Last use ${shortDuration(last - end)} past the end.`] : [];
  return [
    `Timeline of ${subject}.`,
    terms.length === 0 ? 'The lease itself was not captured.' : `Lease: ${terms.join(', ')}.`,
    `Seen: ${seen.join(', ')}.`,
    ...past,
  ].join(' ');
}
