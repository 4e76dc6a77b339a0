import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit.ts';
import { comparedWith, unmatchedKeys, withoutIgnored } from '../../src/report/known.ts';
import { toReport } from '../../src/report/model.ts';
import { analyzeCommand } from '../../src/report/reproduce.ts';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { renderText } from '../../src/report/text.ts';
import { analysis, at, exampleRules, finding } from './example.ts';

const plain = { width: 100, hasColour: false };
const KEYS = ['a', 'b', 'c', 'd'];
const reportOf = (keys: readonly string[], changes = {}): Report =>
  toReport(
    analysis({
      findings: keys.map((key) => finding({ key, ...(key === 'd' ? { kind: 'notice' } : {}) })),
      ...changes,
    }),
    exampleRules,
  );
const some = fc.uniqueArray(fc.constantFrom(...KEYS));

describe('ignored findings', () => {
  it('and those that are left are all findings, and nothing else changes', () => {
    fc.assert(
      fc.property(some, some, (present, ignored) => {
        const whole = reportOf(present);
        const rest = withoutIgnored(whole, new Set(ignored));
        const kept = rest.findings.map(({ key }) => key);
        expect(kept).toEqual(present.filter((key) => !ignored.includes(key)));
        expect(rest.verdicts[0]?.findingsIgnored).toBe(present.length - kept.length);
        expect(rest.summary).toEqual(reportOf(kept).summary);
        expect(rest.verdicts[0]).toMatchObject(whole.verdicts[0] ?? {});
        expect(unmatchedKeys(ignored, whole.findings)).toEqual(
          ignored.filter((key) => !present.includes(key)),
        );
        expect(reportSchema.parse(rest)).toEqual(rest);
      }),
    );
  });

  it('may be named as JSON has them and as a terminal shows them', () => {
    const key = 'Q151387|eth0|name \u001b[31mx';
    for (const wanted of [key, 'Q151387|eth0|name \\x1b[31mx']) {
      expect(withoutIgnored(reportOf([key]), new Set([wanted])).findings).toEqual([]);
      expect(unmatchedKeys([wanted], reportOf([key]).findings)).toEqual([]);
    }
  });

  it('no longer hold what was counted in them', () => {
    const findings = [finding({ key: 'a' }), finding({ key: 'b', severity: 'critical', countsIn: 'a' })];
    const report = toReport(analysis({ findings }), exampleRules);
    expect(report.summary).toMatchObject({ critical: 0, error: 1 });
    expect(withoutIgnored(report, new Set(['a'])).summary).toMatchObject({ critical: 1, error: 0 });
  });

  it('are told in the text', async () => {
    const text = await renderText(withoutIgnored(reportOf(['a', 'b']), new Set(['a', 'b'])), plain);
    expect(text).toContain('No other known fault found. 2 findings ignored as asked.\n');
    expect(text.replace(/\s+/g, ' ')).toContain('snap length. 2 findings ignored as asked.');
    expect(await renderText(withoutIgnored(reportOf(['a', 'b']), new Set(['a'])), plain)).toContain(
      '1 fault found: 1 error. 1 finding ignored as asked.\n',
    );
  });
});

describe('a baseline', () => {
  it('marks what it has, and counts it apart', () => {
    fc.assert(
      fc.property(some, some, (present, earlier) => {
        const compared = comparedWith(reportOf(present), new Set(earlier));
        const isKnown = (key: string) => earlier.includes(key);
        expect(compared.findings.map(({ key, known }) => [key, known])).toEqual(
          present.map((key) => [key, isKnown(key)]),
        );
        expect(compared.baseline).toEqual({
          known: present.filter(isKnown).length,
          new: present.filter((key) => !isKnown(key)).length,
          absent: earlier.filter((key) => !present.includes(key)).length,
        });
        expect(reportSchema.parse(compared)).toEqual(compared);
        // Only a new fault counts; a notice never does.
        const isNewFault = present.some((key) => key !== 'd' && !isKnown(key));
        expect(exitCodeOf(compared, 'info')).toBe(isNewFault ? 1 : 0);
      }),
    );
  });

  it('stands in the text beside each finding, the new ones first', async () => {
    const findings = [
      finding({ key: 'a', severity: 'critical' }),
      finding({ key: 'b', severity: 'warning' }),
    ];
    const report = toReport(analysis({ findings }), exampleRules);
    const text = await renderText(comparedWith(report, new Set(['a'])), plain);
    expect(text).toContain('2 faults found: 1 critical, 1 warning; 1 of them new since the baseline.\n');
    expect(text.indexOf('WARNING Q151387: Address used past its lease\n')).toBeGreaterThan(0);
    expect(text.indexOf('CRITICAL Q151387: Address used past its lease (known)\n')).toBeGreaterThan(
      text.indexOf('WARNING Q151387'),
    );
    expect(text).toContain('Known      The baseline has it as well; --fail-on does not count it.');
    expect(await renderText(comparedWith(report, new Set(['a', 'b'])), plain)).toContain(
      '; none of them new since',
    );
    expect(await renderText(comparedWith(report, new Set()), plain)).toContain('; all of them new since');
  });
});

describe('the text of a report on a part', () => {
  const [capture] = analysis().captures;
  if (capture === undefined) throw new Error('the example has a capture');
  const examined = { packets: 20, firstTime: at(10), lastTime: at(30) };
  const part = (packets: number) =>
    toReport(
      analysis({
        captures: [{ ...capture, examined: { ...examined, packets } }],
        period: { from: at(10), to: null },
        findings: [],
        verdicts: [],
      }),
      exampleRules,
      { hosts: ['10.0.0.5'], choices: { from: '+9s', host: ['10.0.0.5'] } },
    );

  it('says which part', async () => {
    const text = (await renderText(part(20), plain)).replace(/\s+/g, ' ');
    expect(text).toContain('Only a part was examined: 20 of 205 packets, from 1998-01-01T00:00:10.000000Z.');
    expect(text).toContain('Only findings and verdicts that concern 10.0.0.5 are told');
    expect(text).toContain('No known fault found that concerns 10.0.0.5 in the part examined.');
    expect(text).toContain('Options: from=+9s, host=10.0.0.5');
    expect(reportSchema.parse(part(20))).toEqual(part(20));
  });

  it('says that there was nothing in it', async () => {
    expect((await renderText(part(0), plain)).replace(/\s+/g, ' ')).toContain(
      'No packet lies in the period asked for, from 1998-01-01T00:00:10.000000Z: this report says nothing about the rest.',
    );
  });

  it.each([
    ['found', 1, '1 finding names 10.0.0.5 or pc1.'],
    ['suspected', 1, '1 finding names 10.0.0.5 or pc1, none of them sure.'],
    ['clear', 0, '1 subject with 10.0.0.5 or pc1 judged, none with this fault.'],
    ['inconclusive', 0, 'Nothing that concerns 10.0.0.5 or pc1 could be judged.'],
    ['not-applicable', 0, 'Nothing that this rule judges concerns 10.0.0.5 or pc1.'],
  ] as const)('words the verdict %s for hosts', (verdict, findings, reason) => {
    const observed = { subjects: 1, judged: 1, undecided: {} };
    const verdicts = [
      { article: 'Q151387', verdict, observed, data: {}, notExamined: {}, findingsLeftOut: 0 },
    ];
    const result = analysis({ verdicts, findings: findings > 0 ? [finding()] : [] });
    expect(toReport(result, exampleRules, { hosts: ['10.0.0.5', 'pc1'] }).verdicts[0]?.reason).toBe(reason);
  });
});

describe('the command that makes a report again', () => {
  it('has files and options, each one word of a shell', () => {
    const { captures } = analysis();
    const [capture] = captures;
    const report = toReport(
      analysis({
        captures: capture
          ? [
              { ...capture, path: "a b'.pcap" },
              { ...capture, path: '-' },
            ]
          : [],
      }),
      exampleRules,
      {
        choices: {
          minTier: 'strong',
          host: ['10.0.0.5', 'pc1'],
          ignore: ['Q1|eth0, VLAN 2|x\u001b'],
          tz: '-05:00',
        },
      },
    );
    expect(analyzeCommand({ ...report, options: { ...report.options, 'Q151387.graceMinSeconds': 60 } })).toBe(
      "kbdiag analyze 'a b'\\''.pcap' CAPTURE --host=10.0.0.5 --host=pc1 $'--ignore=Q1|eth0, VLAN 2|x\\033'" +
        ' --min-tier=strong --tz=-05:00 --set=Q151387.graceMinSeconds=60',
    );
  });
});
