/** What every picture must be, whatever it shows: well-formed, named, small, and nothing but a drawing. */
import { expect } from 'vitest';
import type { Chart } from '../../src/report/charts/index.ts';
import { allOf, type MarkupElement, readMarkup } from './well-formed.ts';

/** Twenty pictures, and a page of two megabytes has room for the rest. */
export const MAX_CHART_CHARACTERS = 60_000;

export function checkChart({ title, description, svg }: Chart): MarkupElement {
  const root = readMarkup(svg);
  const elements = allOf(root);
  expect(root.name).toBe('svg');
  expect(root.attributes.get('role')).toBe('img');
  expect(root.attributes.get('viewBox')).toMatch(/^0 0 \d+ \d+(?:\.\d+)?$/);
  const [first, second] = root.children;
  expect([first?.name, first?.text, second?.name, second?.text]).toEqual([
    'title',
    title,
    'desc',
    description,
  ]);
  expect(root.attributes.get('aria-labelledby')).toBe(
    `${first?.attributes.get('id')} ${second?.attributes.get('id')}`,
  );
  expect(title).not.toBe('');
  expect(description.length).toBeGreaterThan(20);
  const names = new Set(elements.map(({ name }) => name));
  for (const name of names)
    expect([
      'svg',
      'title',
      'desc',
      'defs',
      'pattern',
      'g',
      'path',
      'rect',
      'line',
      'text',
      'tspan',
    ]).toContain(name);
  for (const { attributes } of elements) {
    for (const [name, value] of attributes) {
      expect(name).not.toMatch(/^(?:style|href|xlink:href|on.*)$/);
      if (name !== 'aria-labelledby') expect(name).not.toMatch(/^aria-/);
      if (name !== 'xmlns') expect(value).not.toMatch(/javascript:|https?:|NaN|Infinity|undefined/);
      const reference = /url\(#([^)]*)\)/.exec(value)?.[1];
      if (reference !== undefined)
        expect(elements.some((each) => each.attributes.get('id') === reference)).toBe(true);
    }
  }
  expect(svg.length).toBeLessThan(MAX_CHART_CHARACTERS);
  return root;
}
