/** A flood of SYNs at the address of a cluster: memory stays bounded, the cluster is judged all the same, and nobody is blamed. */
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { ClusterLan, encode } from '../../samples/craft/index.ts';
import { analyze } from '../../src/engine/analyze.ts';
import { verdictOf } from './run.ts';

const SYNS = 300_000;
const PER_SECOND = 20_000;
const FROM_SECONDS = 41;

/** A little-endian pcap: a cluster at work for 40 s, which then beats on while every SYN of a flood is left unanswered. */
function flooded(change: (view: DataView, at: number, number: number) => void): Uint8Array {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 1, 40).beats(web2, 1.5, 40);
  for (let client = 1; client <= 10; client += 1) lan.request(3 * client, client, web1);
  const head = encode(lan.end(40.5));
  const start = new DataView(head.buffer, head.byteOffset).getUint32(24, true);
  const [syn] = new ClusterLan().knock(1, 1, { repeats: [] }).script.timeline();
  const beats = [web1.beat(), web2.beat()];
  if (syn === undefined) throw new Error('no SYN');
  const records: Uint8Array[] = [head];
  const record = (seconds: number, frame: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(16 + frame.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, start + Math.floor(seconds), true);
    view.setUint32(4, Math.floor((seconds % 1) * 1e6), true);
    view.setUint32(8, frame.length, true);
    view.setUint32(12, frame.length, true);
    bytes.set(frame, 16);
    return bytes;
  };
  for (let number = 0; number < SYNS; number += 1) {
    const seconds = FROM_SECONDS + number / PER_SECOND;
    if (number % PER_SECOND === 0) for (const beat of beats) records.push(record(seconds, beat));
    const bytes = record(seconds, syn.bytes);
    change(new DataView(bytes.buffer), 16, number);
    records.push(bytes);
  }
  return new Uint8Array(Buffer.concat(records));
}

describe('a flood of SYNs at a cluster', () => {
  it.each([
    [
      'from everywhere',
      (view: DataView, at: number, number: number) => {
        view.setUint32(at + 26, 0x0b000000 + number);
        view.setUint16(at + 34, number & 0xffff);
      },
    ],
    [
      'that are repeated',
      (view: DataView, at: number, number: number) => {
        view.setUint32(at + 26, 0x0b000000 + (number % 30_000));
        view.setUint16(at + 34, 1024 + (number % 30_000));
      },
    ],
  ])(
    '%s stays within bounds',
    async (_, change) => {
      const bytes = flooded(change);
      const before = process.memoryUsage().rss;
      let peak = before;
      const result = await analyze([{ bytes, path: 'flood' }], {
        rules,
        onProgress: () => {
          peak = Math.max(peak, process.memoryUsage().rss);
        },
      });
      expect(result.counts['tcpSyn']).toBeGreaterThanOrEqual(SYNS);
      expect((peak - before) / 2 ** 20).toBeLessThan(128);
      const { clusterSyns } = result.health.evictions;
      expect(clusterSyns).toBeGreaterThan(0);
      expect(verdictOf(result, 'Q228942').notExamined).toMatchObject({ clusterSyns });
      expect(verdictOf(result, 'Q228942').observed.judged).toBeGreaterThanOrEqual(2);
      const faults = result.findings.filter(({ article }) => article === 'Q228942');
      expect(faults.filter(({ tier }) => tier !== 'suggestive')).toEqual([]);
    },
    60_000,
  );
});
