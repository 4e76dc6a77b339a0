/** Damaged and mutated captures through the whole engine: an orderly result, or one clear error. */
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { scenarios as duplicates } from '../../rules/addressing/q120599-duplicate-ip-address/scenarios.ts';
import { type Encoding, encode, ENCODINGS, Random, Script } from '../../samples/craft/index.ts';
import { CaptureError } from '../../src/capture/errors.ts';
import { analyze } from '../../src/engine/analyze.ts';
import { overused } from './run.ts';

/** What came of it; anything but a result or a CaptureError is thrown on. */
async function outcome(bytes: Uint8Array): Promise<{ packets: number; damaged: boolean } | string> {
  try {
    const { captures, verdicts } = await analyze([{ bytes, path: 'hostile' }], { rules });
    expect(verdicts.length).toBe(rules.length);
    return { packets: captures[0]?.packets ?? 0, damaged: captures[0]?.damage !== null };
  } catch (error) {
    if (error instanceof CaptureError) return error.code;
    throw error;
  }
}

const P1 = overused();

describe('every prefix', () => {
  it.each([
    ['pcap', ENCODINGS.pcap, 24],
    ['pcapng', ENCODINGS.pcapng, 28],
  ])(
    'of a %s gives what was readable',
    async (_name, encoding, headerBytes) => {
      const bytes = encode(P1, encoding);
      const total = P1.timeline().length;
      let last = 0;
      for (let length = 0; length < bytes.length; length += 97) {
        const result = await outcome(bytes.subarray(0, length));
        if (length < headerBytes) {
          expect(typeof result === 'string' || result.packets === 0).toBe(true);
          continue;
        }
        if (typeof result === 'string') throw new Error(`${length} bytes: ${result}`);
        expect(result.packets).toBeGreaterThanOrEqual(last);
        expect(result.packets).toBeLessThanOrEqual(total);
        last = result.packets;
      }
      expect(await outcome(bytes)).toEqual({ packets: total, damaged: false });
    },
    60_000,
  );
});

describe('mutations', () => {
  const seeds: ReadonlyArray<readonly [name: string, encoding: Encoding, script: Script]> = [
    ['P1 pcap', ENCODINGS.pcap, P1],
    ['P1 pcapng', ENCODINGS.pcapngTwoSections, P1],
    ['D1 QinQ', ENCODINGS.qinq, duplicates[0]?.build() ?? P1],
    ['D1 SLL2', ENCODINGS.sll2, duplicates[1]?.build() ?? P1],
  ];

  it.each(seeds)(
    'of %s neither throw nor grow',
    async (_name, encoding, script) => {
      const original = encode(script, encoding);
      const random = new Random(original.length);
      const before = process.memoryUsage().rss;
      let results = 0;
      for (let at = 0; at < 125; at += 1) {
        const bytes = Uint8Array.from(original);
        const changes = random.pick([1, 3, 30, 300]);
        for (let change = 0; change < changes; change += 1) {
          // Past the magic, so that most remain captures.
          const where = random.integer(8, bytes.length - 1);
          bytes[where] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.integer(0, 255)]);
        }
        const result = await outcome(bytes);
        if (typeof result !== 'string') results += 1;
      }
      expect(results).toBeGreaterThan(60);
      expect(process.memoryUsage().rss - before).toBeLessThan(256 * 2 ** 20);
    },
    60_000,
  );
});
