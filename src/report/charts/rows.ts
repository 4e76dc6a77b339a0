/**
 * The picture that most findings come to: rows of states and events over capture time. A row has a label on the left, bars for what
 * lasts and marks for what happens; the legend says what each is.
 */
import * as Plot from '@observablehq/plot';
import { legendOf } from './legend.ts';
import {
  barLabels,
  type Bars,
  clip,
  LABEL_HEIGHT,
  legendItems,
  type Marks,
  pixelOf,
  type Place,
  type PlacedRule,
  placeRows,
  placeRules,
  RIGHT,
  type Row,
  ROW_GAP,
  type RowPicture,
  timesOf,
} from './row-layout.ts';
import type { Span } from './series.ts';
import { xmlText } from '../escape.ts';
import { type Canvas, type Chart, finish, hatchingId } from './svg.ts';
import { fitText, SMALL_FONT_SIZE, SYMBOLS, textWidth, WIDTH } from './theme.ts';
import { type TimeAxis, timeAxis } from './time-axis.ts';

export type { Bars, Marks, Row } from './row-layout.ts';

const BAR_HEIGHT = 22;
const STRIP_HEIGHT = 8;
const AXIS_HEIGHT = 52;
const LABEL_GAP = 12;
const LABEL_LINE = 19;
const MAX_LABEL_WIDTH = 190;
const MAX_LABEL = 24;
/** Marks of a picture, so that it stays small; closer than so many units they would cover each other anyway. */
const MAX_SYMBOLS = 320;
const LEAST_SYMBOL_GAP = 6;
const MOST_GAP = 64;
const LEAST_TICK_GAP = 2.5;
const LEAST_RULE_GAP = 14;
const MAX_BARS = 300;
/** Bars nearer than this look like one. */
const LEAST_BAR_GAP = 1.5;
const LANE = 8;
const TALL_LANE = 15;

export function drawRows({ key, start }: Canvas, picture: RowPicture): Chart {
  const rows = picture.rows.map((row) => ({
    ...row,
    label: row.label.map((line) => fitText(xmlText(line, MAX_LABEL), MAX_LABEL_WIDTH - LABEL_GAP)),
  }));
  const left = Math.min(
    MAX_LABEL_WIDTH,
    Math.ceil(Math.max(...rows.flatMap(({ label }) => label.map(labelWidth)), 40)) + LABEL_GAP,
  );
  const axis = timeAxis(timesOf(picture), WIDTH - RIGHT - left, start);
  const legend = legendOf(legendItems(rows, axis, left, picture.isToneOfRow ?? false), WIDTH);
  const rules = placeRules(picture.rules ?? [], axis, left);
  const top = legend.height + (rules.some(({ x }) => !Number.isNaN(x)) ? LABEL_HEIGHT + 4 : 6);
  const places = placeRows(rows, axis, left, top);
  const bottom = places.at(-1)?.bottom ?? top;
  const height = bottom + AXIS_HEIGHT;
  const area = { rows, places, axis, left, top, bottom, key };
  const { region, links = [] } = picture;
  return finish(key, {
    title: picture.title,
    description: picture.description,
    height,
    margin: { top, right: RIGHT, bottom: AXIS_HEIGHT, left },
    x: [axis.from, axis.to],
    hatched: rows.flatMap(({ bars }) => bars.filter(({ isHatched }) => isHatched).map(({ tone }) => tone)),
    marks: [
      ...legend.marks(key, left),
      ...(region === undefined ? [] : [regionMark(region, area)]),
      gridMark(axis, area),
      rowLines(area),
      ...axisMarks(axis),
      ...rows.flatMap((row, at) => labelMarks(row.label, places[at] as Place)),
      ...ruleMarks(rules, area),
      ...barMarks(area),
      ...linkMarks(links, area),
      ...markMarks(area),
    ],
  });
}

interface Area {
  readonly rows: readonly Row[];
  readonly places: readonly Place[];
  readonly axis: TimeAxis;
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
  readonly key: string;
}

/** The second line is smaller, as is the first of two. */
function labelWidth(text: string): number {
  return textWidth(text, SMALL_FONT_SIZE);
}

function regionMark(
  { tone, span }: NonNullable<RowPicture['region']>,
  { axis, top, bottom }: Area,
): Plot.Markish {
  const { from, to } = clip(span, axis);
  return Plot.rect([{ from, to }], {
    x1: 'from',
    x2: 'to',
    y1: () => top,
    y2: () => bottom,
    className: `kbc-region kbc-${tone}`,
  });
}

function gridMark(axis: TimeAxis, { top, bottom }: Area): Plot.Markish {
  return Plot.ruleX(axis.ticks, { y1: () => top, y2: () => bottom, className: 'kbc-grid' });
}

function rowLines({ places }: Area): Plot.Markish {
  return Plot.ruleY(
    places.map(({ bottom }) => bottom - ROW_GAP / 2),
    { className: 'kbc-row' },
  );
}

export function axisMarks(axis: TimeAxis): Plot.Markish[] {
  return [
    Plot.axisX([...axis.ticks], {
      tickFormat: (time: number) => axis.format(time),
      label: null,
      tickSize: 6,
      className: 'kbc-axis kbc-small kbc-muted',
    }),
    Plot.text([axis.label], {
      frameAnchor: 'bottom-right',
      text: (label: string) => label,
      dy: 44,
      className: 'kbc-small kbc-muted',
    }),
  ];
}

function labelMarks(label: readonly string[], { middle }: Place): Plot.Markish[] {
  const first = middle - ((label.length - 1) * LABEL_LINE) / 2;
  return label.map((line, at) =>
    Plot.text([line], {
      frameAnchor: 'left',
      textAnchor: 'end',
      y: () => first + at * LABEL_LINE,
      text: (text: string) => text,
      dx: -LABEL_GAP + 2,
      className: at === 0 ? 'kbc-label kbc-small' : 'kbc-label kbc-small kbc-muted',
    }),
  );
}

function ruleMarks(rules: readonly PlacedRule[], { axis, top, bottom, left }: Area): Plot.Markish[] {
  if (rules.length === 0) return [];
  const labelled = rules.filter(({ x }) => !Number.isNaN(x));
  const others = rules.filter(({ x }) => Number.isNaN(x)).map(({ time }) => time);
  return [
    Plot.ruleX([...labelled.map(({ time }) => time), ...spread(others, LEAST_RULE_GAP, axis, left)], {
      y1: () => top - 4,
      y2: () => bottom,
      className: 'kbc-rule',
    }),
    ...labelled.map(({ x, label }) =>
      Plot.text([label], {
        frameAnchor: 'left',
        textAnchor: 'middle',
        dx: x - left,
        y: () => top - LABEL_HEIGHT / 2 - 4,
        text: (text: string) => text,
        className: 'kbc-rule-label kbc-small',
      }),
    ),
  ];
}

function barMarks(area: Area): Plot.Markish[] {
  const { rows, places, axis, left } = area;
  const all = rows.flatMap((row, at) => row.bars.map((bars) => ({ bars, row, place: places[at] as Place })));
  const apart = (gap: number) => all.map(({ bars }) => mergeSpans(bars.spans, gap, axis, left));
  let gap = LEAST_BAR_GAP;
  while (gap < MOST_GAP && apart(gap).flat().length > MAX_BARS) gap *= 1.5;
  return [
    ...all.map(({ bars, row, place }) =>
      barsMark({ ...bars, spans: mergeSpans(bars.spans, gap, axis, left) }, row, place, area.key),
    ),
    ...rows.flatMap((row, at) => barLabelMarks(row, places[at] as Place, area)),
  ];
}

function barsMark(
  { name, tone, isHatched, spans, isStrip = false }: Bars,
  row: Row,
  place: Place,
  key: string,
): Plot.Markish {
  const [upper, lower] = edgesOf(row, isStrip);
  return Plot.rect(spans, {
    x1: 'from',
    x2: 'to',
    y1: () => place.middle + upper,
    y2: () => place.middle + lower,
    className: `kbc-bar kbc-${isHatched ? 'hatched' : 'solid'} kbc-${tone} ${nameClass(name)}`,
    ...(isHatched ? { fill: `url(#${hatchingId(key, tone)})` } : {}),
  });
}

/** Spans within the axis, those as one that are nearer than so many units. */
function mergeSpans(spans: readonly Span[], gap: number, axis: TimeAxis, left: number): Span[] {
  const merged: Array<{ from: number; to: number }> = [];
  for (const { from, to } of spans.map((span) => clip(span, axis)).toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && pixelOf(from, axis, left) - pixelOf(last.to, axis, left) < gap)
      last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

function barLabelMarks(row: Row, place: Place, { axis, left }: Area): Plot.Markish[] {
  return barLabels(row, axis, left).map(({ x, text }) =>
    Plot.text([text], {
      frameAnchor: 'left',
      textAnchor: 'middle',
      dx: x - left,
      y: () => place.labels,
      text: (label: string) => label,
      className: 'kbc-bar-label kbc-small',
    }),
  );
}

/** Upper and lower edge of a bar, from the middle of its row. */
function edgesOf(row: Row, isStrip: boolean): readonly [number, number] {
  if (isStrip) return [BAR_HEIGHT / 2 - 2, BAR_HEIGHT / 2 - 2 + STRIP_HEIGHT];
  const height = row.isTall ? STRIP_HEIGHT : BAR_HEIGHT;
  return [-height / 2, height / 2];
}

function linkMarks(links: NonNullable<RowPicture['links']>, { places }: Area): Plot.Markish[] {
  if (links.length < 2) return [];
  return [
    Plot.line(links, {
      x: 'time',
      y: ({ row }: { row: number }) => (places[row]?.middle ?? 0) - LANE,
      curve: 'step-after',
      className: 'kbc-link',
    }),
  ];
}

/** Symbols after ticks, so that none is hidden; of those that would cover each other, the first. */
function markMarks(area: Area): Plot.Markish[] {
  const { rows, places, axis, left } = area;
  const all = rows.flatMap(({ marks, isTall = false }, at) =>
    marks.map((each) => ({ ...each, middle: (places[at] as Place).middle + laneOf(each, isTall) })),
  );
  const ticks = all.filter(({ shape }) => shape === 'tick');
  const symbols = all.filter(({ shape }) => shape !== 'tick');
  const apart = (gap: number) => symbols.map((each) => spread(each.times, gap, axis, left));
  let gap = LEAST_SYMBOL_GAP;
  while (gap < MOST_GAP && apart(gap).reduce((sum, times) => sum + times.length, 0) > MAX_SYMBOLS) gap *= 1.5;
  return [
    ...ticks.map((each) => tickMark({ ...each, times: spread(each.times, LEAST_TICK_GAP, axis, left) })),
    ...symbols.map((each) =>
      Plot.dot(spread(each.times, gap, axis, left), {
        x: (time: number) => time,
        y: () => each.middle,
        symbol: SYMBOLS[each.shape] as never,
        className: markClass(each),
      }),
    ),
  ];
}

function laneOf({ lane }: Marks, isTall: boolean): number {
  if (lane === undefined) return 0;
  const size = isTall ? TALL_LANE : LANE;
  return lane === 'upper' ? -size : size;
}

/** One path for all ticks of a series: there may be hundreds. */
function tickMark({ times, middle, ...mark }: Marks & { readonly middle: number }): Plot.Markish {
  return Plot.line(
    times.flatMap((time) => [
      { time, y: middle - 8 },
      { time, y: middle + 8 },
      { time: Number.NaN, y: middle },
    ]),
    { x: 'time', y: 'y', className: markClass(mark) },
  );
}

export function markClass({ name, tone, shape }: Pick<Marks, 'name' | 'tone' | 'shape'>): string {
  return `kbc-mark kbc-${shape} kbc-${tone} ${nameClass(name)}`;
}

/** The class of a series: its name, as far as that is a word. */
export function nameClass(name: string): string {
  const word = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40);
  return `kbc-is-${word.replaceAll(/^-|-$/g, '')}`;
}

function spread(times: readonly number[], gap: number, axis: TimeAxis, left: number): number[] {
  const shown: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const time of times.toSorted((a, b) => a - b)) {
    const x = pixelOf(time, axis, left);
    if (x - last < gap) continue;
    last = x;
    shown.push(time);
  }
  return shown;
}
