/** Clusters that work: members that join and leave, long and short periods, all modes (the catalogue's N1 to N5, N14 to N16). */
import {
  ALL_BUCKETS,
  Cluster,
  ClusterLan,
  EVEN_BUCKETS,
  ODD_BUCKETS,
  portRule,
} from '../../../../samples/craft/index.ts';
import type { ClusterFields, ClusterMember, Scenario, Script } from '../../../../samples/craft/index.ts';
import { MEMBER_LEFT, SUGGESTIVE_AT_MOST, lookAlike } from './expectations.ts';
import { SERVED_ON, silentScript } from './silences.ts';

/** Requests of clients 1 to 8 in turn; `answers` says which member's they are. */
export function asks(
  lan: ClusterLan,
  from: number,
  until: number,
  everySeconds: number,
  answers: (client: number, at: number) => ClusterMember,
): void {
  for (let at = from, client = 1; at < until; at += everySeconds, client = (client % 8) + 1) {
    lan.request(at, client, answers(client, at));
  }
}

const EVERY_THIRD = [0x0249_2492_4924_9249n, 0x0492_4924_9249_2492n, 0x0924_9249_2492_4924n] as const;

/** Host 3 joins at 40 s: everybody sends at half the period for 3.5 s, with the map to come. */
function joins(): Script {
  const lan = new ClusterLan();
  const [web1, web2, web3] = lan.members(3);
  for (const [index, member] of [web1, web2].entries()) {
    const phase = 0.1 * index;
    lan.beats(member, 0.6 + phase, 39.6 + phase);
    const newMap = EVERY_THIRD[index] ?? 0n;
    lan.beats(member, 40.1 + phase, 43.6 + phase, { everySeconds: 0.5, state: 2, newMap });
    lan.beats(member, 44.1 + phase, 99.1 + phase, { currentMap: newMap });
  }
  const newMap = EVERY_THIRD[2];
  lan.beats(web3, 40, 43.5, { everySeconds: 0.5, state: 2, currentMap: 0n, newMap });
  lan.beats(web3, 44, 99, { currentMap: newMap });
  asks(lan, 3, 97, 2.9, (client, at) => {
    if (at > 44 && client % 3 === 0) return web3;
    return client % 2 === 1 ? web1 : web2;
  });
  return lan.end(100);
}

/** Members with other port rules: its own article (Q193599). */
function otherRules(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  const stuckMaps = { currentMap: 0n, newMap: ALL_BUCKETS };
  lan.beats(web1, 0.3, 69.3, stuckMaps);
  lan.beats(web2, 0.4, 69.4, { ...stuckMaps, ruleCodes: [portRule(80), portRule(8080)] });
  return lan.end(70);
}

/** Two hosts of one priority: its own article (Q193599). */
function samePriority(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  const other = lan.cluster.member(2, { hostIp: '10.0.0.83', hostCode: 0x3a7c_2222 });
  lan.introduce(1.3, other);
  lan.beats(web1, 0.3, 20.3).beats(web2, 0.4, 20.4);
  for (const [index, member] of [web1, web2, other].entries()) {
    lan.beats(member, 21 + 0.1 * index, 68, { everySeconds: 0.5, newMap: ALL_BUCKETS });
  }
  return lan.end(70);
}

/** Host 2 loses its power at 30 s. A client it had not answered repeats its SYN until host 1 has everything. */
function powerOff(hosts: 2 | 3): Script {
  const lan = new ClusterLan();
  const [web1, web2, web3] = lan.members(hosts);
  const survivors = hosts === 3 ? [web1, web3] : [web1];
  for (const [index, member] of survivors.entries()) {
    const phase = 0.5 + 0.2 * index;
    const after = survivors.length === 1 ? ALL_BUCKETS : index === 0 ? EVEN_BUCKETS : ODD_BUCKETS;
    const currentMap = survivors.length === 1 ? EVEN_BUCKETS : (EVERY_THIRD[index] ?? 0n);
    lan.beats(member, phase, 34 + phase, { currentMap });
    lan.beats(member, 35 + phase, 37.5 + phase, { everySeconds: 0.5, state: 2, currentMap, newMap: after });
    lan.beats(member, 38 + phase, 83 + phase, { currentMap: after });
  }
  lan.beats(web2, 1, 30, { mark: (at) => (at === 30 ? 'last-beat' : undefined) });
  asks(lan, 3, 29.5, 2.6, (client) => (client % 2 === 1 ? web1 : web2));
  for (const [at, client] of [
    [31.3, 2],
    [33.1, 4],
  ] as const) {
    lan.request(at, client, web1, { repeats: [3, 9] });
  }
  asks(lan, 34, 83, 2.6, (client) => (hosts === 3 && client % 3 === 0 ? web3 : web1));
  return lan.end(85);
}

/** AliveMsgPeriod of 5 s in multicast mode. */
function slowPeriod(): Script {
  const lan = new ClusterLan({ mode: 'multicast' });
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.8, 176, { everySeconds: 5 }).beats(web2, 2.1, 176, { everySeconds: 5 });
  asks(lan, 3, 175, 4.1, (client) => (client % 2 === 1 ? web1 : web2));
  return lan.end(180);
}

/** AliveMsgPeriod of 10 s, the longest there is. */
function longestPeriod(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.8, 238, { everySeconds: 10 }).beats(web2, 2.1, 238, { everySeconds: 10 });
  asks(lan, 3, 235, 7.7, (client) => (client % 2 === 1 ? web1 : web2));
  return lan.end(240);
}

/** AliveMsgPeriod of 100 ms, the shortest. */
function shortestPeriod(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.8, 38, { everySeconds: 0.1 }).beats(web2, 0.83, 38, { everySeconds: 0.1 });
  asks(lan, 3, 37, 2.3, (client) => (client % 2 === 1 ? web1 : web2));
  return lan.end(40);
}

/** `wlbs stop` of host 2 by remote control; a second cluster goes on beside it. */
function orderlyExit(port: 2504 | 1717, controlAt = 27): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  const neighbours = new Cluster({ ip: '10.0.0.60' });
  for (const priority of [1, 2]) {
    const member = neighbours.member(priority);
    lan.beats(member, 0.15 + 0.2 * priority, 84, { currentMap: member.share });
  }
  lan.control(controlAt, port);
  lan.beats(web1, 0.5, 34.5);
  lan.beats(web1, 35, 37.5, { everySeconds: 0.5, state: 2, newMap: ALL_BUCKETS });
  lan.beats(web1, 38, 84, { currentMap: ALL_BUCKETS });
  lan.beats(web2, 1, 30);
  lan.lives(web2, [33, 38, 44, 51, 58, 66, 75], 'dedicated');
  asks(lan, 3, 83, 2.7, (client, at) => (client % 2 === 1 || at > 29.5 ? web1 : web2));
  return lan.end(85);
}

/** Host 2 drains: it beats on and takes no new connections, which all go to host 1. */
function drains(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 36.5).beats(web1, 37, 39.5, { everySeconds: 0.5, state: 2, newMap: ALL_BUCKETS });
  lan.beats(web1, 40, 109, { currentMap: ALL_BUCKETS });
  lan.beats(web2, 0.6, 36.6).beats(web2, 37.1, 39.6, { everySeconds: 0.5, state: 2, newMap: 0n });
  lan.beats(web2, 40.1, 109, { currentMap: 0n });
  // Open connections are served to their end.
  lan.request(33, 10, web2, { exchanges: [6, 14, 25, 40] });
  asks(lan, 3, 107, 2.7, (client, at) => (client % 2 === 1 || at > 36 ? web1 : web2));
  return lan.end(110);
}

/** Typed at the host: it lives, the other serves. */
function localStop(): Script {
  return silentScript({ knocks: [], answered: SERVED_ON, convergesAfter: 5.5 });
}

function loneHost(): Script {
  const lan = new ClusterLan();
  const [web1] = lan.members(1);
  lan.beats(web1, 0.4, 119.4, { everySeconds: 0.5, state: 3, currentMap: ALL_BUCKETS });
  asks(lan, 3, 118, 3.7, () => web1);
  return lan.end(120);
}

/** The switch forgets the group after 260 s and hides host 2's beats; host 2 answers as before. */
function hiddenByTheSwitch(mode: 'multicast' | 'igmp'): Script {
  const lan = new ClusterLan({ mode });
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 329).beats(web2, 1, 260);
  asks(lan, 3, 328, 3.7, (client) => (client % 2 === 1 ? web1 : web2));
  lan.lives(web2, [268, 281, 297, 312, 325], 'dedicated');
  return lan.end(330);
}

/** The members no longer hear each other: each takes all, and the tap sees the beats of one (Q197863). */
function splitCluster(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 34.5).beats(web2, 1, 30);
  lan.beats(web1, 35, 37.5, { everySeconds: 0.5, state: 2, newMap: ALL_BUCKETS });
  lan.beats(web1, 38, 94, { currentMap: ALL_BUCKETS });
  lan.lives(web2, [38, 47, 60, 74], 'dedicated');
  asks(lan, 3, 93, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  return lan.end(95);
}

/** The whole rack loses its power: nobody beats, nobody answers. */
function powerCut(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 60.5).beats(web2, 1, 60);
  asks(lan, 3, 60, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  for (const [index, at] of [61, 66, 71, 76, 81, 86].entries()) lan.knock(at, 1 + index);
  return lan.end(100);
}

/** Two clusters, members of the same priorities, other periods and states; both work. */
function twoClusters(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  const mail = new Cluster({ ip: '10.0.0.60', ruleCodes: [portRule(25), portRule(110)] });
  const [mail1, mail2] = [mail.member(1), mail.member(2)];
  lan.beats(web1, 0.5, 94).beats(web2, 0.6, 94);
  lan
    .beats(mail1, 0.7, 94, { everySeconds: 5, state: 3 })
    .beats(mail2, 0.9, 94, { everySeconds: 5, state: 3 });
  lan.resolve(0.8, mail1);
  asks(lan, 3, 93, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  for (let at = 4.1, client = 11; at < 92; at += 6.3, client += 1) {
    lan.request(at, client, client % 2 === 1 ? mail1 : mail2, { port: 25 });
  }
  return lan.end(95);
}

/** Later Windows sends extended heartbeats besides, from 40 s on. */
function withExtended(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 94).beats(web2, 0.6, 94);
  for (let at = 40; at < 94; at += 1) {
    for (const member of [web1, web2]) lan.script.at(at, () => member.extendedBeat());
  }
  asks(lan, 3, 93, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  return lan.end(95);
}

/** Two members that work, asked every few seconds. */
export function healthy(until: number, fields: ClusterFields = {}): ClusterLan {
  const lan = new ClusterLan(fields);
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, until - 0.4).beats(web2, 0.6, until - 0.3);
  asks(lan, 3, until - 2, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  return lan;
}

export const workingClusters: readonly Scenario[] = [
  lookAlike('N-healthy', 'two members at work', () => healthy(95).end(95)),
  lookAlike('N-healthy-igmp', 'two members at work, IGMP mode', () => healthy(95, { mode: 'igmp' }).end(95)),
  lookAlike('N-unmasked', 'members that all send under the cluster’s MAC', () =>
    healthy(95, { masksSource: false }).end(95),
  ),
  lookAlike('N1', 'a third host joins', joins),
  lookAlike('N2-rules', 'port rules differ (Q193599)', otherRules),
  lookAlike('N2-priority', 'two hosts of one priority (Q193599)', samePriority),
  lookAlike('N3', 'a member loses its power, the other takes over', () => powerOff(2), {
    ...MEMBER_LEFT,
    cites: ['last-beat'],
  }),
  lookAlike('N3-three', 'one of three loses its power, two take over', () => powerOff(3), {
    ...MEMBER_LEFT,
    cites: ['last-beat'],
  }),
  lookAlike('N4', 'a period of 5 s, multicast mode', slowPeriod),
  lookAlike('N4-longest', 'a period of 10 s', longestPeriod),
  lookAlike('N4-shortest', 'a period of 100 ms', shortestPeriod),
  lookAlike('N5', 'stopped by remote control, a second cluster beside it', () => orderlyExit(2504)),
  lookAlike('N5-convoy', 'stopped by remote control of Convoy hosts', () => orderlyExit(1717)),
  lookAlike('N5-drain', 'a member drains', drains),
  lookAlike('N5-two-clusters', 'two clusters at work', twoClusters),
  lookAlike('N11-beside', 'extended heartbeats beside the others', withExtended),
  lookAlike('N14', 'a member stopped by hand, the other serves', localStop, SUGGESTIVE_AT_MOST),
  lookAlike('N15', 'a lone host with a period of 500 ms and state 3', loneHost),
  lookAlike('N16', 'multicast mode: the switch hides a member’s beats', () => hiddenByTheSwitch('multicast')),
  lookAlike('N16-igmp', 'IGMP mode: the switch hides a member’s beats', () => hiddenByTheSwitch('igmp')),
  lookAlike('N-split', 'a member whose beats no longer come through serves on', splitCluster),
  lookAlike('N-power-cut', 'all members lose their power', powerCut),
];
