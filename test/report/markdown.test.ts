/** The Markdown report, by the rules of GitHub Flavored Markdown, and by GitHub's own parser where it is installed. */
import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/index.ts';
import { markdownText, terminalText } from '../../src/report/escape.ts';
import { comparedWith } from '../../src/report/known.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { toReport } from '../../src/report/model.ts';
import { arePeersRequired, hasPeer } from '../peers.ts';
import { analysis, exampleRules, finding } from './example.ts';
import { HOSTILE_STRINGS, hostileReport, hugeReport, manyCaptures } from './extreme-reports.ts';
import { renderAs, reportOf, sampleFiles } from './sample-reports.ts';

const example = (changes = {}): Report => toReport(analysis(changes), exampleRules);

/** The text without blocks of code and without code in lines. */
function withoutCode(markdown: string): string {
  return markdown
    .replace(/^(`{3,})[\s\S]*?^\1$/gm, '')
    .replace(/(?<![`\\])(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, 'CODE');
}

function tablesOf(markdown: string): string[][] {
  return markdown
    .split('\n\n')
    .filter((block) => block.startsWith('| '))
    .map((block) => block.split('\n'));
}

const cells = (row: string): number => row.replaceAll('\\|', '').split('|').length - 2;

function expectSound(markdown: string): void {
  const prose = withoutCode(markdown);
  expect(markdown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  expect(prose).not.toMatch(/(?<!\\)[<>[\]@~$^]|!\[|&\w+;|:\/\/|www\./);
  for (const [head = '', rule = '', ...rows] of tablesOf(markdown)) {
    expect(rule).toMatch(/^\|(?: -{3}:? \|)+$/);
    expect(new Set([head, rule, ...rows].map(cells)).size).toBe(1);
  }
}

describe('the Markdown of every sample', () => {
  it.each(sampleFiles)('%s', async (file) => {
    const report = await reportOf(file);
    const markdown = await renderAs(report, 'markdown');
    expectSound(markdown);
    const headings = Array.from(markdown.matchAll(/^## (.*)$/gm), ([, heading]) => heading);
    const evidence = report.findings.length > 0 ? ['Evidence'] : [];
    expect(headings).toEqual([
      'What is wrong and what to do',
      'Verdicts',
      ...evidence,
      'The capture',
      'How to reproduce',
    ]);
    const [verdicts = [], ...proofs] = tablesOf(markdown);
    expect(verdicts).toHaveLength(report.verdicts.length + 2);
    const frames = report.findings.reduce((sum, { frames: { length } }) => sum + length, 0);
    expect(proofs.reduce((sum, rows) => sum + rows.length - 2, 0)).toBe(frames);
    expect(markdown).toContain(`\n\`\`\`sh\nkbdiag analyze samples/${file}\n\`\`\`\n`);
    expect(markdown.match(/^wireshark -r /gm) ?? []).toHaveLength(report.findings.length);
  });
});

describe('the Markdown report', () => {
  it('stays sound with hostile strings, and below 2 MB', () => {
    const markdown = renderMarkdown(hostileReport());
    expectSound(markdown);
    expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(2_000_000);
  });

  it.each([
    ['10,000 findings', () => hugeReport(10_000), 200],
    ['3,000 captures', () => manyCaptures(3000), 1],
    ['400 hostile findings', () => hostileReport(400), null],
  ])('%s stay below 2 MB, and all are accounted for', (_name, make, full) => {
    const report = make();
    const markdown = renderMarkdown(report);
    expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(2_000_000);
    const numbered = markdown.match(/^### \d+\. /gm)?.length ?? 0;
    if (full === null) expect(numbered).toBeGreaterThan(0);
    else expect(numbered).toBe(full);
    const inRows = Number((/^### ([\d,]+) more finding/m.exec(markdown)?.[1] ?? '0').replaceAll(',', ''));
    const leftOut = Number(
      (/^([\d,]+) findings? (?:is|are) left out/m.exec(markdown)?.[1] ?? '0').replaceAll(',', ''),
    );
    expect(numbered + inRows + leftOut).toBe(report.findings.length);
    expect(markdown).toMatch(
      /^_With [\d,]+ characters this report is too long for a comment on GitHub or in Jira/m,
    );
  });

  it('names the finding in which another one counts', () => {
    const pair = [
      finding({ key: 'a', severity: 'critical' }),
      finding({ key: 'b|c``', countsIn: 'a', related: ['a'] }),
    ];
    const markdown = renderMarkdown(example({ findings: pair }));
    expect(markdown).toContain('- **Key:** ``` b|c`` ```\n');
    expect(markdown).toContain('- **Counted:** in finding 1, as the same fault.');
    expect(markdown).not.toContain('**Related:**');
  });

  it('marks what is known and says what the verdicts are limited to', () => {
    const report = comparedWith(
      example({ findings: [finding({ key: 'a' }), finding({ key: 'b' })] }),
      new Set(['a']),
    );
    const markdown = renderMarkdown({
      ...report,
      options: { host: ['10.0.0.5'] },
      period: { from: '1998-01-01T00:00:00Z', to: null },
    });
    expect(markdown).toMatch(/^### 1\. ERROR Q151387[^]*^### 2\. ERROR \(known\) Q151387/m);
    expect(markdown).toContain('- **Known:** The baseline has it as well');
    expect(markdown).toContain('\n## Verdicts on `10.0.0.5` for the part examined\n');
    expect(markdown).toContain('- **Attention:** No packet lies in the period asked for');
  });

  it('has a line that makes the same report', () => {
    const report = toReport(analysis({ options: { 'Q151387.graceMinSeconds': 60 } }), exampleRules, {
      minTier: 'strong',
      choices: { minTier: 'strong', rules: 'Q151387' },
    });
    expect(renderMarkdown(report)).toContain(
      '\nkbdiag analyze trace.pcap --set=Q151387.graceMinSeconds=60 --min-tier=strong --rules=Q151387\n',
    );
  });
});

describe('markdownText', () => {
  it.each([
    [
      '10.0.0.5 was used for 1 min 23 s (RFC 2131 4.4.5).',
      '`10.0.0.5` was used for 1 min 23 s (RFC 2131 4.4.5).',
    ],
    ['by 00:ab:5d:21:09:11, which', 'by `00:ab:5d:21:09:11`, which'],
    ["don't 1,234.5 and/or 2001-02-03 Größe 名前", "don't 1,234.5 and/or 2001-02-03 Größe 名前"],
    ['@octocat see #1', '`@octocat` see `#1`'],
    ['a|b', '`a`\\|`b`'],
    ['*x* <b> \\', '`*x*` `<b>` \\\\'],
    ['1. one', '1\\. one'],
    ['12) one', '12\\) one'],
    ['- item', '\\- item'],
    ['# head', '\\# head'],
    ['a`b', '``a`b``'],
    ['`', '\\`'],
    ['\u202eabc', '`\\u202eabc`'],
    ['www.evil.example', '`www.evil.example`'],
  ])('%j is written %s', (text, written) => {
    expect(markdownText(text)).toBe(written);
  });
});

const hasParser = hasPeer('cmark-gfm');

it('has cmark-gfm where it must', () => {
  expect(arePeersRequired && !hasParser).toBe(false);
});

/** What GitHub's parser makes of it, as XML. */
function parse(markdown: string): string {
  const extensions = ['table', 'autolink', 'strikethrough', 'tasklist'].flatMap((name) => ['-e', name]);
  const { status, stdout } = spawnSync('cmark-gfm', ['-t', 'xml', ...extensions], {
    input: markdown,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(status).toBe(0);
  return stdout;
}

const unescapeXml = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

/** What a reader sees of an element: text and code. */
function textOf(xml: string): string {
  const parts = Array.from(
    xml.matchAll(/<(?:text|code|softbreak|linebreak)[^>]*?(?:\/>|>([^<]*)<)/g),
    ([, text]) => text ?? '\n',
  );
  return unescapeXml(parts.join(''));
}

/** Nodes of a report; anything else would have come from a string. `emph` is the note on length. */
const NODES = new Set(
  'document heading text code paragraph list item strong table table_header table_row table_cell code_block'.split(
    ' ',
  ),
);

function foreignNodes(xml: string): string[] {
  const names = Array.from(xml.matchAll(/<([a-z_]+)/g), ([, name = '']) => name);
  return [...new Set(names)].filter((name) => !NODES.has(name));
}

describe.skipIf(!hasParser)('the parser of GitHub (needs cmark-gfm)', () => {
  it.each(sampleFiles)('reads %s as it was meant', async (file) => {
    const report = await reportOf(file);
    const xml = parse(await renderAs(report, 'markdown'));
    expect(foreignNodes(xml)).toEqual([]);
    const tables = xml.match(/<table>[\s\S]*?<\/table>/g) ?? [];
    expect(tables).toHaveLength(1 + report.findings.filter(({ frames }) => frames.length > 0).length);
    const rows = Array.from(
      (tables[0] ?? '').matchAll(/<table_row>([\s\S]*?)<\/table_row>/g),
      ([, row = '']) =>
        Array.from(row.matchAll(/<table_cell>([\s\S]*?)<\/table_cell>/g), ([, cell = '']) => textOf(cell)),
    );
    expect(rows.map(([article]) => article)).toEqual(report.verdicts.map(({ article }) => article));
    for (const [index, [, , reason = '']] of rows.entries())
      expect(reason).toContain(report.verdicts[index]?.reason);
  });

  it('finds nothing in hostile strings but text', () => {
    const report = hostileReport();
    const xml = parse(renderMarkdown({ ...report, failures: report.failures.slice(0, 3) }));
    expect(foreignNodes(xml).filter((name) => name !== 'emph')).toEqual([]);
    expect(xml.match(/<emph>/g)).toHaveLength(1);
    // One level of lists, and as many items as were written.
    expect(xml).not.toMatch(/<item>(?:(?!<\/item>)[\s\S])*<list/);
  });

  it('gives back every string as it was shown, in a paragraph, a list and a cell', () => {
    const word = fc.string({
      unit: fc.constantFrom(...Array.from('ab1.,:;-+*_`~|\\<>[](){}!#@&$^%="\'/ ')),
      maxLength: 24,
    });
    const texts = [
      ...HOSTILE_STRINGS,
      ...fc.sample(word, { numRuns: 1500, seed: 7 }),
      ...fc.sample(fc.string({ unit: 'binary', maxLength: 20 }), { numRuns: 300, seed: 8 }),
    ].filter((text) => terminalText(text).trim() !== '');
    const shown = texts.map((text) => terminalText(text).trim().replaceAll(/ +/g, ' '));
    const blocks = texts.map((text) => {
      const written = markdownText(text);
      return `${written}\n\n* ${written}\n\n| h |\n| --- |\n| ${written} |\n\n***\n`;
    });
    const parts = parse(blocks.join('\n')).split('<thematic_break />').slice(0, -1);
    expect(parts).toHaveLength(shown.length);
    for (const [index, part] of parts.entries()) {
      const paragraphs = Array.from(part.matchAll(/<paragraph>([\s\S]*?)<\/paragraph>/g), ([, xml = '']) =>
        textOf(xml),
      );
      const cell = /<table_row>\s*<table_cell>([\s\S]*?)<\/table_cell>/.exec(part)?.[1] ?? '';
      expect([...paragraphs, textOf(cell)]).toEqual([shown[index], shown[index], shown[index]]);
      expect(part).not.toMatch(
        /<(?:link|image|emph|strong|strikethrough|html_inline|html_block|heading|block_quote)/,
      );
    }
  });
});
