/** The contract between engine and rules, shown with rules made for it. */
import { describe, expect, it } from 'vitest';
import { ENCODINGS, Host, Script } from '../../samples/craft/index.ts';
import type { FrameCitation, Tier } from '../../src/engine/result.ts';
import { defineRule, type FindingReport, type Rule, type RuleContext } from '../../src/engine/rule.ts';
import { run } from './run.ts';

const A = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });

function capture(): Script {
  const script = new Script({ interfaces: [{ name: 'eth0' }] });
  for (let at = 0; at < 10; at += 1) script.at(at, A.arpRequest('10.0.0.1'));
  return script;
}

function ruleOf(id: string, end: (context: RuleContext) => void): Rule {
  const article = { id, title: id, symptom: '', cause: '', resolution: '', products: [], related: [] };
  const messages = { clear: '', found: '', suspected: '', inconclusive: '', notApplicable: '' };
  return defineRule({
    meta: {
      article,
      title: id,
      area: 'test',
      severity: { definitive: 'error', strong: 'warning', suggestive: 'info' },
      qualifiers: { worse: { severity: 'critical', when: 'in the worst case' } },
      needs: ['arp'],
      options: {},
      messages,
      lookAlikes: [],
      refutations: [],
      couldHide: ['truncated', 'ipv6'],
    },
    create: (context) => ({ end: () => end(context) }),
  });
}

function frame(number: number): FrameCitation {
  return {
    number,
    file: 0,
    time: { seconds: number, nanos: 0, precision: 6 },
    role: 'use',
    summary: '',
    offsetBytes: 0,
    capturedBytes: 0,
  };
}

function report(tier: Tier, fields: Partial<FindingReport> = {}): FindingReport {
  return {
    kind: 'fault',
    candidates: [{ tier, absence: null, restsOnMac: false, summary: tier }],
    domain: 0,
    subject: 'x',
    hosts: ['10.0.0.5'],
    macs: [],
    frames: [frame(1)],
    count: 1,
    why: '',
    whatToDo: '',
    caveats: [],
    data: {},
    facts: {},
    series: [],
    ...fields,
  };
}

const resultOf = async (end: (context: RuleContext) => void, script = capture()) =>
  run(script, ENCODINGS.pcapng, [ruleOf('Q1', end)]);

describe('a verdict is the first that holds', () => {
  it.each<readonly [name: string, end: (context: RuleContext) => void, verdict: string]>([
    ['found, of a definitive one', (context) => void context.report(report('definitive')), 'found'],
    ['found, of a strong one', (context) => void context.report(report('strong')), 'found'],
    [
      'suspected',
      (context) => {
        context.report(report('suggestive'));
        context.judged();
      },
      'suspected',
    ],
    [
      'found before suspected',
      (context) => {
        context.report(report('suggestive'));
        context.report(report('strong', { subject: 'y' }));
      },
      'found',
    ],
    [
      'clear',
      (context) => {
        context.judged();
        context.undecided('cut');
      },
      'clear',
    ],
    [
      'clear in spite of notices',
      (context) => {
        context.judged();
        context.report(report('definitive', { kind: 'notice' }));
      },
      'clear',
    ],
    ['inconclusive', (context) => context.undecided('cut'), 'inconclusive'],
    ['not applicable', () => undefined, 'not-applicable'],
  ])('%s', async (_name, end, verdict) => {
    expect((await resultOf(end)).verdicts[0]?.verdict).toBe(verdict);
  });

  it('and inconclusive where a subject could have been in what was not examined', async () => {
    const script = capture().at(
      20,
      A.ipFrame('00:00:00:00:00:09', new Uint8Array(40)).with(12, 0x86).with(13, 0xdd),
    );
    const [verdict] = (await resultOf(() => undefined, script)).verdicts;
    expect(verdict).toMatchObject({ verdict: 'inconclusive', notExamined: { ipv6: 1 } });
    expect((await resultOf((context) => context.judged(), script)).verdicts[0]?.verdict).toBe('clear');
  });

  it('counts subjects by reason, sorted', async () => {
    const [verdict] = (
      await resultOf((context) => {
        context.undecided('cut');
        context.judged();
        context.undecided('captureGap');
        context.undecided('cut');
      })
    ).verdicts;
    expect(verdict?.observed).toEqual({ subjects: 4, judged: 1, undecided: { captureGap: 1, cut: 2 } });
    expect(Object.keys(verdict?.observed.undecided ?? {})).toEqual(['captureGap', 'cut']);
  });
});

describe('findings', () => {
  it('of one key are one: the higher tier stays, frames and counts merge', async () => {
    for (const order of [
      ['strong', 'definitive'],
      ['definitive', 'strong'],
    ] as const) {
      const { findings } = await resultOf((context) => {
        for (const [at, tier] of order.entries())
          context.report(report(tier, { frames: [frame(9 - at), frame(3)], count: 5 }));
      });
      expect(findings.length).toBe(1);
      expect(findings[0]).toMatchObject({
        tier: 'definitive',
        summary: 'definitive',
        confidence: 0.97,
        severity: 'error',
        count: 10,
        key: 'Q1|eth0|x',
      });
      expect(findings[0]?.frames.map(({ number }) => number)).toEqual([3, 8, 9]);
      expect([findings[0]?.firstSeen?.seconds, findings[0]?.lastSeen?.seconds]).toEqual([3, 9]);
    }
  });

  it('have the severity of a qualifier only at the tier it was given for', async () => {
    const qualified = (tier: Tier, absence: { from: number; to: number } | null): FindingReport =>
      report(tier, { candidates: [{ tier, absence, restsOnMac: false, summary: '', qualifier: 'worse' }] });
    const whole = await resultOf(
      (context) => void context.report(qualified('definitive', { from: 1, to: 5 })),
    );
    expect(whole.findings[0]).toMatchObject({ tier: 'definitive', severity: 'critical' });
    const lossy = capture().at(20, A.arpRequest('10.0.0.1'), { dropsBefore: 1 });
    const capped = await resultOf(
      (context) => void context.report(qualified('definitive', { from: 1, to: 5 })),
      lossy,
    );
    expect(capped.health.drops.packets).toBe(1);
    expect(capped.findings[0]?.severity).not.toBe('critical');
  });

  it('cite at most 24 frames, the first and the last ones, each once', async () => {
    const frames = Array.from({ length: 60 }, (_, at) => frame(1 + (at % 40)));
    const { findings } = await resultOf(
      (context) => void context.report(report('strong', { frames, count: 40 })),
    );
    const numbers = findings[0]?.frames.map(({ number }) => number);
    expect(numbers).toEqual([...Array.from({ length: 20 }, (_, at) => at + 1), 37, 38, 39, 40]);
  });

  it('are kept up to 1,000, and counted beyond; the verdict knows all', async () => {
    const { findings, verdicts } = await resultOf((context) => {
      for (let at = 0; at < 1300; at += 1)
        context.report(report(at === 1299 ? 'strong' : 'suggestive', { subject: `s${at}` }));
    });
    expect(findings.length).toBe(1000);
    expect(verdicts[0]).toMatchObject({ verdict: 'found', findingsLeftOut: 300 });
  });

  it('have at most 512 points a series', async () => {
    const points = Array.from({ length: 900 }, (_, at) => [at, at] as const);
    const { findings } = await resultOf(
      (context) => void context.report(report('strong', { series: [{ name: 'n', unit: 's', points }] })),
    );
    expect(findings[0]?.series[0]?.points.length).toBe(512);
  });

  it('on one host are related, and one counts in the other where that is found', async () => {
    const analysed = async (tier: Tier, kind: 'fault' | 'notice' = 'fault', hosts = ['10.0.0.5']) => {
      const both = [
        ruleOf('Q1', (context) => void context.report(report('strong', { countsIn: ['Q2'] }))),
        ruleOf('Q2', (context) => void context.report(report(tier, { kind, hosts }))),
      ];
      const { findings } = await run(capture(), ENCODINGS.pcapng, both);
      return findings.map(({ related, countsIn }) => ({ related, countsIn }));
    };
    expect(await analysed('definitive')).toEqual([
      { related: ['Q2|eth0|x'], countsIn: 'Q2|eth0|x' },
      { related: ['Q1|eth0|x'], countsIn: null },
    ]);
    const notCounted = [
      { related: ['Q2|eth0|x'], countsIn: null },
      { related: ['Q1|eth0|x'], countsIn: null },
    ];
    expect(await analysed('suggestive')).toEqual(notCounted);
    expect(await analysed('definitive', 'notice')).toEqual(notCounted);
    expect(await analysed('definitive', 'fault', ['10.0.0.6'])).toEqual([
      { related: [], countsIn: null },
      { related: [], countsIn: null },
    ]);
  });
});
