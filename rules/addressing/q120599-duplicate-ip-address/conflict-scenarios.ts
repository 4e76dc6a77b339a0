/**
 * Captures that hold the fault: two hosts with one address. D1 to D7 are those of the catalogue; a suffix names a case
 * of the same kind that rests on another sign. The clash comes after 70 s, so that a capture cut before it still judges
 * the hosts of the background.
 */
import { Connection, ENCODINGS, TCP_FLAG, arp, ieee8023, snap } from '../../../samples/craft/index.ts';
import { BROADCAST_MAC } from '../../../samples/craft/index.ts';
import type { Mac, Scenario, Script } from '../../../samples/craft/index.ts';
import {
  EXPECT,
  RULE,
  Segment,
  X,
  corrective,
  ntAnnounce,
  ntHost,
  ntPair,
  sentBy,
  unixHost,
} from './segment-scenarios.ts';

/** Both addresses of a server are announced by a copy of it, and defended by the server, which goes on working. */
function clonedServer(): Script {
  const segment = new Segment();
  for (const [index, ip] of [X, '10.0.0.21'].entries()) {
    const owner = unixHost('00:25:90:31:00:01', ip, 0x1200 * (index + 1));
    const clone = unixHost('00:25:90:77:00:02', ip, 0x5600 * (index + 1));
    segment
      .send(2 + index, () => owner.announce())
      .asks(3 + index, owner)
      .pings(owner, 5, 60, 9);
    segment.send(70 + index, () => clone.announce(), 'claim');
    segment.send(70.0004 + index, () => owner.arpReply(clone), 'defence');
    segment.pings(owner, 75, 120, 9);
  }
  return segment.end(150);
}

/** NT 4.0 SP3 and later: the owner answers the newcomer and announces itself again; the newcomer never starts IP. */
function bootConflict({ owner, newcomer } = ntPair()): Script {
  const segment = new Segment().asks(3, owner).pings(owner, 3.1, 73.1, 10);
  segment.send(80, () => ntAnnounce(newcomer), 'claim');
  segment.send(80.0004, () => owner.arpReply(newcomer), 'defence');
  segment.send(80.002, () => ntAnnounce(owner), 'repair');
  return segment.pings(owner, 85, 155, 10).end(160);
}

/** Before SP3 the newcomer repairs the caches with the owner's MAC. The owner is not heard again. */
function correctiveArp(): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().asks(3, owner).pings(owner, 3.1, 53.1, 10);
  segment.send(80, () => ntAnnounce(newcomer), 'claim');
  segment.send(80.0004, () => owner.arpReply(newcomer), 'defence');
  segment.send(80.0024, () => corrective(newcomer, owner), 'corrective');
  return segment.end(160);
}

/** The trace printed in Q120599: hardware type 6 under LLC and SNAP, the target MAC of requests all ones. */
function articleTrace(): Script {
  const owner: Mac = '00:00:c9:09:39:51';
  const newcomer: Mac = '40:00:dd:dd:11:11';
  const address = '11.1.9.221';
  const frame = (operation: number, source: Mac, destination: Mac, senderMac: Mac): Uint8Array => {
    const targetMac = destination;
    const body = arp({ operation, senderMac, senderIp: address, targetMac, targetIp: address });
    body[1] = 6;
    return ieee8023(destination, source, snap(0x0806, body));
  };
  return new Segment()
    .send(71.166, () => frame(1, newcomer, BROADCAST_MAC, newcomer), 'claim')
    .send(71.166, () => frame(2, owner, newcomer, owner), 'defence')
    .send(71.168, () => frame(1, newcomer, BROADCAST_MAC, owner), 'corrective')
    .end(140);
}

/** RFC 5227: the probe for an offered address is answered, the client declines it and gets another. */
function conflictAverted(): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().asks(3, owner).pings(owner, 3.1, 153.1, 10);
  segment.leases(80, newcomer);
  segment.send(80.1, () => newcomer.probe(X), 'probe');
  segment.send(80.1004, () => owner.arpReply({ mac: newcomer.mac, ip: '0.0.0.0' }), 'answer');
  segment.declines(80.2, newcomer, X, 'decline');
  const moved = ntHost(newcomer.mac, '10.0.0.21', 0xa000);
  segment.leases(90.5, moved).configures(90.7, moved).asks(100, moved).pings(moved, 100.1, 150.1, 10);
  return segment.end(160);
}

/** A and B, both at work with the same address, ask in turn every 5 s from 70 to 130 s and ping in between. */
function interleaved(): Script {
  const owner = ntHost('00:60:97:11:22:33');
  const newcomer = unixHost('00:a0:c9:44:55:66');
  const segment = new Segment().asks(5, owner).pings(owner, 5.1, 65.1, 10);
  segment
    .asks(70, owner, 'owner')
    .asks(75, newcomer, 'claim')
    .asks(80, owner, 'return')
    .asks(85, newcomer, 'third');
  for (let at = 90; at <= 130; at += 10) segment.asks(at, owner);
  for (let at = 95; at <= 125; at += 10) segment.asks(at, newcomer);
  return segment.pings(owner, 71, 131, 2).pings(newcomer, 76, 128, 2).end(160);
}

/** Same initial TTL; the SYNs of one come with the MSS alone, those of the other with five options. */
function synOptionsDiffer(): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().asks(5, owner);
  const open = (at: number, from: 'owner' | 'newcomer', clientPort: number): void => {
    const connection = new Connection(from === 'owner' ? owner : newcomer, segment.peer, {
      clientPort,
      serverPort: 80,
      clientIsn: 0x10000000 + clientPort * 1000,
      serverIsn: 0x55000000 + clientPort * 77,
      clientStack: from === 'owner' ? 'nt' : 'linux',
      serverStack: 'linux',
    });
    segment.send(at, () => connection.syn(), 'syn').send(at + 0.001, () => connection.synAck());
    segment.send(at + 0.002, () => connection.ack('client')).send(at + 0.1, () => connection.fin('client'));
    segment.send(at + 0.101, () => connection.fin('server')).send(at + 0.102, () => connection.ack('client'));
  };
  segment.asks(70, owner).asks(75, newcomer, 'claim').asks(80, owner, 'return').asks(85, newcomer, 'third');
  open(76, 'newcomer', 1031);
  open(81, 'owner', 1044);
  open(86, 'newcomer', 1032);
  open(92, 'owner', 1045);
  return segment.end(160);
}

/** Two NT hosts alike. B opens a connection, the server's answer goes to A, and A resets what it never opened. */
function resetByTheOther(): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().asks(5, owner).pings(owner, 5.1, 65.1, 10);
  const connection = new Connection(newcomer, segment.peer, {
    clientPort: 1031,
    serverPort: 139,
    clientIsn: 0x00214a00,
    serverIsn: 0x5d3a1000,
    serverVia: owner.mac,
  });
  segment.asks(70, owner).asks(75, newcomer, 'claim').asks(77, owner, 'return').asks(85, newcomer, 'third');
  segment.send(78, () => connection.syn()).send(78.0004, () => connection.synAck());
  const reset = { sourcePort: 1031, destinationPort: 139, flags: TCP_FLAG.rst, window: 0 };
  segment.send(
    78.0008,
    () => owner.tcp(segment.peer, { ...reset, sequence: connection.next('client') }),
    'reset',
  );
  return segment.pings(owner, 79, 99, 5).pings(newcomer, 86, 106, 5).end(160);
}

/** Two NT hosts alike that tell each other so: each answers the other's request by a unicast reply. */
function unicastDefences(): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().asks(5, owner).pings(owner, 5.1, 65.1, 10);
  segment.asks(70, owner).asks(75, newcomer, 'claim').asks(85, owner, 'return');
  segment.send(75.0003, () => owner.arpReply(newcomer), 'defence');
  segment.send(85.0003, () => newcomer.arpReply(owner), 'defence');
  return segment.pings(owner, 86, 106, 5).pings(newcomer, 87, 107, 5).end(160);
}

function printer() {
  return { printer: unixHost('00:10:83:2a:90:0c'), newcomer: ntHost('00:a0:c9:44:55:66', X, 0x9800) };
}

/** A print server that only ever answers ARP; the newcomer repairs the caches, retreats and gets another address. */
function silentPrinter(): Script {
  const { printer: owner, newcomer } = printer();
  const segment = new Segment().answers(5, owner).answers(40, owner);
  segment.send(80, () => ntAnnounce(newcomer), 'claim');
  segment.send(80.0006, () => owner.arpReply(newcomer), 'defence');
  segment.send(80.0026, () => corrective(newcomer, owner), 'corrective');
  const moved = ntHost(newcomer.mac, '10.0.0.21', 0xa000);
  segment
    .send(95, () => ntAnnounce(moved))
    .asks(96, moved)
    .pings(moved, 97, 167, 10);
  return segment.answers(120, owner).end(175);
}

/** The newcomer declines what its server gave it. */
function printerDeclined(): Script {
  const { printer: owner, newcomer } = printer();
  const segment = new Segment().answers(5, owner).leases(79, newcomer);
  segment.send(80, () => newcomer.announce({ sourceIp: X }), 'claim');
  segment.send(80.0006, () => owner.arpReply({ mac: newcomer.mac, ip: X }), 'defence');
  return segment.declines(80.1, newcomer, X, 'decline').answers(120, owner).end(160);
}

/** The newcomer only retreats: nothing proves that the printer lives, but it is no proxy either. */
function printerRetreat(): Script {
  const { printer: owner, newcomer } = printer();
  const segment = new Segment().answers(5, owner).send(80, () => ntAnnounce(newcomer), 'claim');
  segment.send(80.0006, () => owner.arpReply(newcomer), 'defence');
  const moved = ntHost(newcomer.mac, '10.0.0.21', 0xa000);
  segment
    .send(95, () => ntAnnounce(moved))
    .asks(96, moved)
    .pings(moved, 97, 167, 10);
  return segment.answers(120, owner).end(175);
}

/** Two quiet NT hosts that clash once a minute: six switches, none announced; each once answers the other. */
function quietHosts(): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().asks(70, owner).pings(owner, 71, 73, 1);
  segment.asks(130, newcomer, 'claim').pings(newcomer, 131, 133, 1);
  segment.asks(190, owner, 'return').send(190.0004, () => newcomer.arpReply(owner), 'defence');
  segment.pings(owner, 191, 199, 2).pings(newcomer, 192, 200, 2);
  segment.asks(250, newcomer).pings(newcomer, 251, 253, 1);
  segment.asks(310, owner, 'fourth').pings(owner, 311, 313, 1);
  segment.asks(370, newcomer).send(370.0004, () => owner.arpReply(newcomer), 'defence');
  return segment.pings(owner, 371, 379, 2).pings(newcomer, 372, 380, 2).end(440);
}

/** The newcomer takes over by announcement; 3 min later the owner asks as if nothing had happened. */
function returning(newcomer = unixHost('00:a0:c9:44:55:66')): Script {
  const owner = ntHost('00:60:97:11:22:33');
  const segment = new Segment().asks(70, owner, 'owner').pings(owner, 70.1, 90.1, 5);
  segment.sendEach([150, 152], () => newcomer.announce(), 'claim').pings(newcomer, 155, 375, 5);
  return segment.asks(340, owner, 'return').pings(owner, 341, 381, 5).end(400);
}

/** As `returning`, but both MACs belong to one stack: one IP-ID counter, equal TTL and options. */
function returningOneStack(): Script {
  const owner = ntHost('00:60:97:11:22:33');
  const other: Mac = '00:a0:c9:44:55:66';
  const newcomer = ntHost(other);
  const segment = new Segment().asks(70, owner, 'owner').pings(owner, 70.1, 90.1, 5);
  segment.sendEach([150, 152], () => newcomer.announce(), 'claim').asks(340, owner, 'return');
  for (let at = 155, sequence = 500; at < 380; at += 5, sequence += 1) {
    const mac = at % 10 === 0 && at > 340 ? owner.mac : other;
    segment.send(at, () => sentBy(mac, owner.ping(segment.peer, sequence)));
    segment.send(at + 0.0008, () => segment.peer.pong({ mac, ip: X }, sequence));
  }
  for (const [at, mac, port] of [
    [201, other, 1031],
    [351, owner.mac, 1032],
    [361, other, 1033],
  ] as const) {
    const connection = new Connection(owner, segment.peer, {
      clientPort: port,
      serverPort: 80,
      clientIsn: 0x00300000 + at,
      serverIsn: 0x71000000 + at,
      serverVia: mac,
    });
    segment.send(at, () => sentBy(mac, connection.syn())).send(at + 0.001, () => connection.synAck());
    segment.send(at + 0.002, () => sentBy(mac, connection.ack('client')));
  }
  return segment.end(400);
}

const { definitive, strong, suggestive, notice } = EXPECT;

export const conflicts = [
  {
    name: 'D1',
    title: 'boot conflict, NT 4.0 SP3 and later: the owner answers and announces itself again',
    rule: RULE,
    expect: { ...definitive, cites: ['claim', 'defence'] },
    build: () => bootConflict(),
    encodings: [ENCODINGS.pcapNano, ENCODINGS.qinqBig, ENCODINGS.pcapngTwoSections, ENCODINGS.sll2],
  },
  {
    name: 'D1-two-addresses',
    title: 'a clone of a server with two addresses: the server defends both, and is no proxy for that',
    rule: RULE,
    expect: { ...definitive, findings: 2, cites: ['claim', 'defence'] },
    build: clonedServer,
  },
  {
    name: 'D1-cooked',
    title: 'D1 in a cooked capture, which does not tell interfaces apart: suggestive is its ceiling',
    rule: RULE,
    expect: { ...suggestive, cites: ['claim', 'defence'] },
    build: () => bootConflict(),
    encoding: ENCODINGS.sll,
  },
  {
    name: 'D1-virtual',
    title: 'D1 between a virtual machine and a host with a locally administered MAC: ordinary hosts both',
    rule: RULE,
    expect: { ...definitive, cites: ['claim', 'defence'] },
    build: () =>
      bootConflict({ owner: ntHost('00:50:56:9c:00:11'), newcomer: ntHost('aa:bb:cc:00:0a:00', X, 0x9800) }),
  },
  {
    name: 'D2',
    title: 'boot conflict before SP3: the newcomer broadcasts the owner’s MAC',
    rule: RULE,
    expect: { ...definitive, cites: ['claim', 'defence', 'corrective'] },
    build: correctiveArp,
    encodings: [ENCODINGS.pcapBig, ENCODINGS.vlan, ENCODINGS.modified, ENCODINGS.sll2],
  },
  {
    name: 'D2-article',
    title: 'the trace printed in Q120599: hardware type 6 under LLC and SNAP',
    rule: RULE,
    expect: { ...definitive, cites: ['claim', 'defence', 'corrective'] },
    build: articleTrace,
    encodings: [ENCODINGS.pcapNano, ENCODINGS.vlan],
  },
  {
    name: 'D3',
    title: 'a probe is answered and the offered address declined: conflict averted',
    rule: RULE,
    expect: { ...notice, cites: ['probe', 'answer', 'decline'] },
    build: conflictAverted,
    encodings: [ENCODINGS.pcapBigNano, ENCODINGS.vlan],
  },
  {
    name: 'D4',
    title: 'two hosts with different stacks ask and ping in turn for a minute',
    rule: RULE,
    expect: { ...definitive, cites: ['claim', 'return', 'third'] },
    build: interleaved,
    encodings: [ENCODINGS.pcapngBigNano, ENCODINGS.qinq, ENCODINGS.modifiedBig, ENCODINGS.sll2],
  },
  {
    name: 'D4-options',
    title: 'as D4; only the options of their SYNs tell the stacks apart',
    rule: RULE,
    expect: { ...definitive, cites: ['claim', 'return', 'third'] },
    build: synOptionsDiffer,
  },
  {
    name: 'D4-reset',
    title: 'as D4 with two stacks alike; one resets the other’s connection',
    rule: RULE,
    expect: { ...definitive, cites: ['claim', 'return', 'third', 'reset'] },
    build: resetByTheOther,
  },
  {
    name: 'D4-defences',
    title: 'as D4 with two stacks alike; each answers the other’s request',
    rule: RULE,
    expect: { ...definitive, cites: ['claim', 'return', 'defence'] },
    build: unicastDefences,
  },
  {
    name: 'D5',
    title: 'a printer that only answers ARP; the newcomer corrects and retreats',
    rule: RULE,
    expect: { ...definitive, cites: ['claim', 'defence', 'corrective'] },
    build: silentPrinter,
    encodings: [ENCODINGS.vlan],
  },
  {
    name: 'D5-decline',
    title: 'a printer that only answers ARP; the newcomer announces, then declines the address',
    rule: RULE,
    expect: { ...definitive, cites: ['claim', 'defence', 'decline'] },
    build: printerDeclined,
  },
  {
    name: 'D5-retreat',
    title: 'a printer that only answers ARP; the newcomer retreats without a word',
    rule: RULE,
    expect: { ...suggestive, cites: ['claim', 'defence'] },
    build: printerRetreat,
  },
  {
    name: 'D6',
    title: 'quiet hosts clash once a minute, each answers the other once',
    rule: RULE,
    expect: { ...definitive, cites: ['claim', 'return', 'fourth', 'defence'] },
    build: quietHosts,
    encodings: [ENCODINGS.pcapngTwoSections],
  },
  {
    name: 'D7',
    title: 'the owner returns by an ordinary request 3 min after the newcomer took over',
    rule: RULE,
    expect: { ...strong, cites: ['owner', 'claim', 'return'] },
    build: () => returning(),
    encodings: [ENCODINGS.pcapNano, ENCODINGS.sll2],
  },
  {
    name: 'D7-lane',
    title: 'as D7 with equal TTL; two IP-ID counters tell the hosts apart',
    rule: RULE,
    expect: { ...strong, cites: ['owner', 'claim', 'return'] },
    build: () => returning(ntHost('00:a0:c9:44:55:66', X, 0x9800)),
  },
  {
    name: 'D7-one-stack',
    title: 'as D7, but TTL, options and IP-ID counter are those of one host with two adapters',
    rule: RULE,
    expect: { ...suggestive, cites: ['claim', 'return'] },
    build: returningOneStack,
  },
] as const satisfies readonly Scenario[];
