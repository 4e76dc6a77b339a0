/** A redacted file as a file: numbers, times, lengths, losses and interfaces are those of the original, whatever its bytes. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascii, concat, encode, ENCODINGS } from '../../samples/craft/index.ts';
import { overused } from '../engine/run.ts';
import { CaptureError } from '../../src/capture/errors.ts';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { openCapture } from '../../src/capture/open.ts';
import { labelOf } from '../../src/evidence/redaction/capture.ts';
import { drain } from '../capture/corpus.ts';
import { arpCapture } from '../cli/kbdiag.ts';
import { mappingOf, redactBytes, reportOn, TOOL } from './redaction.ts';
import { block, enhancedPacket, ethernetInterface, type Option, options, section, u32 } from './blocks.ts';
import { encodeWithSecrets } from './secrets.ts';

const mapping = mappingOf();
const sampleOf = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../samples/${name}`, import.meta.url)));

interface Row {
  readonly number: number;
  readonly time: string;
  readonly captured: number;
  readonly original: number;
  readonly drops: number;
  readonly stamp: unknown;
}

/** What is true of each record beside its bytes, and of the interfaces. */
async function rowsOf(bytes: Uint8Array): Promise<{ rows: Row[]; interfaces: unknown[] }> {
  const registry = new InterfaceRegistry();
  const capture = await openCapture(
    { bytes, path: 'x' },
    { file: 0, interfaces: registry, keepsOrigin: true },
  );
  const rows: Row[] = [];
  await drain(capture, (record) => {
    rows.push({
      number: record.number,
      time: record.hasTime ? `${record.seconds}.${record.nanos}` : '',
      captured: record.capturedLength,
      original: record.originalLength,
      drops: record.dropsBefore,
      stamp: capture.originOf(record).stamp,
    });
  });
  const interfaces = registry.list.map((entry) => [
    ...[entry.number, entry.linkType, entry.fcsBytes, entry.precision, entry.packets],
    ...[entry.droppedByPackets, entry.droppedByStatistics, entry.received, entry.dropIntervals],
  ]);
  return { rows, interfaces };
}

describe('a redacted capture', () => {
  it.each(Object.entries(ENCODINGS))('keeps the records of %s', async (_, encoding) => {
    const original = encode(overused(), encoding);
    const { bytes } = await redactBytes(original, mapping);
    expect(await rowsOf(bytes)).toEqual(await rowsOf(original));
  });

  it('keeps losses and counters', async () => {
    const original = sampleOf('q151387-p10-drops.pcapng');
    const { interfaces, rows } = await rowsOf(original);
    expect(JSON.stringify(interfaces)).toMatch(/[1-9]\d*,\d+,\[/);
    const { bytes } = await redactBytes(original, mapping);
    expect(await rowsOf(bytes)).toEqual({ interfaces, rows });
    expect((await reportOn(bytes, 'x')).health.drops).toEqual((await reportOn(original, 'x')).health.drops);
  });

  it('keeps counters that stand before the packets, and in sections without any', async () => {
    const counters = (number: number, ...list: readonly Option[]) =>
      block(5, concat(u32(number), u32(4), u32(7), options(...list)));
    const count = (value: number) => concat(u32(value), u32(0));
    const named = (name: string) => ethernetInterface([2, ascii(name)]);
    const packet = arpCapture(1).subarray(40);
    const original = concat(
      ...[section(), named('a'), named('b'), counters(1, [5, count(3)]), counters(0, [4, count(9)])],
      ...[enhancedPacket(0, 1, packet), counters(1, [5, count(4)])],
      // Nothing but counters, the second ones of a capturing of their own.
      ...[section(), named('b'), counters(0, [5, count(11)]), counters(0, [2, count(1)], [7, count(5)])],
      ...[section(), named('b'), enhancedPacket(0, 2, packet), counters(0, [5, count(2)], [3, count(1)])],
      ...[section(), named('c'), counters(0, [4, count(1)])],
    );
    const { interfaces, rows } = await rowsOf(original);
    expect(interfaces.map((facts) => (facts as number[])[6])).toEqual([0, 4 + 11 + 5 + 2, 0]);
    expect(await rowsOf((await redactBytes(original, mapping)).bytes)).toEqual({ interfaces, rows });
  });

  it('keeps counters wherever they stand', async () => {
    const packet = arpCapture(1).subarray(40);
    const number = fc.integer({ min: 0, max: 2 });
    const start = fc.constantFrom<number | null>(null, 1, 2);
    const part = fc.oneof(
      number.map((of) => enhancedPacket(of, 1, packet)),
      fc
        .tuple(number, start, fc.nat(50), fc.nat(50))
        .map(([of, since, received, dropped]) =>
          block(
            5,
            concat(
              ...[u32(of), u32(4), u32(7)],
              options(
                ...(since === null ? [] : [[2, concat(u32(since), u32(0))] as const]),
                ...[[4, concat(u32(received), u32(0))] as const, [5, concat(u32(dropped), u32(0))] as const],
              ),
            ),
          ),
        ),
    );
    const interfaces = fc
      .subarray(['a', 'b', 'c'], { minLength: 3 })
      .map((names) => names.map((name) => ethernetInterface([2, ascii(name)])));
    // Every section has something in it: an empty one tells nothing, and is not copied.
    const sections = fc.array(fc.tuple(interfaces, fc.array(part, { minLength: 1, maxLength: 6 })), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(sections, async (all) => {
        const original = concat(...all.flatMap(([described, parts]) => [section(), ...described, ...parts]));
        expect(await rowsOf((await redactBytes(original, mapping)).bytes)).toEqual(await rowsOf(original));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps numbers where other blocks have some', async () => {
    const original = encodeWithSecrets(overused().timeline().slice(0, 4), ascii('secret'), '203.177.91.14');
    const { bytes } = await redactBytes(original, mapping);
    const { rows } = await rowsOf(bytes);
    expect(rows.map(({ number }) => number)).toEqual([1, 3, 5, 7]);
    expect(await rowsOf(bytes)).toEqual(await rowsOf(original));
  });

  it('keeps numbers behind a record that is too long to be read', async () => {
    const small = arpCapture(1).subarray(24);
    const long = new Uint8Array(16 + 300_000);
    long.set(small.subarray(0, 8));
    new DataView(long.buffer).setUint32(8, 300_000, true);
    new DataView(long.buffer).setUint32(12, 300_000, true);
    const original = concat(arpCapture(3), long, small);
    const { rows } = await rowsOf((await redactBytes(original, mapping)).bytes);
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 3, 5]);
  });

  it('says that it was altered, once a section', async () => {
    const label = Buffer.from(labelOf({ mapping, tool: TOOL }));
    for (const [encoding, sections] of [
      [ENCODINGS.pcap, 1],
      [ENCODINGS.pcapngTwoSections, 2],
    ] as const) {
      const { bytes } = await redactBytes(encode(overused(), encoding), mapping);
      const parts = bytes.toString('latin1').split(label.toString('latin1'));
      expect(parts).toHaveLength(1 + sections);
    }
  });

  it('comes out of an empty capture as one', async () => {
    const { bytes, packets } = await redactBytes(arpCapture(0), mapping);
    expect(packets).toBe(0);
    expect((await reportOn(bytes, 'x')).captures[0]).toMatchObject({ packets: 0, damaged: null });
    expect(await rowsOf(bytes)).toEqual(await rowsOf(arpCapture(0)));
  });

  it('comes out of any bytes as a whole file', async () => {
    const captures = [
      sampleOf('q159309-p1-pptp.pcap'),
      sampleOf('q159309-p2-pppoe.pcapng'),
      sampleOf('q151387-p10-drops.pcapng'),
      Buffer.from(encodeWithSecrets(overused().timeline().slice(0, 8), ascii('secret'), '203.177.91.14')),
    ].map((bytes) => bytes.subarray(0, 6000));
    const damaged = fc
      .tuple(
        fc.constantFrom(...captures),
        fc.array(fc.tuple(fc.nat(5999), fc.nat(255)), { maxLength: 6 }),
        fc.nat(6000),
      )
      .map(([capture, changes, length]) => {
        const bytes = Buffer.from(capture.subarray(0, Math.max(200, length)));
        for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(damaged, async (bytes) => {
        const result = await redactBytes(bytes, mapping).catch((error: unknown) => error);
        if (result instanceof CaptureError) return;
        const { packets, bytes: redacted } = result as Awaited<ReturnType<typeof redactBytes>>;
        const capture = await openCapture(
          { bytes: redacted, path: 'x' },
          { file: 0, interfaces: new InterfaceRegistry() },
        );
        expect(await drain(capture, () => {})).toBe(packets);
        expect(capture.damage).toBeNull();
      }),
      { numRuns: 400 },
    );
  });
});
