/**
 * Hosts whose habits resemble the fault: a team that speaks UDP alone and drops what else it is sent, a host that asks by
 * ARP at regular intervals, a filter in front of a host that is asked for by many. And what shows that a host
 * receives on the MAC address in its ARP: answers to requests there, and refused datagrams.
 */
import { TCP_FLAG } from '../../../samples/craft/index.ts';
import type { Mac, Scenario, Script } from '../../../samples/craft/index.ts';
import { sentBy } from '../q120599-duplicate-ip-address/segment-scenarios.ts';
import { deafTo, hearing, wanted } from './deaf-scenarios.ts';
import { changed } from './positive-scenarios.ts';
import { END_SECONDS, EXPECT, RULE, Stage, every, lookAlike } from './stage-scenarios.ts';

/** A name server sends under its second adapter and receives on the first: questions are answered, pings and SYNs are dropped. */
function nameServerTeam(): Script {
  const stage = new Stage();
  const { x, macB, reader, peer } = stage;
  stage.healthy();
  stage.asksFromB([21, 30]).broadcasts([22, 27, 33, 41], macB);
  for (const at of every(23, 45, 3)) {
    const port = 1100 + at;
    stage.send(at, () => reader.udp(x, port, 53, new Uint8Array(30)));
    stage.send(at + 0.002, () => x.udp(reader, 53, port, new Uint8Array(60), { sourceMac: macB }));
  }
  stage.pinging(every(24, 50, 2), peer, x.mac, null);
  stage.pinging(every(25, 50, 2), stage.gateway, x.mac, null);
  return stage.end(END_SECONDS);
}

/** A watchdog asks for its gateway every 5 s, whatever it hears; from 90 s on a filter of its own drops pings. */
function watchdog(): Script {
  const stage = new Stage();
  const { x, reader, peer, gateway } = stage;
  const session = stage.healthy();
  for (const at of every(2.5, 160, 5)) stage.asksFor(at, gateway);
  for (const at of [25, 40, 55, 70]) session.reads(at);
  stage.pinging(every(90, 150, 3), reader, x.mac, null);
  stage.pinging(every(91, 150, 3), peer, x.mac, null);
  return stage.askedBy(100, reader).askedBy(120, peer).end(END_SECONDS);
}

/** It asks for its gateway every 4 s; two scanners knock at ports that its filter hides. */
function filtered(): Script {
  const stage = new Stage();
  const { gateway, reader, peer } = stage;
  stage.askedBy(1, peer).askedBy(2, reader).askedBy(3, gateway).askedBy(4, peer);
  for (const at of every(20, 160, 4)) stage.asksFor(at, gateway);
  for (const [index, station] of [reader, peer].entries()) {
    for (const port of [445, 3389, 22]) {
      for (const at of [0, 3, 9]) {
        stage.send(60 + index * 20 + at, () =>
          station.tcp(stage.x, {
            sourcePort: 1200 + port,
            destinationPort: port,
            sequence: 77_000 + port,
            flags: TCP_FLAG.syn,
          }),
        );
      }
    }
  }
  return stage.askedBy(90, reader).end(END_SECONDS);
}

/** Its peers confirm their entries by requests to A, which a team that sends under B answers; pings are dropped. */
function confirmedTeam(): Script {
  const stage = new Stage();
  const { x, macB, reader, peer } = stage;
  stage.healthy().closes(19.9);
  stage.asksFromB([21, 24, 30]).broadcasts([27, 33], macB);
  stage.pinging(every(24, 50, 2), peer, x.mac, null).pinging(every(25, 51, 2), reader, x.mac, null);
  for (const at of every(40, 100, 20)) {
    stage.send(at, () => reader.arpRequest(x.ip, { to: x.mac }));
    stage.send(at + 0.0004, () => x.arpReply(reader, { sourceMac: macB }));
  }
  return stage.end(END_SECONDS);
}

/** P1, and a peer confirms its entry in vain: it asks everybody in the end, and only that is answered. */
function confirmedInVain(): Script {
  const stage = changed();
  const { x, macB, reader } = stage;
  for (const at of [38, 39, 39.7]) stage.send(at, () => reader.arpRequest(x.ip, { to: x.mac }), 'unheard');
  return stage.askedBy(40, reader, macB).broadcasts([33.2, 60, 80, 100, 120], macB).end(END_SECONDS);
}

/** As P5, but it answers a request to its own MAC address. */
function hearsQuestion(): Script {
  const { stage, session } = hearing();
  const { x, reader } = stage;
  for (const at of [30, 33, 36, 39]) {
    stage.send(at, () => x.arpRequest(wanted().ip));
    stage.send(at + 0.0003, () => wanted().arpReply(x));
  }
  deafTo(stage, session);
  stage.send(41, () => reader.arpRequest(x.ip, { to: x.mac }));
  stage.send(41.0004, () => x.arpReply(reader));
  return stage.askedBy(44, stage.gateway).end(END_SECONDS);
}

/** A team: ARP under B names A, and nobody listens at the port that a manager asks. `to` is where the manager sends. */
function refusedDatagrams(to: 'A' | 'B'): Script {
  const stage = new Stage();
  const { x, macB, reader, peer } = stage;
  stage.healthy().closes(19.9);
  stage.askedBy(21, peer, macB).askedBy(40, peer, macB).broadcasts([24, 30, 33, 60], macB);
  for (const at of every(25, 85, 10)) {
    const target = { mac: to === 'A' ? x.mac : macB, ip: x.ip };
    const question = reader.udp(target, 5000, 161, new Uint8Array(40));
    stage.send(at, () => question);
    stage.send(at + 0.0005, () => sentBy(macB, x.unreachable(reader, 3, question)));
  }
  return stage.end(END_SECONDS);
}

/** A team that speaks UDP alone, and hears; no ping is answered but those before the change, if any is. */
function neverEchoes(echoesBefore: number): Script {
  const stage = new Stage();
  const { x, macB, reader, peer, gateway } = stage;
  stage.askedBy(1, peer).askedBy(1.5, reader).othersAsk([18, 24, 28]);
  const report = (at: number, source: Mac) =>
    stage.send(at, () => x.udp(gateway, 514, 514, new Uint8Array(60), { sourceMac: source }));
  for (const at of every(3, 18, 3)) report(at, x.mac);
  for (const at of every(21, 90, 3)) report(at, macB);
  stage.pinging(every(4, 3 + echoesBefore, 1), reader, x.mac, x.mac);
  stage.pinging(every(25, 85, 5), reader, x.mac, null).pinging(every(26, 86, 5), peer, x.mac, null);
  return stage.end(END_SECONDS);
}

export const habits: readonly Scenario[] = [
  lookAlike('H1', 'a team that answers UDP alone', nameServerTeam),
  lookAlike('H2', 'a watchdog that asks by ARP whatever it hears', watchdog),
  lookAlike('H3', 'connections to filtered ports of a host that asks by ARP again and again', filtered),
  lookAlike('H4', 'a team that answers requests to the MAC address it receives on', confirmedTeam),
  {
    name: 'H4-in-vain',
    title: 'as P1; requests to the old MAC address are not answered, then one to everybody is',
    rule: RULE,
    expect: EXPECT.definitive,
    build: confirmedInVain,
  },
  lookAlike('H4-deaf', 'as P5; it answers a request to its own MAC address', hearsQuestion),
  lookAlike('H5', 'a team that refuses datagrams to the MAC address it receives on', () =>
    refusedDatagrams('A'),
  ),
  {
    name: 'H5-elsewhere',
    title: 'as H5; the datagrams went to the new MAC address',
    rule: RULE,
    expect: EXPECT.strong,
    build: () => refusedDatagrams('B'),
  },
  lookAlike('H6', 'a team that drops every ping, from the start', () => neverEchoes(0)),
  {
    name: 'H6-echoed',
    title: 'as H6; it answered a ping before the change',
    rule: RULE,
    expect: EXPECT.strong,
    build: () => neverEchoes(1),
  },
];
