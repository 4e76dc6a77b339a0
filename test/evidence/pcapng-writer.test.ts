import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InterfaceClock } from '../../src/capture/pcapng-time.ts';
import { PcapngWriter, toStamp } from '../../src/evidence/pcapng-writer.ts';
import { payload } from '../capture/build.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { hasPeers, MemorySink, readBack } from './written.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const optionalText = fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }));
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });

const anyInterface = fc.record({
  linkType: fc.integer({ min: 0, max: 300 }),
  snaplen: uint32,
  tsresol: fc.constantFrom(0, 3, 6, 9, 12, 0x80 | 10, 0x80 | 32),
  offsetSeconds: fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }),
  fcsLength: fc.option(fc.constantFrom(0, 2, 4)),
  name: optionalText,
  description: optionalText,
});

const anyPacket = fc.record({
  choice: fc.nat(),
  stamp: fc.record({ high: uint32, low: uint32 }),
  bytes: fc.uint8Array({ maxLength: 200 }),
  more: fc.nat({ max: 70_000 }),
  comments: fc.array(text, { maxLength: 3 }),
  flags: fc.option(uint32),
});

/** NUL ends a text in an option. */
const isPlain = (value: string | null): boolean => value === null || !value.includes('\0');

describe('the pcapng writer', () => {
  it('is read back as it was told, whatever it is told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyInterface, { minLength: 1, maxLength: 4 }),
        fc.array(anyPacket, { maxLength: 20 }),
        async (interfaces, packets) => {
          fc.pre(interfaces.every(({ name, description }) => isPlain(name) && isPlain(description)));
          fc.pre(packets.every(({ comments }) => comments.every(isPlain)));
          const sink = new MemorySink();
          const writer = new PcapngWriter(sink);
          writer.writeSection({ application: 'test', comments: ['one', 'two'] });
          const numbers = interfaces.map((description) => writer.writeInterface(description));
          expect(numbers).toEqual(interfaces.map((_, index) => index));
          for (const { choice, stamp, bytes, more, comments, flags } of packets) {
            const options = flags === null ? [] : [{ code: 2, value: littleEndian(flags) }];
            const originalLength = bytes.length + more;
            const number = choice % interfaces.length;
            writer.writePacket({ interface: number, stamp, bytes, originalLength, comments, options });
          }
          writer.flush();
          const { frames } = await readBack(sink.bytes);
          expect(
            frames.map(({ record, origin }) => ({
              data: record.data,
              original: record.original,
              stamp: origin.stamp,
              comments: origin.comments,
              options: origin.options,
              interface: origin.interface,
            })),
          ).toEqual(
            packets.map(({ choice, stamp, bytes, more, comments, flags }) => ({
              data: Buffer.from(bytes).toString('hex'),
              original: bytes.length + more,
              stamp,
              comments,
              options: flags === null ? [] : [{ code: 2, value: littleEndian(flags) }],
              interface: {
                ...interfaces[choice % interfaces.length],
                number: choice % interfaces.length,
                others: [],
              },
            })),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('buffers a quarter of a megabyte at most, and writes longer packets through', async () => {
    const sink = new MemorySink();
    const writer = new PcapngWriter(sink);
    writer.writeSection({});
    writer.writeInterface({ linkType: 1 });
    const stamp = { high: 0, low: 1 };
    const sizes = [1, 300_001, 2, 262_144, 3, ...Array.from({ length: 5000 }, (_, index) => index % 300)];
    for (const size of sizes)
      writer.writePacket({ interface: 0, stamp, bytes: payload(size, size), originalLength: size });
    writer.flush();
    expect(Math.max(...sink.sizes.filter((size) => size !== 300_001))).toBeLessThanOrEqual(262_144);
    const { frames, oversized } = await readBack(sink.bytes);
    expect(oversized).toBe(1);
    expect(frames.map(({ record }) => record.data)).toEqual(
      sizes
        .filter((size) => size !== 300_001)
        .map((size) => Buffer.from(payload(size, size)).toString('hex')),
    );
  });

  it('counts interfaces anew in each section', async () => {
    const sink = new MemorySink();
    const writer = new PcapngWriter(sink);
    const packet = { stamp: { high: 0, low: 0 }, bytes: payload(4), originalLength: 4 };
    for (const linkType of [1, 113]) {
      writer.writeSection({});
      expect(() => writer.writePacket({ interface: 0, ...packet })).toThrow('not described');
      expect(writer.writeInterface({ linkType })).toBe(0);
      writer.writePacket({ interface: 0, ...packet });
    }
    writer.flush();
    const { interfaces } = await readBack(sink.bytes);
    expect(interfaces.map(({ linkType }) => linkType)).toEqual([1, 113]);
  });

  it('refuses what would be no pcapng', () => {
    const writer = new PcapngWriter(new MemorySink());
    expect(() => writer.writeInterface({ linkType: 1 })).toThrow('begins with a section');
    writer.writeSection({});
    expect(() => writer.writeStatistics({ interface: 0, stamp: { high: 0, low: 0 }, received: 1 })).toThrow(
      'not described',
    );
  });

  it('cuts a comment between characters where an option cannot hold it', async () => {
    const sink = new MemorySink();
    const writer = new PcapngWriter(sink);
    writer.writeSection({});
    writer.writeInterface({ linkType: 1, description: `x${'ä'.repeat(40_000)}` });
    writer.writePacket({
      interface: 0,
      stamp: { high: 0, low: 0 },
      bytes: payload(3),
      originalLength: 3,
      options: [{ code: 3, value: new Uint8Array(70_000) }],
    });
    writer.flush();
    const { interfaces, frames } = await readBack(sink.bytes);
    expect(interfaces[0]?.description).toBe(`x${'ä'.repeat(32_767)}`);
    expect(frames[0]?.origin.options).toEqual([]);
  });
});

describe('toStamp', () => {
  it('is the inverse of reading, on every clock of whole nanoseconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 2 ** 33 }),
        fc.integer({ min: 0, max: 999_999_999 }),
        fc.integer({ min: -1_000_000, max: 0 }),
        (tsresol, seconds, fraction, offset) => {
          const unit = 10 ** (9 - tsresol);
          const nanos = Math.floor(fraction / unit) * unit;
          const stamp = toStamp(seconds, nanos, tsresol, BigInt(offset));
          const clock = new InterfaceClock(tsresol, offset);
          clock.convert(stamp.high, stamp.low);
          expect([clock.seconds, clock.nanos]).toEqual([seconds, nanos]);
        },
      ),
    );
  });

  it('stays inside 64 bits', () => {
    expect(toStamp(-1, 0)).toEqual({ high: 0, low: 0 });
    expect(toStamp(2 ** 40, 0, 18)).toEqual({ high: 0xffff_ffff, low: 0xffff_ffff });
  });
});

function littleEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

describe.skipIf(!hasPeers)('what Wireshark makes of it (needs tshark)', () => {
  const folder = temporaryFolder();

  it('times, lengths, interfaces, statistics and comments', () => {
    const sink = new MemorySink();
    const writer = new PcapngWriter(sink);
    writer.writeSection({ application: 'a program 1.0', comments: ['of the section', 'again'] });
    const first = writer.writeInterface({ linkType: 1, snaplen: 96, tsresol: 9, name: 'eth0', fcsLength: 4 });
    const second = writer.writeInterface({ linkType: 113, description: 'a tap', offsetSeconds: -3600n });
    writer.writePacket({
      interface: first,
      stamp: toStamp(981_173_106, 123_456_789, 9),
      bytes: payload(61),
      originalLength: 1514,
      comments: ['first', 'ünd'],
    });
    writer.writePacket({
      interface: second,
      stamp: toStamp(981_173_107, 1000, 6, -3600n),
      bytes: payload(40),
      originalLength: 40,
    });
    writer.writeStatistics({ interface: first, stamp: toStamp(981_173_108, 0, 9), received: 9, dropped: 2 });
    writer.flush();
    const file = join(folder, 'written.pcapng');
    writeFileSync(file, sink.bytes);
    const fields = ['time_epoch', 'len', 'cap_len', 'interface_id', 'comment'];
    const shown = execFileSync(
      'tshark',
      ['-r', file, '-T', 'fields', ...fields.flatMap((field) => ['-e', `frame.${field}`])],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    expect(shown.split('\n')).toEqual([
      '981173106.123456789\t1514\t61\t0\tfirst,ünd',
      '981173107.000001000\t40\t40\t1\t',
      '',
    ]);
    const facts = execFileSync('capinfos', [file], { encoding: 'utf8' });
    for (const fact of [
      /Number of packets: +2\n/,
      /Capture application: +a program 1\.0\n/,
      /Capture comment: +of the section\n/,
      /Name = eth0\n/,
      /Description = a tap\n/,
      /Capture length = 96\n/,
      /FCS length = 4\n/,
      /Time precision = nanoseconds \(9\)\n/,
      /Timestamp offset = -3600\n/,
      /Number of stat entries = 1\n/,
    ])
      expect(facts).toMatch(fact);
  });
});
