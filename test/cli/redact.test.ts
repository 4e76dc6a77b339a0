/** `kbdiag redact` and `analyze --redact` as a user runs them. */
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { arpCapture, run, write } from './kbdiag.ts';

const folder = temporaryFolder();
const sampleOf = (name: string): string => fileURLToPath(new URL(`../../samples/${name}`, import.meta.url));
const SAMPLE = sampleOf('q151387-p2-second-holder.pcapng');
const GZIPPED = sampleOf('q193599-p1-other-rules.pcap.gz');

write(folder, 'key', `${'5a'.repeat(32)}\n`);
write(folder, 'other.key', 'c3'.repeat(32));
write(folder, 'short.key', 'abcdef');
write(folder, 'trace.pcap', arpCapture(3));
write(folder, 'cut.pcap', arpCapture(3).subarray(0, -10));
write(folder, 'text.pcap', 'this is no capture');

const redact = (...args: readonly string[]) => run(['redact', ...args], folder);
const bytesOf = (name: string): Buffer => readFileSync(join(folder, name));

async function analyse(...args: readonly string[]): Promise<Report> {
  const { stdout } = await run(['analyze', '-f', 'json', ...args], folder);
  return reportSchema.parse(JSON.parse(stdout));
}

describe('kbdiag redact', () => {
  it('writes a copy that gives the same findings, and leaves the original', async () => {
    const before = readFileSync(SAMPLE);
    expect(await redact('--redact-key', 'key', SAMPLE, 'a.pcapng')).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
    });
    expect(readFileSync(SAMPLE).equals(before)).toBe(true);
    const [original, copy] = [await analyse(SAMPLE), await analyse('a.pcapng')];
    const essence = ({ findings }: Report) =>
      findings.map(({ article, tier, severity, frames }) => [
        article,
        tier,
        severity,
        frames.map(({ number }) => number),
      ]);
    expect(essence(copy)).toEqual(essence(original));
    expect(copy.findings[0]?.subject).not.toBe(original.findings[0]?.subject);
    const redacted = await analyse('--redact', '--redact-key', 'key', SAMPLE);
    expect(copy.findings.map(({ key, summary, hosts, macs }) => ({ key, summary, hosts, macs }))).toEqual(
      redacted.findings.map(({ key, summary, hosts, macs }) => ({ key, summary, hosts, macs })),
    );
  });

  it('does the same with the same key, and something else with another', async () => {
    await redact('--redact-key', 'key', GZIPPED, 'b.pcapng');
    await redact('--redact-key', 'key', GZIPPED, 'c.pcapng');
    await redact('--redact-key', 'other.key', GZIPPED, 'd.pcapng');
    await redact('--redact-key', 'key', '--keep-oui', GZIPPED, 'e.pcapng');
    expect(bytesOf('b.pcapng').equals(bytesOf('c.pcapng'))).toBe(true);
    expect(bytesOf('b.pcapng').equals(bytesOf('d.pcapng'))).toBe(false);
    expect(bytesOf('b.pcapng').equals(bytesOf('e.pcapng'))).toBe(false);
    expect(bytesOf('e.pcapng').includes(Buffer.from('but for their vendor prefixes'))).toBe(true);
  });

  it('makes a key and tells it once; with that key the copy is the same', async () => {
    const { code, stdout, stderr } = await redact('trace.pcap', 'made.pcapng');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const keys = stderr.match(/\b[0-9a-f]{64}\b/g) ?? [];
    expect(keys).toHaveLength(1);
    write(folder, 'made.key', keys[0] ?? '');
    await redact('--redact-key', 'made.key', 'trace.pcap', 'again.pcapng');
    expect(bytesOf('again.pcapng').equals(bytesOf('made.pcapng'))).toBe(true);
    const next = await redact('trace.pcap', 'next.pcapng');
    expect(next.stderr).not.toContain(keys[0]);
  });

  it('reads a pipe and writes to one', async () => {
    await redact('--redact-key', 'key', 'trace.pcap', 'file.pcapng');
    const { code, stderr } = await run(
      ['redact', '--redact-key', 'key', '-', 'piped.pcapng'],
      folder,
      {},
      arpCapture(3),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(bytesOf('piped.pcapng').equals(bytesOf('file.pcapng'))).toBe(true);
    const out = await redact('--redact-key', 'key', 'trace.pcap', '-');
    expect(out.stdout).toContain('Altered by kbdiag');
  });

  it('never writes over the capture or the key', async () => {
    symlinkSync('trace.pcap', join(folder, 'link.pcap'));
    linkSync(join(folder, 'trace.pcap'), join(folder, 'hard.pcap'));
    for (const name of ['trace.pcap', 'link.pcap', 'hard.pcap', './trace.pcap']) {
      const { code, stderr } = await redact('trace.pcap', name);
      expect({ code, stderr: stderr.split('\n')[0] }).toEqual({
        code: 2,
        stderr: `kbdiag: ${name} is the capture itself; name another file`,
      });
    }
    const { code, stderr } = await redact('--redact-key', 'key', 'trace.pcap', 'key');
    expect({ code, stderr: stderr.split('\n')[0] }).toEqual({
      code: 2,
      stderr: 'kbdiag: key is the key; name another file',
    });
    expect(bytesOf('trace.pcap').equals(arpCapture(3))).toBe(true);
  });

  it('exits 4 where the capture was damaged, with what was readable', async () => {
    const { code, stderr } = await redact('--redact-key', 'key', 'cut.pcap', 'cut.pcapng');
    expect(code).toBe(4);
    expect(stderr).toContain('cut.pcap: cut short in frame 3');
    expect(stderr).toContain('The copy holds the 2 packets before that.');
    expect((await analyse('cut.pcapng')).captures[0]).toMatchObject({ packets: 2, damaged: null });
  });

  it.each([
    ['missing.pcap', 'no such file'],
    ['text.pcap', 'no capture file but text'],
  ])('exits 3 if %s cannot be read, and leaves nothing behind', async (name, message) => {
    const { code, stderr } = await redact(name, 'none.pcapng');
    expect(code).toBe(3);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/[0-9a-f]{64}/);
    expect(readdirSync(folder).filter((file) => file.includes('none.pcapng'))).toEqual([]);
  });

  it('exits 74 if the copy cannot be written', async () => {
    mkdirSync(join(folder, 'taken'));
    for (const name of ['no/such/folder.pcapng', 'taken']) {
      const { code, stderr } = await redact('trace.pcap', name);
      expect(code).toBe(74);
      expect(stderr).toContain(name);
    }
  });

  it.each([
    [['--redact-key', 'missing.key', 'trace.pcap', 'x.pcapng'], '--redact-key missing.key: '],
    [
      ['--redact-key', 'short.key', 'trace.pcap', 'x.pcapng'],
      '--redact-key short.key: it holds 6 hex digits; 64 are needed',
    ],
    [['trace.pcap'], "missing required argument 'out'"],
  ])('exits 2 for %j', async (args, message) => {
    const { code, stderr } = await redact(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('keeps the mode of a file that it replaces', async () => {
    writeFileSync(join(folder, 'private.pcapng'), '', { mode: 0o600 });
    await redact('--redact-key', 'key', 'trace.pcap', 'private.pcapng');
    expect(statSync(join(folder, 'private.pcapng')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'private.pcapng')).size).toBeGreaterThan(100);
  });
});

describe('kbdiag analyze --redact', () => {
  it('names neither addresses nor files', async () => {
    mkdirSync(join(folder, 'customer'));
    writeFileSync(join(folder, 'customer', 'acme.pcapng'), readFileSync(SAMPLE));
    for (const format of ['text', 'json']) {
      const { code, stdout } = await run(
        ['analyze', '--redact', '--redact-key', 'key', '-f', format, 'customer/acme.pcapng'],
        folder,
      );
      expect(code).toBe(0);
      expect(stdout).not.toMatch(/10\.0\.0\.77|00:60:8c|customer|acme/);
      expect(stdout).toContain('.pcapng');
    }
  });

  it('says so, and by which key', async () => {
    const { options } = await analyse('--redact', '--redact-key', 'key', SAMPLE);
    expect(options['redact']).toMatch(/^key [0-9a-f]{8}$/);
    expect((await analyse('--redact', '--redact-key', 'other.key', SAMPLE)).options).not.toEqual(options);
  });

  it('redacts the evidence by the same mapping', async () => {
    const args = [
      'analyze',
      '--redact',
      '--redact-key',
      'key',
      '-f',
      'json',
      '--evidence',
      'evidence.pcapng',
    ];
    const { code, stdout } = await run([...args, 'customer/acme.pcapng'], folder);
    expect(code).toBe(0);
    const { findings } = reportSchema.parse(JSON.parse(stdout));
    const evidence = bytesOf('evidence.pcapng');
    const text = evidence.toString('latin1');
    for (const { subject } of findings) expect(text).toContain(`Subject: ${subject}.`);
    expect(text).not.toMatch(/10\.0\.0\.77|00:60:8c|customer|acme/);
    expect(evidence.includes(Buffer.from([0x0a, 0, 0, 0x4d]))).toBe(false);
    expect(evidence.includes(Buffer.from('00608c2a1077', 'hex'))).toBe(false);
    const [address = ''] = findings[0]?.hosts ?? [];
    expect(evidence.includes(Buffer.from(address.split('.').map(Number)))).toBe(true);
    const plain = await run(['analyze', '--evidence', 'plain.pcapng', 'customer/acme.pcapng'], folder);
    expect(plain.code).toBe(0);
    expect(bytesOf('plain.pcapng').includes(Buffer.from('00608c2a1077', 'hex'))).toBe(true);
  });

  it('tells a key that it made, beside the report', async () => {
    const { code, stdout, stderr } = await run(['analyze', '--redact', '-f', 'json', SAMPLE], folder);
    expect(code).toBe(0);
    expect(reportSchema.parse(JSON.parse(stdout)).findings.length).toBeGreaterThan(0);
    expect(stderr).toMatch(/^kbdiag: redacted with a new key: [0-9a-f]{64}\n/);
  });

  it.each(['fault', 'error', 'Q151387'])('fails on faults of a capture that is called %s', async (name) => {
    write(folder, name, readFileSync(SAMPLE));
    const args = ['analyze', '--redact', '--redact-key', 'key', '--fail-on', 'error'];
    const [text, plain] = await Promise.all([name, SAMPLE].map((path) => run([...args, path], folder)));
    expect(text?.code).toBe(1);
    expect(plain?.stdout).toContain('CRITICAL Q151387: ');
    const wordsOf = (stdout = ''): string => stdout.slice(stdout.indexOf('\n\n'), stdout.indexOf('How to'));
    expect(wordsOf(text?.stdout)).toBe(wordsOf(plain?.stdout));
  });

  it('says how to have the report again, with the key and the capture put in', async () => {
    const [zone, keepOui] = [['--tz', 'Europe/Berlin'], ['--keep-oui']];
    for (const more of [[], zone, [...zone, ...keepOui]]) {
      const args = ['analyze', '--redact', '--redact-key', 'key', ...more, 'customer/acme.pcapng'];
      const { stdout } = await run(args, folder);
      const [, line = ''] = /^ {2}kbdiag (analyze .*)$/m.exec(stdout) ?? [];
      const words = line.replace('KEYFILE', 'key').split(' ');
      expect(words).toContain('--redact-key');
      expect(line).not.toMatch(/key [0-9a-f]{8}/);
      words[1] = 'customer/acme.pcapng';
      expect(await run(words, folder)).toMatchObject({ code: 0, stdout });
    }
  });

  it('leaves findings out by their keys, redacted or not, and tells neither of them', async () => {
    const options = ['--redact', '--redact-key', 'key', '--rules', 'Q151387'];
    const [original, redacted] = [
      await analyse('--rules', 'Q151387', SAMPLE),
      await analyse(...options, SAMPLE),
    ];
    const image = redacted.findings[0]?.key ?? '';
    for (const key of [original.findings[0]?.key ?? '', image]) {
      const { code, stdout, stderr } = await run(
        ['analyze', ...options, '--ignore', key, '-f', 'json', SAMPLE],
        folder,
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const report = reportSchema.parse(JSON.parse(stdout));
      expect(report.findings).toEqual([]);
      expect(report.options['ignore']).toEqual([image]);
    }
  });

  it('names no unreadable file, not even in what to do about it', async () => {
    write(folder, "acme's net.snoop", 'cpse'.padEnd(600));
    const args = ['--redact', '--redact-key', 'key', SAMPLE, "acme's net.snoop"];
    for (const format of ['text', 'json', 'html', 'markdown', 'sarif']) {
      const { code, stdout } = await run(['analyze', '-f', format, ...args], folder);
      expect(code).toBe(4);
      expect(stdout).not.toContain('acme');
    }
    const [failure] = (await analyse(...args)).failures;
    expect(failure?.hint).toMatch(
      /^Convert it first: editcap -F pcap '[a-z]{4}'\\''[a-z] [a-z]{3}\.snoop' out\.pcap$/,
    );
  });

  it('tells the key even with --quiet, and its help says so', async () => {
    const { stderr } = await run(['analyze', '--redact', '--quiet', SAMPLE], folder);
    expect(stderr).toMatch(/^kbdiag: redacted with a new key: [0-9a-f]{64}\n/);
    const { stdout } = await run(['analyze', '--help'], folder);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('a key that --redact makes is told all the same');
  });

  it.each([['--redact-key', 'key'], ['--keep-oui']])('exits 2 for %s without it', async (...args) => {
    const { code, stderr } = await run(['analyze', ...args, SAMPLE], folder);
    expect(code).toBe(2);
    expect(stderr).toContain(`${args[0]} is of use with --redact only`);
  });
});
