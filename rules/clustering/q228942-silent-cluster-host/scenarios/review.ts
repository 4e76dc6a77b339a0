/** Clusters that are rebuilt, moved, served from elsewhere, or beside machines that only look like members. */
import {
  ALL_BUCKETS,
  Cluster,
  ClusterLan,
  ENCODINGS,
  Host,
  Script,
  TCP_FLAG,
  TCP_OPTION,
  addChatter,
} from '../../../../samples/craft/index.ts';
import type { ClusterMember, Scenario, TimedFrame } from '../../../../samples/craft/index.ts';
import { noBeats } from './convergence.ts';
import {
  CLEAR,
  MEMBER_LEFT,
  NO_CLUSTER,
  RULE,
  STRONG,
  SUGGESTIVE_AT_MOST,
  UNDECIDED,
  citing,
  lookAlike,
} from './expectations.ts';
import { asks } from './healthy.ts';
import { hole } from './holes.ts';
import { SERVED_ON, silent } from './silences.ts';

/** Virtual machines whose MAC addresses are made of their own addresses, as some hypervisors give them. */
function embeddedAddresses(): Script {
  const script = new Script();
  const router = new Host({ mac: '00:e0:1e:60:42:fe', ip: '10.0.0.1', ttl: 255, firstIpId: 0x7700 });
  const machines = [5, 6, 7].map(
    (last) => new Host({ mac: `02:01:0a:00:00:0${last}`, ip: `10.0.0.${last}`, firstIpId: 0x1000 * last }),
  );
  for (const [index, machine] of machines.entries()) {
    for (let at = 1 + index; at < 96; at += 4) {
      script.at(at, () => (at % 8 < 4 ? machine.ping(router, at) : machine.arpRequest(router.ip)));
      script.at(at + 0.001, () => (at % 8 < 4 ? router.pong(machine, at) : router.arpReply(machine)));
    }
  }
  addChatter(script, { untilSeconds: 100 });
  return script;
}

/** A lone host is given another cluster address; the host itself stays. */
function renumberedAlone(): Script {
  const lan = new ClusterLan();
  const [web1] = lan.members(1);
  const renumbered = new Cluster({ ip: '10.0.0.90' });
  const again = renumbered.member(1, { hostIp: web1.hostIp, hostCode: 0x3a7c_7777 });
  lan.beats(web1, 0.5, 40.5, { currentMap: ALL_BUCKETS });
  asks(lan, 3, 39, 2.7, () => web1);
  lan.lives(web1, [48, 52, 60, 70], 'dedicated');
  lan.beats(again, 44.5, 109, { currentMap: ALL_BUCKETS });
  return lan.end(110);
}

/** Host 2 is taken into another cluster. */
function movedToAnother(): Script {
  const { lan, web2 } = silent({ knocks: [], answered: SERVED_ON, convergesAfter: 5.5 });
  const other = new Cluster({ ip: '10.0.0.90' });
  const again = other.member(1, { hostIp: web2.hostIp, hostCode: 0x3a7c_7777 });
  lan.beats(again, 33.5, 74, { currentMap: ALL_BUCKETS });
  return lan.end(75);
}

/** Host 2 has lost its power; the router answers ARP for its address, as for every one behind it. */
function proxiedDead(): Script {
  const { lan, web2 } = silent({ lives: [], knocks: [], answered: SERVED_ON, convergesAfter: 5.5 });
  const asker = new Host({ mac: '00:50:04:2c:77:31', ip: '10.0.0.31', firstIpId: 0x4100 });
  const behind = [web2.hostIp, '10.0.0.201', '10.0.0.202', '10.0.0.203'];
  for (let at = 40, turn = 0; at < 72; at += 1.9, turn += 1) {
    const sought = behind[turn % behind.length] ?? web2.hostIp;
    lan.script.at(at, () => asker.arpRequest(sought));
    lan.script.at(at + 0.0007, () => lan.router.arpReply(asker, { sourceIp: sought }));
  }
  return lan.end(75);
}

/** Silences of a cluster whose members all send under one MAC address: nobody knows who served meanwhile. */
function unmaskedTwice(): Script {
  const lan = new ClusterLan({ masksSource: false });
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 99.5);
  lan.beats(web2, 1, 30).beats(web2, 42, 60).beats(web2, 72, 99);
  lan.lives(web2, [36.6, 38.3, 40.4, 66.6, 68.3, 70.4], 'dedicated');
  asks(lan, 3, 97, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  return lan.end(100);
}

/** The service was stopped on host 1: it resets what it gets, while host 2, silent, is no longer asked. */
function refusedInSilence(): Script {
  const { lan, web1 } = silent();
  for (const [index, at] of [48, 54, 60, 66].entries()) resets(lan, at, 21 + index, web1);
  return lan.end(75);
}

function resets(lan: ClusterLan, at: number, number: number, member: ClusterMember): void {
  const { host } = lan.client(number);
  const sequence = 0x0100_0000 * number + Math.round(at * 250_000);
  const sourcePort = 1024 + Math.round(at * 10);
  const syn = { sourcePort, destinationPort: 80, sequence, flags: TCP_FLAG.syn };
  lan.script.at(at, () => host.tcp(lan.cluster.station, { ...syn, options: TCP_OPTION.mss(1460) }));
  lan.script.at(at + 0.0005, () =>
    member.virtual.tcp(
      { ip: host.ip, mac: lan.router.mac },
      {
        sourcePort: 80,
        destinationPort: sourcePort,
        sequence: 0,
        acknowledgment: (sequence + 1) >>> 0,
        flags: TCP_FLAG.rst | TCP_FLAG.ack,
        window: 0,
      },
    ),
  );
}

/** Remote control disables the ports of the whole cluster, which goes on beating. */
function disabledRemotely(): Script {
  const { lan } = hole();
  return lan.control(58.9, 2504).end(100);
}

/** On the first interface a filter let IP and ARP through alone; the second shows spanning tree. */
function filteredBeside(): Script {
  const script = new Script({ interfaces: [{ name: 'filtered' }, { name: 'all' }] });
  const frames = noBeats()
    .end(86)
    .timeline()
    .map((frame): TimedFrame => {
      const isIp = frame.bytes[12] === 0x08 && (frame.bytes[13] === 0 || frame.bytes[13] === 6);
      return { ...frame, interface: isIp ? 0 : 1 };
    });
  return Script.recorded(script.interfaces, frames);
}

/** Three silences; in the second one nobody asks. */
function threeSilences(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  const lastBeats = [30, 60, 90];
  lan.beats(web1, 0.5, 129.5);
  for (const [index, last] of lastBeats.entries()) {
    lan.beats(web2, index === 0 ? 1 : last - 18, last, {
      mark: (at) => (at === last ? `last-beat-${index + 1}` : undefined),
    });
    lan.lives(web2, [last + 6.6, last + 8.3, last + 10.4], 'dedicated', 'life');
  }
  lan.beats(web2, 102, 129);
  for (let at = 3, client = 1; at < 127; at += 3.3, client = (client % 8) + 1) {
    if (at > 58 && at < 73) continue;
    const isMute = lastBeats.some((last) => at > last - 1 && at < last + 12);
    lan.request(at, client, client % 2 === 1 || isMute ? web1 : web2);
  }
  return lan.end(130);
}

/** Host 2 loses its power at 60 s; until host 1 has everything, only clients of host 2 ask. */
function failover(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 65.5);
  lan.beats(web1, 66, 69, { everySeconds: 0.5, state: 2, newMap: ALL_BUCKETS });
  lan.beats(web1, 69.5, 109.5, { currentMap: ALL_BUCKETS });
  lan.beats(web2, 1, 60);
  asks(lan, 3, 59, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  for (const [index, at] of [60.3, 61, 62, 63, 64].entries()) lan.knock(at, index % 2 === 0 ? 2 : 4);
  asks(lan, 70.6, 107, 2.7, () => web1);
  return lan.end(110);
}

/** Every frame of a working cluster twice, as two taps of one segment show it. */
function twoTaps(delaySeconds: number): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 119.5);
  lan.beats(web2, 0.6, 59.6).beats(web2, 63.6, 119.6);
  asks(lan, 3, 117, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  const script = lan.end(120);
  const frames = script
    .timeline()
    .flatMap((frame) => [frame, { ...frame, nanos: frame.nanos + Math.round(delaySeconds * 1e9) }]);
  return Script.recorded(
    script.interfaces,
    frames.toSorted((one, other) => one.nanos - other.nanos),
  );
}

export const review: readonly Scenario[] = [
  lookAlike('review-embedded', 'MAC addresses made of the machines’ own', embeddedAddresses, NO_CLUSTER),
  lookAlike('review-renumbered', 'a lone host gets another cluster address', renumberedAlone, CLEAR),
  lookAlike('review-moved', 'a member is taken into another cluster', movedToAnother, CLEAR),
  lookAlike('review-proxied', 'a router answers ARP for a member without power', proxiedDead, MEMBER_LEFT),
  lookAlike(
    'review-unmasked',
    'silences of a member without a MAC of its own',
    unmaskedTwice,
    SUGGESTIVE_AT_MOST,
  ),
  lookAlike(
    'review-refused',
    'the other member resets what it is asked',
    refusedInSilence,
    SUGGESTIVE_AT_MOST,
  ),
  lookAlike('review-disabled', 'ports disabled by remote control', disabledRemotely, SUGGESTIVE_AT_MOST),
  lookAlike('review-filter', 'a capture filter on the cluster’s interface alone', filteredBeside, UNDECIDED, {
    encoding: ENCODINGS.pcapng,
  }),
  lookAlike('review-failover', 'nobody is asked but a member that lost its power', failover, MEMBER_LEFT),
  lookAlike('review-taps', 'copies of everything 0.4 s later', () => twoTaps(0.4)),
  lookAlike('review-late-copies', 'copies of everything 8 ms later', () => twoTaps(0.008)),
  {
    name: 'review-three',
    title: 'three silences, in one of which nobody asks',
    rule: RULE,
    expect: citing(STRONG, 'last-beat-1', 'last-beat-3'),
    build: threeSilences,
  },
];
