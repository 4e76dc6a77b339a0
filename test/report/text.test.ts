import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CAPTURE_OPTIONS } from '../../src/engine/shared-options.ts';
import { renderInfo, toCaptureInfo } from '../../src/report/info.ts';
import { renderTable } from '../../src/report/layout.ts';
import { toReport } from '../../src/report/model.ts';
import { renderExplanation, renderRule, renderRuleList } from '../../src/report/rule-pages.ts';
import { describeDevice } from '../../src/report/style.ts';
import { renderText } from '../../src/report/text.ts';
import { analysis, exampleRule, exampleRules, finding } from './example.ts';

const plain = { width: 100, hasColour: false };
const textOf = (changes = {}, device = plain) =>
  renderText(toReport(analysis(changes), exampleRules), device);
const order = (text: string, ...parts: string[]) => parts.map((part) => text.indexOf(part));

describe('the text report', () => {
  it('says what is wrong first and ends with the line that shows the proof', async () => {
    const text = await textOf();
    const places = order(
      text,
      '1 fault found: 1 error.',
      'ERROR Q151387',
      'Do  ',
      'lease ack',
      'Keep in mind',
      'wrong if',
      'Verdicts',
      'The capture',
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(text.endsWith("wireshark -r trace.pcap -Y 'frame.number in {4, 131, 136}'\n")).toBe(true);
  });

  it.each([60, 80, 120, 200])('fits %d columns, with and without colour', async (width) => {
    const hostile = finding({ key: 'b', subject: 'x'.repeat(50), kind: 'notice' });
    const uncoloured = await textOf({ findings: [finding(), hostile] }, { width, hasColour: false });
    const coloured = await textOf({ findings: [finding(), hostile] }, { width, hasColour: true });
    const lines = uncoloured.split('\n').filter((line) => !/wireshark|# Q/.test(line));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(uncoloured).toContain('00:02:11.123456  use');
    expect(coloured).toContain('\u001b[');
    expect(stripVTControlCharacters(coloured)).toBe(uncoloured);
  });

  it('keeps control characters of packets and file names from the terminal', async () => {
    const [capture] = analysis().captures;
    const evil = '\u001b]0;owned\u0007\u202e\n';
    const text = await textOf({
      captures: [{ ...capture, path: evil, linkTypes: [evil], oddities: { [evil]: 1 } }],
      findings: [finding({ subject: evil, domain: evil, data: { address: evil, server: evil, overrun: 1 } })],
    });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('\\x1b]0;owned\\x07\\u202e\\n');
  });

  it('says that nothing was found, and how much was left open', async () => {
    const observed = { subjects: 1, judged: 0, undecided: { cut: 1 } };
    const verdict = { article: 'Q151387', observed, data: {}, notExamined: {}, findingsLeftOut: 0 };
    expect(await textOf({ findings: [], verdicts: [{ ...verdict, verdict: 'clear' }] })).toContain(
      'No known fault found.\n',
    );
    expect(await textOf({ findings: [], verdicts: [{ ...verdict, verdict: 'inconclusive' }] })).toContain(
      'No known fault found. 1 of 1 article could not be judged.',
    );
  });

  it('says where a damaged capture ends, and that it was interrupted', async () => {
    const [capture] = analysis().captures;
    const damage = { code: 'cut-short', offset: 24_000, message: 'the record is cut short' };
    const text = await textOf({ captures: [{ ...capture, damage }], interrupted: true });
    expect(text).toContain('trace.pcap is damaged at byte 24,000: the record is cut short.');
    expect(text).toContain('Interrupted:');
  });

  it('lists what is beyond fifty findings in a table of at most 200 rows', async () => {
    const findings = Array.from({ length: 300 }, (_, index) =>
      finding({ key: String(index), subject: `host ${index}` }),
    );
    const text = await textOf({ findings });
    expect(text.match(/^ERROR/gm)).toHaveLength(50);
    expect(text).toContain('250 more findings');
    expect(text).toContain('host 249 ');
    expect(text).not.toContain('host 250 ');
    expect(text).toContain('… and 50 more.');
  });
});

describe('tables', () => {
  it('lose nothing of a long word', async () => {
    const word = 'abcdefghij'.repeat(20);
    const table = await renderTable(
      { width: 60, hasColour: false },
      [{ head: 'a' }, { head: 'b' }],
      [['x', word]],
    );
    expect(table.replace(/^A\s+B\s+x/, '').replace(/\s/g, '')).toBe(word);
    const swapped = await renderTable(
      { width: 60, hasColour: false },
      [{ head: 'a' }, { head: 'b' }],
      [[word, '']],
    );
    expect(swapped.replace(/^A\s+B/, '').replace(/\s/g, '')).toBe(word);
  });
});

describe('the other pages', () => {
  it.each([60, 200])('fit %d columns', async (width) => {
    const device = { width, hasColour: false };
    const pages = [
      await renderInfo(toCaptureInfo(analysis()), device),
      await renderRuleList(exampleRules, device),
      await renderRule(exampleRule, { capture: CAPTURE_OPTIONS }, device),
      renderExplanation(exampleRule, device),
    ];
    const longest = Math.max(...pages.flatMap((page) => page.split('\n').map((line) => line.length)));
    expect(longest).toBeLessThanOrEqual(width);
  });

  it('show every option with its default and unit', async () => {
    const page = await renderRule(exampleRule, { capture: CAPTURE_OPTIONS }, plain);
    expect(page).toMatch(/Q151387\.graceMinSeconds\s+10\s+s\s+The least time/);
    for (const name of Object.keys(CAPTURE_OPTIONS)) expect(page).toContain(`capture.${name}`);
    expect(page).toContain('An infinite lease.');
  });

  it('explain without placeholders', () => {
    const page = renderExplanation(exampleRule, plain);
    expect(page).toContain('… leases were used past expiry.');
    expect(page).not.toMatch(/[{}]/);
  });

  it('show what a capture is', async () => {
    const page = await renderInfo(toCaptureInfo(analysis()), plain);
    expect(page).toMatch(/size\s+24\.1 KiB \(24,690 bytes\)/);
    expect(page).toMatch(/150\s+73\.2 %\s+ICMP/);
    expect(page).not.toContain('TCP');
  });
});

describe('describeDevice', () => {
  const terminal = { isTTY: true, columns: 132 };
  it.each([
    [terminal, {}, undefined, true],
    [terminal, { NO_COLOR: '1' }, undefined, false],
    [terminal, { NO_COLOR: '' }, undefined, true],
    [terminal, { TERM: 'dumb' }, undefined, false],
    [terminal, {}, false, false],
    [null, {}, undefined, false],
    [null, { FORCE_COLOR: '1' }, undefined, true],
    [null, { FORCE_COLOR: '0' }, undefined, false],
    [null, { NO_COLOR: '1' }, true, true],
  ])('%j with %j and choice %s colours: %s', (stream, environment, choice, hasColour) => {
    expect(describeDevice(stream, environment, choice).hasColour).toBe(hasColour);
  });

  it('keeps the width in bounds', () => {
    expect(describeDevice(terminal, {}).width).toBe(132);
    expect(describeDevice({ isTTY: true, columns: 20 }, {}).width).toBe(60);
    expect(describeDevice({ isTTY: true, columns: 999 }, {}).width).toBe(200);
    expect(describeDevice(null, {}).width).toBe(100);
  });
});
