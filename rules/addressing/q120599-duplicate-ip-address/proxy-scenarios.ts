/**
 * Look-alikes in which a MAC speaks for addresses that are not its own, or a capture shows one host under several MACs:
 * proxies, fabrics, routers, taps (the catalogue's N2 to N4 and X1, X2, X4).
 */
import { ENCODINGS } from '../../../samples/craft/index.ts';
import type { Host, Ipv4, Mac, Scenario, Script } from '../../../samples/craft/index.ts';
import {
  EXPECT,
  GATEWAY,
  SUGGESTIVE_AT_MOST,
  Segment,
  lookAlike,
  X,
  corrective,
} from './segment-scenarios.ts';
import { ntAnnounce, ntHost, routedPing, sentBy, unixHost } from './segment-scenarios.ts';

const ROUTER_MAC: Mac = '00:c0:7b:6e:10:01';
/** IGMPv3 report without records, and an mDNS query without questions. */
const IGMP_REPORT = Uint8Array.of(0x22, 0, 0xdd, 0xff, 0, 0, 0, 0);
const MDNS_QUERY = new Uint8Array(12);

/**
 * An Ascend router with "Proxy Mode = Always" (Q176208): it answers every request, also those of starting hosts for their
 * own addresses, which therefore report a duplicate and correct the caches.
 */
function proxyAlways(): Script {
  const router = unixHost(ROUTER_MAC, GATEWAY);
  const segment = new Segment().asks(1, router).pings(router, 4, 204, 20);
  const speaksFor = (address: Ipv4): Host => unixHost(ROUTER_MAC, address);
  const starting = [31, 32, 33].map((last, index) =>
    ntHost(`00:60:97:31:00:${last}`, `10.0.0.${last}`, 0x900 * (index + 1)),
  );
  for (const [index, host] of starting.entries()) {
    const at = 70 + index * 20;
    segment.send(at, () => ntAnnounce(host));
    segment.send(at + 0.0008, () => speaksFor(host.ip).arpReply(host), 'answer');
    if (index === 0) segment.send(at + 0.003, () => corrective(host, speaksFor(host.ip)));
    else segment.asks(at + 2, host).pings(host, at + 3, 200, 9);
  }
  const modern = unixHost('00:1b:21:31:00:34', '10.0.0.34');
  segment.send(140, () => modern.probe(modern.ip));
  segment.send(140.0008, () => speaksFor(modern.ip).arpReply({ mac: modern.mac, ip: '0.0.0.0' }), 'answer');
  for (const [index, last] of [77, 78, 79].entries()) {
    segment.asked(150 + index * 5, `10.0.0.${last}`, [[speaksFor(`10.0.0.${last}`), 0.0008]]);
  }
  return segment.end(210);
}

/** Proxy ARP as meant: a router answers requests of hosts without a gateway for addresses elsewhere. */
function proxyForRemote(): Script {
  const router = unixHost(ROUTER_MAC, GATEWAY);
  const segment = new Segment().asks(1, router).pings(router, 4, 154, 15);
  for (let index = 0; index < 12; index += 1) {
    const remote = unixHost(ROUTER_MAC, `10.9.${index % 6}.7`);
    segment.asked(10 + index * 11, remote.ip, [[remote, 0.0006]]);
    segment.send(11 + index * 11, () =>
      routedPing(ROUTER_MAC, remote.ip, segment.peer, 57 + (index % 3), 0x4000 + index),
    );
  }
  return segment.end(160);
}

/** A remote access server answers for its callers; an address goes to the next caller. */
function remoteAccessServer(): Script {
  const server = ntHost('00:60:97:77:00:05', '10.0.0.5', 0x1b00);
  const segment = new Segment().asks(1, server).pings(server, 4, 154, 15);
  for (let turn = 0; turn < 9; turn += 1) {
    const caller = ntHost(server.mac, `10.0.0.${81 + (turn % 3)}`);
    segment.send(8 + turn * 15, () => ntAnnounce(caller)).answers(10 + turn * 15, caller);
    segment.send(11 + turn * 15, () =>
      routedPing(server.mac, caller.ip, segment.peer, 127, 0x300 + turn * 0x111),
    );
  }
  return segment.end(160);
}

/** N2: a remote address behind two routers, its TTL one lower over one of them. */
function twoRouters(): Script {
  const routers = [
    unixHost('00:04:9a:10:00:03', '10.0.0.3'),
    unixHost('00:04:9a:20:00:04', '10.0.0.4'),
  ] as const;
  const segment = new Segment().asks(1, routers[0]).asks(2, routers[1]);
  for (let at = 5, turn = 0; at < 155; at += 2, turn += 1) {
    const [mac, ttl] = turn % 3 === 0 ? [routers[0].mac, 54] : [routers[1].mac, 53];
    segment.send(at, () => routedPing(mac, '198.51.100.20', segment.peer, ttl, 0x4000 + turn));
  }
  return segment.end(160);
}

/** N2: LVS direct routing. The director answers ARP for the service address, the real servers answer its clients. */
function directRouting(): Script {
  const director = unixHost('00:25:90:0a:00:01');
  const servers = [
    ['00:25:90:0a:00:11', '10.0.0.41'],
    ['3c:ec:ef:0b:00:12', '10.0.0.42'],
  ] as const;
  const segment = new Segment().sendEach([2, 3], () => director.announce());
  for (const [index, [mac, ip]] of servers.entries()) {
    const own = unixHost(mac, ip, 0x6000 + index * 0x1000);
    const service = unixHost(mac, X, 0x8000 + index * 0x2000);
    segment.asks(4 + index, own).pings(own, 6 + index, 150, 20);
    for (let at = 8 + index * 1.5; at < 155; at += 3) {
      segment.send(at, () => segment.peer.ping(director, 1));
      segment.send(at + 0.0002, () => sentBy(director.mac, segment.peer.ping({ mac, ip: X }, 1)));
      segment.send(at + 0.0009, () => service.pong(segment.peer, 1));
    }
  }
  for (let at = 12; at < 150; at += 25) segment.answers(at, director);
  return segment.end(160);
}

/** N2: frames of the loopback network, one with ARP, under made-up MACs. */
function loopbackOnTheWire(): Script {
  const segment = new Segment();
  const macs = ['00:00:00:00:00:01', '00:11:22:33:44:55', '00:00:00:00:00:02'] as const;
  for (let at = 3, turn = 0; at < 155; at += 4, turn += 1) {
    const host = unixHost(macs[turn % 3] ?? macs[0], '127.0.0.1', 0x100 * turn);
    segment.send(at, () => host.arpRequest('127.0.0.1'));
    segment.send(at + 0.5, () => host.ping({ mac: segment.peer.mac, ip: '127.0.0.1' }, turn));
  }
  return segment.end(160);
}

/** Addresses of 169.254/16 are contested by design (RFC 3927). */
function linkLocal(): Script {
  const one = unixHost('00:1e:c2:0d:11:01', '169.254.7.7');
  const other = ntHost('00:60:97:11:22:33', '169.254.7.7', 0x9800);
  const segment = new Segment();
  for (let at = 70; at < 130; at += 10) {
    segment
      .asks(at, one)
      .asks(at + 5, other)
      .pings(one, at + 1, at + 4, 2)
      .pings(other, at + 6, at + 9, 2);
  }
  return segment.end(160);
}

/** N3: B takes over from A, which is dead; a fabric with ARP suppression answers once more for A from its cache. */
function fabricCache(): Script {
  const dead = unixHost('00:25:90:0a:00:01');
  const successor = unixHost('3c:ec:ef:0b:00:02', X, 0x5000);
  const segment = new Segment()
    .send(2, () => dead.announce())
    .asks(5, dead)
    .pings(dead, 6, 66, 6);
  segment.sendEach([80, 82], () => successor.announce(), 'claim');
  segment.send(80.0002, () => dead.arpReply(successor));
  return segment.asks(85, successor).pings(successor, 86, 155, 5).end(160);
}

/** N4: a Linux host with two adapters in one network, of which one address is in use, answers on both. */
function arpFlux(): Script {
  const first = unixHost('00:25:90:31:07:a0');
  const second = unixHost('00:25:90:31:07:a1');
  const segment = new Segment();
  for (let at = 5; at < 150; at += 12) {
    const early = at % 24 < 12 ? first : second;
    const late = early === first ? second : first;
    segment.asked(at, X, [
      [early, 0.0003],
      [late, 0.0009],
    ]);
  }
  return segment.pinged(first, 6, 155, 7).pinged(first, 8, 155, 7, second.mac).end(160);
}

/** A Linux host with an address on each of two adapters asks through the second in the name of the first (arp_announce 0). */
function weakHost(): Script {
  const first = unixHost('00:25:90:31:07:a0');
  const second = unixHost('90:e2:ba:44:19:5c');
  const segment = new Segment();
  for (let at = 5; at < 150; at += 30) segment.answers(at, first).asks(at + 14, second);
  return segment.pinged(first, 6, 155, 7).pinged(first, 8, 155, 7, second.mac).end(160);
}

/**
 * A Linux host answers on both of its adapters, of two makes, and speaks to groups through either: mDNS leaves with TTL 255
 * (RFC 6762 11), IGMP with 1 (RFC 2236 2). Only its unicast TTL is its stack's.
 */
function arpFluxWithGroups(): Script {
  const first = unixHost('00:25:90:31:07:a0');
  const second = unixHost('90:e2:ba:44:19:5c');
  const segment = new Segment();
  const group = { mac: '01:00:5e:00:00:fb', ip: '224.0.0.251' };
  const mdns = (): Uint8Array => sentBy(second.mac, first.udp(group, 5353, 5353, MDNS_QUERY, { ttl: 255 }));
  for (let at = 5; at < 150; at += 12) {
    segment.asked(at, X, [
      [first, 0.0003],
      [second, 0.0009],
    ]);
    segment.send(at + 3, () =>
      first.ipFrame('01:00:5e:00:00:16', first.datagram('224.0.0.22', 2, IGMP_REPORT, { ttl: 1 })),
    );
    segment.send(at + 4, mdns);
  }
  segment.pinged(first, 6, 155, 7).pinged(first, 8, 155, 7, second.mac);
  return segment.send(157, mdns).end(160);
}

/** A Wi-Fi controller answers requests for its clients with their own MACs, from its own adapter. */
function wirelessController(): Script {
  const controller: Mac = '00:0b:85:40:10:20';
  const segment = new Segment();
  const clients = [61, 62, 63].map((last, index) =>
    unixHost(`a4:5e:60:c1:00:${last}`, `10.0.0.${last}`, 0x800 * (index + 1)),
  );
  for (const [index, client] of clients.entries()) {
    segment
      .leases(3 + index * 2, client)
      .configures(3.5 + index * 2, client)
      .pings(client, 20 + index, 150, 11);
    for (let at = 18 + index * 3; at < 150; at += 20) {
      segment.send(at, () => segment.peer.arpRequest(client.ip));
      segment.send(at + 0.0004, () => sentBy(controller, client.arpReply(segment.peer)));
    }
  }
  return segment.end(160);
}

/** A cloud network answers every request with one MAC; the hosts announce themselves with their own. */
function cloudFabric(fabric: Mac, prefix: string): Script {
  const segment = new Segment();
  for (let index = 0; index < 4; index += 1) {
    // 10.0.0.71 is 0a:00:00:47; GCP puts a host's address into its MAC.
    const host = unixHost(
      `${prefix}:${(71 + index).toString(16)}`,
      `10.0.0.${71 + index}`,
      0x900 * (index + 1),
    );
    const answered = unixHost(fabric, host.ip);
    segment.sendEach([2 + index, 90 + index], () => host.announce()).pings(host, 8 + index, 150, 13);
    for (let at = 6 + index; at < 150; at += 20) segment.answers(at, answered);
  }
  return segment.end(160);
}

/** X1: `-i any` shows a host's frames under its adapter, bridge and veth; two container networks use one address. */
function cookedHost(): Script {
  const [adapter, bridge, veth] = ['00:25:90:31:07:a0', '02:42:9c:11:07:31', '2e:5f:80:aa:17:02'] as const;
  const host = unixHost(adapter);
  const segment = new Segment();
  const container: Ipv4 = '172.17.0.2';
  for (let at = 4, turn = 0; at < 150; at += 6, turn += 1) {
    const ping = (): Uint8Array => host.ping(segment.peer, turn, { ipId: 0x3000 + turn });
    segment.asks(at, host).send(at + 1, () => sentBy(veth, ping()));
    segment.send(at + 1.0001, () => sentBy(bridge, ping())).send(at + 1.0002, ping);
  }
  // Docker derives the MAC from the address: both containers have the same.
  const inside = [
    unixHost('02:42:ac:11:00:02', container, 0x0a00),
    unixHost('02:42:ac:11:00:02', container, 0xb000),
  ] as const;
  const gateways = [
    unixHost(bridge, '172.17.0.1'),
    unixHost('02:42:5d:22:08:42', '172.17.0.1', 0x6000),
  ] as const;
  for (let at = 7, turn = 0; at < 150; at += 9, turn += 1) {
    const one = inside[turn % 2] ?? inside[0];
    segment.send(at, () => one.arpRequest('172.17.0.1'));
    segment.send(at + 0.5, () => one.ping({ mac: gateways[0].mac, ip: '10.0.0.10' }, turn));
  }
  segment.send(20, () => gateways[0].arpReply(inside[0])).send(60, () => gateways[1].arpReply(inside[1]));
  return segment.end(160);
}

/** X2: taps before and behind a router in one file: routed copies 0.4 s later, TTL one lower, the router's MAC. */
function twoTaps(): Script {
  const inner = unixHost('00:04:9a:10:00:03', GATEWAY);
  const outer: Mac = '00:04:9a:10:00:13';
  const host = ntHost('00:60:97:11:22:33');
  const far = { mac: inner.mac, ip: '10.0.7.9' };
  const segment = new Segment().asks(1, host).answers(2, inner);
  for (let at = 4, turn = 0; at < 154; at += 1.5, turn += 1) {
    const ipId = 0x2000 + turn;
    segment.send(at, () => host.ping(far, turn, { ipId }));
    segment.send(at + 0.4, () =>
      sentBy(outer, host.ping({ ...far, mac: '00:50:04:2c:99:09' }, turn, { ipId, ttl: 127 })),
    );
  }
  return segment.end(160);
}

/** X4: one gateway address under the MAC of a pair or of every leaf, and under that of the machine on duty. */
function sharedGateway(shared: Mac, members: readonly Mac[]): Script {
  const segment = new Segment();
  const gateway = unixHost(shared, GATEWAY);
  for (const [index, mac] of members.entries()) {
    const own = unixHost(mac, `10.0.0.${3 + index}`, 0x3000 + index * 0x1800);
    segment.asks(3 + index, own).pings(own, 5 + index, 150, 30);
    // The pair's MAC in the ARP body, the member's outside; and the member's own in both.
    segment.sendEach([10 + index * 30, 11 + index * 30], () => sentBy(mac, gateway.announce()));
    for (let at = 15 + index * 7; at < 150; at += 40) segment.asks(at, unixHost(members[0] ?? mac, GATEWAY));
  }
  for (let at = 7; at < 150; at += 6) segment.answers(at, gateway);
  return segment.pinged(gateway, 8, 150, 9).end(160);
}

/** X4: Calico answers every container with one MAC, for the link-local gateway and for other containers. */
function calico(): Script {
  const fabric: Mac = 'ee:ee:ee:ee:ee:ee';
  const segment = new Segment();
  const pods = [4, 5, 6].map((last) => unixHost(`0a:58:0a:00:00:0${last}`, `10.0.0.${last}`, 0x700 * last));
  for (const [index, pod] of pods.entries()) {
    for (let at = 4 + index; at < 150; at += 15) {
      const next = pods[(index + 1) % pods.length] ?? pod;
      segment.send(at, () => pod.arpRequest('169.254.1.1'));
      segment.send(at + 0.0001, () => unixHost(fabric, '169.254.1.1').arpReply(pod));
      segment.send(at + 5, () => pod.arpRequest(next.ip));
      segment.send(at + 5.0001, () => unixHost(fabric, next.ip).arpReply(pod));
      segment.send(at + 6, () => sentBy(fabric, next.pong(pod, index)));
    }
  }
  return segment.end(160);
}

/** X4: Docker's MACs embed the container's address, as NLB's embed the cluster's: ordinary hosts behind a bridge. */
function dockerHosts(): Script {
  const gateway = unixHost('02:42:5d:22:08:42', GATEWAY);
  const segment = new Segment().send(1, () => gateway.announce());
  for (const [index, last] of [4, 5, 6, 7].entries()) {
    const container = unixHost(`02:42:0a:00:00:0${last}`, `10.0.0.${last}`, 0x1300 * last);
    // Started anew at 80 s: the same address, so the same MAC.
    segment.sendEach([2 + index, 80 + index], () => container.announce());
    for (let at = 5 + index; at < 150; at += 12) {
      segment
        .send(at, () => container.arpRequest(GATEWAY))
        .send(at + 0.0001, () => gateway.arpReply(container));
    }
    segment.pings(container, 6 + index, 155, 6).answers(40 + index, container);
  }
  return segment.end(160);
}

const { notice } = EXPECT;

export const proxies: readonly Scenario[] = [
  lookAlike(
    'N-proxy-always',
    'proxy ARP that answers starting hosts for their own addresses (Q176208)',
    proxyAlways,
    {
      expect: { ...notice, cites: ['answer'] },
      encodings: [ENCODINGS.vlan],
    },
  ),
  lookAlike('N-proxy-remote', 'proxy ARP for addresses in other networks', proxyForRemote),
  lookAlike(
    'N-proxy-ras',
    'a remote access server announces and answers for its callers',
    remoteAccessServer,
  ),
  lookAlike('N2', 'a remote address through two routers', twoRouters),
  lookAlike('N2-lvs-dr', 'LVS direct routing: real servers send as the service address', directRouting),
  lookAlike('N2-loopback', 'frames of 127.0.0.1 under dummy MACs', loopbackOnTheWire),
  lookAlike('N2-link-local', 'two hosts with one address of 169.254/16', linkLocal),
  lookAlike('N3', 'a fabric answers from its cache for a dead owner', fabricCache, {
    expect: SUGGESTIVE_AT_MOST,
  }),
  lookAlike('N4', 'a Linux host answers on both of its adapters', arpFlux, { expect: SUGGESTIVE_AT_MOST }),
  lookAlike(
    'N4-groups',
    'a Linux host answers on both of its adapters and speaks mDNS and IGMP through either',
    arpFluxWithGroups,
    { expect: SUGGESTIVE_AT_MOST },
  ),
  lookAlike('N4-weak-host', 'a Linux host asks through one adapter in the name of the other', weakHost, {
    expect: SUGGESTIVE_AT_MOST,
  }),
  lookAlike('N-wifi-controller', 'a Wi-Fi controller answers with its clients’ MACs', wirelessController),
  lookAlike('N-azure', 'Azure answers every request with 12:34:56:78:9a:bc', () =>
    cloudFabric('12:34:56:78:9a:bc', '00:0d:3a:5c:10'),
  ),
  lookAlike('N-gcp', 'GCP answers every request with the gateway’s MAC', () =>
    cloudFabric('42:01:0a:00:00:01', '42:01:0a:00:00'),
  ),
  lookAlike(
    'X1',
    'one host under the MACs of adapter, bridge and veth, two container networks alike',
    cookedHost,
    {
      encoding: ENCODINGS.sll,
    },
  ),
  lookAlike('X2', 'two taps of one path in one file', twoTaps),
  lookAlike('X4-fortigate', 'FortiGate pair', () =>
    sharedGateway('00:09:0f:09:00:01', ['00:09:0f:aa:00:11', '00:09:0f:bb:00:12']),
  ),
  lookAlike('X4-palo-alto', 'Palo Alto pair', () =>
    sharedGateway('00:1b:17:00:01:10', ['00:1b:17:aa:00:11', '00:1b:17:bb:00:12']),
  ),
  lookAlike('X4-anycast', 'anycast gateway of three leaves (VRR)', () =>
    sharedGateway('44:38:39:ff:00:01', ['44:38:39:10:00:11', '44:38:39:20:00:12', '44:38:39:30:00:13']),
  ),
  lookAlike('X4-calico', 'Calico: one MAC answers for the gateway and for every container', calico),
  lookAlike('X4-docker', 'containers whose MACs embed their addresses, started anew', dockerHosts),
];
