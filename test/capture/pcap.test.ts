import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/capture/errors.ts';
import { concat, payload, pcap, pcapHeader, type PcapOptions, pcapRecord, u32 } from './build.ts';
import { readBytes } from './read.ts';

const three = [0, 1, 2].map((i) => ({
  seconds: 1_700_000_000 + i,
  fraction: 123_456 + i,
  data: payload(60 + i, i),
}));

async function timesOf(options: PcapOptions): Promise<Array<string | null>> {
  const { records, capture } = await readBytes(pcap(three, options));
  expect(capture.damage).toBeNull();
  expect(records.map((record) => record.data)).toEqual(
    three.map(({ data }) => Buffer.from(data).toString('hex')),
  );
  expect(records.map((record) => record.number)).toEqual([1, 2, 3]);
  return records.map((record) => record.time);
}

const micro = ['1700000000.123456000', '1700000001.123457000', '1700000002.123458000'];
const nano = ['1700000000.000123456', '1700000001.000123457', '1700000002.000123458'];

describe('pcap: magic numbers', () => {
  const cases: ReadonlyArray<
    readonly [name: string, options: PcapOptions, times: string[], precision: number]
  > = [
    ['microseconds', { magic: 0xa1b2c3d4 }, micro, 6],
    ['nanoseconds', { magic: 0xa1b23c4d }, nano, 9],
    ['modified, 24-byte headers', { magic: 0xa1b2cd34, extra: [1, 0, 0, 0, 8, 0, 0, 0] }, micro, 6],
    [
      'modified, 28-byte headers',
      { magic: 0xa1b2cd34, extra: [1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0] },
      micro,
      6,
    ],
    ['standard magic, 24-byte headers', { extra: [1, 0, 0, 0, 8, 0, 0, 0] }, micro, 6],
    ['Ixia hardware', { magic: 0x1c0001ac, headerExtra: 4 }, nano, 9],
    ['Ixia software', { magic: 0x1c0001ab, headerExtra: 4 }, micro, 6],
  ];
  for (const [name, options, times, precision] of cases) {
    for (const littleEndian of [true, false]) {
      // The one-byte fields of the modified header are the same in both orders; the interface index is swapped.
      const extra =
        options.extra && !littleEndian ? [0, 0, 0, 1, 0, 8, ...options.extra.slice(6)] : options.extra;
      const full = { ...options, littleEndian, ...(extra === undefined ? {} : { extra }) };
      it(`${name}, ${littleEndian ? 'little' : 'big'}-endian`, async () => {
        expect(await timesOf(full)).toEqual(times);
        const { registry } = await readBytes(pcap(three, full));
        expect(registry.list[0]?.precision).toBe(precision);
        expect(registry.list[0]?.packets).toBe(3);
      });
    }
  }

  it('takes every layout of records for itself when it comes in single bytes', async () => {
    for (const extra of [[], [1, 0, 0, 0, 8, 0, 0, 0], [1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]]) {
      const options = { magic: extra.length === 12 ? 0xa1b2cd34 : 0xa1b2c3d4, extra };
      const { records } = await readBytes(pcap(three, options), 1);
      expect(records.map((record) => record.time)).toEqual(micro);
    }
  });
});

describe('pcap: file header', () => {
  it('reads the link type and the FCS length out of one word', async () => {
    const { registry } = await readBytes(pcap(three, { linkWord: 0x2400_0001 }));
    expect(registry.list[0]).toMatchObject({ linkType: 1, fcsBytes: 4 });
    const absent = await readBytes(pcap(three, { linkWord: 0x2000_0071 }));
    expect(absent.registry.list[0]).toMatchObject({ linkType: 113, fcsBytes: 0 });
  });

  it('notes reserved bits of the link-type word', async () => {
    const { capture, registry } = await readBytes(pcap(three, { linkWord: 0x0001_0001 }));
    expect(registry.list[0]?.linkType).toBe(1);
    expect(capture.oddities.get('reserved-link-type-bits')).toBe(1);
  });

  it('swaps the lengths before version 2.3 and in 543.0', async () => {
    const packet = { data: payload(40), captured: 40, original: 40 };
    for (const [major, minor] of [
      [2, 0],
      [2, 2],
      [543, 0],
    ] as const) {
      const swapped = { ...packet, captured: 1500, original: 40 };
      const { records } = await readBytes(pcap([swapped], { major, minor }));
      expect(records).toMatchObject([{ captured: 40, original: 1500 }]);
    }
    const either = await readBytes(
      pcap(
        [
          { ...packet, captured: 1500, original: 40 },
          { ...packet, original: 1500 },
        ],
        { minor: 3 },
      ),
    );
    expect(either.records).toMatchObject([
      { captured: 40, original: 1500 },
      { captured: 40, original: 1500 },
    ]);
  });

  it('takes AIX interface types and nanoseconds for what they are', async () => {
    const packet = { fraction: 999_999_999, captured: 1500, original: 20, data: payload(20) };
    const { records, registry } = await readBytes(pcap([packet], { minor: 2, linkWord: 6 }));
    expect(registry.list[0]).toMatchObject({ linkType: 1, precision: 9 });
    expect(records[0]?.time).toBe('1700000000.999999999');
    const notAix = await readBytes(pcap([{ ...packet, fraction: 5 }], { minor: 2, linkWord: 1 }));
    expect(notAix.registry.list[0]).toMatchObject({ linkType: 1, precision: 6 });
  });

  it('refuses versions before 2.0 and a cut header', async () => {
    await expect(readBytes(pcap([], { major: 1 }))).rejects.toMatchObject({ code: 'unsupported-format' });
    for (let length = 4; length < 24; length++) {
      await expect(readBytes(pcapHeader().slice(0, length))).rejects.toMatchObject({
        code: 'damaged-header',
        offset: length,
      });
    }
  });

  it('reads a file without packets', async () => {
    const { records, capture } = await readBytes(pcapHeader());
    expect(records).toEqual([]);
    expect(capture.damage).toBeNull();
  });
});

describe('pcap: records', () => {
  it('tells where the data stands in the file', async () => {
    const bytes = pcap(three);
    const { records } = await readBytes(bytes);
    for (const record of records) {
      const data = bytes.slice(record.fileOffset, record.fileOffset + record.captured);
      expect(Buffer.from(data).toString('hex')).toBe(record.data);
    }
  });

  it('reads seconds as unsigned', async () => {
    const { records } = await readBytes(pcap([{ seconds: 0xffff_ffff, fraction: 1, data: payload(1) }]));
    expect(records[0]?.time).toBe('4294967295.000001000');
  });

  it('carries a fraction of a whole second and more', async () => {
    const packets = [999_999, 1_000_000, 0xffff_ffff].map((fraction) => ({
      seconds: 10,
      fraction,
      data: payload(9),
    }));
    const { records, capture } = await readBytes(pcap(packets));
    expect(records.map((record) => record.time)).toEqual(['10.999999000', '11.000000000', '4304.967295000']);
    expect(capture.oddities.get('time-fraction')).toBe(2);
    const nanos = await readBytes(
      pcap([{ seconds: 10, fraction: 1_000_000_000, data: payload(9) }], { magic: 0xa1b23c4d }),
    );
    expect(nanos.records[0]?.time).toBe('11.000000000');
  });

  it('accepts more bytes than the snaplen, up to 256 KiB', async () => {
    for (const length of [100, 262_143, 262_144]) {
      const { records, capture } = await readBytes(
        pcap([{ data: payload(length) }, ...three], { snaplen: 96 }),
      );
      expect(records.map((record) => record.captured)).toEqual([length, 60, 61, 62]);
      expect(capture.damage).toBeNull();
    }
  });

  it('numbers, counts and skips longer ones where a record follows', async () => {
    for (const piece of [undefined, 4096, 100_003]) {
      const long = { data: payload(262_145), original: 300_000 };
      const { records, capture } = await readBytes(pcap([...three, long, long, ...three]), piece);
      expect(records.map((record) => record.number)).toEqual([1, 2, 3, 6, 7, 8]);
      expect(capture).toMatchObject({ oversized: 2, packets: 6, damage: null });
    }
    const last = await readBytes(pcap([...three, { data: payload(300_000) }]));
    expect(last.capture).toMatchObject({ oversized: 1, packets: 3, damage: null });
  });

  it('takes a long one that no record follows for damage', async () => {
    const bytes = concat(pcap([...three, { data: payload(300_000) }]), new Uint8Array(40).fill(0xee));
    const { capture } = await readBytes(bytes);
    const offset = pcap(three).length;
    expect(capture).toMatchObject({ oversized: 0, packets: 3, damage: { code: 'bad-record', offset } });
    const cut = await readBytes(pcap([...three, { data: payload(300_000) }]).slice(0, -1));
    expect(cut.capture).toMatchObject({ oversized: 0, packets: 3, damage: { code: 'cut-short', offset } });
  });

  it('answers a forged length at once', async () => {
    for (const captured of [16 * 1024 * 1024 + 1, 0x7fff_ffff, 0xffff_ffff]) {
      const forged = pcapRecord({ data: payload(20), captured, original: captured });
      const started = performance.now();
      const { capture } = await readBytes(concat(pcap(three), forged));
      expect(performance.now() - started).toBeLessThan(250);
      expect(capture).toMatchObject({
        packets: 3,
        damage: { code: 'bad-record', offset: pcap(three).length },
      });
    }
  });

  it('keeps a claimed length that is too small or too large within int32', async () => {
    const packets = [
      { data: payload(60), original: 20 },
      { data: payload(60), original: 0xffff_ffff },
    ];
    const { records, capture } = await readBytes(pcap([...three, ...packets]));
    expect(records.slice(3).map((record) => record.original)).toEqual([20, 0x7fff_ffff]);
    expect(capture.oddities.get('captured-above-original')).toBe(1);
    expect(capture.oddities.get('original-length')).toBe(1);
  });
});

describe('pcap: every prefix', () => {
  it('gives the whole records before the cut and says where it is', async () => {
    const bytes = pcap([...three, ...three]);
    const ends = [...three, ...three].reduce<number[]>((all, { data }) => {
      all.push((all[all.length - 1] ?? 24) + 16 + data.length);
      return all;
    }, []);
    const starts = [24, ...ends];
    for (let length = 24; length <= bytes.length; length++) {
      const whole = ends.filter((end) => end <= length).length;
      const { records, capture } = await readBytes(bytes.slice(0, length));
      expect(records.length).toBe(whole);
      if (starts.includes(length)) expect(capture.damage).toBeNull();
      else expect(capture.damage).toMatchObject({ code: 'cut-short', offset: starts[whole] });
    }
  });

  it('is an orderly error where not even the header is there', async () => {
    for (let length = 0; length < 4; length++) {
      const error: unknown = await readBytes(pcap(three).slice(0, length)).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(CaptureError);
      expect(error).toMatchObject({ code: length === 0 ? 'empty' : 'not-a-capture' });
    }
  });
});

describe('pcap: steps of reading', () => {
  it('does not depend on their size', async () => {
    const packets = Array.from({ length: 50 }, (_, i) => ({ seconds: i, data: payload((i * 37) % 200, i) }));
    const bytes = concat(pcap(packets), u32(7));
    const whole = await readBytes(bytes);
    for (const piece of [1, 7, 64, 1000]) {
      const { records, capture } = await readBytes(bytes, piece);
      expect(records).toEqual(whole.records);
      expect(capture.damage).toEqual(whole.capture.damage);
    }
  });

  it('keeps a record whole across windows', async () => {
    const packets = Array.from({ length: 12 }, (_, i) => ({ seconds: i, data: payload(250_000 + i, i) }));
    const { records } = await readBytes(pcap(packets));
    expect(records.map((record) => record.data)).toEqual(
      packets.map(({ data }) => Buffer.from(data).toString('hex')),
    );
  });
});
