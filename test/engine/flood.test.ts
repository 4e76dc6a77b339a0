/** More hosts, clients and connections than any table holds: memory stays bounded, and the report says what was dropped. */
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import {
  Connection,
  controlPacket,
  DHCP_TYPE,
  encode,
  enhancedGre,
  Host,
  LCP_OPTION,
  ppp,
  PPP_CODE,
  PPP_PROTOCOL,
  PROTOCOL,
  Script,
  vlanTagged,
} from '../../samples/craft/index.ts';
import { analyze, type AnalyzeResult } from '../../src/engine/analyze.ts';
import { overused, verdictOf } from './run.ts';

const START = 981_173_106;
const MEBIBYTE = 2 ** 20;

/** A little-endian pcap of `count` copies of a frame, each changed by `change`, `perSecond` in a second. */
function flood(
  frames: readonly Uint8Array[],
  count: number,
  perSecond: number,
  change: (view: DataView, at: number, number: number, which: number) => void,
): Uint8Array {
  const size = frames.reduce((sum, frame) => sum + 16 + frame.length, 0);
  const bytes = new Uint8Array(24 + size * count);
  bytes.set(encode(new Script()));
  const view = new DataView(bytes.buffer);
  let offset = 24;
  for (let number = 0; number < count; number += 1) {
    for (const [which, frame] of frames.entries()) {
      view.setUint32(offset, START + Math.floor(number / perSecond), true);
      view.setUint32(offset + 4, Math.floor(((number % perSecond) * 1e6) / perSecond) + which * 20, true);
      view.setUint32(offset + 8, frame.length, true);
      view.setUint32(offset + 12, frame.length, true);
      bytes.set(frame, offset + 16);
      change(view, offset + 16, number, which);
      offset += 16 + frame.length;
    }
  }
  return bytes;
}

/** Analyses, and answers how far the process grew meanwhile, in MiB. */
async function measured(inputs: readonly Uint8Array[]): Promise<{ result: AnalyzeResult; grown: number }> {
  const before = process.memoryUsage().rss;
  let peak = before;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage().rss);
  };
  const result = await analyze(
    inputs.map((bytes, at) => ({ bytes, path: `flood${at}` })),
    { rules, onProgress: look },
  );
  look();
  return { result, grown: (peak - before) / MEBIBYTE };
}

const A = new Host({ mac: '02:00:00:00:00:01', ip: '10.0.0.1' });
const B = new Host({ mac: '00:80:c7:44:55:66', ip: '192.0.2.1' });
/** A host's number in the lower bytes of a MAC address, and as an address in 10/8. */
const address = (number: number): number => 0x0a000000 + 1 + number;

describe('floods', () => {
  it('of calls that begin and never end', async () => {
    const request = controlPacket(PPP_CODE.configureRequest, 1, [LCP_OPTION.magic(1)]);
    const payload = enhancedGre({ callId: 1, sequence: 1, payload: ppp(PPP_PROTOCOL.lcp, request) });
    const frame = A.ipFrame(B.mac, A.datagram(B.ip, PROTOCOL.gre, payload));
    const bytes = flood([frame], 200_000, 2000, (view, at, number) => {
      view.setUint32(at + 26, address(number));
      view.setUint16(at + 40, number & 0xffff);
    });
    const { result, grown } = await measured([bytes]);
    expect(result.health.evictions['calls']).toBeGreaterThan(100_000);
    expect(verdictOf(result, 'Q159309')).toMatchObject({
      verdict: 'inconclusive',
      notExamined: { evictedCalls: expect.any(Number) },
    });
    expect(result.findings).toEqual([]);
    expect(grown).toBeLessThan(128);
  }, 60_000);

  it('of hosts that announce themselves', async () => {
    const bytes = flood([A.announce().subarray(0, 42)], 200_000, 2000, (view, at, number) => {
      for (const offset of [8, 24]) view.setUint32(at + offset, number + 1);
      for (const offset of [28, 38]) view.setUint32(at + offset, address(number));
    });
    const { result, grown } = await measured([bytes]);
    expect(result.captures[0]?.packets).toBe(200_000);
    expect(result.health.evictions['addresses']).toBeGreaterThan(100_000);
    expect(result.health.evictions['stations']).toBeGreaterThan(0);
    expect(verdictOf(result, 'Q120599')).toMatchObject({
      verdict: 'clear',
      notExamined: { evicted: expect.any(Number) },
    });
    expect(result.findings).toEqual([]);
    expect(grown).toBeLessThan(128);
  }, 60_000);

  it('of addresses that two hosts claim in turn', async () => {
    const frames = [A.announce().subarray(0, 42), A.announce().subarray(0, 42)];
    const bytes = flood(frames, 150_000, 3000, (view, at, number, which) => {
      const host = number % 15_000;
      for (const offset of [8, 24]) view.setUint32(at + offset, host * 2 + which + 1);
      for (const offset of [28, 38]) view.setUint32(at + offset, address(host));
    });
    const { result, grown } = await measured([bytes]);
    expect(result.health.evictions['addresses']).toBe(15_000 - 1024);
    expect(verdictOf(result, 'Q120599').observed.undecided['evicted']).toBe(15_000 - 1024);
    expect(result.findings.length).toBeLessThanOrEqual(1000);
    expect(grown).toBeLessThan(128);
  }, 60_000);

  it('of DHCP clients whose leases run out', async () => {
    const ack = A.dhcpServer(DHCP_TYPE.ack, {
      xid: 1,
      yiaddr: '10.0.0.9',
      chaddr: '02:00:00:00:00:09',
      leaseSeconds: 10,
      to: 'broadcast',
    });
    const bytes = flood([ack], 60_000, 600, (view, at, number) => {
      view.setUint16(at + 18, number);
      view.setUint32(at + 42 + 4, number);
      view.setUint32(at + 42 + 16, address(number));
      view.setUint32(at + 42 + 30, number + 1);
    });
    const { result, grown } = await measured([bytes]);
    expect(result.health.evictions['leases']).toBe(60_000 - 8192);
    const { verdict, observed } = verdictOf(result, 'Q151387');
    expect(observed.subjects).toBe(60_000);
    expect(observed.undecided['evicted']).toBeGreaterThanOrEqual(60_000 - 8192);
    expect(verdict).toBe('inconclusive');
    expect(grown).toBeLessThan(128);
  }, 60_000);

  it('of SYNs from everywhere', async () => {
    const syn = new Connection(A, B, { clientPort: 1, serverPort: 80, clientIsn: 1, serverIsn: 1 }).syn();
    const bytes = flood([syn], 300_000, 30_000, (view, at, number) => {
      view.setUint32(at + 26, Math.imul(number, 0x9e3779b1) & 0x7fffffff);
      view.setUint16(at + 34, number & 0xffff);
    });
    const { result, grown } = await measured([bytes]);
    expect(result.counts['tcpSyn']).toBe(300_000);
    expect(result.findings).toEqual([]);
    expect(verdictOf(result, 'Q151387').verdict).toBe('not-applicable');
    expect(grown).toBeLessThan(128);
  }, 60_000);

  it('of networks: those without a domain of their own are counted and feed nothing', async () => {
    const tagged = vlanTagged(A.announce().subarray(0, 42), [1, 1]);
    // Two networks at a time take turns; each has a host of its own, and both hosts have the same address.
    const bytes = flood([tagged], 40_000, 100, (view, at, number) => {
      const pair = number >> 2;
      const network = pair * 2 + (number & 1);
      view.setUint16(at + 14, 1 + Math.floor(network / 4000));
      view.setUint16(at + 18, 1 + (network % 4000));
      for (const offset of [8, 32]) view.setUint32(at + offset, network + 1);
      for (const offset of [36, 46]) view.setUint32(at + offset, address(pair));
    });
    const { result, grown } = await measured([bytes]);
    expect(result.domains.length).toBe(4096);
    expect(result.health.evictions['domains']).toBe(2 * (20_000 - 4095));
    expect(result.findings).toEqual([]);
    expect(grown).toBeLessThan(128);
  }, 60_000);

  it('do not hide a fault that came first', async () => {
    const noise = flood([A.announce().subarray(0, 42)], 100_000, 400, (view, at, number) => {
      for (const offset of [8, 24]) view.setUint32(at + offset, number + 1);
      for (const offset of [28, 38]) view.setUint32(at + offset, 0x0b000000 + number);
    });
    const { result } = await measured([encode(overused()), noise]);
    expect(result.findings.map(({ article, tier }) => `${article} ${tier}`)).toEqual(['Q151387 definitive']);
  }, 60_000);
});
