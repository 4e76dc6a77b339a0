/** Says above a picture what its bars, marks and lines are: as many lines as it takes. */
import * as Plot from '@observablehq/plot';
import { xmlText } from '../escape.ts';
import { hatchingId } from './svg.ts';
import {
  fitText,
  type Shape,
  SMALL_FONT_SIZE,
  SYMBOLS,
  type SymbolDrawing,
  textWidth,
  type Tone,
} from './theme.ts';

export interface LegendItem {
  readonly text: string;
  readonly tone: Tone;
  readonly kind: Shape | 'solid' | 'hatched' | 'line' | 'dashed' | 'dotted';
}

export interface Legend {
  readonly height: number;
  /** Drawn from the upper left corner of the picture `key`, whose left margin is `left`. */
  marks(key: string, left: number): Plot.Markish[];
}

const LINE_HEIGHT = 24;
const MAX_ITEMS = 16;
const MAX_TEXT = 48;
const SWATCH = 12;
/** From the middle of a sign to its text, and from there to the next sign. */
const TEXT_GAP = 14;
const ITEM_GAP = 22;

const SWATCHES: Readonly<Record<'box' | 'stroke', SymbolDrawing>> = {
  box: {
    draw: (pen) => {
      pen.moveTo(-9, -6);
      pen.lineTo(9, -6);
      pen.lineTo(9, 6);
      pen.lineTo(-9, 6);
      pen.closePath();
    },
  },
  stroke: {
    draw: (pen) => {
      pen.moveTo(-11, 0);
      pen.lineTo(11, 0);
    },
  },
};

export function legendOf(items: readonly LegendItem[], width: number): Legend {
  const places: Array<{ readonly item: LegendItem; readonly x: number; readonly y: number }> = [];
  let x = SWATCH;
  let line = 0;
  for (const { text, ...rest } of items.slice(0, MAX_ITEMS)) {
    const item = { ...rest, text: fitText(xmlText(text, MAX_TEXT), width - SWATCH - TEXT_GAP) };
    const needed = TEXT_GAP + textWidth(item.text, SMALL_FONT_SIZE);
    if (x > SWATCH && x + needed > width) {
      x = SWATCH;
      line += 1;
    }
    places.push({ item, x, y: line * LINE_HEIGHT + LINE_HEIGHT / 2 });
    x += needed + ITEM_GAP;
  }
  return {
    height: items.length === 0 ? 0 : (line + 1) * LINE_HEIGHT + 6,
    marks: (key, left) => places.flatMap(({ item, x: at, y }) => itemMarks(key, item, at - left, y)),
  };
}

/** A sign and what it says, `x` to the right of the frame's left edge. */
function itemMarks(key: string, { text, tone, kind }: LegendItem, x: number, y: number): Plot.Markish[] {
  const sign = Plot.dot([0], {
    x: null,
    y: () => y,
    frameAnchor: 'left',
    dx: x,
    symbol: symbolOf(kind) as never,
    className: classOf(kind, tone),
    ...(kind === 'hatched' ? { fill: `url(#${hatchingId(key, tone)})` } : {}),
  });
  const label = Plot.text([text], {
    x: null,
    y: () => y,
    frameAnchor: 'left',
    textAnchor: 'start',
    dx: x + TEXT_GAP,
    text: (each: string) => each,
    className: 'kbc-legend kbc-small',
  });
  return [sign, label];
}

function symbolOf(kind: LegendItem['kind']): SymbolDrawing {
  if (kind === 'solid' || kind === 'hatched') return SWATCHES.box;
  return kind === 'line' || kind === 'dashed' || kind === 'dotted' ? SWATCHES.stroke : SYMBOLS[kind];
}

function classOf(kind: LegendItem['kind'], tone: Tone): string {
  const of = `kbc-key kbc-${tone}`;
  if (kind === 'solid' || kind === 'hatched') return `${of} kbc-${kind}`;
  if (kind === 'line') return `${of} kbc-line`;
  return kind === 'dashed' || kind === 'dotted' ? `${of} kbc-line kbc-${kind}` : `${of} kbc-sign kbc-${kind}`;
}
