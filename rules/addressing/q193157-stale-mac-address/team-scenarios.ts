/**
 * Look-alikes of redundancy: MACs that several machines share, cluster MACs and masked sources, teams and bonds that send
 * under one member and receive on another. Each has what the fault has (stale sender MACs, traffic to the old MAC that
 * stays unanswered) and the one thing that excuses it.
 */
import { ENCODINGS, concat, ethernet, ipv4Bytes, padTo, u16 } from '../../../samples/craft/index.ts';
import type { Host, Ipv4, Mac, Scenario, Script } from '../../../samples/craft/index.ts';
import { GATEWAY, X, ntHost, sentBy, unixHost } from '../q120599-duplicate-ip-address/segment-scenarios.ts';
import { END_SECONDS, EXPECT, FileSession, MAC_A, MAC_B } from './stage-scenarios.ts';
import { Stage, every, lookAlike, onlyFrames } from './stage-scenarios.ts';

const { silent } = EXPECT;

/**
 * A gateway under a shared MAC. From 80 s on its frames leave under a machine's own MAC, the shared one in the ARP body, and
 * its control plane drops the pings to the shared MAC. Nothing is announced.
 */
function sharedMac(shared: Mac, ownMac: Mac, hasAddress: boolean): Script {
  const gateway = unixHost(shared, GATEWAY);
  const stage = new Stage({ host: gateway, macB: ownMac });
  const { reader, peer } = stage;
  if (hasAddress) {
    const own = unixHost(ownMac, '10.0.0.3', 0x5100);
    stage.asks(2, own).pings(own, 9, 150, 20);
  }
  for (const at of [3, 30, 60]) stage.askedBy(at, reader);
  stage.pinging(every(5, 75, 5), reader, shared, shared);
  for (const at of [82, 85, 90, 96, 110]) stage.askedBy(at, peer, ownMac);
  for (const at of [83, 93]) stage.asksFor(at, reader, ownMac);
  stage.pinging(every(84, 94, 2), reader, shared, null).pinging(every(85, 95, 2), peer, shared, null);
  return stage.broadcasts([100, 120, 140], ownMac).end(END_SECONDS);
}

/** Leaf switches answer ARP with the anycast MAC; their own traffic as the gateway leaves under each leaf's own. */
function anycastLeaves(shared: Mac, leaves: readonly Mac[]): Script {
  const gateway = unixHost(shared, GATEWAY);
  const stage = new Stage({ host: gateway });
  const { reader, peer } = stage;
  for (const at of [2, 40, 90, 130]) stage.askedBy(at, reader);
  stage.pinging(every(3, 17, 2), reader, shared, shared);
  for (const [index, leaf] of leaves.entries()) {
    const from = 20 + index * 40;
    for (const at of every(from, from + 30, 3)) {
      stage.send(at, () => sentBy(leaf, gateway.ping(peer, at)));
      stage.send(at + 0.0006, () => peer.pong(gateway, at));
    }
    for (const at of [from + 2, from + 8]) stage.asksFor(at, reader, leaf);
    stage.pinging([from + 4, from + 7, from + 12], reader, shared, null);
  }
  return stage.end(END_SECONDS);
}

const CLUSTER_BYTES = '0a:00:00:14';

/** Membership heartbeat (wire.md 9): signature, version, priority, cluster and host address; the rest zero. */
function heartbeat(source: Mac, destination: Mac, priority: number, host: Ipv4): Uint8Array {
  const little = (value: number): Uint8Array => u16(value).reverse();
  const header = concat(
    Uint8Array.of(0xbf, 0x01, 0xde, 0xc0, 0x06, 0x02, 0, 0, priority, 0, 0, 0),
    ipv4Bytes(X),
    ipv4Bytes(host),
    little(priority - 1),
    little(0),
    little(1),
    little(0),
  );
  return ethernet({ destination, source, type: 0x886f, payload: padTo(header, 1496) });
}

interface BalancingFields {
  /** In the ARP body of the cluster address. */
  readonly clusterMac: Mac;
  readonly sources: readonly [before: Mac, after: Mac];
  readonly beats: boolean;
}

/**
 * A cluster address leaves under one source up to 80 s and under another from there on, the cluster MAC inside. The cluster
 * is being stopped, and nobody answers for it any more.
 */
function balancing({ clusterMac, sources, beats }: BalancingFields): Script {
  const [before, after] = sources;
  const cluster = ntHost(clusterMac, X);
  const stage = new Stage({ host: cluster, macB: after });
  const { reader, peer } = stage;
  if (beats) {
    for (const at of every(0.4, 160, 1)) {
      stage.send(at, () => heartbeat(at < 80 ? before : after, clusterMac, 1, '10.0.0.51'));
    }
  }
  for (const at of [2, 25, 50]) stage.askedBy(at, reader, before);
  stage.pinging(every(4, 76, 6), reader, clusterMac, before);
  for (const at of [81, 86, 95]) stage.askedBy(at, reader, after);
  for (const at of [82, 84, 90, 93, 96]) {
    stage.send(at, () => cluster.arpRequest('10.0.0.44', { sourceMac: after }));
  }
  stage.pinging(every(87, 97, 2), reader, clusterMac, null).pinging(every(88, 96, 2), peer, clusterMac, null);
  return stage.end(END_SECONDS);
}

/** NLB is bound at run time: X was an ordinary host, its adapter becomes 02:bf, and its frames leave as 02:01. */
function balancingBound(): Script {
  const stage = new Stage({ macB: `02:01:${CLUSTER_BYTES}` });
  const { reader, macB } = stage;
  stage.healthy().closes(19.9);
  const clusterMac: Mac = `02:bf:${CLUSTER_BYTES}`;
  const cluster = ntHost(clusterMac, X, 0x4800);
  stage.sendEach([80, 80.5, 81], () => sentBy(macB, cluster.announce()));
  for (const at of every(80.4, 160, 1)) stage.send(at, () => heartbeat(macB, clusterMac, 1, X));
  // One station has a static entry.
  stage.pinging(every(84, 100, 2), reader, stage.x.mac, null);
  for (const at of every(90, 150, 10)) {
    stage.send(at, () => stage.peer.ping({ mac: clusterMac, ip: X }, at));
    stage.send(at + 0.0006, () => sentBy(macB, cluster.pong(stage.peer, at)));
  }
  return stage.end(END_SECONDS);
}

interface TeamFields {
  /** Seconds at which X begins to send under B; 0 where it does so from the start. */
  readonly from: number;
  readonly host: Host;
  readonly member: Mac;
}

/**
 * N13: a switch-independent team sends under its second member, ARP included, and receives on the first: 2,000 segments to
 * A answered, two of them lost once, two pings lost.
 */
function switchIndependent({ from, host, member }: TeamFields): Script {
  const stage = new Stage({ host, macB: member });
  const { reader, gateway } = stage;
  const source = (at: number): Mac => (at < from ? host.mac : member);
  stage.send(0.4, () => sentBy(source(0), host.announce()));
  for (const at of [1, 15, 45, 90]) stage.askedBy(at, reader, source(at));
  for (const at of [2, 21.5, 24, 60, 100]) {
    stage.asksFor(at, gateway, source(at));
    stage.send(at + 0.01, () => sentBy(source(at), host.ping(gateway, at * 10)));
    stage.send(at + 0.0108, () => gateway.pong(host, at * 10));
  }
  const session = new FileSession(stage, 1042).opens(3, host.mac);
  for (const [index, at] of every(4, 103.95, 0.05).entries()) {
    const segment = session.pushes(at, 'client', 512);
    if (index === 800 || index === 1400) {
      session.repeatsAcknowledgment(at + 0.002, segment, 'server', source(at));
      session.repeats([at + 0.02], segment);
    }
    if (index % 2 === 1 || index === 800 || index === 1400) {
      session.acknowledges(at + 0.03, 'server', source(at));
    }
  }
  stage.pinging([70, 76], reader, host.mac, null);
  return stage.pinging(every(71, 75, 1), reader, host.mac, source(71)).end(110);
}

const BOND: readonly Mac[] = ['00:25:90:31:07:a0', '90:e2:ba:44:19:5c', '00:1b:21:9d:3e:01'];

/**
 * balance-tlb: ARP under the active member; data moves between members every ten seconds, always received on the first. One
 * of the peers has a firewall in front that loses its pings' answers.
 */
function transmitBalancing(): Script {
  const [active = MAC_A, ...others] = BOND;
  const host = unixHost(active, X);
  const stage = new Stage({ host });
  stage.send(0.5, () => host.announce());
  for (const at of [1, 31, 61, 91]) stage.askedBy(at, stage.reader);
  const session = new FileSession(stage, 49_160, stage.peer, 445).opens(2);
  for (const at of every(3, 19, 2)) session.reads(at);
  for (const [index, from] of [21, 31, 41, 51, 61].entries()) {
    const member = others[index % 2] ?? active;
    for (const at of every(from, from + 8, 2)) session.reads(at, member);
  }
  return stage.pinging([24, 27, 30, 33], stage.reader, active, null).end(END_SECONDS);
}

/** balance-alb, rebalanced at 80 s: the client gets an ARP reply with the other member's MAC, by unicast. */
function adaptiveBalancing(): Script {
  const [first = MAC_A, second = MAC_B] = BOND;
  const host = unixHost(first, X);
  const stage = new Stage({ host, macB: second });
  const { peer, reader } = stage;
  stage.send(0.5, () => host.announce());
  stage.askedBy(1, peer).askedBy(1.5, reader);
  const session = new FileSession(stage, 49_161, peer, 445).opens(2);
  for (const at of every(3, 78, 5)) session.reads(at);
  stage.send(80, () => sentBy(second, host.arpReply(peer, { senderMac: second })));
  for (const at of every(81, 150, 5)) session.reads(at, second, second);
  return stage.pinging(every(5, 150, 7), reader, first, first).end(END_SECONDS);
}

/** A bond's ARP leaves under whichever member sends, in turns of three seconds; two pings are lost in each. */
function quickTurns(): Script {
  const [first = MAC_A, second = MAC_B] = BOND;
  const host = unixHost(first, X);
  const stage = new Stage({ host, macB: second });
  stage.send(0.5, () => host.announce()).askedBy(1, stage.reader);
  stage.pinging(every(3, 19, 4), stage.reader, first, first);
  for (const from of every(21, 75, 6)) {
    for (const at of [0, 1.4, 2.8]) {
      stage.send(from + at, () => host.arpRequest('10.0.0.44', { sourceMac: second }));
      stage.send(from + at + 3, () => host.arpRequest('10.0.0.44'));
    }
    stage.pinging([from + 1, from + 2], stage.reader, first, null);
    stage.pinging([from + 1.5], stage.peer, first, null);
  }
  return stage.end(END_SECONDS);
}

/** A VIP moves, connections and all, to a node that says nothing; the recorder's filter was `tcp`, so no ARP is seen at all. */
function tcpOnly(): Script {
  const stage = new Stage();
  const { macB, peer, reader } = stage;
  const [one, other] = [
    new FileSession(stage, 2001, peer, 80).opens(1),
    new FileSession(stage, 2002, reader, 80).opens(4),
  ] as const;
  for (const at of every(5, 76, 3)) one.reads(at);
  for (const at of every(6.3, 74, 4)) other.reads(at);
  const note = other.pushes(80.2, 'server', 40, undefined, macB);
  other.repeats([81.7, 84.7, 90.7], note, undefined, macB);
  one.repeats([81.1, 82.3, 84.7, 89.5], one.pushes(80.5, 'client', 90));
  other.repeats([81.6, 82.8, 85.2, 90], other.pushes(81, 'client', 90));
  const moved = new FileSession(stage, 2003, peer, 80).opens(100, macB);
  for (const at of every(101, 150, 3)) moved.reads(at, macB, macB);
  // Ethernet type IPv4, protocol TCP.
  return onlyFrames(
    stage.end(END_SECONDS),
    (frame) => frame[12] === 0x08 && frame[13] === 0x00 && frame[23] === 6,
  );
}

const unicastCluster: Mac = `02:bf:${CLUSTER_BYTES}`;
const masked = (priority: number): Mac => `02:0${priority}:${CLUSTER_BYTES}`;

const gateways: ReadonlyArray<readonly [name: string, title: string, shared: Mac]> = [
  ['vrrp', 'VRRP', '00:00:5e:00:01:0a'],
  ['hsrp', 'HSRP', '00:00:0c:07:ac:01'],
  ['hsrp2', 'HSRP version 2', '00:00:0c:9f:f0:01'],
  ['glbp', 'GLBP', '00:07:b4:00:0a:01'],
  ['carp', 'CARP', '00:00:5e:00:01:07'],
];

const pairs: ReadonlyArray<readonly [name: string, title: string, shared: Mac, own: Mac]> = [
  ['fortigate', 'FortiGate pair', '00:09:0f:09:00:01', '00:09:0f:aa:00:11'],
  ['palo-alto', 'Palo Alto pair', '00:1b:17:00:01:10', '00:1b:17:aa:00:11'],
  ['srx', 'SRX cluster', '00:10:db:ff:20:01', '00:10:db:58:00:11'],
  ['azure', 'Azure', '12:34:56:78:9a:bc', '00:0d:3a:5c:10:47'],
  ['gcp', 'GCP', '42:01:0a:00:00:01', '00:25:90:0a:00:47'],
  ['calico', 'Calico', 'ee:ee:ee:ee:ee:ee', '00:25:90:0a:00:48'],
];

const fabrics: ReadonlyArray<readonly [name: string, title: string, shared: Mac]> = [
  ['vrr', 'Cumulus VRR', '44:38:39:ff:00:01'],
  ['varp', 'Arista vARP', '00:1c:73:00:00:99'],
  ['aci', 'Cisco ACI', '00:22:bd:f8:19:ff'],
  ['nsx', 'VMware NSX', '02:50:56:56:44:52'],
];
const LEAVES: readonly Mac[] = ['00:1c:73:10:00:11', '00:1c:73:20:00:12', '00:1c:73:30:00:13'];

export const teams: readonly Scenario[] = [
  ...gateways.map(([name, title, shared]) =>
    lookAlike(`N2-${name}`, `${title}: the router’s own MAC outside, the virtual one inside`, () =>
      sharedMac(shared, '00:04:9a:20:00:04', true),
    ),
  ),
  ...pairs.map(([name, title, shared, own]) =>
    lookAlike(`X4-${name}`, `${title}: the machine’s own MAC outside, the shared one inside`, () =>
      sharedMac(shared, own, false),
    ),
  ),
  ...fabrics.map(([name, title, shared]) =>
    lookAlike(`N14-${name}`, `${title}: anycast sender MAC, each leaf’s own MAC on data`, () =>
      anycastLeaves(shared, LEAVES),
    ),
  ),
  lookAlike(
    'N1',
    'NLB unicast mode: masking is switched on, the cluster MAC stays inside',
    () => balancing({ clusterMac: unicastCluster, sources: [unicastCluster, masked(1)], beats: true }),
    { encodings: [ENCODINGS.vlan, ENCODINGS.pcapngBigNano] },
  ),
  lookAlike('N1-no-beats', 'as N1; the filter leaves the heartbeats out', () =>
    balancing({ clusterMac: unicastCluster, sources: [unicastCluster, masked(1)], beats: false }),
  ),
  lookAlike('N1-members', 'NLB unicast mode: another member’s masked source', () =>
    balancing({ clusterMac: unicastCluster, sources: [masked(1), masked(2)], beats: true }),
  ),
  lookAlike('N1-bound', 'NLB is bound at run time to an ordinary host', balancingBound),
  lookAlike('N1-multicast', 'NLB multicast mode: 03:bf over two members’ real adapters', () =>
    balancing({ clusterMac: `03:bf:${CLUSTER_BYTES}`, sources: [MAC_A, MAC_B], beats: true }),
  ),
  lookAlike('N1-multicast-no-beats', 'as N1-multicast, without heartbeats', () =>
    balancing({ clusterMac: `03:bf:${CLUSTER_BYTES}`, sources: [MAC_A, MAC_B], beats: false }),
  ),
  lookAlike('N1-igmp', 'NLB IGMP mode: 01:00:5e:7f over two members’ real adapters', () =>
    balancing({ clusterMac: '01:00:5e:7f:00:14', sources: [MAC_A, MAC_B], beats: true }),
  ),
  lookAlike('N4-tlb', 'bond, balance-tlb: data moves between members, received on one', transmitBalancing),
  lookAlike('N4-alb', 'bond, balance-alb: a client is moved to another member', adaptiveBalancing),
  lookAlike('N4-turns', 'a bond whose members take turns of three seconds, ARP included', quickTurns),
  lookAlike(
    'N13',
    'switch-independent team: sends under B with A inside, receives on A',
    () => switchIndependent({ from: 20, host: ntHost(MAC_A, X), member: MAC_B }),
    { encodings: [ENCODINGS.pcapngBigNano] },
  ),
  lookAlike('N13-start', 'as N13, from the first frame on', () =>
    switchIndependent({ from: 0, host: ntHost(MAC_A, X), member: MAC_B }),
  ),
  lookAlike('N14-tcp-only', 'a VIP moves in a capture that holds TCP alone', tcpOnly, {
    // Not-applicable or inconclusive: no ARP, and yet an address whose MAC changed.
    expect: { ...silent, atMost: true },
  }),
];
