/** `kbdiag scan` as a user runs it, on a folder with what folders have in them. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { indexJsonSchema, indexSchema } from '../../src/scan/index-schema.ts';
import { arpCapture, run, write } from '../cli/kbdiag.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { filesBelow, leaseCapture, makeTree, ODD_NAMES, readIndex, SAMPLES, sampleNames } from './folder.ts';

const root = new URL('../../', import.meta.url);
const folder = temporaryFolder();
const fileCount = makeTree(folder);
const scan = (...args: string[]) => run(['scan', ...args], folder);
const whole = await scan('tree', '-r', '-j', '2', '-o', 'whole', '-f', 'json,text');
if (!existsSync(join(folder, 'whole/index.json'))) throw new Error(`no index: ${whole.stderr}`);
const index = readIndex(folder, 'whole');

describe('a scan of a tree', () => {
  it('ends with the exit code of damage, and a summary', () => {
    expect(whole.stderr).toBe('');
    expect(whole.code).toBe(4);
    expect(whole.stdout).toContain(`${fileCount} files:`);
    expect(whole.stdout.endsWith('\nopen: whole/index.html\n')).toBe(true);
    expect(whole.stdout).not.toContain('\u001b');
  });

  it('has a row for every file, sorted by path, and none for what lies behind links', () => {
    const paths = index.captures.map(({ path }) => path);
    expect(paths).toHaveLength(fileCount);
    expect(paths).toEqual(paths.toSorted());
    for (const name of ODD_NAMES) expect(paths).toContain(`tree/${name}`);
    expect(paths.filter((path) => /link|circle|outside|pipe/.test(path))).toEqual([]);
  });

  it('says what is wrong with the broken ones', () => {
    const row = (name: string) => index.captures.find(({ path }) => path === `tree/${name}`);
    expect(row('cut.pcap')).toMatchObject({ status: 'damaged', code: 'cut-short', packets: 2 });
    expect(row('cut.pcap')?.reason).toMatch(/at byte \d+/);
    expect(row('empty.pcap')).toMatchObject({ status: 'unreadable', code: 'empty', report: null });
    expect(row('notes.txt')).toMatchObject({ status: 'unreadable', code: 'not-a-capture', reports: {} });
    expect(row('old.cap')).toMatchObject({ status: 'unreadable', code: 'unsupported-format' });
    expect(row('no-name-for-it')).toMatchObject({ status: 'ok', packets: 1 });
  });

  it('gives each capture the reports that analyze gives', async () => {
    const withReport = index.captures.filter(({ report }) => report !== null);
    expect(withReport).toHaveLength(fileCount - 3);
    for (const { path, reports, status } of withReport) {
      const one = await run(['analyze', path, '-f', 'json'], folder);
      expect(one.code).toBe(status === 'ok' ? 0 : 4);
      expect(readFileSync(join(folder, 'whole', reports['json'] as string), 'utf8')).toBe(one.stdout);
    }
    for (const { path, reports } of withReport.slice(0, 6)) {
      const one = await run(['analyze', path], folder);
      expect(readFileSync(join(folder, 'whole', reports['text'] as string), 'utf8')).toBe(one.stdout);
    }
  }, 120_000);

  it('has nothing in its folder but reports, index and journal', () => {
    const reports = index.captures.flatMap((row) => Object.values(row.reports));
    const names = [
      'index.csv',
      'index.html',
      'index.json',
      'index.ndjson',
      '.kbdiag/journal.ndjson',
      ...reports,
    ];
    expect(filesBelow(join(folder, 'whole'))).toEqual(names.toSorted());
  });

  it('sums up its rows', () => {
    const { summary, captures } = index;
    expect(summary.captures).toBe(captures.length);
    expect(summary.ok + summary.damaged + summary.unreadable + summary.failed).toBe(captures.length);
    expect(summary.packets).toBe(captures.reduce((sum, { packets }) => sum + packets, 0));
    expect(summary.findings.error).toBe(captures.reduce((sum, { findings }) => sum + findings.error, 0));
    expect(summary.findings.error).toBeGreaterThan(5);
  });

  it('tells the faults of all captures, with hosts and times, and what captures share', () => {
    const row = index.captures.find(({ path }) => path.endsWith('q120599-d1-boot-conflict.pcap'));
    const fault = index.faults.find(({ article, severity }) => article === 'Q120599' && severity === 'error');
    expect(fault?.captures).toContain(row?.path);
    expect(fault?.count).toBeGreaterThan(2);
    expect(fault?.hosts.length).toBeGreaterThan(0);
    expect((fault?.firstSeen ?? '') < (fault?.lastSeen ?? '')).toBe(true);
    const odd = index.shared.find(({ value }) => value === '00:11:22:33:44:55');
    expect(odd).toMatchObject({ kind: 'mac', count: ODD_NAMES.length + 2 });
    expect(index.shared.every(({ count }, at) => count <= (index.shared[at - 1]?.count ?? count))).toBe(true);
    expect(index.shared.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['mac', 'address', 'name']));
  });

  it('fits its published schema, which is current (npm run schema writes it)', () => {
    const published = JSON.parse(readFileSync(new URL('schema/index.schema.json', root), 'utf8')) as object;
    expect(published).toEqual(indexJsonSchema());
    const validate = new Ajv2020({ strict: false }).compile(published);
    validate(index);
    expect(validate.errors).toBeNull();
    expect(indexSchema.parse(index)).toEqual(index);
    expect(validate({ ...index, captures: [{ path: 'x' }] })).toBe(false);
  });

  it('is also CSV and NDJSON, harmless to show', () => {
    const csv = readFileSync(join(folder, 'whole/index.csv'), 'utf8');
    const rows = parse<Record<string, string>>(csv, { columns: true });
    expect(rows).toHaveLength(fileCount);
    expect(rows.every((row) => Number(row['elapsedMillis']) >= 0)).toBe(true);
    const found = rows.find((row) => row['path']?.endsWith('q120599-d1-boot-conflict.pcap'));
    expect(found).toMatchObject({ status: 'ok', Q120599: 'found', error: '1' });
    const lines = readFileSync(join(folder, 'whole/index.ndjson'), 'utf8').trimEnd().split('\n');
    const objects = lines.map((line) => JSON.parse(line) as { type: string; path?: string });
    expect(objects[0]).toMatchObject({ type: 'scan', schema: 'kbdiag-index/1', complete: true });
    expect(objects.filter(({ type }) => type === 'capture').map(({ path }) => path)).toEqual(
      index.captures.map(({ path }) => path),
    );
    for (const text of [csv, lines.join('\n')]) expect(text).not.toContain('\u001b');
  });
});

describe('which files', () => {
  it('are those in the folder itself without -r', async () => {
    expect((await scan('tree', '-o', 'flat')).code).toBe(4);
    const paths = readIndex(folder, 'flat').captures.map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.every((path) => path.split('/').length === 2)).toBe(true);
  });

  it('are told to lie in folders, where nothing else is there', async () => {
    mkdirSync(join(folder, 'nested/one'), { recursive: true });
    write(folder, 'nested/one/a.pcap', arpCapture(1));
    const { code, stderr } = await scan('nested', '-o', 'nested/out');
    expect([code, stderr]).toEqual([0, 'kbdiag: no files there, only 1 folder; -r goes into them\n']);
    expect((await scan('nested', '-o', 'nested/out', '--resume', '--quiet')).stderr).toBe('');
    expect((await scan('nested', '-r', '-o', 'nested/all')).stderr).not.toContain('-r goes');
  });

  it('are those named, once, and those of patterns', async () => {
    const outcome = await scan(
      'tree/*.pcap',
      'tree/c*.pcap',
      'tree/no-name-for-it',
      './tree/no-name-for-it',
      '-o',
      'named',
    );
    expect(outcome.code).toBe(4);
    // A file with the very name of a pattern is that file.
    expect(readIndex(folder, 'named').captures.map(({ path }) => path)).toEqual([
      'tree/*.pcap',
      'tree/cut.pcap',
      'tree/no-name-for-it',
    ]);
  });

  it('do not include the output folder', async () => {
    mkdirSync(join(folder, 'inside'));
    write(folder, 'inside/a.pcap', arpCapture(1));
    expect((await scan('inside', '-r', '-o', 'inside/out')).code).toBe(0);
    expect((await scan('inside', '-r', '-o', 'inside/out', '--resume')).code).toBe(0);
    expect(readIndex(folder, 'inside/out').captures.map(({ path }) => path)).toEqual(['inside/a.pcap']);
  });

  it('cost a row each where they are missing or no files', async () => {
    const outcome = await scan('missing.pcap', 'tree/pipe.pcap', '-o', 'none');
    expect(outcome.code).toBe(3);
    expect(readIndex(folder, 'none').captures).toMatchObject([
      { path: 'missing.pcap', status: 'unreadable', code: 'unlisted' },
      { path: 'tree/pipe.pcap', status: 'unreadable', code: 'unlisted' },
    ]);
  });

  it.skipIf(process.getuid?.() === 0)(
    'cost a row each where they may not be read (not as root)',
    async () => {
      mkdirSync(join(folder, 'locked/closed'), { recursive: true });
      write(folder, 'locked/a.pcap', arpCapture(1));
      write(folder, 'locked/b.pcap', arpCapture(1));
      chmodSync(join(folder, 'locked/b.pcap'), 0);
      chmodSync(join(folder, 'locked/closed'), 0);
      const outcome = await scan('locked', '-r', '-o', 'unlocked');
      chmodSync(join(folder, 'locked/closed'), 0o700);
      expect(outcome.code).toBe(4);
      expect(readIndex(folder, 'unlocked').captures).toMatchObject([
        { path: 'locked/a.pcap', status: 'ok' },
        { path: 'locked/b.pcap', status: 'unreadable', code: 'unreadable' },
        { path: 'locked/closed', status: 'unreadable', code: 'unlisted' },
      ]);
      // The permission of a file is no part of its time: it is tried again.
      chmodSync(join(folder, 'locked/b.pcap'), 0o600);
      expect((await scan('locked', '-r', '-o', 'unlocked', '--resume')).code).toBe(0);
      expect(readIndex(folder, 'unlocked').summary).toMatchObject({ captures: 2, ok: 2 });
    },
  );
});

describe('where reports go', () => {
  it('is under the path of the capture, and no two in the same place', async () => {
    mkdirSync(join(folder, 'places/sub/x.pcap.json'), { recursive: true });
    const long = `${'l'.repeat(250)}.cap`;
    for (const name of ['x.pcap', 'sub/x.pcap', 'sub/x.pcap.json/x.pcap', long])
      write(folder, `places/${name}`, arpCapture(1));
    const outcome = await run(
      ['scan', '.', '../places/x.pcap', join(folder, 'places/sub'), '-r', '-o', 'out'],
      join(folder, 'places'),
    );
    expect(outcome.stderr).toBe('');
    expect(outcome.code).toBe(0);
    const { captures } = readIndex(join(folder, 'places'), 'out');
    expect(captures.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
    const reports = captures.map(({ report }) => report as string);
    expect(new Set(reports).size).toBe(4);
    expect(reports).toContain('reports/x.pcap.json');
    for (const report of reports) expect(existsSync(join(folder, 'places/out', report))).toBe(true);
  });
});

describe('options and exit codes', () => {
  const sample = join(SAMPLES, 'q120599-d1-boot-conflict.pcap');

  it('are those of the analysis', async () => {
    const args = [
      '--rules',
      'Q120599,Q193157',
      '--min-tier',
      'definitive',
      '--set',
      'capture.reorderMillis=20',
    ];
    const outcome = await run(['scan', sample, '-o', 'options', '-f', 'text', '-f', 'json', ...args], folder);
    expect(outcome.code).toBe(0);
    const { captures, options } = readIndex(folder, 'options');
    expect(options).toEqual({
      'capture.reorderMillis': 20,
      minTier: 'definitive',
      rules: 'Q120599,Q193157',
    });
    expect(Object.keys(captures[0]?.verdicts ?? {})).toEqual(['Q120599', 'Q193157']);
    expect(captures[0]?.report).toMatch(/\.txt$/);
    const one = await run(['analyze', sample, '-f', 'json', ...args], folder);
    expect(readFileSync(join(folder, 'options', captures[0]?.reports['json'] as string), 'utf8')).toBe(
      one.stdout,
    );
  });

  it('is 1 for a fault that is grave enough, before damage', async () => {
    const cut = join(folder, 'tree/cut.pcap');
    expect((await scan(sample, cut, '-o', 'fail', '--fail-on', 'error')).code).toBe(1);
    expect((await scan(sample, cut, '-o', 'fail', '--fail-on', 'error', '--resume')).code).toBe(1);
    expect((await scan(sample, cut, '-o', 'pass', '--fail-on', 'critical')).code).toBe(4);
  });

  it('is 0 where there are other files between captures, and 3 where there is no capture', async () => {
    expect((await scan('tree/no-name-for-it', 'tree/notes.txt', 'tree/empty.pcap', '-o', 'mixed')).code).toBe(
      0,
    );
    expect((await scan('tree/notes.txt', '-o', 'words')).code).toBe(3);
  });

  it.each([
    [['tree'], /--output/],
    [['tree', '-o', 'x', '-f', 'jsn'], /did you mean json/],
    [['tree', '-o', 'x', '--shard', '3/2'], /--shard 3\/2/],
    [['tree', '-o', 'x', '-j', '0'], /--jobs 0/],
    [['tree', '-o', 'x', '--memory', 'lots'], /--memory lots/],
    [['tree', '-o', 'x', '--rules', 'Q999999'], /there is no rule Q999999/],
  ])('is 2 for %j', async (args, message) => {
    const { code, stderr } = await scan(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  it('is 74 where the output cannot be written', async () => {
    const { code, stderr } = await scan('tree', '-o', 'tree/cut.pcap');
    expect(code).toBe(74);
    expect(stderr).toContain('tree/cut.pcap');
  });
});

describe('a folder that holds a scan', () => {
  it('is not written over, nor gone on with in another way', async () => {
    const again = await scan('tree', '-r', '-o', 'whole');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('--resume');
    const other = await scan(
      'tree',
      '-r',
      '-o',
      'whole',
      '--resume',
      '--min-tier',
      'strong',
      '-f',
      'json,text',
    );
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('other options');
    expect(readIndex(folder, 'whole')).toEqual(index);
  });

  it('is brought up to date: what is new, changed or lost is done again, and what is gone leaves the index', async () => {
    mkdirSync(join(folder, 'live'));
    const put = (name: string, packets: number) => write(folder, `live/${name}`, arpCapture(packets));
    for (const name of ['same', 'touched', 'grown', 'rewritten', 'gone', 'lost']) put(name, 3);
    expect((await scan('live', '-o', 'kept')).code).toBe(0);
    const report = (name: string) => join(folder, `kept/reports/live/${name}.json`);
    // A report that is not made again keeps what is put in here.
    for (const name of ['same', 'touched', 'grown', 'rewritten']) writeFileSync(report(name), 'old');
    utimesSync(join(folder, 'live/touched'), 1, 1);
    put('grown', 5);
    const changed = arpCapture(3);
    changed[changed.length - 1] = 1;
    writeFileSync(join(folder, 'live/rewritten'), changed);
    utimesSync(join(folder, 'live/rewritten'), 2, 2);
    rmSync(join(folder, 'live/gone'));
    rmSync(report('lost'));
    put('new', 1);
    expect((await scan('live', '-o', 'kept', '--resume')).code).toBe(0);
    const { captures } = readIndex(folder, 'kept');
    expect(captures.map(({ path, packets }) => `${path} ${packets}`)).toEqual([
      'live/grown 5',
      'live/lost 3',
      'live/new 1',
      'live/rewritten 3',
      'live/same 3',
      'live/touched 3',
    ]);
    const isOld = (name: string) => readFileSync(report(name), 'utf8') === 'old';
    expect(['same', 'touched', 'grown', 'rewritten', 'lost'].filter(isOld)).toEqual(['same', 'touched']);
  });
});

describe('shards', () => {
  it('together have what the whole has, each file once', async () => {
    const parts = await Promise.all(
      [1, 2, 3].map((i) => scan('tree', '-r', '-o', `shard${i}`, '--shard', `${i}/3`, '-f', 'json,text')),
    );
    expect(parts.map(({ stderr }) => stderr)).toEqual(['', '', '']);
    const shards = [1, 2, 3].map((i) => readIndex(folder, `shard${i}`));
    expect(shards.every(({ captures }) => captures.length > 0 && captures.length < fileCount)).toBe(true);
    const rows = shards.flatMap(({ captures }) => captures).toSorted((a, b) => (a.path < b.path ? -1 : 1));
    expect(rows).toHaveLength(fileCount);
    for (const [at, row] of rows.entries()) expect(row).toEqual(index.captures[at]);
    for (const { report } of rows.filter((row) => row.report !== null)) {
      const holders = [1, 2, 3].filter((i) => existsSync(join(folder, `shard${i}`, report as string)));
      expect(holders).toHaveLength(1);
      expect(readFileSync(join(folder, `shard${holders[0]}`, report as string))).toEqual(
        readFileSync(join(folder, 'whole', report as string)),
      );
    }
  });
});

describe('a capture that takes more memory than there is', () => {
  it('costs its own row, with the reason, after a second try', async () => {
    mkdirSync(join(folder, 'hungry'));
    write(folder, 'hungry/leases.pcap', leaseCapture(4000, 4));
    for (const name of sampleNames().slice(0, 8))
      copyFileSync(join(SAMPLES, name), join(folder, 'hungry', name));
    const { code, stderr } = await scan('hungry', '-o', 'fed', '-j', '2', '--memory', '16');
    expect(stderr).toBe('');
    expect(code).toBe(4);
    const { captures, summary } = readIndex(folder, 'fed');
    expect(summary).toMatchObject({ captures: 9, ok: 8, failed: 1 });
    const row = captures.find(({ path }) => path === 'hungry/leases.pcap');
    expect(row).toMatchObject({ status: 'failed', code: 'worker', report: null });
    expect(row?.reason).toMatch(
      /ran out of memory \(16 MiB\).*process of its own.*ran out of memory \(32 MiB\)/,
    );
    // With more memory it is tried again, and nothing else.
    expect((await scan('hungry', '-o', 'fed', '--resume')).code).toBe(0);
    expect(readIndex(folder, 'fed').summary).toMatchObject({ captures: 9, ok: 9 });
  }, 120_000);
});
