/** `kbdiag merge`: the folders of shards become what one scan of everything writes. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { journalOf, lockOf } from '../../src/scan/scan.ts';
import { outcomeOf } from '../child-outcome.ts';
import { arpCapture, run, start, write } from '../cli/kbdiag.ts';
import { arePeersRequired, canMount } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { filesBelow, leaseCapture, makeTree, readIndex, SAMPLES } from './folder.ts';

const folder = temporaryFolder();
const fileCount = makeTree(folder);
// Names whose reports would have one place, and a place that would have to be a folder.
mkdirSync(join(folder, 'tree/x.pcap.json'), { recursive: true });
for (const name of [
  'x.pcap',
  'x.pcap.json/x.pcap',
  'x_00001_20260101120000.pcap',
  'x_00002_20260101120000.pcap',
])
  write(folder, `tree/${name}`, arpCapture(2));
const SCAN = ['scan', 'tree', '-r', '-j', '2', '-f', 'json,text'];
const kbdiag = (...args: string[]) => run(args, folder);
const text = (path: string) => readFileSync(join(folder, path), 'utf8');

await kbdiag(...SCAN, '-o', 'whole');
for (const i of [1, 2, 3]) await kbdiag(...SCAN, '-o', `s${i}`, '--shard', `${i}/3`);
const merged = await kbdiag('merge', 's2', 's1', 's3', '-o', 'merged');

/** Two output folders hold the same, but for how long each analysis took. */
function expectSame(one: string, other: string): void {
  expect(filesBelow(join(folder, one))).toEqual(filesBelow(join(folder, other)));
  for (const name of filesBelow(join(folder, one))) {
    if (!name.startsWith('.kbdiag')) expect(timeless(join(one, name))).toEqual(timeless(join(other, name)));
  }
}

function timeless(path: string): unknown {
  if (path.endsWith('index.ndjson')) return text(path).replaceAll(/"elapsedMillis":[\d.]+/g, '');
  if (/index(?:-\d+)?\.html$/.test(path))
    return text(path).replaceAll(/<td>[^<]*<\/td><\/tr>|<dt>Analysis, all workers<\/dt><dd>[^<]*/g, '');
  if (!path.endsWith('index.csv')) return text(path);
  const rows = parse<Record<string, string>>(text(path), { columns: true });
  return rows.map((row) => ({ ...row, elapsedMillis: '' }));
}

describe('three shards, merged', () => {
  it('equal one scan of everything', () => {
    const { code, stderr, stdout } = merged;
    expect(stderr).toBe('');
    expect(code).toBe(4);
    expect(stdout).toContain(`${fileCount + 4} files:`);
    expect(text('merged/index.json')).toBe(text('whole/index.json'));
    expectSame('merged', 'whole');
  });

  it('change nothing in the shards', () => {
    expect(existsSync(lockOf(join(folder, 's1')))).toBe(false);
    expect(readIndex(folder, 's1').complete).toBe(true);
    // Not the same file: who edits the one does not edit the other.
    const { report } = readIndex(folder, 's1').captures.find((row) => row.report !== null) ?? {};
    const [one, other] = ['s1', 'merged'].map((out) => statSync(join(folder, out, report as string)));
    expect(one?.ino).not.toBe(other?.ino);
  });

  it('are gone on with by scan --resume, which analyses nothing again', async () => {
    cpSync(join(folder, 'merged'), join(folder, 'resumed'), { recursive: true });
    for (const { report } of readIndex(folder, 'resumed').captures)
      if (report !== null) writeFileSync(join(folder, 'resumed', report), 'old');
    write(folder, 'tree/zz-new.pcap', arpCapture(4));
    const { code } = await kbdiag(...SCAN, '-o', 'resumed', '--resume');
    rmSync(join(folder, 'tree/zz-new.pcap'));
    expect(code).toBe(4);
    const { captures } = readIndex(folder, 'resumed');
    expect(captures).toHaveLength(fileCount + 5);
    const renewed = captures.filter(
      ({ report }) => report !== null && text(join('resumed', report)) !== 'old',
    );
    expect(renewed.map(({ path }) => path)).toEqual(['tree/zz-new.pcap']);
    // From then on it is a scan of its own.
    const again = await kbdiag('merge', 's1', '-o', 'resumed');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('a scan of its own');
  });

  it('may be merged again, in steps, and take what has changed', async () => {
    cpSync(join(folder, 's1'), join(folder, 'c1'), { recursive: true });
    expect((await kbdiag('merge', 'c1', 's2', '-o', 'steps-a')).code).toBe(4);
    expect((await kbdiag('merge', 's3', '-o', 'steps-b')).code).toBe(4);
    const { code, stderr } = await kbdiag('merge', 'steps-a', 'steps-b', '-o', 'steps');
    expect(stderr).toBe('');
    expect(code).toBe(4);
    expectSame('steps', 'whole');
    // A row that is gone from a shard goes from the whole.
    const [gone] = readIndex(folder, 'c1').captures;
    mkdirSync(join(folder, 'fewer'));
    copyFileSync(join(folder, gone?.path ?? ''), join(folder, 'fewer/kept'));
    rmSync(join(folder, gone?.path ?? ''));
    await kbdiag(...SCAN, '-o', 'c1', '--shard', '1/3', '--resume');
    copyFileSync(join(folder, 'fewer/kept'), join(folder, gone?.path ?? ''));
    await kbdiag('merge', 'c1', 's2', '-o', 'steps-a');
    const paths = readIndex(folder, 'steps-a').captures.map(({ path }) => path);
    expect(paths).not.toContain(gone?.path);
    expect(paths).toHaveLength(
      readIndex(folder, 's1').captures.length + readIndex(folder, 's2').captures.length - 1,
    );
  });

  it('fail on the gravest fault of all of them', async () => {
    expect((await kbdiag('merge', 's1', 's2', 's3', '-o', 'merged', '--fail-on', 'critical')).code).toBe(1);
  });
});

describe('what is missing', () => {
  it('is named, and the index says that it is not complete', async () => {
    const { code, stderr, stdout } = await kbdiag('merge', 's1', 's1', '-o', 'one');
    expect(stderr).toBe('kbdiag: not complete: 2/3 and 3/3 are not among the shards; scan and merge again\n');
    expect(stdout).toContain('not complete');
    expect(code).toBe(4);
    expect(readIndex(folder, 'one').complete).toBe(false);
    expect((await kbdiag('merge', 's1', '-o', 'one', '--quiet')).stderr).toBe('');
    // The others can come later.
    expect((await kbdiag('merge', 's1', 's2', 's3', '-o', 'one')).stderr).toBe('');
    expect(text('one/index.json')).toBe(text('whole/index.json'));
  });

  it('is no success, whatever is there', async () => {
    await kbdiag('scan', 'tree/no-name-for-it', '-o', 'fine', '--shard', '1/1');
    expect((await kbdiag('merge', 'fine', '-o', 'fine-whole')).code).toBe(0);
    for (const i of [1, 2])
      await kbdiag('scan', 'tree/no-name-for-it', '-o', `half${i}`, '--shard', `${i}/2`);
    const halves = [1, 2].filter((i) => readIndex(folder, `half${i}`).captures.length === 1);
    expect(halves).toHaveLength(1);
    expect((await kbdiag('merge', `half${halves[0]}`, '-o', 'half')).code).toBe(4);
    expect((await kbdiag('merge', 'half1', 'half2', '-o', 'half')).code).toBe(0);
  });

  it('is told of a shard that was killed, and of reports that are gone', async () => {
    cpSync(join(folder, 's2'), join(folder, 'k2'), { recursive: true });
    const lines = text('k2/.kbdiag/journal.ndjson').trimEnd().split('\n');
    // Killed with three captures to go, in the midst of a line.
    writeFileSync(journalOf(join(folder, 'k2')), `${lines.slice(0, -4).join('\n')}\n{"files":[`);
    const killed = await kbdiag('merge', 's1', 'k2', 's3', '-o', 'after-kill');
    expect(killed.stderr).toContain('not complete: k2 has not come to the end');
    expect(readIndex(folder, 'after-kill').captures).toHaveLength(fileCount + 1);
    await kbdiag(...SCAN, '-o', 'k2', '--shard', '2/3', '--resume');
    const { report, path } = readIndex(folder, 'k2').captures.find((row) => row.report !== null) ?? {};
    rmSync(join(folder, 'k2', report as string));
    const lost = await kbdiag('merge', 's1', 'k2', 's3', '-o', 'lost');
    expect(lost.stderr).toContain(`reports of 1 capture are no longer there`);
    expect(lost.stderr).toContain('k2');
    expect(readIndex(folder, 'lost').captures.map((row) => row.path)).not.toContain(path);
    // With the report comes the row.
    await kbdiag(...SCAN, '-o', 'k2', '--shard', '2/3', '--resume');
    expect((await kbdiag('merge', 's1', 'k2', 's3', '-o', 'lost')).stderr).toBe('');
    expectSame('lost', 'whole');
  });
});

describe('a merge that was killed', () => {
  it('goes on when it is begun again', async () => {
    const began = performance.now();
    await kbdiag('merge', 's1', 's2', 's3', '-o', 'timed');
    const millis = performance.now() - began;
    for (let round = 0; round < 8; round += 1) {
      rmSync(join(folder, 'again'), { recursive: true, force: true });
      const child = start(['merge', 's1', 's2', 's3', '-o', 'again'], folder);
      const ended = outcomeOf(child);
      await sleep(((round + 1) / 8) * millis);
      child.kill('SIGKILL');
      await ended;
      const { code, stderr } = await kbdiag('merge', 's1', 's2', 's3', '-o', 'again');
      expect(stderr).toBe('');
      expect(code).toBe(4);
      expectSame('again', 'whole');
    }
  }, 120_000);

  it('goes on from the middle of its journal, and copies only the rest', async () => {
    cpSync(join(folder, 'merged'), join(folder, 'middle'), { recursive: true });
    const journal = journalOf(join(folder, 'middle'));
    const lines = readFileSync(journal, 'utf8').split('\n');
    const kept = lines.slice(0, lines.length >> 1);
    writeFileSync(journal, `${kept.join('\n')}\n{"files":[`);
    const old = new Date(1_000_000_000_000);
    for (const name of filesBelow(join(folder, 'middle/reports')))
      utimesSync(join(folder, 'middle/reports', name), old, old);
    expect((await kbdiag('merge', 's1', 's2', 's3', '-o', 'middle')).stderr).toBe('');
    expectSame('middle', 'whole');
    const untouched = filesBelow(join(folder, 'middle/reports')).filter(
      (name) => statSync(join(folder, 'middle/reports', name)).mtimeMs === old.getTime(),
    );
    const before = kept.flatMap((line) =>
      Object.values((JSON.parse(line) as { row?: { reports: Record<string, string> } }).row?.reports ?? {}),
    );
    expect(untouched.map((name) => `reports/${name}`)).toEqual(before.toSorted());
    expect(untouched.length).toBeGreaterThan(10);
  });
});

describe('what does not go together', () => {
  it.each([
    ['the folder it goes to', ['s1', 's2', '-o', './s1'], /s1 is to be merged and is where the whole goes/],
    ['no scan', ['s1', 'tree', '-o', 'no'], /tree holds no scan/],
    ['nothing at all', ['s1', 'nowhere', '-o', 'no'], /nowhere holds no scan/],
    ['another scan', ['s1', 's2', '-o', 'whole'], /whole holds a scan of its own/],
    ['no folder', ['-o', 'no'], /missing required argument/],
    ['no output', ['s1'], /--output/],
  ])('is refused: %s', async (_name, args, message) => {
    const { code, stderr } = await kbdiag('merge', ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'no'))).toBe(false);
  });

  it('is refused: other options and versions', async () => {
    await kbdiag(
      ...SCAN,
      '-o',
      'other',
      '--shard',
      '2/3',
      '--min-tier',
      'strong',
      '--set',
      'Q151387.graceMinSeconds=60',
    );
    const options = await kbdiag('merge', 's1', 'other', '-o', 'no');
    expect(options.code).toBe(2);
    expect(options.stderr).toContain('different options (Q151387.graceMinSeconds, minTier)');
    await kbdiag(...SCAN, '-o', 'joined', '--shard', '2/3', '--join');
    expect((await kbdiag('merge', 's1', 'joined', '-o', 'no')).stderr).toContain('different options (join)');
    cpSync(join(folder, 's2'), join(folder, 'older'), { recursive: true });
    const journal = journalOf(join(folder, 'older'));
    writeFileSync(
      journal,
      text('older/.kbdiag/journal.ndjson').replace(/"version":"[^"]*"/, '"version":"0.0.1"'),
    );
    const version = await kbdiag('merge', 's1', 'older', '-o', 'no');
    expect(version.code).toBe(2);
    expect(version.stderr).toContain('older was made by kbdiag 0.0.1');
  });

  it('is refused: a shard that is being scanned', async () => {
    mkdirSync(join(folder, 'slow'));
    writeFileSync(join(folder, 'slow/leases.pcap'), leaseCapture(16_000, 3));
    const child = start(['scan', 'slow', '-o', 'busy'], folder);
    const ended = outcomeOf(child);
    for (let i = 0; i < 200 && !existsSync(journalOf(join(folder, 'busy'))); i += 1) await sleep(20);
    const { code, stderr } = await kbdiag('merge', 'busy', '-o', 'no');
    child.kill('SIGINT');
    await ended;
    expect(stderr).toContain('a kbdiag scan is writing into busy');
    expect(code).toBe(2);
    // Interrupted, it can be merged, and is not complete.
    expect((await kbdiag('merge', 'busy', '-o', 'not-busy')).stderr).toContain(
      'busy has not come to the end',
    );
  }, 60_000);

  it('is refused: two captures of one name, and reports in one place', async () => {
    for (const [site, sample] of [
      ['a', 'q120599-d1-boot-conflict.pcap'],
      ['b', 'q151387-p1-definitive.pcap'],
    ] as const) {
      mkdirSync(join(folder, site));
      copyFileSync(join(SAMPLES, sample), join(folder, site, 'x.pcap'));
      await run(['scan', '.', '-o', `../of-${site}`], join(folder, site));
    }
    const names = await kbdiag('merge', 'of-a', 'of-b', '-o', 'no');
    expect(names.code).toBe(2);
    expect(names.stderr).toContain('of-a and of-b tell different things of x.pcap');
    await kbdiag('scan', 'a', '-o', 'from-here');
    await run(['scan', '../a', '-o', '../from-there'], join(folder, 'b'));
    const places = await kbdiag('merge', 'from-here', 'from-there', '-o', 'no');
    expect(places.code).toBe(2);
    expect(places.stderr).toContain('reports in the same place');
    expect(existsSync(join(folder, 'no'))).toBe(false);
  });

  it('is one row where two scans have the same of a capture', async () => {
    await kbdiag('scan', 'a', '-o', 'twice');
    const { code, stderr } = await kbdiag('merge', 'from-here', 'twice', '-o', 'once');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(readIndex(folder, 'once')).toEqual(readIndex(folder, 'twice'));
  });

  it('is left out: a report outside of its folder', async () => {
    await kbdiag('scan', 'tree/no-name-for-it', '-o', 'forged');
    const journal = journalOf(join(folder, 'forged'));
    const lines = text('forged/.kbdiag/journal.ndjson');
    writeFileSync(journal, lines.replaceAll('"reports/tree/', '"reports/../../outside/tree/'));
    cpSync(join(folder, 'forged/reports'), join(folder, 'outside'), { recursive: true });
    const { code } = await kbdiag('merge', 'forged', '-o', 'elsewhere/unforged');
    expect(code).toBe(4);
    expect(readIndex(folder, 'elsewhere/unforged').captures).toEqual([]);
    expect(existsSync(join(folder, 'elsewhere/outside'))).toBe(false);
  });
});

describe('a full disk', () => {
  it.skipIf(!canMount() && !arePeersRequired)('ends the merge, which goes on once there is room', () => {
    mkdirSync(join(folder, 'small'), { recursive: true });
    const program = new URL('../../bin/kbdiag.js', import.meta.url).pathname;
    const script = `mount -t tmpfs -o size=200k tmpfs small; "$0" "$@"; echo "code $?"; mount -o remount,size=50m small; "$0" "$@" | head -1; cmp small/out/index.json whole/index.json && echo equal`;
    const args = [program, 'merge', 's1', 's2', 's3', '-o', 'small/out'];
    const { stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', script, process.execPath, ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/ENOSPC|no space/i);
    expect(stderr).toContain('the same command goes on with it');
    expect(stdout).toContain('code 74');
    expect(stdout).toContain('equal');
  });
});
