/** The addresses of a pool over time: who held each of them when, which one is missed, and who was refused meanwhile. */
import type { ReportFinding } from '../schema.ts';
import { drawRows, type Row } from './rows.ts';
import { eventsOf, type ReportSeries, subjectsOf } from './series.ts';
import { barsOf, type EventStyle, isStyled, marksOf, type StateStyle } from './styles.ts';
import type { Canvas, Chart } from './svg.ts';
import { shortDuration } from './time-axis.ts';

const STATES: readonly StateStyle[] = [
  { name: 'address held', legend: 'held by a caller', tone: 'good', isHatched: false },
  { name: 'not given again', legend: 'free, never given again', tone: 'bad', isHatched: true },
  { name: 'nothing from it', legend: 'nothing from the caller', tone: 'bad', isHatched: true },
];

const EVENTS: readonly EventStyle[] = [
  { name: 'caller refused', legend: 'caller refused', tone: 'bad', shape: 'cross' },
  { name: 'caller refused otherwise', legend: 'refused, pool not to blame', tone: 'calm', shape: 'cross' },
  { name: 'last packet of the caller', legend: 'last packet of the caller', tone: 'good', shape: 'square' },
  {
    name: 'request to the address',
    legend: 'packet to the address',
    tone: 'calm',
    shape: 'tick',
    lane: 'upper',
  },
  { name: 'ARP reply of the server', legend: 'server answers ARP for it', tone: 'warn', shape: 'diamond' },
  { name: 'host unreachable', legend: 'host unreachable', tone: 'bad', shape: 'cross', lane: 'lower' },
];

const REFUSED = new Set(['caller refused', 'caller refused otherwise']);
const MAX_ROWS = 16;
/** Refusals that are drawn through all rows. */
const MAX_RULES = 24;

export function isPool(series: readonly ReportSeries[]): boolean {
  return isStyled(series, { states: STATES, events: EVENTS });
}

export function drawPool(canvas: Canvas, { series, subject }: ReportFinding): Chart {
  const ofCallers = series.filter(({ name }) => REFUSED.has(name));
  const ofAddresses = series.filter(({ name }) => !REFUSED.has(name));
  const addresses = subjectsOf(ofAddresses).slice(0, MAX_ROWS - 1);
  const rows = [
    ...(ofCallers.length === 0 ? [] : [rowOf('callers', ofCallers)]),
    ...addresses.map((address) =>
      rowOf(
        address,
        ofAddresses.filter(({ of = '' }) => of === address),
      ),
    ),
  ];
  const refused = ofCallers.filter(({ name }) => name === 'caller refused').flatMap(eventsOf);
  return drawRows(canvas, {
    title: series.some(({ name }) => name === 'address held')
      ? 'Sessions against the addresses of the pool'
      : 'The address of a caller who is gone',
    description: [`Timeline of ${subject}, a row for each address.`, ...rows.map(describeRow)].join(' '),
    rows,
    // At each of these moments an address was free that nobody was given.
    rules: refused.slice(0, MAX_RULES).map((time) => ({ time, label: '' })),
  });
}

function rowOf(address: string, series: readonly ReportSeries[]): Row {
  const bars = barsOf(STATES, series, ({ isHatched, legend }) => (isHatched ? legend : ''));
  const marks = marksOf(EVENTS, series);
  return { label: [address], bars, marks, isTall: marks.some(({ lane }) => lane !== undefined) };
}

function describeRow({ label, marks, bars }: Row): string {
  const held = bars.flatMap(({ name, legend, spans }) => {
    if (name === 'address held') return [`held ${spans.length} times`];
    return spans.map(({ from, to }) =>
      Number.isFinite(to) ? `${legend} for ${shortDuration(to - from)}` : legend,
    );
  });
  const seen = marks.map(({ times, legend }) => `${times.length} × ${legend}`);
  return `${label.join(' ')}: ${[...held, ...seen].join(', ')}.`;
}
