/** The catalogue's X1 to X4 at a cluster: cooked captures, two taps, a recorder asleep, MACs that several machines share. */
import {
  ClusterLan,
  ENCODINGS,
  Host,
  Script,
  addChatter,
  internetChecksum,
  macBytes,
  u16,
  withGap,
} from '../../../../samples/craft/index.ts';
import type { Mac, Scenario, TimedFrame } from '../../../../samples/craft/index.ts';
import { NO_CLUSTER, SUGGESTIVE, lookAlike } from './expectations.ts';
import { asks, healthy } from './healthy.ts';
import { holeScript } from './holes.ts';

/** X1: every frame under the adapter, the bridge and a veth, 20 µs apart; two container networks have one address. */
function anyInterface(): Script {
  const lan = healthy(95);
  const container = (firstIpId: number): Host =>
    new Host({ mac: '02:42:ac:11:00:02', ip: '172.17.0.2', firstIpId });
  const [one, other] = [container(0x0a00), container(0xb000)];
  const bridge = new Host({ mac: '02:42:9c:11:07:31', ip: '172.17.0.1' });
  for (let at = 5, turn = 0; at < 93; at += 8, turn += 1) {
    const from = turn % 2 === 0 ? one : other;
    lan.script.at(at, () => from.arpRequest(bridge.ip)).at(at + 0.5, () => from.ping(bridge, turn));
  }
  const script = lan.end(95);
  const copies = script
    .timeline()
    .flatMap((frame) =>
      [0, 20_000, 40_000].map((later) => ({ ...frame, nanos: frame.nanos + later, mark: null })),
    );
  return Script.recorded(
    script.interfaces,
    copies.toSorted((a, b) => a.nanos - b.nanos),
  );
}

/** The IPv4 frame one hop earlier or later: another TTL, other MACs. */
function hop(bytes: Uint8Array, ttlBy: number, source: Mac, destination: Mac): Uint8Array {
  const copy = bytes.slice();
  copy.set(macBytes(destination), 0);
  copy.set(macBytes(source), 6);
  copy[22] = (copy[22] ?? 64) + ttlBy;
  copy.set([0, 0], 24);
  copy.set(u16(internetChecksum(copy.subarray(14, 34))), 24);
  return copy;
}

/**
 * X2: a tap before and one behind the router, the latter's clock 0.4 s late. A SYN comes back with a lower TTL, and the
 * answer to it is late by as much.
 */
function twoTaps(inner: Script): Script {
  const outside: readonly [Mac, Mac] = ['00:e0:1e:60:42:ff', '00:04:9a:10:00:13'];
  const clients = '198.51.100.'.split('.').slice(0, 3).map(Number);
  const isOf = (bytes: Uint8Array, at: number): boolean =>
    bytes[12] === 8 && bytes[13] === 0 && clients.every((octet, index) => bytes[at + index] === octet);
  const late = 400_000_000;
  const frames = inner.timeline().flatMap((frame): TimedFrame[] => {
    const behind = { ...frame, nanos: frame.nanos + late };
    if (isOf(frame.bytes, 26)) {
      return [{ ...frame, bytes: hop(frame.bytes, 1, outside[1], outside[0]) }, behind];
    }
    if (isOf(frame.bytes, 30)) {
      return [{ ...frame, bytes: hop(frame.bytes, -1, outside[0], outside[1]) }, behind];
    }
    return [behind];
  });
  return Script.recorded(
    inner.interfaces,
    frames.toSorted((a, b) => a.nanos - b.nanos),
  );
}

/** X3: the recording laptop sleeps for 20 min, over beats and between SYNs and their repetition. */
function asleep(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 1359.5).beats(web2, 0.6, 1359.6);
  asks(lan, 3, 95, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  // Answered while the recorder slept; in the file they stay alone.
  for (const [index, at] of [96, 96.4, 96.8, 97.2, 97.6, 98].entries()) {
    lan.knock(at, 1 + index, { repeats: [1] });
  }
  asks(lan, 1306, 1355, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  return withGap(lan.end(1360), 100, 1300);
}

/** X3: one member went away and came back while the recorder slept. */
function asleepOverAGap(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 1359.5).beats(web2, 0.6, 99.6).beats(web2, 1302.1, 1359.6);
  asks(lan, 3, 95, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  asks(lan, 1306, 1355, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  return withGap(lan.end(1360), 100, 1300);
}

/** X4: hosts that announce, ask and are asked, under MACs that only look like a cluster's. */
function segmentOf(hosts: readonly Host[]): Script {
  const script = new Script();
  const peer = new Host({ mac: '00:50:04:2c:77:10', ip: '10.0.0.10', ttl: 128, ipIdStyle: 'swapped' });
  for (const [index, host] of hosts.entries()) {
    script.at(1 + index, () => host.announce());
    for (let at = 3 + index, turn = 0; at < 118; at += 4, turn += 1) {
      script.at(at, () => peer.arpRequest(host.ip)).at(at + 0.0003, () => host.arpReply(peer));
      script.at(at + 0.2, () => peer.ping(host, turn)).at(at + 0.2004, () => host.pong(peer, turn));
    }
  }
  return addChatter(script, { untilSeconds: 120 });
}

const onMac = (mac: Mac, ip: string): Host => new Host({ mac, ip });

export const sharedLookAlikes: readonly Scenario[] = [
  lookAlike('X1', 'a cluster through `-i any`, container networks alike', anyInterface, undefined, {
    encoding: ENCODINGS.sll,
  }),
  lookAlike('X2', 'two taps of one path', () => twoTaps(healthy(100).end(100))),
  lookAlike('P1-two-taps', 'P1 as two taps of one path see it', () => twoTaps(holeScript()), SUGGESTIVE),
  lookAlike('X3', 'the recorder slept between SYNs and their repetition', asleep),
  lookAlike('X3-gap', 'the recorder slept over a gap in the beats', asleepOverAGap),
  lookAlike(
    'X4-containers',
    'container MACs that embed their addresses',
    () => segmentOf([4, 5, 6, 7].map((last) => onMac(`02:42:0a:00:00:0${last}`, `10.0.0.${last}`))),
    NO_CLUSTER,
  ),
  lookAlike(
    'X4-pods',
    'Calico and 0a:58 MACs',
    () => segmentOf([onMac('0a:58:0a:00:00:04', '10.0.0.4'), onMac('ee:ee:ee:ee:ee:ee', '10.0.0.5')]),
    NO_CLUSTER,
  ),
  lookAlike(
    'X4-cloud',
    'MACs of a cloud that embed addresses',
    () => segmentOf([4, 5].map((last) => onMac(`42:01:0a:00:00:0${last}`, `10.0.0.${last}`))),
    NO_CLUSTER,
  ),
  lookAlike(
    'X4-pair',
    'a firewall pair and an anycast gateway',
    () => segmentOf([onMac('00:09:0f:09:00:01', '10.0.0.1'), onMac('44:38:39:ff:00:01', '10.0.0.2')]),
    NO_CLUSTER,
  ),
];
