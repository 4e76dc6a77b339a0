/** Addresses that change hands near the border of a conflict: two adapters of one host, hand-overs that cross, proxies in front of a host. */
import { BROADCAST_MAC, ENCODINGS, TCP_FLAG, TCP_OPTION, concat } from '../../../samples/craft/index.ts';
import type { Host, Scenario, Script } from '../../../samples/craft/index.ts';
import {
  EXPECT,
  GATEWAY,
  RULE,
  SUGGESTIVE_AT_MOST,
  Segment,
  X,
  corrective,
  lookAlike,
  ntHost,
  ntPair,
  routedPing,
  toAll,
  unixHost,
} from './segment-scenarios.ts';

/** A Linux server answers every request on both of its adapters, two makers'; its other address lives on the second one. */
function fluxOfTwoMakers(): Script {
  const segment = new Segment();
  const [first, second] = [unixHost('00:25:90:31:07:a0'), unixHost('90:e2:ba:44:19:5c')] as const;
  const other = unixHost(second.mac, '10.0.0.21');
  for (let at = 5; at < 200; at += 15) {
    segment.asked(at, X, [
      [first, 0.0004],
      [second, 0.0006],
    ]);
    segment.asks(at + 3, other).pings(first, at + 4, at + 9, 2);
  }
  return segment.end(220);
}

interface MultipathFields {
  /** The second station uses X by itself; then the first one leaves the other address alone. */
  readonly secondSends?: 'ping' | 'request';
  /** It has no address of its own: all that is known of it is that it answers. */
  readonly isSecondNameless?: boolean;
}

/**
 * A storage server with an adapter of each of two makers on one link, its routes chosen by source address: each adapter sends
 * from its own address and asks with it, and both answer for both.
 */
function multipath({ secondSends, isSecondNameless = false }: MultipathFields = {}): Script {
  const segment = new Segment();
  const [first, second] = [
    unixHost('00:1b:21:10:20:30'),
    unixHost('00:10:18:aa:bb:cc', '10.0.0.21'),
  ] as const;
  const foreign = unixHost(second.mac, X, 0x3300);
  for (let at = 5; at < 200; at += 15) {
    segment.asked(at, X, [
      [first, 0.0002],
      [foreign, 0.0005],
    ]);
    segment.pings(first, at + 1, at + 4, 3).asks(at + 8, first);
    if (isSecondNameless) segment.send(at + 9, () => foreign.arpRequest(GATEWAY));
    if (!isSecondNameless) {
      const other = unixHost(first.mac, second.ip);
      const own = [second, 0.0002] as const;
      segment.asked(at + 5, second.ip, secondSends === undefined ? [own, [other, 0.0005]] : [own]);
      segment.pings(second, at + 6, at + 9, 3).asks(at + 10, second);
    }
    if (secondSends === 'ping') segment.pings(foreign, at + 7, at + 7, 1);
    if (secondSends === 'request') segment.asks(at + 7, foreign);
  }
  return segment.end(220);
}

/** X fails over with an announcement, asks two thousand times in peace, and meets a newcomer whom it tells so. */
function lateConflict(): Script {
  const { owner, newcomer } = ntPair();
  const old = ntHost('00:a0:c9:00:00:0a');
  const segment = new Segment()
    .send(0, () => old.announce())
    .send(1, () => old.arpRequest(GATEWAY))
    .send(10, () => owner.announce());
  for (let at = 20; at < 4320; at += 2) segment.send(at, () => owner.arpRequest(GATEWAY));
  segment.send(4330, () => newcomer.announce(), 'claim');
  segment.send(4330.0004, () => owner.arpReply(newcomer), 'defence');
  return segment.pings(owner, 4331, 4350, 3).quiet();
}

/** A pair that fails over every ten seconds, announced each time, more often than can be recorded. */
function restlessPair(): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment();
  for (let turn = 0; turn < 2100; turn += 1)
    segment.send(turn * 10, () => (turn % 2 === 0 ? owner : newcomer).announce());
  return segment.quiet();
}

/** A laptop leaves its dock and comes back; both adapters have one reservation, and nothing is announced. */
function dockedAgain(): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment();
  const uses = (host: Host, from: number) =>
    segment
      .leases(from, host)
      .asks(from + 1, host)
      .pings(host, from + 2, from + 50, 5);
  uses(owner, 2);
  uses(newcomer, 60);
  uses(owner, 120);
  // The adapter without the address still broadcasts for another one.
  for (const at of [70, 90, 110, 130, 150]) {
    segment.send(at, () => ntHost(at < 120 ? owner.mac : newcomer.mac, '10.0.0.77').arpRequest('10.0.0.10'));
  }
  return segment.end(200);
}

/** A redundant pair without virtual MACs: the old master answers the new one's announcement in the moment before it lets go. */
function crossing(keeps: boolean): Script {
  const segment = new Segment();
  const [old, fresh] = [unixHost('00:25:90:31:07:a0'), unixHost('90:e2:ba:44:19:5c')] as const;
  const [oldOwn, freshOwn] = [unixHost(old.mac, '10.0.0.21'), unixHost(fresh.mac, '10.0.0.22')] as const;
  segment.asks(1, oldOwn).asks(1.4, freshOwn).answers(3, old).pings(old, 4, 58, 3);
  segment.pings(oldOwn, 5, 200, 7).pings(freshOwn, 6, 200, 7);
  segment.send(60, () => fresh.announce()).send(60.0004, () => old.arpReply(fresh));
  segment.sendEach([60.2, 61.2], () => fresh.announce());
  segment.answers(70, fresh).pings(fresh, 62, 200, 3);
  if (keeps) segment.pings(old, 63, 100, 5);
  return segment.end(220);
}

/** A phone walks over to a repeater that answers for it and routes (TTL one lower), and back. */
function routingRepeater(): Script {
  const segment = new Segment();
  const phone = unixHost('a4:5e:60:c1:20:07');
  const repeater = unixHost('c0:25:e9:70:00:01', '10.0.0.4', 0x5000);
  const behind = unixHost(repeater.mac);
  segment.asks(1, repeater).pings(repeater, 5, 300, 11);
  segment.asks(2, phone).answers(10, phone).pings(phone, 3, 98, 4);
  segment.asks(101, behind).answers(110, behind);
  for (let at = 102; at < 200; at += 4)
    segment.send(at, () => routedPing(repeater.mac, X, segment.peer, 63, 0x900 + at));
  segment.asks(201, phone).answers(210, phone).pings(phone, 202, 300, 4);
  return segment.end(320);
}

/** A gateway of a private network answers for three callers while they are away; one comes home. */
function calledIn(): Script {
  const segment = new Segment();
  const server = ntHost('00:60:97:77:00:05', '10.0.0.5', 0x1b00);
  const { owner } = ntPair();
  const answersFor = (ip: string): Host => ntHost(server.mac, ip);
  segment.asks(1, server).pings(server, 4, 300, 12);
  segment.asks(2, owner).answers(10, owner).pings(owner, 3, 50, 4);
  for (const [index, ip] of [X, '10.0.0.81', '10.0.0.82'].entries())
    segment.asked(100 + index, ip, [[answersFor(ip), 0.0006]]);
  segment.asks(201, owner).answers(210, owner).pings(owner, 202, 300, 4);
  return segment.end(320);
}

interface PrivateVlanFields {
  /** One host corrects the caches after an answer to its announcement (before NT 4.0 SP3). */
  readonly corrects?: boolean;
}

/**
 * Hosts of a private VLAN do not hear each other; their router answers every request in their stead, and announcements, too. The
 * capture hears both.
 */
function privateVlan({ corrects = false }: PrivateVlanFields = {}): Script {
  const segment = new Segment();
  const router = unixHost('3c:a9:f4:00:00:30', GATEWAY);
  const hosts = [50, 51, 52, 53].map((last) =>
    ntHost(`00:60:8c:0${last - 50}:0c:00`, `10.0.0.${last}`, 0x900 * (last - 45)),
  );
  const [starting] = hosts as [Host, ...Host[]];
  const speaksFor = (host: Host): Host => unixHost(router.mac, host.ip);
  segment.asks(1, router);
  for (const [index, host] of hosts.entries()) {
    for (let at = 5 + index * 2; at < 170; at += 12) {
      segment.asked(at, host.ip, [
        [host, 0.0005],
        [speaksFor(host), 0.3],
      ]);
    }
    segment.asks(3 + index, host).pings(host, 7 + index, 170, 9);
  }
  for (const at of [60, 62, 75]) {
    segment.send(at, () => starting.announce());
    segment.send(at + 0.3, () => speaksFor(starting).arpReply(starting), 'answer');
  }
  if (corrects) segment.send(75.31, () => corrective(starting, router), 'correction');
  return segment.end(180);
}

/** A station defends its address by a reply to all that names the other one (RFC 5227 2.6), or no other one. */
function broadcastReply(isDefence: boolean): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().send(1, () => owner.announce()).pings(owner, 2, 190, 5);
  const named = isDefence ? newcomer.mac : BROADCAST_MAC;
  segment.send(50, () => newcomer.announce(), 'claim');
  segment.send(50.0003, () => toAll(owner.arpReply({ mac: named, ip: X })), 'defence');
  return segment.pings(newcomer, 52, 190, 7).end(200);
}

/**
 * Two hosts of one make whose identifications tell nothing open connections in turn; what comes for one of them reaches the other,
 * which resets it.
 */
function resetsAcross(isReset: boolean): Script {
  const segment = new Segment();
  const [first, second] = [unixHost('00:50:56:aa:01:01'), unixHost('00:50:56:aa:77:02')] as const;
  const syn = { flags: TCP_FLAG.syn, options: TCP_OPTION.mss(1460) };
  for (let turn = 0; turn < 40; turn += 1) {
    const [from, other] = turn % 2 === 0 ? [first, second] : [second, first];
    const at = 2 + turn * 3;
    const port = { sourcePort: 20_000 + turn, destinationPort: 80 };
    const sequence = turn * 1000;
    segment.asks(at, from);
    segment.send(at + 0.01, () => from.tcp(segment.peer, { ...port, ...syn, sequence }, { ipId: 0 }));
    const reset = { ...port, flags: TCP_FLAG.rst, sequence: sequence + 1 };
    if (isReset) segment.send(at + 1, () => other.tcp(segment.peer, reset, { ipId: 0 }), 'reset');
  }
  return segment.end(130);
}

interface BalancedFields {
  /** One connection is reset under the member that did not carry it. */
  readonly resets?: boolean;
  readonly icmpTtl: number;
  readonly tcpTtl: number;
}

/**
 * A bond that gives each client another member's MAC (balance-alb). An old client and a new one are answered with the options
 * that each has asked for.
 */
function balanced({ icmpTtl, tcpTtl, resets = false }: BalancedFields): Script {
  const segment = new Segment();
  const [first, second] = [unixHost('00:25:90:31:07:a0'), unixHost('90:e2:ba:44:19:5c')] as const;
  const [old, fresh] = [ntHost('00:50:04:2c:77:11', '10.0.0.11'), unixHost('00:50:04:2c:77:12', '10.0.0.12')];
  const pairs = [
    [first, old ?? first, TCP_OPTION.mss(1460)],
    [second, fresh ?? second, concat(TCP_OPTION.mss(1460), TCP_OPTION.sackPermitted)],
  ] as const;
  let ipId = 0x2000;
  for (let at = 2; at < 120; at += 8) {
    for (const [index, [member, client, options]] of pairs.entries()) {
      const from = at + index * 4;
      const ports = { sourcePort: 2000 + at * 4 + index, destinationPort: 80 };
      segment.send(from, () => client.arpRequest(X)).send(from + 0.0004, () => member.arpReply(client));
      const opening = { flags: TCP_FLAG.syn, sequence: at * 977, options };
      segment.send(from + 0.01, () => client.tcp(member, { ...ports, ...opening }));
      const answer = {
        flags: TCP_FLAG.syn | TCP_FLAG.ack,
        sequence: at * 463,
        acknowledgment: at * 977 + 1,
        options,
      };
      const back = { sourcePort: 80, destinationPort: ports.sourcePort };
      const overrides = { ttl: index === 0 ? icmpTtl : tcpTtl };
      ipId += 2;
      const [one, two] = [ipId, ipId + 1];
      if (index === 1 || icmpTtl === tcpTtl)
        segment.send(from + 0.0104, () =>
          member.tcp(client, { ...back, ...answer }, { ...overrides, ipId: one }),
        );
      if (index === 0) segment.send(from + 1, () => member.ping(client, at, { ...overrides, ipId: two }));
    }
  }
  if (resets) {
    const port = { sourcePort: 80, destinationPort: 2000 + 10 * 4 + 1 };
    const reset = { ...port, flags: TCP_FLAG.rst, sequence: 10 * 463 + 1 };
    segment.send(16.5, () => first.tcp(pairs[1][1], reset, { ttl: tcpTtl, ipId: ipId + 2 }));
  }
  return segment.end(140);
}

export const reviews: readonly Scenario[] = [
  lookAlike('R1', 'a Linux host answers on two adapters of two makers', fluxOfTwoMakers, {
    expect: SUGGESTIVE_AT_MOST,
  }),
  lookAlike('R8', 'as R1; each adapter asks and sends from its own address alone', () => multipath(), {
    expect: { ...SUGGESTIVE_AT_MOST, findings: 2 },
    encodings: [ENCODINGS.vlan, ENCODINGS.sll2],
  }),
  ...(
    [
      ['sends', 'the second one sends from X, too', { secondSends: 'ping' }],
      ['asks', 'the second one asks with X, too', { secondSends: 'request' }],
      ['nameless', 'the second one has no other address', { isSecondNameless: true }],
    ] as const
  ).map(
    ([name, title, fields]): Scenario => ({
      name: `R8-${name}`,
      title: `two hosts answer at once as in R8; ${title}`,
      rule: RULE,
      expect: EXPECT.strong,
      build: () => multipath(fields),
    }),
  ),
  {
    name: 'R9',
    title: 'a conflict after two thousand requests of a station that has taken the address over',
    rule: RULE,
    expect: { ...EXPECT.definitive, cites: ['claim', 'defence'] },
    build: lateConflict,
  },
  {
    name: 'R9-full',
    title: 'a fail-over pair with more turns than are recorded: what came later may be a conflict',
    rule: RULE,
    expect: { verdict: 'inconclusive', findings: 0, notices: 1, undecided: ['evicted'] },
    build: restlessPair,
  },
  lookAlike('R2', 'a docked laptop, its leases acknowledged', dockedAgain),
  lookAlike('R2-cut', 'a docked laptop, the options of its leases cut', dockedAgain, {
    encoding: { container: 'pcap', snapLength: 96 },
  }),
  lookAlike('R3', 'an old master answers once more before it lets go', () => crossing(false), {
    expect: SUGGESTIVE_AT_MOST,
  }),
  {
    name: 'R3-keeps',
    title: 'as R3; the old master goes on using the address',
    rule: RULE,
    expect: EXPECT.definitive,
    build: () => crossing(true),
  },
  lookAlike(
    'R6',
    'a bond answers old and new clients under two MACs',
    () => balanced({ icmpTtl: 64, tcpTtl: 64 }),
    {
      expect: SUGGESTIVE_AT_MOST,
    },
  ),
  lookAlike(
    'R7',
    'an appliance sends ICMP and TCP with two TTLs',
    () => balanced({ icmpTtl: 255, tcpTtl: 64 }),
    {
      expect: SUGGESTIVE_AT_MOST,
    },
  ),
  lookAlike(
    'R6-reset',
    'a bond resets a connection under its other member',
    () => balanced({ icmpTtl: 64, tcpTtl: 64, resets: true }),
    { expect: SUGGESTIVE_AT_MOST },
  ),
  lookAlike('R10', 'the router of a private VLAN answers for its hosts', () => privateVlan(), {
    encodings: [ENCODINGS.vlan],
  }),
  {
    name: 'R10-corrected',
    title: 'as R10; a host takes the router for an older owner',
    rule: RULE,
    expect: { ...EXPECT.definitive, cites: ['answer', 'correction'] },
    build: () => privateVlan({ corrects: true }),
  },
  {
    name: 'R11',
    title: 'an owner broadcasts the reply with which it defends its address',
    rule: RULE,
    expect: { ...EXPECT.definitive, cites: ['claim', 'defence'] },
    build: () => broadcastReply(true),
  },
  lookAlike(
    'R11-unnamed',
    'as R11; the reply names nobody, as an announcement does',
    () => broadcastReply(false),
    {
      expect: EXPECT.notice,
    },
  ),
  {
    name: 'R12',
    title: 'two virtual machines of one make reset connections of each other',
    rule: RULE,
    expect: { ...EXPECT.definitive, cites: ['reset'] },
    build: () => resetsAcross(true),
  },
  lookAlike('R12-quiet', 'as R12 without resets', () => resetsAcross(false), { expect: SUGGESTIVE_AT_MOST }),
  lookAlike('R4', 'a phone behind a repeater that routes, and back', routingRepeater),
  lookAlike('R5', 'a gateway answers for callers, one of whom comes home', calledIn),
];
