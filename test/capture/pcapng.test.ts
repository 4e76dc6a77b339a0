import { describe, expect, it } from 'vitest';
import { ascii, concat, payload, SectionBuilder } from './build.ts';
import { readBytes } from './read.ts';

const le = new SectionBuilder(true);
const be = new SectionBuilder(false);
const MICROS = 1_700_000_000_123_456n;

function section(build: SectionBuilder, name: string): Uint8Array {
  return concat(
    build.header(),
    build.interface(1, 0, build.option(2, ascii(name)), build.option(0, new Uint8Array())),
    build.enhanced(0, MICROS, payload(61)),
    build.enhanced(0, MICROS + 1_000_000n, payload(60)),
  );
}

async function timeOf(units: bigint, ...options: readonly Uint8Array[]) {
  const { records, registry, capture } = await readBytes(
    concat(
      le.header(),
      le.interface(1, 0, ...options),
      le.enhanced(0, units, payload(4)),
      le.enhanced(0, units, payload(4)),
    ),
  );
  expect(records[0]?.time).toBe(records[1]?.time);
  return { time: records[0]?.time, precision: registry.list[0]?.precision, capture };
}

describe('pcapng: sections and interfaces', () => {
  it('reads sections of either byte order, and joins equal interfaces', async () => {
    const { records, registry, capture } = await readBytes(
      concat(section(le, 'eth0'), section(be, 'eth1'), section(be, 'eth0')),
    );
    expect(records.map((record) => [record.number, record.interface])).toEqual([
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
      [5, 0],
      [6, 0],
    ]);
    expect(records[2]?.time).toBe('1700000000.123456000');
    expect(registry.list.map(({ name, packets }) => [name, packets])).toEqual([
      ['eth0', 4],
      ['eth1', 2],
    ]);
    expect(capture).toMatchObject({ interfaces: [0, 1], damage: null, packets: 6 });
  });

  it('reads link type and FCS length, in bytes or bits', async () => {
    for (const [written, bytes] of [
      [4, 4],
      [32, 4],
      [16, 2],
      [0, 0],
    ] as const) {
      const { registry } = await readBytes(
        concat(le.header(), le.interface(113, 0, le.option(13, Uint8Array.of(written)))),
      );
      expect(registry.list[0]).toMatchObject({ linkType: 113, fcsBytes: bytes });
    }
  });

  it('numbers and leaves out packets of an interface that nothing describes', async () => {
    const stray = le.enhanced(7, MICROS, payload(60));
    const { records, capture } = await readBytes(
      concat(section(le, 'a'), stray, le.enhanced(0, MICROS, payload(8))),
    );
    expect(records.map((record) => record.number)).toEqual([1, 2, 4]);
    expect(capture.oddities.get('unknown-interface')).toBe(1);
    expect(capture.damage).toMatchObject({ code: 'bad-block', offset: section(le, 'a').length });
  });
});

describe('pcapng: time', () => {
  const cases: ReadonlyArray<
    readonly [name: string, tsresol: number, units: bigint, time: string, precision: number]
  > = [
    ['microseconds', 6, MICROS, '1700000000.123456000', 6],
    ['the last microsecond of a second', 6, 1_700_000_000_999_999n, '1700000000.999999000', 6],
    ['seconds', 0, 1_700_000_000n, '1700000000.000000000', 0],
    ['milliseconds', 3, 1_700_000_000_999n, '1700000000.999000000', 3],
    ['nanoseconds', 9, 1_700_000_000_999_999_999n, '1700000000.999999999', 9],
    ['picoseconds, truncated', 12, 1_700_000_999_999_999_999n, '1700000.999999999', 9],
    ['femtoseconds', 15, 1_700_999_999_999_999_999n, '1700.999999999', 9],
    ['10^-18', 18, 1_999_999_999_999_999_999n, '1.999999999', 9],
    ['10^-19', 19, 19_999_999_999_999_999_999n % 2n ** 64n, '0.155325592', 9],
    ['2^-10', 0x8a, 1_700_000_000n * 1024n + 1023n, '1700000000.999023437', 4],
    ['2^-32', 0xa0, 1_700_000_000n * 2n ** 32n + 0xffff_ffffn, '1700000000.999999999', 9],
    ['2^-40', 0xa8, 1_700_000n * 2n ** 40n + 1_099_511_627n, '1700000.000999999', 9],
    ['2^-63', 0xbf, 2n ** 63n + 2n ** 62n, '1.500000000', 9],
    ['the largest of microseconds', 6, 2n ** 64n - 1n, '18446744073709.551615000', 6],
    ['the largest of nanoseconds', 9, 2n ** 64n - 1n, '18446744073.709551615', 9],
  ];
  for (const [name, tsresol, units, time, precision] of cases) {
    it(`reads ${name}`, async () => {
      const read = await timeOf(units, le.option(9, Uint8Array.of(tsresol)));
      expect(read).toMatchObject({ time, precision });
    });
  }

  it('agrees with exact arithmetic for any resolution and order of packets', async () => {
    let state = 12_345n;
    const random = (): bigint =>
      (state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 2n ** 64n);
    const resolutions = [
      ...Array.from({ length: 20 }, (_, v) => v),
      ...Array.from({ length: 64 }, (_, v) => 0x80 | v),
    ];
    for (const tsresol of resolutions) {
      const perSecond = tsresol < 0x80 ? 10n ** BigInt(tsresol) : 2n ** BigInt(tsresol & 0x7f);
      const base = random();
      const stamps = Array.from({ length: 12 }, (_, i) =>
        i % 3 === 0 ? random() : (base + (random() >> 30n)) % 2n ** 64n,
      );
      // The borders of a second are where rounding would show.
      for (const stamp of stamps.slice(0, 4))
        stamps.push(stamp - (stamp % perSecond), stamp - (stamp % perSecond) + perSecond - 1n);
      // Seconds beyond 2^53 are no dates.
      const valid = stamps.filter((stamp) => stamp < 2n ** 64n && stamp / perSecond < 2n ** 53n);
      const { records } = await readBytes(
        concat(
          le.header(),
          le.interface(1, 0, le.option(9, Uint8Array.of(tsresol))),
          ...valid.map((stamp) => le.enhanced(0, stamp, payload(1))),
        ),
      );
      const exact = valid.map((stamp) => {
        const nanos = ((stamp % perSecond) * 1_000_000_000n) / perSecond;
        return `${Number(stamp / perSecond)}.${String(nanos).padStart(9, '0')}`;
      });
      expect(records.map((record) => record.time)).toEqual(exact);
    }
  });

  it('adds if_tsoffset, of either sign and byte order', async () => {
    expect((await timeOf(5_000_001n, le.option(14, le.u64(1_700_000_000n)))).time).toBe(
      '1700000005.000001000',
    );
    expect((await timeOf(5_000_001n, le.option(14, le.u64(-10n)))).time).toBe('-5.000001000');
    const { records } = await readBytes(
      concat(be.header(), be.interface(1, 0, be.option(14, be.u64(100n))), be.enhanced(0, 1n, payload(2))),
    );
    expect(records[0]?.time).toBe('100.000001000');
  });

  it('has no time where the resolution is finer than anything', async () => {
    const read = await timeOf(5n, le.option(9, Uint8Array.of(20)));
    expect(read.time).toBeNull();
    expect(read.capture.oddities.get('time-range')).toBe(1);
  });
});

describe('pcapng: packet blocks', () => {
  it('reads simple packets, without a time and cut at the snaplen', async () => {
    const { records } = await readBytes(
      concat(
        le.header(),
        le.interface(1, 40),
        le.simple(100, payload(40)),
        le.simple(10, payload(10)),
        le.simple(40, payload(41)),
      ),
    );
    expect(records).toMatchObject([
      { time: null, captured: 40, original: 100 },
      { time: null, captured: 10, original: 10 },
      { time: null, captured: 40, original: 40 },
    ]);
  });

  it('reads obsolete packets with their drop count', async () => {
    const { records, registry } = await readBytes(
      concat(
        le.header(),
        le.interface(1, 0),
        le.obsolete(0, 3, MICROS, payload(8)),
        le.obsolete(0, 0xffff, MICROS, payload(7)),
      ),
    );
    expect(records).toMatchObject([
      { time: '1700000000.123456000', captured: 8, drops: 3 },
      { captured: 7, drops: 0 },
    ]);
    expect(registry.list[0]?.droppedByPackets).toBe(3);
  });

  it('reads drop counts, FCS lengths and comments of enhanced packets', async () => {
    const options = [
      le.option(2, le.u32(4 << 5)),
      le.option(4, le.u64(7n)),
      le.option(1, ascii('lost some')),
      le.option(1, ascii('!')),
    ];
    const { records, registry, capture } = await readBytes(
      concat(
        section(le, 'a'),
        le.enhanced(0, MICROS, payload(6), ...options, le.option(0, new Uint8Array())),
      ),
    );
    expect(records[2]).toMatchObject({ captured: 6, drops: 7, number: 3 });
    expect(registry.list[0]).toMatchObject({ droppedByPackets: 7, fcsBytes: 4 });
    expect(capture.comments).toBe(2);
  });

  it('numbers, counts and skips packets longer than 256 KiB', async () => {
    for (const piece of [undefined, 50_000]) {
      const bytes = concat(
        section(le, 'a'),
        le.enhanced(0, MICROS, payload(262_145)),
        le.enhanced(0, MICROS, payload(400_000)),
        le.enhanced(0, MICROS, payload(262_144)),
      );
      const { records, capture } = await readBytes(bytes, piece);
      expect(records.map((record) => record.number)).toEqual([1, 2, 5]);
      expect(capture).toMatchObject({ oversized: 2, damage: null });
      expect(records[2]?.data).toBe(Buffer.from(payload(262_144)).toString('hex'));
    }
  });

  it('takes a captured length above the block for damage', async () => {
    const body = concat(le.u32(0), le.stamp(MICROS), le.u32(9), le.u32(9), payload(8));
    const { capture } = await readBytes(concat(section(le, 'a'), le.block(6, body)));
    expect(capture).toMatchObject({
      packets: 2,
      damage: { code: 'bad-block', offset: section(le, 'a').length },
    });
  });
});

describe('pcapng: other blocks', () => {
  it('skips what it does not know, however long', async () => {
    const last = le.enhanced(0, MICROS, payload(60));
    for (const size of [0, 1000, 300_000, 5_000_000]) {
      for (const type of [4, 0xa, 0x7777]) {
        const { records, capture } = await readBytes(
          concat(section(le, 'a'), le.block(type, payload(size)), last),
        );
        expect(records.map((record) => record.number)).toEqual([1, 2, 3]);
        expect(capture.damage).toBeNull();
      }
    }
  });

  it('gives custom blocks and journal entries a frame number, as Wireshark does', async () => {
    const blocks = [0xbad, 0x4000_0bad, 9].map((type) => le.block(type, le.u32(32_473)));
    const { records, capture } = await readBytes(
      concat(section(le, 'a'), ...blocks, le.enhanced(0, MICROS, payload(60))),
    );
    expect(records.map((record) => record.number)).toEqual([1, 2, 6]);
    expect(capture.packets).toBe(3);
  });

  it('turns interface statistics into losses per interval', async () => {
    const start = le.option(2, le.stamp(MICROS));
    const counts = (received: bigint, ifdrop: bigint, osdrop: bigint) => [
      start,
      le.option(4, le.u64(received)),
      le.option(5, le.u64(ifdrop)),
      le.option(7, le.u64(osdrop)),
    ];
    const second = 1_000_000n;
    const { registry } = await readBytes(
      concat(
        section(le, 'a'),
        le.statistics(0, MICROS + second, ...counts(100n, 2n, 1n)),
        le.statistics(0, MICROS + 2n * second, ...counts(200n, 2n, 1n)),
        le.statistics(0, MICROS + 3n * second, ...counts(300n, 2n, 5n)),
      ),
    );
    const [entry] = registry.list;
    expect(entry).toMatchObject({ droppedByStatistics: 7, received: 300 });
    expect(entry?.dropIntervals.map(({ packets }) => packets)).toEqual([3, 4]);
    expect(entry?.dropIntervals[0]?.from).toBeCloseTo(1_700_000_000.123456, 5);
    expect(entry?.dropIntervals[0]?.to).toBeCloseTo(1_700_000_001.123456, 5);
    expect(entry?.dropIntervals[1]?.from).toBeCloseTo(1_700_000_002.123456, 5);
  });

  it('goes on counting in the next file of a ring, and adds up separate captures', async () => {
    const of = (start: bigint, drops: bigint) =>
      concat(
        section(le, 'a'),
        le.statistics(0, MICROS, le.option(2, le.stamp(start)), le.option(5, le.u64(drops))),
      );
    expect((await readBytes(concat(of(1n, 5n), of(1n, 9n)))).registry.list[0]?.droppedByStatistics).toBe(9);
    expect((await readBytes(concat(of(1n, 5n), of(2n, 9n)))).registry.list[0]?.droppedByStatistics).toBe(14);
    expect((await readBytes(of(1n, 2n ** 64n - 1n))).registry.list[0]?.droppedByStatistics).toBe(0);
  });
});

describe('pcapng: damage', () => {
  const good = section(le, 'a');
  const follower = le.enhanced(0, MICROS, payload(60));

  it('trusts the first length where a block follows, and stops where none does', async () => {
    const wrong = le.block(4, payload(40), 48);
    const followed = await readBytes(concat(good, wrong, follower));
    expect(followed.capture).toMatchObject({ packets: 3, damage: null });
    expect(followed.capture.oddities.get('block-length-mismatch')).toBe(1);
    const alone = await readBytes(concat(good, wrong, new Uint8Array(64).fill(0xee)));
    expect(alone.capture).toMatchObject({ packets: 2, damage: { code: 'bad-block', offset: good.length } });
  });

  it('stops at impossible lengths', async () => {
    for (const length of [0, 8, 11, 16 * 1024 * 1024 + 4, 0xffff_fffc]) {
      const { capture } = await readBytes(concat(good, le.block(4, payload(40), length, length), follower));
      expect(capture).toMatchObject({ packets: 2, damage: { code: 'bad-block', offset: good.length } });
    }
  });

  it('reads a block whose length leaves out the padding', async () => {
    const body = concat(le.u32(0), le.stamp(MICROS), le.u32(61), le.u32(61), payload(61));
    const { records, capture } = await readBytes(concat(good, le.block(6, body, 93, 93), follower));
    expect(records.map((record) => record.captured)).toEqual([61, 60, 61, 60]);
    expect(capture.oddities.get('block-length-unaligned')).toBe(1);
  });

  it('answers orderly for every prefix, in steps of any size', async () => {
    const bytes = concat(good, le.block(4, payload(24)), section(be, 'b'), be.simple(9, payload(9)));
    const whole = await readBytes(bytes);
    expect(whole.records.length).toBe(5);
    for (const piece of [1, 7, 64]) expect((await readBytes(bytes, piece)).records).toEqual(whole.records);
    for (let length = 16; length < bytes.length; length++) {
      const { records, capture } = await readBytes(bytes.slice(0, length));
      expect(records).toEqual(whole.records.slice(0, records.length));
      if (capture.damage !== null) expect(capture.damage.code).toBe('cut-short');
      const next = await readBytes(bytes.slice(0, length), 3);
      expect(next.records).toEqual(records);
      expect(next.capture.damage).toEqual(capture.damage);
    }
  });

  it('walks no options beyond their block', async () => {
    const { capture, registry } = await readBytes(
      concat(le.header(), le.interface(1, 0, le.u16(2), le.u16(200), ascii('short')), follower),
    );
    expect(registry.list[0]?.name).toBeNull();
    expect(capture.oddities.get('options-unread')).toBe(1);
    expect(capture.packets).toBe(1);
  });
});
