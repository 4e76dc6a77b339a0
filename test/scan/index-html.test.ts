/** The index as pages: valid, bounded, complete, worst first, and with links that lead somewhere. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HtmlValidate } from 'html-validate';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { TimedIndex } from '../../src/scan/build-index.ts';
import { indexPages } from '../../src/scan/index-html/index.ts';
import { removeStalePages } from '../../src/scan/stale-pages.ts';
import { documentProblems } from '../hostile/html-check.ts';
import { HOSTILE_STRINGS } from '../hostile/strings.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { largeIndex, row, timedIndex, unread } from './made-index.ts';

const validator = new HtmlValidate({ extends: ['html-validate:recommended'] });

async function complaints(html: string): Promise<string[]> {
  const { results } = await validator.validateString(html);
  return results.flatMap(({ messages }) =>
    messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`),
  );
}

interface Element {
  readonly textContent: string;
  getAttribute(name: string): string | null;
}

const pagesOf = (timed: TimedIndex): Map<string, string> => new Map(indexPages(timed));
const firstPage = (timed: TimedIndex): string => pagesOf(timed).get('index.html') ?? '';
const all = (html: string, selector: string): Element[] =>
  Array.from(parseHTML(html).document.querySelectorAll(selector) as ArrayLike<Element>);
const textsOf = (html: string, selector: string): string[] =>
  all(html, selector).map(({ textContent }) => textContent.trim());
/** Of each table of captures and of things the first twenty rows. */
const withFewRows = (html: string): string =>
  html.replaceAll(/<table class="blocks (?:rows|things)">[^]*?<\/table>/g, (table) => {
    let count = 0;
    return table.replaceAll(/<tr[^>]*><th scope="row">[^]*?<\/tr>\s*/g, (text) => (++count > 20 ? '' : text));
  });
/** Paths of rows in their order. */
const pathsOf = (html: string): string[] => textsOf(html, '.rows tbody th bdi');

const findings = (changes: object) => ({
  findings: { critical: 0, error: 0, warning: 0, info: 0, ...changes },
});

/** One capture of each sort, by path in the opposite order. */
const mixed = timedIndex(
  [
    unread('a-text', 'not-a-capture', 'it is text'),
    row('b-sound'),
    row('c-hidden', { verdicts: { Q120599: 'found' } }),
    unread('d-odd', 'unsupported-format', 'an old format'),
    row('e-info', findings({ info: 3 })),
    row('f-warning', findings({ warning: 1, info: 1 })),
    row('g-error', { ...findings({ error: 1 }), notices: 2 }),
    row('h-critical', {
      ...findings({ critical: 1, error: 7 }),
      status: 'damaged',
      code: 'cut-short',
      reason: 'cut short (at byte 9)',
      files: ['h-critical', 'h-critical1'],
      health: { dropFraction: 0.25, clockEpochs: 1, duplicates: 2, truncatedPackets: 3, malformedPackets: 4 },
    }),
    unread('i-failed', 'worker', 'out of memory'),
  ],
  { complete: false, options: { tz: 'Europe/Berlin', 'Q151387.graceMinSeconds': 61 } },
);

describe('index.html', () => {
  const html = firstPage(mixed);

  it('is valid, asks for nothing, and lets nothing run', async () => {
    expect(await complaints(html)).toEqual([]);
    expect(html).not.toMatch(/<script|<img|<link|<iframe|<object|@import|url\(|\ssrc=|\sstyle=|\son\w+=/i);
    expect(html).toMatch(/content="default-src &#39;none&#39;; style-src &#39;sha256-[\w+/]{43}=&#39;;/);
  });

  it('has what is worst first, and every file once', () => {
    const order = 'h-critical g-error f-warning e-info d-odd i-failed c-hidden b-sound a-text';
    expect(pathsOf(html)).toEqual(order.split(' '));
    expect(textsOf(html, '.rows h3')).toEqual([
      'With critical faults: 1',
      'With errors: 1',
      'With warnings: 1',
      'With faults for information: 1',
      'Not read as a whole, without a fault in what was read: 2',
      'With faults that the options leave out: 1',
      'Without a fault: 1',
      'Files that are no captures: 1',
    ]);
  });

  it('says what it comes to, with what limits it', () => {
    expect(textsOf(html, 'h1')).toEqual([
      'Faults in 4 of 6 captures: 1 critical, 8 error, 1 warning, 4 info.',
    ]);
    expect(textsOf(html, '.options')).toEqual(['Options: tz=Europe/Berlin, Q151387.graceMinSeconds=61']);
    expect(textsOf(html, '.warnings li').join(' ')).toMatch(
      /^Not complete: .* 1 capture has no report.* 1 capture or folder could not be read\. 1 capture is damaged: its report/,
    );
    const sums = Object.fromEntries(
      all(html, '.sums div').map(
        (div) => /^\s*(\S[^\n]*?)(\d.*|\+.*)\s*$/.exec(div.textContent)?.slice(1) ?? [],
      ),
    ) as Record<string, string>;
    expect(sums).toMatchObject({
      Files: '10',
      'Rings and single files': '9',
      Damaged: '1',
      Unreadable: '1',
      Failed: '1',
      'Other files': '1',
    });
    expect(sums).toMatchObject({ Packets: '74,070', 'First packet': '2001-02-03 05:05:06 +01:00' });
  });

  it('tells of a row what a reader asks', () => {
    const [critical = '', error = '', , , odd = ''] = textsOf(html, '.rows tbody tr');
    for (const part of ['2 files, to h-critical1', '1 critical', '7 error', 'damaged cut short (at byte 9)'])
      expect(critical).toContain(part);
    expect(critical).toContain('25 % lost, 1 clock step, 2 duplicates, 3 cut short, 4 malformed');
    expect(critical).toMatch(/12,345\s*2001-02-03 05:05:06 \+01:00\s*1 min 2 s\s*9\.4 MiB\s*7\.5 ms/);
    expect(error).toContain('2 notices');
    expect(error).toMatch(
      /inconclusive Q159309, Q193157\s+clear Q120599, Q151387\s+not applicable Q193599, Q228811, Q228942/,
    );
    expect(odd).toContain('unreadable an old format');
    const links = all(html, '.rows th a').map((link) => link.getAttribute('href'));
    expect(links.slice(0, 2)).toEqual(['reports/h-critical.html', 'reports/h-critical.json']);
  });

  it('counts verdicts over all captures', () => {
    const rows = textsOf(html, '.sum tbody tr').map((text) => text.replaceAll(/\s+/g, ' '));
    expect(rows[0]).toMatch(/^Q120599 ?1 ?0 ?0 ?5 ?0$/);
    expect(rows).toHaveLength(7);
  });

  it('says so where there is nothing to say', async () => {
    const nothing = firstPage(timedIndex([]));
    expect(await complaints(nothing)).toEqual([]);
    expect(textsOf(nothing, 'h1')).toEqual(['No file was scanned.']);
    expect(textsOf(firstPage(timedIndex([unread('x', 'empty', 'empty')])), 'h1')).toEqual([
      'No capture could be read.',
    ]);
    const sound = firstPage(timedIndex([row('x')]));
    expect(sound).toContain('<h1 class="outcome tone-clear">No known fault found in 1 capture.</h1>');
    const hidden = firstPage(timedIndex([row('x', { verdicts: { Q120599: 'suspected' } })]));
    expect(hidden).toContain('tone-open">No fault is shown, as the options leave out those of 1 capture.');
  });
});

describe('an index of 50,000 captures', () => {
  const timed = largeIndex(50_000);
  const pages = pagesOf(timed);
  const first = pages.get('index.html') ?? '';

  it('has each of them once, the worst on the first page, on pages of bounded size', () => {
    expect(Buffer.byteLength(first)).toBeLessThan(4_000_000);
    expect(pages.size).toBe(20);
    const paths: string[] = [];
    for (let number = 1; number <= pages.size; number += 1) {
      const html = pages.get(number === 1 ? 'index.html' : `index-${number}.html`) ?? '';
      if (number > 1) expect(Buffer.byteLength(html)).toBeLessThan(2_100_000);
      paths.push(
        ...Array.from(
          html.matchAll(/<tr id="c\d+"><th scope="row"><a [^>]*><bdi>(.*?)</g),
          ([, path = '']) => path,
        ),
      );
    }
    expect(paths).toHaveLength(50_000);
    expect(paths.toSorted()).toEqual(timed.index.captures.map(({ path }) => path));
    expect(textsOf(withFewRows(first), '.rows h3')).toEqual([
      'With critical faults: 100',
      'With errors: 900',
      'Not read as a whole, without a fault in what was read: 500',
      'Without a fault: 1 to 1,000 of 48,500',
    ]);
    expect([...pages.keys()].at(-1)).toBe('index.html');
  });

  it('is valid, and leads to every page', async () => {
    const last = pages.get('index-20.html') ?? '';
    // html-validate takes minutes over what is two thousand times the same.
    for (const html of [first, last].map(withFewRows)) expect(await complaints(html)).toEqual([]);
    expect(all(withFewRows(first), '.pages a')).toHaveLength(19);
    expect(last).toContain('<a href="index-19.html">Previous page</a>');
    expect(last).not.toContain('Next page');
    expect(last).toContain('<h1>Captures 47,501 to 50,000 of 50,000</h1>');
  });

  it('has no link without an end', () => {
    const ids = new Set<string>();
    for (const [name, html] of pages)
      for (const [, id = ''] of html.matchAll(/ id="([^"]+)"/g)) {
        expect(ids.has(`${name}#${id}`)).toBe(false);
        ids.add(`${name}#${id}`);
      }
    const targets = [...pages].flatMap(([name, html]) =>
      Array.from(html.matchAll(/href="((?:index-\d+\.html|index\.html)?)(#[^"]*)?"/g), ([, file = '', id]) =>
        id === undefined ? file : `${file === '' ? name : file}${id}`,
      ),
    );
    expect(targets.length).toBeGreaterThan(5000);
    expect(targets.filter((target) => !ids.has(target) && !pages.has(target))).toEqual([]);
  });

  it('counts what it leaves out', () => {
    const shared = first.slice(first.indexOf(' id="shared"'), first.indexOf(' id="captures"'));
    for (const kind of ['names', 'DHCP leases', 'IP addresses', 'MAC addresses'])
      expect(shared).toContain(`<summary>250 ${kind} in several captures</summary>`);
    const shown = shared.match(/<tr><th scope="row">/g)?.length ?? 0;
    const not = Array.from(shared.matchAll(/class="left-out">(\d+) more/g), ([, count]) => Number(count));
    expect(shown).toBeGreaterThan(300);
    expect(shown + not.reduce((sum, count) => sum + count, 0)).toBe(1000);
    const few = withFewRows(first);
    expect(textsOf(few, '.things li span')[0]).toBe('2001-02-03 04:05:06 UTC');
    expect(textsOf(few, '.faults .left-out')[0]).toBe(
      '6,689 more captures not named here: see the rows below.',
    );
    expect(textsOf(few, '.faults tbody .pill').slice(0, 8)).toEqual([
      ...Array<string>(7).fill('critical'),
      'error',
    ]);
  });
});

describe('hostile strings', () => {
  it.each(Object.entries(HOSTILE_STRINGS))('of kind %s are text', async (_kind, texts) => {
    const captures = texts.flatMap((text, index) => {
      const path = `${index}/${text}`;
      const reports = { json: `reports/${path}.json`, html: `reports/${path}.html` };
      return [
        row(path, { ...findings({ error: 1 }), report: reports.html, reports, files: [path, text] }),
        unread(`${path} `, 'unsupported-format', text),
      ];
    });
    const pages = pagesOf(
      timedIndex(captures, {
        options: { host: [...texts], baseline: texts[0] ?? '' },
        faults: texts.map((text) => ({
          article: text,
          title: text,
          severity: 'error',
          firstSeen: text,
          lastSeen: text,
          hosts: [text],
          captures: captures.map(({ path }) => path),
          findings: 1,
          count: 1,
        })),
        shared: texts.map((text) => ({
          kind: 'name',
          value: text,
          captures: captures.map(({ path }) => ({ path, time: text })),
          count: captures.length,
        })),
      }),
    );
    for (const [name, html] of pages) {
      expect(documentProblems(html, /^(?:#|index[-\w.]*(?:#c\d+)?$|reports\/[\w%./~-]*$)/)).toEqual([]);
      expect(Buffer.byteLength(html)).toBeLessThan(name === 'index.html' ? 4_000_000 : 2_100_000);
    }
    expect(await complaints(pages.get('index.html') ?? '')).toEqual([]);
  });

  it('are names of reports that links spell right', () => {
    const names = [
      'a b',
      '50%',
      '#1?',
      'new\nline',
      `'"\``,
      '&amp;',
      'ü名🙂',
      'c:x',
      'back\\slash',
      '..%2f',
      'half \ufffd',
    ];
    const captures = names.map((name) => row(`in/${name}`));
    const links = all(firstPage(timedIndex(captures)), '.rows th a').map(
      (link) => link.getAttribute('href') ?? '',
    );
    const paths = links.map((href) => decodeURIComponent(new URL(href, 'file:///out/index.html').pathname));
    expect(paths.toSorted()).toEqual(
      names.flatMap((name) => [`/out/reports/in/${name}.html`, `/out/reports/in/${name}.json`]).toSorted(),
    );
  });
});

it('pages of an earlier index go, and those of somebody else stay', () => {
  const folder = join(temporaryFolder(), 'out');
  mkdirSync(folder);
  for (const [name, html] of indexPages(largeIndex(6000))) writeFileSync(join(folder, name), html);
  writeFileSync(join(folder, 'index-9.html'), '<!DOCTYPE html><title>mine</title>');
  expect(readdirSync(folder).toSorted()).toEqual([
    'index-2.html',
    'index-3.html',
    'index-9.html',
    'index.html',
  ]);
  removeStalePages(folder, new Set(['index.html', 'index-2.html']));
  expect(readdirSync(folder).toSorted()).toEqual(['index-2.html', 'index-9.html', 'index.html']);
  expect(readFileSync(join(folder, 'index-9.html'), 'utf8')).toContain('mine');
});
