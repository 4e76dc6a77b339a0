/** The catalogue's X1 to X3 as this rule meets them (X4 is about MAC addresses), and captures with nothing to judge. */
import {
  Host,
  Script,
  concat,
  internetChecksum,
  macBytes,
  u16,
  withGap,
} from '../../../../samples/craft/index.ts';
import { addChatter } from '../../../../samples/craft/index.ts';
import type { Mac, Scenario, TimedFrame } from '../../../../samples/craft/index.ts';
import { lookAlike } from './expectations.ts';
import { Flow, LINUX_STACK, Lan } from './lan.ts';
import type { End } from './lan.ts';
import { reuse } from './reuse.ts';
import type { Reuse } from './reuse.ts';
import { irregular, openAll, openings, regressing } from './series.ts';

const ADAPTER: Mac = '00:1e:67:40:00:01';
const BRIDGE: Mac = '02:42:d3:10:00:01';

/** The frame as it passes another interface of the host, with the TTL lowered where it was routed. */
function seenAgain(
  frame: TimedFrame,
  source: Mac,
  destination: Mac,
  delay: number,
  hops: number,
): TimedFrame {
  const bytes = Uint8Array.from(frame.bytes);
  bytes.set(macBytes(destination), 0);
  bytes.set(macBytes(source), 6);
  bytes[22] = (bytes[22] ?? 0) - hops;
  bytes.set([0, 0], 24);
  bytes.set(u16(internetChecksum(bytes.subarray(14, 34))), 24);
  return { ...frame, bytes, nanos: frame.nanos + Math.round(delay * 1e9), mark: null };
}

const isIpv4 = ({ bytes }: TimedFrame): boolean => bytes[12] === 8 && bytes[13] === 0;

function remade(script: Script, change: (frame: TimedFrame) => readonly TimedFrame[]): Script {
  const frames = script.timeline().flatMap(change);
  return Script.recorded(
    script.interfaces,
    frames.toSorted((one, other) => one.nanos - other.nanos),
  );
}

/**
 * `-i any` on a container host: every frame of a container passes its veth, the bridge and the adapter. Two networks give
 * their containers the same addresses, and the second one's client takes the port of the first one's.
 */
function anyInterface(): Script {
  const container = (mac: Mac, last: number, firstIpId: number): End => ({
    host: new Host({ mac, ip: `172.17.0.${last}`, firstIpId }),
    stack: LINUX_STACK,
    stampBase: firstIpId * 100,
  });
  const lan = new Lan(41);
  for (const network of [0, 1]) {
    const client = container(`02:42:ac:11:0${network}:02`, 2, 0x1000 + network * 0x7000);
    const server = container(`02:42:ac:11:0${network}:03`, 3, 0x4000 + network * 0x7000);
    for (const [index, at] of irregular(10, 4).entries()) {
      const clientPort = 40_000 + index;
      const clientIsn = index === 4 ? 0xb000_0000 - network * 20_000 : lan.isn();
      const start = at + network * 45;
      lan.connection(start, { client, server, clientPort, serverPort: 80, clientIsn, ending: 'server' });
    }
  }
  const copies = remade(lan.script, (frame) => [
    frame,
    seenAgain(frame, BRIDGE, ADAPTER, 0.00001, 0),
    seenAgain(frame, ADAPTER, '00:04:9a:10:00:03', 0.00003, 1),
  ]);
  return addChatter(new Script().include(copies), { untilSeconds: 110 });
}

/** Taps before and behind a router in one file, the clock of the second 0.4 s behind. */
function twoTaps(build: () => Script): Script {
  const [near, far]: readonly Mac[] = ['00:04:9a:10:00:03', '00:04:9a:10:00:04'];
  return remade(build(), (frame) =>
    isIpv4(frame) && (frame.bytes[0] ?? 1) !== 0xff && near !== undefined && far !== undefined
      ? [frame, seenAgain(frame, near, far, 0.4, 1)]
      : [frame],
  );
}

/** Rising numbers, connections 0.25 s apart, and the tuple again 0.2 s after its close: old ACKs come after the SYN. */
function risingAtBothTaps(): Script {
  const base = reuse({ back: -40_000, reuseAt: 20.7 });
  const times = Array.from({ length: 12 }, (_, index) => 22 + index * 0.25);
  openAll(base.lan, openings(regressing(11, []), times, base.R + 60_000), base.old.fields.client);
  return base.syn(0).accepted(0.0006).end(60);
}

/** The tuple again at once, with a lower number that is accepted. */
function lowerAtBothTaps(): Script {
  return reuse({ reuseAt: 20.7 }).syn(0).accepted(0.0006).fresh(59.5, 75).end(100);
}

/** The recording laptop sleeps for 20 minutes after the second SYN; then the client comes through. */
function asleep(): Script {
  const base: Reuse = reuse().syn(0).syn(3).fresh(59.5, 1275).witness();
  const { fields } = base.old;
  const later = new Flow({
    ...fields,
    clientPort: 1480,
    clientIsn: base.R + 50_000,
    serverIsn: base.lan.isn(),
  });
  base.lan.send(1270, (at) => later.syn(at)).send(1270.0006, (at) => later.synAck(at));
  base.lan.send(1270.0009, (at) => later.ack(at, 'client'));
  return withGap(base.end(1290), 62, 1262);
}

/** Names, ARP and nothing of TCP. */
function withoutTcp(): Script {
  const lan = new Lan();
  const end = lan.server;
  const peer = new Host({ mac: '00:b0:d0:4e:13:01', ip: '10.0.0.40' });
  for (let at = 1; at < 60; at += 2) {
    lan.send(at, () => end.host.udp(peer, 1100 + at, 53, concat(u16(at), new Uint8Array(20))));
    lan.send(at + 0.5, () => end.host.arpRequest(peer.ip)).send(at + 0.5004, () => peer.arpReply(end.host));
  }
  return lan.script;
}

export const sharedLookAlikes: readonly Scenario[] = [
  lookAlike('X1', '`-i any` on a container host, two networks with the same addresses', anyInterface, {
    encoding: { container: 'pcap', linkType: 'sll', localMacs: [ADAPTER, BRIDGE] },
  }),
  lookAlike('X2', 'two taps of one path in one file', () => twoTaps(risingAtBothTaps)),
  lookAlike('X2-lower', 'two taps, and a lower number that is accepted', () => twoTaps(lowerAtBothTaps)),
  lookAlike('X3', 'the recording laptop slept while SYNs were sent again', asleep),
  lookAlike('no-tcp', 'no TCP at all', withoutTcp, {
    expect: { verdict: 'not-applicable', findings: 0, notices: 0 },
  }),
];
