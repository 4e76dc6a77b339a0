import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/capture/errors.ts';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { openCapture } from '../../src/capture/open.ts';
import { findTimeZone } from '../../src/report/time-zone.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { concat, payload } from './build.ts';
import { drain } from './corpus.ts';
import { netmon, type NetmonFrame, type NetmonOptions, START_SECONDS } from './netmon-file.ts';
import { readBytes, refusalOf } from './read.ts';

const frames: readonly NetmonFrame[] = Array.from({ length: 40 }, (_, i) => ({
  data: payload(20 + i, i),
  delta: BigInt(i * 250),
  medium: 1,
  filetime: 126_256_467_064_110_000n + BigInt(i) * 2500n,
}));
const datas = frames.map(({ data }) => Buffer.from(data).toString('hex'));

async function dataOf(bytes: Uint8Array, pieceBytes?: number) {
  const { records, capture } = await readBytes(bytes, pieceBytes);
  return { datas: records.map(({ data }) => data), records, capture };
}

describe('versions', () => {
  const versions: ReadonlyArray<readonly [major: number, minor: number, times: readonly string[]]> = [
    [1, 1, [`${START_SECONDS}.411000000`, `${START_SECONDS}.661000000`]],
    [2, 0, [`${START_SECONDS}.411000000`, `${START_SECONDS}.411250000`]],
    [2, 1, [`${START_SECONDS}.411000000`, `${START_SECONDS}.411250000`]],
    [2, 2, [`${START_SECONDS}.411000000`, `${START_SECONDS}.411250000`]],
    [2, 3, ['981173106.411000000', '981173106.411250000']],
  ];
  it.each(versions)('%i.%i: frames, times, what is known of the zone', async (major, minor, times) => {
    const bytes = netmon(frames, { major, minor });
    const { records, datas: read, capture } = await dataOf(bytes);
    expect(read).toEqual(datas);
    expect(records.slice(0, 2).map(({ time }) => time)).toEqual(times);
    expect(records.map(({ number }) => number)).toEqual(frames.map((_, i) => i + 1));
    const isUtc = major === 2 && minor === 3;
    expect(capture).toMatchObject({
      format: major === 1 ? 'netmon1' : 'netmon2',
      damage: null,
      timeZone: isUtc ? 'UTC' : 'unknown',
      packets: frames.length,
      progress: 1,
    });
    expect([...capture.oddities.keys()]).toEqual(isUtc ? [] : ['local-time']);
    for (const { fileOffset, data } of records)
      expect(Buffer.from(bytes.subarray(fileOffset, fileOffset + data.length / 2)).toString('hex')).toBe(
        data,
      );
  });

  it('gives the same in pieces of any size', async () => {
    const whole = await dataOf(netmon(frames, { minor: 2, hole: 3 }));
    for (const size of [1, 7, 64, 1000])
      expect((await dataOf(netmon(frames, { minor: 2, hole: 3 }), size)).records).toEqual(whole.records);
  });

  it('refuses other versions, and names a header that is cut', async () => {
    expect(await refusalOf(readBytes(netmon(frames, { major: 3 })))).toMatchObject({
      code: 'unsupported-format',
      offset: 4,
    });
    expect(await refusalOf(readBytes(netmon(frames).subarray(0, 63)))).toMatchObject({
      code: 'damaged-header',
      message: expect.stringMatching('63 of 64'),
    });
  });
});

describe('times', () => {
  async function firstTime(options: NetmonOptions, delta: bigint, tz?: string) {
    const zone = tz === undefined ? null : findTimeZone(tz);
    const capture = await openCapture(
      { path: 'x', bytes: netmon([{ data: payload(20), delta }], options) },
      { file: 0, interfaces: new InterfaceRegistry(), ...(zone === null ? {} : { localZone: zone }) },
    );
    let time = '';
    await drain(capture, ({ seconds, nanos }) => {
      time = `${seconds}.${String(nanos).padStart(9, '0')}`;
    });
    return { time, timeZone: capture.timeZone, oddities: [...capture.oddities.keys()] };
  }

  it('go back before the start by the sign of their tenfold', async () => {
    expect((await firstTime({}, -1n)).time).toBe(`${START_SECONDS}.410999000`);
    expect((await firstTime({}, -2_000_000n)).time).toBe(`${START_SECONDS - 2}.411000000`);
    // The largest positive number of microseconds whose tenfold turns negative.
    expect((await firstTime({}, (2n ** 64n - 10n) / 10n)).time).toBe(`${START_SECONDS}.410998400`);
    expect((await firstTime({}, 2n ** 53n)).time).toBe(`${START_SECONDS + 9_007_199_255}.151992000`);
    expect((await firstTime({ major: 1 }, 0xffff_ffffn)).time).toBe(`${START_SECONDS + 4_294_967}.706000000`);
  });

  it('are of the zone that was named, with its daylight saving time', async () => {
    const winter = await firstTime({}, 0n, 'Europe/Berlin');
    expect(winter).toEqual({
      time: `${START_SECONDS - 3600}.411000000`,
      timeZone: 'UTC',
      oddities: ['local-time-in-zone'],
    });
    const july = [2001, 7, 2, 3, 4, 5, 6, 411];
    const utc = Date.UTC(2001, 6, 3, 4, 5, 6) / 1000;
    expect((await firstTime({ start: july }, 0n, 'Europe/Berlin')).time).toBe(`${utc - 7200}.411000000`);
    expect((await firstTime({ start: july }, 0n, '-05:00')).time).toBe(`${utc + 18_000}.411000000`);
    // Shown twice, when clocks are set back: the first of the two.
    const twice = [2001, 10, 0, 28, 2, 30, 0, 0];
    const first = Date.UTC(2001, 9, 28, 0, 30, 0) / 1000;
    expect((await firstTime({ start: twice }, 0n, 'Europe/Berlin')).time).toBe(`${first}.000000000`);
    // A span over the change is as long as it was.
    expect((await firstTime({ start: twice }, 7_200_000_000n, 'Europe/Berlin')).time).toBe(
      `${first + 7200}.000000000`,
    );
  });

  it('count from 1970 where the start is no date', async () => {
    for (const start of [
      [0, 0, 0, 0, 0, 0, 0, 0],
      [2001, 2, 0, 29, 0, 0, 0, 0],
      [2001, 13, 0, 1, 0, 0, 0, 0],
      [2001, 1, 0, 1, 24, 0, 0, 0],
      [2001, 1, 0, 1, 0, 0, 0, 1000],
    ])
      expect(await firstTime({ start }, 5n, 'Europe/Berlin')).toMatchObject({
        time: '0.000005000',
        timeZone: 'unknown',
        oddities: ['start-time', 'local-time'],
      });
    expect((await firstTime({ start: [2000, 2, 0, 29, 0, 0, 0, 0] }, 0n)).time).toBe('951782400.000000000');
  });

  it('of 2.3 are exact to 100 ns, whatever the header says', async () => {
    const stamps = [0n, 1n, 116_444_736_000_000_000n, 126_256_467_064_119_273n, 2n ** 63n];
    const { records } = await readBytes(
      netmon(
        stamps.map((filetime) => ({ data: payload(20), filetime })),
        { minor: 3, start: [0, 0, 0, 0, 0, 0, 0, 0] },
      ),
    );
    expect(records.map(({ time }) => time)).toEqual(
      stamps.map((stamp) => {
        const seconds = stamp / 10_000_000n - 11_644_473_600n;
        return `${seconds}.${String((stamp % 10_000_000n) * 100n).padStart(9, '0')}`;
      }),
    );
  });
});

describe('media', () => {
  it('are those of each frame from 2.1 on, one interface for each link type', async () => {
    const media = [1, 0, 0xe071, 1, 9, 8, 2, 4, 6, 12, 0xe080, 0xe082, 0xe001];
    const { registry, records, capture } = await readBytes(
      netmon(
        media.map((medium) => ({ data: payload(20), medium })),
        { minor: 1, medium: 5 },
      ),
    );
    const types = records.map((record) => registry.list[record.interface]?.linkType);
    expect(types).toEqual([1, 1, 113, 1, 101, 101, 6, 147, 147, 147, 105, 147, 1]);
    expect(capture.interfaces).toEqual([0, 1, 2, 3, 4, 5]);
    expect(registry.list.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('are that of the header before', async () => {
    for (const [medium, linkType] of [
      [1, 1],
      [3, 10],
      [200, 147],
    ] as const) {
      const { registry, records } = await readBytes(netmon(frames, { medium }));
      expect(records).toHaveLength(frames.length);
      expect(registry.list.map((entry) => entry.linkType)).toEqual([linkType]);
    }
  });

  it('leave out what is no packet, with the numbers that Wireshark gives', async () => {
    const media = [0xfffd, 1, 0xfffc, 0xffe0, 1, 0xfffe, 0xfffb, 0xffff, 1];
    const { records, capture } = await readBytes(
      netmon(
        media.map((medium) => ({ data: payload(20), medium })),
        { minor: 2 },
      ),
    );
    expect(records.map(({ number }) => number)).toEqual([1, 3, 6]);
    expect(capture.oddities.get('metadata-record')).toBe(6);
    expect(capture.packets).toBe(3);
  });
});

describe('frame tables', () => {
  it('say the order of the frames', async () => {
    const order = frames.map((_, i) => (i * 7) % frames.length);
    for (const pieceBytes of [1000, 65_536]) {
      const { datas: read, capture } = await dataOf(netmon(frames, { order, hole: 5 }), pieceBytes);
      expect(read).toEqual(order.map((i) => datas[i]));
      expect(capture.damage).toBeNull();
    }
    const backward = [...frames.keys()].toReversed();
    expect((await dataOf(netmon(frames, { order: backward }))).datas).toEqual(datas.toReversed());
  });

  const size = netmon(frames).length;
  const lies: ReadonlyArray<readonly [what: string, options: NetmonOptions, read: number, message: RegExp]> =
    [
      ['an entry behind the end', { order: [0, 1, -size] }, 2, /entry 3 .* behind the end/],
      ['an entry in the header', { order: [0, 1, -20] }, 2, /entry 3 .* file header/],
      ['an entry in the table', { order: [0, 1, -(size - 156)] }, 2, /into the table/],
      ['the same frame twice', { order: [0, 1, 1, 2] }, 2, /entry 3 .* frame before/],
      ['an entry in a frame', { order: [0, 1, -170] }, 2, /frame before/],
      [
        'frames that lie on others',
        { order: Array.from({ length: 90 }, (_, i) => (i % 2) + 38) },
        0,
        /longer than/,
      ],
      ['a length that is no multiple of 4', { tableLength: 158 }, 39, /2 bytes behind its last entry/],
    ];
  it.each(lies)('with %s: everything before', async (_what, options, read, message) => {
    const { datas: there, capture } = await dataOf(netmon(frames, options));
    expect(capture.damage).toMatchObject({ code: 'bad-table', message: expect.stringMatching(message) });
    if (read > 0) expect(there).toHaveLength(read);
    expect(there.length).toBeGreaterThan(0);
  });

  it('that are missing or good for nothing: frames as they stand', async () => {
    const whole = netmon(frames, { minor: 2 });
    for (const bytes of [
      whole.subarray(0, whole.length - 1),
      netmon(frames, { minor: 2, tableOffset: 0xffff_fff0 }),
      netmon(frames, { minor: 2, tableLength: 0xffff_fffc }),
      netmon(frames, { minor: 2, order: [-9_999_999, 0, 1] }),
    ]) {
      const { datas: read, capture } = await dataOf(bytes);
      expect(read).toEqual(datas);
      expect(capture.damage?.message).toMatch('40 frames were read in the order of the file');
    }
  });

  it('without entries are of a capture without frames', async () => {
    const { records, capture } = await readBytes(netmon([]));
    expect(records).toEqual([]);
    expect(capture.damage).toBeNull();
  });

  it('number and pass over what is longer than 256 KiB', async () => {
    const long = [
      { data: payload(20) },
      { data: new Uint8Array(300_000) },
      { data: payload(21) },
      { data: payload(22) },
    ];
    const { records, capture } = await readBytes(netmon(long));
    expect(records.map(({ number }) => number)).toEqual([1, 3, 4]);
    expect(capture).toMatchObject({ oversized: 1, damage: null });
    const huge = await readBytes(
      netmon([{ data: payload(20) }, { data: payload(20), captured: 0xffff_ffff }]),
    );
    expect(huge.records).toHaveLength(1);
    expect(huge.capture.damage?.code).toBe('bad-record');
  });
});

describe('damage', () => {
  it('cut at any byte gives the whole frames before it', async () => {
    const few = frames.slice(0, 6);
    for (const options of [{ major: 1 }, { minor: 0 }, { minor: 3 }]) {
      const whole = netmon(few, options);
      const { records } = await readBytes(whole);
      for (let length = 64; length < whole.length; length++) {
        const cut = await readBytes(whole.subarray(0, length));
        const headers = options.major === 1 ? 8 : 16;
        const trailers = options.minor === 3 ? 15 : 0;
        const expected = records.filter(
          ({ fileOffset, captured }) =>
            fileOffset + captured + trailers <= length && fileOffset - headers >= 128,
        );
        expect(cut.records).toEqual(expected);
        expect(cut.capture.damage?.code).toBe('cut-short');
      }
    }
  });

  it('of any kind throws nothing, and ends', async () => {
    const whole = [netmon(frames, { major: 1 }), netmon(frames), netmon(frames, { minor: 3, hole: 2 })];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 5000 }),
        async (which, changes, pieceBytes) => {
          const bytes = (whole[which] as Uint8Array).slice();
          for (const [at, value] of changes) bytes[6 + (at % (bytes.length - 6))] = value;
          const { records, capture } = await readBytes(bytes, pieceBytes).catch((error: unknown) => {
            if (error instanceof CaptureError) return { records: [], capture: null };
            throw error;
          });
          // All frames together are not more than the file.
          expect(records.reduce((sum, { captured }) => sum + captured, 0)).toBeLessThan(bytes.length);
          if (capture !== null) expect(capture.packets).toBe(records.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what comes once only', () => {
  it('says what to do', async () => {
    const bytes = netmon(frames);
    const open = (input: Parameters<typeof openCapture>[0], stdin?: NodeJS.ReadableStream) =>
      openCapture(input, {
        file: 0,
        interfaces: new InterfaceRegistry(),
        ...(stdin === undefined ? {} : { stdin }),
      });
    expect(await refusalOf(open('-', Readable.from([Buffer.from(bytes)])))).toMatchObject({
      code: 'unsupported-format',
      hint: 'Save it first: cat > trace.cap; then: kbdiag analyze trace.cap',
    });
    expect(await refusalOf(open({ path: 'a b.gz', bytes: gzipSync(bytes) }))).toMatchObject({
      code: 'unsupported-format',
      hint: "Save it first: gzip -dc 'a b.gz' > trace.cap; then: kbdiag analyze trace.cap",
    });
  });

  const folder = temporaryFolder();

  it('is not a file on disk, and not standard input that is one', async () => {
    const file = join(folder, 'trace.cap');
    writeFileSync(file, netmon(frames));
    const capture = await openCapture(file, { file: 0, interfaces: new InterfaceRegistry() });
    expect(await drain(capture, () => {})).toBe(frames.length);
    capture.close();
    const program = fileURLToPath(new URL('../../bin/kbdiag.js', import.meta.url));
    const run = (command: string) =>
      spawnSync(
        'sh',
        ['-c', `exec < "$1"; ${command}; exec "$2" "$3" info -`, 'sh', file, process.execPath, program],
        {
          encoding: 'utf8',
        },
      );
    expect(run(':').stdout).toMatch(/packets +40/);
    // Somebody read from it: what stands at the end cannot be found from here.
    writeFileSync(file, concat(new Uint8Array(10), netmon(frames)));
    expect(run('dd bs=10 count=1 of=/dev/null 2>/dev/null')).toMatchObject({ status: 3 });
  });
});
