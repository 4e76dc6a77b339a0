/** One frame redacted: whatever its bytes are, it stays what it is to every rule, and its checksums stay right or wrong. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ascii,
  concat,
  encode,
  ethernet,
  ETHERTYPE,
  icmp,
  internetChecksum,
  ipv4,
  ipv4Bytes,
  PROTOCOL,
  Script,
  tcp,
  TCP_FLAG,
  u16,
  u8,
  udp,
} from '../../samples/craft/index.ts';
import { scenarios as dialIn } from '../../rules/dial-in/q159309-leaking-address-pool/scenarios.ts';
import { scenarios as leases } from '../../rules/dhcp/q151387-use-past-lease/scenarios.ts';
import { FrameRedactor } from '../../src/evidence/redaction/frame.ts';
import { frameCheck } from '../../src/evidence/redaction/checksum.ts';
import { decoded } from '../wire/decoded.ts';
import { mappingOf, redactBytes, reportOn } from './redaction.ts';

const LINKS = [0, 1, 9, 12, 14, 50, 51, 101, 105, 108, 113, 166, 204, 228, 229, 276, 999];
const CLIENT = '10.213.87.41';
const SERVER = '192.168.217.93';

const mapping = mappingOf();

function redact(frame: Uint8Array, linkType = 1, originalLength = frame.length, fcsBytes = 0): Uint8Array {
  return new FrameRedactor(mapping).redact(frame, { linkType, originalLength, fcsBytes });
}

/** Frames of every protocol that is read, one of each length. */
const REAL = [
  ...new Map(
    [...dialIn.slice(0, 8), ...leases.slice(0, 3)]
      .flatMap((scenario) => scenario.build().timeline())
      .filter((frame) => frame.linkType === undefined)
      .map(({ bytes }) => [bytes.length, bytes]),
  ).values(),
];

const mutated = fc
  .tuple(
    fc.constantFrom(...REAL),
    fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }),
    fc.nat(600),
    fc.boolean(),
  )
  .map(([frame, changes, cut, isCut]) => {
    const bytes = frame.slice(0, isCut ? cut : frame.length);
    for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
    return { bytes, originalLength: frame.length };
  });

describe('a redacted frame', () => {
  it('is as long as it was, of any bytes on any link, and the frame itself stays', () => {
    const anything = fc.tuple(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(...LINKS),
      fc.nat(300),
      fc.nat(8),
    );
    fc.assert(
      fc.property(anything, ([bytes, linkType, more, fcsBytes]) => {
        const before = bytes.slice();
        const image = redact(bytes, linkType, bytes.length + more, fcsBytes);
        expect(image.length).toBe(bytes.length);
        expect(bytes).toEqual(before);
        expect(redact(bytes, linkType, bytes.length + more, fcsBytes)).toEqual(image);
      }),
      { numRuns: 3000 },
    );
  });

  it('is of the same kind', () => {
    fc.assert(
      fc.property(mutated, ({ bytes, originalLength }) => {
        const image = redact(bytes, 1, originalLength);
        const was = decoded(bytes, { original: originalLength });
        const is = decoded(image, { original: originalLength });
        expect([is.kind, is.vlanDepth, is.etherType]).toEqual([was.kind, was.vlanDepth, was.etherType]);
      }),
      { numRuns: 3000 },
    );
  });

  it('of damaged captures gives a report like theirs', async () => {
    const noisy = fc.array(mutated, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(noisy, async (frames) => {
        const script = new Script();
        for (const [at, { bytes }] of frames.entries()) script.at(at, bytes);
        const original = encode(script);
        const [was, is] = [
          await reportOn(original, 'x'),
          await reportOn((await redactBytes(original, mapping)).bytes, 'x'),
        ];
        expect(is.verdicts.map(({ verdict, observed }) => [verdict, observed])).toEqual(
          was.verdicts.map(({ verdict, observed }) => [verdict, observed]),
        );
        expect(is.health.malformedPackets).toBe(was.health.malformedPackets);
        expect(is.health.notExamined).toEqual(was.health.notExamined);
      }),
      { numRuns: 100 },
    );
  });
});

describe('checksums', () => {
  const payload = ascii('payload of an odd length');
  const ends = { source: CLIENT, destination: SERVER };
  const ports = { sourcePort: 5000, destinationPort: 6000 };
  const carry = (protocol: number, content: Uint8Array): Uint8Array =>
    ethernet({
      destination: '00:60:97:11:22:33',
      source: '00:a0:c9:44:55:66',
      type: ETHERTYPE.ipv4,
      payload: ipv4({ ...ends, protocol, payload: content, id: 1 }),
    });
  const udpFrame = carry(PROTOCOL.udp, udp({ ...ends, ...ports, payload }));
  const tcpFrame = carry(PROTOCOL.tcp, tcp({ ...ends, ...ports, sequence: 1, flags: TCP_FLAG.ack, payload }));
  const icmpFrame = carry(PROTOCOL.icmp, icmp(8, 0, 7, payload));

  /** By the frame's own lengths: 0 where the checksum is right. */
  function ipSum(frame: Uint8Array): number {
    return internetChecksum(frame.subarray(14, 34));
  }

  function transportSum(frame: Uint8Array): number {
    const [protocol = 0] = frame.subarray(23, 24);
    const end = 14 + ((frame[16] ?? 0) << 8) + (frame[17] ?? 0);
    const content = frame.subarray(34, end);
    const pseudo = concat(frame.subarray(26, 34), u8(0), u8(protocol), u16(content.length));
    return internetChecksum(protocol === 1 ? new Uint8Array(0) : pseudo, content);
  }

  const cases = [
    { name: 'UDP', frame: udpFrame, at: 40 },
    { name: 'TCP', frame: tcpFrame, at: 50 },
    { name: 'ICMP', frame: icmpFrame, at: 36 },
  ];

  it.each(cases)('of $name and IP that were right are right', ({ frame, at }) => {
    const image = redact(frame);
    expect([ipSum(frame), transportSum(frame)]).toEqual([0, 0]);
    expect([ipSum(image), transportSum(image)]).toEqual([0, 0]);
    expect(image.subarray(at, at + 2)).not.toEqual(frame.subarray(at, at + 2));
  });

  it.each(cases)('of $name and IP that were wrong are wrong', ({ frame, at }) => {
    for (const value of [1, 0x1234, 0xfffe]) {
      const broken = frame.slice();
      broken.set(u16(value), at);
      broken.set(u16(value), 24);
      const image = redact(broken);
      expect(ipSum(image)).not.toBe(0);
      expect(transportSum(image)).not.toBe(0);
      expect(image.subarray(at, at + 2)).not.toEqual(u16(0));
    }
  });

  it.each(cases)('of $name and IP that were zero are zero', ({ frame, at }) => {
    const offloaded = frame.slice();
    offloaded.set(u16(0), at);
    offloaded.set(u16(0), 24);
    const image = redact(offloaded);
    expect([...image.subarray(at, at + 2), ...image.subarray(24, 26)]).toEqual([0, 0, 0, 0]);
  });

  it.each(cases)('of $name behind a cut are left out', ({ frame, at }) => {
    const image = redact(frame.subarray(0, 56), 1, frame.length);
    expect(ipSum(image)).toBe(0);
    expect(image.subarray(at, at + 2)).toEqual(u16(0));
  });

  it('of a UDP datagram are never zero by chance', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffff), (sourcePort, destinationPort) => {
        fc.pre(![67, 68, 1701, 1812, 1813, 1645, 1646].includes(destinationPort) && sourcePort !== 1701);
        const image = redact(
          carry(PROTOCOL.udp, udp({ ...ends, sourcePort, destinationPort, payload: new Uint8Array(20) })),
        );
        expect(image.subarray(40, 42)).not.toEqual(u16(0));
        expect(transportSum(image)).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('of the frame are set right where they were right, and else are zero', () => {
    const check = new Uint8Array(4);
    new DataView(check.buffer).setUint32(0, frameCheck(udpFrame), true);
    const image = redact(concat(udpFrame, check), 1, udpFrame.length + 4, 4);
    expect(new DataView(image.buffer).getUint32(udpFrame.length, true)).toBe(
      frameCheck(image.subarray(0, udpFrame.length)),
    );
    const wrong = redact(
      concat(
        udpFrame,
        check.map((byte) => byte ^ 1),
      ),
      1,
      udpFrame.length + 4,
      4,
    );
    expect(wrong.subarray(-4)).toEqual(new Uint8Array(4));
    // IEEE 802.3's polynomial, by the value that is given for it everywhere.
    expect(frameCheck(ascii('123456789'))).toBe(0xcbf43926);
  });
});

it('the addresses are where they were', () => {
  const frame = ethernet({
    destination: 'ff:ff:ff:ff:ff:ff',
    source: '00:a0:c9:44:55:66',
    type: ETHERTYPE.ipv4,
    payload: ipv4({
      source: CLIENT,
      destination: '255.255.255.255',
      protocol: 99,
      payload: ascii('x'),
      id: 1,
    }),
  });
  const image = redact(frame);
  expect(image.subarray(0, 6)).toEqual(frame.subarray(0, 6));
  expect(image.subarray(30, 34)).toEqual(ipv4Bytes('255.255.255.255'));
  expect(image.subarray(26, 30)).not.toEqual(ipv4Bytes(CLIENT));
  expect(image[29]).toBe(41);
  expect(image.subarray(34)).toEqual(new Uint8Array(frame.length - 34));
});
