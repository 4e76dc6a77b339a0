/**
 * The faults of the catalogue, P1 to P9 (P5, the deaf adapter, is in `deaf-scenarios.ts`), and what lies between them:
 * a DECnet address, an adapter with a second address, a capture that keeps no destination MAC.
 */
import { ENCODINGS } from '../../../samples/craft/index.ts';
import type { Mac, Scenario, Script } from '../../../samples/craft/index.ts';
import { ntAnnounce, ntHost } from '../q120599-duplicate-ip-address/segment-scenarios.ts';
import {
  END_SECONDS,
  EXPECT,
  FileSession,
  MAC_DECNET,
  RULE,
  Stage,
  every,
  lookAlike,
  macAt,
  onlyFrames,
} from './stage-scenarios.ts';
import type { StageFields } from './stage-scenarios.ts';

const { definitive, strong, suggestive, silent } = EXPECT;

/**
 * The file session breaks: X's segment leaves under B and is acknowledged to A in vain; the client's next request is sent
 * five times. X hears neither, and sends its own segment again with the acknowledgment it had.
 */
export function sessionBreaks(stage: Stage, session: FileSession, offset = 0): void {
  const answer = session.pushes(offset + 22.5, 'server', 600, undefined, stage.macB);
  session.acknowledges(offset + 22.5006, 'client', undefined, 'firstStaleDst');
  const request = session.pushes(offset + 23, 'client', 90, 'unanswered');
  session.repeats(
    [23.9, 25.7].map((at) => offset + at),
    request,
    'unanswered',
  );
  // From here on a flow with three retransmissions over more than 5 s.
  session.repeats([offset + 29.3], request, 'decisive');
  session.repeats([offset + 36.5], request, 'unanswered');
  for (const at of [23.3, 24.9, 28.1, 34.5]) {
    session.repeats([offset + at], answer, undefined, stage.macB);
    session.acknowledges(offset + at + 0.0006, 'client');
  }
}

/** 21 to 52 s of P1, moved by `offset`: stale ARP, the broken session, and a reader that believes the stale answer. */
export function staleFromB(stage: Stage, session: FileSession, offset = 0, firstMark = 'firstB'): void {
  stage.asksFromB([offset + 21], firstMark);
  stage.asksFromB([24, 30, 41].map((at) => offset + at));
  sessionBreaks(stage, session, offset);
  stage.askedBy(offset + 45, stage.reader, stage.macB, 'staleSha');
  stage.pinging(every(offset + 46, offset + 51, 1), stage.reader, stage.x.mac, null, 'unanswered');
  stage.pinging([offset + 52], stage.reader, stage.x.mac, null, 'lastStaleDst');
}

/** P1 without its end. */
export function changed(macB?: Mac): Stage {
  const stage = new Stage(macB === undefined ? {} : { macB });
  staleFromB(stage, stage.healthy());
  return stage;
}

function staleMac(macB?: Mac): Script {
  const stage = changed(macB);
  return stage.broadcasts([33.2, 60, 80, 100, 120], stage.macB).end(END_SECONDS);
}

/** P3: X sends no ARP once its source is B, `offset` seconds later than at 21 s, while others do. */
export function withoutArp(offset = 0): Stage {
  const stage = new Stage();
  const session = stage.healthy();
  stage.broadcasts([offset + 21], stage.macB, 'firstB');
  sessionBreaks(stage, session, offset);
  stage.pinging(every(offset + 46, offset + 52, 1), stage.reader, stage.x.mac, null, 'unanswered');
  return stage.broadcasts(
    [33.2, 47.2, 60, 80, 100, 120].map((at) => offset + at),
    stage.macB,
  );
}

function neverAsks(): Script {
  return withoutArp().othersAsk([18, 27]).end(END_SECONDS);
}

/** P4: the session was over; X asks for a station that is off, and nobody has a word for it. */
function quietPeers(): Script {
  const stage = new Stage();
  stage.healthy().closes(19.8);
  stage.asksInVain([21], 'firstB').asksInVain([24], 'decisive').asksInVain([30, 41]);
  return stage.broadcasts([22.5, 26.2, 35, 50, 80, 110], stage.macB).end(END_SECONDS);
}

/** P6: the recorder was started after the change, with the session in its retransmissions. */
export function fromTheStart(macs: StageFields = {}): Stage {
  const stage = new Stage(macs);
  const session = new FileSession(stage, 1042);
  staleFromB(stage, session, -20, 'staleSha');
  return stage.broadcasts([13.2, 40, 60, 80, 100, 120], stage.macB);
}

/** P7: a minute after the change X announces B, the peers learn it, and all is well. */
function lateAnnouncement(): Script {
  const stage = changed();
  const { macB, x, peer, reader } = stage;
  const announcement = { sourceMac: macB, senderMac: macB };
  stage.sendEach([81, 81.5, 82], () => x.announce(announcement), 'recovery');
  stage.askedBy(84, peer, macB, 'recovery', macB);
  stage.pinging(every(86, 140, 6), reader, macB, macB, 'recovery');
  const session = new FileSession(stage, 1043).opens(88, macB);
  for (const at of [88.2, 95, 104, 119]) session.reads(at, macB, macB);
  return stage.broadcasts([33.2, 60, 100], macB).end(END_SECONDS);
}

/** P9: twenty seconds under B, back to A with everything answered, and under B again. */
function failsBack(): Script {
  const stage = new Stage();
  const { macB, reader, x } = stage;
  const first = stage.healthy();
  stage.asksFromB([21], 'firstB').asksFromB([24, 30]);
  sessionBreaks(stage, first);
  stage.asksInVain([39.5]);
  stage.broadcasts([41], x.mac, 'return');
  first.resets(44, 'client');
  stage.asksFor(42, reader).pinging(every(46, 64, 3), reader, x.mac, x.mac);
  const second = new FileSession(stage, 1043).opens(50);
  for (const at of [50.2, 54, 58, 62, 69]) second.reads(at);
  stage.askedBy(66, reader);
  staleFromB(stage, second, 50, 'secondB');
  return stage.broadcasts([33.2, 83.2, 110, 130], macB).end(END_SECONDS);
}

/**
 * Of X's two addresses the second never asks (NT asks in the name of the first, Q163374). Both leave under B, so B is not
 * the MAC of X alone.
 */
function secondAddress(): Script {
  const stage = changed();
  const second = ntHost(stage.x.mac, '10.0.0.21', 0x5600);
  stage.send(0.6, () => ntAnnounce(second));
  for (const at of [5, 8, 13]) stage.send(at, () => second.nameQuery('PRINT2', 0x7100 + at, '10.0.0.255'));
  for (const at of [26, 33, 60, 90]) {
    stage.send(at, () => second.nameQuery('PRINT2', 0x7200 + at, '10.0.0.255', { sourceMac: stage.macB }));
  }
  return stage.end(END_SECONDS);
}

/** A recorder in the port of a peer that takes one direction alone: what X sends. */
function onlyFromX(): Script {
  const stage = withoutArp().othersAsk([18, 27]);
  const destination = stage.x.mac;
  return onlyFrames(stage.end(END_SECONDS), (frame) => !isTo(frame, destination));
}

/** The other direction: what the peers send to X, and X's broadcasts. */
function onlyToX(): Script {
  const stage = withoutArp().othersAsk([18, 27]).broadcasts([6, 10, 18.5]);
  const sources = new Set([stage.x.mac, stage.macB]);
  return onlyFrames(
    stage.end(END_SECONDS),
    (frame) => isTo(frame, 'ff:ff:ff:ff:ff:ff') || !sources.has(macAt(frame, 6)),
  );
}

function isTo(frame: Uint8Array, mac: Mac): boolean {
  return macAt(frame, 0) === mac;
}

const change = ['lastArpA', 'firstB'] as const;
const whole = [...change, 'staleSha', 'unanswered', 'firstStaleDst', 'lastStaleDst'] as const;

export const positives = [
  {
    name: 'P1',
    title: 'frames leave under B while ARP goes on saying A; peers send to A in vain',
    rule: RULE,
    expect: { ...definitive, cites: whole },
    build: () => staleMac(),
    encodings: [ENCODINGS.pcapngBigNano, ENCODINGS.qinq, ENCODINGS.modifiedBig],
  },
  {
    name: 'P1-decnet',
    title: 'as P1; DECnet gives the adapter a locally administered address',
    rule: RULE,
    expect: { ...definitive, cites: whole },
    build: () => staleMac(MAC_DECNET),
    encodings: [ENCODINGS.pcapngTwoSections],
  },
  {
    name: 'P2',
    title: 'as P1, in a VLAN, with nanoseconds',
    rule: RULE,
    expect: { ...definitive, cites: whole },
    build: () => staleMac(),
    encoding: { container: 'pcap', decimals: 9, vlans: [20] },
    encodings: [{ container: 'pcapng', byteOrder: 'big', decimals: 9, vlans: [20] }, ENCODINGS.pcapBigNano],
  },
  {
    name: 'P3',
    title: 'X sends no ARP after the change; the peers’ old entries lead nowhere',
    rule: RULE,
    expect: { ...strong, cites: [...change, 'unanswered'] },
    build: neverAsks,
    encodings: [ENCODINGS.vlan, ENCODINGS.pcapngTwoSections],
  },
  {
    name: 'P4',
    title: 'stale sender MAC, and peers that have nothing to say',
    rule: RULE,
    expect: { ...strong, cites: [...change, 'staleSha'] },
    build: quietPeers,
    encodings: [ENCODINGS.pcapBig, ENCODINGS.pcapng, ENCODINGS.sll2],
  },
  {
    name: 'P4-cooked',
    title: 'as P4, in a cooked capture of version 1',
    rule: RULE,
    expect: suggestive,
    build: quietPeers,
    encoding: ENCODINGS.sll,
  },
  {
    name: 'P6',
    title: 'stale sender MAC from the first frame on',
    rule: RULE,
    expect: { ...suggestive, cites: ['staleSha', 'unanswered'] },
    build: () => fromTheStart().end(END_SECONDS),
    encodings: [ENCODINGS.pcapNano, ENCODINGS.vlan],
  },
  {
    name: 'P7',
    title: 'as P1; a minute later X announces B and is reached again',
    rule: RULE,
    expect: { ...definitive, cites: [...whole, 'recovery'] },
    build: lateAnnouncement,
    encodings: [ENCODINGS.modified, ENCODINGS.qinqBig],
  },
  {
    name: 'P9',
    title: 'under B for 20 s, back to A, and under B again',
    rule: RULE,
    expect: { ...definitive, cites: ['firstB', 'staleSha', 'unanswered', 'return', 'secondB'] },
    build: failsBack,
    encodings: [ENCODINGS.pcapngBigNano, ENCODINGS.vlan],
  },
  {
    name: 'P10',
    title: 'as P1; the adapter carries a second address',
    rule: RULE,
    expect: { ...suggestive, cites: ['staleSha'] },
    build: secondAddress,
    encodings: [ENCODINGS.pcapng, ENCODINGS.vlan],
  },
] as const satisfies readonly Scenario[];

/** P8: the change is seen, what came of it is not. */
export const undecided: readonly Scenario[] = [
  lookAlike('P8', 'a change in a capture of one direction, from X', onlyFromX, {
    expect: { ...silent, undecided: ['oneDirection'] },
    encodings: [ENCODINGS.vlan],
  }),
  lookAlike('P8-to', 'a change in a capture of one direction, to X', onlyToX, {
    expect: { ...silent, undecided: ['oneDirection'] },
  }),
];
