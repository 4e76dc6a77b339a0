/**
 * Every threshold of the changed source (M1) just below, at and above the value that decides a tier (rules 3.2, 3.3 and 7).
 * Where the text leaves open from which of two packets a time runs, the other reading comes to the same.
 */
import type { Expectation, Mac, Scenario, Script } from '../../../samples/craft/index.ts';
import {
  X,
  ntAnnounce,
  ntHost,
  rarp,
  routedPing,
  sentBy,
  unixHost,
} from '../q120599-duplicate-ip-address/segment-scenarios.ts';
import { changed, fromTheStart, staleFromB, withoutArp } from './positive-scenarios.ts';
import {
  END_SECONDS,
  EXPECT,
  FileSession,
  MAC_A,
  MAC_B,
  MAC_DECNET,
  NOT_JUDGED,
  RULE,
  Stage,
  every,
  isBroadcastArp,
  onlyFrames,
} from './stage-scenarios.ts';

const { definitive, strong, suggestive, silent } = EXPECT;

/** X from A at these times alone, an announcement first; then as P1. B is local, so "from the first sighting" is none. */
function before(times: readonly number[]): Script {
  const stage = new Stage({ macB: MAC_DECNET });
  const [first = 1, ...others] = times;
  stage.send(first, () => ntAnnounce(stage.x)).broadcasts(others);
  staleFromB(stage, new FileSession(stage, 1042));
  return stage.end(END_SECONDS);
}

/** The last frame from A comes right before the first from B. */
function beforeSpan(span: number): Script {
  return before([20.99 - span, 20.99 - span / 2, 20.99]);
}

interface QuietFields {
  readonly macB?: Mac;
  /** Requests under B with A inside, for a station that is off. */
  readonly stale?: readonly number[];
  /** Other frames of X under B. */
  readonly others?: readonly number[];
}

/** As P4: healthy up to 20 s, then stale sender MACs and broadcasts alone. */
function quiet({
  macB = MAC_B,
  stale = [21, 24, 30, 41],
  others = [22.5, 24.5, 25.5, 26.2, 33],
}: QuietFields) {
  const stage = new Stage({ macB });
  stage.healthy().closes(19.9);
  return stage.asksInVain(stale).broadcasts(others, macB);
}

/** As P4, and pings to A without an answer, by turns from so many stations. */
function pinged(times: readonly number[], stations = 2, fields: QuietFields = {}): Script {
  const stage = quiet(fields);
  const third = unixHost('00:50:04:2c:77:13', '10.0.0.13', 0x4d00);
  const from = [stage.peer, stage.reader, third].slice(0, stations);
  for (const [index, at] of times.entries()) {
    stage.pinging([at], from[index % stations] ?? stage.peer, stage.x.mac, null, 'unanswered');
  }
  return stage.end(END_SECONDS);
}

/** As P4, and one request of an open session sent again so many times. */
function retransmitted(times: readonly number[]): Script {
  const stage = new Stage();
  const session = stage.healthy();
  stage.asksInVain([21, 24, 30, 41]).broadcasts([22.5, 25.5, 26.2, 29, 33], stage.macB);
  session.repeats(times, session.pushes(23, 'client', 90, 'unanswered'), 'unanswered');
  return stage.end(END_SECONDS);
}

/** P1 with a RARP for B so long after its first frame. */
function announced(delay: number): Script {
  const stage = changed();
  return stage.send(21 + delay, () => rarp(stage.macB)).end(END_SECONDS);
}

/** P3 with a RARP for B so long after its first frame. */
function announcedLate(delay: number): Script {
  const stage = withoutArp().othersAsk([18, 27]);
  return stage.send(21 + delay, () => rarp(stage.macB)).end(END_SECONDS);
}

/** P3 at 100 s, and from a minute before to 12 s after it one broadcast ARP request alone, so long after the change. */
function broadcastSeen(delay: number): Script {
  const change = 100;
  const stage = withoutArp(change - 21).othersAsk([change + delay]);
  return onlyFrames(stage.end(250), (frame, seconds) => {
    const inQuestion = seconds > change - 70 && seconds < change + 12;
    const isOurs = Math.abs(seconds - change - delay) < 1e-6;
    return !isBroadcastArp(frame) || !inQuestion || isOurs;
  });
}

/** P1, and a ping to A so long after the change, answered under B. */
function answeredEarly(delay: number): Script {
  const stage = changed();
  return stage.pinging([21 + delay], stage.peer, stage.x.mac, stage.macB).end(END_SECONDS);
}

/** P1, and a segment of another session to A, acknowledged under B so much later. */
function acknowledged(delay: number): Script {
  const stage = new Stage();
  const session = new FileSession(stage, 1050, stage.reader).opens(16);
  staleFromB(stage, stage.healthy());
  session.pushes(31, 'client', 90);
  session.acknowledges(31 + delay, 'server', stage.macB);
  return stage.end(END_SECONDS);
}

/** P1, and a ping to A, answered under B so much later. */
function echoed(delay: number): Script {
  const stage = changed();
  return stage.pinging([31], stage.peer, stage.x.mac, stage.macB, undefined, delay).end(END_SECONDS);
}

/** P1, and after an ARP reply to A a datagram to who sent it: X has heard it. */
function resolved(): Script {
  const stage = changed();
  const { x, gateway, macB } = stage;
  return stage.send(30.4, () => x.ping(gateway, 9, { sourceMac: macB })).end(END_SECONDS);
}

/** P6, and other stations under the same source with their own MACs inside. */
function bridged(others: number): Script {
  const stage = fromTheStart();
  for (let index = 1; index < others; index += 1) {
    const station = unixHost(`00:60:97:4${index}:00:01`, `10.0.0.${60 + index}`, 0x900 * index);
    for (const at of [2, 20, 50]) {
      stage.send(at + index * 0.2, () => sentBy(stage.macB, station.arpRequest('10.0.0.44')));
    }
  }
  return stage.end(END_SECONDS);
}

/** B looks like an NLB source of X; so many frames come from it. */
function maskedSource(frames: number): Script {
  const others = every(22.5, 22.5 + (frames - 5) * 1.5, 1.5);
  return pinged([23, 26, 29], 2, { macB: '02:01:0a:00:00:14', others });
}

/** One address in the whole capture, in ARP and IPv4, first and last seen so far apart. */
function judged(span: number): Script {
  const host = ntHost(MAC_A, X);
  const stage = new Stage({ host });
  const routed = (at: number): Uint8Array =>
    routedPing('00:04:9a:10:00:03', '198.51.100.9', stage.peer, 57, 100 + Math.floor(at));
  for (const at of [1, 21, 41, 1 + span]) {
    stage.send(at, () => host.announce()).send(at, () => host.ping(stage.peer, Math.floor(at)));
  }
  for (const at of every(0.5, span, 1)) stage.send(at, () => routed(at));
  return stage.quiet();
}

interface Case {
  readonly name: string;
  readonly expect: Expectation;
  readonly build: () => Script;
}

const when = (name: string, expect: Expectation, build: () => Script): Case => ({ name, expect, build });

const cases: readonly Case[] = [
  when('beforeFrames-below', silent, () => before([5, 8])),
  when('beforeFrames-at', definitive, () => before([5, 8, 11])),
  when('beforeFrames-above', definitive, () => before([5, 8, 11, 14])),
  when('beforeSpanSeconds-below', silent, () => beforeSpan(0.9)),
  when('beforeSpanSeconds-at', definitive, () => beforeSpan(1)),
  when('beforeSpanSeconds-above', definitive, () => beforeSpan(1.1)),
  when('phaseFrames-below', silent, () => quiet({ stale: [21, 27], others: [] }).end(END_SECONDS)),
  when('phaseFrames-at', strong, () => quiet({ stale: [21, 27], others: [24] }).end(END_SECONDS)),
  when('phaseFrames-above', strong, () => quiet({ stale: [21, 27], others: [24, 25] }).end(END_SECONDS)),
  when('phaseSeconds-below', silent, () => quiet({ stale: [21, 23, 25.9], others: [] }).end(END_SECONDS)),
  when('phaseSeconds-at', strong, () => quiet({ stale: [21, 23, 26], others: [] }).end(END_SECONDS)),
  when('phaseSeconds-above', strong, () => quiet({ stale: [21, 23, 26.1], others: [] }).end(END_SECONDS)),
  when('announceSeconds-before-below', silent, () => announced(-2.9)),
  when('announceSeconds-before-at', silent, () => announced(-3)),
  when('announceSeconds-below', silent, () => announced(2.9)),
  when('announceSeconds-at', silent, () => announced(3)),
  when('announceSeconds-above', definitive, () => announced(3.1)),
  when('noAnnounceSeconds-below', silent, () => announcedLate(9.9)),
  when('noAnnounceSeconds-at', silent, () => announcedLate(10)),
  when('noAnnounceSeconds-above', strong, () => announcedLate(10.1)),
  when('arpBeforeSeconds-below', strong, () => broadcastSeen(-59.9)),
  when('arpBeforeSeconds-at', strong, () => broadcastSeen(-60)),
  when('arpBeforeSeconds-above', silent, () => broadcastSeen(-60.1)),
  when('arpBeforeSeconds-end-below', strong, () => broadcastSeen(9.9)),
  when('arpBeforeSeconds-end-at', strong, () => broadcastSeen(10)),
  when('arpBeforeSeconds-end-above', silent, () => broadcastSeen(10.1)),
  // "After" the settling: a frame right at its end is either, and not tried.
  when('settleSeconds-below', strong, () => pinged([21.9, 25, 29])),
  when('settleSeconds-above', definitive, () => pinged([22.1, 25, 29])),
  when('settleSeconds-answered-below', definitive, () => answeredEarly(0.9)),
  when('settleSeconds-answered-above', silent, () => answeredEarly(1.1)),
  when('ackSeconds-below', silent, () => acknowledged(2.9)),
  when('ackSeconds-at', silent, () => acknowledged(3)),
  when('ackSeconds-above', definitive, () => acknowledged(3.1)),
  when('echoSeconds-below', silent, () => echoed(1.9)),
  when('echoSeconds-at', silent, () => echoed(2)),
  when('echoSeconds-above', definitive, () => echoed(2.1)),
  when('answered-arp', silent, resolved),
  when('staleFrames-below', strong, () => pinged([23, 29])),
  when('staleFrames-at', definitive, () => pinged([23, 26, 29])),
  when('staleFrames-above', definitive, () => pinged([23, 25, 27, 29])),
  when('unansweredSpanSeconds-below', strong, () => pinged([23, 25, 27.9])),
  when('unansweredSpanSeconds-at', definitive, () => pinged([23, 25, 28])),
  when('unansweredSpanSeconds-above', definitive, () => pinged([23, 25, 28.1])),
  when('unansweredFlows-below', strong, () => pinged([23, 25, 27, 29], 1)),
  when('unansweredFlows-at', definitive, () => pinged([23, 25, 27, 29], 2)),
  when('unansweredFlows-above', definitive, () => pinged([23, 25, 27, 29], 3)),
  when('flowRetransmits-below', strong, () => retransmitted([24, 30])),
  when('flowRetransmits-at', definitive, () => retransmitted([24, 26, 30])),
  when('flowRetransmits-above', definitive, () => retransmitted([24, 26, 30, 38])),
  when('aliveFrames-below', strong, () => pinged([30, 33, 37], 2, { stale: [21, 22], others: [27, 31, 35] })),
  when('aliveFrames-at', definitive, () =>
    pinged([30, 33, 37], 2, { stale: [21, 22], others: [27, 31, 33.5, 35] }),
  ),
  when('aliveFrames-above', definitive, () =>
    pinged([30, 33, 37], 2, { stale: [21, 22], others: [27, 31, 33.5, 35, 36] }),
  ),
  when('staleShaFrames-below', silent, () => quiet({ stale: [21] }).end(END_SECONDS)),
  when('staleShaFrames-at', strong, () => quiet({ stale: [21, 24] }).end(END_SECONDS)),
  when('staleShaFrames-above', strong, () => quiet({ stale: [21, 24, 30] }).end(END_SECONDS)),
  // With proof, one stale sender MAC is enough.
  when('staleShaFrames-proof', definitive, () => pinged([23, 26, 29], 2, { stale: [21] })),
  when('staleShaFrames-proof-none', strong, () => withoutArp().othersAsk([18, 27]).end(END_SECONDS)),
  when('nlbFrames-below', definitive, () => maskedSource(9)),
  when('nlbFrames-at', silent, () => maskedSource(10)),
  when('nlbFrames-above', silent, () => maskedSource(11)),
  when('bridgeAddresses-below', suggestive, () => bridged(1)),
  when('bridgeAddresses-at', silent, () => bridged(2)),
  when('bridgeAddresses-above', silent, () => bridged(3)),
  when('universal-b', silent, () => fromTheStart({ macB: MAC_DECNET }).end(END_SECONDS)),
  when('universal-a', silent, () => fromTheStart({ macA: MAC_DECNET }).end(END_SECONDS)),
  when('judgeSeconds-below', NOT_JUDGED, () => judged(59.9)),
  when('judgeSeconds-at', silent, () => judged(60)),
  when('judgeSeconds-above', silent, () => judged(60.1)),
];

export const changeThresholds: readonly Scenario[] = cases.map(({ name, expect, build }) => ({
  name,
  title: name.replaceAll('-', ' '),
  rule: RULE,
  expect,
  build,
}));
