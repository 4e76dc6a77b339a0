/** A lease over time: its terms, what its holder asked in vain, and how long the address was used past the end. */
import type { ReportFinding } from '../schema.ts';
import { drawRows, type Marks, type Row } from './rows.ts';
import { eventsOf, isEvent, isState, type ReportSeries, type Span, spansOf } from './series.ts';
import type { Canvas, Chart } from './svg.ts';
import type { Shape, Tone } from './theme.ts';
import { moment, shortDuration } from './time-axis.ts';

interface State {
  readonly name: string;
  readonly legend: string;
  readonly tone: Tone;
  readonly isHatched: boolean;
  readonly label: string;
}

const STATES: readonly State[] = [
  { name: 'lease bound', legend: 'lease held', tone: 'good', isHatched: false, label: 'held' },
  { name: 'lease renewing', legend: 'renewing', tone: 'good', isHatched: true, label: '' },
  { name: 'lease rebinding', legend: 'rebinding', tone: 'warn', isHatched: false, label: '' },
  { name: 'lease grace', legend: 'grace', tone: 'calm', isHatched: false, label: '' },
  { name: 'lease expired', legend: 'expired', tone: 'bad', isHatched: true, label: 'expired' },
];

interface Event {
  readonly name: string;
  readonly legend: string;
  readonly tone: Tone;
  readonly shape: Shape;
  readonly lane?: 'upper' | 'lower';
}

const ASKED: readonly Event[] = [
  { name: 'renewal answered', legend: 'renewal answered', tone: 'good', shape: 'dot' },
  { name: 'renewal unanswered', legend: 'renewal unanswered', tone: 'bad', shape: 'cross' },
  { name: 'discover unanswered', legend: 'discover unanswered', tone: 'bad', shape: 'down' },
];

const USED: readonly Event[] = [
  { name: 'use by ARP', legend: 'ARP from the address', tone: 'bad', shape: 'ring', lane: 'upper' },
  { name: 'use by IPv4', legend: 'IPv4 from the address', tone: 'bad', shape: 'dot', lane: 'lower' },
];

const BY_ANOTHER: readonly Event[] = [
  { name: 'leased to another', legend: 'leased to another client', tone: 'other', shape: 'square' },
  { name: 'use by another', legend: 'used by that client', tone: 'other', shape: 'up' },
];

export function isLease(series: readonly ReportSeries[]): boolean {
  return series.some(
    (each) =>
      (isState(each) && STATES.some(({ name }) => name === each.name)) ||
      (isEvent(each) && [...ASKED, ...USED].some(({ name }) => name === each.name)),
  );
}

export function drawLease(canvas: Canvas, { series, subject }: ReportFinding): Chart {
  const find = (name: string) => series.find((each) => each.name === name);
  const marksOf = (events: readonly Event[]): Marks[] =>
    events.flatMap((event) => {
      const found = find(event.name);
      return found === undefined ? [] : [{ ...event, times: eventsOf(found) }];
    });
  const states = STATES.flatMap((state) => {
    const found = find(state.name);
    return found === undefined ? [] : [{ ...state, spans: spansOf(found) }];
  });
  const asked = marksOf(ASKED);
  const used = marksOf(USED);
  const another = marksOf(BY_ANOTHER);
  const rows: Row[] = [
    ...(states.length === 0
      ? []
      : [
          {
            label: ['lease'],
            bars: states.map(({ label, ...bars }) => ({ ...bars, label: () => label })),
            marks: [],
          },
        ]),
    ...(asked.length === 0 ? [] : [{ label: ['asks the server'], bars: [], marks: asked }]),
    ...(used.length === 0 ? [] : [{ label: ['uses the address'], bars: [], marks: used }]),
    ...(another.length === 0
      ? []
      : [{ label: ['another client', find(BY_ANOTHER[0]?.name ?? '')?.of ?? ''], bars: [], marks: another }]),
  ];
  const spanOf = (name: string): Span | undefined => states.find((state) => state.name === name)?.spans[0];
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
