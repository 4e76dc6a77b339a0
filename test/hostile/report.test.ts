/** Hostile strings in every field of a report, through every format that there is. */
import { describe, expect, it } from 'vitest';
import { FORMATS, render } from '../../src/report/formats.ts';
import { describeDevice } from '../../src/report/style.ts';
import { exampleRules } from '../report/example.ts';
import { CHECKS } from './checks.ts';
import { hostileReport } from './report.ts';
import { HOSTILE_STRINGS } from './strings.ts';
import { textProblems } from './unshowable.ts';

const device = describeDevice(null, {}, false);
const kinds = Object.entries(HOSTILE_STRINGS).map(([kind, texts]) => ({ kind, texts }));

it('every format has a check of its own: test/hostile/checks.ts', () => {
  expect(FORMATS.filter((format) => CHECKS[format] === undefined)).toEqual([]);
});

describe.each(FORMATS)('%s', (format) => {
  it.each(kinds)('lets no $kind strings through', async ({ texts }) => {
    const report = hostileReport(texts);
    const output = await render(report, format, device, { rules: exampleRules, exitCode: 4 });
    const check = CHECKS[format];
    if (check === undefined) throw new Error(`there is no check of hostile strings in ${format}`);
    expect(check(output, report)).toEqual([]);
  });

  it('is well-formed Unicode', async () => {
    const output = await render(hostileReport(HOSTILE_STRINGS.unicode), format, device);
    expect(Buffer.from(output).toString()).toBe(output);
  });
});

it.each(kinds)('text in colour is text with colour and nothing else: $kind', async ({ texts }) => {
  const report = hostileReport(texts);
  const coloured = await render(report, 'text', { ...device, hasColour: true });
  const plain = await render(report, 'text', device);
  expect(coloured).not.toBe(plain);
  expect(
    textProblems(coloured.replaceAll(new RegExp(`${String.fromCharCode(0x1b)}\\[\\d+m`, 'g'), '')),
  ).toEqual([]);
});

/** Outputs as a careless renderer would write them. Each must be refused, or the checks above show nothing. */
const CARELESS: ReadonlyArray<readonly [format: string, output: string]> = [
  ['text', 'subject \u001b[31mEVIL'],
  ['text', 'subject \u202eEVIL'],
  ['text', 'subject EVIL\nFORGED verdict'],
  ['json', '{"subject": "\u009bEVIL"}'],
  ['json', '{"schema": "kbdiag-report/1"}'],
  ['ndjson', '{"type":"verdict"}\n'],
  ['ndjson', '{"type":"report"}'],
  ['csv', 'subject\r\n"=EVIL"\r\n'],
  ['csv', 'subject\r\n"EVIL;=EVIL"\r\n'],
  ['csv', 'count\r\n18\r\n'],
  ['csv', 'subject\r\n"EVIL\nEVIL"\r\n'],
  ['csv', 'subject\n"EVIL"\n'],
  ['sarif', '{"runs": [{"results": [{"message": {"text": "[EVIL](http://evil.example)"}}]}]}'],
  ['sarif', '{"runs": [{"results": [{"message": {"text": "{0}"}}]}]}'],
  ['sarif', '{"runs": [{"results": [{"message": {"text": "\\u001b[2J"}}]}]}'],
  ['sarif', '{"runs": [{"artifacts": [{"location": {"uri": "a b"}}]}]}'],
  ['sarif', '{"runs": [{"artifacts": [{"location": {"uri": "http://evil.example"}}]}]}'],
  ['markdown', 'on [EVIL](http://evil.example)'],
  ['markdown', 'on ![EVIL](http://evil.example/evil.png)'],
  ['markdown', 'on <script>alert("EVIL")</script>'],
  ['markdown', 'on <!-- EVIL'],
  ['markdown', 'on http://evil.example/EVIL'],
  ['markdown', 'on evil@evil.example'],
  ['markdown', 'to @evil-team'],
  ['markdown', '| a | b |\n| --- | --- |\n| EVIL | EVIL | EVIL |'],
  ['markdown', 'on `EVIL'],
  ['markdown', 'on `` `EVIL ``` ``'.replace(' ``', '')],
  ['markdown', '```\nEVIL\n```\n```'],
  ['markdown', 'on **EVIL**'],
  ['markdown', 'on {code}EVIL{code}'],
  ['markdown', 'EVIL\n\n# FORGED'],
  ['markdown', '[EVIL]: http://evil.example'],
  ['markdown', 'on \u202eEVIL'],
  ['html', '<p>EVIL <script>alert("EVIL")</script></p>'],
  ['html', '<p title="" onmouseover="alert(EVIL)">EVIL</p>'],
  ['html', '<p>EVIL <img src=x onerror=alert("EVIL")></p>'],
  ['html', '<p>EVIL &#x202e;</p>'],
  ['html', '<p title="&#27;[2J">EVIL</p>'],
  ['html', '<p>EVIL \u202e</p>'],
  ['html', '<a href="javascript:alert(1)">EVIL</a>'],
  ['html', '<a href="http://evil.example">EVIL</a>'],
  ['html', '<p style="background: url(http://evil.example)">EVIL</p>'],
  ['html', '<p><!-- EVIL --></p>'],
];

it.each(CARELESS)('the check of %s refuses %j', (format, output) => {
  const report = hostileReport(['EVIL']);
  expect(CHECKS[format]?.(output, report)).not.toEqual([]);
});

/** What a careful renderer may write: a check that refuses these would refuse what is right. */
const CAREFUL: ReadonlyArray<readonly [format: string, output: string]> = [
  ['markdown', 'on `[EVIL](http://evil.example)` and \\[EVIL\\](http\\://evil.example)'],
  ['markdown', '| a | b |\n| --- | --- |\n| `EVIL \\| EVIL` | EVIL \\| EVIL |'],
  ['markdown', '<details>\n<summary>Frames</summary>\n\n````\n```\nFORGED <script>\n````\n\n</details>'],
  ['markdown', 'on `` `EVIL `` and &lt;script&gt; \\<script\\>'],
  ['html', '<p title="&quot; onmouseover=&quot;">EVIL &lt;script&gt; <a href="#q1">x</a></p>'],
];

it.each(CAREFUL)('the check of %s accepts %j', (format, output) => {
  expect(CHECKS[format]?.(`${output}\n`, hostileReport(['EVIL']))).toEqual([]);
});
