/** The HTML report: valid, bounded, and in the order a reader needs. */
import { HtmlValidate } from 'html-validate';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/index.ts';
import { renderHtml } from '../../src/report/html/page.ts';
import { comparedWith } from '../../src/report/known.ts';
import { toReport } from '../../src/report/model.ts';
import { analysis, exampleRules, finding } from './example.ts';
import { hostileReport, hugeReport, manyCaptures } from './extreme-reports.ts';
import { renderAs, reportOf, sampleFiles } from './sample-reports.ts';

const validator = new HtmlValidate({ extends: ['html-validate:recommended'] });

async function complaints(html: string): Promise<string[]> {
  const { results } = await validator.validateString(html);
  return results.flatMap(({ messages }) =>
    messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`),
  );
}

const example = (changes = {}): Report => toReport(analysis(changes), exampleRules);

describe('the HTML of every sample', () => {
  it.each(sampleFiles)('%s is valid and in order', async (file) => {
    const report = await reportOf(file);
    const html = await renderAs(report, 'html');
    expect(await complaints(html)).toEqual([]);
    const places = ['findings', 'verdicts', 'evidence', 'capture', 'reproduce']
      .filter((id) => id !== 'evidence' || report.findings.length > 0)
      .map((id) => html.indexOf(` id="${id}"`));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    for (const { article } of report.verdicts) expect(html).toContain(`<th scope="row">${article}</th>`);
    const frames = report.findings.reduce((sum, { frames: { length } }) => sum + length, 0);
    const evidence = html.slice(places[2], places[3]);
    if (report.findings.length > 0) expect(evidence.match(/<th scope="row">/g)).toHaveLength(frames);
    expect(html).toContain(`kbdiag analyze samples/${file}<`);
  });
});

describe('the HTML report', () => {
  it('asks for nothing and lets nothing run', async () => {
    const html = await renderAs(example(), 'html');
    expect(html).not.toMatch(/<script|<img|<link|<iframe|<object|@import|url\(|\ssrc=|\sstyle=|\son\w+=/i);
    expect(html.match(/href="[^#][^"]*"/g)).toBeNull();
    expect(html).toMatch(/content="default-src &#39;none&#39;; style-src &#39;sha256-[\w+/]{43}=&#39;;/);
  });

  it('has links that lead somewhere, and no two things of one name', async () => {
    const pair = ['one', 'two'].map((key) => finding({ key, related: ['one', 'two'] }));
    for (const report of [
      example({ findings: pair }),
      hugeReport(10_000),
      await reportOf('q151387-p2-second-holder.pcapng'),
    ]) {
      const html = await renderAs(report, 'html');
      const ids = Array.from(html.matchAll(/ id="([^"]+)"/g), ([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const targets = Array.from(html.matchAll(/href="#([^"]+)"/g), ([, id]) => id);
      expect(targets.length).toBeGreaterThan(3);
      expect(targets.filter((id) => !ids.includes(id))).toEqual([]);
      const named = Array.from(html.matchAll(/aria-labelledby="([^"]+)"/g)).flatMap(([, list = '']) =>
        list.split(' '),
      );
      expect(named.filter((id) => !ids.includes(id))).toEqual([]);
    }
  });

  it('shows pictures with their styles under the same policy', async () => {
    const svg =
      '<svg role="img" viewBox="0 0 9 9"><title>t</title><desc>d</desc><path class="mark" d="M0 0h9"/></svg>';
    const charts = new Map([[finding().key, [{ title: 'Lease & use', description: 'One <line>.', svg }]]]);
    const html = renderHtml(example(), { charts, css: '.mark { stroke: var(--ink); }' });
    expect(html).toContain(svg);
    expect(html).toContain('<strong>Lease &amp; use</strong> <span>One &lt;line&gt;.</span>');
    expect(html).toContain('.mark { stroke: var(--ink); }</style>');
    expect(await complaints(html)).toEqual([]);
    const plain = renderHtml(example());
    const hash = (text: string) => /sha256-[\w+/]{43}/.exec(text)?.[0];
    expect(hash(html)).not.toBe(hash(plain));
  });

  it('leaves pictures out that would make it too large, and says so', () => {
    const svg = `<svg role="img"><title>t</title><desc>${'d'.repeat(500_000)}</desc></svg>`;
    const findings = ['a', 'b', 'c'].map((key) => finding({ key }));
    const charts = new Map(findings.map(({ key }) => [key, [{ title: key, description: '', svg }]]));
    const html = renderHtml(example({ findings }), { charts, css: '' });
    expect(html.match(/<svg/g)).toHaveLength(1);
    expect(html.match(/The picture is left out/g)).toHaveLength(2);
  });

  it('says what to think of a capture without findings', async () => {
    const html = await renderAs(example({ findings: [] }), 'html');
    expect(html).toContain('Nothing that an enabled rule looks for was found.');
    expect(html).not.toContain('id="evidence"');
  });

  it('marks what is known, has keys to copy, and says what the verdicts are limited to', async () => {
    const known = comparedWith(
      example({ findings: [finding({ key: 'a' }), finding({ key: 'b|<' })] }),
      new Set(['a']),
    );
    const html = await renderAs({ ...known, options: { host: ['10.0.0.5'], tz: '+01:00' } }, 'html');
    expect(html).toMatch(/>error<\/span> 1\.[^]*>error \(known\)<\/span> 2\./);
    expect(html).toContain('<dt>Known</dt><dd>The baseline has it as well');
    expect(html).toContain('<bdi>b|&lt;</bdi>');
    expect(html).toContain('The verdict on every article on 10.0.0.5</h2>');
    expect(html).toContain('1998-01-01 01:02:11.000005 to 01:03:25.000000 +01:00');
    expect(await complaints(html)).toEqual([]);
  });

  it('warns of damage, of what was not read, and of an early end', async () => {
    const [capture] = analysis().captures;
    const damage = { code: 'cut-short' as const, offset: 24_000, message: 'the record is cut short' };
    const report = toReport(
      { ...analysis({ captures: [{ ...capture!, damage }], interrupted: true }) },
      exampleRules,
    );
    const html = await renderAs(
      { ...report, failures: [{ path: 'b.txt', code: 'x', message: 'it is text', hint: '', offset: null }] },
      'html',
    );
    expect(html).toContain('<li>trace.pcap is damaged at byte 24,000: the record is cut short.');
    expect(html).toContain('<li>b.txt: not read: it is text</li>');
    expect(html).toContain('<li>Interrupted: this report covers what was read so far.</li>');
  });
});

const TAGS = new Set(
  (
    'html head meta title style body a header p h1 h2 h3 h4 ul li nav main section article span bdi dl div dt dd ' +
    'table caption thead tbody tr th td strong wbr pre code footer'
  ).split(' '),
);

/** Tags that no template has: they would have come from a string. */
function unknownTags(html: string): string[] {
  const tags = Array.from(html.matchAll(/<[/]?([^\s>]*)/g), ([, name = '']) => name);
  return tags.filter((name) => name !== '!DOCTYPE' && !TAGS.has(name));
}

it('takes every string of a report for text', async () => {
  const html = await renderAs(hostileReport(), 'html');
  expect(await complaints(html)).toEqual([]);
  expect(unknownTags(html)).toEqual([]);
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).toContain('abc\\u202egnp.exe\\u2066');
  expect(html).toContain('half \\ud800 and \\udfff');
});

describe('whatever the capture', () => {
  it.each([
    ['201 findings', () => hugeReport(201), 200, 1, 0],
    ['10,000 findings', () => hugeReport(10_000), 200, null, null],
    ['hostile strings', () => hostileReport(400), null, null, null],
    ['3,000 captures', () => manyCaptures(3000), 1, 0, 0],
  ] as const)('%s stay below 2 MB', async (_name, make, full, short, leftOut) => {
    const report = make();
    const html = await renderAs(report, 'html');
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(2_000_000);
    expect(unknownTags(html)).toEqual([]);
    expect(html.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    const shown = html.match(/<article class="card/g)?.length ?? 0;
    if (full !== null) expect(shown).toBe(full);
    expect(shown).toBeGreaterThan(0);
    const inRows = Number((/<h3 id="more">([\d,]+) more/.exec(html)?.[1] ?? '0').replace(',', ''));
    const not = Number((/([\d,]+) findings? (?:is|are) left out/.exec(html)?.[1] ?? '0').replace(',', ''));
    expect(shown + inRows + not).toBe(report.findings.length);
    if (short !== null) expect([inRows, not]).toEqual([short, leftOut]);
  });
});
