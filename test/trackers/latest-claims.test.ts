import { describe, expect, it } from 'vitest';
import { Host } from '../../samples/craft/index.ts';
import { resolveOptions } from '../../src/engine/options.ts';
import { ADDRESS_OPTIONS } from '../../src/engine/shared-options.ts';
import { AddressClaimTracker } from '../../src/trackers/address-claims.ts';
import type { AddressClaims, Claim } from '../../src/trackers/claimed-address.ts';
import { Stations } from '../../src/trackers/stations.ts';
import { Watches } from '../../src/trackers/watches.ts';
import { ArpFields, decodeArp } from '../../src/wire/arp.ts';
import { parseIpv4 } from '../../src/wire/ipv4.ts';
import { macNumber } from '../../src/wire/mac.ts';
import type { Packet } from '../../src/wire/packet.ts';
import { domainAt, newDomains, packetAt } from './packets.ts';

const TIMES = { answerSeconds: 1, nearSeconds: 2, announcementSeconds: 10, defenceSeconds: 30 };
const A = new Host({ mac: '00:a0:c9:00:00:0a', ip: '10.0.0.50' });
const RIVAL = new Host({ mac: '00:60:08:00:00:0c', ip: A.ip });
const PEER = new Host({ mac: '00:a0:c9:00:00:fe', ip: '10.0.0.1' });
const OTHER = new Host({ mac: '00:a0:c9:00:00:fd', ip: '10.0.0.2' });
const MAC_A = macNumber(0x00a0, 0xc900000a);

/** A tracker that takes ARP packets one by one, numbered from 1 on. */
class Link {
  readonly domains = newDomains();
  readonly stations = new Stations(resolveOptions('address', ADDRESS_OPTIONS, {}));
  readonly #closed = new Map<number, AddressClaims[]>();
  readonly #tracker = new AddressClaimTracker(TIMES, this.stations, new Watches(), (claims) => {
    this.#closed.set(claims.address, [...(this.#closed.get(claims.address) ?? []), claims]);
  });
  readonly #arp = new ArpFields();
  #number = 0;

  send(time: number, frame: Uint8Array, change: Partial<Packet> = {}): this {
    const packet = packetAt(this.domains, frame, time);
    this.#number += 1;
    packet.number = this.#number;
    packet.seconds = 1_700_000_000 + Math.floor(time);
    packet.nanos = 123_456_789;
    packet.precision = 9;
    packet.file = 3;
    packet.fileOffset = 0x12_3456_7890 + this.#number;
    packet.capturedLength = frame.length;
    Object.assign(packet, change);
    decodeArp(packet.view, packet.network, packet.end, this.#arp);
    this.#tracker.arp(packet, this.#arp, domainAt(this.domains, packet));
    return this;
  }

  step(): this {
    this.#tracker.closeInterface(0);
    this.domains.beginEpoch(0);
    return this;
  }

  /** What was claimed of the address, by clock epoch; at the end of the capture. */
  end(address = A.ip): AddressClaims[] {
    this.#tracker.closeInterface(null);
    return this.#closed.get(parseIpv4(address)) ?? [];
  }
}

function told({ time, kind, request, targetMac, targetAddress }: Claim): unknown[] {
  return [time, kind, request, targetMac, targetAddress];
}

/** PEER asks for A's address and A answers; from the fourth packet on, nothing is new. */
function exchanges(count: number, link = new Link()): Link {
  for (let at = 0; at < count; at += 1)
    link.send(at * 10, PEER.arpRequest(A.ip)).send(at * 10 + 0.5, A.arpReply(PEER));
  return link;
}

describe('the claims of a station that claims its address alone', () => {
  it('are counted, and the latest is the one that was sent last', () => {
    const [own] = exchanges(20).end();
    expect(own?.claimants.map(({ mac, claims }) => [mac, claims])).toEqual([[MAC_A, 20]]);
    const target = [macNumber(0x00a0, 0xc90000fe), parseIpv4(PEER.ip)];
    expect(own?.claims.map(told)).toEqual([
      [0.5, 'reply', 1, ...target],
      [190.5, 'reply', 20, ...target],
    ]);
    expect(own?.claims[1]).toBe(own?.latest);
    expect(own?.latest?.frame).toMatchObject({
      number: 40,
      file: 3,
      time: { seconds: 1_700_000_190, nanos: 123_456_789, precision: 9 },
      role: 'reply',
      summary: 'ARP reply: 10.0.0.50 is at 00:a0:c9:00:00:0a, to 00:a0:c9:00:00:fe',
      offsetBytes: 0x12_3456_7890 + 40,
      capturedBytes: A.arpReply(PEER).length,
    });
  });

  it('are requests, too', () => {
    const link = exchanges(5).send(100, A.arpRequest(PEER.ip)).send(101, A.arpRequest(OTHER.ip));
    const [own] = link.send(102, A.arpRequest(OTHER.ip)).end();
    expect(own?.claimants[0]?.claims).toBe(8);
    expect(own?.latest).toMatchObject({
      time: 102,
      kind: 'request',
      request: 0,
      targetAddress: parseIpv4(OTHER.ip),
    });
    expect(own?.latest?.frame.summary).toBe(
      'ARP request: who has 10.0.0.2? tell 10.0.0.50 at 00:a0:c9:00:00:0a',
    );
  });

  it('stand before those of a second station', () => {
    const [own] = exchanges(20).send(300, RIVAL.arpReply(PEER)).send(301, A.arpReply(PEER)).end();
    expect(own?.claims.map(({ time, mac }) => [time, mac])).toEqual([
      [0.5, MAC_A],
      [190.5, MAC_A],
      [300, macNumber(0x0060, 0x0800000c)],
      [301, MAC_A],
    ]);
    expect(own?.claimants.map(({ claims }) => claims)).toEqual([21, 1]);
  });

  it('do not outlive a step of the clock', () => {
    const epochs = exchanges(3, exchanges(5).step()).end();
    expect(epochs.map(({ claimants, claims }) => [claimants[0]?.claims, claims.length])).toEqual([
      [5, 2],
      [3, 2],
    ]);
  });

  it.each([
    ['a time that 32 bits do not hold', { seconds: 5_000_000_000 }],
    ['a time before 1970', { seconds: -1 }],
    ['a file that 16 bits do not number', { file: 65_536 }],
  ])('keep %s', (_name, change) => {
    const own = exchanges(5).send(100, A.arpReply(PEER), change).end()[0];
    expect(own?.claimants[0]?.claims).toBe(6);
    const frame = own?.latest?.frame;
    expect({ seconds: frame?.time?.seconds, file: frame?.file }).toMatchObject(change);
  });

  it('go on while somebody probes for the address, and its answer to that is kept', () => {
    const link = exchanges(5).send(100, OTHER.probe(A.ip)).send(100.1, A.arpRequest(PEER.ip));
    const [own] = link
      .send(100.2, A.arpReply({ mac: OTHER.mac, ip: '0.0.0.0' }))
      .send(110, A.arpRequest(PEER.ip))
      .end();
    expect(own?.claims.map(({ time, kind }) => [time, kind])).toEqual([
      [0.5, 'reply'],
      [110, 'request'],
    ]);
    expect(own?.claimants[0]?.claims).toBe(8);
    expect(link.stations.find(0, MAC_A)?.contested).toEqual([parseIpv4(A.ip)]);
  });

  it('are each counted for a station that may hide in a cluster', () => {
    const masked = new Host({ mac: '02:01:0a:00:00:32', ip: '10.0.0.51' });
    const link = new Link();
    for (let at = 0; at < 20; at += 1) link.send(at, masked.arpRequest(PEER.ip));
    expect(link.stations.find(0, macNumber(0x0201, 0x0a000032))?.arpFrames).toBe(20);
  });

  it('tell of the station what its others did not: that it replies, and for what', () => {
    const link = new Link();
    for (let at = 0; at < 5; at += 1) link.send(at, A.arpRequest(PEER.ip));
    const station = link.stations.find(0, MAC_A);
    expect([station?.owns, station?.repliedFor]).toEqual([[parseIpv4(A.ip)], []]);
    link.send(6, A.arpReply(PEER));
    expect(station?.repliedFor).toEqual([parseIpv4(A.ip)]);
  });
});

describe('the request that a reply answers', () => {
  const answered = (link: Link) => link.end().at(-1)?.latest?.request;

  it('is that of whom it goes to', () =>
    expect(answered(exchanges(5).send(100, OTHER.arpRequest(A.ip)).send(100.1, A.arpReply(PEER)))).toBe(0));

  it('is the last one', () =>
    expect(
      answered(
        exchanges(5)
          .send(100, PEER.arpRequest(A.ip))
          .send(100.1, PEER.arpRequest(A.ip))
          .send(100.2, A.arpReply(PEER)),
      ),
    ).toBe(7));

  it('is none after a second', () =>
    expect(answered(exchanges(5).send(100, PEER.arpRequest(A.ip)).send(101.1, A.arpReply(PEER)))).toBe(0));

  it('is none of before a step of the clock', () => {
    const link = exchanges(5).send(60, PEER.arpRequest(A.ip)).step();
    expect(answered(link.send(60.1, A.arpReply(PEER)).send(60.2, A.arpReply(PEER)))).toBe(0);
  });
});

describe('more addresses than the table has places', () => {
  it('keep their claims, and who asked for them', () => {
    const link = new Link();
    const asked = hosts(3000);
    for (let turn = 0; turn < 4; turn += 1) {
      for (const host of asked) link.send(turn * 10, PEER.arpRequest(host.ip));
      for (const host of asked) link.send(turn * 10 + 0.5, host.arpReply(PEER));
    }
    link.end();
    const last = asked.map(({ ip }) => link.end(ip)[0]);
    expect(last.every((own) => own?.claimants[0]?.claims === 4 && own.latest?.time === 30.5)).toBe(true);
    const serials = last.map((own) => own?.latest?.request);
    expect(serials).toEqual(asked.map((_, at) => 3 * asked.length + at + 1));
  });

  it('are remembered by the order in which they were first asked for, whether their claims stand there or not', () => {
    const others = hosts(4096);
    const answered = (between: number) => {
      const link = exchanges(5).send(100, PEER.arpRequest(A.ip));
      for (const host of others.slice(0, between)) link.send(100.1, PEER.arpRequest(host.ip));
      return link.send(100.2, A.arpReply(PEER)).end()[0]?.latest?.request;
    };
    expect([answered(4095), answered(4096)]).toEqual([6, 0]);
  });
});

/** Stations with one address each. */
function hosts(count: number): Host[] {
  return Array.from({ length: count }, (_, index) => {
    const at = index + 1;
    const mac = `00:a0:c9:01:${hex(at >>> 8)}:${hex(at & 255)}`;
    return new Host({ mac, ip: `10.1.${at >>> 8}.${at & 255}` });
  });
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
