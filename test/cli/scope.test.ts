/** What a report is about and what of it is known, as a user asks for it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { arePeersRequired, hasPeer } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { arpCapture, run, write } from './kbdiag.ts';

const folder = temporaryFolder();
const sample = (name: string) => fileURLToPath(new URL(`../../samples/${name}`, import.meta.url));
/** A duplicate address that counts in the use past the lease that led to it, on eth0. */
const TWO = sample('q151387-p2-second-holder.pcapng');
const ONE = sample('q151387-p1-definitive.pcap');
const ONE_KEY = 'Q151387|interface 0|10.0.0.77 on 00:60:8c:2a:10:77';
write(folder, 'arp.pcap', arpCapture(5));

const analyze = (...args: string[]) => run(['analyze', ...args], folder);

async function reportOf(...args: string[]): Promise<Report> {
  const { stdout, stderr } = await analyze('-f', 'json', ...args);
  const report = reportSchema.parse(JSON.parse(stdout));
  // Nothing in it that the contract does not know.
  expect({ report, stderr }).toEqual({ report: JSON.parse(stdout) as Report, stderr: '' });
  return report;
}

const keysOf = ({ findings }: Report) => findings.map(({ key }) => key);

describe('--ignore', () => {
  it('leaves the finding out of report and --fail-on, and its verdict says so', async () => {
    expect((await analyze(ONE, '--fail-on', 'info')).code).toBe(1);
    expect((await analyze(ONE, '--fail-on', 'info', '--ignore', ONE_KEY)).code).toBe(0);
    const report = await reportOf(ONE, '--ignore', ONE_KEY);
    expect(report).toMatchObject({ findings: [], summary: { error: 0 }, options: { ignore: [ONE_KEY] } });
    const verdict = report.verdicts.find(({ article }) => article === 'Q151387');
    expect(verdict).toMatchObject({ verdict: 'found', findingsIgnored: 1 });
  });

  it('takes the key that the text shows, several of them', async () => {
    const { stdout } = await analyze(TWO);
    const shown = [...stdout.matchAll(/^ {2}Key {8}(.+)$/gm)].map((match) => match[1] ?? '');
    const whole = await reportOf(TWO);
    expect(shown.toSorted()).toEqual(keysOf(whole).toSorted());
    expect(shown).toHaveLength(2);
    const rest = await reportOf(TWO, ...shown.flatMap((key) => ['--ignore', key]));
    expect(keysOf(rest)).toEqual([]);
    // Each alone leaves the other: together they are all.
    const parts = await Promise.all(shown.map((key) => reportOf(TWO, '--ignore', key)));
    expect(parts.flatMap(keysOf).toSorted()).toEqual(shown.toSorted());
  });

  it('says which key fits nothing, with the one that was meant', async () => {
    const near = ONE_KEY.replace('interface 0', 'interface 1');
    const { code, stderr } = await analyze(ONE, '--ignore', near, '--ignore', '\u001b[2J');
    expect(code).toBe(0);
    expect(stderr).toBe(
      `kbdiag: --ignore ${near} fits no finding; did you mean ${ONE_KEY}?\nkbdiag: --ignore \\x1b[2J fits no finding\n`,
    );
    expect((await analyze(ONE, '--ignore', near, '--quiet')).stderr).toBe('');
  });

  it('knows a finding that --min-tier keeps out anyway', async () => {
    const weak = sample('q151387-p8-broadcasts-only.pcap');
    const [key = ''] = keysOf(await reportOf(weak));
    expect((await analyze(weak, '--min-tier', 'strong', '--ignore', key)).stderr).toBe('');
  });
});

describe('--baseline', () => {
  async function baselineOf(name: string, ...args: string[]): Promise<string> {
    expect((await analyze('-f', 'json', '-o', name, ...args)).code).toBe(0);
    return name;
  }

  it('with the same findings lists them as known, and nothing fails', async () => {
    const path = await baselineOf('same.json', TWO);
    const report = await reportOf(TWO, '--baseline', path);
    expect(report.findings.map(({ known }) => known)).toEqual([true, true]);
    expect(report).toMatchObject({
      baseline: { known: 2, new: 0, absent: 0 },
      summary: { known: 1 },
      options: { baseline: path },
    });
    expect((await analyze(TWO, '--baseline', path, '--fail-on', 'info')).code).toBe(0);
    const { stdout } = await analyze(TWO, '--baseline', path);
    expect(stdout).toContain('known from the baseline');
    expect(stdout.match(/^[A-Z]+ Q\d+: .+ \(known\)$/gm)).toHaveLength(2);
  });

  it('without one of them fails for that one', async () => {
    const [first = '', second = ''] = keysOf(await reportOf(TWO));
    const path = await baselineOf('first.json', TWO, '--ignore', second);
    const { findings, baseline } = await reportOf(TWO, '--baseline', path);
    expect(findings.map(({ key, known }) => [key, known])).toEqual([
      [first, true],
      [second, false],
    ]);
    expect(baseline).toEqual({ known: 1, new: 1, absent: 0 });
    expect((await analyze(TWO, '--baseline', path, '--fail-on', 'info')).code).toBe(1);
    expect((await analyze(TWO, '--baseline', path, '--ignore', second, '--fail-on', 'info')).code).toBe(0);
  });

  it('of another capture knows nothing of this one', async () => {
    const path = await baselineOf('other.json', ONE);
    expect((await reportOf(TWO, '--baseline', path)).baseline).toEqual({ known: 0, new: 2, absent: 1 });
    expect((await analyze(TWO, '--baseline', path, '--fail-on', 'info')).code).toBe(1);
  });

  it('made before fields were added is a baseline still, and one with more fields as well', async () => {
    const path = await baselineOf('plain.json', ONE);
    const report = JSON.parse(readFileSync(join(folder, path), 'utf8')) as Report;
    write(
      folder,
      'later.json',
      `\uFEFF${JSON.stringify({ ...report, tool: { name: 'kbdiag', version: '9.0.0' }, more: 1 })}`,
    );
    expect((await reportOf(ONE, '--baseline', 'later.json')).baseline).toMatchObject({ known: 1 });
  });

  const valid = { schema: 'kbdiag-report/1', tool: { name: 'kbdiag', version: '0.1.0' } };
  it.each([
    ['missing.json', null, 'no such file'],
    ['text.json', 'Q151387', 'this is not JSON; make one with kbdiag analyze -f json -o FILE'],
    ['lines.json', '{"type":"capture"}\n{"type":"finding"}', 'this is not JSON'],
    ['sarif.json', '{"version":"2.1.0","runs":[]}', 'this JSON is no report of kbdiag'],
    ['array.json', '[]', 'this JSON is no report of kbdiag'],
    [
      'other-tool.json',
      JSON.stringify({ ...valid, tool: { name: 'other' } }),
      'this JSON is no report of kbdiag',
    ],
    [
      'info.json',
      JSON.stringify({ ...valid, schema: 'kbdiag-info/1' }),
      'this is kbdiag-info/1, and this kbdiag compares with kbdiag-report/1',
    ],
    [
      'v2.json',
      JSON.stringify({ ...valid, schema: 'kbdiag-report/2' }),
      'this is kbdiag-report/2, and this kbdiag compares with',
    ],
    ['hollow.json', JSON.stringify(valid), 'the report is not valid: interrupted: '],
  ])('%s is refused in one line', async (name, text, message) => {
    if (text !== null) write(folder, name, text);
    const { code, stdout, stderr } = await analyze('arp.pcap', '--baseline', name);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^kbdiag: --baseline ${name}: [^\n]+\n\\(--help`));
    expect(stderr).toContain(message);
  });

  it('that is broken inside is refused with the place', async () => {
    const path = await baselineOf('broken.json', TWO);
    const report = JSON.parse(readFileSync(join(folder, path), 'utf8')) as {
      findings: Array<{ key: unknown }>;
    };
    (report.findings[1] as { key: unknown }).key = 7;
    write(folder, path, JSON.stringify(report));
    expect((await analyze(TWO, '--baseline', path)).stderr).toContain(
      'the report is not valid: findings[1].key: ',
    );
  });
});

describe('--host', () => {
  it.each(['10.0.0.20', '00:60:97:11:22:33', '00-60-97-11-22-33', '0060.9711.2233', '006097112233'])(
    '%s limits findings and verdicts to it',
    async (host) => {
      const report = await reportOf(sample('q193157-p1-stale-address.pcap'), '--host', host);
      expect(keysOf(report)).toEqual(['Q193157|interface 0|10.0.0.20']);
      expect(report.options).toEqual({ host: [host] });
      expect(report.verdicts.find(({ article }) => article === 'Q193157')?.reason).toContain(
        `1 finding names ${host}.`,
      );
    },
  );

  it('of another leaves nothing to tell, and to fail for', async () => {
    const { code, stdout, stderr } = await analyze(
      ONE,
      '--host',
      '10.0.0.20',
      '--host',
      '00:11:22:33:44:55',
      '--fail-on',
      'info',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('No known fault found that concerns 10.0.0.20 or 00:11:22:33:44:55.');
    expect(stderr).toBe('kbdiag: --host 00:11:22:33:44:55: nothing that a rule judges concerns it\n');
  });
});

describe('--from and --to', () => {
  it('examine a part, with the frame numbers of the whole', async () => {
    const report = await reportOf('arp.pcap', '--from', '00:00:01', '--to', '+3s');
    expect(report).toMatchObject({
      options: { from: '00:00:01', to: '+3s' },
      period: { from: '1998-01-01T00:00:01Z', to: '1998-01-01T00:00:04Z' },
      captures: [
        {
          packets: 5,
          firstTime: '1998-01-01T00:00:00.123456Z',
          lastTime: '1998-01-01T00:00:04.123456Z',
          examined: {
            packets: 3,
            firstTime: '1998-01-01T00:00:01.123456Z',
            lastTime: '1998-01-01T00:00:03.123456Z',
          },
        },
      ],
    });
    const whole = await reportOf(ONE);
    const part = await reportOf(ONE, '--to', '+3m');
    const [frames, partFrames] = [whole, part].map(({ findings }) => findings[0]?.frames ?? []);
    expect(partFrames?.length).toBeGreaterThan(5);
    expect(frames?.slice(0, 5)).toEqual(partFrames?.slice(0, 5));
  });

  it('are read and shown in the zone of --tz', async () => {
    const args = ['arp.pcap', '--from', '19:00:01', '--tz', 'America/New_York'];
    expect((await reportOf(...args)).period).toEqual({ from: '1998-01-01T00:00:01Z', to: null });
    const { stdout } = await analyze(...args);
    expect(stdout).toContain('Only a part was examined: 4 of 5 packets, from 1997-12-31T19:00:01-05:00.');
    expect(stdout).toContain('--from=19:00:01 --tz=America/New_York');
  });

  it('say that nothing lies between them', async () => {
    const { code, stdout, stderr } = await analyze('arp.pcap', '--from', '1999-01-01', '--tz', '+01:00');
    expect(code).toBe(0);
    expect(stdout).toContain('No packet lies in the period asked for');
    expect(stderr).toBe(
      'kbdiag: no packet lies between --from and --to: the capture runs from 1998-01-01T01:00:00.123456+01:00 to 1998-01-01T01:00:04.123456+01:00\n',
    );
  });

  it('come from a pipe as from a file', async () => {
    const piped = await run(['analyze', '-', '-f', 'json', '--to', '+2s'], folder, {}, arpCapture(5));
    const report = reportSchema.parse(JSON.parse(piped.stdout));
    expect(report.captures[0]?.examined).toEqual(
      (await reportOf('arp.pcap', '--to', '+2s')).captures[0]?.examined,
    );
  });

  const hasEditcap = hasPeer('editcap');
  it.skipIf(!hasEditcap && !arePeersRequired).each([
    [ONE, '2001-02-03 04:05:10', '2001-02-03 04:08:00'],
    [TWO, '2001-02-03 04:05:06', '2001-02-03 04:08:20'],
    [sample('q228942-p2-silent-alive.pcap'), '2001-02-03 04:05:16', '2001-02-03 04:06:20'],
  ])('%s: the same as of what editcap cuts out', async (capture, from, to) => {
    // editcap reads times in the zone of the machine, and leaves out its second time itself.
    execFileSync('editcap', ['-A', from, '-B', to, capture, join(folder, 'cut.pcapng')], {
      env: { ...process.env, TZ: 'UTC' },
    });
    const cut = await reportOf('cut.pcapng');
    const part = await reportOf(capture, '--from', from, '--to', `${to}Z`);
    expect(part.captures[0]?.examined?.packets).toBe(cut.captures[0]?.packets);
    const subjects = ({ findings }: Report) =>
      findings.map(({ article, tier, subject, count, facts }) => ({
        article,
        tier,
        subject,
        count,
        facts: { ...facts, domain: '' },
      }));
    expect(subjects(part)).toEqual(subjects(cut));
    expect(part.verdicts).toEqual(cut.verdicts);
  });
});

describe('the command that a report names', () => {
  it('gives the same report', async () => {
    const args = [
      ONE,
      '--tz',
      'Asia/Kolkata',
      '--from',
      '+2s',
      '--host',
      '10.0.0.77',
      '--ignore',
      ONE_KEY,
      '--set',
      'capture.reorderMillis=20',
      '--min-tier',
      'strong',
    ];
    const { stdout } = await analyze(...args);
    const [, command = ''] = /^ {2}kbdiag analyze (.+)$/m.exec(stdout) ?? [];
    // A shell takes the words apart.
    const words = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
      .split('\0')
      .slice(0, -1);
    expect((await analyze(...words)).stdout).toBe(stdout);
  });
});

describe('exit 2: what cannot be meant', () => {
  it.each([
    [['--from', 'noon'], '--from noon: write 2001-02-03T04:05:06'],
    [['--to', '2001-02-30'], '--to 2001-02-30: there is no such day'],
    [['--from', '+2s', '--to', '+1s'], '--to +1s lies before --from +2s; exchange the two'],
    [['--tz', 'Berlin'], '--tz Berlin: there is no such time zone; did you mean Europe/Berlin?'],
    [['--tz', 'new york'], 'did you mean America/New_York?'],
    [['--tz', 'Europe/Berln'], 'did you mean Europe/Berlin?'],
    [
      ['--tz', '+25:00'],
      '--tz +25:00: there is no such time zone; write Europe/Berlin, +01:00, UTC or local',
    ],
    [['--host', ''], '--host : name an IPv4 address or a MAC address'],
    [['--host', '10.0.0.256'], '--host 10.0.0.256: this is no IPv4 address; write it as 10.0.0.5'],
    [['--host', '10.0.0.0/24'], '--host 10.0.0.0/24: a network is no host; repeat --host'],
    [['--host', '10.0.0.1,10.0.0.2'], 'repeat --host for each host'],
    [['--host', 'fe80::1'], '--host fe80::1: this is neither an IPv4 nor a MAC address'],
    [['--host', '00:11:22:33:44'], 'this is neither an IPv4 nor a MAC address'],
    [['--host', 'ws12.acme.example'], 'rules know hosts by 10.0.0.5 and 00:11:22:33:44:55, not by name'],
    [['--ignore', ' '], '--ignore needs the key of a finding'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await analyze('arp.pcap', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^kbdiag: [^\n]+\n\(--help lists what there is\)\n$/);
    expect(stderr).toContain(message);
  });

  it.each([
    [
      '{\n  "Q151387.graceMinSecond": 1\n}',
      'c.json, line 2, column 3: there is no option Q151387.graceMinSecond; did you mean Q151387.graceMinSeconds?',
    ],
    [
      '{\n  "capture.dropFraction":\n    2\n}',
      'c.json, line 3, column 5: capture.dropFraction must be at most 1, and not 2',
    ],
    [
      '{"ignore": ["x"]}',
      'c.json, line 1, column 12: ignore must be a number and not [; a configuration file holds thresholds',
    ],
  ])('--config with %j', async (text, message) => {
    write(folder, 'c.json', text);
    const { code, stderr } = await analyze('arp.pcap', '--config', 'c.json');
    expect(code).toBe(2);
    expect(stderr).toBe(`kbdiag: ${message}\n(--help lists what there is)\n`);
  });

  it('--config in UTF-16', async () => {
    write(folder, 'c.json', Buffer.from('\uFEFF{}', 'utf16le'));
    expect((await analyze('arp.pcap', '--config', 'c.json')).stderr).toContain(
      'the file is UTF-16; save it as UTF-8',
    );
  });
});
