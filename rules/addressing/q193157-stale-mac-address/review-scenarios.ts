/**
 * Hosts near the border of the fault: redundancy whose shared MAC no table knows, answers given in another's name, teams that
 * only send, captures that show broadcasts alone, and habits of asking that look deaf.
 */
import { ethernet, filler } from '../../../samples/craft/index.ts';
import type { Mac, Scenario, Script } from '../../../samples/craft/index.ts';
import {
  GATEWAY,
  X,
  ntAnnounce,
  ntHost,
  sentBy,
  unixHost,
} from '../q120599-duplicate-ip-address/segment-scenarios.ts';
import { changed, staleFromB, withoutArp } from './positive-scenarios.ts';
import {
  END_SECONDS,
  EXPECT,
  FileSession,
  RULE,
  SUGGESTIVE_AT_MOST,
  Stage,
  every,
  lookAlike,
  onlyFrames,
} from './stage-scenarios.ts';

const { definitive, strong, suggestive, silent } = EXPECT;

const isGroup = (frame: Uint8Array): boolean => ((frame[0] ?? 0) & 1) === 1;

/** A backup job: X has sent for minutes when its team moves the flow to the other member; what comes back is acknowledgments. */
function upload(): Script {
  const stage = new Stage();
  stage.healthy().closes(19.9);
  const job = new FileSession(stage, 10_000, stage.gateway, 1099).opens(15);
  for (const at of every(16, 120, 0.25)) {
    const source = at < 21 ? stage.x.mac : stage.macB;
    job.pushes(at, 'server', 1000, undefined, source);
    job.acknowledges(at + 0.004, 'client');
  }
  return stage.asksInVain([21.1, 30, 50]).end(END_SECONDS);
}

/** P1, and an idle session of the reader: X, which hears nothing of the reader's question, has something to tell by itself. */
function tellsByItself(): Script {
  const stage = new Stage();
  const session = stage.healthy();
  const idle = new FileSession(stage, 1044, stage.reader, 1352).opens(18);
  staleFromB(stage, session);
  const question = idle.pushes(22, 'client', 60);
  idle.repeats([22.9, 24.7, 28.3], question);
  const news = idle.pushes(40, 'server', 200, undefined, stage.macB);
  for (const at of [40, 43, 49, 61]) {
    if (at > 40) idle.repeats([at], news, undefined, stage.macB);
    idle.acknowledges(at + 0.0006, 'client');
  }
  return stage.broadcasts([33.2, 60, 80], stage.macB).end(END_SECONDS);
}

/** A team on an ordinary switch port: broadcasts and nothing else. */
function broadcastsOnly(): Script {
  const stage = new Stage();
  stage.healthy().closes(19.9);
  stage.broadcasts([4, 9, 14, 18]);
  stage.asksInVain([21, 30, 50]).broadcasts([24, 33, 41], stage.macB);
  return onlyFrames(stage.end(END_SECONDS), isGroup);
}

/** An access point answers ARP in the name of phones that sleep: its own MAC outside, theirs inside. */
function answeredFor(phones: number, speaks: boolean): Script {
  const accessPoint = unixHost('c0:25:e9:70:00:01', '10.0.0.4', 0x5000);
  const stage = new Stage({ macB: accessPoint.mac });
  if (speaks) stage.asks(2, accessPoint);
  stage.healthy().closes(19.9);
  const sleeping = [stage.x, ...[61, 62].map((last) => unixHost(`a4:5e:60:c1:00:${last}`, `10.0.0.${last}`))];
  for (const [index, phone] of sleeping.slice(0, phones).entries()) {
    if (index > 0) {
      stage.asks(3 + index, phone).pings(phone, 5, 15, 2);
    }
    for (const at of [30, 36, 44, 60]) {
      const from = at + index * 1.3;
      stage.send(from, () => stage.reader.arpRequest(phone.ip));
      stage.send(from + 0.0005, () => phone.arpReply(stage.reader, { sourceMac: accessPoint.mac }));
    }
    stage.sendEach(every(31, 60, 3), () => stage.reader.ping(phone, 7 + index));
  }
  return stage.end(END_SECONDS);
}

/** Two hosts at once under one new source, seen in ARP alone. */
function twoBehind(): Script {
  const stage = new Stage();
  const { macB, reader } = stage;
  stage.healthy().closes(19.9);
  const other = ntHost('00:60:97:11:22:44', '10.0.0.21', 0x5600);
  stage.asks(1.2, other).answers(2.2, other).pings(other, 4, 16, 2);
  for (const at of [21, 24, 30, 41]) {
    stage.send(at, () => stage.x.arpRequest('10.0.0.44', { sourceMac: macB }));
    stage.send(at + 1, () => other.arpRequest('10.0.0.45', { sourceMac: macB }));
  }
  stage.pinging([25, 28], reader, stage.x.mac, null);
  return stage.end(END_SECONDS);
}

/** A pair of firewalls whose shared MAC no table knows: it stands in ARP alone, the frames leave under each one's own. */
function unknownPair(shared: Mac, speaks = false): Script {
  const [active, standby] = ['00:0d:b4:10:00:11', '00:0d:b4:10:00:12'] as const;
  const gateway = unixHost(shared, GATEWAY, 0x3c00);
  const stage = new Stage({ host: gateway, macB: standby });
  const { reader, peer } = stage;
  const source = (at: number): Mac => (at < 80 ? active : standby);
  if (speaks) {
    for (const [index, mac] of [active, standby].entries()) {
      const own = unixHost(mac, `10.0.0.${index + 2}`, 0x5100);
      stage.asks(2, own).pings(own, 9, 150, 20);
    }
  }
  for (const at of [2, 30, 60, 95, 120]) stage.askedBy(at, reader, source(at));
  stage.sendEach([80.1, 80.6, 81.1], () => gateway.announce({ sourceMac: standby }));
  for (const at of every(4, 76, 3)) stage.send(at, () => sentBy(source(at), gateway.ping(peer, at * 3)));
  for (const at of every(81, 150, 3)) stage.send(at, () => sentBy(source(at), gateway.ping(peer, at * 3)));
  // Its control plane answers nobody.
  stage.pinging(every(84, 100, 2), reader, shared, null).pinging(every(85, 101, 2), peer, shared, null);
  return stage.end(END_SECONDS);
}

/** A gateway whose ARP always leaves under its own MAC, with the shared one inside, and whose datagrams leave under the shared one. */
function sharedInData(turns: number): Script {
  const shared: Mac = '12:00:00:00:01:00';
  const gateway = unixHost(shared, GATEWAY, 0x3c00);
  const stage = new Stage({ host: gateway, macB: '00:0d:b4:10:00:11' });
  const { macB, reader, peer } = stage;
  for (const from of [2, 42, 82].slice(0, turns)) {
    stage.pinging(every(from, from + 14, 2), reader, shared, shared);
    stage
      .askedBy(from + 16, reader, macB)
      .asksFor(from + 19, peer, macB)
      .askedBy(from + 23, peer, macB);
    stage.asksFor(from + 27, reader, macB);
  }
  return stage.end(END_SECONDS);
}

/** P1, but the old MAC still sends IPv6. */
function oldMacSendsIpv6(): Script {
  const stage = changed();
  const payload = filler(48);
  payload.set([0x60, 0, 0, 0, 0, 8, 58, 255], 0);
  stage.sendEach(every(22, 60, 5), () =>
    ethernet({ destination: '33:33:00:00:00:02', source: stage.x.mac, type: 0x86dd, payload }),
  );
  return stage.end(END_SECONDS);
}

/** P1, but the new MAC spoke IPv6 before the change. */
function newMacSpokeIpv6(): Script {
  const stage = changed();
  const payload = filler(48);
  payload.set([0x60, 0, 0, 0, 0, 8, 58, 255], 0);
  stage.sendEach(every(2, 20, 5), () =>
    ethernet({ destination: '33:33:00:00:00:02', source: stage.macB, type: 0x86dd, payload }),
  );
  return stage.end(END_SECONDS);
}

/** P3 as a phone that joined anew under a random MAC: the acknowledgment of its lease is there, cut or not. */
function leasedAnew(): Script {
  const stage = withoutArp().othersAsk([18, 27]);
  stage.leases(20.9, ntHost(stage.macB, X, 0x5200));
  return stage.end(END_SECONDS);
}

/** P3, but the adapter is another machine's: asked a minute later, it names its own MAC. */
function namesItselfLater(): Script {
  const stage = withoutArp().othersAsk([18, 27]);
  const { macB, peer, reader } = stage;
  stage.askedBy(70, peer, macB, undefined, macB).pinging(every(72, 100, 4), peer, macB, macB);
  stage.askedBy(75, reader, macB, undefined, macB);
  return stage.end(END_SECONDS);
}

/** P3, but the recorder stood still for so long before the first frame of B: the announcement may have been then. */
function pausedBefore(pause: number): Script {
  const script = withoutArp(40)
    .othersAsk([58 - pause, 70])
    .end(END_SECONDS + 40);
  return onlyFrames(script, (_frame, seconds) => seconds < 60.95 - pause || seconds > 60.95);
}

/** Three frames under A, of which one before B and one after it. */
function rarelyAtHome(): Script {
  const stage = new Stage();
  stage.send(0.5, () => ntAnnounce(stage.x));
  stage.broadcasts([2], stage.macB).broadcasts([4, 5, 6, 7, 8], stage.macB).broadcasts([10]);
  stage.asksInVain([21, 24, 30, 41]).broadcasts([22, 27, 35, 60], stage.macB);
  stage.othersAsk([3, 18]);
  return stage.end(END_SECONDS);
}

interface MonitorFields {
  readonly from: number;
  /** Times of an exchange that X answers. */
  readonly answers?: readonly number[];
  /** A reply that the recorder lost. */
  readonly lostAt?: number;
  readonly every?: number;
}

/** A standby server: it asks for its gateway every other second, its filter drops pings, and little else happens. */
function standbyServer({ from, answers = [], lostAt = 0, every: step = 2 }: MonitorFields): Script {
  const server = unixHost('00:25:90:31:07:a0', X, 0x7a00);
  const stage = new Stage({ host: server });
  const { reader, peer, gateway } = stage;
  stage.send(0.5, () => server.announce());
  for (const at of every(from, 160, step)) {
    if (Math.abs(at - lostAt) < 0.01) stage.send(at, () => server.arpRequest(gateway.ip));
    else stage.asksFor(at, gateway);
  }
  for (const at of [1.1, 3.3, 6.3, 31.3, 61.3, 91.3, 121.3]) stage.askedBy(at, reader);
  for (const at of [4.7, 33.7, 63.7, 93.7]) stage.askedBy(at, peer);
  const session = new FileSession(stage, 1050, peer, 22);
  for (const [index, at] of answers.entries()) (index === 0 ? session.opens(at - 0.1) : session).reads(at);
  stage.pinging(every(20.5, 150, 3), reader, server.mac, null);
  stage.pinging(every(21.7, 150, 3), peer, server.mac, null);
  return stage.end(END_SECONDS);
}

/** A device that only speaks UDP with a far server, and confirms its gateway by ARP before each datagram. */
function farOnly(): Script {
  const device = unixHost('00:25:90:31:07:a0', X, 0x7a00);
  const stage = new Stage({ host: device });
  const { reader, peer, gateway } = stage;
  stage.send(0.5, () => device.announce());
  for (const at of [1.1, 3.3, 6.3, 31.3, 61.3]) stage.askedBy(at, reader);
  for (const at of [4.7, 33.7, 63.7]) stage.askedBy(at, peer);
  const far = { mac: gateway.mac, ip: '198.51.100.7' };
  for (const at of every(20, 160, 6)) {
    stage.asksFor(at, gateway).send(at + 0.001, () => device.udp(far, 40_000, 4433, filler(60)));
  }
  stage.pinging(every(20.5, 150, 3), reader, device.mac, null);
  stage.pinging(every(21.7, 150, 3), peer, device.mac, null);
  return stage.end(END_SECONDS);
}

/** A manager announces the new MAC on the adapter's behalf, just before its first frame. */
function announcedForIt(): Script {
  const stage = changed();
  const manager: Mac = '00:50:56:01:00:99';
  stage.sendEach([20.5, 20.7], () => stage.x.announce({ sourceMac: manager, senderMac: stage.macB }));
  return stage.end(END_SECONDS);
}

export const reviews: readonly Scenario[] = [
  lookAlike('R1', 'a team that uploads: only acknowledgments come back, and they are heard', upload),
  {
    name: 'R1-tells',
    title: 'as P1; X tells by itself what nobody asked for',
    rule: RULE,
    expect: definitive,
    build: tellsByItself,
  },
  lookAlike('R2', 'a team on a port that shows broadcasts alone', broadcastsOnly, {
    expect: { ...silent, undecided: ['oneDirection'] },
  }),
  lookAlike('R3', 'an access point answers ARP for one phone that sleeps', () => answeredFor(1, false)),
  lookAlike('R3-many', 'an access point answers ARP for three phones that sleep', () =>
    answeredFor(3, false),
  ),
  lookAlike('R3-speaks', 'an access point with an address answers ARP for three phones that sleep', () =>
    answeredFor(3, true),
  ),
  {
    name: 'R4',
    title: 'two hosts move behind one new source, in ARP alone',
    rule: RULE,
    expect: { ...suggestive, findings: 2 },
    build: twoBehind,
  },
  lookAlike('R5', 'a pair of firewalls with a shared MAC that no table knows', () =>
    unknownPair('e0:23:ff:fc:00:01'),
  ),
  lookAlike('R5-local', 'an active gateway with a MAC of its administrator’s', () =>
    unknownPair('12:00:00:00:01:00'),
  ),
  lookAlike('R5-data', 'a gateway whose ARP and datagrams leave under two MACs from the start', () =>
    sharedInData(3),
  ),
  lookAlike('R5-data-once', 'as R5-data; its datagrams stop early', () => sharedInData(1)),
  lookAlike('R5-speaks', 'as R5; both machines have addresses of their own', () =>
    unknownPair('e0:23:ff:fc:00:01', true),
  ),
  {
    name: 'R6',
    title: 'as P1; the old MAC still sends IPv6',
    rule: RULE,
    expect: suggestive,
    build: oldMacSendsIpv6,
  },
  {
    name: 'R6-before',
    title: 'as P1; the new MAC spoke IPv6 before',
    rule: RULE,
    expect: suggestive,
    build: newMacSpokeIpv6,
  },
  lookAlike('R7', 'as P3; a lease for the new MAC', leasedAnew),
  lookAlike('R7-cut', 'as P3; a lease for the new MAC, its options cut', leasedAnew, {
    encoding: { container: 'pcap', snapLength: 96 },
  }),
  lookAlike('R8', 'as P3; asked a minute later, it names the new MAC', namesItselfLater),
  {
    name: 'R9',
    title: 'as P3; the recorder paused just before',
    rule: RULE,
    expect: SUGGESTIVE_AT_MOST,
    build: () => pausedBefore(20),
  },
  {
    name: 'R9-briefly',
    title: 'as P3; a pause no longer than others before',
    rule: RULE,
    expect: strong,
    build: () => pausedBefore(1),
  },
  lookAlike('R10', 'two frames under the old MAC, around some under the new one', rarelyAtHome, {
    expect: SUGGESTIVE_AT_MOST,
  }),
  lookAlike('R11', 'a standby server asks for its gateway from the start', () =>
    standbyServer({ from: 1.5 }),
  ),
  lookAlike('R11-once', 'as R11; it answered something once', () =>
    standbyServer({ from: 1.5, answers: [12, 14] }),
  ),
  lookAlike('R11-lost', 'as R11; a reply was lost', () => standbyServer({ from: 1.5, lostAt: 51.5 })),
  lookAlike('R11-lost-once', 'as R11; it answered something once, and a reply was lost', () =>
    standbyServer({ from: 1.5, answers: [12, 14], lostAt: 51.5 }),
  ),
  lookAlike('R12', 'a device confirms its gateway before each datagram to a far server', farOnly),
  lookAlike('R13', 'a manager announces the new MAC on behalf of the adapter', announcedForIt),
];
