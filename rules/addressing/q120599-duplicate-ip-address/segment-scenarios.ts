/**
 * The Ethernet segment on which the scenarios of this rule play: the contested address, who claims it, a peer that
 * talks to whoever does, and background traffic. Frames are built in time order, so that IP-ID counters and TCP
 * sequence numbers run as on a real wire, whatever the order of the calls.
 *
 *     const segment = new Segment();
 *     segment.asks(70, owner, 'owner').send(75, () => newcomer.announce(), 'claim').pings(owner, 71, 95, 5);
 *     return segment.end(160);
 */
import {
  BROADCAST_MAC,
  DHCP_TYPE,
  ETHERTYPE,
  Host,
  Script,
  addChatter,
} from '../../../samples/craft/index.ts';
import { arp, ethernet, hardwareClientId, macBytes, padTo } from '../../../samples/craft/index.ts';
import type { Ipv4, Mac, Station } from '../../../samples/craft/index.ts';
import type { Expectation, Scenario } from '../../../samples/craft/index.ts';

export const RULE = 'Q120599';

/** The address two hosts fight for; the background's hosts are 10.0.0.201 to .206. */
export const X: Ipv4 = '10.0.0.20';
export const GATEWAY: Ipv4 = '10.0.0.1';
const PEER_MAC: Mac = '00:50:04:2c:77:10';

/** What a report must say. A silent capture is judged: the background's hosts are watched for more than a minute. */
export const EXPECT = {
  definitive: {
    verdict: 'found',
    kind: 'fault',
    tier: 'definitive',
    severity: 'error',
    findings: 1,
    notices: 0,
  },
  strong: { verdict: 'found', kind: 'fault', tier: 'strong', severity: 'warning', findings: 1, notices: 0 },
  suggestive: {
    verdict: 'suspected',
    kind: 'fault',
    tier: 'suggestive',
    severity: 'info',
    findings: 1,
    notices: 0,
  },
  silent: { verdict: 'clear', findings: 0, notices: 0, judged: 1 },
  notice: { verdict: 'clear', findings: 0, notices: 1, judged: 1 },
} as const satisfies Record<string, Expectation>;

/** Suggestive, or nothing at all. */
export const SUGGESTIVE_AT_MOST: Expectation = { ...EXPECT.suggestive, atMost: true };

/** A scenario of this rule that must stay silent, unless `more` says otherwise. */
export function lookAlike(
  name: string,
  title: string,
  build: () => Script,
  more: Partial<Scenario> = {},
): Scenario {
  return { name, title, rule: RULE, expect: EXPECT.silent, build, ...more };
}

/** Windows NT: TTL 128, IP-ID counted in the byte order of an Intel machine. */
export function ntHost(mac: Mac, ip: Ipv4 = X, firstIpId = 0x1200): Host {
  return new Host({ mac, ip, ttl: 128, ipIdStyle: 'swapped', firstIpId });
}

/** Linux and other Unix: TTL 64. */
export function unixHost(mac: Mac, ip: Ipv4 = X, firstIpId = 0x7a00): Host {
  return new Host({ mac, ip, ttl: 64, ipIdStyle: 'network', firstIpId });
}

/** The established owner of X and the host that comes later, two vendors' adapters. */
export function ntPair(): { owner: Host; newcomer: Host } {
  return { owner: ntHost('00:60:97:11:22:33'), newcomer: ntHost('00:a0:c9:44:55:66', X, 0x9800) };
}

/** NT fills the target MAC of its own announcements with ones (Q120599's trace). */
export function ntAnnounce(host: Host): Uint8Array {
  return host.announce({ targetMac: BROADCAST_MAC });
}

/** What a stack before NT 4.0 SP3 broadcasts to repair the caches: the owner's MAC inside, its own outside. */
export function corrective(sender: Host, owner: Host): Uint8Array {
  return sender.announce({ senderMac: owner.mac, targetMac: BROADCAST_MAC });
}

/** An announcement as a broadcast ARP reply, as kube-vip, F5 and Cisco send it. */
export function announceByReply(host: Host): Uint8Array {
  return host.arpReply({ mac: BROADCAST_MAC, ip: host.ip });
}

/** An announcement as an ARP reply to one station that did not ask, as a leader sends it to its router. */
export function announceToPeer(host: Host): Uint8Array {
  return host.arpReply({ mac: PEER_MAC, ip: host.ip });
}

/** RFC 903 "who am I", which hypervisors broadcast when a virtual adapter moves. */
export function rarp(mac: Mac): Uint8Array {
  const addresses = { senderMac: mac, senderIp: '0.0.0.0', targetMac: mac, targetIp: '0.0.0.0' };
  return ethernet({
    destination: BROADCAST_MAC,
    source: mac,
    type: ETHERTYPE.rarp,
    payload: arp({ operation: 3, ...addresses }),
  });
}

/** The frame as another adapter of the same host would have sent it. */
export function sentBy(mac: Mac, frame: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(frame);
  changed.set(macBytes(mac), 6);
  return changed;
}

/** The frame as it would be broadcast. */
export function toAll(frame: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(frame);
  changed.set(macBytes(BROADCAST_MAC), 0);
  return changed;
}

/** VRRP and CARP share IP protocol 112, group 224.0.0.18 and TTL 255 (RFC 5798 5.1.1). */
export function routerAdvertisement(router: Host, source: Mac = router.mac): Uint8Array {
  const payload = padTo(Uint8Array.of(0x21, 0x0a, 100, 1, 0, 1, 0, 0), 20);
  const datagram = router.datagram('224.0.0.18', 112, payload, { ttl: 255 });
  return router.ipFrame('01:00:5e:00:00:12', datagram, { sourceMac: source });
}

/** A datagram that came through a router: it was sent with another TTL, and leaves under the router's MAC. */
export function routedPing(router: Mac, source: Ipv4, to: Station, ttl: number, ipId: number): Uint8Array {
  const far = new Host({ mac: router, ip: source, ttl, firstIpId: ipId });
  return far.ping(to, ipId & 0xff);
}

interface Planned {
  readonly at: number;
  readonly build: () => Uint8Array;
  readonly mark: string | undefined;
}

export class Segment {
  readonly peer = unixHost(PEER_MAC, '10.0.0.10', 0x2100);
  readonly dhcpServer = ntHost('00:b0:d0:4e:10:02', '10.0.0.2', 0x4400);
  readonly #planned: Planned[] = [];
  #sequence = 0;
  #transaction = 0x3903f300;

  send(at: number, build: () => Uint8Array, mark?: string): this {
    this.#planned.push({ at, build, mark });
    return this;
  }

  /** Frames at several times, all with one mark. */
  sendEach(times: readonly number[], build: () => Uint8Array, mark?: string): this {
    for (const at of times) this.send(at, build, mark);
    return this;
  }

  /** The host asks for the peer's MAC; the peer answers. */
  asks(at: number, host: Host, mark?: string): this {
    return this.send(at, () => host.arpRequest(this.peer.ip), mark).send(at + 0.0002, () =>
      this.peer.arpReply(host),
    );
  }

  /** The peer asks for an address; those given answer, each so many seconds after the request. */
  asked(at: number, address: Ipv4, answers: ReadonlyArray<readonly [Host, number]>, mark?: string): this {
    this.send(at, () => this.peer.arpRequest(address));
    for (const [host, delay] of answers) this.send(at + delay, () => host.arpReply(this.peer), mark);
    return this;
  }

  /** The peer asks for the host's address; the host answers at once. */
  answers(at: number, host: Host, mark?: string): this {
    return this.asked(at, host.ip, [[host, 0.0003]], mark);
  }

  /** The host pings the peer from one time to another, and is answered. */
  pings(host: Host, from: number, until: number, every: number, mark?: string): this {
    for (let at = from; at <= until; at += every) {
      this.#sequence += 1;
      const sequence = this.#sequence;
      this.send(at, () => host.ping(this.peer, sequence), mark);
      this.send(at + 0.0008, () => this.peer.pong(host, sequence));
    }
    return this;
  }

  /** The peer pings the host, which answers under the given MAC, its own where absent. */
  pinged(host: Host, from: number, until: number, every: number, answerMac: Mac = host.mac): this {
    for (let at = from; at <= until; at += every) {
      this.#sequence += 1;
      const sequence = this.#sequence;
      this.send(at, () => this.peer.ping(host, sequence));
      this.send(at + 0.0008, () => host.pong(this.peer, sequence, { sourceMac: answerMac }));
    }
    return this;
  }

  /** DISCOVER, OFFER, REQUEST and ACK of the host's address (RFC 2131 3.1). */
  leases(at: number, host: Host): this {
    this.#transaction += 0x101;
    const client = { xid: this.#transaction, clientId: hardwareClientId(host.mac) };
    const grant = {
      xid: this.#transaction,
      chaddr: host.mac,
      yiaddr: host.ip,
      leaseSeconds: 86_400,
      subnetMask: '255.255.255.0',
      to: 'broadcast',
    } as const;
    const chosen = { requestedAddress: host.ip, serverIdentifier: this.dhcpServer.ip };
    return this.send(at, () => host.dhcpClient(DHCP_TYPE.discover, { ...client, broadcastFlag: true }))
      .send(at + 0.003, () => this.dhcpServer.dhcpServer(DHCP_TYPE.offer, grant))
      .send(at + 0.006, () =>
        host.dhcpClient(DHCP_TYPE.request, { ...client, ...chosen, broadcastFlag: true }),
      )
      .send(at + 0.01, () => this.dhcpServer.dhcpServer(DHCP_TYPE.ack, grant));
  }

  /** DECLINE of an address (RFC 2131 4.4.1). */
  declines(at: number, host: Host, address: Ipv4, mark?: string): this {
    this.#transaction += 0x101;
    const fields = {
      xid: this.#transaction,
      clientId: hardwareClientId(host.mac),
      requestedAddress: address,
      serverIdentifier: this.dhcpServer.ip,
    };
    return this.send(at, () => host.dhcpClient(DHCP_TYPE.decline, fields), mark);
  }

  /** Three probes 1.5 s apart and two announcements 2 s apart: an address taken without conflict (RFC 5227 2.1, 2.3). */
  configures(at: number, host: Host, mark?: string): this {
    const { ip } = host;
    return this.sendEach([at, at + 1.5, at + 3], () => host.probe(ip)).sendEach(
      [at + 5, at + 7],
      () => host.announce({ sourceIp: ip }),
      mark,
    );
  }

  /** Everything planned, in time order, with the background up to the end. */
  end(seconds: number): Script {
    const script = this.quiet();
    return addChatter(script, { untilSeconds: seconds });
  }

  /** Everything planned, without background. */
  quiet(): Script {
    const script = new Script();
    for (const { at, build, mark } of this.#planned.toSorted((one, other) => one.at - other.at)) {
      script.at(at, build(), mark === undefined ? {} : { mark });
    }
    return script;
  }
}
