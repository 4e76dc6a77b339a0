import { describe, expect, it } from 'vitest';
import { concat, Host, Random, TCP_FLAG, vlanTagged } from '../../samples/craft/index.ts';
import { Copies, DUPLICATE, ORIGINAL, RECURRENCE } from '../../src/trackers/copies.ts';
import type { Domain, Domains } from '../../src/trackers/domains.ts';
import { CAPTURE, newDomains, packetAt, withIpChecksum } from './packets.ts';

const A = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5', ttl: 64 });
const B = new Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1' });

function newCopies(domains: Domains, options: Partial<typeof CAPTURE> = {}): Copies {
  return new Copies({ ...CAPTURE, ...options }, (index) => domains.list[index] as Domain);
}

/** What is said of the second frame, so many milliseconds after the first. */
function second(
  first: Uint8Array,
  other: Uint8Array,
  millis: number,
  interfaces: readonly [number, number] = [0, 0],
): number {
  const domains = newDomains();
  const copies = newCopies(domains);
  expect(copies.examine(packetAt(domains, first, 100, interfaces[0]))).toBe(ORIGINAL);
  return copies.examine(packetAt(domains, other, 100 + millis / 1000, interfaces[1]));
}

const PING = A.ping(B, 7);
const ARP = A.arpRequest('10.0.0.1');

/** The same datagram as a router sends it on. */
function routed(frame: Uint8Array): Uint8Array {
  const changed = withIpChecksum(
    concat(Uint8Array.of(0, 2, 3, 4, 5, 6, 0, 9, 9, 9, 9, 9), frame.subarray(12)),
    0x1234,
  );
  changed[22] = 63;
  return changed;
}

describe('duplicates', () => {
  it.each([
    [0, DUPLICATE],
    [0.05, DUPLICATE],
    [4.9, DUPLICATE],
    [5, DUPLICATE],
    [5.1, RECURRENCE],
    [1999, RECURRENCE],
    [2001, ORIGINAL],
  ])('of an IPv4 packet %d ms later: %d', (millis, expected) =>
    expect(second(PING, PING, millis)).toBe(expected),
  );

  it('are not only within one time stamp order', () => expect(second(PING, PING, -3)).toBe(DUPLICATE));

  it('may differ in TTL, MAC addresses, header checksum and tag', () => {
    expect(second(PING, routed(PING), 1)).toBe(DUPLICATE);
    expect(second(PING, vlanTagged(PING, [20]), 1)).toBe(DUPLICATE);
    expect(second(vlanTagged(PING, [20]), PING, 1)).toBe(DUPLICATE);
    expect(second(vlanTagged(PING, [100, 20]), vlanTagged(PING, [20]), 1)).toBe(DUPLICATE);
    expect(second(vlanTagged(ARP, [20]), ARP, 1)).toBe(DUPLICATE);
  });

  it('are not packets of two networks', () => {
    expect(second(vlanTagged(PING, [20]), vlanTagged(PING, [30]), 1)).toBe(ORIGINAL);
    expect(second(vlanTagged(PING, [100, 20]), vlanTagged(PING, [100]), 1)).toBe(ORIGINAL);
    expect(second(vlanTagged(PING, [100, 20]), vlanTagged(PING, [200, 20]), 1)).toBe(ORIGINAL);
    expect(second(PING, PING, 1, [0, 1])).toBe(ORIGINAL);
  });

  it('are not packets that differ in identification, addresses or payload', () => {
    expect(second(PING, A.ping(B, 7), 1)).toBe(ORIGINAL);
    const changed = concat(PING);
    changed[60] = 0xee;
    expect(second(PING, changed, 1)).toBe(ORIGINAL);
    expect(second(ARP, A.arpRequest('10.0.0.2'), 1)).toBe(ORIGINAL);
    expect(
      second(ARP, new Host({ mac: '00:a0:c9:11:22:34', ip: '10.0.0.5' }).arpRequest('10.0.0.1'), 1),
    ).toBe(ORIGINAL);
  });

  it('are not packets that differ in one bit, in two, or in the same way in two words', () => {
    const random = new Random(5);
    const segment = A.tcp(B, {
      sourcePort: 1060,
      destinationPort: 80,
      sequence: 0x8123_4567,
      acknowledgment: 0x7fff_0001,
      flags: TCP_FLAG.ack,
      payload: Uint8Array.from({ length: 64 }, () => random.integer(0, 255)),
    });
    // Identification, addresses, and 32 bytes of what they carry.
    const bytes = [18, 19, ...Array.from({ length: 8 + 32 }, (_, at) => 26 + at)];
    const bits = bytes.flatMap((at) => Array.from({ length: 8 }, (_, bit) => [at, 1 << bit] as const));
    const flipped = (...changes: ReadonlyArray<readonly [number, number]>): Uint8Array => {
      const frame = segment.slice();
      for (const [at, mask] of changes) frame[at] = (frame[at] as number) ^ mask;
      return frame;
    };
    const pick = (): readonly [number, number] =>
      bits[random.integer(0, bits.length - 1)] as [number, number];
    const uppermost = bits.filter(([at, mask]) => at % 4 === 2 && mask === 0x80);
    const pairs = [
      ...uppermost.flatMap((one, at) => uppermost.slice(at + 1).map((other) => [one, other] as const)),
      ...Array.from({ length: 4000 }, () => [pick(), pick()] as const),
    ].filter(([one, other]) => one !== other);
    // Changes that a sum, or what its words are folded by, may be blind to.
    const words = [18, 26, 30, ...Array.from({ length: 8 }, (_, at) => 34 + 4 * at)];
    const patterns = [0x80008000, 0x40004000, 0x20002000, 0x80040000, 0x80042001, 0xffffffff];
    const alike = words.flatMap((one, at) =>
      words.slice(at + 1).flatMap((other) =>
        patterns.map((pattern) =>
          [one, other].flatMap((word) => {
            const length = word === 18 ? 2 : 4;
            return Array.from(
              { length },
              (_, byte) => [word + byte, (pattern >>> (24 - 8 * byte)) & 0xff] as const,
            );
          }),
        ),
      ),
    );
    const frames = [...bits.map((bit) => [bit]), ...pairs, ...alike].map((changes) => flipped(...changes));
    expect(frames.filter((frame) => second(segment, frame, 1) !== ORIGINAL)).toEqual([]);
    expect(second(segment, flipped(), 1)).toBe(DUPLICATE);
  });

  it('are not frames of another length, whatever they end in', () => {
    const frame = (length: number): Uint8Array =>
      concat(Uint8Array.of(2, 2, 2, 2, 2, 2, 0, 9, 9, 9, 9, 9, 0x88, 0x6f), new Uint8Array(length));
    for (const length of [8, 9, 10, 16])
      expect(second(frame(8), frame(length), 1)).toBe(length === 8 ? DUPLICATE : ORIGINAL);
  });

  it.each([0, 2, 4, 6, 8, 10, 12, 16])('are found among packets that count at byte %d', (offset) => {
    const domains = newDomains();
    const copies = newCopies(domains);
    const counting = (count: number, isLittleEndian: boolean): Uint8Array => {
      const payload = new Uint8Array(20);
      new DataView(payload.buffer).setUint16(offset, count, isLittleEndian);
      return A.udp(B, 5004, 5004, payload, { ipId: 0 });
    };
    const frames = [false, true].flatMap((isLittleEndian) =>
      Array.from({ length: 2000 }, (_, count) => counting(count, isLittleEndian)),
    );
    const examine = (count: number, now: number): number =>
      copies.examine(packetAt(domains, frames[count] as Uint8Array, 100 + now * 1e-5));
    let found = 0;
    for (let now = 0; now < frames.length; now += 1) {
      examine(now, now);
      if (now >= 200 && examine(now - 200, now) === DUPLICATE) found += 1;
    }
    expect(found).toBeGreaterThan(0.8 * frames.length);
  });

  it('of ARP end after 5 ms: what comes later was sent again', () => {
    expect(second(ARP, ARP, 4.9)).toBe(DUPLICATE);
    expect(second(ARP, ARP, 5.1)).toBe(ORIGINAL);
    expect(second(ARP, ARP, 1000)).toBe(ORIGINAL);
  });

  it('without an identification never recur', () => {
    const frame = A.ping(B, 1, { ipId: 0 });
    expect(second(frame, frame, 1)).toBe(DUPLICATE);
    expect(second(frame, frame, 100)).toBe(ORIGINAL);
  });

  it('are not packets of two clock epochs of their interface', () => {
    const domains = newDomains();
    const copies = newCopies(domains);
    const examine = (frame: Uint8Array) => copies.examine(packetAt(domains, frame, 100));
    expect(examine(ARP)).toBe(ORIGINAL);
    domains.beginEpoch(1);
    expect(examine(vlanTagged(ARP, [20]))).toBe(DUPLICATE);
    domains.beginEpoch(0);
    // The tagged domain was not there yet when the clock was stepped first.
    expect(examine(vlanTagged(ARP, [30]))).toBe(ORIGINAL);
    expect(examine(ARP)).toBe(DUPLICATE);
  });

  it('tell how often a mirror port records each packet', () => {
    const domains = newDomains();
    const copies = newCopies(domains);
    expect(copies.recordsPerPacket).toBe(1);
    for (let at = 0; at < 50; at += 1) {
      const frame = A.ping(B, at);
      copies.examine(packetAt(domains, frame, at));
      copies.examine(packetAt(domains, frame, at + 0.0001));
    }
    expect([copies.examined, copies.duplicates, copies.recordsPerPacket]).toEqual([100, 50, 2]);
  });
});

describe('several taps of one path', () => {
  /** `count` packets, of which the first ones recur after the given offsets in milliseconds. */
  const run = (count: number, offsets: readonly number[], options: Partial<typeof CAPTURE> = {}): Copies => {
    const domains = newDomains();
    const copies = newCopies(domains, options);
    for (let at = 0; at < count; at += 1) {
      const frame = A.ping(B, at);
      copies.examine(packetAt(domains, frame, at * 3));
      const offset = offsets[at];
      if (offset !== undefined)
        expect(copies.examine(packetAt(domains, routed(frame), at * 3 + offset / 1000))).toBe(RECURRENCE);
    }
    return copies;
  };
  const same = (count: number, offset = 30): number[] => Array.from({ length: count }, () => offset);

  it('need 20 packets, or one in a hundred of at least two', () => {
    expect(run(3000, same(19)).multiPointOffset()).toBeNull();
    expect(run(3000, same(20)).multiPointOffset()).toBeCloseTo(0.03, 9);
    expect(run(50, same(1)).multiPointOffset()).toBeNull();
    expect(run(50, same(2)).multiPointOffset()).toBeCloseTo(0.03, 9);
    expect(run(400, same(2)).multiPointOffset()).toBeNull();
  });

  it('need four fifths of the offsets near their median', () => {
    const spread = (near: number, far: number): readonly number[] => [
      ...Array.from({ length: near }, (_, at) => 30 + (at % 9) - 4),
      ...same(far, 900),
    ];
    expect(run(100, spread(20, 5)).multiPointOffset()).toBeCloseTo(0.031, 2);
    expect(run(100, spread(19, 6)).multiPointOffset()).toBeNull();
    const retransmissions = Array.from({ length: 40 }, (_, at) => 200 + at * 40);
    expect(run(100, retransmissions).multiPointOffset()).toBeNull();
  });

  it('show control packets once more: of many, a part of the ports is looked at', () => {
    const domains = newDomains();
    const copies = newCopies(domains);
    const fin = (at: number): Uint8Array =>
      A.tcp(B, { sourcePort: 1024 + (at % 60_000), destinationPort: 80, sequence: at, flags: TCP_FLAG.fin });
    const asked = (count: number): readonly number[] => {
      const before = [copies.examined, copies.recurrences] as const;
      for (let at = 0; at < count; at += 1) {
        const frame = fin(at);
        copies.sample(packetAt(domains, frame, at * 3));
        copies.sample(packetAt(domains, routed(frame), at * 3 + 0.03));
      }
      return [copies.examined - before[0], copies.recurrences - before[1]];
    };
    expect(asked(2048)).toEqual([4096, 2048]);
    const [examined, recurrences] = asked(16_000) as [number, number];
    expect(examined).toBeGreaterThan(1000);
    expect(examined).toBeLessThan(3000);
    expect(recurrences).toBe(examined / 2);
  });

  it('are counted once, whoever knows a packet again', () => {
    const domains = newDomains();
    const copies = newCopies(domains);
    const syn = A.tcp(B, { sourcePort: 1025, destinationPort: 80, sequence: 7, flags: TCP_FLAG.syn });
    copies.recurred(packetAt(domains, syn, 1.03), 0.03);
    expect([copies.examined, copies.recurrences]).toEqual([1, 1]);
    const packet = Object.assign(packetAt(domains, syn, 2), { number: 9 });
    copies.examine(packet);
    copies.recurred(packet, 0.97);
    expect([copies.examined, copies.recurrences]).toEqual([2, 1]);
    const third = Object.assign(packetAt(domains, syn, 2.03), { number: 10 });
    copies.recurred(third, 0.03);
    expect(copies.examine(third)).toBe(RECURRENCE);
    expect([copies.examined, copies.recurrences]).toEqual([3, 2]);
  });

  it('do not make more than two records of a packet', () => {
    const domains = newDomains();
    const copies = newCopies(domains);
    expect(copies.recordsPerPacket).toBe(1);
    const syn = A.tcp(B, { sourcePort: 1025, destinationPort: 80, sequence: 7, flags: TCP_FLAG.syn });
    // Of a SYN that its tracker knows again, the first record was not looked at.
    for (let at = 0; at < 9; at += 1) copies.recurred(packetAt(domains, syn, at), 0.001);
    expect(copies.recordsPerPacket).toBe(1);
    for (let at = 0; at < 9; at += 1) copies.examine(packetAt(domains, syn, at / 1000));
    expect(copies.recordsPerPacket).toBe(2);
  });

  it('are none in a capture in which nothing recurs, whatever the thresholds', () => {
    expect(run(100, []).multiPointOffset()).toBeNull();
    expect(run(100, [], { multiPointPackets: 0 }).multiPointOffset()).toBeNull();
  });
});
