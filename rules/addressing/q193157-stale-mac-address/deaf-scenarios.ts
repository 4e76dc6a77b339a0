/**
 * The second shape of the fault (M2): X writes A everywhere, and the adapter takes no unicast to A any more. And its
 * look-alikes: hosts that repeat an ARP request though they are answered, and hosts that cannot be reached, for other reasons.
 */
import { ENCODINGS } from '../../../samples/craft/index.ts';
import type { Host, Scenario, Script } from '../../../samples/craft/index.ts';
import { ntAnnounce, ntHost, unixHost } from '../q120599-duplicate-ip-address/segment-scenarios.ts';
import { END_SECONDS, EXPECT, FileSession, RULE, Stage, every, lookAlike } from './stage-scenarios.ts';

const { strong, suggestive, silent } = EXPECT;

export interface DeafFields {
  /** How often X's ARP worked before; five times at most. */
  readonly history?: number;
  /** Times of the identical requests. */
  readonly requests?: readonly number[];
  /** Their answers come so late. */
  readonly replySeconds?: number;
  /** X still hears broadcasts: it answers a request at 44 s. */
  readonly hears?: boolean;
}

/** The station X asks for in vain. X has no other traffic with it. */
export function wanted(): Host {
  return unixHost('00:50:04:2c:77:12', '10.0.0.12', 0x2d00);
}

/** ARP that worked: two answers of X, then three requests that were answered and not repeated. */
function worked(stage: Stage, times: number): void {
  const { peer, reader, gateway } = stage;
  const turns = [
    () => stage.askedBy(1, peer),
    () => stage.askedBy(1.5, reader),
    () => stage.asksFor(5, peer),
    () => stage.asksFor(8, reader),
    () => stage.asksFor(11, gateway),
  ];
  for (const turn of turns.slice(0, times)) turn();
}

/** X from 0.5 to 27 s: announced, ARP as it should be, pings and a file session answered. */
export function hearing(history = 5): { stage: Stage; session: FileSession } {
  const stage = new Stage();
  stage.send(0.5, () => ntAnnounce(stage.x));
  worked(stage, history);
  stage.pinging(every(12, 20, 1), stage.reader, stage.x.mac, stage.x.mac);
  const session = new FileSession(stage, 1042).opens(13);
  for (const at of [13.2, 16, 19.5, 23, 26]) session.reads(at);
  return { stage, session };
}

/** Two flows to A that get no answer, from 38 to 50 s, while X repeats its own segment and broadcasts. */
export function deafTo(stage: Stage, session: FileSession): void {
  const answer = session.pushes(37.5, 'server', 600);
  session.acknowledges(37.5006, 'client');
  const request = session.pushes(38.2, 'client', 90, 'unanswered');
  session.repeats([39.1, 40.9, 44.5], request, 'unanswered');
  for (const at of [38.3, 39.9, 43.1, 49.5]) {
    session.repeats([at], answer);
    session.acknowledges(at + 0.0006, 'client');
  }
  stage.pinging(every(38, 50, 2), stage.reader, stage.x.mac, null, 'unanswered');
  stage.broadcasts([35, 42.3, 47, 60, 80, 100]);
}

export function deaf(fields: DeafFields = {}): Script {
  const { stage, session } = hearing(fields.history);
  const target = wanted();
  for (const at of fields.requests ?? [30, 33, 36, 39]) {
    stage.send(at, () => stage.x.arpRequest(target.ip), 'request');
    stage.send(at + (fields.replySeconds ?? 0.0003), () => target.arpReply(stage.x), 'reply');
  }
  deafTo(stage, session);
  if (fields.hears !== false) stage.askedBy(44, stage.gateway, stage.x.mac, 'hears');
  return stage.end(END_SECONDS);
}

/** The answers go elsewhere: an ordinary switch port shows X's broadcasts and what the peers flood. */
function repliesUnseen(): Script {
  const { stage, session } = hearing();
  const target = wanted();
  stage.sendEach([30, 33, 36, 39], () => stage.x.arpRequest(target.ip));
  deafTo(stage, session);
  return stage.askedBy(44, stage.gateway).end(END_SECONDS);
}

/**
 * A server watches its link by ARP (bonding's arp_interval): the same request every second, always answered. Its firewall
 * drops the pings of two monitors; the web goes on.
 */
function arpMonitor(): Script {
  const server = unixHost('00:25:90:31:07:a0', '10.0.0.20', 0x7a00);
  const stage = new Stage({ host: server });
  stage.send(0.5, () => server.announce()).askedBy(1, stage.peer);
  for (const at of every(2, 120, 1)) stage.asksFor(at, stage.gateway);
  const monitor = ntHost('00:50:04:2c:77:13', '10.0.0.13', 0x4d00);
  stage.pinging(every(20, 100, 2), stage.reader, server.mac, null);
  stage.pinging(every(21, 101, 2), monitor, server.mac, null);
  const session = new FileSession(stage, 49_152, stage.peer, 443).opens(5);
  for (const at of every(6, 110, 3)) session.reads(at + 0.4);
  return stage.askedBy(44, stage.reader).end(END_SECONDS);
}

/** A host asks a silent gateway again and again: no answers, nothing to hear. */
function gatewayGone(): Script {
  const { stage, session } = hearing();
  for (const at of every(30, 60, 3)) stage.send(at, () => stage.x.arpRequest('10.0.0.254'));
  for (const at of every(31, 90, 4)) session.reads(at);
  return stage.askedBy(44, stage.gateway).end(END_SECONDS);
}

/** Linux confirms a neighbour by request (RFC 4861's way): the same one every 25 s, answered, traffic flowing. */
function reachability(): Script {
  const server = unixHost('00:25:90:31:07:a0', '10.0.0.20', 0x7a00);
  const stage = new Stage({ host: server });
  stage.send(0.5, () => server.announce()).askedBy(1, stage.peer);
  for (const at of every(4, 150, 8)) stage.asksFor(at, stage.peer);
  const session = new FileSession(stage, 49_153, stage.peer, 443).opens(2);
  for (const at of every(3, 150, 6)) session.reads(at + 0.5);
  return stage.end(END_SECONDS);
}

/** The radio loses half of what goes to a phone: requests repeated, segments sent twice, and answered in the end. */
function lossyRadio(): Script {
  const phone = unixHost('a4:5e:60:c1:20:07', '10.0.0.20', 0x5500);
  const stage = new Stage({ host: phone });
  stage.send(0.5, () => phone.announce());
  for (const at of [1, 4, 7, 11]) stage.askedBy(at, stage.reader);
  for (const at of [30, 31, 33, 60, 61, 62.5]) stage.asksFor(at, stage.gateway);
  const session = new FileSession(stage, 49_154, stage.peer, 5223).opens(13);
  for (const at of every(14, 140, 9)) {
    const lost = session.pushes(at, 'client', 120);
    session.repeats([at + 0.3, at + 0.9], lost);
    session.acknowledges(at + 0.92, 'server');
  }
  stage.pinging([35, 37, 39], stage.reader, phone.mac, null);
  stage.pinging([36, 38, 40], stage.reader, phone.mac, phone.mac, undefined, 0.18);
  return stage.askedBy(44, stage.gateway).end(END_SECONDS);
}

export const deafs = [
  {
    name: 'P5',
    title: 'A everywhere, and unicast to A is not heard any more',
    rule: RULE,
    expect: { ...strong, cites: ['request', 'unanswered'] },
    build: () => deaf(),
    encodings: [ENCODINGS.pcapNano, ENCODINGS.vlan, ENCODINGS.pcapngTwoSections],
  },
  {
    name: 'P5-unheard',
    title: 'as P5; no broadcast request for X shows that it hears broadcasts',
    rule: RULE,
    expect: { ...suggestive, cites: ['request', 'unanswered'] },
    build: () => deaf({ hears: false }),
    encodings: [ENCODINGS.qinq],
  },
] as const satisfies readonly Scenario[];

export const deafLookAlikes: readonly Scenario[] = [
  lookAlike('N-deaf-unseen', 'identical requests whose answers this port does not show', repliesUnseen),
  lookAlike('N-arp-monitor', 'a bond’s ARP monitor behind a firewall that drops pings', arpMonitor, {
    encodings: [ENCODINGS.vlan],
  }),
  lookAlike('N-gateway-gone', 'a host asks for a gateway that is not there', gatewayGone),
  lookAlike('N-reachability', 'the same request every few seconds, answered, traffic flowing', reachability, {
    expect: { ...silent, judged: 2 },
  }),
  lookAlike('N-lossy-radio', 'a phone behind a radio that loses what goes to it', lossyRadio),
];
