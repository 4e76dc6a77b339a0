import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/capture/errors.ts';
import { frameFilter, wiresharkCommand } from '../../src/report/display-filter.ts';
import { renderJson } from '../../src/report/json.ts';
import { toReport } from '../../src/report/model.ts';
import { analysis, exampleRules, finding, frame } from './example.ts';

const report = (changes = {}, options = {}) => toReport(analysis(changes), exampleRules, options);

describe('toReport', () => {
  it('puts messages into words', () => {
    const [only] = report().findings;
    expect(only).toMatchObject({
      title: 'Address used past its lease',
      summary: '10.0.0.5 was used for 1 min 24 s after its lease had expired.',
      why: 'The server 10.0.0.1 stopped answering renewals.',
      caveats: ['Only 1,234 packets were seen.'],
      refutations: ['A renewal that another capture point shows.'],
      firstSeen: '1998-01-01T00:02:11.000005Z',
      displayFilter: 'frame.number in {4, 131, 136}',
    });
    expect(Object.keys(only?.facts ?? {})).toEqual(['leaseSeconds', 'overrunSeconds', 'server']);
  });

  it('gives a verdict with what could not be judged and what was not examined', () => {
    expect(report().verdicts).toEqual([
      expect.objectContaining({
        verdict: 'found',
        reason:
          '1 lease was used past expiry. Not judged: 1 because the deciding bytes lie behind the snap length; ' +
          '2 whose lease does not expire inside the capture. Packets not examined that could have held one: 3 cut by the snap length.',
      }),
    ]);
  });

  it.each([
    ['clear', '1 lease judged, none used past expiry.'],
    ['inconclusive', 'No lease could be judged.'],
    ['not-applicable', 'No DHCP with a lease.'],
  ] as const)('words the verdict %s', (verdict, reason) => {
    const observed = { subjects: 1, judged: 1, undecided: {} };
    const verdicts = [
      { article: 'Q151387', verdict, observed, data: {}, notExamined: {}, findingsLeftOut: 0 },
    ];
    expect(report({ verdicts, findings: [] }).verdicts[0]?.reason).toBe(reason);
  });

  it('says what was judged, and that tables were full', () => {
    const verdict = {
      article: 'Q151387',
      verdict: 'clear' as const,
      observed: { subjects: 1, judged: 1, undecided: {} },
      data: {},
      notExamined: { evicted: 12_345 },
      findingsLeftOut: 0,
    };
    expect(report({ verdicts: [verdict], findings: [] }).verdicts[0]?.reason).toBe(
      '1 lease judged, none used past expiry. The tables were full: what was dropped, 12,345 times, could have shown the fault.',
    );
  });

  it('counts a fault that is part of another one once, and notices apart', () => {
    const findings = [
      finding({ key: 'a' }),
      finding({ key: 'b', severity: 'critical', countsIn: 'a' }),
      finding({ key: 'c', severity: 'warning', countsIn: 'not here' }),
      finding({ key: 'd', kind: 'notice' }),
    ];
    expect(report({ findings }).summary).toEqual({ critical: 0, error: 1, warning: 1, info: 0, notices: 1 });
  });

  it('leaves out findings below the tier asked for, and says so in the verdict', () => {
    const findings = [finding({ key: 'a' }), finding({ key: 'b', tier: 'suggestive' })];
    const shown = report({ findings }, { minTier: 'strong', choices: { minTier: 'strong' } });
    expect(shown.findings.map(({ key }) => key)).toEqual(['a']);
    expect(shown.verdicts[0]).toMatchObject({ verdict: 'found', findingsBelowMinTier: 1 });
    expect(shown.options).toEqual({ minTier: 'strong' });
  });

  it('cites frames of several files, with one filter for each', () => {
    const [capture] = analysis().captures;
    if (capture === undefined) throw new Error('the example has a capture');
    // The second of three could not be read.
    const captures = [capture, { ...capture, file: 2, path: 'b.pcap' }];
    const findings = [finding({ frames: [frame(9, { file: 2 }), frame(7), frame(3)] })];
    const [only] = report({ captures, findings }).findings;
    expect(only?.frames.map(({ file, number }) => `${file}#${number}`)).toEqual([
      'b.pcap#9',
      'trace.pcap#7',
      'trace.pcap#3',
    ]);
    expect(only?.displayFilter).toBe('frame.number in {3, 7}');
    expect(only?.displayFilters).toEqual([
      { file: 'trace.pcap', displayFilter: 'frame.number in {3, 7}' },
      { file: 'b.pcap', displayFilter: 'frame.number in {9}' },
    ]);
  });

  it('names inputs that could not be read', () => {
    const error = new CaptureError('missing', 'nix.pcap', 'no such file', 'Check the path.');
    const { failures } = toReport({ ...analysis(), failures: [error] }, exampleRules);
    expect(failures).toEqual([
      { path: 'nix.pcap', code: 'missing', message: 'no such file', hint: 'Check the path.', offset: null },
    ]);
  });

  it('refuses a message the rule does not have', () => {
    expect(() => report({ findings: [finding({ why: 'because' })] })).toThrow('no message because');
  });

  it('gives the same bytes for the same result, whatever the order of names', () => {
    const a = renderJson(report({ options: { 'b.x': 1, 'a.y': 2 } }));
    const b = renderJson(report({ options: { 'a.y': 2, 'b.x': 1 } }));
    expect(a).toBe(b);
  });
});

describe('filters', () => {
  it('select exactly the frames', () => {
    expect(frameFilter([12, 3, 12, 100])).toBe('frame.number in {3, 12, 100}');
    expect(frameFilter([])).toBe('frame.number == 0');
  });

  it('stand in a line to paste', () => {
    expect(wiresharkCommand("a b'.pcap", 'frame.number in {1}')).toBe(
      "wireshark -r 'a b'\\''.pcap' -Y 'frame.number in {1}'",
    );
    expect(wiresharkCommand('-', 'frame.number in {1}')).toContain('-r CAPTURE ');
  });
});
