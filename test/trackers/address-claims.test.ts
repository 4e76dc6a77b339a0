import { describe, expect, it } from 'vitest';
import { DHCP_TYPE, Host } from '../../samples/craft/index.ts';
import { resolveOptions } from '../../src/engine/options.ts';
import { ADDRESS_OPTIONS } from '../../src/engine/shared-options.ts';
import { AddressClaimTracker } from '../../src/trackers/address-claims.ts';
import type { AddressClaims } from '../../src/trackers/claimed-address.ts';
import { Stations } from '../../src/trackers/stations.ts';
import { Watches } from '../../src/trackers/watches.ts';
import { ArpFields, decodeArp } from '../../src/wire/arp.ts';
import { DhcpMessage } from '../../src/wire/dhcp.ts';
import { parseIpv4 } from '../../src/wire/ipv4.ts';
import { KIND_DHCP } from '../../src/wire/packet.ts';
import { domainAt, newDomains, packetAt } from './packets.ts';

const TIMES = { answerSeconds: 1, nearSeconds: 2, announcementSeconds: 10, defenceSeconds: 30 };
const X = '10.0.0.50';
const A = new Host({ mac: '00:a0:c9:00:00:0a', ip: X });
const B = new Host({ mac: '00:a0:c9:00:00:0b', ip: X });
const C = new Host({ mac: '00:60:08:00:00:0c', ip: X });
const PEER = new Host({ mac: '00:a0:c9:00:00:fe', ip: '10.0.0.1' });
const SERVER = new Host({ mac: '00:a0:c9:00:00:fd', ip: '10.0.0.2' });

/** A tracker that takes frames one by one, as the engine shows them. */
class Link {
  readonly domains = newDomains();
  readonly closed: AddressClaims[] = [];
  readonly tracker = new AddressClaimTracker(
    TIMES,
    new Stations(resolveOptions('address', ADDRESS_OPTIONS, {})),
    new Watches(),
    (claims) => this.closed.push(claims),
  );
  readonly #arp = new ArpFields();
  readonly #dhcp = new DhcpMessage();

  send(time: number, frame: Uint8Array, interfaceIndex = 0): this {
    const packet = packetAt(this.domains, frame, time, interfaceIndex);
    const domain = domainAt(this.domains, packet);
    if (packet.kind === KIND_DHCP) {
      this.#dhcp.decode(packet.view, packet.transport + 8, packet.end, packet.end);
      this.tracker.dhcp(packet, this.#dhcp, domain, false);
    } else {
      decodeArp(packet.view, packet.network, packet.end, this.#arp);
      this.tracker.arp(packet, this.#arp, domain);
    }
    return this;
  }

  /** The clock of an interface steps, as the engine tells it. */
  step(interfaceIndex: number): this {
    this.tracker.closeInterface(interfaceIndex);
    this.domains.beginEpoch(interfaceIndex);
    return this;
  }

  /** What was claimed of X, at the end of the capture. */
  end(): AddressClaims {
    this.tracker.closeInterface(null);
    const own = this.closed.findLast(({ address }) => address === parseIpv4(X));
    if (own === undefined) throw new Error(`${X} was not claimed`);
    return own;
  }
}

/** B has taken over from A and asks, every two seconds. */
function takenOver(requests: number, link = new Link()): Link {
  link.send(0, A.announce()).send(1, A.arpRequest(PEER.ip)).send(10, B.announce());
  for (let at = 0; at < requests; at += 1) link.send(20 + at * 2, B.arpRequest(PEER.ip));
  return link;
}

describe('the record of a contested address', () => {
  it('is whole while it is short', () =>
    expect(takenOver(2000).end()).toMatchObject({ claimsFolded: 0, claimsLeftOut: 0, isFull: false }));

  it('folds a long turn, and shows what comes after it', () => {
    const link = takenOver(20_000).send(50_000, C.announce()).send(50_000.002, B.arpReply(C));
    const { claims, claimsFolded, claimsLeftOut } = link.end();
    expect(claimsLeftOut).toBe(0);
    expect(claims.length + claimsFolded).toBe(20_005);
    expect(claims.length).toBeLessThan(2049);
    expect(claims.slice(-2).map(({ kind, time }) => [kind, time])).toEqual([
      ['announcement', 50_000],
      ['reply', 50_000.002],
    ]);
    expect(claims.slice(0, 3).map(({ time }) => time)).toEqual([0, 1, 10]);
    expect(link.tracker.claimsLeftOut).toBe(0);
  });

  it('is full where all are turns; what is left out is counted, and from when on', () => {
    const link = new Link();
    for (let at = 0; at < 3000; at += 1) link.send(at * 20, (at % 2 === 0 ? A : B).announce());
    link.send(60_000, C.announce());
    const own = link.end();
    expect(own).toMatchObject({
      isFull: true,
      claimsFolded: 0,
      claimsLeftOut: 953,
      completeUntil: 2048 * 20,
    });
    expect(own.claims).toHaveLength(2048);
    expect(link.tracker.claimsLeftOut).toBe(953);
  });

  it('ends where it is full, though others give room back', () => {
    const link = new Link();
    for (let at = 0; at < 2100; at += 1) link.send(at * 20, (at % 2 === 0 ? A : B).announce());
    // Folding could free this turn, but what was left out stands before it.
    for (let at = 0; at < 100; at += 1) link.send(50_000 + at * 50, A.arpRequest(PEER.ip));
    const { claims, claimsLeftOut } = link.end();
    expect([claims.length, claimsLeftOut]).toEqual([2048, 152]);
  });
});

describe('the record of an address with one claimant', () => {
  const kept = ({ claims }: AddressClaims) =>
    claims.map(({ time, kind, mac, frame }) => [time, kind, mac, frame.summary]);

  it('holds the first claim and the latest, and both stay when another station claims the address', () => {
    const link = new Link().send(0, A.announce()).send(1, A.arpRequest(PEER.ip));
    link.send(2, A.arpReply(PEER)).send(3, A.arpRequest(SERVER.ip)).send(4, A.arpRequest(PEER.ip));
    const expected = [
      [0, 'announcement', 0x00a0c900000a, `ARP announcement: ${X} is at 00:a0:c9:00:00:0a`],
      [4, 'request', 0x00a0c900000a, `ARP request: who has ${PEER.ip}? tell ${X} at 00:a0:c9:00:00:0a`],
    ];
    link.send(5, B.announce()).send(6, A.arpReply(B));
    const own = link.end();
    expect(kept(own).slice(0, 2)).toEqual(expected);
    expect(own.claims.map(({ time }) => time)).toEqual([0, 4, 5, 6]);
    expect(own.claimants.map(({ claims }) => claims)).toEqual([6, 1]);
    expect(own.latest).toBeNull();
  });

  it.each([
    ['the station itself', A],
    ['another one', C],
  ])('stays short after a probe by %s, however often the address is answered for', (_name, prober) => {
    const link = new Link().send(0, prober.probe(X)).send(10, A.announce());
    for (let at = 20; at < 520; at += 1) link.send(at, A.arpReply(PEER));
    const { claims, latest } = link.end();
    expect(claims.map(({ time }) => time)).toEqual([10, 519]);
    expect(latest).toBe(claims[1]);
  });
});

describe('a step of the clock', () => {
  const averts = (step: (link: Link) => Link): number => {
    const lease = { xid: 7, requestedAddress: X, serverIdentifier: SERVER.ip };
    const link = new Link().send(1, A.announce()).send(100, C.probe(X));
    step(link).send(100.1, A.arpReply({ mac: C.mac, ip: '0.0.0.0' }));
    return link.send(100.2, C.dhcpClient(DHCP_TYPE.decline, lease)).tracker.averted.length;
  };

  it('ends a probe on its interface alone', () => {
    expect(averts((link) => link)).toBe(1);
    expect(averts((link) => link.step(1))).toBe(1);
    expect(averts((link) => link.step(0))).toBe(0);
  });

  const answered = (step: (link: Link) => Link): boolean => {
    const link = new Link().send(1, A.arpRequest(PEER.ip)).send(5, PEER.arpRequest(X));
    step(link).send(5.001, A.arpReply(PEER));
    return link.end().claims.at(-1)?.request !== 0;
  };

  it('ends a request on its interface alone', () => {
    expect(answered((link) => link)).toBe(true);
    expect(answered((link) => link.step(1))).toBe(true);
    expect(answered((link) => link.step(0))).toBe(false);
  });

  const notices = (step: (link: Link) => Link): number => {
    const grant = { xid: 7, chaddr: A.mac, yiaddr: X, leaseSeconds: 3600, to: 'broadcast' } as const;
    const link = new Link().send(1, SERVER.dhcpServer(DHCP_TYPE.ack, grant));
    return step(link).send(2, A.announce()).end().notices.length;
  };

  it('ends what DHCP said of an address on its interface alone', () => {
    expect(notices((link) => link)).toBe(1);
    expect(notices((link) => link.step(1))).toBe(1);
    expect(notices((link) => link.step(0))).toBe(0);
  });

  it('closes the addresses of its interface alone, those of tagged frames included', () => {
    const link = new Link().send(1, A.announce(), 0).send(1, B.announce(), 1).step(0);
    expect(link.closed.map(({ domain }) => domain.interface)).toEqual([0]);
    link.send(2, A.announce(), 0).step(0).step(0).step(1);
    expect(link.closed.map(({ domain }) => domain.interface)).toEqual([0, 0, 1]);
  });
});
