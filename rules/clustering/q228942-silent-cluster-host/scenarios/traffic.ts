/**
 * Traffic and taps that look like a cluster that stopped answering: closed ports, scanners, floods, recorders that see
 * one side, or nothing for a while (the catalogue's N6 to N13).
 */
import {
  ClusterLan,
  ENCODINGS,
  Host,
  LAST_RULE,
  Script,
  TCP_FLAG,
  TCP_OPTION,
  portRule,
  withGap,
  withLoss,
} from '../../../../samples/craft/index.ts';
import type { ClusterMember, Scenario } from '../../../../samples/craft/index.ts';
import { CLEAR, SILENT, SUGGESTIVE_AT_MOST, UNDECIDED, lookAlike, undecided } from './expectations.ts';
import { asks, healthy } from './healthy.ts';
import { RISING, hole } from './holes.ts';

/** Client n to a port nobody listens on; the member resets it. */
function refused(lan: ClusterLan, at: number, number: number, port: number): void {
  const { host } = lan.client(number);
  const server = lan.cluster.member(1).virtual;
  const sourcePort = 1024 + Math.round(at * 10);
  const sequence = 0x0100_0000 * number + Math.round(at * 250_000);
  for (const seconds of [0, 0.5, 1]) {
    const syn = { sourcePort, destinationPort: port, sequence, flags: TCP_FLAG.syn };
    const options = TCP_OPTION.mss(1460);
    lan.script.at(at + seconds, () => host.tcp(lan.cluster.station, { ...syn, options }));
    lan.script.at(at + seconds + 0.0005, () =>
      server.tcp(
        { ip: host.ip, mac: lan.router.mac },
        {
          sourcePort: port,
          destinationPort: sourcePort,
          sequence: 0,
          acknowledgment: (sequence + 1) >>> 0,
          flags: TCP_FLAG.rst | TCP_FLAG.ack,
          window: 0,
        },
      ),
    );
  }
}

/** Port 8080 resets every SYN, as Windows and its clients do three times over; port 80 works. */
function closedPort(): Script {
  const lan = healthy(100);
  for (let at = 5, number = 21; at < 92; at += 6, number += 1) refused(lan, at, number, 8080);
  return lan.end(100);
}

/** Port 8080 has always been filtered; port 80 is asked until 58 s and then rests. */
function filteredPort(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 99.5).beats(web2, 0.6, 99.6);
  asks(lan, 3, 58, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  for (let at = 6, index = 0; at < 88; at += 3.5, index += 1) {
    lan.knock(at, 1 + (index % 6), { port: 8080, repeats: [3, 9] });
  }
  return lan.end(100);
}

/** SYNs from forged addresses, one each, at a steady rate between two times. */
export function flood(lan: ClusterLan, from: number, until: number, perSecond: number): void {
  const count = Math.floor((until - from) * perSecond);
  for (let index = 0; index < count; index += 1) {
    const mixed = Math.imul(index + 1, 0x9e37_79b1) >>> 0;
    const ip = `${((mixed >>> 24) % 90) | 32}.${(mixed >>> 16) & 0xff}.${(mixed >>> 8) & 0xff}.${1 + (index % 250)}`;
    lan.script.at(from + index / perSecond, () =>
      new Host({ mac: lan.router.mac, ip, ttl: 240, firstIpId: mixed & 0xffff }).tcp(lan.cluster.station, {
        sourcePort: 1024 + (mixed & 0x7fff),
        destinationPort: 80,
        sequence: mixed,
        flags: TCP_FLAG.syn,
      }),
    );
  }
}

/** P1 while the cluster address is flooded. */
export function flooded(perSecond: number): Script {
  const knocks = [61, 64, 67, 70, 72.5].map((at, index) => ({ at, client: index + 1 }));
  const { lan } = hole({ knocks, until: 79 });
  flood(lan, 60.9, 78.9, perSecond);
  return lan.end(79);
}

/** Two heartbeats 0.64 s apart, cut at 96 bytes: all that a public capture has. */
function twoBeats(): Script {
  const ruleCodes = [...[25, 80, 135, 143, 443, 587, 993].map(portRule), LAST_RULE, 0];
  const lan = new ClusterLan({ ip: '192.168.100.80', ruleCodes });
  lan.beatsAt(lan.cluster.member(2), [0.028]).beatsAt(lan.cluster.member(1), [0.672]);
  return lan.script;
}

/** Two members at work on a tap that sees nothing from the cluster address, ARP included. */
function behindOneWayTap(): { lan: ClusterLan; web1: ClusterMember; web2: ClusterMember } {
  const lan = new ClusterLan();
  const web1 = lan.cluster.member(1);
  const web2 = lan.cluster.member(2);
  lan.introduce(1.1, web1).introduce(1.2, web2);
  lan.beats(web1, 0.5, 99.5).beats(web2, 0.6, 99.6);
  return { lan, web1, web2 };
}

/** What goes to the cluster is seen, what it answers is not. */
function oneWay(): Script {
  const { lan, web1, web2 } = behindOneWayTap();
  for (let at = 3, client = 1; at < 97; at += 2.7, client = (client % 8) + 1) {
    // Some answer is lost, and the client asks again.
    const repeats = client === 5 ? [3] : [];
    lan.request(at, client, client % 2 === 1 ? web1 : web2, { answers: 'none', repeats });
  }
  return lan.end(100);
}

/** The same with SYNs that are really not answered: this tap cannot know. */
function oneWayHole(): Script {
  const { lan, web1, web2 } = behindOneWayTap();
  for (const [at, client] of RISING) {
    lan.request(at, client, client % 2 === 1 ? web1 : web2, { answers: 'none' });
  }
  for (const [index, at] of [61, 64, 67, 70, 73, 76, 79, 82, 85, 88].entries()) {
    lan.knock(at, 1 + (index % 5), { repeats: [3, 9] });
  }
  return lan.end(100);
}

/** Extended heartbeats of two members, and nothing else of theirs. */
function extendedOnly(): Script {
  const lan = new ClusterLan();
  for (const priority of [1, 2]) {
    const member = lan.cluster.member(priority);
    for (let at = 0.5; at < 95; at += 1) lan.script.at(at + priority / 10, () => member.extendedBeat());
  }
  return lan.end(95);
}

/** Extended heartbeats beside the work of both members. */
function extendedAtWork(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  for (let at = 0.5; at < 95; at += 1) {
    lan.script.at(at, () => web1.extendedBeat()).at(at + 0.1, () => web2.extendedBeat());
  }
  asks(lan, 3, 93, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  return lan.end(95);
}

/** The tap of one host of three: it has every SYN, and of the answers only its own. */
function oneHostsTap(): Script {
  const lan = new ClusterLan();
  const [web1, web2, web3] = lan.members(3);
  const own = [web2, web1, web3];
  for (const [index, member] of [web1, web2, web3].entries()) lan.beats(member, 0.5 + 0.1 * index, 119);
  for (let at = 3, turn = 0; at < 117; at += 1.7, turn += 1) {
    const client = 1 + (turn % 9);
    // Nobody asks the host itself for most of a minute.
    const asked = own[turn % 3] === web1 && at > 45 && at < 95 ? web3 : (own[turn % 3] ?? web1);
    const answers = asked === web1 ? 'all' : 'none';
    lan.request(at, client, asked, { answers, repeats: turn % 13 === 5 ? [3] : [] });
  }
  return lan.end(120);
}

/** Night: three real requests in a minute, then scanners on ports that are closed by a filter. */
function nightScan(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 119.5).beats(web2, 0.6, 119.6);
  lan.request(12, 1, web1).request(27, 2, web2).request(51, 3, web1);
  const ports = [21, 22, 23, 110, 139, 445, 1433, 3389, 8080, 8443];
  for (const [index, port] of ports.entries()) {
    for (const scanner of [31, 32, 33, 34]) {
      lan.knock(61 + 3 * index + 0.07 * scanner, scanner, { port, repeats: [3, 9] });
    }
  }
  return lan.end(120);
}

/** Answers are lost on their way to the clients, which ask again; the cluster answers each time. */
function clientSideLoss(): Script {
  const lan = healthy(100);
  const web1 = lan.cluster.member(1);
  for (let at = 20, number = 41; at < 80; at += 4, number += 1) {
    const { host } = lan.client(number);
    const to = { ip: host.ip, mac: lan.router.mac };
    const ports = { sourcePort: 2000 + number, destinationPort: 80 };
    const sequence = 0x0200_0000 * number;
    const answer = { sequence: 0x1234_0000 + number, acknowledgment: (sequence + 1) >>> 0 };
    for (const seconds of [0, 3, 9]) {
      lan.script.at(at + seconds, () =>
        host.tcp(lan.cluster.station, {
          ...ports,
          sequence,
          flags: TCP_FLAG.syn,
          options: TCP_OPTION.mss(1460),
        }),
      );
      lan.script.at(at + seconds + 0.0006, () =>
        web1.virtual.tcp(to, {
          sourcePort: 80,
          destinationPort: ports.sourcePort,
          ...answer,
          flags: TCP_FLAG.syn | TCP_FLAG.ack,
          options: TCP_OPTION.mss(1460),
        }),
      );
    }
  }
  return lan.end(100);
}

/** A filter let IP and ARP through alone: heartbeats may be there, and are not in the file. */
function filteredCapture(): Script {
  const lan = new ClusterLan();
  const web2 = lan.cluster.member(2);
  lan.resolve(0.5, web2);
  asks(lan, 3, 95, 2.7, () => web2);
  for (const at of [7, 22, 37, 52, 67, 82]) lan.script.at(at, () => web2.maskedArp(lan.router.ip));
  const script = lan.end(98);
  const kept = script
    .timeline()
    .filter(({ bytes }) => bytes[12] === 0x08 && (bytes[13] === 0 || bytes[13] === 6));
  return Script.recorded(script.interfaces, kept);
}

/** The service is started anew: five clients are not answered for 9 s, the next ones are. */
function restartedService(): Script {
  const knocks = [60.2, 60.9, 61.5, 62, 62.5].map((at, index) => ({ at, client: index + 1 }));
  const { lan, web1, web2 } = hole({ knocks });
  asks(lan, 68.9, 97, 2.7, (client) => (client % 2 === 1 ? web1 : web2));
  return lan.end(100);
}

/** Heartbeats cut before their first facts end. */
const CUT_SHORT = { container: 'pcap', snapLength: 54 } as const;

export const trafficLookAlikes: readonly Scenario[] = [
  lookAlike('N6', 'a port that is closed for ever', closedPort),
  lookAlike('N6-filtered', 'a port that is filtered for ever', filteredPort),
  lookAlike('N7', 'a flood of SYNs on the cluster address', () => flooded(640), SUGGESTIVE_AT_MOST),
  lookAlike('N8', 'the recorder stood still for 20 s', () => withGap(healthy(110).end(110), 45, 65)),
  lookAlike('N9', 'two heartbeats, cut at 96 bytes', twoBeats, undecided('tooFew'), {
    encoding: { container: 'pcap', snapLength: 96 },
  }),
  lookAlike(
    'N9-short',
    'heartbeats cut at 40 bytes of payload',
    () => healthy(60).end(60),
    undecided('cut'),
    {
      encoding: CUT_SHORT,
    },
  ),
  lookAlike('N10', 'a tap without the cluster’s answers', oneWay, { ...CLEAR, undecided: ['notVisible'] }),
  lookAlike('N10-hole', 'a tap without answers cannot know of their absence', oneWayHole, {
    ...CLEAR,
    undecided: ['notVisible'],
  }),
  lookAlike('N11', 'extended heartbeats alone', extendedOnly, SILENT),
  lookAlike('N11-work', 'extended heartbeats alone, of members at work', extendedAtWork, UNDECIDED),
  lookAlike('N12', 'the tap of one host of three', oneHostsTap, CLEAR, { encodings: [ENCODINGS.sll2] }),
  lookAlike('N13', 'scanners on dead ports of a quiet address', nightScan),
  lookAlike('N-loss', 'a recorder that loses 2 %, beats of both members among them', () =>
    withLoss(healthy(300).end(300), 0.02, 11),
  ),
  lookAlike('N-client-loss', 'answers lost on the way to the client', clientSideLoss),
  lookAlike('N-filter', 'a capture filter for IP and ARP hides heartbeats', filteredCapture, UNDECIDED),
  lookAlike('N-restart', 'a restart of the service: nothing is answered for 9 s', restartedService),
];
