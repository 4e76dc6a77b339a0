/** Phases of an address on its MAC addresses: what opens and ends them, and what bounds them. */
import { describe, expect, it } from 'vitest';
import { Host, type Mac, TCP_FLAG } from '../../samples/craft/index.ts';
import { resolveOptions } from '../../src/engine/options.ts';
import { ADDRESS_OPTIONS } from '../../src/engine/shared-options.ts';
import type { Domains } from '../../src/trackers/domains.ts';
import type { AddressPhases } from '../../src/trackers/mac-phases-address.ts';
import { MacPhaseTracker } from '../../src/trackers/mac-phases.ts';
import { Sources } from '../../src/trackers/sources.ts';
import { Stations } from '../../src/trackers/stations.ts';
import { Watches } from '../../src/trackers/watches.ts';
import { ArpFields, decodeArp } from '../../src/wire/arp.ts';
import { parseIpv4 } from '../../src/wire/ipv4.ts';
import { KIND_ARP } from '../../src/wire/packet.ts';
import { domainAt, newDomains, packetAt } from './packets.ts';

const A: Mac = '00:60:97:11:22:33';
const B: Mac = '00:a0:c9:44:55:66';
const X = '10.0.0.20';
const PEER = new Host({ mac: '00:50:04:00:00:09', ip: '10.0.0.9' });

/** The trackers as the engine joins them, without its loop. */
class Segment {
  readonly domains: Domains = newDomains();
  readonly watches = new Watches();
  readonly closed: AddressPhases[] = [];
  readonly stations = new Stations(resolveOptions('address', ADDRESS_OPTIONS, {}));
  readonly tracker: MacPhaseTracker;
  readonly sources: Sources;
  readonly #arp = new ArpFields();
  #number = 0;

  constructor() {
    this.sources = new Sources(
      {
        sourceAppeared: (packet) => this.stations.noteSource(packet),
        sourceMoved: (packet, from) => {
          const isToldAgain = this.tracker.sourceMoved(packet, from);
          this.stations.noteSource(packet);
          return isToldAgain;
        },
      },
      true,
    );
    this.tracker = new MacPhaseTracker(
      {
        duplicateMillis: 5,
        multiPointSeconds: 2,
        bondPhaseSeconds: 5,
        bondMacs: 8,
        settleSeconds: 1,
        ackSeconds: 3,
        echoSeconds: 2,
        arpBeforeSeconds: 60,
        noAnnounceSeconds: 10,
        deafRequests: 3,
        deafGapSeconds: 10,
        deafReplySeconds: 1,
      },
      this.sources,
      this.stations,
      this.watches,
      (phases) => this.closed.push(phases),
    );
  }

  send(time: number, frame: Uint8Array): this {
    const packet = packetAt(this.domains, frame, time);
    this.#number += 1;
    packet.number = this.#number;
    const domain = domainAt(this.domains, packet);
    if (packet.kind === KIND_ARP) {
      this.watches.show(packet, false);
      decodeArp(packet.view, packet.network, packet.end, this.#arp);
      this.tracker.arp(packet, this.#arp, domain);
    } else {
      this.sources.touch(packet);
      this.watches.show(packet, false);
    }
    domain.liveness.tick(packet);
    return this;
  }

  /** The only address that was closed, at the end of the capture. */
  end(): AddressPhases {
    this.tracker.closeInterface(null);
    const own = this.closed.find(({ address }) => address === parseIpv4(X));
    if (own === undefined) throw new Error(`${X} was not followed`);
    return own;
  }
}

function host(mac: Mac = A, ip = X): Host {
  return new Host({ mac, ip, ttl: 128 });
}

/** X announced and in use under A, then one ping under B with ARP left behind. */
function moved(x: Host = host()): Segment {
  const segment = new Segment().send(0, x.announce());
  for (const at of [1, 2, 3]) segment.send(at, x.ping(PEER, at));
  return segment.send(20, x.ping(PEER, 20, { sourceMac: B }));
}

describe('a phase', () => {
  it('begins with the first frame under another MAC address, and counts what was before', () => {
    const segment = moved();
    expect(segment.watches.active).toBe(2);
    const { phases } = segment.end();
    expect(phases).toMatchObject([
      { kind: 'moved', from: 20, frames: 1, end: 'endOfCapture', before: { frames: 4, seconds: 20 } },
    ]);
    expect(phases[0]?.before.isKnownMac).toBe(false);
    expect(segment.watches.active).toBe(0);
  });

  it('ends with a frame under the old one, and with ARP that names the new one', () => {
    const x = host();
    const returned = moved(x)
      .send(27, x.ping(PEER, 2, { sourceMac: B }))
      .send(28, x.ping(PEER, 3))
      .end();
    expect(returned.phases).toMatchObject([{ end: 'returned', frames: 2, to: 28 }]);
    const announced = moved(x).send(22, host(B).arpRequest(PEER.ip)).end();
    expect(announced.phases).toMatchObject([{ end: 'announced', announcedAt: 22, isAnnouncedToAll: true }]);
    expect(announced.home).toBe(0x00a0c9445566);
  });

  it('that is over at once is only counted, and an address that alternates is no longer followed', () => {
    const x = host();
    const segment = moved(x);
    for (let at = 21; at < 60; at += 1)
      segment.send(at, x.ping(PEER, at, at % 2 === 0 ? { sourceMac: B } : {}));
    expect(segment.watches.active).toBe(0);
    const own = segment.end();
    expect(segment.tracker.isBond(0, parseIpv4(X))).toBe(true);
    expect(own).toMatchObject({ isBond: true, shortPhases: 8, phases: [], isRestless: true });
  });

  it('ends when nothing of interest happens for longer than ARP entries live', () => {
    const x = host();
    const segment = moved(x);
    for (let at = 30; at < 1000; at += 10) segment.send(at, x.ping(PEER, at, { sourceMac: B }));
    expect(segment.watches.active).toBe(0);
    expect(segment.end().phases).toMatchObject([{ end: 'quiet' }]);
  });

  it('is not opened by a corrective announcement after the reply of the owner', () => {
    const x = host();
    const segment = new Segment()
      .send(0, x.announce())
      .send(10, x.arpReply(PEER))
      .send(10.002, x.announce({ sourceMac: B }));
    expect(segment.end()).toMatchObject({ isCorrected: true, phases: [], announcedChanges: 0 });
  });

  it('of many addresses on one MAC address is a bridge', () => {
    const segment = new Segment();
    for (let at = 0; at < 50; at += 1) {
      const station = host(`00:60:97:00:01:${at.toString(16).padStart(2, '0')}`, `10.0.0.${at + 1}`);
      segment.send(at, station.arpRequest(PEER.ip, { sourceMac: B }));
    }
    expect(segment.watches.active).toBe(0);
    expect(segment.end()).toMatchObject({ isTranslated: true, phases: [] });
  });

  it('is followed for eight addresses of a MAC address at most', () => {
    const segment = new Segment();
    const stations = Array.from({ length: 20 }, (_, at) =>
      host(`00:60:97:00:01:${at.toString(16).padStart(2, '0')}`, `10.0.0.${at + 1}`),
    );
    for (const [at, station] of stations.entries())
      segment.send(at, station.announce()).send(at, station.ping(PEER, 1));
    for (const [at, station] of stations.entries())
      segment.send(30 + at, station.ping(PEER, 2, { sourceMac: B }));
    expect(segment.watches.active).toBe(9);
    expect(segment.tracker.evictions).toBe(12);
  });
});

describe('what goes to the old MAC address', () => {
  const peerTo = { mac: A, ip: X };
  const segmentOf = (sequence: number, ipId: number): Uint8Array =>
    PEER.tcp(
      peerTo,
      {
        sourcePort: 1042,
        destinationPort: 139,
        sequence,
        acknowledgment: 5000,
        flags: TCP_FLAG.psh | TCP_FLAG.ack,
        payload: new Uint8Array(10),
      },
      { ipId },
    );
  const acknowledged = (x: Host, acknowledgment: number): Uint8Array =>
    x.tcp(
      PEER,
      { sourcePort: 139, destinationPort: 1042, sequence: 5000, acknowledgment, flags: TCP_FLAG.ack },
      { sourceMac: B },
    );

  it('is unanswered where it is retransmitted; a copy of one datagram is no retransmission', () => {
    const segment = moved()
      .send(22, segmentOf(100, 7))
      .send(22.4, segmentOf(100, 7))
      .send(23, segmentOf(100, 8))
      .send(24, segmentOf(400, 9));
    const [phase] = segment.end().phases;
    expect(phase?.traffic.frames).toBe(4);
    expect(phase?.traffic.unanswered(99).map(({ time }) => time)).toEqual([22, 23]);
  });

  it('is answered by an acknowledgment of its last byte in time, across the end of sequence space', () => {
    const x = host();
    const start = 0xffff_fffa;
    const answeredAt = (seconds: number, acknowledgment: number) =>
      moved(x)
        .send(22, segmentOf(start, 7))
        .send(22 + seconds, acknowledged(x, acknowledgment))
        .end();
    expect(answeredAt(3, 4)).toMatchObject({ answeredPhases: 1, phases: [{ end: 'answered' }] });
    expect(answeredAt(3, 3)).toMatchObject({ answeredPhases: 0 });
    expect(answeredAt(3.1, 4)).toMatchObject({ answeredPhases: 0 });
  });

  it('is not answered by an acknowledgment of what went to the new one as well', () => {
    const x = host();
    const again = PEER.tcp(
      { mac: B, ip: X },
      {
        sourcePort: 1042,
        destinationPort: 139,
        sequence: 100,
        flags: TCP_FLAG.ack,
        payload: new Uint8Array(10),
      },
    );
    const own = moved(x)
      .send(22, segmentOf(100, 7))
      .send(22.5, segmentOf(100, 8))
      .send(23, again)
      .send(23.1, acknowledged(x, 110))
      .end();
    expect(own.answeredPhases).toBe(0);
    expect(own.phases[0]?.traffic.unanswered(99)).toHaveLength(2);
  });

  it('is an echo request without a reply once its time is over', () => {
    const segment = moved().send(22, PEER.ping(peerTo, 1)).send(24, PEER.ping(peerTo, 2));
    const [phase] = segment.end().phases;
    expect(phase?.traffic.unanswered(26).map(({ time }) => time)).toEqual([22, 24]);
    expect(phase?.traffic.unanswered(25.9).map(({ time }) => time)).toEqual([22]);
  });

  it('is an ARP reply that the station asks for once more, or uses', () => {
    const x = host();
    const asked = (at: number, segment: Segment) =>
      segment.send(at, x.arpRequest(PEER.ip, { sourceMac: B })).send(at + 0.1, PEER.arpReply(peerTo));
    const segment = moved(x);
    for (const at of [22, 25]) asked(at, segment);
    expect(segment.end().phases[0]?.traffic.unanswered(99)).toMatchObject([{ kind: 'arp' }]);
    const used = asked(22, moved(x)).send(23, x.ping(PEER, 9, { sourceMac: B }));
    expect(used.end().answeredPhases).toBe(1);
  });

  it('is UDP that is answered again and again, unless the station asked first', () => {
    const x = host();
    const turns = (count: number, isOwnFirst: boolean) => {
      const segment = moved(x);
      if (isOwnFirst) segment.send(21.5, x.udp(PEER, 53, 1100, new Uint8Array(8), { sourceMac: B }));
      for (let at = 0; at < count; at += 1) {
        segment.send(22 + at, PEER.udp(peerTo, 1100, 53, new Uint8Array(8)));
        segment.send(22.1 + at, x.udp(PEER, 53, 1100, new Uint8Array(8), { sourceMac: B }));
      }
      return segment.end().answeredPhases;
    };
    expect([turns(2, false), turns(3, false)]).toEqual([0, 1]);
    expect(turns(3, true)).toBe(0);
  });
});

describe('a deaf station', () => {
  const x = host();
  const asks = (segment: Segment, times: readonly number[]): Segment => {
    for (const at of times) segment.send(at, x.arpRequest(PEER.ip)).send(at + 0.1, PEER.arpReply(x));
    return segment;
  };

  it('repeats requests that were answered; its history is what worked before', () => {
    const segment = new Segment().send(0, x.announce()).send(1, x.arpReply(PEER)).send(2, x.arpReply(PEER));
    asks(segment, [5]);
    const own = asks(segment, [20, 23, 26, 29]).end();
    expect(own.phases).toMatchObject([{ kind: 'deaf', from: 26, history: 3, requests: 4 }]);
  });

  it('does not: requests too far apart, without answers, or for others', () => {
    const apart = asks(new Segment().send(0, x.announce()), [20, 30.1, 40.2, 50.3]).end();
    expect(apart.phases).toEqual([]);
    const unanswered = new Segment().send(0, x.announce());
    for (const at of [20, 23, 26, 29]) unanswered.send(at, x.arpRequest(PEER.ip));
    expect(unanswered.end().phases).toEqual([]);
  });

  it('is not followed a third time when it heard twice', () => {
    const segment = new Segment().send(0, x.announce());
    for (const from of [20, 50, 80]) {
      asks(segment, [from, from + 3, from + 6]);
      segment.send(from + 7, PEER.ping(x, from)).send(from + 7.1, x.pong(PEER, from));
    }
    expect(segment.watches.active).toBe(0);
    asks(segment, [100, 103, 106]);
    expect(segment.watches.active).toBe(0);
    expect(segment.end().phases).toEqual([]);
  });
});

describe('the first time of a source', () => {
  it('is kept to the millisecond, and begins anew when asked', () => {
    const segment = new Segment();
    const x = host();
    const at = (time: number) => packetAt(segment.domains, x.ping(PEER, 1), time);
    segment.send(1.5, x.ping(PEER, 1)).send(3, x.ping(PEER, 2));
    const { sources } = segment;
    expect(sources.secondsSinceFirst(0, parseIpv4(X), at(4.25))).toBeCloseTo(2.75, 2);
    sources.restart(0, parseIpv4(X), at(5));
    expect(sources.secondsSinceFirst(0, parseIpv4(X), at(6))).toBeCloseTo(1, 2);
    expect(sources.framesOf(0, parseIpv4(X))).toBe(1);
    expect(sources.secondsSinceFirst(0, parseIpv4('10.9.9.9'), at(6))).toBe(0);
  });
});

describe('hosts that answered a ping', () => {
  it('are remembered up to a limit, beyond which nobody is said to answer, and that is told once', () => {
    const { domains, tracker } = new Segment();
    const pong = (number: number) => host(A, `10.1.${number >> 8}.${number & 0xff}`).pong(PEER, 1);
    const first = packetAt(domains, pong(1), 1);
    domainAt(domains, first);
    for (let number = 0; number < 16_386; number += 1) {
      const packet = packetAt(domains, pong(number), 1);
      domainAt(domains, packet);
      tracker.icmp(packet);
    }
    const answers = (number: number) => tracker.answersEchoes(first.domain, parseIpv4('10.1.0.0') + number);
    expect([answers(0), answers(16_383), answers(16_384), answers(16_385)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(tracker.evictions).toBe(1);
  });
});
