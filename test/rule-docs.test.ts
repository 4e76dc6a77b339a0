/** Each rule has its page, doc.md, which names options that exist and leaves their values to `kbdiag rules show`. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from '../rules/index.ts';
import { ADDRESS_OPTIONS, CAPTURE_OPTIONS } from '../src/engine/shared-options.ts';

const RULES = path.resolve(import.meta.dirname, '../rules');
const pages = readdirSync(RULES, { recursive: true, encoding: 'utf8' }).filter(
  (name) => path.basename(name) === 'doc.md',
);

const SECTIONS = [
  'The fault',
  'What is looked for',
  'What stays silent, and why',
  'Options worth knowing',
  'When not to use it, and what would refute it',
];

const groups = [
  ...rules.map(({ meta }) => [meta.article.id, meta.options] as const),
  ['capture', CAPTURE_OPTIONS] as const,
  ['address', ADDRESS_OPTIONS] as const,
];
const optionNames = new Set(
  groups.flatMap(([prefix, specs]) => Object.keys(specs).map((name) => `${prefix}.${name}`)),
);

describe.each(rules.map(({ meta }) => ({ meta, id: meta.article.id })))('the page of $id', ({ meta, id }) => {
  const [page = '', ...others] = pages.filter((name) => name.includes(`${path.sep}${id.toLowerCase()}-`));
  const text = page === '' ? '' : readFileSync(path.join(RULES, page), 'utf8');

  it('is there once, under the title that the rule has', () => {
    expect(others).toEqual([]);
    expect(text.split('\n')[0]).toBe(`# ${id}: ${meta.title}`);
    expect([...text.matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual(SECTIONS);
    for (const related of text.match(/\bQ\d{6}\b/g) ?? []) {
      expect([id, ...meta.article.related, ...rules.map((rule) => rule.meta.article.id)]).toContain(related);
    }
  });

  it('names options that exist', () => {
    const full = [...text.matchAll(/`((?:Q\d+|capture|address)\.\w+)`/g)].map((match) => match[1]);
    // A word with a capital inside is an option of this rule.
    const short = [...text.matchAll(/`([a-z]+[A-Z]\w*)`/g)].map((match) => `${id}.${match[1]}`);
    expect([...full, ...short].filter((name) => name !== undefined && !optionNames.has(name))).toEqual([]);
    expect(full.length).toBeGreaterThan(0);
  });

  it('leaves the values of options to the program', () => {
    expect(text.match(/\b\d+(?:\.\d+)? ?(?:%|(?:s|ms|seconds?|minutes?|frames?|packets?)\b)/g)).toBeNull();
  });
});
