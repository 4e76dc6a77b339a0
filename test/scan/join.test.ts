/** `kbdiag scan --join`: the files of a ring are one capture. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import type { IndexRow } from '../../src/scan/index-schema.ts';
import { arpCapture, run, write } from '../cli/kbdiag.ts';
import { arePeersRequired, hasPeer } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { readIndex, SAMPLES, sampleNames } from './folder.ts';

const folder = temporaryFolder();
const scan = (...args: string[]) => run(['scan', ...args], folder);
const peers = hasPeer('editcap', '-v') && hasPeer('tcpdump');

/** The records of a little-endian pcap, as many at a time as asked for, each piece a capture. */
function cut(capture: Buffer, records: number): Buffer[] {
  const header = capture.subarray(0, 24);
  const pieces: Buffer[] = [];
  let from = 24;
  let count = 0;
  for (let at = 24; at < capture.length; ) {
    at += 16 + capture.readUInt32LE(at + 8);
    count += 1;
    if (count % records === 0 || at >= capture.length) {
      pieces.push(Buffer.concat([header, capture.subarray(from, at)]));
      from = at;
    }
  }
  return pieces;
}

const reportOf = (out: string, row: IndexRow | undefined): Report =>
  JSON.parse(readFileSync(join(folder, out, row?.report ?? ''), 'utf8')) as Report;

/** Findings with frame numbers as if all files were one, in their order. */
function findingsOf({ captures, findings }: Report): unknown[] {
  const before = new Map<string, number>();
  let sum = 0;
  for (const { path, packets } of captures) {
    before.set(path, sum);
    sum += packets;
  }
  return findings.map(({ key, kind, tier, severity, count, frames, facts }) => {
    const numbers = frames.map(({ file, number, role }) => [role, number + (before.get(file) ?? 0)]);
    return { key, kind, tier, severity, count, facts, numbers };
  });
}

const verdictsOf = ({ verdicts }: Report) =>
  verdicts.map(({ article, verdict, observed }) => ({ article, verdict, observed }));

describe.skipIf(!peers && !arePeersRequired)('a capture cut into ten files by editcap', () => {
  it.each([
    ['-c', 'pcapng', (report: Report) => String(Math.ceil((report.captures[0]?.packets ?? 1) / 10))],
    ['-i', 'pcap', (report: Report) => ((report.captures[0]?.durationSeconds ?? 1) / 10).toFixed(3)],
  ] as const)(
    'with %s into %s gives the findings of the whole, for every sample',
    async (option, format, argument) => {
      const base = join(folder, `cut${option}`);
      mkdirSync(join(base, 'whole'), { recursive: true });
      // Editcap keeps neither statistics nor, in pcap, names of interfaces: it also copies the whole.
      for (const name of sampleNames())
        spawnSync('editcap', ['-F', format, join(SAMPLES, name), join(base, 'whole', name)]);
      await scan(`cut${option}/whole`, '-o', `of-whole${option}`, '-j', '2');
      const wholes = readIndex(folder, `of-whole${option}`).captures;
      expect(wholes).toHaveLength(sampleNames().length);
      for (const [index, row] of wholes.entries()) {
        mkdirSync(join(base, `${index}`));
        const size = argument(reportOf(`of-whole${option}`, row));
        spawnSync('editcap', [
          '-F',
          format,
          option,
          size,
          join(folder, row.path),
          join(base, `${index}`, 'ring.pcap'),
        ]);
      }
      rmSync(join(base, 'whole'), { recursive: true });
      const { code, stderr } = await scan(
        `cut${option}`,
        '-r',
        '--join',
        '-o',
        `of-rings${option}`,
        '-j',
        '2',
      );
      expect(stderr).toBe('');
      expect(code).toBe(0);
      const joined = readIndex(folder, `of-rings${option}`).captures;
      expect(joined).toHaveLength(wholes.length);
      let findings = 0;
      for (const row of joined) {
        expect(row.files.length).toBeGreaterThanOrEqual(10);
        expect(row.path).toBe(row.files[0]);
        const of = wholes[Number(row.path.split('/')[1])];
        const [whole, ring] = [reportOf(`of-whole${option}`, of), reportOf(`of-rings${option}`, row)];
        expect(ring.captures.map(({ path }) => path)).toEqual(row.files);
        expect(row.packets).toBe(of?.packets);
        expect(findingsOf(ring)).toEqual(findingsOf(whole));
        expect(verdictsOf(ring)).toEqual(verdictsOf(whole));
        findings += ring.findings.length;
      }
      expect(findings).toBeGreaterThan(15);
      if (option === '-i') return;
      // By themselves they show less.
      await scan(`cut${option}`, '-r', '-o', `of-pieces${option}`, '-j', '2');
      const pieces = readIndex(folder, `of-pieces${option}`).summary.findings;
      expect(pieces.error + pieces.critical).toBeLessThan(
        readIndex(folder, `of-rings${option}`).summary.findings.error,
      );
    },
    120_000,
  );

  it('or by tcpdump -C and -W, wrapped or compressed, is one capture', async () => {
    mkdirSync(join(folder, 'dump/w'), { recursive: true });
    writeFileSync(join(folder, 'long.pcap'), arpCapture(40_000));
    for (const args of [['dump/c.pcap'], ['dump/w/c.pcap', '-W', '2'], ['dump/w10.cap', '-W', '10']])
      spawnSync('tcpdump', ['-Z', 'root', '-r', 'long.pcap', '-C', '1', '-w', ...args], { cwd: folder });
    writeFileSync(join(folder, 'dump/c.pcap1.gz'), gzipSync(readFileSync(join(folder, 'dump/c.pcap1'))));
    rmSync(join(folder, 'dump/c.pcap1'));
    expect((await scan('dump', '-r', '--join', '-o', 'of-dump')).code).toBe(0);
    const [c, wrapped, w10, ...more] = readIndex(folder, 'of-dump').captures;
    expect(more).toEqual([]);
    expect(c?.files).toEqual(['dump/c.pcap', 'dump/c.pcap1.gz', 'dump/c.pcap2', 'dump/c.pcap3']);
    expect(c).toMatchObject({ status: 'ok', packets: 40_000, durationSeconds: 39_999 });
    // The first two files were written over by the last two.
    expect(wrapped?.files).toEqual(['dump/w/c.pcap0', 'dump/w/c.pcap1']);
    expect(wrapped).toMatchObject({ status: 'ok', lastTime: c?.lastTime });
    expect(wrapped?.packets).toBeLessThan(30_000);
    expect(wrapped?.health?.clockEpochs).toBe(c?.health?.clockEpochs);
    expect(w10?.files).toHaveLength(4);
    expect(w10?.packets).toBe(40_000);
  });
});

const lease = readFileSync(join(SAMPLES, 'q151387-p1-definitive.pcap'));
const pieces = cut(lease, 60);
const ringName = (index: number) =>
  `r_${String(index + 1).padStart(5, '0')}_2001020304${String(10 + index)}00.pcap`;
const putRing = (place: string, from: number, to: number): void => {
  mkdirSync(join(folder, place), { recursive: true });
  for (let i = from; i < to; i += 1) write(folder, join(place, ringName(i)), pieces[i] as Buffer);
};

describe('a ring', () => {
  it('gives the report that analyze gives of its files', async () => {
    putRing('ring', 0, pieces.length);
    const { code, stdout } = await scan(
      'ring',
      '--join',
      '-o',
      'of-ring',
      '-f',
      'json,text',
      '--fail-on',
      'error',
    );
    expect(code).toBe(1);
    expect(stdout).toContain(`1 capture in ${pieces.length} files: 1 ok; 259 packets`);
    const [row] = readIndex(folder, 'of-ring').captures;
    expect(row?.files).toEqual(pieces.map((_, index) => `ring/${ringName(index)}`));
    expect(row?.reports).toEqual({
      json: 'reports/ring/r_ring.pcap.json',
      text: 'reports/ring/r_ring.pcap.txt',
    });
    const one = await run(['analyze', ...(row?.files ?? [])], folder);
    expect(readFileSync(join(folder, 'of-ring', row?.reports['text'] as string), 'utf8')).toBe(one.stdout);
    expect(row).not.toHaveProperty('apart');
  });

  it('is analysed again when a file grew or came, and not otherwise', async () => {
    putRing('grown', 0, 3);
    const resume = () => scan('grown', '--join', '-o', 'of-grown', '--resume');
    const row = () => readIndex(folder, 'of-grown').captures;
    await resume();
    expect(row()).toMatchObject([{ packets: 180, findings: { error: 0 } }]);
    const place = join(folder, 'of-grown', row()[0]?.report ?? '');
    writeFileSync(place, 'old');
    await resume();
    expect(readFileSync(place, 'utf8')).toBe('old');
    write(folder, `grown/${ringName(3)}`, (pieces[3] as Buffer).subarray(0, -200));
    expect((await resume()).code).toBe(4);
    expect(row()).toMatchObject([{ status: 'damaged', code: 'cut-short', files: { length: 4 } }]);
    expect(row()[0]?.reason).toContain(ringName(3));
    putRing('grown', 3, pieces.length);
    expect((await resume()).code).toBe(0);
    expect(row()).toMatchObject([{ status: 'ok', packets: 259, findings: { error: 1 } }]);
    // Its first file was written over: the ring is known by another one.
    rmSync(join(folder, 'grown', ringName(0)));
    expect((await resume()).code).toBe(0);
    expect(row()).toMatchObject([{ path: `grown/${ringName(1)}`, packets: 199 }]);
  });

  it('goes to one shard as a whole, and is merged', async () => {
    for (const i of [1, 2, 3, 4, 5]) putRing(`many/${i}`, 0, pieces.length);
    write(folder, 'many/single.pcap', lease);
    await scan('many', '-r', '--join', '-o', 'of-many');
    for (const i of [1, 2, 3]) await scan('many', '-r', '--join', '-o', `of-many${i}`, '--shard', `${i}/3`);
    const shards = [1, 2, 3].map((i) => readIndex(folder, `of-many${i}`).captures.length);
    expect(shards.reduce((a, b) => a + b)).toBe(6);
    expect(shards.filter((count) => count > 0).length).toBeGreaterThan(1);
    const { code } = await run(['merge', 'of-many1', 'of-many2', 'of-many3', '-o', 'of-many-merged'], folder);
    expect(code).toBe(0);
    expect(readFileSync(join(folder, 'of-many-merged/index.json'), 'utf8')).toBe(
      readFileSync(join(folder, 'of-many/index.json'), 'utf8'),
    );
  });

  it('with an unreadable or vanishing file covers the others', async () => {
    putRing('holes', 0, pieces.length);
    write(folder, `holes/${ringName(2)}`, '');
    expect((await scan('holes', '--join', '-o', 'of-holes')).code).toBe(4);
    const { captures } = readIndex(folder, 'of-holes');
    expect(captures).toMatchObject([{ status: 'damaged', code: 'empty', packets: 199 }]);
    expect(captures[0]?.reason).toContain(ringName(2));
  });
});

describe('files that are named as a ring and are none', () => {
  const names = [
    'twin_00001_20010203040506.pcap',
    'twin_00002_20010203040507.pcap',
    'twin_00003_20010203040508.pcap',
  ];
  const samples = [
    'q151387-p1-definitive.pcap',
    'q120599-d1-boot-conflict.pcap',
    'q151387-p1-definitive.pcap',
  ];

  it('have a row each that says so, and are not opened again', async () => {
    mkdirSync(join(folder, 'twins'));
    for (const [index, name] of names.entries())
      copyFileSync(join(SAMPLES, samples[index] as string), join(folder, 'twins', name));
    await scan('twins', '-o', 'of-singles');
    expect((await scan('twins', '--join', '-o', 'of-twins', '-j', '2')).code).toBe(0);
    const singles = readIndex(folder, 'of-singles').captures;
    const { captures, summary } = readIndex(folder, 'of-twins');
    expect(summary.captures).toBe(3);
    expect(captures).toEqual(singles.map((row) => ({ ...row, apart: captures[0]?.apart })));
    for (const row of captures) {
      expect(row.apart).toMatch(/no one timeline: twins\/twin_0000\d_\d+\.pcap goes on after twins\/twin_/);
      expect(readFileSync(join(folder, 'of-twins', row.report as string), 'utf8')).toBe(
        readFileSync(join(folder, 'of-singles', row.report as string), 'utf8'),
      );
    }
    for (const { report } of captures) writeFileSync(join(folder, 'of-twins', report as string), 'old');
    expect((await scan('twins', '--join', '-o', 'of-twins', '--resume', '--fail-on', 'error')).code).toBe(1);
    expect(readIndex(folder, 'of-twins').captures).toEqual(captures);
    for (const { report } of captures)
      expect(readFileSync(join(folder, 'of-twins', report as string), 'utf8')).toBe('old');
    // Without the one that overlaps they are a ring.
    for (const name of names.slice(1)) rmSync(join(folder, 'twins', name));
    write(folder, 'twins/twin_00004_20260101120000.pcap', arpCapture(1));
    expect((await scan('twins', '--join', '-o', 'of-twins', '--resume')).code).toBe(0);
    expect(readIndex(folder, 'of-twins').captures).toMatchObject([{ files: { length: 2 }, packets: 260 }]);
  });
});

it('a scan with --join is not gone on with without it', async () => {
  putRing('kept', 0, 2);
  await scan('kept', '--join', '-o', 'of-kept');
  const { code, stderr } = await scan('kept', '-o', 'of-kept', '--resume');
  expect(code).toBe(2);
  expect(stderr).toContain('other options');
});
