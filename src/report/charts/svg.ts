/** From what the chart library draws to the picture of a report: named, plain, small, and safe to put into a page. */
import { createHash } from 'node:crypto';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { xmlText } from '../escape.ts';
import type { Tone } from './theme.ts';
import { WIDTH } from './theme.ts';

/** A picture of a finding. `title` is what to write above it; `svg` names and describes itself to screen readers. */
export interface Chart {
  readonly title: string;
  readonly description: string;
  /** One `svg` element, well-formed as XML and as HTML; without script, style or links to elsewhere. */
  readonly svg: string;
}

/** What a picture is drawn for. */
export interface Canvas {
  /** What its ids begin with. */
  readonly key: string;
  /** Time of day of the first packet, as the axis names it; null where that is not known. */
  readonly start: string | null;
}

export interface Drawing {
  readonly title: string;
  readonly description: string;
  readonly height: number;
  readonly margin: {
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
    readonly left: number;
  };
  /** In capture time. */
  readonly x: readonly [number, number];
  /** Their y is in units of the picture, from its top. */
  readonly marks: readonly Plot.Markish[];
  readonly hatched: readonly Tone[];
}

const SVG = 'http://www.w3.org/2000/svg';
/** Longest text of a picture; rows and legends cut theirs shorter. */
const MAX_TITLE = 120;
const MAX_DESCRIPTION = 1200;

/** The little of the document that is used here. */
interface Element {
  readonly localName: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  textContent: string;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelectorAll(selector: string): Iterable<Element>;
  append(child: Element): void;
  prepend(...children: Element[]): void;
  remove(): void;
  toString(): string;
}

interface Document {
  createElementNS(namespace: string, name: string): Element;
}

/** The id of the hatching of a tone in the picture `key`. */
export function hatchingId(key: string, tone: Tone): string {
  return `${key}-${tone}`;
}

/** What ids of a picture begin with: equal for equal findings, whatever their keys hold. */
export function pictureKey(findingKey: string, at: number): string {
  return `kbc-${createHash('sha256').update(findingKey).digest('hex').slice(0, 12)}-${at}`;
}

export function finish(key: string, drawing: Drawing): Chart {
  const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as {
    document: Document;
  };
  const { margin, height } = drawing;
  const root = Plot.plot({
    document: document as never,
    width: WIDTH,
    height,
    marginTop: margin.top,
    marginRight: margin.right,
    marginBottom: margin.bottom,
    marginLeft: margin.left,
    x: { type: 'linear', domain: [...drawing.x], axis: null },
    y: { type: 'identity', axis: null },
    marks: [...drawing.marks],
  }) as unknown as Element;
  const title = xmlText(drawing.title, MAX_TITLE);
  const description = xmlText(drawing.description, MAX_DESCRIPTION);
  strip(root);
  root.setAttribute('xmlns', SVG);
  root.setAttribute('class', 'kbc');
  root.setAttribute('role', 'img');
  root.setAttribute('aria-labelledby', `${key}-title ${key}-desc`);
  root.prepend(
    textElement(document, 'title', `${key}-title`, title),
    textElement(document, 'desc', `${key}-desc`, description),
    ...hatchings(document, key, drawing.hatched),
  );
  return { title, description, svg: root.toString() };
}

function textElement(document: Document, name: string, id: string, text: string): Element {
  const element = document.createElementNS(SVG, name);
  element.setAttribute('id', id);
  element.textContent = text;
  return element;
}

/** What tells a state apart where its colour does not. */
function hatchings(document: Document, key: string, tones: readonly Tone[]): Element[] {
  if (tones.length === 0) return [];
  const defs = document.createElementNS(SVG, 'defs');
  for (const tone of new Set(tones)) {
    const pattern = document.createElementNS(SVG, 'pattern');
    const attributes = {
      id: hatchingId(key, tone),
      class: `kbc-hatching kbc-${tone}`,
      width: '7',
      height: '7',
      patternUnits: 'userSpaceOnUse',
      patternTransform: 'rotate(45)',
    };
    for (const [name, value] of Object.entries(attributes)) pattern.setAttribute(name, value);
    const ground = document.createElementNS(SVG, 'rect');
    ground.setAttribute('width', '7');
    ground.setAttribute('height', '7');
    const line = document.createElementNS(SVG, 'path');
    line.setAttribute('d', 'M2,0V7');
    pattern.append(ground);
    pattern.append(line);
    defs.append(pattern);
  }
  return [defs];
}

/** Attributes that the style sheet replaces, or that name parts of a picture which is one image to a screen reader. */
const DROPPED = /^(?:aria-.*|role|style|font-.*|fill-opacity|stroke-.*|font)$/;
const NUMBERS = /-?\d+\.\d{2,}/g;

/** Takes out the library's own styles and labels, and digits that nobody sees. */
function strip(root: Element): void {
  for (const style of [...root.querySelectorAll('style')]) style.remove();
  for (const name of ['width', 'height', 'font-size', 'font-family', 'fill']) root.removeAttribute(name);
  for (const element of [...root.querySelectorAll('*')]) {
    for (const { name, value } of [...element.attributes]) {
      if (DROPPED.test(name) || (value === 'currentColor' && /^(?:fill|stroke)$/.test(name)))
        element.removeAttribute(name);
      else if (NUMBERS.test(value) && name !== 'id' && name !== 'class')
        element.setAttribute(
          name,
          value.replace(NUMBERS, (number) => String(Math.round(Number(number) * 10) / 10)),
        );
    }
  }
}
