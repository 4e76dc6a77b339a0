/** Where the rows of a picture stand, and which of their texts have room: nothing overlaps, whatever the series hold. */
import type { LegendItem } from './legend.ts';
import type { Span } from './series.ts';
import { type Shape, SMALL_FONT_SIZE, textWidth, type Tone, WIDTH } from './theme.ts';
import type { TimeAxis } from './time-axis.ts';

export interface Bars {
  /** Name of the series, which names the class of its bars. */
  readonly name: string;
  readonly legend: string;
  readonly tone: Tone;
  readonly isHatched: boolean;
  readonly spans: readonly Span[];
  /** Written over a bar where there is room. */
  readonly label?: (span: Span) => string;
  /** A strip below the middle of the row, under what is drawn there. */
  readonly isStrip?: boolean;
}

export interface Marks {
  readonly name: string;
  readonly legend: string;
  readonly tone: Tone;
  readonly shape: Shape;
  readonly times: readonly number[];
  /** Above or below the middle of the row, so that marks at one moment do not cover each other. */
  readonly lane?: 'upper' | 'lower';
}

export interface Row {
  /** One line, or two. */
  readonly label: readonly string[];
  readonly bars: readonly Bars[];
  readonly marks: readonly Marks[];
  /** Marks above and below a thin bar instead of on it. */
  readonly isTall?: boolean;
}

export interface RowPicture {
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
  /** Moments that concern all rows, the most important first. */
  readonly rules?: ReadonlyArray<{ readonly time: number; readonly label: string }>;
  /** A stretch that concerns all rows. */
  readonly region?: { readonly tone: Tone; readonly span: Span };
  /** Marks have the tone of their row: the legend, which is of all rows, has none. */
  readonly isToneOfRow?: boolean;
  /** A line from row to row: who had the turn. */
  readonly links?: ReadonlyArray<{ readonly time: number; readonly row: number }>;
}

const ROW_HEIGHT = 34;
const TALL_ROW_HEIGHT = 52;
export const LABEL_HEIGHT = 20;
export const ROW_GAP = 10;
export const RIGHT = 24;
const LABEL_LINE = 19;

export interface Place {
  /** Where labels of bars stand, and the middle of bars and marks. */
  readonly labels: number;
  readonly middle: number;
  readonly bottom: number;
}

export function timesOf({ rows, rules = [], region }: RowPicture): number[] {
  const spans = [
    ...rows.flatMap(({ bars }) => bars.flatMap((each) => each.spans)),
    ...(region ? [region.span] : []),
  ];
  return [
    ...spans.flatMap(({ from, to }) => [from, to]),
    ...rows.flatMap(({ marks }) => marks.flatMap(({ times }) => times)),
    ...rules.map(({ time }) => time),
  ].filter(Number.isFinite);
}

export function pixelOf(time: number, { from, to }: TimeAxis, left: number): number {
  return left + ((time - from) / (to - from)) * (WIDTH - RIGHT - left);
}

export function placeRows(rows: readonly Row[], axis: TimeAxis, left: number, top: number): Place[] {
  let y = top;
  return rows.map((row) => {
    const hasLabels = row.bars.some(
      (bars) => bars.label !== undefined && barLabels(row, axis, left).length > 0,
    );
    const labels = y + LABEL_HEIGHT / 2 + 2;
    const height = Math.max(
      row.isTall ? TALL_ROW_HEIGHT : ROW_HEIGHT,
      row.label.length * LABEL_LINE - (hasLabels ? LABEL_HEIGHT : 0),
    );
    const middle = y + (hasLabels ? LABEL_HEIGHT : 0) + height / 2;
    y = middle + height / 2 + ROW_GAP;
    return { labels, middle, bottom: y };
  });
}

interface BarLabel {
  readonly x: number;
  readonly text: string;
  readonly bars: Bars;
}

/** Labels of bars, those of the longest bars first, each where no other one is and its bar lies. */
export function barLabels(row: Row, axis: TimeAxis, left: number): BarLabel[] {
  const taken = new Taken(8);
  const wanted = row.bars
    .flatMap((bars) => {
      const { label, spans } = bars;
      return label === undefined
        ? []
        : spans.map((span) => ({ bars, span: clip(span, axis), text: label(span) }));
    })
    .toSorted(
      (a, b) =>
        Number(a.bars.isStrip ?? false) - Number(b.bars.isStrip ?? false) ||
        b.span.to - b.span.from - (a.span.to - a.span.from),
    );
  const placed: BarLabel[] = [];
  for (const { bars, span, text } of wanted) {
    const width = textWidth(text, SMALL_FONT_SIZE);
    const [from, to] = [pixelOf(span.from, axis, left), pixelOf(span.to, axis, left)];
    // A label may reach over the ends of its bar, not far, and never over the frame.
    const x = Math.min(Math.max((from + to) / 2, left + width / 2), WIDTH - width / 2);
    if (text === '' || width > (to - from) * 2 + 60 || !taken.take(x - width / 2, x + width / 2)) continue;
    placed.push({ x, text, bars });
  }
  return placed;
}

/** Where texts of one line stand already. */
class Taken {
  readonly #spans: Array<readonly [number, number]> = [];
  readonly #gap: number;

  constructor(gap: number) {
    this.#gap = gap;
  }

  /** Takes a stretch; false if another text is there, or too near. */
  take(from: number, to: number): boolean {
    if (this.#spans.some(([start, end]) => from - this.#gap < end && to + this.#gap > start)) return false;
    this.#spans.push([from, to]);
    return true;
  }
}

export function clip({ from, to }: Span, axis: TimeAxis): Span {
  return { from: Math.max(from, axis.from), to: Math.min(to, axis.to) };
}

export interface PlacedRule {
  readonly time: number;
  readonly label: string;
  /** Middle of its label; NaN where that has no room. */
  readonly x: number;
}

/** More rules than this have no labels: trying all places of all of them would take too long. */
const MAX_RULE_LABELS = 6;
const RULE_LABEL_GAP = 7;

/** Rules with their labels over, behind or before them, so that as many as possible have room; the first ones choose first. */
export function placeRules(
  rules: NonNullable<RowPicture['rules']>,
  axis: TimeAxis,
  left: number,
): readonly PlacedRule[] {
  let best: readonly PlacedRule[] = [];
  let least = Number.POSITIVE_INFINITY;
  const place = (at: number, placed: readonly PlacedRule[], cost: number): void => {
    if (cost >= least) return;
    const rule = rules[at];
    if (rule === undefined) {
      best = placed;
      least = cost;
      return;
    }
    const width = textWidth(rule.label, SMALL_FONT_SIZE);
    const pixel = pixelOf(rule.time, axis, left);
    const places =
      rule.label !== '' && at < MAX_RULE_LABELS ? [pixel, pixel + width / 2 - 6, pixel - width / 2 + 6] : [];
    for (const [shift, x] of places.entries()) {
      const isFree = placed.every(
        ({ label, x: other }) =>
          Number.isNaN(other) ||
          Math.abs(other - x) >= (textWidth(label, SMALL_FONT_SIZE) + width) / 2 + RULE_LABEL_GAP,
      );
      if (isFree && x + width / 2 <= WIDTH) place(at + 1, [...placed, { ...rule, x }], cost + shift);
    }
    place(at + 1, [...placed, { ...rule, x: Number.NaN }], cost + 100 / (at + 1));
  };
  place(0, [], 0);
  return best;
}

/** What bars are where no label says so, and what marks are. */
export function legendItems(
  rows: readonly Row[],
  axis: TimeAxis,
  left: number,
  isToneOfRow: boolean,
): LegendItem[] {
  const items = new Map<string, LegendItem>();
  for (const row of rows) {
    const labelled = new Set(barLabels(row, axis, left).map(({ bars }) => bars));
    const { bars, marks } = row;
    for (const each of bars) {
      const { legend: text, tone, isHatched } = each;
      if (text !== '' && !labelled.has(each))
        items.set(text, { text, tone, kind: isHatched ? 'hatched' : 'solid' });
    }
    for (const { legend: text, tone, shape } of marks)
      if (text !== '') items.set(text, { text, tone: isToneOfRow ? 'calm' : tone, kind: shape });
  }
  return [...items.values()];
}
