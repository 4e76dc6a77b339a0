/** N12 to N17 and X1 to X3: large pools, allocators, codes, other kinds of servers, and what a recorder does. */
import {
  Host,
  PPP_PROTOCOL,
  IPV6CP_OPTION,
  Script,
  TERMINATE_CAUSE,
  macBytes,
  withGap,
} from '../../../../samples/craft/index.ts';
import type { Scenario, TimedFrame } from '../../../../samples/craft/index.ts';
import { Accounting } from './accounting.ts';
import { CLEAR, SILENT, SUGGESTIVE_AT_MOST, lookAlike } from './expectations.ts';
import { lanServer } from './links.ts';
import { exhausted } from './look-alikes.ts';
import { Pool, addresses, afterPeak, served } from './pools.ts';
import type { Step } from './pools.ts';
import { leak } from './positives.ts';
import { Ras } from './ras.ts';
import { inTurn } from './skips.ts';

/**
 * Thirty addresses, two dozen subscribers who redial now and then and get the address that has been free for longest. One
 * subscriber is suspended, another has IPv6 alone; both redial every 30 s.
 */
function accessServer(): Script {
  const pool = new Pool(addresses(30), 'longestFree');
  const ras = new Ras({ transport: 'pppoe', talkSeconds: 30 });
  const subscribers = Array.from({ length: 24 }, (_, index) => `s${index + 1}`);
  for (const [index, user] of subscribers.entries()) ras.gets(1 + index * 0.35, user, pool.take(user));
  for (let turn = 0; turn < 38; turn += 1) {
    const at = 12 + turn * 6;
    const user = `s${1 + ((turn * 7) % 24)}`;
    if (turn % 5 === 1) ras.isRefused(at - 1.2, 'suspended', 'lcpTerminate');
    if (turn % 5 === 3) ipv6Alone(ras, at - 2.5);
    ras.hangsUp(at, user);
    pool.free(user);
    ras.gets(at + 3, user, pool.take(user));
  }
  return ras.end(246);
}

/** IPv6 is settled; what the caller asks of IPCP the server rejects. */
function ipv6Alone(ras: Ras, at: number): void {
  const call = ras.dials(at, 'six');
  const options = [IPV6CP_OPTION.interfaceIdentifier(0x7b300001)];
  call.negotiates(at + 0.45, 'caller', PPP_PROTOCOL.ipv6cp, options);
  call.isRefused(at + 0.7, 'protocolReject');
}

/** One peak of four callers, then never more than two. */
const onePeak: readonly Step[] = [
  [2, '+', 'u1'],
  [4, '+', 'u2'],
  [6, '+', 'u3'],
  [8, '+', 'u4'],
  [20, '-', 'u3'],
  [23, '-', 'u1'],
  [26, '-', 'u4'],
  [29, '-', 'u2'],
];

/** Two callers at a time, each for a while, from `at` on. */
function quietTraffic(at: number, count: number): Step[] {
  return Array.from({ length: count }, (_, index): Step[] => {
    const start = at + index * 8;
    return [
      [start, '+', `v${index}`],
      [start + 13, '-', `v${index}`],
    ];
  })
    .flat()
    .toSorted((one, other) => one[0] - other[0]);
}

const lowestFirst = (): Script =>
  served(new Pool(addresses(4), 'lowest'), [...onePeak, ...quietTraffic(34, 14)]).end(175);

/** The same with a second peak of other users. */
function twoPeaks(): Script {
  const second = onePeak.map(([at, sign, user]): Step => [at + 100, sign, `${user}-again`]);
  const steps = [...onePeak, ...quietTraffic(34, 6), ...second, ...quietTraffic(134, 12)];
  return served(new Pool(addresses(4), 'lowest'), steps).end(260);
}

const lastFreedFirst = (): Script =>
  served(new Pool(addresses(4), 'lastFreed'), [...onePeak, ...quietTraffic(34, 14)]).end(175);

/** One call of a user with an address outside the pool, which goes round in turn. */
function fixedOnce(): Script {
  const steps: Step[] = [];
  for (let call = 0; call < 11; call += 1) {
    steps.push([26 + call * 12, '+', `u${call}`], [34 + call * 12, '-', `u${call}`]);
  }
  const ras = new Ras();
  ras.visits([[3, 'boss', '.50']], 15);
  const pool = new Pool(addresses(3), 'longestFree');
  for (const [at, sign, user] of steps) {
    if (sign === '+') ras.gets(at, user, pool.take(user));
    else {
      ras.hangsUp(at, user);
      pool.free(user);
    }
  }
  return ras.end(170);
}

/** Terminate-Requests of the server for other reasons than the pool: 691 password, 720 no protocol, 742 no encryption. */
const otherCodes = (): Script =>
  afterPeak((ras) => {
    ras
      .isRefused(30, 'u5', 'lcpTerminate', { code: 691 })
      .isRefused(42, 'u6', 'lcpTerminate', { code: 720 })
      .isRefused(54, 'u7', 'lcpTerminate', { code: 742 })
      .isRefused(66, 'u8', 'lcpTerminate', { code: 732 });
  }).end(110);

const noEncryption = (): Script =>
  afterPeak((ras) => {
    ras
      .fails(30, 'u5', 'encryption')
      .fails(45, 'u6', 'encryption', { code: 742 })
      .fails(60, 'u7', 'encryption');
  }).end(110);

/** A gateway of a mobile network takes its time: four IPCP requests stay unanswered, the fifth does not. */
function slowGateway(): Script {
  const ras = new Ras({ transport: 'l2tp', modems: 8 });
  for (const [index, address] of addresses(4).entries()) ras.gets(2 + index * 3, `u${index + 1}`, address);
  ras.hangsUp(20, 'u3').hangsUp(22, 'u4');
  slowCall(ras, 40, 'u5', '10.0.0.13');
  ras.hangsUp(52, 'u1');
  slowCall(ras, 64, 'u6', '10.0.0.11');
  return ras.end(110);
}

function slowCall(ras: Ras, at: number, user: string, address: string): void {
  const call = ras.dials(at - 4.6, user);
  call.opensNetwork(at - 4.2);
  for (const seconds of [4, 3, 2, 1]) call.asks(at - seconds);
  call.isAssigned(at, address);
  for (let time = at + 1; time < at + 30; time += 9) call.talks(time, address);
}

/** A peer that has no addresses to give: every call it ever got loses the option. */
function withoutPool(): Script {
  const ras = new Ras({ transport: 'pppoe' });
  for (let call = 0; call < 8; call += 1) ras.isRefused(4 + call * 12, `u${1 + (call % 4)}`, 'configReject');
  return ras.end(110);
}

/** Q151760, Q152847, Q177648: nobody has ever got an address. */
function refusesEveryone(): Script {
  const ras = new Ras();
  for (let call = 0; call < 8; call += 1) {
    const how = (['ipcpTerminate', 'protocolReject', 'nakZero', 'silence'] as const)[call % 4] ?? 'nakZero';
    ras.isRefused(9 + call * 14, `u${1 + (call % 4)}`, how);
  }
  return ras.end(125);
}

/** Q171860: a host of the LAN has taken .11; the server asks for it before it gives it, is answered, and hangs up. */
function duplicate(): Script {
  const ras = leak();
  const squatter = new Host({ mac: '00:60:97:15:93:11', ip: '10.0.0.11', ttl: 128, ipIdStyle: 'swapped' });
  const server = lanServer();
  const fileServer = { mac: '00:a0:24:0b:77:20', ip: '10.0.0.20' };
  ras.script.at(33, () => squatter.arpRequest(fileServer.ip));
  for (const refusal of [45, 60, 115]) {
    ras.script
      .at(refusal - 0.06, () => server.arpRequest('10.0.0.11'))
      .at(refusal - 0.0595, () => squatter.arpReply(server));
  }
  for (let at = 36; at < 128; at += 9) ras.script.at(at, () => squatter.ping(fileServer, at));
  return ras.end(130);
}

/** RADIUS sees short sessions of a server whose addresses are all held. */
function accountedExhaustion(): Script {
  const ras = exhausted();
  const accounting = new Accounting(ras.script);
  for (const [at, user, address] of [
    [2.1, 'u1', '.11'],
    [6.1, 'u2', '.12'],
    [10.1, 'u3', '.13'],
  ] as const) {
    accounting.accepts(at - 0.5, user).starts(at, user, address);
  }
  accounting.cutsShort(20.2, 'u4', TERMINATE_CAUSE.nasError).cutsShort(30.2, 'u5', TERMINATE_CAUSE.nasError);
  accounting.stops(40.1, 'u1', '.11', { seconds: 38 });
  accounting.accepts(49.5, 'u4').starts(50.1, 'u4', '.11');
  return ras.end(105);
}

/** `-i any` on the server: its own frames also under the MACs of a bridge and of a veth pair. */
function anyInterface(): Script {
  const script = inTurn(10).end(150);
  const own = macBytes(lanServer().mac);
  const copies = script.timeline().flatMap((frame) => {
    if (!own.every((byte, index) => byte === frame.bytes[6 + index])) return [frame];
    const under = (mac: string, micros: number): TimedFrame => {
      const bytes = frame.bytes.slice();
      bytes.set(macBytes(mac), 6);
      return { ...frame, bytes, nanos: frame.nanos + micros * 1000, mark: null };
    };
    return [under('6e:31:0c:88:21:f4', -12), under('02:42:5e:10:00:01', -6), frame];
  });
  return Script.recorded(script.interfaces, copies);
}

/** Taps before and behind a router, merged: copies 0.4 s later with other MACs and one hop less. */
function twoTaps(): Script {
  const script = exhausted().end(105);
  const copies = script.timeline().flatMap((frame) => {
    const isRouted = (frame.bytes[0] ?? 1) % 2 === 0 && frame.bytes[12] === 8 && frame.bytes[13] === 0;
    if (!isRouted) return [frame];
    const bytes = withoutHop(frame.bytes);
    bytes.set(macBytes('00:e0:1e:60:42:aa'), 0);
    bytes.set(macBytes('00:e0:1e:60:42:ab'), 6);
    return [frame, { ...frame, bytes, nanos: frame.nanos + 400_000_000, mark: null }];
  });
  return Script.recorded(
    script.interfaces,
    copies.toSorted((one, other) => one.nanos - other.nanos),
  );
}

/** TTL less one; the checksum grows by 0100 (RFC 1141). */
function withoutHop(frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  copy[22] = (copy[22] ?? 1) - 1;
  const sum = (((copy[24] ?? 0) << 8) | (copy[25] ?? 0)) + 0x0100;
  const folded = (sum & 0xffff) + (sum >>> 16);
  copy.set([folded >>> 8, folded & 0xff], 24);
  return copy;
}

/** The recorder sleeps for 20 min. In that time somebody gets the address that was free, and still holds it afterwards. */
export function asleep(talkSeconds = 7): Script {
  const ras = new Ras({ talkSeconds })
    .gets(2, 'u1', '.11')
    .gets(6, 'u2', '.12')
    .gets(10, 'u3', '.13')
    .hangsUp(25, 'u1')
    .gets(600, 'u7', '.11')
    .isRefused(1245, 'u4', 'ipcpTerminate')
    .isRefused(1260, 'u5', 'ipcpTerminate')
    .hangsUp(1270, 'u2')
    .gets(1276, 'u4', '.12')
    .hangsUp(1284, 'u3')
    .gets(1290, 'u5', '.13');
  return withGap(ras.end(1310), 30, 1230);
}

/** The recorder sleeps through hang-ups and echoes; every call it knew goes on afterwards, or was replaced unseen. */
function sleptThroughEchoes(): Script {
  const ras = new Ras({ echoes: true })
    .gets(2, 'u1', '.11')
    .gets(6, 'u2', '.12')
    .gets(10, 'u3', '.13')
    .isRefused(1245, 'u4', 'ipcpTerminate')
    .isRefused(1258, 'u5', 'ipcpTerminate');
  // Requests whose replies fall into the sleep.
  for (const seconds of [29.97, 29.98, 29.99]) ras.callOf('u1').echoes(seconds, true);
  return withGap(ras.end(1280), 30, 1230);
}

export const moreLookAlikes: readonly Scenario[] = [
  lookAlike('N12', 'one suspended and one IPv6-only subscriber among many', SILENT, accessServer),
  lookAlike('N13', 'lowest address first, after one peak', SILENT, lowestFirst),
  lookAlike('N13-two-peaks', 'lowest address first, after two peaks', SILENT, twoPeaks),
  lookAlike('N13-last-freed', 'most recently freed first', SILENT, lastFreedFirst),
  lookAlike('N13-fixed', 'an address outside the pool, given once', SILENT, fixedOnce),
  lookAlike('N15', 'Terminate-Requests with other codes', SILENT, otherCodes),
  lookAlike('N15-encryption', 'Terminate-Requests after failed encryption', SILENT, noEncryption),
  lookAlike('N17', 'a gateway that answers the fifth IPCP request', SILENT, slowGateway),
  lookAlike('N17-no-pool', 'a peer that has no addresses to give', SILENT, withoutPool),
  lookAlike('N-everyone', 'a server that refuses everyone from the first call', SILENT, refusesEveryone),
  lookAlike('N-duplicate', 'P1 because a host of the LAN has taken the address', SILENT, duplicate),
  lookAlike('N-accounted', 'short RADIUS sessions while all addresses are held', SILENT, accountedExhaustion),
  {
    ...lookAlike('X1', 'the server itself recorded, each frame under three MACs', CLEAR, anyInterface),
    encoding: { container: 'pcap', linkType: 'sll', localMacs: ['00:a0:c9:15:93:09'] },
  },
  lookAlike('X2', 'two taps of one path, with all addresses held', SILENT, twoTaps),
  lookAlike('X3', 'the free address was given while the recorder slept', SUGGESTIVE_AT_MOST, () => asleep()),
  lookAlike('X3-echoes', 'the replies to echoes came while the recorder slept', SILENT, sleptThroughEchoes),
];
