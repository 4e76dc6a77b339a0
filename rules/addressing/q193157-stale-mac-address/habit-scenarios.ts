/**
 * Hosts whose habits resemble the fault: a team that speaks UDP alone and drops what else it is sent, a host that asks by
 * ARP at regular intervals, a filter in front of a host that is asked for by many.
 */
import { TCP_FLAG } from '../../../samples/craft/index.ts';
import type { Scenario, Script } from '../../../samples/craft/index.ts';
import { END_SECONDS, Stage, every, lookAlike } from './stage-scenarios.ts';

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

export const habits: readonly Scenario[] = [
  lookAlike('H1', 'a team that answers UDP alone', nameServerTeam),
  lookAlike('H2', 'a watchdog that asks by ARP whatever it hears', watchdog),
  lookAlike('H3', 'connections to filtered ports of a host that asks by ARP again and again', filtered),
];
