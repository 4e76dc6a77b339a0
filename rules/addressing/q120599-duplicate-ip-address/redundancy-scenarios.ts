/**
 * Look-alikes of redundancy: an address that moves between hosts by design, or whose MAC several hosts share. What moves
 * there and back by announcements alone is a notice; one hand-over, and shared MACs, are nothing at all.
 */
import {
  Connection,
  ENCODINGS,
  concat,
  ethernet,
  ipv4Bytes,
  padTo,
  u16,
} from '../../../samples/craft/index.ts';
import type { Host, Mac, Scenario, Script } from '../../../samples/craft/index.ts';
import {
  EXPECT,
  GATEWAY,
  SUGGESTIVE_AT_MOST,
  Segment,
  lookAlike,
  X,
  announceByReply,
  announceToPeer,
} from './segment-scenarios.ts';
import { ntAnnounce, ntHost, rarp, routerAdvertisement, sentBy, unixHost } from './segment-scenarios.ts';

/** Two routers with addresses of their own behind one virtual gateway; the second takes over at 80 s. */
interface Gateway {
  readonly virtualMac: Mac;
  /** The Ethernet source of the virtual router's frames: its own MAC, or the router's. */
  readonly source: 'virtual' | 'physical';
  readonly advertise: (router: Host, virtualMac: Mac) => Uint8Array;
}

const routers = () => ({
  first: unixHost('00:04:9a:10:00:03', '10.0.0.3', 0x3100),
  second: unixHost('00:04:9a:20:00:04', '10.0.0.4', 0x5200),
});

/** HSRP hello of the active router (RFC 2281 5). */
function hsrpHello(router: Host, virtualMac: Mac): Uint8Array {
  const hello = concat(
    Uint8Array.of(0, 0, 16, 3, 10, 120, 1, 0, 0x63, 0x69, 0x73, 0x63, 0x6f, 0, 0, 0),
    ipv4Bytes(GATEWAY),
  );
  const group = { mac: '01:00:5e:00:00:02', ip: '224.0.0.2' };
  return sentBy(virtualMac, router.udp(group, 1985, 1985, hello, { ttl: 1 }));
}

function gatewayFailover({ virtualMac, source, advertise }: Gateway): Script {
  const { first, second } = routers();
  const gateway = unixHost(virtualMac, GATEWAY);
  const segment = new Segment();
  const shown = (router: Host, frame: Uint8Array): Uint8Array =>
    source === 'virtual' ? frame : sentBy(router.mac, frame);
  const reign = (router: Host, from: number, until: number): void => {
    segment.asks(from + 0.5, router);
    segment.sendEach([from, from + 2], () => shown(router, gateway.announce()));
    for (let at = from + 1; at < until; at += 3) segment.send(at, () => advertise(router, virtualMac));
    for (let at = from + 6; at < until; at += 15) {
      segment.send(at, () => segment.peer.arpRequest(GATEWAY));
      segment.send(at + 0.0005, () => shown(router, gateway.arpReply(segment.peer)));
      segment.send(at + 0.5, () => shown(router, gateway.pong(segment.peer, at)));
    }
  };
  reign(first, 2, 80);
  reign(second, 80, 160);
  return segment.end(165);
}

/** GLBP: one gateway address, and each client is given one of several forwarders' MACs. */
function glbp(): Script {
  const segment = new Segment();
  const clients = [
    segment.peer,
    unixHost('00:50:04:2c:77:11', '10.0.0.11'),
    unixHost('00:50:04:2c:77:12', '10.0.0.12'),
  ];
  const forwarders = ['00:07:b4:00:0a:01', '00:07:b4:00:0a:02', '00:07:b4:00:0a:03'].map((mac) =>
    unixHost(mac, GATEWAY),
  );
  const { first } = routers();
  for (let at = 5, turn = 0; at < 150; at += 4, turn += 1) {
    const client = clients[turn % clients.length] ?? segment.peer;
    const forwarder = forwarders[turn % forwarders.length];
    if (!forwarder) continue;
    segment.send(at, () => client.arpRequest(GATEWAY));
    segment.send(at + 0.0006, () => sentBy(first.mac, forwarder.arpReply(client)));
    segment.send(at + 1, () => forwarder.pong(client, turn));
  }
  return segment.end(160);
}

function clusterNodes() {
  return {
    first: ntHost('00:60:97:aa:00:01', X, 0x0900),
    second: ntHost('00:60:08:bb:00:02', X, 0x7300),
  };
}

/** MSCS registers an address by several announcements (Q168567). The failed node's own address lives on. */
function clusterFailover(failsBack: boolean): Script {
  const { first, second } = clusterNodes();
  const node = ntHost(first.mac, '10.0.0.31', 0x2900);
  const segment = new Segment().asks(1, node).pings(node, 3.1, 158, 10);
  const owns = (host: Host, from: number, until: number): void => {
    segment.sendEach([from, from + 0.5, from + 1], () => ntAnnounce(host), 'announcement');
    for (let at = from + 8; at < until; at += 20) segment.answers(at, host);
    segment.pinged(host, from + 9, until - 1, 7);
  };
  owns(first, 2, 80);
  owns(second, 80, failsBack ? 120 : 160);
  if (failsBack) owns(first, 120, 160);
  return segment.end(165);
}

/** keepalived without virtual MACs: five announcements at once and five more after 5 s, fail-back 25 s later. */
function keepalived(): Script {
  const first = unixHost('00:25:90:0a:00:01');
  const second = unixHost('3c:ec:ef:0b:00:02', X, 0x5000);
  const segment = new Segment();
  const masters = (host: Host, own: Host, from: number, until: number): void => {
    for (const start of [from, from + 5]) {
      segment.sendEach(
        [0, 0.0002, 0.0004, 0.0006, 0.0008].map((delay) => start + delay),
        () => host.announce(),
        'announcement',
      );
    }
    for (let at = from; at < until; at += 1) segment.send(at + 0.01, () => routerAdvertisement(own));
    for (let at = from + 8; at < until - 2; at += 10) segment.answers(at, host);
    segment.pinged(host, from + 3, until - 2, 4);
  };
  const firstOwn = unixHost(first.mac, '10.0.0.31', 0x6100);
  const secondOwn = unixHost(second.mac, '10.0.0.32', 0x7100);
  segment.asks(1, firstOwn).asks(1.5, secondOwn);
  masters(first, firstOwn, 2, 80);
  masters(second, secondOwn, 80, 105);
  masters(first, firstOwn, 105, 160);
  return segment.end(165);
}

/** Two leaders of one service address in a flap: bursts of five announcements a second apart that overlap. */
function leaderFlap(announcement: (host: Host) => Uint8Array): Script {
  const first = unixHost('00:25:90:0a:00:01');
  const second = unixHost('3c:ec:ef:0b:00:02', X, 0x5000);
  const segment = new Segment();
  const burst = (host: Host, from: number): void => {
    segment.sendEach(
      [0, 1, 2, 3, 4].map((delay) => from + delay),
      () => announcement(host),
      'announcement',
    );
  };
  burst(first, 5);
  segment.answers(30, first).pinged(first, 31, 76, 5);
  burst(second, 80);
  burst(first, 82.5);
  burst(second, 96);
  burst(first, 98.5);
  burst(second, 112);
  segment.pinged(second, 81, 82, 2).pinged(first, 84, 95, 3).pinged(first, 103, 111, 3);
  segment.answers(125, second).pinged(second, 126, 156, 5);
  return segment.end(165);
}

/** A sleep proxy announces a sleeping host's address and answers for it; the host wakes and announces itself. */
function sleepProxy(): Script {
  const sleeper = unixHost('00:1e:c2:0d:11:01');
  const proxy = unixHost('00:1f:f3:0e:22:02', X, 0x5000);
  const proxyOwn = unixHost(proxy.mac, '10.0.0.33', 0x6000);
  const segment = new Segment().asks(1, proxyOwn).pings(proxyOwn, 5, 155, 15);
  segment
    .sendEach([2, 4], () => sleeper.announce(), 'announcement')
    .asks(6, sleeper)
    .pings(sleeper, 7, 70, 7);
  segment
    .sendEach([80, 82], () => proxy.announce(), 'announcement')
    .answers(95, proxy)
    .answers(108, proxy);
  segment.sendEach([125, 127], () => sleeper.announce(), 'announcement').asks(130, sleeper);
  return segment.pings(sleeper, 131, 155, 6).end(160);
}

/** Live migration: the adapter keeps its MAC, the new host sends RARP for it, and the guest announces itself. */
function liveMigration(mac: Mac): Script {
  const guest = unixHost(mac);
  const segment = new Segment()
    .send(2, () => guest.announce())
    .asks(5, guest)
    .pings(guest, 6, 76, 7);
  segment.sendEach([80, 80.1, 80.25, 80.45, 80.7], () => rarp(mac));
  segment.sendEach([80.8, 81.8], () => guest.announce()).asks(84, guest);
  return segment.pings(guest, 85, 155, 7).end(160);
}

/** An address that goes to another adapter, told by RARP alone; with `andBack` it returns the same way. */
function rarpMove(andBack: boolean): Script {
  const first = unixHost('00:50:56:0a:00:01');
  const second = unixHost('00:50:56:8b:00:02', X, 0x5000);
  const segment = new Segment().asks(5, first, 'claim').pings(first, 6, 76, 7);
  segment
    .sendEach([80, 81], () => rarp(second.mac))
    .asks(81.5, second, 'claim')
    .pings(second, 82, andBack ? 118 : 152, 5);
  if (andBack) {
    segment
      .sendEach([120, 121], () => rarp(first.mac))
      .asks(121.5, first, 'claim')
      .pings(first, 122, 155, 5);
  }
  return segment.end(160);
}

const BOND_MACS = ['00:25:90:31:07:a0', '90:e2:ba:44:19:5c', '00:1b:21:9d:3e:01'] as const;

/** One host, one MAC in ARP, and its flows spread over the members; everything comes back to that MAC. */
function transmitBalancing(host: Host, members: readonly Mac[]): Script {
  const segment = new Segment().send(2, () => host.announce());
  for (let at = 5; at < 150; at += 20) segment.asks(at, host);
  for (let at = 12; at < 150; at += 20) segment.answers(at, host);
  for (let at = 3, turn = 0; at < 155; at += 1.5, turn += 1) {
    segment.pinged(host, at, at, 1, members[turn % members.length] ?? host.mac);
  }
  const connection = new Connection(segment.peer, host, {
    clientPort: 2049,
    serverPort: 80,
    clientIsn: 0x3b9aca07,
    serverIsn: 0x10bc614e,
  });
  const other = members[1] ?? host.mac;
  segment.send(90, () => connection.syn()).send(90.0004, () => sentBy(other, connection.synAck()));
  segment.send(90.0008, () => connection.ack('client'));
  for (let at = 90.1; at < 95; at += 0.5) {
    segment
      .send(at, () => connection.data('client', 200))
      .send(at + 0.001, () => sentBy(other, connection.data('server', 900)));
  }
  return segment.end(160);
}

/** balance-alb gives each client the MAC of another member, and renews that by unicast replies after each request. */
function receiveBalancing(): Script {
  const [firstMac, secondMac] = BOND_MACS;
  const host = unixHost(firstMac);
  const segment = new Segment().send(2, () => host.announce());
  const clients = [
    { client: segment.peer, mac: firstMac },
    { client: unixHost('00:50:04:2c:77:11', '10.0.0.11', 0x2500), mac: secondMac },
  ];
  for (let at = 10; at < 150; at += 30) {
    segment.asks(at, host);
    for (const { client, mac } of clients) segment.send(at + 0.3, () => unixHost(mac).arpReply(client));
  }
  for (let at = 4, turn = 0; at < 155; at += 2, turn += 1) {
    const { client, mac } = clients[turn % 2] ?? { client: segment.peer, mac: firstMac };
    segment.send(at, () => client.ping({ mac, ip: X }, turn));
    segment.send(at + 0.0007, () => sentBy(mac, host.pong(client, turn)));
  }
  return segment.end(160);
}

/** active-backup whose MAC follows the active member: one announced hand-over. */
function activeBackup(): Script {
  const [firstMac, secondMac] = BOND_MACS;
  const first = unixHost(firstMac);
  const second = unixHost(secondMac);
  const segment = new Segment()
    .send(2, () => first.announce())
    .asks(5, first)
    .pings(first, 6, 78, 6);
  segment.sendEach([80, 80.2], () => second.announce()).asks(85, second);
  for (let at = 82, turn = 300; at < 155; at += 6, turn += 1)
    segment.send(at, () => sentBy(secondMac, first.ping(segment.peer, turn)));
  return segment.end(160);
}

const CLUSTER_IP = '10.0.0.50';
/** The last four bytes of every NLB MAC are the cluster's primary address. */
const CLUSTER_BYTES = '0a:00:00:32';

/** Membership heartbeat, ethertype 886F, 1496 bytes: identity and an all-zero port rule table. */
function heartbeat(source: Mac, destination: Mac, priority: number, dedicatedIp: string): Uint8Array {
  const little = (value: number): Uint8Array => u16(value).reverse();
  const header = concat(
    Uint8Array.of(0xbf, 0x01, 0xde, 0xc0),
    Uint8Array.of(0x06, 0x02, 0, 0),
    Uint8Array.of(priority, 0, 0, 0),
    ipv4Bytes(CLUSTER_IP),
    ipv4Bytes(dedicatedIp),
    little(priority - 1),
    little(0),
    little(1),
    little(0),
    Uint8Array.of(0x10 + priority, 0x2f, 0x7b, 0x3a),
  );
  return ethernet({ destination, source, type: 0x886f, payload: padTo(header, 1496) });
}

interface LoadBalancing {
  /** The MAC in the ARP body of the cluster's address. */
  readonly clusterMac: Mac;
  readonly heartbeatMac: Mac;
  /** Ethernet sources of the two members. */
  readonly sources: readonly [Mac, Mac];
  /** Unicast mode replaces the adapters' MACs: dedicated addresses resolve to the cluster MAC too. */
  readonly unicast: boolean;
}

function loadBalancing({ clusterMac, heartbeatMac, sources, unicast }: LoadBalancing): Script {
  const segment = new Segment();
  for (const [index, source] of sources.entries()) {
    const virtual = ntHost(clusterMac, CLUSTER_IP, 0x1000 + index * 0x6000);
    const dedicated = ntHost(unicast ? clusterMac : source, `10.0.0.${51 + index}`, 0x2800 + index * 0x6000);
    const offset = index * 0.37;
    for (let at = 0.4 + offset; at < 160; at += 1) {
      segment.send(at, () => heartbeat(source, heartbeatMac, index + 1, dedicated.ip));
    }
    segment.sendEach([2 + offset, 2.5 + offset, 80 + offset], () => sentBy(source, virtual.announce()));
    segment.send(3 + offset, () => sentBy(source, dedicated.announce()));
    for (let at = 6 + offset; at < 155; at += 20) {
      segment.send(at, () => segment.peer.arpRequest(dedicated.ip));
      segment.send(at + 0.0004, () => sentBy(source, dedicated.arpReply(segment.peer)));
      segment.send(at + 1, () => sentBy(source, dedicated.ping(segment.peer, 1)));
      segment.send(at + 1.0004, () => segment.peer.pong(dedicated, 1));
      segment.send(at + 2, () => sentBy(source, virtual.pong(segment.peer, 2)));
      segment.send(at + 3, () => sentBy(source, virtual.pong(segment.peer, 3)));
    }
    // Every member answers the cluster's address.
    for (let at = 11; at < 155; at += 30) {
      if (index === 0) segment.send(at, () => segment.peer.arpRequest(CLUSTER_IP));
      segment.send(at + 0.0004 + index * 0.0002, () => sentBy(source, virtual.arpReply(segment.peer)));
    }
  }
  return segment.end(165);
}

const { notice } = EXPECT;
const vrrp = (source: Gateway['source']): Gateway => ({
  virtualMac: '00:00:5e:00:01:0a',
  source,
  advertise: (router, virtualMac) =>
    routerAdvertisement(router, source === 'virtual' ? virtualMac : router.mac),
});
const hsrp = (source: Gateway['source'], virtualMac: Mac = '00:00:0c:07:ac:01'): Gateway => ({
  virtualMac,
  source,
  advertise: (router, mac) => hsrpHello(router, source === 'virtual' ? mac : router.mac),
});

const moves = { expect: { ...notice, cites: ['announcement'] } };

export const redundancy: readonly Scenario[] = [
  lookAlike(
    'N-vrrp',
    'VRRP fail-over, frames under the virtual MAC',
    () => gatewayFailover(vrrp('virtual')),
    {
      encodings: [ENCODINGS.vlan, ENCODINGS.sll2],
    },
  ),
  lookAlike('N-vrrp-physical', 'VRRP fail-over, virtual MAC in the ARP body, routers’ MACs outside', () =>
    gatewayFailover(vrrp('physical')),
  ),
  lookAlike('N-hsrp', 'HSRP fail-over', () => gatewayFailover(hsrp('virtual'))),
  lookAlike('N-hsrp-physical', 'HSRP version 2 fail-over, routers’ MACs outside', () =>
    gatewayFailover(hsrp('physical', '00:00:0c:9f:f0:01')),
  ),
  lookAlike('N-glbp', 'GLBP gives each client another forwarder’s MAC', glbp),
  lookAlike('N-carp', 'CARP fail-over', () =>
    gatewayFailover({ ...vrrp('physical'), virtualMac: '00:00:5e:00:01:07' }),
  ),
  lookAlike('N-mscs', 'MSCS fail-over: several announcements, the failed node’s own address lives on', () =>
    clusterFailover(false),
  ),
  lookAlike('N-mscs-failback', 'MSCS fail-over and fail-back', () => clusterFailover(true), moves),
  lookAlike('N-migration', 'vMotion: the guest keeps its MAC, RARP and announcements follow', () =>
    liveMigration('00:50:56:9c:00:11'),
  ),
  lookAlike('N-migration-hyper-v', 'Hyper-V live migration', () => liveMigration('00:15:5d:0a:00:11')),
  lookAlike('N-rarp', 'an address goes to another adapter, told by RARP', () => rarpMove(false)),
  lookAlike(
    'N-rarp-back',
    'an address goes to another adapter and back, told by RARP',
    () => rarpMove(true),
    {
      expect: { ...notice, cites: ['claim'] },
    },
  ),
  lookAlike('N-bond-tlb', 'bond, balance-tlb: one MAC in ARP, three on the wire', () =>
    transmitBalancing(unixHost(BOND_MACS[0]), BOND_MACS),
  ),
  lookAlike('N-bond-alb', 'bond, balance-alb: each client is given another member’s MAC', receiveBalancing, {
    expect: SUGGESTIVE_AT_MOST,
  }),
  lookAlike('N-bond-active-backup', 'bond, active-backup whose MAC follows the active member', activeBackup),
  lookAlike('N-team', 'switch-independent team of a Windows server', () =>
    transmitBalancing(ntHost('00:26:b9:50:11:a0'), ['00:26:b9:50:11:a0', '00:26:b9:50:11:a2']),
  ),
  lookAlike('N-nlb-unicast', 'NLB unicast mode with masked sources', () =>
    loadBalancing({
      clusterMac: `02:bf:${CLUSTER_BYTES}`,
      heartbeatMac: `02:bf:${CLUSTER_BYTES}`,
      sources: [`02:01:${CLUSTER_BYTES}`, `02:02:${CLUSTER_BYTES}`],
      unicast: true,
    }),
  ),
  lookAlike('N-nlb-unmasked', 'NLB unicast mode on a hub: every member sends as the cluster MAC', () =>
    loadBalancing({
      clusterMac: `02:bf:${CLUSTER_BYTES}`,
      heartbeatMac: `02:bf:${CLUSTER_BYTES}`,
      sources: [`02:bf:${CLUSTER_BYTES}`, `02:bf:${CLUSTER_BYTES}`],
      unicast: true,
    }),
  ),
  lookAlike('N-nlb-multicast', 'NLB multicast mode', () =>
    loadBalancing({
      clusterMac: `03:bf:${CLUSTER_BYTES}`,
      heartbeatMac: `03:bf:${CLUSTER_BYTES}`,
      sources: ['00:60:97:aa:00:01', '00:60:08:bb:00:02'],
      unicast: false,
    }),
  ),
  lookAlike('N-nlb-igmp', 'NLB IGMP mode', () =>
    loadBalancing({
      clusterMac: '01:00:5e:7f:00:32',
      heartbeatMac: '01:00:5e:7f:00:32',
      sources: ['00:60:97:aa:00:01', '00:60:08:bb:00:02'],
      unicast: false,
    }),
  ),
  lookAlike('N1', 'keepalived without virtual MACs: fail-over and fail-back in 30 s', keepalived, {
    ...moves,
    encodings: [ENCODINGS.pcapNano],
  }),
  lookAlike(
    'N1-flap',
    'leader flap: overlapping bursts of five announcements',
    () => leaderFlap((host) => host.announce()),
    moves,
  ),
  lookAlike(
    'N1-flap-replies',
    'leader flap announced by broadcast ARP replies',
    () => leaderFlap(announceByReply),
    moves,
  ),
  lookAlike(
    'N1-flap-unicast',
    'leader flap announced by ARP replies to single stations',
    () => leaderFlap(announceToPeer),
    moves,
  ),
  lookAlike('N1-sleep-proxy', 'a sleep proxy takes an address over and gives it back', sleepProxy, moves),
];
