import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
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
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { readBack } from '../evidence/written.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { outcomeOf } from '../child-outcome.ts';
import { arpCapture, run, start, write } from './kbdiag.ts';

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
const SAMPLE = join(SAMPLES, 'q151387-p1-definitive.pcap');
const isWindows = process.platform === 'win32';

const folder = temporaryFolder();
copyFileSync(SAMPLE, join(folder, 'trace.pcap'));
write(folder, 'arp.pcap', arpCapture(3));

const analyze = (...args: string[]) => run(['analyze', ...args], folder);
const at = (name: string): string => join(folder, name);
const leftovers = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.tmp'));

describe('--evidence', () => {
  it('writes the file, and the report names it at its end as what to open', async () => {
    const { code, stdout, stderr } = await analyze(
      'trace.pcap',
      '--evidence',
      'it’s proof.pcapng',
      '--context',
      '1',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { frames } = await readBack(at('it’s proof.pcapng'));
    const cited = frames.filter(({ origin }) => origin.comments[0]?.startsWith('Cited for Q151387:')).length;
    expect(cited).toBeGreaterThan(4);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      new RegExp(
        ` The evidence wireshark 'it’s proof\\.pcapng' ${cited} cited frames and ${frames.length - cited} around them; the comment of each says what it proves and its original number\\. $`,
      ),
    );
    expect(leftovers()).toEqual([]);
  });

  it('stands in the JSON report, which its schema takes', async () => {
    const { stdout } = await analyze('trace.pcap', '--evidence', 'json.pcapng', '-f', 'json');
    const report = reportSchema.parse(JSON.parse(stdout));
    const numbers = new Set(report.findings.flatMap(({ frames }) => frames.map(({ number }) => number)));
    expect(report.evidence).toEqual({
      path: 'json.pcapng',
      context: 0,
      frames: numbers.size,
      citedFrames: numbers.size,
      missingFrames: 0,
    });
    expect((await analyze('trace.pcap', '-f', 'json')).stdout).not.toContain('"evidence"');
  });

  it('changes nothing else in the report', async () => {
    const { stdout: plain } = await analyze('trace.pcap', '-f', 'json');
    const { stdout } = await analyze('trace.pcap', '-f', 'json', '--evidence', 'same.pcapng');
    const { evidence: _evidence, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
    expect(rest).toEqual(JSON.parse(plain));
  });

  it('holds what the report shows: --min-tier and --rules count', async () => {
    await analyze(join(SAMPLES, 'q151387-p8-broadcasts-only.pcap'), '--evidence', 'all.pcapng');
    expect((await readBack(at('all.pcapng'))).frames.length).toBeGreaterThan(0);
    const strong = ['--min-tier', 'strong', '--evidence', 'strong.pcapng'];
    await analyze(join(SAMPLES, 'q151387-p8-broadcasts-only.pcap'), ...strong);
    expect((await readBack(at('strong.pcapng'))).frames).toEqual([]);
  });

  it('writes an empty capture over an old one where nothing is found, and says so', async () => {
    write(folder, 'old.pcapng', 'the evidence of another day');
    const { code, stdout, stderr } = await analyze('arp.pcap', '--evidence', 'old.pcapng');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'kbdiag: old.pcapng: no finding cites a frame, so there is none in it\n',
    });
    expect(stdout).toContain('There is no frame in it, as no finding cites one.');
    expect((await readBack(at('old.pcapng'))).frames).toEqual([]);
    expect((await analyze('arp.pcap', '--evidence', 'old.pcapng', '--quiet')).stderr).toBe('');
  });

  it('reads gzip, and a damaged file up to its damage', async () => {
    const gz = join(SAMPLES, 'q120599-d4-two-stacks.pcap.gz');
    await analyze(gz, '--evidence', 'gz.pcapng');
    write(folder, 'plain.pcap', gunzipSync(readFileSync(gz)));
    await analyze('plain.pcap', '--evidence', 'plain.pcapng');
    const [fromGz, fromPlain] = await Promise.all([readBack(at('gz.pcapng')), readBack(at('plain.pcapng'))]);
    expect(fromGz.frames.length).toBeGreaterThan(0);
    expect(fromGz.frames.map(({ record }) => record.data)).toEqual(
      fromPlain.frames.map(({ record }) => record.data),
    );

    const whole = readFileSync(SAMPLE);
    write(folder, 'cut.pcap', whole.subarray(0, whole.length - 10));
    expect((await analyze('cut.pcap', '--evidence', 'cut.pcapng', '--context', '1000')).code).toBe(4);
    const report = reportSchema.parse(JSON.parse((await analyze('cut.pcap', '-f', 'json')).stdout));
    expect((await readBack(at('cut.pcapng'))).frames).toHaveLength(report.captures[0]?.packets ?? -1);
  });

  it('counts files as they were given, also behind one that cannot be read', async () => {
    const { code, stdout } = await analyze(
      'nix.pcap',
      'trace.pcap',
      '--evidence',
      'two.pcapng',
      '-f',
      'json',
    );
    expect(code).toBe(4);
    const report = reportSchema.parse(JSON.parse(stdout));
    for (const frame of report.findings.flatMap(({ frames }) => frames))
      expect(frame.file).toBe('trace.pcap');
    const { frames } = await readBack(at('two.pcapng'));
    expect(frames).toHaveLength(report.evidence?.frames ?? -1);
    for (const { origin } of frames) expect(origin.comments[0]).toMatch(/Original: trace\.pcap#\d+\.$/);
  });

  it('exit codes of the analysis stay what they are', async () => {
    const args = ['trace.pcap', '--fail-on', 'info', '--evidence', 'fail-on.pcapng'];
    expect((await analyze(...args)).code).toBe(1);
    expect(existsSync(at('fail-on.pcapng'))).toBe(true);
  });

  it.skipIf(isWindows)('goes to a device or a pipe as it is', async () => {
    expect((await analyze('trace.pcap', '--evidence', '/dev/null')).code).toBe(0);
    execFileSync('mkfifo', [at('out.fifo')]);
    const child = start(['analyze', 'trace.pcap', '--evidence', 'out.fifo'], folder);
    const bytes = execFileSync('cat', [at('out.fifo')]);
    expect((await outcomeOf(child)).code).toBe(0);
    expect((await readBack(bytes)).frames.length).toBeGreaterThan(4);
    expect(statSync(at('out.fifo')).isFIFO()).toBe(true);
  });

  it.skipIf(isWindows)('goes to standard output where the report does not', async () => {
    const refused = await analyze('trace.pcap', '--evidence', '/dev/stdout');
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 2, stdout: '' });
    const shell = `"$0" "$1" analyze trace.pcap -o report.txt --evidence /dev/stdout | cat > piped.pcapng`;
    const program = fileURLToPath(new URL('../../bin/kbdiag.js', import.meta.url));
    execFileSync('sh', ['-c', shell, process.execPath, program], { cwd: folder });
    expect((await readBack(at('piped.pcapng'))).frames.length).toBeGreaterThan(4);
    expect(readFileSync(at('report.txt'), 'utf8')).toContain('wireshark /dev/stdout');
  });
});

describe('exit 2: what --evidence cannot do', () => {
  it.each([
    [['-', '--evidence', 'x.pcapng'], '--evidence reads the capture a second time, and - is not a file'],
    [['trace.pcap', '--evidence', '-'], '--evidence needs the name of a file'],
    [['trace.pcap', '--evidence', ''], '--evidence needs the name of a file'],
    [['trace.pcap', '--context', '3'], '--context needs --evidence'],
    [['trace.pcap', '--evidence', 'x.pcapng', '--context', '1001'], '0 to 1000'],
    [['trace.pcap', '--evidence', 'x.pcapng', '--context', '-1'], '0 to 1000'],
    [['trace.pcap', '--evidence', 'x.pcapng', '--context', '2.5'], '0 to 1000'],
    [['trace.pcap', '--evidence', 'x.pcapng', '--context', 'all'], '0 to 1000'],
    [['trace.pcap', '--evidence', 'x.pcapng', '-o', 'x.pcapng'], '--evidence and -o both name x.pcapng'],
    [['trace.pcap', '--evidence', 'x.pcapng', '-o', './x.pcapng'], '--evidence and -o both name x.pcapng'],
  ])('%s', async (args, message) => {
    const { code, stdout, stderr } = await run(['analyze', ...args], folder, {}, arpCapture(2));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(existsSync(at('x.pcapng'))).toBe(false);
  });

  it.skipIf(isWindows)('a named pipe as input', async () => {
    execFileSync('mkfifo', [at('in.fifo')]);
    const { code, stderr } = await analyze('in.fifo', '--evidence', 'x.pcapng');
    expect(code).toBe(2);
    expect(stderr).toContain('in.fifo is not a file; save it first');
  });
});

describe.skipIf(isWindows)("the customer's file is never written", () => {
  mkdirSync(at('sub'));
  mkdirSync(at('real'));
  copyFileSync(SAMPLE, at('real/customer.pcap'));
  copyFileSync(SAMPLE, at('real/second.pcap'));
  symlinkSync('real', at('linked'));
  symlinkSync('real/customer.pcap', at('symbolic.pcapng'));
  symlinkSync('symbolic.pcapng', at('symbolic-twice.pcapng'));
  linkSync(at('real/customer.pcap'), at('hard.pcapng'));
  symlinkSync('hard.pcapng', at('symbolic-hard.pcapng'));
  const original = readFileSync(SAMPLE);

  it.each([
    'real/customer.pcap',
    './real/customer.pcap',
    'sub/../real/customer.pcap',
    'linked/customer.pcap',
    'symbolic.pcapng',
    'symbolic-twice.pcapng',
    'hard.pcapng',
    'symbolic-hard.pcapng',
    join(folder, 'real', 'customer.pcap'),
    'real/second.pcap',
  ])('%s', async (path) => {
    for (const option of ['--evidence', '-o']) {
      const inputs = ['real/second.pcap', 'real/customer.pcap'];
      const { code, stdout, stderr } = await analyze(...inputs, option, path);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(`${option} ${path} is the capture itself; name another file`);
    }
    for (const name of ['real/customer.pcap', 'real/second.pcap'])
      expect(readFileSync(at(name)).equals(original)).toBe(true);
  });

  it('and as input under another name', async () => {
    for (const input of ['hard.pcapng', 'symbolic-twice.pcapng', 'linked/customer.pcap'])
      expect((await analyze(input, '--evidence', 'real/customer.pcap')).code).toBe(2);
    expect(readFileSync(at('real/customer.pcap')).equals(original)).toBe(true);
  });

  it('and where standard input is the file', async () => {
    const shell = '"$0" "$1" analyze - -o real/customer.pcap < real/customer.pcap';
    const program = fileURLToPath(new URL('../../bin/kbdiag.js', import.meta.url));
    expect(() =>
      execFileSync('sh', ['-c', shell, process.execPath, program], { cwd: folder, stdio: 'pipe' }),
    ).toThrow('is the capture itself');
    expect(readFileSync(at('real/customer.pcap')).equals(original)).toBe(true);
  });

  it('a link that leads nowhere yet is told to be -o, too', async () => {
    symlinkSync('future.pcapng', at('dangling.pcapng'));
    const { code } = await analyze('trace.pcap', '--evidence', 'future.pcapng', '-o', 'dangling.pcapng');
    expect(code).toBe(2);
    expect((await analyze('trace.pcap', '--evidence', 'dangling.pcapng')).code).toBe(0);
    expect((await readBack(at('future.pcapng'))).frames.length).toBeGreaterThan(0);
  });

  it('nor touched: its times stay', async () => {
    const { mtimeMs, ctimeMs, ino } = statSync(at('real/customer.pcap'));
    await analyze('real/customer.pcap', '--evidence', 'other.pcapng', '--context', '1000');
    expect(statSync(at('real/customer.pcap'))).toMatchObject({ mtimeMs, ctimeMs, ino });
  });
});

describe('exit 74: the evidence could not be written', () => {
  it.each(['nix/e.pcapng', 'sub'])('%s, said before the analysis', async (path) => {
    const { code, stdout, stderr } = await analyze('trace.pcap', '--evidence', path);
    expect({ code, stdout }).toEqual({ code: 74, stdout: '' });
    expect(stderr).toContain(`kbdiag: ${path}: the evidence could not be written`);
    expect(stderr).toContain('name another place with --evidence');
  });

  it.runIf(existsSync('/dev/full'))('on a full device; the report is written all the same', async () => {
    const { code, stdout, stderr } = await analyze('trace.pcap', '--evidence', '/dev/full');
    expect(code).toBe(74);
    expect(stdout).toContain('Verdicts');
    expect(stdout).not.toContain('The evidence');
    expect(stderr).toContain('kbdiag: /dev/full: the evidence could not be written: ENOSPC');
  });

  it.skipIf(isWindows)('no half file where the room ends in the middle, and the old one stays', () => {
    copyFileSync(join(SAMPLES, 'q228811-p7-series.pcap'), at('big.pcap'));
    write(folder, 'kept.pcapng', 'what was here before');
    const program = fileURLToPath(new URL('../../bin/kbdiag.js', import.meta.url));
    // One block of 512 or 1024 bytes; what is printed goes to pipes.
    const shell =
      'trap "" XFSZ; ulimit -f 1; "$0" "$1" analyze big.pcap --evidence kept.pcapng --context 1000';
    let status: number | null = 0;
    let stderr = '';
    try {
      execFileSync('sh', ['-c', shell, process.execPath, program], {
        cwd: folder,
        stdio: 'pipe',
        encoding: 'utf8',
      });
    } catch (error) {
      ({ status, stderr } = error as { status: number; stderr: string });
    }
    expect({ status, stderr }).toEqual({
      status: 74,
      stderr: expect.stringMatching(/kept\.pcapng: the evidence could not be written: EFBIG/) as string,
    });
    expect(readFileSync(at('kept.pcapng'), 'utf8')).toBe('what was here before');
    expect(leftovers()).toEqual([]);
  });

  it.skipIf(isWindows || process.getuid?.() === 0)(
    'in a folder that takes no files (not as root)',
    async () => {
      mkdirSync(at('closed'));
      chmodSync(at('closed'), 0o555);
      expect((await analyze('trace.pcap', '--evidence', 'closed/e.pcapng')).code).toBe(74);
    },
  );
});

it.skipIf(isWindows)('Ctrl-C ends the program while it waits for somebody to read its evidence', async () => {
  execFileSync('mkfifo', [at('unread.fifo')]);
  const child = start(['analyze', 'trace.pcap', '--evidence', 'unread.fifo'], folder);
  const outcome = outcomeOf(child);
  await sleep(2000);
  child.kill('SIGINT');
  const deadline = setTimeout(() => child.kill('SIGKILL'), 2000);
  expect(await outcome).toEqual({ code: null, signal: 'SIGINT', stdout: '', stderr: '' });
  clearTimeout(deadline);
});

describe('a capture that changes while it is read', () => {
  /** Analyses a copy of the sample, and changes it between the two passes: nobody reads the evidence before. */
  async function analyzeAndMeanwhile(name: string, change: () => void) {
    copyFileSync(SAMPLE, at(name));
    const pipe = `${name}.fifo`;
    execFileSync('mkfifo', [at(pipe)]);
    const outcome = outcomeOf(start(['analyze', name, '--evidence', pipe, '-f', 'json'], folder));
    // The first pass is over, and the second waits for a reader of the pipe.
    await sleep(3000);
    change();
    const bytes = execFileSync('cat', [at(pipe)]);
    return { bytes, ...(await outcome) };
  }

  it.skipIf(isWindows)('is told; where every cited frame still stands, nothing is missing', async () => {
    const { code, stderr, bytes } = await analyzeAndMeanwhile('growing.pcap', () =>
      appendFileSync(at('growing.pcap'), arpCapture(9).subarray(24)),
    );
    expect(code).toBe(0);
    expect(stderr).toContain(
      'growing.pcap was written to while kbdiag read it; every cited frame is still where it was',
    );
    expect((await readBack(bytes)).frames.length).toBeGreaterThan(4);
  });

  it.skipIf(isWindows)('is told; where none does, there is no evidence, but a report', async () => {
    const { code, stdout, stderr } = await analyzeAndMeanwhile('replaced.pcap', () =>
      writeFileSync(at('replaced.pcap'), arpCapture(5000)),
    );
    expect(code).toBe(74);
    expect(stderr).toContain('no cited frame is where it was: the capture was changed meanwhile');
    expect(reportSchema.parse(JSON.parse(stdout)).evidence).toBeUndefined();
  });
});
