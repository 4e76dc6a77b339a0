import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/capture/errors.ts';
import { arePeersRequired, hasPeer } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ascii, concat, payload, pcap, u32 } from './build.ts';
import { readBytes, readCapture, refusalOf } from './read.ts';

const hasZstd = hasPeer('zstd');

const plain = pcap(
  Array.from({ length: 3000 }, (_, i) => ({ seconds: i, data: payload(100 + (i % 900), i % 5) })),
);

const u24 = (value: number) => u32(value).subarray(0, 3);
const MAGIC = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd]);
/** A window of 8 MiB, nothing else. */
const HEADER = new Uint8Array([0, 13 << 3]);

interface StoredOptions {
  /** What stands behind the magic. */
  readonly header?: Uint8Array;
  readonly blockBytes?: number;
}

/** A frame of blocks that are stored as they are. */
function stored(
  bytes: Uint8Array,
  { header = HEADER, blockBytes = 100_000 }: StoredOptions = {},
): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    const isLast = at + blockBytes >= bytes.length;
    blocks.push(u24((block.length << 3) | (isLast ? 1 : 0)), block);
  }
  return concat(MAGIC, header, ...blocks);
}

const skippable = (length: number, number = 0) =>
  concat(u32(0x184d_2a50 + number), u32(length), new Uint8Array(length));

const ofBytes = (bytes: Uint8Array, pieceBytes?: number) =>
  readCapture({ path: 'x', bytes, ...(pieceBytes === undefined ? {} : { pieceBytes }) });

const { records: expected } = await readBytes(plain);

describe('frames', () => {
  it('one, several, with others to be skipped, in pieces of any size and from a pipe', async () => {
    const third = Math.floor(plain.length / 3);
    const several = concat(
      skippable(0),
      skippable(300_000, 15),
      stored(plain.subarray(0, third)),
      skippable(5, 3),
      stored(new Uint8Array()),
      stored(plain.subarray(third), { blockBytes: 131_072 }),
      skippable(9),
    );
    for (const bytes of [stored(plain), several]) {
      for (const size of [77, 65_536, undefined]) {
        const { records, capture } = await ofBytes(bytes, size);
        expect(records).toEqual(expected);
        expect(capture).toMatchObject({ compression: 'zstd', damage: null });
      }
    }
    const chunks = Readable.from(
      [0, 1, 2].map((i) => Buffer.from(several.subarray(i * third, (i + 1) * third))),
    );
    const rest = Readable.from([Buffer.from(several)]);
    expect((await readCapture('-', rest)).records).toEqual(expected);
    expect((await readCapture('-', chunks)).capture).toMatchObject({ progress: null, compression: 'zstd' });
  });

  it('repeated bytes', async () => {
    const zeros = concat(pcap([]), u32(1), u32(2), u32(200_000), u32(200_000), new Uint8Array(200_000));
    const frame = concat(
      MAGIC,
      HEADER,
      u24(40 << 3),
      zeros.subarray(0, 40),
      u24((100_000 << 3) | 2),
      new Uint8Array(1),
      u24((100_000 << 3) | 3),
      new Uint8Array(1),
    );
    const { records, capture } = await ofBytes(frame);
    expect(records).toMatchObject([{ captured: 200_000 }]);
    expect(capture.damage).toBeNull();
  });
});

describe('what is refused', () => {
  const single = (sizeFlag: number, size: number[]) => new Uint8Array([(sizeFlag << 6) | 0x20, ...size]);
  const windows: ReadonlyArray<
    readonly [what: string, header: Uint8Array, allowed: boolean, mebibytes: number]
  > = [
    ['a window of 32 MiB', new Uint8Array([0, 15 << 3]), true, 32],
    ['a window of 36 MiB', new Uint8Array([0, (15 << 3) | 1]), false, 36],
    ['a window of 3.75 TiB', new Uint8Array([0, 0xff]), false, 3_932_160],
    ['a single segment of 32 MiB', single(2, [0, 0, 0, 2]), true, 32],
    ['a single segment of 32 MiB and a byte', single(2, [1, 0, 0, 2]), false, 33],
    ['a single segment of 2^64 bytes', single(3, [255, 255, 255, 255, 255, 255, 255, 255]), false, 2 ** 44],
  ];
  it.each(windows)('%s', async (_what, header, allowed, mebibytes) => {
    const bytes = stored(plain, { header });
    if (allowed) {
      const { records } = await ofBytes(bytes);
      expect(records.length).toBeGreaterThan(0);
      return;
    }
    const error = await refusalOf(readCapture({ path: 'in.zst', bytes }));
    expect(error).toMatchObject({
      code: 'unsupported-format',
      message: expect.stringMatching(`asks for a window of ${mebibytes} MiB, and 32 MiB are allowed`),
      hint: `Unpack it on the way: zstd -dc ${mebibytes > 128 ? '--long=31 ' : ''}in.zst | kbdiag analyze -`,
    });
  });

  it('a dictionary, by its name', async () => {
    const header = new Uint8Array([3, 13 << 3, 0x39, 0x30, 0, 0]);
    expect(await refusalOf(readCapture({ path: 'in.zst', bytes: stored(plain, { header }) }))).toMatchObject({
      code: 'unsupported-format',
      message: expect.stringMatching('needs the dictionary 12345'),
      hint: 'Unpack it on the way: zstd -dc -D DICTIONARY in.zst | kbdiag analyze -',
    });
    // Number 0 says that there is none.
    const none = new Uint8Array([1, 13 << 3, 0]);
    expect((await ofBytes(stored(plain, { header: none }))).records).toEqual(expected);
  });

  it('a later frame: everything before', async () => {
    const half = Math.floor(plain.length / 2);
    const later = stored(plain.subarray(half), { header: new Uint8Array([0, 20 << 3]) });
    const { records, capture } = await ofBytes(concat(stored(plain.subarray(0, half)), later));
    expect(records).toEqual(expected.slice(0, records.length));
    expect(records.length).toBeGreaterThan(1000);
    expect(capture.damage).toMatchObject({
      code: 'bad-compression',
      offset: half,
      message: expect.stringMatching('1024 MiB'),
    });
  });

  it('nothing in it, zstd in zstd, and what is no capture', async () => {
    expect(await refusalOf(ofBytes(stored(new Uint8Array())))).toMatchObject({ code: 'empty' });
    expect(await refusalOf(ofBytes(skippable(10)))).toMatchObject({ code: 'empty' });
    expect((await refusalOf(ofBytes(stored(stored(plain))))).message).toMatch(/zstd-compressed twice/);
    expect((await refusalOf(ofBytes(stored(ascii('%PDF-1.7'))))).message).toMatch(/PDF/);
  });
});

describe('damage', () => {
  it('cut anywhere gives every block before it', async () => {
    const few = pcap(Array.from({ length: 8 }, (_, i) => ({ data: payload(40, i) })));
    const whole = stored(few, { blockBytes: 50 });
    const { records: all } = await readBytes(few);
    for (let length = 4; length < whole.length; length++) {
      const blocks = Math.floor((length - 6) / 53);
      const there = Math.max(0, Math.min(few.length, blocks * 50));
      if (there === 0) {
        expect(await refusalOf(ofBytes(whole.subarray(0, length)))).toMatchObject({ code: 'damaged-header' });
        continue;
      }
      const { records, capture } = await ofBytes(whole.subarray(0, length));
      expect(records).toEqual(all.filter(({ fileOffset, captured }) => fileOffset + captured <= there));
      expect(capture.damage).toMatchObject({ code: 'bad-compression', offset: there });
    }
  });

  it('behind the last frame, in the type or the size of a block', async () => {
    const frame = stored(plain.subarray(0, 50_000));
    for (const rest of [
      ascii('xxxx'),
      ascii('x'),
      concat(MAGIC, HEADER, u24(3 << 1)),
      concat(MAGIC, HEADER, u24(0xff_fff9)),
      concat(MAGIC, new Uint8Array([8, 13 << 3])),
    ]) {
      const { records, capture } = await ofBytes(concat(frame, rest));
      expect(records.length).toBeGreaterThan(50);
      expect(capture.damage).toMatchObject({ code: 'bad-compression', offset: 50_000 });
    }
  });
});

describe.skipIf(!hasZstd && !arePeersRequired)('what the program zstd writes (needs zstd)', () => {
  const folder = temporaryFolder();
  const compress = (...options: string[]): Uint8Array => {
    const { stdout, status } = spawnSync('zstd', ['-qc', ...options], { input: plain, maxBuffer: 2 ** 26 });
    expect(status).toBe(0);
    return new Uint8Array(stdout);
  };

  it.each([
    ['-1'],
    ['-3', '--no-check'],
    ['-19'],
    ['--ultra', '-20'],
    ['-3', '-B100000', '-T2'],
    ['--long=25'],
  ])('%s %s', async (...options) => {
    const bytes = compress(...options.filter((option) => option !== undefined));
    const file = join(folder, 'x.zst');
    writeFileSync(file, bytes);
    const { records, capture } = await readCapture(file);
    expect(records).toEqual(expected);
    expect(capture).toMatchObject({ compression: 'zstd', damage: null, progress: 1, bytes: bytes.length });
    expect((await ofBytes(concat(bytes, bytes), 999)).records.slice(0, expected.length)).toEqual(expected);
  });

  it('damaged in any way throws nothing, and ends', async () => {
    const whole = compress('-3');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (changes, share) => {
          const bytes = whole.slice(0, 4 + Math.floor(share * (whole.length - 4)));
          for (const [at, value] of changes)
            if (bytes.length > 4) bytes[4 + (at % (bytes.length - 4))] = value;
          await ofBytes(bytes).catch((error: unknown) => {
            if (!(error instanceof CaptureError)) throw error;
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});
