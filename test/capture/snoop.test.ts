import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/capture/errors.ts';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { openCapture } from '../../src/capture/open.ts';
import { ascii, concat, payload, u32 } from './build.ts';
import { drain } from './corpus.ts';
import { copyOf, readBytes, type ReadRecord } from './read.ts';

interface SnoopRecord {
  readonly data: Uint8Array;
  readonly seconds?: number;
  readonly micros?: number;
  readonly lost?: number;
  readonly padding?: number;
  readonly captured?: number;
  readonly original?: number;
  readonly length?: number;
}

const be = (value: number) => u32(value, false);

function snoop(records: readonly SnoopRecord[], version = 2, datalink = 4): Uint8Array {
  return concat(
    ascii('snoop\0\0\0'),
    be(version),
    be(datalink),
    ...records.map((record) => {
      const captured = record.captured ?? record.data.length;
      const padding = record.padding ?? -record.data.length & 3;
      return concat(
        be(record.original ?? captured),
        be(captured),
        be(record.length ?? 24 + captured + padding),
        be(record.lost ?? 0),
        be(record.seconds ?? 981_173_106),
        be(record.micros ?? 0),
        record.data,
        new Uint8Array(padding),
      );
    }),
  );
}

const records: readonly SnoopRecord[] = Array.from({ length: 30 }, (_, i) => ({
  data: payload(30 + i, i),
  micros: i,
}));

describe('records', () => {
  it('are those of the file, in pieces of any size and from a pipe', async () => {
    const bytes = snoop(records);
    const { records: read, capture } = await readBytes(bytes);
    expect(read.map(({ data }) => data)).toEqual(
      records.map(({ data }) => Buffer.from(data).toString('hex')),
    );
    expect(read[1]).toMatchObject({ number: 2, time: '981173106.000001000', captured: 31, original: 31 });
    expect(capture).toMatchObject({ format: 'snoop', damage: null, timeZone: 'UTC' });
    for (const { fileOffset, captured, data } of read)
      expect(Buffer.from(bytes.subarray(fileOffset, fileOffset + captured)).toString('hex')).toBe(data);
    for (const size of [1, 13, 200]) expect((await readBytes(bytes, size)).records).toEqual(read);
    const stdin = Readable.from([Buffer.from(bytes.subarray(0, 700)), Buffer.from(bytes.subarray(700))]);
    const piped = await openCapture('-', { file: 0, interfaces: new InterfaceRegistry(), stdin });
    const fromPipe: ReadRecord[] = [];
    await drain(piped, (record) => fromPipe.push(copyOf(record)));
    expect(fromPipe).toEqual(read);
  });

  it('tell what was lost right before them', async () => {
    const lost = [2, 2, 7, 7, 3, 5];
    const { records: read, registry } = await readBytes(
      snoop(lost.map((count) => ({ data: payload(20), lost: count }))),
    );
    // A counter that falls began anew.
    expect(read.map(({ drops }) => drops)).toEqual([2, 0, 5, 0, 0, 2]);
    expect(registry.list[0]?.droppedByPackets).toBe(9);
  });

  it('keep what is odd and readable', async () => {
    const odd = [
      { data: payload(20), micros: 1_500_000 },
      { data: payload(20), original: 10 },
      { data: payload(20), original: 0xffff_ffff },
      { data: payload(20), seconds: 0xffff_ffff },
    ];
    const { records: read, capture } = await readBytes(snoop(odd));
    expect(read.map(({ time }) => time)).toEqual([
      '981173107.500000000',
      '981173106.000000000',
      '981173106.000000000',
      '4294967295.000000000',
    ]);
    expect(read.map(({ original }) => original)).toEqual([20, 10, 0x7fff_ffff, 20]);
    expect(Object.fromEntries(capture.oddities)).toEqual({
      'captured-above-original': 1,
      'original-length': 1,
      'time-fraction': 1,
    });
  });
});

describe('datalink types', () => {
  const surveyor = { data: payload(60), padding: 16 };
  const types: ReadonlyArray<
    readonly [version: number, datalink: number, first: SnoopRecord, linkType: number]
  > = [
    [2, 0, { data: payload(60) }, 1],
    [2, 4, { data: payload(60) }, 1],
    [2, 2, { data: payload(60) }, 6],
    [2, 8, { data: payload(60) }, 10],
    [2, 9, { data: payload(60) }, 0],
    [2, 14, { data: payload(60) }, 0],
    [2, 18, { data: payload(60) }, 123],
    [2, 0x8000_0005, { data: payload(60) }, 226],
    [2, 10, { data: payload(60) }, 147],
    [2, 77, { data: payload(60) }, 147],
    [2, 12, surveyor, 1],
    [2, 14, surveyor, 6],
    [3, 10, { data: payload(60) }, 1],
    [5, 18, surveyor, 147],
  ];
  it.each(types)('version %i, type %i', async (version, datalink, first, linkType) => {
    const { records: read, registry } = await readBytes(snoop([first, first], version, datalink));
    expect(read).toHaveLength(2);
    const isSurveyor = version > 2 || first === surveyor;
    expect(registry.list).toMatchObject([{ linkType, fcsBytes: isSurveyor && linkType === 1 ? 4 : 0 }]);
  });

  it('refuses other versions, and names a header that is cut', async () => {
    for (const version of [0, 1, 6]) {
      const error: unknown = await readBytes(snoop(records, version)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'CaptureError', code: 'unsupported-format', offset: 8 });
    }
    const cut: unknown = await readBytes(snoop([]).subarray(0, 15)).catch((thrown: unknown) => thrown);
    expect(cut).toMatchObject({ name: 'CaptureError', code: 'damaged-header' });
    const { capture, registry } = await readBytes(snoop([]));
    expect(capture.damage).toBeNull();
    expect(registry.list).toHaveLength(1);
  });
});

describe('damage', () => {
  it('cut at any byte gives the whole records before it', async () => {
    const whole = snoop(records.slice(0, 6));
    const { records: all } = await readBytes(whole);
    for (let length = 16; length < whole.length; length++) {
      const { records: read, capture } = await readBytes(whole.subarray(0, length));
      expect(read).toEqual(all.filter(({ fileOffset, captured }) => fileOffset + captured <= length));
      const isBetween = [
        16,
        ...all.map(({ fileOffset, captured }) => fileOffset + captured + (-captured & 3)),
      ].includes(length);
      expect(capture.damage?.code ?? null).toBe(isBetween ? null : 'cut-short');
    }
  });

  it('of lengths ends at the record', async () => {
    const good = { data: payload(20) };
    for (const bad of [
      { data: payload(20), captured: 40, length: 44 },
      { data: payload(20), length: 23 },
      { data: payload(20), captured: 0xffff_fff0, length: 8 },
      { data: payload(20), length: 0xffff_ffff },
    ]) {
      const { records: read, capture } = await readBytes(snoop([good, bad, good]));
      expect(read).toHaveLength(1);
      expect(capture.damage).toMatchObject({ code: 'bad-record', offset: 60 });
    }
  });

  it('numbers and passes over what is longer than 256 KiB, and over long padding', async () => {
    const good = { data: payload(20) };
    const long = { data: new Uint8Array(300_000) };
    const padded = { data: payload(20), padding: 2_000_000 };
    const { records: read, capture } = await readBytes(snoop([good, long, padded, good]), 100_000);
    expect(read.map(({ number }) => number)).toEqual([1, 3, 4]);
    expect(capture).toMatchObject({ oversized: 1, damage: null });
    const cut = await readBytes(snoop([good, long]).subarray(0, 200_000));
    expect(cut.capture).toMatchObject({
      oversized: 0,
      packets: 1,
      damage: { code: 'cut-short', offset: 60 },
    });
  });

  it('of any kind throws nothing, and ends', async () => {
    const whole = snoop(records);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 5000 }),
        async (changes, pieceBytes) => {
          const bytes = whole.slice();
          for (const [at, value] of changes) bytes[8 + (at % (bytes.length - 8))] = value;
          const { records: read } = await readBytes(bytes, pieceBytes).catch((error: unknown) => {
            if (error instanceof CaptureError) return { records: [] };
            throw error;
          });
          expect(read.reduce((sum, { captured }) => sum + captured + 24, 0)).toBeLessThan(bytes.length);
        },
      ),
      { numRuns: 200 },
    );
  });
});
