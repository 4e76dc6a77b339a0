/** Series of initial sequence numbers that go back without the fault: other generators, several hosts, recorders. */
import { Host, Random, Script, TCP_FLAG } from '../../../../samples/craft/index.ts';
import { withClockStep } from '../../../../samples/craft/index.ts';
import type { Mac, Scenario } from '../../../../samples/craft/index.ts';
import { lookAlike } from './expectations.ts';
import { Flow, LINUX_STACK, Lan, NT_STACK, linuxEnd, ntEnd } from './lan.ts';
import type { End, Stack } from './lan.ts';
import { busyHost } from './positives.ts';
import { FIRST_ISN, irregular, openAll, openings, regressing, series } from './series.ts';
import type { Opening } from './series.ts';

/** A number of 32 bits that depends on the tuple alone. */
function tupleHash(port: number, bits = 32): number {
  return Math.floor(new Random(port * 2_654_435).next() * 2 ** bits);
}

/**
 * RFC 6528: a hash of the tuple plus a clock. Three tuples come back twice each, closed by the server, between
 * connections of other ports.
 */
function tupleClock(end: End, perSecond: number, every: number): Script {
  const lan = new Lan(23);
  lan.arp(0.2, end, lan.server);
  const ports = [
    40_001, 40_002, 40_003, 40_010, 40_001, 40_002, 40_003, 40_011, 40_012, 40_001, 40_002, 40_003,
  ];
  const list = ports.map((clientPort, index): Opening => {
    const at = 1 + index * every;
    const isn = (tupleHash(clientPort) + Math.floor(at * perSecond)) % 2 ** 32;
    return { at, isn, clientPort, ending: 'server' };
  });
  openAll(lan, list, end);
  return lan.end(20 + ports.length * every);
}

/** A tuple again after 200 s: its clock of 15.625 MHz has come round to a lower number; the server insists. */
function tupleClockRound(end: End): Script {
  const lan = new Lan(23);
  lan.arp(0.2, end, lan.server);
  const number = (port: number, at: number): number =>
    (tupleHash(port) + Math.floor(at * 15.625e6)) % 2 ** 32;
  const ports = [40_001, 40_002, 40_003, 40_004, 40_001, 40_002, 40_005, 40_006, 40_007];
  const list = ports.map(
    (clientPort, index): Opening => ({
      at: 1 + index * 5,
      isn: number(clientPort, 1 + index * 5),
      clientPort,
      ending: clientPort === 40_007 ? 'server' : 'client',
    }),
  );
  openAll(lan, list, end);
  const tuple = { client: end, server: lan.server, clientPort: 40_007, serverPort: 80 };
  const isn2 = number(40_007, 241);
  const flow = new Flow({ ...tuple, clientIsn: isn2, serverIsn: lan.isn() });
  const acknowledgment = (number(40_007, 41) + 202) >>> 0;
  const oldAck = { flags: TCP_FLAG.ack, sequence: lan.isn(), acknowledgment };
  for (const at of [241, 244, 250]) {
    lan.send(at, (time) => flow.syn(time));
    lan.send(at + 0.0005, (time) => flow.segment(time, 'server', oldAck));
    lan.send(at + 0.0008, (time) => flow.rst(time, 'client', acknowledgment));
  }
  return lan.fresh(243, 80).fresh(249, 80).end(280);
}

/** One clock of 4 µs for all connections (RFC 793), which runs over 2³² in the middle; a tuple is used again. */
function sharedClock(count = 16, every = 6): Script {
  const end = ntEnd();
  const lan = new Lan();
  lan.arp(0.2, end, lan.server);
  const list = irregular(count, every).map((at, index): Opening => {
    const isn = (2 ** 32 + Math.floor((at - 48) * 250_000)) % 2 ** 32;
    return { at, isn, ending: 'server', clientPort: index === 12 ? 1064 : 1060 + index };
  });
  openAll(lan, list, end);
  return lan.end(110);
}

/** Hosts in turn behind one address; each has its own rising numbers, `gap` above the one before. */
export function lanes(hosts: readonly End[], cycles: number, gap: number, inLane = 20_000): Script {
  const random = new Random(31);
  const rises = hosts.map(() => 0);
  const list: Opening[] = [];
  for (let index = 0; index < hosts.length * cycles; index += 1) {
    const lane = index % hosts.length;
    const isn = (FIRST_ISN + lane * gap + (rises[lane] ?? 0)) >>> 0;
    rises[lane] = (rises[lane] ?? 0) + inLane + random.integer(-1000, 1000);
    const end = hosts[lane];
    if (end) list.push({ at: 1 + index * 3 + random.between(0, 1), isn, end });
  }
  const lan = new Lan();
  const [first] = hosts;
  if (first)
    openAll(
      lan,
      list.map((opening) => ({ ...opening, at: Math.round(opening.at * 1e6) / 1e6 })),
      first,
    );
  return lan.end(20 + hosts.length * cycles * 3);
}

/** NT hosts behind a translator that leaves TTL and IP identification as they are. */
function behindNat(firstIpIds: readonly number[], ttl = 127, stack: Stack = NT_STACK): End[] {
  const mac = '00:04:9a:10:00:03';
  return firstIpIds.map((firstIpId) => ({
    host: new Host({ mac, ip: '10.0.0.1', ttl, ipIdStyle: 'swapped', firstIpId }),
    stack,
  }));
}

/** A virtual server on two machines in turn, each with rising numbers; the client sees one address. */
function balanced(backEnds: ReadonlyArray<{ readonly mac?: Mac; readonly ttl?: number }>): Script {
  const client = linuxEnd('10.0.0.21', '00:25:90:0a:00:21', 0x6100);
  const lan = new Lan();
  const ends = backEnds.map(({ mac = '00:60:97:11:22:33', ttl = 128 }, index): End => {
    const host = new Host({
      mac,
      ip: '10.0.0.5',
      ttl,
      ipIdStyle: 'swapped',
      firstIpId: 0x1000 * (index * 2 + 1),
    });
    return { host, stack: NT_STACK };
  });
  const isns = [FIRST_ISN, FIRST_ISN - 15_000];
  for (let index = 0; index < 24; index += 1) {
    const lane = index % 2;
    const server = ends[lane];
    if (!server) continue;
    const serverIsn = isns[lane] ?? 0;
    isns[lane] = serverIsn + lan.random.integer(24_000, 36_000);
    const ports = { clientPort: 41_000 + index, serverPort: 80 };
    lan.connection(1 + index * 4, { client, server, ...ports, clientIsn: lan.isn(), serverIsn });
  }
  return lan.end(110);
}

/** Rising numbers; the recorder wrote two pairs of SYNs in the wrong order, `millis` apart. */
function swapped(millis: number): Script {
  const end = ntEnd();
  const lan = new Lan();
  lan.arp(0.2, end, lan.server);
  const times = irregular(12, 4);
  for (const first of [4, 8]) times[first + 1] = (times[first] ?? 0) + millis / 1000;
  const list = openings(regressing(11, []), times);
  openAll(
    lan,
    list.map((opening, index) => ({ ...opening, mark: `syn${index}` })),
    end,
    'client',
    { roundTripSeconds: 0.06, holdSeconds: 0.3 },
  );
  const script = lan.end(60);
  const frames = [...script.timeline()];
  for (const first of [4, 8]) {
    const one = frames.findIndex(({ mark }) => mark === `syn${first}`);
    const two = frames.findIndex(({ mark }) => mark === `syn${first + 1}`);
    const [early, late] = [frames[one], frames[two]];
    if (!early || !late) throw new RangeError('no such SYN');
    frames[one] = { ...late, nanos: early.nanos };
    frames[two] = { ...early, nanos: late.nanos };
  }
  return Script.recorded(script.interfaces, frames);
}

/** A host with the 64K rule (+64000 a connection, +128000 a second), one of steps of 800, and two printers. */
function regular(): Script {
  const lan = new Lan();
  const rule64 = ntEnd('10.0.0.5', '00:60:97:11:22:33');
  const rule800 = ntEnd('10.0.0.6', '00:60:97:11:22:34', 0x4400);
  const list = irregular(12, 5);
  let low = 4_000_000;
  openAll(
    lan,
    list.map((at, index) => ({ at, isn: 64_000 * (index + 1 + 2 * Math.floor(at)) })),
    rule64,
  );
  openAll(
    lan,
    list.map((at) => ({ at: at + 1, isn: (low += lan.random.integer(1, 90) * 800) })),
    rule800,
  );
  for (const [index, ip] of ['10.0.0.7', '10.0.0.8'].entries()) {
    const printer = { ...ntEnd(ip, `00:10:83:2a:90:0${index}`, 0x800), stack: NT_STACK };
    openAll(
      lan,
      list.map((at) => ({ at: at + 2 + index, isn: 0x5a5a_0000 })),
      printer,
    );
  }
  return lan.end(75);
}

/** Twelve rising numbers, the host starts anew `back` below, twelve more. */
function reboot(back: number, announces: boolean): Script {
  const end = ntEnd();
  const lan = new Lan();
  lan.arp(0.2, end, lan.server);
  const steps = [...regressing(11, []), -back, ...regressing(11, [], 12)];
  const times = [...irregular(12, 4), ...irregular(12, 4).map((at) => at + 110)];
  openAll(lan, openings(steps, times), end);
  if (announces) lan.send(105, () => end.host.announce({ targetMac: 'ff:ff:ff:ff:ff:ff' }));
  return lan.end(170);
}

/** 2000 SYNs a second from addresses that do not exist, and from one that does. */
function flood(): Script {
  const lan = new Lan();
  const { server } = lan;
  const attacker = ntEnd('10.0.0.66', '00:d0:b7:66:66:66');
  for (let index = 0; index < 6000; index += 1) {
    const spoofed = `172.${16 + (index % 16)}.${(index * 7) % 256}.${((index * 13) % 254) + 1}`;
    const clientPort = 1024 + (index % 50_000);
    const clientIsn = lan.isn();
    const sourceIp = index % 3 === 0 ? attacker.host.ip : spoofed;
    lan.send(50 + index / 2000, () =>
      attacker.host.tcp(
        server.host,
        { sourcePort: clientPort, destinationPort: 80, sequence: clientIsn, flags: TCP_FLAG.syn },
        { sourceIp },
      ),
    );
  }
  return lan.fresh(49, 80).fresh(60, 80).witness().end(90);
}

/** Linux 2.4: a hash of 24 bits per tuple plus a clock of 1 MHz. */
function hash24(end: End): Script {
  const lan = new Lan();
  lan.arp(0.2, end, lan.server);
  const list = Array.from({ length: 30 }, (_, index): Opening => {
    const at = 20 + index * 0.2;
    return { at, isn: (0x7000_0000 + tupleHash(1060 + index, 24) + Math.floor(at * 1e6)) >>> 0 };
  });
  openAll(lan, list, end, 'client', { holdSeconds: 0.1 });
  return lan.end(60);
}

/** A raw-socket scanner: one source port, two numbers in turn 65537 apart, 40 targets of which one is open. */
function scanner(): Script {
  const lan = new Lan();
  const client = ntEnd('10.0.0.66', '00:d0:b7:66:66:66');
  for (let index = 0; index < 40; index += 1) {
    const at = 20 + index * 0.05;
    const clientIsn = 0x1357_9bdf + (index % 2) * 65_537;
    const server = linuxEnd(`10.0.0.${100 + index}`, `00:b0:d0:4e:12:${(16 + index).toString(16)}`);
    const flow = new Flow({
      client,
      server,
      clientPort: 61_000,
      serverPort: 80,
      clientIsn,
      serverIsn: lan.isn(),
    });
    lan.send(at, (time) => flow.syn(time));
    if (index === 22) {
      lan
        .send(at + 0.0006, (time) => flow.synAck(time))
        .send(at + 0.0007, (time) => flow.rst(time, 'client'));
    } else if (index % 2 === 0) lan.send(at + 0.0006, (time) => flow.refusal(time));
  }
  return lan.witness().end(60);
}

const linuxClient = (): End => linuxEnd('10.0.0.5', '00:1c:42:11:22:33');

export const seriesLookAlikes: readonly Scenario[] = [
  lookAlike('N1', 'RFC 6528 clock of 15.625 MHz with timestamps, tuples used again', () =>
    tupleClock(linuxClient(), 15.625e6, 5),
  ),
  lookAlike('N1-four-micros', 'RFC 6528 clock of 4 µs without timestamps', () =>
    tupleClock(ntEnd(), 250_000, 7),
  ),
  lookAlike('N1-round', 'RFC 6528 clock that came round when the tuple is used again', () =>
    tupleClockRound(ntEnd()),
  ),
  lookAlike('N2', 'clock of 4 µs that runs over 2³²', sharedClock),
  lookAlike('N2-rising', 'rising numbers that run over 2³²', () =>
    series({ steps: regressing(23, []), firstIsn: 0xfffc_8000 }),
  ),
  lookAlike('N5', 'three hosts behind one address', () =>
    lanes(behindNat([0x1003, 0x5050, 0x90a0]), 8, 600_000),
  ),
  lookAlike(
    'N5-identifications',
    'three hosts behind one address that only the IP identification tells apart',
    () => lanes(behindNat([0x1003, 0x2050, 0xb0a0]), 8, 15_000),
  ),
  lookAlike('N6', 'two machines behind a virtual server, of different TTL', () =>
    balanced([{ ttl: 128 }, { ttl: 127 }]),
  ),
  lookAlike('N6-mac', 'two machines that answer for one address under their own MACs', () =>
    balanced([{ mac: '00:60:97:11:22:33' }, { mac: '00:60:97:11:22:44' }]),
  ),
  lookAlike('N12', 'the clock of the recorder goes back 4 s between numbers of a clock', () =>
    withClockStep(sharedClock(24, 4), 50, -4),
  ),
  lookAlike('N12-rising', 'the clock of the recorder goes back 4 s between rising numbers', () =>
    withClockStep(series({ steps: regressing(23, []) }), 49, -4),
  ),
  lookAlike('N13', 'SYNs swapped within 5 ms', () => swapped(4)),
  lookAlike('N13-wide', 'SYNs swapped within 40 ms', () => swapped(40)),
  lookAlike('N14', '64K-rule and constant hosts', regular),
  lookAlike('N15', 'the host starts anew and announces itself', () => reboot(1_500_000, true)),
  lookAlike('N15-far', 'the host starts anew unseen, far below', () => reboot(0x3000_0000, false)),
  lookAlike('N16', 'SYN flood, 2000 a second', flood),
  lookAlike('N19', 'Linux 2.4: hash of 24 bits plus clock', () => hash24(linuxClient())),
  lookAlike('N19-normalized', 'Linux 2.4 behind a firewall that rewrites TTL and options', () =>
    hash24(ntEnd()),
  ),
  lookAlike('N23', 'raw-socket scanner with one source port', scanner),
  lookAlike('N28', 'numbers go backward on a host of TTL 64', () =>
    series({
      steps: regressing(23, [4, 8, 12, 15, 18]),
      end: { ...linuxClient(), stack: NT_STACK },
    }),
  ),
  lookAlike('N29', 'numbers go backward on a host with modern options', () =>
    series({
      steps: regressing(23, [4, 8, 12, 15, 18]),
      end: { ...ntEnd(), stack: LINUX_STACK },
    }),
  ),
  lookAlike('N30', 'busy host whose IP identification is always 0', () => busyHost('zero')),
];
