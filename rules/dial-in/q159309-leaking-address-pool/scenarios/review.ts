/** Servers whose callers are only partly in the capture, callers that are refused for themselves, and recorders with one eye shut. */
import {
  Host,
  IPCP_OPTION,
  PPP_CODE,
  PPP_PROTOCOL,
  Script,
  controlPacket,
} from '../../../../samples/craft/index.ts';
import type { Scenario } from '../../../../samples/craft/index.ts';
import { SILENT, SUGGESTIVE_AT_MOST, lookAlike } from './expectations.ts';
import { isFromCallers, lanServer } from './links.ts';
import { asleep } from './look-alikes-more.ts';
import { Pool, addresses, served } from './pools.ts';
import type { Step } from './pools.ts';
import { leak } from './positives.ts';
import { Ras } from './ras.ts';

export function merged(...scripts: readonly Script[]): Script {
  const [first] = scripts;
  if (first === undefined) throw new RangeError('no script');
  const frames = scripts.flatMap((script) => script.timeline());
  return Script.recorded(
    first.interfaces,
    frames.toSorted((one, other) => one.nanos - other.nanos),
  );
}

/** The latest address first. u1 hangs up for good; two suspended callers are refused each time, the others redial. */
function suspendedPair(): Script {
  const steps: Step[] = [
    [2, '+', 'u1'],
    [5, '+', 'u2'],
    [8, '+', 'u3'],
    [30, '-', 'u1'],
    [80, '-', 'u2'],
    [85, '+', 'u2'],
    [95, '-', 'u3'],
    [100, '+', 'u3'],
  ];
  const pool = new Pool(addresses(3), 'lastFreed');
  const ras = served(pool, steps.slice(0, 4));
  ras.isRefused(45, 's1', 'lcpTerminate').isRefused(60, 's2', 'lcpTerminate');
  for (const [at, sign, user] of steps.slice(4)) {
    if (sign === '+') ras.gets(at, user, pool.take(user));
    else {
      ras.hangsUp(at, user);
      pool.free(user);
    }
  }
  return ras.isRefused(115, 's1', 'lcpTerminate').end(130);
}

const FILE_SERVER = '10.0.0.20';

/** The caller who has .11, seen on the LAN behind the server. */
function pingsFileServer(ras: Ras, place: { readonly interface?: number } = {}): void {
  const fileServer = new Host({ mac: '00:a0:24:0b:77:20', ip: FILE_SERVER, ttl: 128, firstIpId: 0x5200 });
  const caller = new Host({ mac: lanServer().mac, ip: '10.0.0.11', ttl: 127, firstIpId: 0x0b0b });
  for (let at = 38, turn = 0; at < 128; at += 9, turn += 1) {
    ras.script.at(at, () => caller.ping(fileServer, turn), place);
    ras.script.at(at + 0.001, () => fileServer.pong(caller, turn), place);
  }
}

/** .11 was given to a caller of a modem, whose call is not in the capture; what it says on the LAN is. */
function usedOnLan(): Script {
  const ras = leak();
  pingsFileServer(ras);
  return ras.end(130);
}

/** The same on a server of modems, one of whose lines is not recorded. */
function usedBehindLines(): Script {
  const ras = leak({ transport: 'serial', withLan: true });
  const lan = { interface: 3 };
  ras.script.at(0.3, () => lanServer().arpRequest(FILE_SERVER), lan);
  pingsFileServer(ras, lan);
  return ras.end(130);
}

/** P1, but those who are refused insist on an address of their own, and turn down the one that they are offered. */
function insisting(): Script {
  const ras = new Ras({ modems: 6 })
    .gets(2, 'u1', '.11')
    .gets(5, 'u2', '.12')
    .gets(9, 'u3', '.13')
    .hangsUp(30, 'u1');
  insists(ras, 45, 'u4');
  insists(ras, 60, 'u5');
  ras.hangsUp(80, 'u2').gets(85, 'u4', '.12').hangsUp(95, 'u3').gets(100, 'u5', '.13');
  insists(ras, 115, 'u6');
  return ras.end(130);
}

function insists(ras: Ras, at: number, user: string): void {
  const call = ras.dials(at - 2, user);
  call.opensNetwork(at - 1.6);
  for (const seconds of [1.2, 0.8, 0.4]) {
    const id = call.asks(at - seconds, '192.168.7.7');
    const offer = controlPacket(PPP_CODE.configureNak, id, [IPCP_OPTION.address('10.0.0.15')]);
    call.says(at - seconds + 0.05, 'server', PPP_PROTOCOL.ipcp, offer);
  }
  call.terminates(at, 'server');
  call.link.close(at + 0.1, 'server');
}

/** What callers send is not in the capture. All addresses are held when somebody is refused. */
function oneDirection(): Script {
  const ras = new Ras({ modems: 6, echoes: true })
    .gets(2, 'u1', '.11')
    .gets(6, 'u2', '.12')
    .gets(10, 'u3', '.13')
    .isRefused(60, 'u4', 'ipcpTerminate')
    .isRefused(72, 'u5', 'ipcpTerminate')
    .hangsUp(80, 'u2')
    .gets(85, 'u4', '.12')
    .hangsUp(95, 'u3')
    .gets(100, 'u5', '.13')
    .isRefused(115, 'u6', 'ipcpTerminate');
  const script = ras.end(130);
  return Script.recorded(
    script.interfaces,
    script.timeline().filter((frame) => !isFromCallers(frame)),
  );
}

/** One server, one pool, two kinds of calls: what PPTP gave back, L2TP gives. */
function twoCarriers(): Script {
  const l2tp = new Ras({ transport: 'l2tp' }).gets(35, 'v1', '.11').end(130);
  return merged(leak().end(130), l2tp);
}

/**
 * The latest address first: u1 hangs up for good, u2 and u3 leave and others take their addresses. `others` makes what it likes of
 * the time in between; only it refuses anybody.
 */
function latestFirst(others: (ras: Ras, part: 'before' | 'early' | 'late' | 'end') => void): Script {
  const ras = new Ras({ modems: 8 });
  others(ras, 'before');
  ras.gets(6, 'u1', '.11').gets(9, 'u2', '.12').gets(12, 'u3', '.13').hangsUp(30, 'u1');
  others(ras, 'early');
  ras.hangsUp(80, 'u2').gets(85, 'v2', '.12').hangsUp(95, 'u3').gets(100, 'v3', '.13');
  others(ras, 'late');
  others(ras, 'end');
  return ras.end(150);
}

/** Callers of another group have addresses of their own, which are all held. */
function otherGroup(): Script {
  return latestFirst((ras, part) => {
    if (part === 'before') ras.gets(2, 'b1', '10.0.7.11').gets(4, 'b2', '10.0.7.12');
    if (part === 'early') ras.isRefused(45, 'b3', 'ipcpTerminate').isRefused(60, 'b4', 'ipcpTerminate');
    if (part === 'late') {
      ras.hangsUp(110, 'b1').gets(114, 'b3', '10.0.7.11').hangsUp(118, 'b2').gets(122, 'b4', '10.0.7.12');
    }
  });
}

/** Users with addresses of their own, who call again while they are still on. */
function alreadyOn(own: boolean): Script {
  return latestFirst((ras, part) => {
    if (!own) {
      if (part === 'early') ras.isRefused(45, 'u2', 'lcpTerminate').isRefused(60, 'u3', 'lcpTerminate');
      return;
    }
    if (part === 'before') ras.visits([[1.5, 'w1', '.50']], 2).visits([[2.5, 'w2', '.51']], 2);
    if (part === 'early') ras.isRefused(45, 'w1', 'lcpTerminate').isRefused(60, 'w2', 'lcpTerminate');
    if (part === 'end') ras.visits([[126, 'w1', '.50']], 6).visits([[136, 'w2', '.51']], 6);
  });
}

export const review: readonly Scenario[] = [
  lookAlike(
    'review-asleep',
    'the free address was given while the recorder slept, to a quiet caller',
    SUGGESTIVE_AT_MOST,
    // Whoever gets the free address says nothing afterwards.
    () => asleep(2000),
  ),
  lookAlike(
    'review-suspended',
    'two suspended callers, the latest address first',
    SUGGESTIVE_AT_MOST,
    suspendedPair,
  ),
  lookAlike('review-on-lan', 'the address is in use by a caller whose call is not seen', SILENT, usedOnLan),
  lookAlike(
    'review-behind-lines',
    'the same with one modem line that is not recorded',
    SILENT,
    usedBehindLines,
    {
      container: 'pcapng',
    },
  ),
  lookAlike('review-insisting', 'callers who turn down what they are offered', SILENT, insisting),
  lookAlike(
    'review-group',
    'another group of callers, whose addresses are all held',
    SUGGESTIVE_AT_MOST,
    otherGroup,
  ),
  lookAlike('review-twice', 'users who call a second time are refused', SUGGESTIVE_AT_MOST, () =>
    alreadyOn(false),
  ),
  lookAlike('review-own', 'users with addresses of their own are refused', SUGGESTIVE_AT_MOST, () =>
    alreadyOn(true),
  ),
  lookAlike(
    'review-one-way',
    'only what the server sends is captured',
    { ...SILENT, undecided: ['oneDirection'] },
    oneDirection,
  ),
  lookAlike('review-two-carriers', 'one pool for PPTP and L2TP', SILENT, twoCarriers),
];
