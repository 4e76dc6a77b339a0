/** The codes of a heartbeat's port rules hold the cluster's address, and behind the rules there are stands what was in memory. */
import { expect, it } from 'vitest';
import { ascii, ethernet, heartbeat, ipv4Bytes, macBytes, portRule } from '../../samples/craft/index.ts';
import { FrameRedactor } from '../../src/evidence/redaction/frame.ts';
import { formatIpv4 } from '../../src/wire/ipv4.ts';
import { mappingOf } from './redaction.ts';

const MARKER = ascii('ZqMaRk!7');
const CODES_AT = 14 + 44;
const MAPS_AT = [14 + 176, 14 + 440];
const mapping = mappingOf();

/** As NLB writes it: ports, protocol, mode and affinity, combined with the complement of the address. */
function codeOf(port: number, cluster: string): number {
  const address = new DataView(ipv4Bytes(cluster).buffer).getUint32(0, true);
  return (portRule(port) ^ ~address) >>> 0;
}

function heartbeatOf(cluster: string, ports: readonly number[], ruleCount = ports.length): Uint8Array {
  const payload = heartbeat({
    ...{ priority: 1, clusterIp: cluster, hostIp: '10.0.0.81', ruleCount },
    ruleCodes: ports.map((port) => codeOf(port, cluster)),
  });
  const frame = ethernet({
    ...{ destination: '02:bf:0a:00:00:50', source: '02:01:0a:00:00:50', type: 0x886f, payload },
  });
  frame.set(MARKER, CODES_AT + 4 * 20);
  for (const at of MAPS_AT) frame.set(MARKER, at + 8 * 25);
  return frame;
}

function redact(frame: Uint8Array): DataView {
  const bounds = { linkType: 1, originalLength: frame.length, fcsBytes: 0 };
  return new DataView(new FrameRedactor(mapping).redact(frame, bounds).buffer);
}

const codesIn = (frame: DataView, count: number): number[] =>
  Array.from({ length: count }, (_, rule) => frame.getUint32(CODES_AT + 4 * rule, true));

it.each(['198.51.100.77', '10.213.87.41'])('no code gives %s away', (cluster) => {
  const ports = [80, 443, 8080];
  const codes = codesIn(redact(heartbeatOf(cluster, ports)), 3);
  for (const [at, port] of ports.entries()) {
    const address = new DataView(new ArrayBuffer(4));
    address.setUint32(0, ~((codes[at] as number) ^ portRule(port)) >>> 0, true);
    expect(formatIpv4(address.getInt32(0))).not.toBe(cluster);
  }
});

it('equal codes stay equal and others different, in every frame', () => {
  const codes = codesIn(redact(heartbeatOf('198.51.100.77', [80, 443, 80])), 3);
  expect(codes[0]).toBe(codes[2]);
  expect(codes[0]).not.toBe(codes[1]);
  expect(codesIn(redact(heartbeatOf('198.51.100.77', [443])), 1)[0]).toBe(codes[1]);
});

it.each([0, 3, 34, 0xffff])('nothing stands behind %d rules', (ruleCount) => {
  const frame = heartbeatOf('198.51.100.77', [80, 443, 8080], ruleCount);
  const redacted = redact(frame);
  expect(Buffer.from(redacted.buffer).includes(Buffer.from(MARKER))).toBe(false);
  expect(Buffer.from(redacted.buffer).includes(Buffer.from(macBytes('02:01:0a:00:00:50')))).toBe(false);
  const kept = ruleCount > 33 ? 0 : ruleCount;
  const rest = new Uint8Array(redacted.buffer, CODES_AT + 4 * kept, 4 * (33 - kept));
  expect([...rest].every((byte) => byte === 0)).toBe(true);
  for (const at of MAPS_AT) {
    const map = new Uint8Array(redacted.buffer, at, 8);
    expect([...map].some((byte) => byte !== 0)).toBe(ruleCount <= 33);
  }
});
