/**
 * Every threshold just below, at and above the value that decides a tier (rules 0.5 and 7). Where the text leaves open
 * from which of two packets a time runs, both have the same time stamp, so that every reading comes to the same.
 */
import type { Expectation, Host, Scenario, Script } from '../../../samples/craft/index.ts';
import {
  EXPECT,
  GATEWAY,
  RULE,
  Segment,
  X,
  announceByReply,
  ntAnnounce,
  ntHost,
  ntPair,
} from './segment-scenarios.ts';
import { rarp, routedPing, unixHost } from './segment-scenarios.ts';

const { definitive, strong, suggestive, silent, notice } = EXPECT;

/** An owner of NT and a newcomer of Unix: two IP stacks by their initial TTL. */
function twoStacks(): { owner: Host; newcomer: Host } {
  return { owner: ntHost('00:60:97:11:22:33'), newcomer: unixHost('00:a0:c9:44:55:66') };
}

/** (a): the owner's answer comes so late. */
function answerSeconds(delay: number): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().asks(3, owner).pings(owner, 3.1, 73.1, 10);
  segment
    .send(80, () => ntAnnounce(newcomer), 'claim')
    .send(80 + delay, () => owner.arpReply(newcomer), 'defence');
  return segment.pings(owner, 85, 155, 10).end(160);
}

/** (a): the owner's next own packet comes so late. */
function aliveSeconds(delay: number): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().asks(3, owner).pings(owner, 3.1, 73.1, 10);
  segment.send(80, () => ntAnnounce(newcomer), 'claim').send(80, () => owner.arpReply(newcomer), 'defence');
  return segment.pings(owner, 80 + delay, 80 + delay, 1).end(160);
}

/** A B A: the newcomer's next packet comes so late after the owner's return. */
function aliveAfterReturn(delay: number): Script {
  const { owner, newcomer } = twoStacks();
  const segment = new Segment().asks(70, owner).pings(owner, 71, 81, 5);
  segment.sendEach([110, 112], () => newcomer.announce(), 'claim').pings(newcomer, 115, 125, 5);
  segment.asks(200, owner, 'return').pings(owner, 205, 235, 5);
  return segment.pings(newcomer, 200 + delay, 200 + delay, 1).end(280);
}

/** So many switches, 5 s apart, of two stacks at work. */
function switches(count: number): Script {
  const { owner, newcomer } = twoStacks();
  const segment = new Segment().asks(70, owner);
  for (let index = 1; index <= count; index += 1) {
    const marks = [undefined, 'claim', 'return'];
    segment.asks(70 + index * 5, index % 2 === 1 ? newcomer : owner, marks[index]);
  }
  return segment.pings(owner, 71, 121, 2).pings(newcomer, 76, 126, 2).end(160);
}

/** Three switches, the third so long after the first, which comes with the owner's own claim. */
function switchSeconds(span: number): Script {
  const { owner, newcomer } = twoStacks();
  const segment = new Segment();
  segment.send(80, () => owner.arpRequest(GATEWAY)).send(80, () => newcomer.arpRequest(GATEWAY), 'claim');
  segment
    .send(95, () => owner.arpRequest(GATEWAY), 'return')
    .send(80 + span, () => newcomer.arpRequest(GATEWAY), 'third');
  return segment.pings(owner, 81, 125, 4).pings(newcomer, 83, 127, 4).end(160);
}

/** A host that always announces itself against a printer that only answers: so many answers within 30 s. */
function defences(count: number): Script {
  const printer = unixHost('00:10:83:2a:90:0c');
  const newcomer = ntHost('00:a0:c9:44:55:66', X, 0x9800);
  const segment = new Segment().answers(5, printer);
  for (const [index, at] of [80, 95].entries()) {
    segment.send(at, () => ntAnnounce(newcomer), 'claim');
    if (index < count) segment.send(at + 0.0006, () => printer.arpReply(newcomer), 'defence');
  }
  return segment.pings(newcomer, 97, 155, 5).end(160);
}

/** (c): so many unannounced switches, 700 s apart, of two stacks at work. */
function slowSwitches(count: number): Script {
  const { owner, newcomer } = twoStacks();
  const segment = new Segment();
  for (let index = 0; index <= count; index += 1) {
    const host = index % 2 === 0 ? owner : newcomer;
    segment.asks(70 + index * 700, host, 'claim').pings(host, 71 + index * 700, 81 + index * 700, 2);
  }
  return segment.end(150 + count * 700);
}

/** (c): four switches, the fourth so long after the first, which comes with the owner's own claim. */
function slowSeconds(span: number): Script {
  const { owner, newcomer } = twoStacks();
  const segment = new Segment();
  const claims = [
    [70, owner],
    [70, newcomer],
    [1270, owner],
    [2470, newcomer],
    [70 + span, owner],
  ] as const;
  for (const [at, host] of claims) segment.send(at, () => host.arpRequest(GATEWAY), 'claim');
  segment.pings(owner, 71, 79, 2).pings(newcomer, 72, 80, 2).pings(owner, 1271, 1279, 2);
  segment.pings(newcomer, 2471, 2479, 2).pings(owner, 71 + span, 79 + span, 2);
  return segment.end(150 + span);
}

/** (c) of two stacks alike: the only sign is an announcement so long after the other's claim. */
function defendSeconds(delay: number): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment();
  const quiet = [
    [70, owner],
    [770, newcomer],
    [1500, newcomer],
    [2210, owner],
    [2920, newcomer],
    [3630, owner],
  ] as const;
  for (const [at, host] of quiet)
    segment.send(at, () => host.arpRequest(GATEWAY), 'claim').pings(host, at + 1, at + 9, 2);
  return segment.send(770 + delay, () => ntAnnounce(owner), 'defence').end(3700);
}

/** A B A: the owner returns so long after its last claim; the newcomer claimed a second after that. */
function returnSeconds(span: number): Script {
  const { owner, newcomer } = twoStacks();
  const segment = new Segment().send(70, () => owner.arpRequest(GATEWAY), 'owner').pings(owner, 71, 91, 5);
  segment.send(71, () => newcomer.announce(), 'claim').pings(newcomer, 75, 700, 15);
  segment.send(70 + span, () => owner.arpRequest(GATEWAY), 'return').pings(owner, 71 + span, 91 + span, 5);
  return segment.pings(newcomer, 705, 745, 5).end(760);
}

/** One request; one answer at once, one from another adapter so many milliseconds later. */
function doubleAnswerMillis(delay: number): Script {
  const { owner, newcomer } = twoStacks();
  const answers = [
    [owner, 0],
    [newcomer, delay / 1000],
  ] as const;
  return new Segment().asked(80, X, answers, 'answer').end(160);
}

/**
 * Two adapters of one batch (equal OUI and fourth byte) answer requests, the second so many milliseconds later, so often.
 * Both send with X under counters of their own, so that but for flux this is a strong A B A.
 */
function flux(delay: number, count: number): Script {
  const first = ntHost('00:25:90:31:07:a0');
  const second = ntHost('00:25:90:31:07:a1', X, 0x9800);
  const segment = new Segment();
  for (let index = 0; index < count; index += 1) {
    const answers = [
      [first, 0],
      [second, delay / 1000],
    ] as const;
    segment.asked(70 + index * 40, X, answers, 'answer');
  }
  return segment
    .pings(first, 71, 71 + count * 40, 4)
    .pings(second, 73, 73 + count * 40, 4)
    .end(110 + count * 40);
}

/** The router answers the announcements of so many starting hosts. */
function proxyOthers(count: number): Script {
  const mac = '00:c0:7b:6e:10:01';
  const router = unixHost(mac, GATEWAY);
  const segment = new Segment().asks(1, router).pings(router, 4, 214, 10);
  for (let index = 0; index < count; index += 1) {
    const host = ntHost(`00:60:97:31:00:3${index}`, `10.0.0.${31 + index}`, 0x900 * (index + 1));
    segment.send(80 + index * 25, () => ntAnnounce(host), 'claim');
    segment.send(80.0008 + index * 25, () => unixHost(mac, host.ip).arpReply(host), 'defence');
  }
  return segment.end(220);
}

/** A host announces X and works on; the router answers, and answers ordinary requests for so many hosts now switched off. */
function proxyExcuse(others: readonly string[], knownBefore: boolean): Script {
  const mac = '00:c0:7b:6e:10:01';
  const router = unixHost(mac, GATEWAY);
  const host = ntHost('00:a0:c9:44:55:66', X, 0x9800);
  const segment = new Segment().asks(1, router).pings(router, 4, 194, 10);
  for (const [index, ip] of others.entries()) {
    const off = ntHost(`00:60:08:31:00:4${index}`, ip, 0x700 * (index + 1));
    if (knownBefore) segment.asks(6 + index, off).pings(off, 8 + index, 20, 4);
    segment.asked(100 + index * 10, ip, [[unixHost(mac, ip), 0.0008]]);
  }
  segment
    .send(80, () => ntAnnounce(host), 'claim')
    .send(80.0008, () => unixHost(mac, X).arpReply(host), 'defence');
  for (let at = 90; at < 190; at += 20)
    segment.send(at, () => routedPing(mac, '198.51.100.9', segment.peer, 57, at));
  return segment.pings(host, 85, 195, 5).end(200);
}

/** Two stacks at work as in D4, and so many claimants of X in all. */
function claimants(count: number): Script {
  const { owner, newcomer } = twoStacks();
  const segment = new Segment();
  for (let index = 2; index < count; index += 1) {
    const other = unixHost(`00:0${index}:5b:10:20:30`, X, 0x500 * index);
    segment.send(20 + index * 5, () => other.arpRequest(GATEWAY));
  }
  segment
    .asks(80, owner)
    .asks(85, newcomer, 'claim')
    .asks(90, owner, 'return')
    .asks(95, newcomer)
    .asks(100, owner);
  return segment.pings(owner, 81, 131, 2).pings(newcomer, 86, 132, 2).end(160);
}

/** The owner returns by a request and announces itself so long after. */
function announceSeconds(delay: number): Script {
  const { owner, newcomer } = twoStacks();
  const segment = new Segment().asks(70, owner).pings(owner, 71, 91, 5);
  segment.sendEach([120, 122], () => newcomer.announce(), 'claim').pings(newcomer, 125, 245, 5);
  segment.asks(200, owner, 'return').send(200 + delay, () => owner.announce());
  return segment.pings(owner, 206, 246, 5).end(260);
}

/** The owner returns by a request, so long after a RARP for its MAC. */
function announceBefore(delay: number): Script {
  const { owner, newcomer } = twoStacks();
  const segment = new Segment().asks(70, owner).pings(owner, 71, 91, 5);
  segment.sendEach([120, 122], () => newcomer.announce(), 'claim').pings(newcomer, 125, 245, 5);
  segment.send(200 - delay, () => rarp(owner.mac)).asks(200, owner, 'return');
  return segment.pings(owner, 206, 246, 5).end(260);
}

/** One address in the whole capture, claimed once, and so much of other hosts' traffic after that. */
function observeSeconds(span: number): Script {
  const host = ntHost('00:60:97:11:22:33');
  const segment = new Segment().send(1, () => host.announce());
  const routed = (at: number): Uint8Array =>
    routedPing('00:04:9a:10:00:03', '198.51.100.9', segment.peer, 57, 100 + Math.floor(at));
  for (let at = 2; at < 1 + span; at += 1) segment.send(at, () => routed(at));
  return segment.send(1 + span, () => routed(1 + span)).quiet();
}

/** An answer to an announcement that is itself a broadcast announcement by reply: no defence. */
function broadcastAnswer(unicast: boolean): Script {
  const { owner, newcomer } = ntPair();
  const segment = new Segment().asks(3, owner).pings(owner, 3.1, 73.1, 10);
  segment.send(80, () => ntAnnounce(newcomer), 'claim');
  segment.send(80.0004, () => (unicast ? owner.arpReply(newcomer) : announceByReply(owner)), 'answer');
  return segment.pings(owner, 85, 155, 10).end(160);
}

interface Case {
  readonly name: string;
  readonly expect: Expectation;
  readonly build: () => Script;
}

/** A case with the frames that must be cited. */
function when(name: string, expect: Expectation, build: () => Script, cites: readonly string[] = []): Case {
  return { name, expect: expect.findings + (expect.notices ?? 0) > 0 ? { ...expect, cites } : expect, build };
}

const claimAndDefence = ['claim', 'defence'] as const;
const claimAndReturn = ['claim', 'return'] as const;

const cases: readonly Case[] = [
  when('answerSeconds-below', definitive, () => answerSeconds(0.999), claimAndDefence),
  when('answerSeconds-at', definitive, () => answerSeconds(1), claimAndDefence),
  when('answerSeconds-above', silent, () => answerSeconds(1.001)),
  when('aliveSeconds-below', definitive, () => aliveSeconds(59.9), claimAndDefence),
  when('aliveSeconds-at', definitive, () => aliveSeconds(60), claimAndDefence),
  when('aliveSeconds-above', suggestive, () => aliveSeconds(60.1), claimAndDefence),
  when('aliveSeconds-return-below', strong, () => aliveAfterReturn(59.9), claimAndReturn),
  when('aliveSeconds-return-at', strong, () => aliveAfterReturn(60), claimAndReturn),
  when('aliveSeconds-return-above', silent, () => aliveAfterReturn(60.1)),
  when('switches-below', strong, () => switches(2), claimAndReturn),
  when('switches-at', definitive, () => switches(3), claimAndReturn),
  when('switches-above', definitive, () => switches(4), claimAndReturn),
  when('switchSeconds-below', definitive, () => switchSeconds(29.9), ['claim', 'return', 'third']),
  when('switchSeconds-at', definitive, () => switchSeconds(30), ['claim', 'return', 'third']),
  when('switchSeconds-above', strong, () => switchSeconds(30.1), claimAndReturn),
  when('defences-below', suggestive, () => defences(1), claimAndDefence),
  when('defences-at', definitive, () => defences(2), claimAndDefence),
  when('slowSwitches-below', silent, () => slowSwitches(3)),
  when('slowSwitches-at', definitive, () => slowSwitches(4), ['claim']),
  when('slowSwitches-above', definitive, () => slowSwitches(5), ['claim']),
  when('slowSeconds-below', definitive, () => slowSeconds(3599.9), ['claim']),
  when('slowSeconds-at', definitive, () => slowSeconds(3600), ['claim']),
  when('slowSeconds-above', silent, () => slowSeconds(3600.1)),
  when('defendSeconds-below', definitive, () => defendSeconds(9.9), claimAndDefence),
  when('defendSeconds-at', definitive, () => defendSeconds(10), claimAndDefence),
  when('defendSeconds-above', silent, () => defendSeconds(10.1)),
  when('returnSeconds-below', strong, () => returnSeconds(599.9), ['owner', 'claim', 'return']),
  when('returnSeconds-at', strong, () => returnSeconds(600), ['owner', 'claim', 'return']),
  when('returnSeconds-above', silent, () => returnSeconds(601.1)),
  when('doubleAnswerMillis-below', suggestive, () => doubleAnswerMillis(499.9), ['answer']),
  when('doubleAnswerMillis-at', suggestive, () => doubleAnswerMillis(500), ['answer']),
  when('doubleAnswerMillis-above', silent, () => doubleAnswerMillis(500.1)),
  when('fluxMillis-below', suggestive, () => flux(9.9, 4), ['answer']),
  when('fluxMillis-at', suggestive, () => flux(10, 4), ['answer']),
  // Adapters of one make that only ever answer the same requests: fewer answers are not more proof.
  when('fluxMillis-above', suggestive, () => flux(10.1, 4), ['answer']),
  when('fluxAnswers-below', suggestive, () => flux(0.4, 2), ['answer']),
  when('fluxAnswers-at', suggestive, () => flux(0.4, 3), ['answer']),
  when('fluxAnswers-above', suggestive, () => flux(0.4, 4), ['answer']),
  when('proxyOthers-below', definitive, () => proxyOthers(1), claimAndDefence),
  when('proxyOthers-at', notice, () => proxyOthers(2), ['defence']),
  when('proxyOthers-above', notice, () => proxyOthers(3), ['defence']),
  when('proxyOthers-replies-below', definitive, () => proxyExcuse(['10.0.0.41'], true), claimAndDefence),
  when('proxyOthers-replies-at', silent, () => proxyExcuse(['10.0.0.41', '10.0.0.42'], true)),
  when('proxyOthers-replies-above', silent, () => proxyExcuse(['10.0.0.41', '10.0.0.42', '10.0.0.43'], true)),
  when('proxyOthers-never-seen', silent, () => proxyExcuse(['10.0.0.99'], false)),
  when('bondMacs-below', definitive, () => claimants(7), claimAndReturn),
  when('bondMacs-at', definitive, () => claimants(8), claimAndReturn),
  when('bondMacs-above', silent, () => claimants(9)),
  when('announceSeconds-below', notice, () => announceSeconds(2.9), claimAndReturn),
  when('announceSeconds-at', notice, () => announceSeconds(3), claimAndReturn),
  when('announceSeconds-above', strong, () => announceSeconds(3.1), claimAndReturn),
  when('announceSeconds-before-below', notice, () => announceBefore(2.9), claimAndReturn),
  when('announceSeconds-before-at', notice, () => announceBefore(3), claimAndReturn),
  when('announceSeconds-before-above', strong, () => announceBefore(3.1), claimAndReturn),
  when('observeSeconds-below', { verdict: 'inconclusive', findings: 0, notices: 0 }, () =>
    observeSeconds(59.9),
  ),
  when('observeSeconds-at', silent, () => observeSeconds(60)),
  when('observeSeconds-above', silent, () => observeSeconds(60.1)),
  when('defence-unicast', definitive, () => broadcastAnswer(true), ['claim', 'answer']),
  when('defence-broadcast', notice, () => broadcastAnswer(false), ['claim', 'answer']),
];

export const thresholdCases: readonly Scenario[] = cases.map(({ name, expect, build }) => ({
  name,
  title: name.replaceAll('-', ' '),
  rule: RULE,
  expect,
  build,
}));
