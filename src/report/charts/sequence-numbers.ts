/**
 * Initial sequence numbers against time, counted from the first one as Wireshark counts: where they fall, and where an attempt to
 * connect stands below what its peer still expects. The numbers wrap at 2^32; their picture does not.
 */
import * as Plot from '@observablehq/plot';
import type { ReportFinding } from '../schema.ts';
import { legendOf, type LegendItem } from './legend.ts';
import { axisMarks, markClass, nameClass } from './rows.ts';
import { isSequence, type ReportSeries } from './series.ts';
import { type Canvas, type Chart, finish } from './svg.ts';
import { type Shape, SMALL_FONT_SIZE, SYMBOLS, textWidth, type Tone, WIDTH } from './theme.ts';
import { moment, timeAxis, type TimeAxis, withMinus } from './time-axis.ts';

interface Point {
  readonly time: number;
  /** Counted from the first number of the picture. */
  readonly number: number;
}

interface Numbers {
  readonly name: string;
  readonly legend: string;
  readonly tone: Tone;
  readonly shape: Shape | null;
  /** Joined by a line. */
  readonly line: 'line' | 'dashed' | 'dotted' | null;
}

/** The numbers that a host chose come first: the others are placed beside them. */
const CHOSEN: readonly Numbers[] = [
  {
    name: 'isn of SYNs',
    legend: 'initial sequence number of a SYN',
    tone: 'good',
    shape: 'dot',
    line: 'line',
  },
  { name: 'isn of SYN/ACKs', legend: 'of a SYN/ACK', tone: 'other', shape: 'square', line: 'dotted' },
];

const BESIDE: readonly Numbers[] = [
  {
    name: 'number expected by the peer',
    legend: 'what the peer still expects',
    tone: 'warn',
    shape: null,
    line: 'dashed',
  },
  { name: 'isn backward', legend: 'step backward', tone: 'bad', shape: 'down', line: null },
  { name: 'SYN not accepted', legend: 'SYN not accepted', tone: 'bad', shape: 'cross', line: null },
  { name: 'SYN accepted', legend: 'SYN accepted', tone: 'good', shape: 'ring', line: null },
];

const PLOT_HEIGHT = 230;
const LABEL_HEIGHT = 22;
const AXIS_HEIGHT = 52;
const RIGHT = 24;
const MAX_Y_TICKS = 6;
const MAX_STEP_LABELS = 5;
const MAX_SYMBOLS = 320;
/** Below so many numbers, each is worth a symbol of its own. */
const FEW = 120;

export function isNumbered(series: readonly ReportSeries[]): boolean {
  return series.some(isSequence);
}

export function drawNumbers({ key, start }: Canvas, { series, subject }: ReportFinding): Chart {
  const lines = place(series.filter(isSequence));
  const points = lines.flatMap((line) => line.points);
  const numbers = points.map(({ number }) => number);
  const scale = numberScale(numbers);
  const left =
    Math.ceil(Math.max(...scale.ticks.map((tick) => textWidth(shortNumber(tick), SMALL_FONT_SIZE)))) + 14;
  const axis = timeAxis(
    points.map(({ time }) => time),
    WIDTH - RIGHT - left,
    start,
  );
  const legend = legendOf(lines.map(legendItem), WIDTH);
  const steps = [...backwardSteps(lines), ...missedSteps(lines)];
  const top = legend.height + LABEL_HEIGHT + (steps.length > 0 ? LABEL_HEIGHT : 0) + 6;
  const bottom = top + PLOT_HEIGHT;
  const y = (number: number) => bottom - ((number - scale.from) / (scale.to - scale.from)) * PLOT_HEIGHT;
  return finish(key, {
    title: 'Initial sequence numbers against time',
    description: describe(subject, lines, steps),
    height: bottom + AXIS_HEIGHT,
    margin: { top, right: RIGHT, bottom: AXIS_HEIGHT, left },
    x: [axis.from, axis.to],
    hatched: [],
    marks: [
      ...legend.marks(key, left),
      Plot.ruleY(scale.ticks.map(y), { className: 'kbc-grid' }),
      Plot.ruleX(axis.ticks, { y1: () => top, y2: () => bottom, className: 'kbc-grid' }),
      ...axisMarks(axis),
      ...scale.ticks.map((tick) =>
        Plot.text([shortNumber(tick)], {
          frameAnchor: 'left',
          textAnchor: 'end',
          dx: -8,
          y: () => y(tick),
          text: (text: string) => text,
          className: 'kbc-small kbc-muted',
        }),
      ),
      Plot.text(['sequence number, counted from the first'], {
        frameAnchor: 'left',
        textAnchor: 'start',
        dx: 2 - left,
        y: () => legend.height + LABEL_HEIGHT / 2,
        text: (text: string) => text,
        className: 'kbc-small kbc-muted',
      }),
      ...lines.flatMap((line) => lineMarks(line, y)),
      ...stepMarks(steps, y),
      ...stepLabels(steps, axis, left, top - LABEL_HEIGHT / 2 - 4),
      ...lines.flatMap((line) => symbolMarks(line, y)),
    ],
  });
}

interface Line extends Numbers {
  readonly points: readonly Point[];
}

/** Every series with its numbers counted from the first one, however often they wrap. */
function place(series: readonly ReportSeries[]): Line[] {
  const pairs = (each: ReportSeries) =>
    each.points
      .map(([time = Number.NaN, number = 0]) => ({ time, number }))
      .filter(({ time }) => Number.isFinite(time))
      .toSorted((a, b) => a.time - b.time);
  const known = (kinds: readonly Numbers[]) =>
    kinds.flatMap((kind) => series.filter(({ name }) => name === kind.name).map((each) => ({ kind, each })));
  const chosen = known(CHOSEN);
  const others = series
    .filter(({ name }) => ![...CHOSEN, ...BESIDE].some((kind) => kind.name === name))
    .map((each) => ({
      kind: { name: each.name, legend: each.name, tone: 'calm', shape: 'ring', line: 'line' } as const,
      each,
    }));
  const first = [...chosen, ...others, ...known(BESIDE)].flatMap(({ each }) => pairs(each).slice(0, 1))[0];
  const lines: Line[] = [];
  const references: Array<Point & { readonly raw: number }> = [];
  for (const { kind, each } of [...chosen, ...others]) {
    let raw = first?.number ?? 0;
    let number = 0;
    const points = pairs(each).map((pair) => {
      number += difference(pair.number, raw);
      raw = pair.number;
      references.push({ time: pair.time, number, raw });
      return { time: pair.time, number };
    });
    lines.push({ ...kind, points });
  }
  references.sort((a, b) => a.time - b.time);
  for (const { kind, each } of known(BESIDE)) {
    const points = pairs(each).map(({ time, number }) => {
      const near = references.findLast((reference) => reference.time <= time) ?? references[0];
      const base = near ?? { raw: first?.number ?? 0, number: 0 };
      return { time, number: base.number + difference(number, base.raw) };
    });
    lines.push({ ...kind, points });
  }
  return lines;
}

/** The shorter way from one sequence number to another, around 2^32. */
function difference(to: number, from: number): number {
  return (to - from) | 0;
}

interface NumberScale {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

function numberScale(numbers: readonly number[]): NumberScale {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const number of numbers) {
    least = Math.min(least, number);
    most = Math.max(most, number);
  }
  if (least > most) return numberScale([0, 1]);
  const span = Math.max(1, most - least);
  const rough = span / MAX_Y_TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    1,
    [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? power,
  );
  const ticks: number[] = [];
  for (let at = Math.ceil(least / step); at * step <= most + step * 0.01; at += 1) ticks.push(at * step);
  return { from: least - span * 0.06, to: most + span * 0.06, ticks };
}

/** `+40k`, `−1.2M`, `0`. */
export function shortNumber(number: number): string {
  const size = Math.abs(number);
  const [value, unit] =
    size >= 1e9
      ? [size / 1e9, 'G']
      : size >= 1e6
        ? [size / 1e6, 'M']
        : size >= 1e4
          ? [size / 1e3, 'k']
          : [size, ''];
  const digits = String(Number(value.toPrecision(3)));
  if (number === 0) return '0';
  return `${number < 0 ? '−' : '+'}${digits}${unit}`;
}

interface Step {
  readonly from: Point;
  readonly to: Point;
}

/** The steps backward, each with the number before it. */
function backwardSteps(lines: readonly Line[]): Step[] {
  const chosen = lines.filter(({ name }) => CHOSEN.some((kind) => kind.name === name));
  return lines
    .filter(({ name }) => name === 'isn backward')
    .flatMap(({ points }) => points)
    .flatMap((to) => {
      const before = chosen
        .filter(({ points }) => points.some(({ time, number }) => time === to.time && number === to.number))
        .flatMap(({ points }) => points.filter(({ time }) => time < to.time));
      const from = before.at(-1);
      return from === undefined ? [] : [{ from, to }];
    });
}

/** From what the peer expects down to the first SYN that it does not accept. */
function missedSteps(lines: readonly Line[]): Step[] {
  const expected = lines.filter(({ name }) => name === 'number expected by the peer');
  const tried = lines.filter(({ name }) => name === 'SYN not accepted');
  return expected.flatMap(({ points }, at) => {
    const to = tried[at]?.points[0];
    const number = points[0]?.number;
    return to === undefined || number === undefined ? [] : [{ from: { time: to.time, number }, to }];
  });
}

function stepMarks(steps: readonly Step[], y: (number: number) => number): Plot.Markish[] {
  if (steps.length === 0) return [];
  return [
    Plot.link(steps, {
      x1: ({ from }: Step) => from.time,
      x2: ({ to }: Step) => to.time,
      y1: ({ from }: Step) => y(from.number),
      y2: ({ to }: Step) => y(to.number),
      className: 'kbc-line kbc-bad kbc-step',
    }),
  ];
}

/** How far back the widest steps go, over the frame, where their texts have room. */
function stepLabels(steps: readonly Step[], axis: TimeAxis, left: number, y: number): Plot.Markish[] {
  const placed: number[] = [];
  const widest = steps.toSorted((a, b) => backOf(b) - backOf(a));
  return widest.flatMap((step) => {
    if (placed.length >= MAX_STEP_LABELS) return [];
    const text = shortNumber(-backOf(step));
    const width = textWidth(text, SMALL_FONT_SIZE);
    const x = left + ((step.to.time - axis.from) / (axis.to - axis.from)) * (WIDTH - RIGHT - left);
    const middle = Math.min(x, WIDTH - width / 2);
    if (placed.some((other) => Math.abs(other - middle) < width + 16)) return [];
    placed.push(middle);
    return [
      Plot.text([text], {
        frameAnchor: 'left',
        textAnchor: 'middle',
        dx: middle - left,
        y: () => y,
        text: (each: string) => each,
        className: 'kbc-small kbc-step-label',
      }),
    ];
  });
}

function backOf({ from, to }: Step): number {
  return from.number - to.number;
}

function legendItem(line: Line): LegendItem {
  const { legend, tone, shape } = line;
  return { text: legend, tone, kind: shape === null || isDense(line) ? (line.line ?? 'line') : shape };
}

/** So many numbers that symbols would only thicken their line. */
function isDense({ line, points }: Line): boolean {
  return line !== null && points.length > FEW;
}

function lineMarks(line: Line, y: (number: number) => number): Plot.Markish[] {
  if (line.line === null) return [];
  return [
    Plot.line(line.points, {
      x: 'time',
      y: ({ number }: Point) => y(number),
      className: `kbc-line kbc-${line.line} kbc-${line.tone} ${nameClass(line.name)}`,
    }),
  ];
}

/** A symbol for each number, while they are few enough to be told apart. */
function symbolMarks(line: Line, y: (number: number) => number): Plot.Markish[] {
  const { shape, points } = line;
  if (shape === null || isDense(line)) return [];
  return [
    Plot.dot(points.slice(0, MAX_SYMBOLS), {
      x: 'time',
      y: ({ number }: Point) => y(number),
      symbol: SYMBOLS[shape] as never,
      className: markClass({ name: line.name, tone: line.tone, shape }),
    }),
  ];
}

function describe(subject: string, lines: readonly Line[], steps: readonly Step[]): string {
  const seen = lines.map(({ legend, points }) => `${points.length} × ${legend}`);
  const widest = steps.toSorted((a, b) => backOf(b) - backOf(a)).slice(0, MAX_STEP_LABELS);
  const told = widest
    .toSorted((a, b) => a.to.time - b.to.time)
    .map((step) => `${withMinus(String(-backOf(step)))} at ${moment(step.to.time)}`);
  return [
    `Sequence numbers of ${subject} over time.`,
    `Shown: ${seen.join(', ')}.`,
    ...(steps.length === 0 ? [] : [`Steps backward: ${steps.length}; the widest are ${told.join(', ')}.`]),
  ].join(' ');
}
