import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit.ts';
import { toReport } from '../../src/report/model.ts';
import type { Report } from '../../src/report/schema.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { rules } from '../../rules/index.ts';
import { analysis, exampleRules, finding } from '../report/example.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { outcomeOf } from '../child-outcome.ts';
import { arpCapture, run, start, write } from './kbdiag.ts';

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
const folder = temporaryFolder();
write(folder, 'arp.pcap', arpCapture(3));
write(folder, 'cut.pcap', arpCapture(3).subarray(0, -10));
write(folder, 'empty.pcap', '');
write(folder, 'photo.jpg', Buffer.from('ffd8ffe000104a46494600010100000100010000ffdb004300', 'hex'));
write(folder, 'text.txt', 'this is no capture at all, only a sentence\n');
mkdirSync(join(folder, 'sub'));

const analyze = (...args: string[]) => run(['analyze', ...args], folder);

async function reportOf(...args: string[]): Promise<Report> {
  const { stdout } = await analyze('-f', 'json', ...args);
  return reportSchema.parse(JSON.parse(stdout));
}

describe('the report', () => {
  it('is on standard output, with a verdict for every rule, and nothing else anywhere', async () => {
    const { code, stdout, stderr } = await analyze('arp.pcap');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('arp.pcap: 3 packets in 2 s from 1998-01-01T00:00:00.123456Z');
    for (const { meta } of rules) expect(stdout).toContain(meta.article.id);
    expect(stdout).not.toContain('\u001b');
  });

  it('is the same JSON every time, and valid', async () => {
    const [first, second] = await Promise.all([
      analyze('-f', 'json', 'arp.pcap'),
      analyze('-f', 'json', 'arp.pcap'),
    ]);
    expect(first.stdout).toBe(second.stdout);
    const report: unknown = JSON.parse(first.stdout);
    expect(reportSchema.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      schema: 'kbdiag-report/1',
      options: {},
      interrupted: false,
      captures: [{ packets: 3 }],
    });
  });

  it('comes from a pipe as from a file', async () => {
    const piped = await run(['analyze', '-', '-f', 'json'], folder, {}, arpCapture(3));
    expect({ code: piped.code, stderr: piped.stderr }).toEqual({ code: 0, stderr: '' });
    const report = reportSchema.parse(JSON.parse(piped.stdout));
    expect(report.captures[0]).toMatchObject({ path: '-', packets: 3, damaged: null });
    expect(report.verdicts).toEqual((await reportOf('arp.pcap')).verdicts);
  });

  it('goes into a file as it goes to a pipe, and leaves nothing beside it', async () => {
    mkdirSync(join(folder, 'out'));
    const piped = await analyze('arp.pcap');
    for (const before of [false, true]) {
      expect(existsSync(join(folder, 'out/report.txt'))).toBe(before);
      expect(await analyze('arp.pcap', '-o', 'out/report.txt')).toEqual({
        code: 0,
        signal: null,
        stdout: '',
        stderr: '',
      });
      expect(readFileSync(join(folder, 'out/report.txt'), 'utf8')).toBe(piped.stdout);
    }
    expect(readdirSync(join(folder, 'out'))).toEqual(['report.txt']);
  });

  it('has colour where it is asked for', async () => {
    const force = { FORCE_COLOR: '1' };
    expect((await run(['analyze', 'arp.pcap'], folder, force)).stdout).toContain('\u001b[');
    expect((await run(['analyze', 'arp.pcap', '--no-color'], folder, force)).stdout).not.toContain('\u001b');
    expect((await analyze('arp.pcap', '--color')).stdout).toContain('\u001b[');
  });

  it('shows a hostile file name harmlessly, and keeps it in JSON', async () => {
    const name = write(folder, '\u001b]0;owned\u0007.pcap', arpCapture(1));
    expect((await analyze(name)).stdout).not.toMatch(/(?!\n)\p{Cc}/u);
    expect((await reportOf(name)).captures[0]?.path).toBe(name);
  });

  it('names only the rules that were asked for', async () => {
    const [first] = rules;
    if (first === undefined) throw new Error('there are rules');
    const { verdicts, options } = await reportOf('arp.pcap', '--rules', first.meta.article.id.toLowerCase());
    expect(verdicts.map(({ article }) => article)).toEqual([first.meta.article.id]);
    expect(options).toEqual({ rules: first.meta.article.id });
  });

  it('has hashes and timings only on request', async () => {
    const { captures, timings } = await reportOf('arp.pcap', '--hash', '--timings');
    expect(captures[0]?.sha256).toBe(createHash('sha256').update(arpCapture(3)).digest('hex'));
    expect(Object.values(timings ?? {}).every((millis) => millis >= 0)).toBe(true);
    expect(Object.keys(timings ?? {})).not.toEqual([]);
    expect(await reportOf('arp.pcap')).not.toHaveProperty('timings');
  });

  it('takes thresholds from a file, and from --set before it', async () => {
    write(folder, 'config.json', '{\n  "capture.reorderMillis": 20,\n  "capture.dropFraction": 0.5\n}\n');
    const { options } = await reportOf(
      'arp.pcap',
      '--config',
      'config.json',
      '--set',
      'capture.reorderMillis=30',
    );
    expect(options).toEqual({ 'capture.dropFraction': 0.5, 'capture.reorderMillis': 30 });
  });
});

describe('exit 3: no input is a capture', () => {
  it.each(['missing.pcap', 'sub', 'empty.pcap', 'photo.jpg', 'text.txt'])('%s', async (path) => {
    const { code, stdout, stderr } = await analyze(path);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^kbdiag: ${path.replace('.', '\\.')}: .+\n  .+\n$`));
  });
});

describe('exit 4: part of the input could not be read', () => {
  it('a damaged file, with where it is damaged', async () => {
    const { code, stdout } = await analyze('cut.pcap', '-f', 'json');
    expect(code).toBe(4);
    expect(reportSchema.parse(JSON.parse(stdout)).captures[0]).toMatchObject({
      packets: 2,
      damaged: { offset: 24 + 2 * 76 },
    });
    expect((await analyze('cut.pcap')).stdout).toContain('cut.pcap is damaged at byte 176:');
  });

  it('one of several files', async () => {
    const { code, stdout, stderr } = await analyze('arp.pcap', 'missing.pcap', '-f', 'json');
    expect(code).toBe(4);
    expect(stderr).toContain('missing.pcap');
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.failures).toMatchObject([{ path: 'missing.pcap', code: 'missing' }]);
    expect((await analyze('arp.pcap', 'missing.pcap', '--quiet')).stderr).toBe('');
  });
});

describe('exit 2: wrong usage', () => {
  it.each([
    [['analyze'], "missing required argument 'captures'"],
    [['analyse', 'arp.pcap'], 'Did you mean analyze?'],
    [['analyze', 'arp.pcap', '--formt', 'json'], 'Did you mean --format?'],
    [['analyze', 'arp.pcap', '-f', 'yaml'], 'Allowed choices are text, json'],
    [['analyze', 'arp.pcap', '--min-tier', 'sure'], 'Allowed choices are definitive, strong, suggestive'],
    [['analyze', 'arp.pcap', '--fail-on', 'all'], 'Allowed choices are critical, error, warning, info'],
    [['analyze', 'arp.pcap', '--rules', 'Q99'], 'there is no rule Q99'],
    [['analyze', 'arp.pcap', '--set', 'capture.reorderMilis=1'], 'did you mean capture.reorderMillis?'],
    [['analyze', 'arp.pcap', '--set', 'capture.dropFraction=2'], 'must be at most 1'],
    [['analyze', 'arp.pcap', '--config', 'nix.json'], '--config nix.json'],
    [['analyze', 'arp.pcap', '--config', 'text.txt'], 'text.txt, line 1, column 1: expected {'],
    [['analyze', 'arp.pcap', '-o', './arp.pcap'], 'is the capture itself'],
    [['analyze', '-', '-'], 'only once'],
    [['analyze', '-', '--hash'], 'is not a file'],
    [['rules', 'shwo'], 'did you mean show?'],
    [['explain', 'Q1'], 'there is no rule Q1'],
    [['info', 'a.pcap', 'b.pcap'], 'too many arguments'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(args, folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^kbdiag: /);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  it('shows the stack with --debug only', async () => {
    expect((await analyze('arp.pcap', '--set', 'x', '--debug')).stderr).toContain('    at ');
  });
});

describe('exit 1: faults at or above --fail-on', () => {
  const found = join(SAMPLES, 'q151387-p1-definitive.pcap');
  it.each([
    ['a fault at the limit', found, 'error', 1],
    ['a fault above it', found, 'info', 1],
    ['a fault below it', found, 'critical', 0],
    ['only a notice', join(SAMPLES, 'q120599-n1-keepalived.pcap'), 'info', 0],
  ])('%s', async (_case, capture, limit, expected) => {
    const { code, stdout, stderr } = await analyze(capture, '--fail-on', limit);
    expect({ code, stderr }).toEqual({ code: expected, stderr: '' });
    // The same report in every case: the limit is no filter.
    expect(stdout).toBe((await analyze(capture)).stdout);
  });

  it('counts only the findings that --min-tier leaves', async () => {
    const weak = join(SAMPLES, 'q151387-p8-broadcasts-only.pcap');
    expect((await analyze(weak, '--fail-on', 'info')).code).toBe(1);
    expect((await analyze(weak, '--fail-on', 'info', '--min-tier', 'strong')).code).toBe(0);
  });
});

describe('exit 74: the report could not be written', () => {
  it.each(['nix/report.txt', 'sub'])('-o %s, said before the analysis', async (path) => {
    const { code, stdout, stderr } = await analyze('arp.pcap', '-o', path);
    expect({ code, stdout }).toEqual({ code: 74, stdout: '' });
    expect(stderr).toContain(`kbdiag: ${path}: the report could not be written`);
  });

  it.runIf(existsSync('/dev/full'))('-o on a full device', async () => {
    expect((await analyze('arp.pcap', '-o', '/dev/full')).code).toBe(74);
  });
});

it('is quiet when its reader goes away', async () => {
  const child = start(['analyze', 'arp.pcap', '-f', 'json'], folder);
  child.stdout.destroy();
  expect(await outcomeOf(child)).toMatchObject({ code: 0, stderr: '' });
});

it('answers Ctrl-C on a blocked pipe at once, with what was read', async () => {
  const child = start(['analyze', '-', '-f', 'json'], folder);
  const outcome = outcomeOf(child);
  child.stdin.write(arpCapture(5));
  await sleep(1500);
  const sentAt = performance.now();
  child.kill('SIGINT');
  await once(child, 'exit');
  expect(performance.now() - sentAt).toBeLessThan(1000);
  const { code, stdout, stderr } = await outcome;
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
  expect(reportSchema.parse(JSON.parse(stdout))).toMatchObject({
    interrupted: true,
    captures: [{ path: '-', packets: 5 }],
  });
});

it.each([
  ['nothing', Buffer.alloc(0), ['analyze', '-']],
  ['nothing, beside a file', Buffer.alloc(0), ['analyze', 'whole.pcap', '-']],
  ['half of a header', arpCapture(1).subarray(0, 10), ['analyze', '-']],
  ['the first bytes of gzip', Buffer.from([0x1f, 0x8b, 8, 0]), ['analyze', '-']],
  ['nothing, to info', Buffer.alloc(0), ['info', '-']],
  ['nothing, to redact', Buffer.alloc(0), ['redact', '-', 'copy.pcapng']],
])('answers Ctrl-C on a pipe that brought %s', async (_brought, bytes, args) => {
  write(folder, 'whole.pcap', arpCapture(5));
  const child = start(args, folder);
  const outcome = outcomeOf(child);
  child.stdin.write(bytes);
  await sleep(1500);
  const deadline = setTimeout(() => child.kill('SIGKILL'), 1000);
  child.kill('SIGINT');
  const stderr = 'kbdiag: interrupted before anything was read\n';
  expect(await outcome).toEqual({ code: 130, signal: null, stdout: '', stderr });
  clearTimeout(deadline);
});

it.skipIf(process.platform === 'win32')('ends at the second Ctrl-C, without a report', async () => {
  // Opening a named pipe that nobody reads keeps the program in the writing of its report.
  execFileSync('mkfifo', [join(folder, 'report.fifo')]);
  const child = start(['analyze', '-', '-o', 'report.fifo'], folder);
  const outcome = outcomeOf(child);
  child.stdin.write(arpCapture(5));
  await sleep(1500);
  child.kill('SIGINT');
  await sleep(500);
  expect({ code: child.exitCode, signal: child.signalCode }).toEqual({ code: null, signal: null });
  child.kill('SIGINT');
  const deadline = setTimeout(() => child.kill('SIGKILL'), 2000);
  expect(await outcome).toEqual({ code: null, signal: 'SIGINT', stdout: '', stderr: '' });
  clearTimeout(deadline);
});

describe('the exit code of a report', () => {
  const [capture] = analysis().captures;
  if (capture === undefined) throw new Error('the example has a capture');
  const damaged = [{ ...capture, damage: { code: 'cut-short' as const, offset: 1, message: 'cut' } }];
  it.each([
    ['no limit', {}, undefined, 0],
    ['below the limit', {}, 'critical' as const, 0],
    ['at the limit', {}, 'error' as const, 1],
    ['above the limit', {}, 'info' as const, 1],
    ['only a notice', { findings: [finding({ kind: 'notice' as const })] }, 'info' as const, 0],
    ['damaged', { captures: damaged }, undefined, 4],
    ['damaged, at the limit', { captures: damaged }, 'error' as const, 1],
    ['interrupted, at the limit', { interrupted: true }, 'error' as const, 130],
  ])('%s', (_case, changes, failOn, code) => {
    expect(exitCodeOf(toReport(analysis(changes), exampleRules), failOn)).toBe(code);
  });
});
