/**
 * How pictures look: sizes, tones, shapes, and the style sheet that goes with them. Pictures hold no colours of their own, so that one
 * sheet serves light, dark and print; what a tone tells is told by a shape or a hatching as well.
 */
import { capLength } from '../escape.ts';

/** Width of every picture in its own units; pages scale it, phones to two thirds. */
export const WIDTH = 560;
export const FONT_SIZE = 16;
export const SMALL_FONT_SIZE = 15;

/** good: as it should be. bad: the fault. warn: between the two. calm: beside the point. other: neither, and not the first. */
export type Tone = 'good' | 'bad' | 'warn' | 'calm' | 'other';
export const TONES: readonly Tone[] = ['good', 'bad', 'warn', 'calm', 'other'];

export type Shape = 'dot' | 'ring' | 'square' | 'diamond' | 'up' | 'down' | 'cross' | 'tick';

/** What a symbol is drawn on: the path of an SVG. */
interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  closePath(): void;
}

type Draw = (pen: Pen) => void;

export interface SymbolDrawing {
  readonly draw: Draw;
}

function polygon(...corners: ReadonlyArray<readonly [number, number]>): Draw {
  return (pen) => {
    for (const [at, [x, y]] of corners.entries()) {
      if (at === 0) pen.moveTo(x, y);
      else pen.lineTo(x, y);
    }
    pen.closePath();
  };
}

/** Drawn at one size. A dot is a line without length under round caps: the shortest way to say it. */
export const SYMBOLS: Readonly<Record<Shape, SymbolDrawing>> = {
  dot: { draw: (pen) => line(pen, 0, 0, 0, 0) },
  ring: {
    draw: (pen) => {
      pen.moveTo(5, 0);
      pen.arc(0, 0, 5, 0, 2 * Math.PI);
    },
  },
  square: { draw: polygon([-5, -5], [5, -5], [5, 5], [-5, 5]) },
  diamond: { draw: polygon([0, -7], [7, 0], [0, 7], [-7, 0]) },
  up: { draw: polygon([0, -7], [7, 6], [-7, 6]) },
  down: { draw: polygon([0, 7], [7, -6], [-7, -6]) },
  cross: {
    draw: (pen) => {
      line(pen, -5, -5, 5, 5);
      line(pen, -5, 5, 5, -5);
    },
  },
  tick: { draw: (pen) => line(pen, 0, -8, 0, 8) },
};

function line(pen: Pen, x1: number, y1: number, x2: number, y2: number): void {
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
}

/** Widths of characters in ems, of the widest fonts that `CHART_CSS` may come to. */
const NARROW = /[ijlI.,:;'|!()\s]/;
const WIDE = /[mwMW@%…—]/;
const TALL = /[A-Z\d+<>=~#$&?−]/;

/** The most room a text may take, in units of the picture. */
export function textWidth(text: string, fontSize: number = FONT_SIZE): number {
  let ems = 0;
  for (const character of text) {
    if (NARROW.test(character)) ems += 0.41;
    else if (WIDE.test(character)) ems += 1;
    else if (TALL.test(character)) ems += 0.67;
    // Letters of other scripts are up to an em wide.
    else ems += character > '\u024f' ? 1.05 : 0.62;
  }
  return ems * fontSize;
}

/** As much of a text as fits into so much room, of small letters. */
export function fitText(text: string, room: number): string {
  let most = text.length;
  while (most > 1 && textWidth(capLength(text, most), SMALL_FONT_SIZE) > room) most -= 1;
  return capLength(text, most);
}

/** Colours after Okabe and Ito, told apart by colour-blind eyes too; lighter on dark. */
const LIGHT =
  '--kbc-ink:#1b1b1b;--kbc-muted:#595959;--kbc-grid:#d4d4d4;--kbc-surface:#fff;--kbc-good:#0067a8;--kbc-bad:#c04a00;--kbc-warn:#9a6700;--kbc-calm:#6b6b6b;--kbc-other:#94417d';
const DARK =
  '--kbc-ink:#ededed;--kbc-muted:#b4b4b4;--kbc-grid:#474747;--kbc-surface:#161616;--kbc-good:#62b8ee;--kbc-bad:#ff9147;--kbc-warn:#e3b341;--kbc-calm:#a3a3a3;--kbc-other:#e29ccc';

const tones = TONES.map((tone) => `.kbc-${tone}{--kbc-tone:var(--kbc-${tone})}`).join('\n');

/**
 * The style sheet of all pictures. A page may set the colours anew by the same custom properties. Where a page has its own switch
 * between light and dark, it sets them under that.
 */
export const CHART_CSS = `.kbc{${LIGHT};display:block;width:100%;max-width:40rem;height:auto;overflow:visible;color:var(--kbc-ink);fill:var(--kbc-ink);font-family:system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:${FONT_SIZE}px;font-variant-numeric:tabular-nums}
@media (prefers-color-scheme:dark){.kbc{${DARK}}}
@media print{.kbc{${LIGHT};break-inside:avoid;print-color-adjust:exact}}
${tones}
.kbc text{white-space:pre;stroke:var(--kbc-surface);stroke-width:4;stroke-linejoin:round;paint-order:stroke}
.kbc-small text{font-size:${SMALL_FONT_SIZE}px}
.kbc-muted text{fill:var(--kbc-muted)}
.kbc-strong text{font-weight:600}
.kbc-axis path,.kbc-axis line{stroke:var(--kbc-muted)}
.kbc-grid line,.kbc-row line{stroke:var(--kbc-grid)}
.kbc-rule line{stroke:var(--kbc-muted);stroke-dasharray:4 3}
.kbc-solid rect,.kbc-solid path{fill:var(--kbc-tone);fill-opacity:.32;stroke:var(--kbc-tone)}
.kbc-hatched rect,.kbc-hatched path{stroke:var(--kbc-tone);stroke-width:1.5}
.kbc-hatching path{stroke:var(--kbc-tone);stroke-width:2;stroke-opacity:.75}
.kbc-hatching rect{fill:var(--kbc-tone);fill-opacity:.12}
.kbc-region rect{fill:var(--kbc-tone);fill-opacity:.08}
.kbc-mark path,.kbc-sign path{fill:var(--kbc-tone);stroke:var(--kbc-surface);stroke-width:1}
.kbc-dot path{fill:none;stroke:var(--kbc-tone);stroke-width:9;stroke-linecap:round}
.kbc-ring path{fill:var(--kbc-surface);stroke:var(--kbc-tone);stroke-width:2.5}
.kbc-cross path{fill:none;stroke:var(--kbc-tone);stroke-width:3;stroke-linecap:round}
.kbc-tick path{fill:none;stroke:var(--kbc-tone);stroke-width:1.8}
.kbc-line path{fill:none;stroke:var(--kbc-tone);stroke-width:1.8;stroke-linejoin:round}
.kbc-line.kbc-dashed path{stroke-dasharray:7 4}
.kbc-line.kbc-dotted path{stroke-dasharray:2 3}
.kbc-link path{fill:none;stroke:var(--kbc-muted);stroke-width:1;stroke-dasharray:2 3}
`;
