/** A period of a capture gives what a capture gives that was cut to it, with the frame numbers of the whole. */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { encode, ENCODINGS } from '../../samples/craft/index.ts';
import { analyze, type AnalyzeResult } from '../../src/engine/analyze.ts';
import type { Period } from '../../src/engine/period.ts';
import type { CaptureTime } from '../../src/engine/result.ts';
import { overused } from './run.ts';

const HEADER_BYTES = 24;
const SAMPLES = [
  'q120599-d1-boot-conflict.pcap',
  'q151387-p1-definitive.pcap',
  'q159309-p1-pptp.pcap',
  'q193157-p1-stale-address.pcap',
  'q228811-p1-old-acknowledgment.pcap',
  'q228942-p2-silent-alive.pcap',
].map((name) => new Uint8Array(readFileSync(new URL(`../../samples/${name}`, import.meta.url))));

interface Piece {
  readonly seconds: number;
  readonly nanos: number;
  readonly bytes: Uint8Array;
}

/** The records of a little-endian classic capture in microseconds. */
function recordsOf(capture: Uint8Array): Piece[] {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
  if (view.getUint32(0, true) !== 0xa1b2c3d4) throw new Error('another kind of capture');
  const records: Piece[] = [];
  for (let at = HEADER_BYTES; at < capture.length; ) {
    const end = at + 16 + view.getUint32(at + 8, true);
    records.push({
      seconds: view.getUint32(at, true),
      nanos: view.getUint32(at + 4, true) * 1000,
      bytes: capture.subarray(at, end),
    });
    at = end;
  }
  return records;
}

const timeOf = ({ seconds, nanos }: Piece): CaptureTime => ({ seconds, nanos, precision: 6 });

function isInside({ seconds, nanos }: Piece, { from, to }: Period): boolean {
  const compare = (limit: CaptureTime) => seconds - limit.seconds || nanos - limit.nanos;
  return (from === null || compare(from) >= 0) && (to === null || compare(to) <= 0);
}

/** A result whose frames are numbered as in a capture that `skipped` records were cut from. */
function shifted(result: AnalyzeResult, skipped: readonly Piece[]): unknown {
  const bytes = skipped.reduce((sum, record) => sum + record.bytes.length, 0);
  const { verdicts, health, counts, domains, generators } = result;
  const findings = result.findings.map((finding) => ({
    ...finding,
    frames: finding.frames.map((frame) => ({
      ...frame,
      number: frame.number + skipped.length,
      offsetBytes: frame.offsetBytes + bytes,
    })),
  }));
  return { verdicts, health, counts, domains, generators, findings };
}

const analyzeBytes = (bytes: Uint8Array, period?: Period) =>
  analyze([{ bytes, path: 'memory.pcap' }], {
    rules,
    ...(period === undefined ? {} : { period: () => period }),
  });

describe('a period', () => {
  it('is a capture that begins and ends there', async () => {
    const places = fc.record({
      sample: fc.constantFrom(...SAMPLES),
      from: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      to: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    });
    let findings = 0;
    await fc.assert(
      fc.asyncProperty(places, async ({ sample, from, to }) => {
        const records = recordsOf(sample);
        const at = (share: number | null): CaptureTime | null =>
          share === null ? null : timeOf(records[Math.floor(share * (records.length - 1))] as Piece);
        const period = { from: at(from), to: at(to) };
        const inside = records.filter((record) => isInside(record, period));
        const skipped = records.slice(0, records.indexOf(inside[0] as Piece));
        const cut = Buffer.concat([sample.subarray(0, HEADER_BYTES), ...inside.map(({ bytes }) => bytes)]);
        const result = await analyzeBytes(sample, period);
        const expected = await analyzeBytes(new Uint8Array(cut));
        if (inside.length > 0) expect(shifted(result, [])).toEqual(shifted(expected, skipped));
        findings += result.findings.length;
        const whole = await analyzeBytes(sample);
        const [capture] = whole.captures;
        expect(result.captures).toEqual([
          {
            ...capture,
            examined: {
              packets: inside.length,
              firstTime: expected.captures[0]?.firstTime ?? null,
              lastTime: expected.captures[0]?.lastTime ?? null,
            },
          },
        ]);
        expect(result.period).toEqual(period);
      }),
      { numRuns: 60 },
    );
    expect(findings).toBeGreaterThan(0);
  });

  it('without ends is the whole', async () => {
    for (const sample of SAMPLES) {
      const whole = await analyzeBytes(sample);
      expect(whole).not.toHaveProperty('period');
      expect(whole.captures[0]).not.toHaveProperty('examined');
      expect(shifted(await analyzeBytes(sample, { from: null, to: null }), [])).toEqual(shifted(whole, []));
      expect(whole.findings.length).toBeGreaterThan(0);
    }
  });

  it('is settled once, by the first packet of all captures', async () => {
    const script = overused();
    const bytes = encode(script, ENCODINGS.pcapng);
    const [first] = (await analyze([{ bytes, path: 'a' }], { rules })).captures;
    const asked: CaptureTime[] = [];
    const result = await analyze(
      [
        { bytes, path: 'a' },
        { bytes, path: 'b' },
      ],
      {
        rules,
        period: (firstTime) => {
          asked.push(firstTime);
          return { from: null, to: { ...firstTime, seconds: firstTime.seconds + 30 } };
        },
      },
    );
    expect(asked).toEqual([first?.firstTime]);
    const [a, b] = result.captures;
    expect(a?.examined?.packets).toBeGreaterThan(0);
    expect(a?.examined).toEqual(b?.examined);
    expect(a?.packets).toBeGreaterThan(a?.examined?.packets ?? Infinity);
    expect(a?.lastTime).toEqual(first?.lastTime);
  });

  it('leaves out packets that have no time', async () => {
    // A section, an interface, and a simple packet block (pcapng 4.4).
    const words = [0x0a0d0d0a, 28, 0x1a2b3c4d, 1, -1, -1, 28, 1, 20, 1, 0, 20, 3, 32, 14, 0, 0, 0, 0, 32];
    const bytes = new Uint8Array(new Int32Array(words).buffer);
    const { captures, period, counts } = await analyzeBytes(bytes, {
      from: timeOf({ seconds: 0, nanos: 0, bytes }),
      to: null,
    });
    expect(captures[0]).toMatchObject({ packets: 1, examined: { packets: 0, firstTime: null } });
    expect({ period, counts }).toEqual({ period: { from: null, to: null }, counts: {} });
  });
});
