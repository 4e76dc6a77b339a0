/**
 * Look-alikes of the path: the Ethernet source is not the host's adapter, because a bridge, a proxy, a router, a copy or a
 * second network stands between (N3, N7, N8, N10, N12, N14 remote, X1, X2).
 */
import { ENCODINGS, Script } from '../../../samples/craft/index.ts';
import type { Mac, Scenario } from '../../../samples/craft/index.ts';
import {
  X,
  ntAnnounce,
  ntHost,
  routedPing,
  sentBy,
  unixHost,
} from '../q120599-duplicate-ip-address/segment-scenarios.ts';
import { END_SECONDS, FileSession, MAC_B, Stage, every, lookAlike } from './stage-scenarios.ts';

const BRIDGE_MAC: Mac = 'c0:25:e9:70:00:01';
const ROUTER_MAC: Mac = '00:04:9a:10:00:03';

/**
 * A Wi-Fi client bridge sends four stations' frames under its own MAC and leaves their ARP bodies as they are. With
 * `moved`, X was on the wire before; its radio loses what the reader sends.
 */
function wirelessBridge(moved: boolean): Script {
  const stage = new Stage({ macB: BRIDGE_MAC });
  const { reader, peer, x } = stage;
  const others = [61, 62, 63].map((last, index) =>
    unixHost(`a4:5e:60:c1:00:${last}`, `10.0.0.${last}`, 0x1800 * (index + 1)),
  );
  for (const [index, host] of others.entries()) {
    for (const at of every(1 + index, 150, 11)) {
      stage.send(at, () => sentBy(BRIDGE_MAC, host.arpRequest(peer.ip)));
      stage.send(at + 0.0003, () => peer.arpReply({ mac: host.mac, ip: host.ip }));
      stage.send(at + 0.4, () => sentBy(BRIDGE_MAC, host.ping(peer, at)));
      stage.send(at + 0.4008, () => peer.pong(host, at));
    }
  }
  const from = moved ? 21 : 0;
  if (moved) stage.healthy().closes(19.9);
  for (const at of every(from + 1, 150, 13)) stage.asksFor(at, stage.gateway, BRIDGE_MAC);
  for (const at of [from + 2, from + 30]) stage.askedBy(at, reader, BRIDGE_MAC);
  stage.broadcasts(every(from + 3, 150, 20), BRIDGE_MAC);
  stage.pinging(every(from + 4, from + 14, 2), reader, x.mac, null);
  stage.pinging(every(from + 5, from + 15, 2), peer, x.mac, null);
  return stage.end(END_SECONDS);
}

/** X has dialled in elsewhere: the server answers for it and for two others, and routes its frames (TTL one lower). */
function proxiedCaller(): Script {
  const server = ntHost('00:60:97:77:00:05', '10.0.0.5', 0x1b00);
  const stage = new Stage({ macB: server.mac });
  const { reader, peer } = stage;
  stage.asks(1.2, server).pings(server, 4, 154, 30);
  stage.healthy().closes(19.9);
  const speaksFor = (ip: string) => ntHost(server.mac, ip);
  for (const [index, ip] of [X, '10.0.0.81', '10.0.0.82'].entries()) {
    for (const at of [40 + index, 80 + index]) stage.asked(at, ip, [[speaksFor(ip), 0.0006]]);
    for (const at of every(42 + index, 150, 5)) {
      stage.send(at, () => routedPing(server.mac, ip, peer, 127, 0x300 + Math.floor(at) + index * 0x200));
    }
  }
  // Two stations keep their old entries for a while.
  stage.pinging(every(45, 61, 2), stage.gateway, stage.x.mac, null);
  return stage.pinging(every(44, 60, 2), reader, stage.x.mac, null).end(END_SECONDS);
}

/** N8: after a change of routes, ten remote hosts come under another router's MAC. */
function otherRouter(from: Mac, to: Mac): Script {
  const stage = new Stage();
  const { peer } = stage;
  const [first, second] = [unixHost(from, '10.0.0.3', 0x3100), unixHost(to, '10.0.0.4', 0x5200)] as const;
  stage.asks(1, first).asks(1.5, second);
  for (let index = 0; index < 10; index += 1) {
    for (const at of every(3 + index * 0.4, 150, 4)) {
      const mac = at < 80 ? from : to;
      const id = 0x400 + index * 0x300 + Math.floor(at);
      stage.send(at, () => routedPing(mac, `198.51.100.${20 + index}`, peer, 50 + index, id));
      // For ten seconds the peer answers through the old router.
      const via = at < 90 ? from : to;
      stage.send(at + 0.0006, () => peer.pong({ mac: via, ip: `198.51.100.${20 + index}` }, id & 0xff));
    }
  }
  return stage.end(END_SECONDS);
}

/** N8: X itself has moved behind a router, with its address as a host route; the reader's entry is old. */
function behindRouter(): Script {
  const stage = new Stage({ macB: ROUTER_MAC });
  const { reader, peer, x } = stage;
  const router = unixHost(ROUTER_MAC, '10.0.0.3', 0x3100);
  stage.asks(1.2, router).pings(router, 4, 150, 30);
  stage.healthy().closes(19.9);
  for (let index = 0; index < 5; index += 1) {
    for (const at of every(2 + index, 150, 9)) {
      stage.send(at, () =>
        routedPing(ROUTER_MAC, `198.51.100.${20 + index}`, peer, 57, 0x400 + index * 0x300 + at),
      );
    }
  }
  for (const at of every(30, 150, 2)) {
    stage.send(at, () => sentBy(ROUTER_MAC, x.ping({ mac: peer.mac, ip: peer.ip }, at, { ttl: 127 })));
    stage.send(at + 0.0006, () => peer.pong({ mac: ROUTER_MAC, ip: X }, at));
  }
  stage.pinging(every(32, 60, 2), reader, x.mac, null).pinging(every(33, 43, 2), peer, x.mac, null);
  return stage.end(END_SECONDS);
}

/** N10: a SPAN of both sides of a router: each routed packet a second time, TTL one lower, under the router's MAC. */
function bothSides(): Script {
  const stage = new Stage();
  const { x, gateway } = stage;
  const outer: Mac = '00:04:9a:10:00:13';
  const next: Mac = '00:50:04:2c:99:09';
  const far = { mac: gateway.mac, ip: '10.0.7.9' };
  stage.send(0.5, () => ntAnnounce(x));
  for (const at of [1, 40, 80, 120]) stage.asksFor(at, gateway);
  for (const [index, at] of every(3, 153, 1.5).entries()) {
    const [ipId, answerId] = [0x2000 + index, 0x7000 + index];
    const host = unixHost(next, far.ip);
    stage.send(at, () => x.ping(far, index, { ipId }));
    stage.send(at + 0.0004, () => sentBy(outer, x.ping({ ...far, mac: next }, index, { ipId, ttl: 127 })));
    // For a quarter of the time the far side is silent.
    if (index % 40 >= 30) continue;
    stage.send(at + 0.01, () => host.pong({ mac: outer, ip: x.ip }, index, { ipId: answerId }));
    stage.send(at + 0.0104, () => sentBy(gateway.mac, host.pong(x, index, { ipId: answerId, ttl: 63 })));
  }
  return stage.end(END_SECONDS);
}

/** Everything in one VLAN. */
function inVlan(script: Script, vlan: number): Script {
  const frames = script.timeline().map((frame) => ({ ...frame, vlans: [vlan, ...frame.vlans] }));
  return Script.recorded(script.interfaces, frames);
}

/** N12: X is shut down, and its clone lives on in another VLAN with the same address and a MAC of its own. */
function cloned(): Script {
  const original = new Stage();
  original.healthy();
  original.pinging(every(24, 44, 2), original.reader, original.x.mac, null);
  original.pinging(every(25, 45, 2), original.peer, original.x.mac, null);
  const clone = new Stage({ host: ntHost(MAC_B, X, 0x9800) });
  const session = new FileSession(clone, 1050);
  clone.askedBy(21, clone.reader).askedBy(21.5, clone.peer);
  session.opens(22);
  for (const at of every(23, 150, 4)) session.reads(at);
  return (
    new Script()
      .include(inVlan(original.end(END_SECONDS), 20))
      // Later by more than the copy of a second tap is (rules 0.2): both VLANs have the same background.
      .include(inVlan(clone.end(END_SECONDS), 30), 2.6)
  );
}

/** N14: a remote host comes through one router and then through the other. Its TTL is one that hosts begin with. */
function remoteMoves(): Script {
  const stage = new Stage();
  const { peer } = stage;
  const [first, second] = [
    unixHost('00:04:9a:10:00:03', '10.0.0.3', 0x3100),
    unixHost('00:04:9a:20:00:04', '10.0.0.4', 0x5200),
  ] as const;
  stage.asks(1, first).asks(1.5, second);
  const remote = '198.51.100.20';
  for (const at of every(3, 150, 2)) {
    const router = at < 80 ? first : second;
    stage.send(at, () => routedPing(router.mac, remote, peer, 60, 0x400 + at));
    if (at < 80 || at > 100)
      stage.send(at + 0.0006, () => peer.pong({ mac: router.mac, ip: remote }, at & 0xff));
  }
  // The peer still sends through the router that is gone.
  for (const at of every(82, 98, 2))
    stage.send(at + 0.5, () => peer.ping({ mac: first.mac, ip: remote }, at));
  return stage.end(END_SECONDS);
}

/** X1: frames of one host under its adapter's, its bridge's and its veth's MAC, in turns of ten seconds. */
function anyInterface(): Script {
  const macs: readonly Mac[] = ['00:25:90:31:07:a0', '02:42:9c:11:07:31', '2e:5f:80:aa:17:02'];
  const host = unixHost('00:25:90:31:07:a0', X);
  const stage = new Stage({ host });
  stage.askedBy(1, stage.reader);
  for (const [index, from] of every(3, 133, 10).entries()) {
    const mac = macs[index % 3] ?? host.mac;
    stage.pinging(every(from, from + 8, 2), stage.peer, host.mac, mac);
    stage.asksFor(from + 1, stage.gateway, host.mac);
  }
  return stage.pinging(every(40, 60, 4), stage.reader, host.mac, null).end(END_SECONDS);
}

/** X2: X's connection with a far host before and behind a router, 0.4 s apart. */
function twoTaps(): Script {
  const stage = new Stage();
  const { x, gateway } = stage;
  const outer: Mac = '00:04:9a:10:00:13';
  const next: Mac = '00:50:04:2c:99:09';
  stage.send(0.5, () => ntAnnounce(x)).asksFor(1, gateway);
  for (const [index, at] of every(3, 153, 1.2).entries()) {
    const [ipId, answerId] = [0x2000 + index, 0x7000 + index];
    const far = { mac: gateway.mac, ip: '10.0.7.9' };
    const host = unixHost(next, far.ip);
    stage.send(at, () => x.ping(far, index, { ipId }));
    stage.send(at + 0.4, () => sentBy(outer, x.ping({ ...far, mac: next }, index, { ipId, ttl: 127 })));
    stage.send(at + 0.42, () => host.pong({ mac: outer, ip: X }, index, { ipId: answerId }));
    stage.send(at + 0.82, () => sentBy(gateway.mac, host.pong(x, index, { ipId: answerId, ttl: 63 })));
  }
  return stage.end(END_SECONDS);
}

/** A spoofing tool answers for X with its own MAC, and passes on what it gets (no TTL lost). */
function spoofed(): Script {
  const attacker = unixHost('00:0c:29:5a:00:66', '10.0.0.66', 0x6600);
  const stage = new Stage({ macB: attacker.mac });
  const { x, reader, peer } = stage;
  stage.asks(1.2, attacker).healthy().closes(19.9);
  const poison = unixHost(attacker.mac, X);
  for (const at of every(40, 120, 10)) {
    stage
      .send(at, () => poison.arpReply(reader))
      .send(at + 0.1, () => unixHost(attacker.mac, reader.ip).arpReply(x));
  }
  for (const [index, at] of every(41, 120, 3).entries()) {
    const ipId = 0x3000 + index;
    stage.send(at, () => reader.ping({ mac: attacker.mac, ip: X }, at, { ipId }));
    stage.send(at + 0.0003, () => sentBy(attacker.mac, reader.ping(x, at, { ipId })));
    stage.send(at + 0.0009, () => x.pong({ mac: attacker.mac, ip: reader.ip }, at, { ipId: 0x5000 + index }));
    stage.send(at + 0.0013, () => sentBy(attacker.mac, x.pong(reader, at, { ipId: 0x5000 + index })));
  }
  return stage.pinging(every(44, 56, 2), peer, x.mac, x.mac).end(END_SECONDS);
}

/** A capture of IPX alone. */
function onlyIpx(): Script {
  const script = new Stage().end(END_SECONDS);
  const frames = script.timeline().filter((frame) => (frame.bytes[12] ?? 0) < 6);
  return Script.recorded(script.interfaces, frames);
}

export const paths: readonly Scenario[] = [
  lookAlike('N3', 'a Wi-Fi bridge with four stations', () => wirelessBridge(false), {
    encodings: [ENCODINGS.vlan, ENCODINGS.sll2],
  }),
  lookAlike('N3-moved', 'a host of the wire moves behind a Wi-Fi bridge', () => wirelessBridge(true)),
  lookAlike('N7', 'a remote access server answers for X, which dialled in', proxiedCaller, {
    encodings: [ENCODINGS.vlan],
  }),
  lookAlike('N8', 'ten remote hosts come under another router’s MAC', () =>
    otherRouter('00:04:9a:10:00:03', '00:04:9a:20:00:04'),
  ),
  lookAlike('N8-moved', 'a host of the segment moves behind a router', behindRouter),
  lookAlike('N10', 'copies from both sides of a router', bothSides, { encodings: [ENCODINGS.pcapngBigNano] }),
  lookAlike('N12', 'a clone with the same address in another VLAN', cloned, {
    encodings: [ENCODINGS.pcapng],
  }),
  lookAlike('N14-remote', 'a remote host comes through another router', remoteMoves),
  lookAlike('N-spoof', 'a spoofing tool between X and a reader', spoofed),
  lookAlike('N-ipx', 'a capture without IPv4 and ARP', onlyIpx, {
    expect: { verdict: 'not-applicable', findings: 0, notices: 0 },
  }),
  lookAlike('X1', 'one host under three MACs in a cooked capture', anyInterface, {
    encoding: ENCODINGS.sll,
    encodings: [ENCODINGS.sll2],
  }),
  lookAlike('X2', 'two taps of one path, 0.4 s apart', twoTaps),
];
