/**
 * Look-alikes of change: an address that goes to another adapter or machine as it should (announced, leased, answered), one
 * that goes where the capture cannot see it, and one whose host is simply gone (N5, N6, N9, N11, X3).
 */
import { ENCODINGS } from '../../../samples/craft/index.ts';
import type { Host, Mac, Scenario, Script } from '../../../samples/craft/index.ts';
import {
  X,
  announceByReply,
  corrective,
  ntAnnounce,
  ntHost,
  rarp,
  unixHost,
} from '../q120599-duplicate-ip-address/segment-scenarios.ts';
import {
  END_SECONDS,
  EXPECT,
  FileSession,
  MAC_B,
  SUGGESTIVE_AT_MOST,
  Stage,
  every,
  isBroadcastArp,
  lookAlike,
  onlyFrames,
} from './stage-scenarios.ts';
import { sessionBreaks, staleFromB } from './positive-scenarios.ts';

const { silent } = EXPECT;

/** A reader that never lets go of an entry (Q137005) and a session that breaks: traffic to the old MAC in vain. */
function oldEntries(stage: Stage, session: FileSession): void {
  sessionBreaks(stage, session);
  stage.pinging(every(30, 52, 2), stage.reader, stage.x.mac, null);
}

/** X under B with B inside: asked, pinged, asking. */
function livesOn(stage: Stage, host: Host, from: number): void {
  for (const at of [from, from + 20, from + 50]) stage.answers(at, host);
  stage.asks(from + 1, host).pings(host, from + 2, from + 88, 9);
}

/** A to B as announced by the given frames; what was bound to A is lost. */
function announcedMove(announce: (stage: Stage, host: Host) => void, macB: Mac = MAC_B): Script {
  const stage = new Stage({ macB });
  const session = stage.healthy();
  const moved = ntHost(macB, X, 0x5200);
  announce(stage, moved);
  oldEntries(stage, session);
  livesOn(stage, moved, 60);
  return stage.end(END_SECONDS);
}

/**
 * Announced by RARP alone (a hypervisor or a switch moves the adapter): the reader's entry stays as it was, and X asks in
 * the name of its old MAC as in P1.
 */
function announcedByRarp(): Script {
  const stage = new Stage();
  staleFromB(stage, stage.healthy());
  stage.sendEach([21.1, 21.3, 21.7], () => rarp(stage.macB));
  return stage.end(END_SECONDS);
}

/** A phone joins anew with a random MAC and gets its old address again; it announces nothing. */
function newLease(macB: Mac): Script {
  const stage = new Stage({ host: unixHost('da:11:5e:60:c1:20', X, 0x5500), macB });
  const { x, reader, peer } = stage;
  stage.leases(0.6, x).askedBy(2, reader).askedBy(2.5, peer).asksFor(3, stage.gateway);
  stage.pinging(every(5, 19, 2), reader, x.mac, x.mac);
  const again = unixHost(macB, X, 0x6600);
  stage.leases(20.9, again);
  // mDNS and data of the phone, none of it ARP.
  const group = { mac: '01:00:5e:00:00:fb', ip: '224.0.0.251' };
  for (const at of every(21, 90, 4))
    stage.send(at, () => again.udp(group, 5353, 5353, new Uint8Array(12), { ttl: 255 }));
  const session = new FileSession(stage, 5223);
  stage.pinging(every(24, 40, 2), reader, x.mac, null).pinging(every(25, 41, 2), peer, x.mac, null);
  stage.askedBy(94, peer, macB, undefined, macB);
  session.opens(95, macB);
  for (const at of every(96, 150, 6)) session.reads(at, macB, macB);
  return stage.end(END_SECONDS);
}

/** Q120599 before SP3: a newcomer's corrective request carries the owner's MAC, right after the owner's answer. */
function correctiveRequest(): Script {
  const stage = new Stage();
  const { x, reader } = stage;
  const newcomer = ntHost(stage.macB, X, 0x9800);
  const session = stage.healthy();
  stage.send(21, () => ntAnnounce(newcomer)).send(21.0004, () => x.arpReply(newcomer));
  stage.send(21.0024, () => corrective(newcomer, x));
  for (const at of [26, 40, 60, 80]) session.reads(at);
  // The reader believed the announcement for a moment; two later pings are lost elsewhere.
  stage.pinging([23, 24], reader, stage.macB, null).pinging([30, 31], reader, x.mac, null);
  stage.pinging(every(35, 65, 5), reader, x.mac, x.mac);
  return stage.askedBy(90, reader).end(END_SECONDS);
}

/** The corrective request of a host that starts three times in a row. */
function correctiveThrice(): Script {
  const stage = new Stage();
  const { x, reader } = stage;
  const newcomer = ntHost(stage.macB, X, 0x9800);
  stage.healthy().closes(19.9);
  for (const at of [30, 45, 60]) {
    stage.send(at, () => ntAnnounce(newcomer)).send(at + 0.0004, () => x.arpReply(newcomer));
    stage.send(at + 0.0024, () => corrective(newcomer, x));
  }
  stage.pinging(every(32, 64, 4), reader, x.mac, null);
  return stage.pinging(every(70, 100, 5), reader, x.mac, x.mac).end(END_SECONDS);
}

/** N9: nothing announced, but X answers with B when asked, and all that comes is sent to B. */
function peersFollow(): Script {
  const stage = new Stage();
  const { macB, peer, reader } = stage;
  stage.healthy().closes(19.9);
  stage.broadcasts([21], macB);
  stage.askedBy(21.5, peer, macB, undefined, macB).askedBy(22, reader, macB, undefined, macB);
  const session = new FileSession(stage, 1043).opens(23, macB);
  for (const at of every(24, 140, 7)) session.reads(at, macB, macB);
  return stage.pinging(every(26, 150, 6), reader, macB, macB).end(END_SECONDS);
}

/** As N9, but the reader keeps its entry for 20 s: its cache is stale, not X. */
function readerLags(): Script {
  const stage = new Stage();
  const { macB, peer, reader } = stage;
  const lost = stage.healthy();
  stage.broadcasts([21, 26, 29, 33], macB);
  stage.askedBy(21.5, peer, macB, undefined, macB);
  lost.repeats([23.6, 24.8, 27.2, 32], lost.pushes(23, 'client', 90));
  const session = new FileSession(stage, 1043).opens(35, macB);
  for (const at of every(36, 140, 7)) session.reads(at, macB, macB);
  stage.pinging(every(24, 40, 2), reader, stage.x.mac, null).askedBy(41, reader, macB, undefined, macB);
  return stage.pinging(every(42, 150, 6), reader, macB, macB).end(END_SECONDS);
}

/** N11: the machine is replaced by another with its address, which probes, announces, and has another stack. */
function replaced(): Script {
  const stage = new Stage();
  const { reader, peer, x, macB } = stage;
  stage.healthy().closes(19.9);
  stage.pinging(every(22, 50, 2), reader, x.mac, null).pinging(every(23, 51, 2), peer, x.mac, null);
  const fresh = unixHost(macB, X, 0x7a00);
  stage.configures(60, fresh);
  livesOn(stage, fresh, 70);
  return stage.end(END_SECONDS);
}

/** X is switched off: its peers go on for a minute, and nothing of X is seen. */
function switchedOff(): Script {
  const stage = new Stage();
  const session = stage.healthy();
  const { reader, x } = stage;
  session.repeats([23.9, 25.7, 29.3, 36.5], session.pushes(23, 'client', 90));
  return stage.pinging(every(24, 60, 2), reader, x.mac, null).end(END_SECONDS);
}

/**
 * A host with ARP suppression before it: no broadcast ARP passes in the minute before the move, nor after. It is moved, and
 * its announcements with it, out of sight.
 */
function suppressed(): Script {
  const stage = new Stage();
  const { macB, reader, x } = stage;
  const session = stage.healthy();
  for (const at of every(25, 79, 6)) session.reads(at);
  stage.broadcasts([80], macB);
  session.repeats([80.6, 81.8, 84.2, 89], session.pushes(80.2, 'client', 90));
  stage.broadcasts([82, 85, 90, 94, 99, 110], macB);
  stage.pinging(every(82, 100, 2), reader, x.mac, null);
  return onlyFrames(stage.end(END_SECONDS), (frame) => !isBroadcastArp(frame));
}

/** A service address moves without a word; the node that lost it lives on under its own address. */
function silentVip(): Script {
  const stage = new Stage();
  const { x, macB, reader } = stage;
  const [first, second] = [ntHost(x.mac, '10.0.0.31', 0x2900), ntHost(macB, '10.0.0.32', 0x6900)] as const;
  stage.asks(1.7, first).pings(first, 4.5, 160, 12).asks(1.9, second).pings(second, 7.5, 160, 12);
  const session = stage.healthy();
  stage.broadcasts([21], macB);
  sessionBreaks(stage, session);
  stage.pinging(every(30, 44, 2), reader, x.mac, null);
  return stage.broadcasts([33.2, 60, 80], macB).othersAsk([18, 27]).end(END_SECONDS);
}

/** X3: a laptop sleeps for twenty minutes while its peers call; it wakes on Wi-Fi, with a lease and an announcement. */
function asleep(): Script {
  const stage = new Stage();
  const { reader, x } = stage;
  const session = stage.healthy();
  session.repeats([23.9, 25.7, 29.3, 36.5], session.pushes(23, 'client', 90));
  stage.pinging(every(24, 1200, 12), reader, x.mac, null);
  const awake = ntHost('a4:c4:94:52:00:0b', X, 0x5200);
  stage.leases(1224, awake).configures(1224.3, awake);
  livesOn(stage, awake, 1234);
  return stage.end(1330);
}

/** X3: it wakes where it slept, asks three times for a gateway whose first answers come while its link still starts. */
function wakes(): Script {
  const stage = new Stage();
  const { reader, x, gateway } = stage;
  for (const at of [1.2, 1.8]) stage.askedBy(at, reader);
  const session = stage.healthy();
  stage.pinging(every(24, 1200, 12), reader, x.mac, null);
  session.repeats([1203.6, 1204.8, 1207.2], session.pushes(1203, 'client', 90));
  for (const at of [1210, 1211, 1212]) stage.asksFor(at, gateway);
  for (const at of every(1212.5, 1260, 3)) {
    stage.send(at, () => x.ping(gateway, at * 2)).send(at + 0.0006, () => gateway.pong(x, at * 2));
  }
  stage.askedBy(1216, reader).pinging(every(1217, 1300, 5), reader, x.mac, x.mac);
  return stage.end(1310);
}

export const moves: readonly Scenario[] = [
  lookAlike(
    'N5',
    'fail-over announced by three ARP requests; some entries stay old',
    () => announcedMove((stage, host) => stage.sendEach([21, 21.5, 22], () => ntAnnounce(host))),
    { encodings: [ENCODINGS.vlan, ENCODINGS.pcapngBigNano] },
  ),
  lookAlike('N5-reply', 'fail-over announced by a broadcast ARP reply', () =>
    announcedMove((stage, host) => stage.sendEach([21, 22], () => announceByReply(host))),
  ),
  lookAlike('N5-broadcast', 'the new adapter asks by broadcast with its own MAC inside', () =>
    announcedMove((stage, host) => stage.asks(21, host)),
  ),
  lookAlike('N5-rarp', 'RARP announces the adapter, everything else as in P1', announcedByRarp),
  lookAlike('N5-lease', 'a lease of the same address for a random MAC', () => newLease('6e:4c:0a:91:7d:03')),
  lookAlike('N5-lease-vendor', 'a lease of the same address for another adapter', () =>
    newLease('a4:c4:94:52:00:0b'),
  ),
  lookAlike('N6', 'the corrective ARP of Q120599', correctiveRequest, { encodings: [ENCODINGS.vlan] }),
  lookAlike('N6-thrice', 'a host that starts three times on an address in use', correctiveThrice),
  lookAlike('N9', 'the MAC changes and the peers follow', peersFollow, { encodings: [ENCODINGS.qinq] }),
  lookAlike('N9-lag', 'the MAC changes, X says so when asked, and one reader lags', readerLags),
  lookAlike('N11', 'a machine is replaced by another with its address', replaced),
  lookAlike('N-off', 'a machine is switched off', switchedOff),
  lookAlike('N-suppressed', 'no broadcast ARP passes: announcements cannot be seen', suppressed, {
    expect: { ...silent, undecided: ['notVisible'] },
  }),
  lookAlike('N-vip', 'a service address moves without a word between two nodes that live', silentVip, {
    expect: SUGGESTIVE_AT_MOST,
  }),
  lookAlike('X3', 'a laptop sleeps for 20 min and wakes on another adapter', asleep),
  lookAlike('X3-wakes', 'a laptop sleeps for 20 min and wakes where it slept', wakes),
];
