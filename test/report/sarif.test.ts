import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/capture/errors.ts';
import { pathUri, sarifText } from '../../src/report/escape.ts';
import { toReport } from '../../src/report/model.ts';
import { renderSarif, toSarif } from '../../src/report/sarif.ts';
import type { SarifOptions } from '../../src/report/sarif.ts';
import type { Report } from '../../src/report/schema.ts';
import { schemaViolations } from '../hostile/sarif-check.ts';
import { analysis, exampleRules, finding, frame } from './example.ts';

interface Run {
  readonly tool: { readonly driver: { readonly rules: unknown[]; readonly notifications: unknown[] } };
  readonly invocations: readonly [
    {
      readonly executionSuccessful: boolean;
      readonly exitCode?: number;
      readonly toolExecutionNotifications: ReadonlyArray<{
        readonly descriptor: { readonly id: string };
        readonly level: string;
        readonly locations?: unknown[];
      }>;
    },
  ];
  readonly artifacts: unknown[];
  readonly results: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

function runOf(report: Report, options: SarifOptions = { rules: exampleRules }): Run {
  const log = toSarif(report, options);
  expect(schemaViolations(log)).toEqual([]);
  const [run] = log['runs'] as readonly Run[];
  if (run === undefined) throw new Error('a log has a run');
  return run;
}

const report = (changes = {}, options = {}) => toReport(analysis(changes), exampleRules, options);
const [capture] = analysis().captures;
if (capture === undefined) throw new Error('the example has a capture');

describe('results', () => {
  it('have a rule, a place, the frames of the proof and a fingerprint', () => {
    const [result] = runOf(report()).results;
    expect(result).toMatchObject({
      ruleId: 'Q151387',
      ruleIndex: 0,
      kind: 'fail',
      level: 'error',
      rank: 97,
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'trace.pcap', index: 0 },
            region: { byteOffset: 400, byteLength: 74 },
          },
          logicalLocations: [{ fullyQualifiedName: 'frame/4', kind: 'frame' }],
          message: { text: 'lease ack: DHCP ACK 10.0.0.5, lease 120 s' },
        },
      ],
      relatedLocations: [
        { id: 1, logicalLocations: [{ fullyQualifiedName: 'frame/131' }] },
        { id: 2, logicalLocations: [{ fullyQualifiedName: 'frame/136' }] },
      ],
      partialFingerprints: {
        'findingKey/v1': createHash('sha256').update('Q151387|interface 0|10.0.0.5').digest('hex'),
      },
      properties: { key: 'Q151387|interface 0|10.0.0.5', facts: { leaseSeconds: 120 } },
    });
    const { message } = { ...result } as { readonly message?: { readonly text: string } };
    expect(message?.text.split('\n\n')).toEqual([
      '10.0.0.5 was used for 1 min 24 s after its lease had expired.',
      'The server 10.0.0.1 stopped answering renewals.',
      'Renew or release the address on the client.',
      'Only 1,234 packets were seen.',
    ]);
  });

  it.each([
    ['critical', 'error'],
    ['error', 'error'],
    ['warning', 'warning'],
    ['info', 'note'],
  ] as const)('a fault of severity %s has level %s', (severity, level) => {
    expect(runOf(report({ findings: [finding({ severity })] })).results).toMatchObject([
      { kind: 'fail', level },
    ]);
  });

  it('a notice is a note, and the verdict beside it a result of its own', () => {
    const { verdicts } = analysis();
    const [verdict] = verdicts;
    const changes = {
      findings: [finding({ kind: 'notice', severity: 'error' })],
      verdicts: [{ ...verdict, verdict: 'clear' as const }],
    };
    const { results } = runOf(report(changes));
    expect(results).toMatchObject([
      { kind: 'fail', level: 'note', properties: { kind: 'notice' } },
      { kind: 'pass', level: 'none' },
    ]);
    expect(results[0]).not.toHaveProperty('rank');
  });

  it.each([
    ['clear', 'pass'],
    ['inconclusive', 'open'],
    ['not-applicable', 'notApplicable'],
    ['found', 'review'],
    ['suspected', 'review'],
  ] as const)('a verdict of %s without a finding is of kind %s', (verdict, kind) => {
    const observed = { subjects: 1, judged: 1, undecided: {} };
    const verdicts = [
      { article: 'Q151387', verdict, observed, data: {}, notExamined: {}, findingsLeftOut: 0 },
    ];
    expect(runOf(report({ verdicts, findings: [] })).results).toMatchObject([
      { ruleId: 'Q151387', kind, level: 'none', properties: { verdict, observed } },
    ]);
  });

  it('name the file of each frame', () => {
    const captures = [
      capture,
      { ...capture, file: 1, path: 'ring/b c.pcap' },
      { ...capture, file: 2, path: '/var/d.pcap' },
    ];
    const findings = [
      finding({ frames: [frame(9, { file: 1 }), frame(9, { file: 2 }), frame(9, { file: 0 })] }),
    ];
    const run = runOf(report({ captures, findings }));
    expect(run.artifacts).toMatchObject([
      { location: { uri: 'trace.pcap' } },
      { location: { uri: 'ring/b%20c.pcap' } },
      { location: { uri: 'file:///var/d.pcap' } },
    ]);
    const uris = JSON.stringify(run.results[0]).match(/"uri":"[^"]*","index":\d/g);
    expect(uris).toEqual([
      '"uri":"ring/b%20c.pcap","index":1',
      '"uri":"file:///var/d.pcap","index":2',
      '"uri":"trace.pcap","index":0',
    ]);
  });
});

describe('the invocation', () => {
  const idsOf = (run: Run) =>
    run.invocations[0].toolExecutionNotifications.map(({ descriptor, level }) => `${descriptor.id} ${level}`);

  it('tells the exit code, and is successful on sound captures', () => {
    const { invocations } = runOf(report(), { rules: exampleRules, exitCode: 1 });
    expect(invocations[0]).toMatchObject({ executionSuccessful: true, exitCode: 1 });
    expect(runOf(report()).invocations[0]).not.toHaveProperty('exitCode');
  });

  it('is not successful where results can be missing, and says why', () => {
    const damage = { code: 'cut-short' as const, offset: 99, message: 'cut' };
    const damaged = runOf(report({ captures: [{ ...capture, damage }] }));
    expect(damaged.invocations[0].executionSuccessful).toBe(false);
    expect(damaged.invocations[0].toolExecutionNotifications[0]).toMatchObject({
      descriptor: { id: 'capture-damaged' },
      level: 'error',
      message: { text: 'cut. The report covers the 205 packets before it.' },
      locations: [{ physicalLocation: { region: { byteOffset: 99, byteLength: 0 } } }],
    });
    const interrupted = runOf(report({ interrupted: true }));
    expect(interrupted.invocations[0].executionSuccessful).toBe(false);
    expect(idsOf(interrupted)).toContain('interrupted error');
    const failures = [new CaptureError('missing', 'nix.pcap', 'no such file', 'Check the path.')];
    const failed = runOf(toReport({ ...analysis(), failures }, exampleRules));
    expect(failed.invocations[0].executionSuccessful).toBe(false);
    expect(idsOf(failed)).toContain('input-not-read error');
    expect(failed.artifacts).toMatchObject([{}, { location: { uri: 'nix.pcap' } }]);
  });

  it('says what was left out and what the capture is worth', () => {
    const [verdict] = analysis().verdicts;
    const changes = {
      captures: [{ ...capture, oddities: { 'time-fraction': 2 } }],
      verdicts: [{ ...verdict, findingsLeftOut: 7 }],
      findings: [finding({ tier: 'suggestive' as const })],
    };
    const ids = idsOf(runOf(report(changes, { minTier: 'strong' })));
    expect(ids).toEqual([
      'findings-left-out warning',
      'findings-below-tier note',
      'capture-oddity note',
      'capture-health note',
      'capture-health note',
    ]);
  });
});

it('rules carry the article, and do without it where it is not given', () => {
  const [rule] = runOf(report()).tool.driver.rules;
  expect(rule).toMatchObject({
    id: 'Q151387',
    name: 'AddressUsedPastItsLease',
    fullDescription: { text: expect.stringContaining('DHCP client may not release its address') as string },
    help: { text: expect.stringContaining('Cause: The client asks its user') as string },
    defaultConfiguration: { level: 'error' },
  });
  expect(runOf(report(), {}).tool.driver.rules).toEqual([
    {
      id: 'Q151387',
      name: 'AddressUsedPastItsLease',
      shortDescription: { text: 'Address used past its lease.' },
    },
  ]);
});

it('standard input has no address, and a file that was given twice is one artifact', () => {
  const run = runOf(
    report({
      captures: [
        { ...capture, path: '-' },
        { ...capture, path: '-' },
      ],
    }),
  );
  expect(run.artifacts).toMatchObject([
    { description: { text: 'standard input' }, roles: ['analysisTarget', 'standardStream'] },
  ]);
  expect(JSON.stringify(run)).not.toContain('"uri"');
});

it('offsets of a packed capture are said to be those of the unpacked one', () => {
  expect(runOf(report({ captures: [{ ...capture, compression: 'gzip' }] })).artifacts).toMatchObject([
    {
      mimeType: 'application/gzip',
      description: { text: 'gzip: byte offsets count in the unpacked capture' },
      length: 24_690,
    },
  ]);
});

it('has the same bytes every time', () => {
  const options = { rules: exampleRules, exitCode: 0 };
  expect(renderSarif(report(), options)).toBe(renderSarif(report(), options));
});

describe('pathUri', () => {
  it.each([
    ['trace.pcap', '/', 'trace.pcap'],
    ['./-x.pcap', '/', './-x.pcap'],
    ['../a b/c#1?.pcap', '/', '../a%20b/c%231%3F.pcap'],
    ['a:b.pcap', '/', 'a%3Ab.pcap'],
    ['/var/log/t.pcap', '/', 'file:///var/log/t.pcap'],
    ['100%.pcap', '/', '100%25.pcap'],
    ['a\\b.pcap', '/', 'a%5Cb.pcap'],
    ["it's (1).pcap", '/', 'it%27s%20%281%29.pcap'],
    ['x\ny\u202e.pcap', '/', 'x%0Ay%E2%80%AE.pcap'],
    ['half \ud800.pcap', '/', 'half%20%EF%BF%BD.pcap'],
    ['C:\\traces\\t 1.pcap', '\\', 'file:///C:/traces/t%201.pcap'],
    ['traces\\t.pcap', '\\', 'traces/t.pcap'],
    ['\\\\server\\share\\t.pcap', '\\', 'file://server/share/t.pcap'],
  ])('%j with %s is %s', (path, separator, uri) => {
    expect(pathUri(path, separator)).toBe(uri);
  });
});

it.each([
  ['[a](http://b)', '[a] (http://b)'],
  ['eth[0] {eth}', 'eth[0] {eth}'],
  ['{0} {12:x}', '{ 0} { 12:x}'],
  ['a\u001b\nb', 'a\\x1b\\nb'],
])('sarifText shows %j as %j', (text, shown) => {
  expect(sarifText(text)).toBe(shown);
});
