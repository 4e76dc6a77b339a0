import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { openCapture } from '../../src/capture/open.ts';
import type { RecordOrigin } from '../../src/capture/origin.ts';
import { openTimeline } from '../../src/capture/timeline.ts';
import { ascii, concat, payload, pcap, SectionBuilder } from './build.ts';
import { drain } from './corpus.ts';

async function originsOf(bytes: Uint8Array, pieceBytes?: number): Promise<RecordOrigin[]> {
  const input = { bytes, path: 'built', ...(pieceBytes === undefined ? {} : { pieceBytes }) };
  const capture = await openCapture(input, {
    file: 0,
    interfaces: new InterfaceRegistry(),
    keepsOrigin: true,
  });
  const origins: RecordOrigin[] = [];
  await drain(capture, (record) => origins.push(capture.originOf(record)));
  return origins;
}

/** Eight bytes, the lowest first. */
function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

describe.each([
  ['little', true],
  ['big', false],
])('the origin of pcapng records, %s-endian', (_, littleEndian) => {
  const ng = new SectionBuilder(littleEndian);
  const file = concat(
    ng.header(),
    ng.interface(
      1,
      96,
      ng.option(1, ascii('a comment')),
      ng.option(2, ascii('eth0')),
      ng.option(3, ascii('the uplink')),
      ng.option(6, Uint8Array.of(0, 1, 2, 3, 4, 5)),
      ng.option(8, ng.u64(1_000_000_000n)),
      ng.option(9, Uint8Array.of(12)),
      ng.option(11, ascii('\0tcp port 80')),
      ng.option(12, ascii('an OS')),
      ng.option(13, Uint8Array.of(32)),
      ng.option(14, ng.u64(-7200n)),
      ng.option(19_372, concat(ng.u32(1), ascii('not to be copied'))),
      ng.option(2988, concat(ng.u32(32_473), ascii('custom'))),
    ),
    ng.interface(113, 0),
    ng.enhanced(1, 5n, payload(3)),
    ng.enhanced(
      0,
      0x1234_5678_9abc_def0n,
      payload(5),
      ng.option(1, ascii('first')),
      ng.option(2, ng.u32(0x1234_5678)),
      ng.option(3, Uint8Array.of(2, 0xde, 0xad, 0xbe, 0xef)),
      ng.option(4, ng.u64(7n)),
      ng.option(5, ng.u64(8n)),
      ng.option(6, ng.u32(9)),
      ng.option(7, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 9)),
      ng.option(1, ascii('second\0behind')),
      ng.option(0, new Uint8Array(0)),
    ),
    ng.simple(6, payload(6)),
    ng.obsolete(1, 4, 99n, payload(7)),
    ng.obsolete(1, 0xffff, 100n, payload(8)),
  );

  it.each([undefined, 1, 13])('pieces of %s bytes', async (pieceBytes) => {
    const [plain, full, simple, obsolete, unknown] = await originsOf(file, pieceBytes);
    expect(plain).toMatchObject({
      stamp: { high: 0, low: 5 },
      options: [],
      comments: [],
      interface: {
        number: 1,
        linkType: 113,
        snaplen: 0,
        tsresol: 6,
        offsetSeconds: 0n,
        fcsLength: null,
        name: null,
        description: null,
        others: [],
      },
    });
    expect(full).toEqual({
      stamp: { high: 0x1234_5678, low: 0x9abc_def0 },
      comments: ['first', 'second'],
      options: [
        { code: 2, value: Uint8Array.of(0x78, 0x56, 0x34, 0x12) },
        { code: 3, value: Uint8Array.of(2, 0xde, 0xad, 0xbe, 0xef) },
        { code: 4, value: u64(7n) },
        { code: 5, value: u64(8n) },
        { code: 6, value: Uint8Array.of(9, 0, 0, 0) },
      ],
      interface: {
        number: 0,
        linkType: 1,
        snaplen: 96,
        tsresol: 12,
        offsetSeconds: -7200n,
        fcsLength: 32,
        name: 'eth0',
        description: 'the uplink',
        others: [
          { code: 6, value: Uint8Array.of(0, 1, 2, 3, 4, 5) },
          { code: 8, value: u64(1_000_000_000n) },
          { code: 11, value: ascii('\0tcp port 80') },
          { code: 12, value: ascii('an OS') },
          { code: 2988, value: concat(Uint8Array.of(0xd9, 0x7e, 0, 0), ascii('custom')) },
        ],
      },
    });
    expect(simple).toEqual({ stamp: null, comments: [], options: [], interface: full?.interface });
    expect(obsolete).toMatchObject({ stamp: { high: 0, low: 99 }, options: [{ code: 4, value: u64(4n) }] });
    expect(unknown).toMatchObject({ stamp: { high: 0, low: 100 }, options: [] });
  });

  it('tells a packet from a simple one where the clock cannot be read', async () => {
    // The lower half of its time is the type of a simple packet block.
    const odd = concat(
      ng.header(),
      ng.interface(1, 0, ng.option(9, Uint8Array.of(20))),
      ng.enhanced(0, 3n, payload(16)),
      ng.simple(16, payload(16)),
    );
    const [enhanced, simple] = await originsOf(odd);
    expect(enhanced).toMatchObject({ stamp: { high: 0, low: 3 }, interface: { tsresol: 20 } });
    expect(simple?.stamp).toBeNull();
  });

  it('keeps a bounded part of what a hostile file says', async () => {
    const long = ascii('x'.repeat(60_000));
    const interfaces = Array.from({ length: 40 }, () => ng.interface(1, 0, ng.option(3, long)));
    const options = Array.from({ length: 100 }, () => ng.option(1, ascii('y'.repeat(1000))));
    const origins = await originsOf(
      concat(
        ng.header(),
        ...interfaces,
        ...interfaces.map((_i, index) => ng.enhanced(index, 0n, payload(4), ...options)),
      ),
    );
    const described = origins.filter((origin) => origin.interface.description !== null);
    expect(origins).toHaveLength(40);
    expect(described).toHaveLength(Math.floor(2 ** 20 / 60_000));
    expect(origins[0]?.comments).toHaveLength(8);
  });
});

it('never throws, whatever the bytes are', async () => {
  const sections = [true, false].map((littleEndian) => {
    const ng = new SectionBuilder(littleEndian);
    return concat(
      ng.header(),
      ng.interface(
        1,
        96,
        ng.option(2, ascii('eth0')),
        ng.option(9, Uint8Array.of(9)),
        ng.option(8, ng.u64(1n)),
      ),
      ng.enhanced(0, 5n, payload(9), ng.option(2, ng.u32(1)), ng.option(1, ascii('first'))),
      ng.simple(6, payload(6)),
      ng.obsolete(0, 4, 99n, payload(7)),
    );
  });
  const whole = concat(...sections);
  const change = fc.tuple(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 0, max: 255 }));
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const bytes = whole.slice();
      // What makes it a capture stays: without that, nothing would be read.
      for (const [place, value] of changes) if (place >= 28) bytes[place] = value;
      for (const origin of await originsOf(bytes)) {
        seen++;
        expect(origin.options.every(({ value }) => value.length <= 0xffff)).toBe(true);
        expect(origin.interface.snaplen).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 1000 },
  );
  expect(seen).toBeGreaterThan(1000);
});

it('is asked for when a capture is opened', async () => {
  const ng = new SectionBuilder();
  const bytes = concat(ng.header(), ng.interface(1, 0), ng.enhanced(0, 0n, payload(4)));
  const capture = await openCapture(
    { bytes, path: 'built' },
    { file: 0, interfaces: new InterfaceRegistry() },
  );
  await drain(capture, (record) => {
    expect(() => capture.originOf(record)).toThrow('keepsOrigin');
  });
});

it.each([
  ['microseconds', 0xa1b2c3d4, 6, 123_456],
  ['nanoseconds', 0xa1b23c4d, 9, 123_456_789],
])('of pcap records in %s', async (_, magic, tsresol, fraction) => {
  for (const littleEndian of [true, false]) {
    const options = { magic, littleEndian, snaplen: 4000, linkWord: 0x2400_0071 };
    const packet = { seconds: 4_294_967_295, fraction, data: payload(20) };
    const [origin] = await originsOf(pcap([packet], options));
    const units = 4_294_967_295n * 10n ** BigInt(tsresol) + BigInt(fraction);
    expect(origin).toEqual({
      stamp: { high: Number(units >> 32n), low: Number(units & 0xffff_ffffn) },
      options: [],
      comments: [],
      interface: {
        number: 0,
        linkType: 113,
        snaplen: 4000,
        tsresol,
        offsetSeconds: 0n,
        fcsLength: 4,
        name: null,
        description: null,
        others: [],
      },
    });
  }
});

it('of records that wait for their turn in a timeline', async () => {
  const ng = new SectionBuilder();
  const part = (path: string, times: readonly bigint[]) => ({
    path,
    bytes: concat(
      ng.header(),
      ng.interface(1, 0, ng.option(2, ascii(path))),
      ...times.map((time) => ng.enhanced(0, time, payload(4), ng.option(1, ascii(`${path} ${time}`)))),
    ),
  });
  const timeline = await openTimeline([part('a', [1n, 4n, 5n]), part('b', [2n, 3n, 6n])], {
    interfaces: new InterfaceRegistry(),
    keepsOrigin: true,
  });
  const seen: string[] = [];
  await drain(timeline, (record) => {
    const capture = timeline.captures.find(({ file }) => file === record.file);
    const origin = capture?.originOf(record);
    seen.push(`${origin?.interface.name}: ${origin?.comments.join()}`);
  });
  expect(seen).toEqual(['a: a 1', 'b: b 2', 'b: b 3', 'a: a 4', 'a: a 5', 'b: b 6']);
});
