import { readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import type { CaptureInput } from '../../src/capture/open.ts';
import { openTimeline, type Overlap } from '../../src/capture/timeline.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { concat, payload, pcap, SectionBuilder } from './build.ts';
import { drain } from './corpus.ts';
import { copyOf, type ReadRecord } from './read.ts';

const folder = temporaryFolder();

const memory = (name: string, seconds: readonly number[], magic = 0xa1b2c3d4): CaptureInput => ({
  path: name,
  bytes: pcap(
    seconds.map((second, i) => ({ seconds: second, data: payload(20, i) })),
    { magic },
  ),
  pieceBytes: 50,
});

async function merge(inputs: readonly CaptureInput[], stdin?: NodeJS.ReadableStream) {
  const interfaces = new InterfaceRegistry();
  const timeline = await openTimeline(inputs, stdin === undefined ? { interfaces } : { interfaces, stdin });
  const records: ReadRecord[] = [];
  await drain(timeline, (record) => records.push(copyOf(record)));
  timeline.close();
  const order = records.map(({ file, number }) => `${file}#${number}`).join(' ');
  return { timeline, interfaces, records, order };
}

describe('timeline', () => {
  it('hands one capture straight through', async () => {
    const { timeline, order } = await merge([memory('a', [1, 2])]);
    expect(order).toBe('0#1 0#2');
    expect(timeline.captures).toEqual([timeline]);
    expect(timeline.failures).toEqual([]);
  });

  it('merges by time, and equal times by the order of the files', async () => {
    const { order, interfaces } = await merge([
      memory('a', [1, 4, 5, 9]),
      memory('b', [2, 3, 5, 5, 10]),
      memory('c', [0, 11]),
    ]);
    expect(order).toBe('2#1 0#1 1#1 1#2 0#2 0#3 1#3 1#4 0#4 1#5 2#2');
    expect(interfaces.list.map(({ packets }) => packets)).toEqual([11]);
  });

  it('keeps interfaces apart whose frames end with a check sequence and without', async () => {
    const withCheck = 1 | 0x0400_0000 | (2 << 28);
    const checked = { path: 'a', bytes: pcap([{ seconds: 1, data: payload(64) }], { linkWord: withCheck }) };
    const { interfaces, records } = await merge([checked, memory('b', [2]), { ...checked, path: 'c' }]);
    expect(interfaces.list.map(({ fcsBytes, packets }) => [fcsBytes, packets])).toEqual([
      [4, 2],
      [0, 1],
    ]);
    expect(records.map((record) => record.interface)).toEqual([0, 0, 1]);
  });

  it('compares nanoseconds with microseconds', async () => {
    const at = (path: string, fraction: number, magic: number) => ({
      path,
      bytes: pcap([{ seconds: 5, fraction, data: payload(4) }], { magic }),
    });
    expect((await merge([at('a', 3, 0xa1b2c3d4), at('b', 2999, 0xa1b23c4d)])).order).toBe('1#1 0#1');
    expect((await merge([at('a', 3, 0xa1b2c3d4), at('b', 3001, 0xa1b23c4d)])).order).toBe('0#1 1#1');
  });

  it('keeps the order of each file where its clock steps back', async () => {
    expect((await merge([memory('a', [10, 3, 4, 12]), memory('b', [5, 11])])).order).toBe(
      '1#1 0#1 0#2 0#3 1#2 0#4',
    );
  });

  it('joins the files of a ring in whatever order they are given', async () => {
    const { order, timeline } = await merge([memory('2', [3, 4]), memory('3', [5, 6]), memory('1', [1, 2])]);
    expect(order).toBe('2#1 2#2 0#1 0#2 1#1 1#2');
    expect(timeline.captures.map(({ path, packets, file }) => `${path} ${packets} ${file}`)).toEqual([
      '2 2 0',
      '3 2 1',
      '1 2 2',
    ]);
  });

  it('leaves records without a time where they stand', async () => {
    const build = new SectionBuilder();
    const stamp = (seconds: number) => BigInt(seconds) * 1_000_000n;
    const mixed = concat(
      build.header(),
      build.interface(1, 0),
      build.simple(4, payload(4)),
      build.enhanced(0, stamp(2), payload(4)),
      build.simple(4, payload(4)),
      build.enhanced(0, stamp(6), payload(4)),
    );
    const { order } = await merge([memory('a', [1, 3, 7]), { path: 'b', bytes: mixed }]);
    expect(order).toBe('0#1 1#1 1#2 1#3 0#2 1#4 0#3');
  });

  it('takes a pipe as one of several', async () => {
    const bytes = Buffer.from(pcap([2, 4].map((seconds) => ({ seconds, data: payload(9) }))));
    expect((await merge([memory('a', [1, 3, 5]), '-'], Readable.from([bytes]))).order).toBe(
      '0#1 1#1 0#2 1#2 0#3',
    );
  });

  it('reports what cannot be read and goes on with the others', async () => {
    const bad = { path: 'bad', bytes: new Uint8Array(100).fill(1) };
    const { order, timeline } = await merge([bad, memory('a', [1]), join(folder, 'none')]);
    expect(order).toBe('1#1');
    expect(timeline.failures.map(({ code, path }) => [code, path])).toEqual([
      ['not-a-capture', 'bad'],
      ['missing', join(folder, 'none')],
    ]);
    expect(timeline.captures.map(({ path }) => path)).toEqual(['a']);
    await expect(merge([bad, join(folder, 'none')])).rejects.toMatchObject({ code: 'not-a-capture' });
  });

  it('keeps the facts of damaged and closed files', async () => {
    const cut = pcap([
      { seconds: 1, data: payload(50) },
      { seconds: 2, data: payload(50) },
    ]).slice(0, -1);
    const { timeline, order } = await merge([{ path: 'cut', bytes: cut }, memory('b', [3])]);
    expect(order).toBe('0#1 1#1');
    expect(timeline.captures[0]).toMatchObject({ path: 'cut', packets: 1, damage: { code: 'cut-short' } });
    expect(timeline.progress).toBe(1);
  });

  it('reports a file that is gone when its turn comes', async () => {
    const [first, second] = ['one', 'two'].map((name, i) => {
      const path = join(folder, name);
      writeFileSync(path, pcap([{ seconds: i, data: payload(5) }]));
      return path;
    }) as [string, string];
    const timeline = await openTimeline([first, second], { interfaces: new InterfaceRegistry() });
    unlinkSync(second);
    expect(await drain(timeline, () => {})).toBe(1);
    expect(timeline.failures).toMatchObject([{ code: 'missing', path: second }]);
    expect(timeline.captures.map(({ path }) => path)).toEqual([first]);
  });

  it('has few of a thousand ring files open at a time', async () => {
    const inputs = Array.from({ length: 1000 }, (_, i) => {
      const path = join(folder, `ring-${i}`);
      writeFileSync(path, pcap([0, 1].map((j) => ({ seconds: i * 10 + j, data: payload(60) }))));
      return path;
    });
    const openFiles = (): number => readdirSync('/proc/self/fd').length;
    const before = openFiles();
    let most = 0;
    const timeline = await openTimeline(inputs, { interfaces: new InterfaceRegistry() });
    let last = -1;
    const count = await drain(timeline, (record) => {
      expect(record.seconds).toBeGreaterThan(last);
      last = record.seconds;
      most = Math.max(most, openFiles());
    });
    expect(count).toBe(2000);
    expect(most - before).toBeLessThan(8);
  }, 30_000);
});

describe('a limit to overlaps', () => {
  /** The overlaps told, and how many records came. */
  async function limited(...files: ReadonlyArray<readonly number[]>) {
    const overlaps: Overlap[] = [];
    const timeline = await openTimeline(
      files.map((seconds, index) => memory(String(index), seconds)),
      {
        interfaces: new InterfaceRegistry(),
        overlapLimit: { maxSeconds: 1, onOverlap: (overlap) => overlaps.push(overlap) },
      },
    );
    let records = 0;
    await drain(timeline, () => {
      records += 1;
    });
    timeline.close();
    return { records, overlaps };
  }

  it.each([
    [
      'files one after the other',
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
    [
      'in another order than they were given',
      [
        [5, 6],
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'with steps back of a second',
      [
        [1, 2, 3],
        [2, 3, 4],
        [3, 4],
      ],
    ],
    ['one without packets', [[1, 2], [], [3, 4]]],
    ['that begin at one time', [[1], [1], [1, 2, 2], [2, 50]]],
  ])('lets through %s', async (_name, files) => {
    expect(await limited(...files)).toEqual({ records: files.flat().length, overlaps: [] });
  });

  it.each([
    [
      'in its midst',
      [
        [1, 2, 7, 8],
        [5, 9],
      ],
      3,
    ],
    [
      'though the next one is at its end',
      [
        [1, 2, 50],
        [5, 6],
      ],
      4,
    ],
    [
      'though the next one has no other packet for long',
      [
        [1, 2, 7],
        [5, 100],
      ],
      3,
    ],
    [
      'after a third one',
      [
        [1, 2, 9],
        [3, 4],
        [5, 6],
      ],
      6,
    ],
  ])('ends where a file goes on %s', async (_name, files, records) => {
    const { overlaps, ...rest } = await limited(...files);
    expect(overlaps).toEqual([{ earlier: '0', later: String(files.length - 1) }]);
    expect(rest).toEqual({ records });
  });

  it('has few files open at a time, however many begin together', async () => {
    const { overlaps, records } = await limited(...Array.from({ length: 500 }, () => [1, 2]));
    expect(overlaps).toHaveLength(1);
    expect(records).toBeLessThan(100);
    expect(await limited(...Array.from({ length: 50 }, () => [1, 2]))).toEqual({
      records: 100,
      overlaps: [],
    });
  });
});
