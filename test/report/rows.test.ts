/** CSV and NDJSON, as programs of other people read them. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { renderCsv } from '../../src/report/csv.ts';
import { csvJson, csvText } from '../../src/report/escape.ts';
import { toReport } from '../../src/report/model.ts';
import { ndjsonPieces } from '../../src/report/ndjson.ts';
import { reportLineJsonSchema } from '../../src/report/schema.ts';
import { csvProblems, ndjsonProblems } from '../hostile/checks.ts';
import { analysis, exampleRules, finding, frame } from './example.ts';

const docs = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8');
const report = (changes = {}, options = {}) => toReport(analysis(changes), exampleRules, options);
const rowsOf = (text: string) => parse<Record<string, string>>(text, { columns: true });

/** Names in the first column of the table in a section of the documentation. */
function documented(section: string): string[] {
  const text = docs.split(/^## /m).find((part) => part.startsWith(section)) ?? '';
  return [...text.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
}

describe('CSV', () => {
  it('has a row for each finding, with its numbers as they are', () => {
    const findings = [
      finding({ key: 'a', count: 9_007_199_254_740_991, frames: [frame(4_294_967_295)] }),
      finding({ key: 'b', kind: 'notice', countsIn: 'a', frames: [], firstSeen: null, lastSeen: null }),
    ];
    const text = renderCsv(report({ findings }));
    expect(csvProblems(text, report({ findings }))).toEqual([]);
    expect(rowsOf(text)).toMatchObject([
      {
        key: 'a',
        count: '9007199254740991',
        firstFrame: '4294967295',
        firstFrameOffsetBytes: '429496729500',
      },
      {
        key: 'b',
        kind: 'notice',
        countsIn: 'a',
        firstFrame: '',
        frameCount: '0',
        firstSeen: '',
        frames: '[]',
      },
    ]);
  });

  it('gives the frames of each file', () => {
    const [capture] = analysis().captures;
    const captures = [capture, { ...capture, file: 1, path: 'b.pcap' }];
    const findings = [finding({ frames: [frame(7), frame(9, { file: 1 }), frame(3)] })];
    const [row] = rowsOf(renderCsv(report({ captures, findings })));
    expect(JSON.parse(row?.['frames'] ?? '')).toEqual([
      { file: 'trace.pcap', numbers: [7, 3] },
      { file: 'b.pcap', numbers: [9] },
    ]);
    expect(row).toMatchObject({ file: 'trace.pcap', firstFrame: '7', frameCount: '3' });
  });

  it('is a header row where nothing was found', () => {
    const text = renderCsv(report({ findings: [] }));
    expect(text).toMatch(/^article,[^\r\n]+\r\n$/);
  });

  it('has the columns of docs/formats.md, in order', () => {
    expect(renderCsv(report()).split('\r\n', 1)[0]?.split(',')).toEqual(documented('CSV'));
  });

  it.each([
    ['plain', 'plain'],
    ['a "b", c', 'a "b", c'],
    ['=1+1', "'=1+1"],
    [' -1', "' -1"],
    ["'@x", "''@x"],
    ['"+x', `'"+x`],
    ['a;=b', "a;'=b"],
    ['a-b=c', 'a-b=c'],
    ['\t=x', '\\t=x'],
    ['line\r\nbreak', 'line\\r\\nbreak'],
  ])('the text %j is the cell %j', (text, cell) => {
    expect(parse(csvText(text))).toEqual([[cell]]);
  });

  it('cuts a text at what a spreadsheet keeps', () => {
    const [[cell]] = parse(csvText('\u001b'.repeat(65_536))) as [[string]];
    expect(cell.length).toBe(32_767);
    expect(cell.endsWith('…')).toBe(true);
  });

  it.each([[{ a: 'x;=y', b: -1.5 }], [['=x', '"', '\u202e', ';@']]])('JSON is kept: %j', (value) => {
    const [[cell]] = parse(csvJson(value)) as [[string]];
    expect(JSON.parse(cell)).toEqual(value);
    expect(cell).not.toMatch(/;["\s]*[=@]|\u202e/);
  });
});

describe('NDJSON', () => {
  it('is the report in lines of the published shapes', () => {
    for (const changes of [{}, { findings: [], interrupted: true }, { timings: { openMillis: 1.5 } }]) {
      expect(ndjsonProblems([...ndjsonPieces(report(changes))].join(''), report(changes))).toEqual([]);
    }
  });

  it('has the lines of docs/formats.md, in order', () => {
    const types = (reportLineJsonSchema()['oneOf'] as Array<{ properties: { type: { const: string } } }>).map(
      ({ properties }) => properties.type.const,
    );
    expect(types).toEqual(documented('NDJSON'));
    const lines = [...ndjsonPieces(report())].join('').trimEnd().split('\n');
    const order = lines.map((line) => types.indexOf((JSON.parse(line) as { type: string }).type));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBe(0);
  });
});
