/**
 * P9 and P10: the LAN side alone. The server answers ARP for its callers and passes their packets on; a file server asks for
 * them. Then one caller is gone, its address stays.
 */
import {
  BROADCAST_MAC,
  ENCODINGS,
  ETHERTYPE,
  Host,
  Script,
  TERMINATE_CAUSE,
  addChatter,
  ethernet,
} from '../../../../samples/craft/index.ts';
import type { Ipv4, Scenario } from '../../../../samples/craft/index.ts';
import { Accounting } from './accounting.ts';
import {
  NO_DIAL_IN,
  SILENT,
  STRONG,
  SUGGESTIVE,
  TOO_FEW,
  lookAlike,
  positive,
  threshold,
} from './expectations.ts';
import { lanServer } from './links.ts';
import { full } from './ras.ts';

class CallersLan {
  readonly script = new Script();
  readonly server: Host;
  readonly fileServer = new Host({
    mac: '00:a0:24:0b:77:20',
    ip: '10.0.0.20',
    ttl: 128,
    ipIdStyle: 'swapped',
    firstIpId: 0x5200,
  });
  readonly #callers = new Map<string, Host>();
  #sequence = 0;

  constructor(server: Host = lanServer()) {
    this.server = server;
  }

  /** What of a caller is seen on the LAN: the server's MAC, one hop less. */
  #caller(address: Ipv4): Host {
    const known = this.#callers.get(address);
    if (known) return known;
    const last = Number(address.split('.').at(-1));
    const caller = new Host({
      mac: this.server.mac,
      ip: address,
      ttl: 127,
      ipIdStyle: 'swapped',
      firstIpId: last * 0x0101,
    });
    this.#callers.set(address, caller);
    return caller;
  }

  /** The file server asks for an address, and the server answers for it. */
  proxied(at: number, address: string, mark?: string): this {
    const ip = full(address);
    this.script
      .at(at, () => this.fileServer.arpRequest(ip))
      .at(at + 0.0006, () => this.server.arpReply(this.fileServer, { sourceIp: ip }), mark ? { mark } : {});
    return this;
  }

  /** The server is a host itself: it asks for the file server. */
  serverAsks(at: number): this {
    this.script
      .at(at, () => this.server.arpRequest(this.fileServer.ip))
      .at(at + 0.0004, () => this.fileServer.arpReply(this.server));
    return this;
  }

  /** A ping of the file server to a caller, and the caller's answer over its modem. The answer comes at `at`. */
  reached(at: number, address: string, mark?: string): this {
    const caller = this.#caller(full(address));
    this.#sequence += 1;
    const sequence = this.#sequence;
    this.script
      .at(at - 0.14, () => this.fileServer.ping(caller, sequence))
      .at(at, () => caller.pong(this.fileServer, sequence), mark ? { mark } : {});
    return this;
  }

  /** A ping to a caller; the server says that the host cannot be reached. */
  unreachable(at: number, address: string): this {
    const caller = this.#caller(full(address));
    this.#sequence += 1;
    const sequence = this.#sequence;
    let ping: Uint8Array = new Uint8Array(0);
    this.script
      .at(
        at,
        () => {
          ping = this.fileServer.ping(caller, sequence);
          return ping;
        },
        { mark: 'request' },
      )
      .at(at + 0.003, () => this.server.unreachable(this.fileServer, 1, ping), { mark: 'unreachable' });
    return this;
  }

  /** Nothing is captured after `untilSeconds`, and one frame right then. */
  end(untilSeconds: number): Script {
    this.script.at(untilSeconds, () =>
      ethernet({
        destination: BROADCAST_MAC,
        source: '00:b0:d0:4e:11:01',
        type: ETHERTYPE.ipx,
        payload: new Uint8Array(30).fill(0xff),
      }),
    );
    return addChatter(this.script, { untilSeconds });
  }
}

interface GoneFields {
  /** The callers, the lost one first. */
  readonly callers?: readonly string[];
  /** Last frame of the lost caller. */
  readonly lastSeen?: number;
  readonly unreachableAt?: readonly number[];
  /** ARP requests for the lost address that the server goes on answering. */
  readonly arpAt?: readonly number[];
  readonly endSeconds?: number;
}

/** P9. .11 is silent from 30 s on; the server answers ARP for it and says five times that it cannot be reached. */
export function gone(fields: GoneFields = {}): CallersLan {
  const { callers = ['.11', '.12'], lastSeen = 30, endSeconds = 130 } = fields;
  const { unreachableAt = [36, 56, 76, 96, 116], arpAt = [35.9, 75.9, 115.9] } = fields;
  const lost = callers[0] ?? '.11';
  const lan = new CallersLan();
  lan.serverAsks(0.5);
  const step = Math.min(1.2, 12 / callers.length);
  for (const [index, caller] of callers.entries()) {
    lan.proxied(1.5 + index * step, caller).reached(1.7 + index * step, caller);
  }
  for (const at of [16, 22, lastSeen]) lan.reached(at, lost, at === lastSeen ? 'last' : 'alive');
  for (const caller of callers.slice(1, 3)) {
    for (let at = 18; at < endSeconds - 1; at += 13) lan.reached(at, caller, 'neighbour');
  }
  for (const at of arpAt) lan.proxied(at, lost, 'still-proxied');
  for (const at of unreachableAt) lan.unreachable(at, lost);
  return lan;
}

/**
 * P10: the RADIUS Stop of the lost address comes between its last frame and the first request in vain. `nas` accounts for it, and
 * `next` may be given the address afterwards.
 */
function stoppedThenGone(fields: { readonly nas?: Host; readonly next?: string } = {}): Script {
  const lan = gone();
  const accounting = new Accounting(lan.script, { nas: fields.nas ?? lan.server })
    .accepts(0.6, 'u1')
    .starts(0.9, 'u1', '.11')
    .accepts(1.1, 'u2')
    .starts(1.3, 'u2', '.12')
    .stops(31, 'u1', '.11', { seconds: 30, cause: TERMINATE_CAUSE.lostCarrier, mark: 'release' });
  if (fields.next !== undefined) accounting.accepts(33, fields.next).starts(33.4, fields.next, '.11');
  return lan.end(130);
}

/** A healthy server: at the hang-up it stops answering ARP for the address. */
function freed(): Script {
  const lan = gone({ arpAt: [], unreachableAt: [] });
  for (let at = 36; at < 120; at += 11) {
    lan.script.at(at, () => lan.fileServer.arpRequest('10.0.0.11'));
  }
  return lan.end(130);
}

/** The caller is silent and nobody asks for it. */
const idle = (): Script => gone({ arpAt: [35.9, 75.9], unreachableAt: [] }).end(130);

/** The address goes to the next caller. */
function taken(): Script {
  const lan = gone({ unreachableAt: [36, 41, 46, 70], arpAt: [35.9, 60] });
  for (let at = 78; at < 128; at += 9) lan.reached(at, '.11', 'again');
  return lan.end(130);
}

/** A gateway says that a host of another network, which is off, cannot be reached. Nobody answers ARP for anybody else. */
function downHost(): Script {
  const gateway = new Host({ mac: '00:e0:1e:60:42:fe', ip: '10.0.0.254', ttl: 255, firstIpId: 0x7700 });
  const lan = new CallersLan(gateway);
  lan.serverAsks(0.5);
  for (let at = 4; at < 30; at += 6) lan.reached(at, '10.0.9.9');
  for (let at = 36; at < 120; at += 20) lan.unreachable(at, '10.0.9.9');
  return lan.end(130);
}

/** A router that answers ARP for a whole prefix behind it, whoever is asked for; hosts there fall asleep. */
function generic(): Script {
  const router = new Host({ mac: '00:e0:1e:60:42:fe', ip: '10.0.0.254', ttl: 255, firstIpId: 0x7700 });
  const lan = new CallersLan(router);
  lan.serverAsks(0.5);
  for (let last = 128; last < 140; last += 1) lan.proxied(1 + (last - 128) * 0.4, `.${last}`);
  for (const host of ['.129', '.130', '.131']) {
    for (let at = 8; at < 30; at += 7) lan.reached(at + Number(host.slice(2)) / 100, host);
  }
  // The same router also carries other networks.
  for (const far of ['192.0.2.80', '198.51.100.9', '203.0.113.77']) {
    for (let at = 9; at < 120; at += 23) lan.reached(at + Number(far.slice(-1)) / 10, far);
  }
  for (let at = 36; at < 120; at += 16) lan.proxied(at - 0.1, '.129').unreachable(at, '.129');
  for (let at = 33; at < 120; at += 19) lan.reached(at, '.130');
  return lan.end(130);
}

/** X4: a Calico node answers ARP with one MAC for every address asked; a container ends. */
function fabric(): Script {
  const node = new Host({ mac: 'ee:ee:ee:ee:ee:ee', ip: '169.254.1.1', ttl: 64, firstIpId: 0x7700 });
  const lan = new CallersLan(node);
  for (let last = 40; last < 52; last += 1) lan.proxied(1 + (last - 40) * 0.5, `.${last}`);
  for (const container of ['.41', '.42']) {
    for (let at = 8; at < 30; at += 5) lan.reached(at + Number(container.slice(1)) / 50, container);
  }
  for (let at = 33; at < 126; at += 9) lan.reached(at, '.42');
  for (let at = 36; at < 120; at += 16) lan.proxied(at - 0.1, '.41').unreachable(at, '.41');
  return lan.end(130);
}

const PROOF = ['still-proxied', 'request', 'unreachable'];

export const lanPositives: readonly Scenario[] = [
  positive(
    'P9',
    'LAN: the server answers ARP for a caller that it cannot reach',
    { ...SUGGESTIVE, cites: PROOF },
    () => gone().end(130),
    [ENCODINGS.pcapngBigNano, ENCODINGS.vlan],
  ),
  positive(
    'P10',
    'P9 with the RADIUS Stop of the address before',
    { ...STRONG, cites: [...PROOF, 'release'] },
    () => stoppedThenGone(),
    [ENCODINGS.pcapBig, ENCODINGS.qinq],
  ),
];

export const lanLookAlikes: readonly Scenario[] = [
  lookAlike('N11', 'a host of another network is off', NO_DIAL_IN, downHost),
  lookAlike('N11-freed', 'the server stops answering ARP at the hang-up', TOO_FEW, freed),
  lookAlike('N11-idle', 'a caller is silent and nobody asks for it', SILENT, idle),
  lookAlike('N11-taken', 'the address goes to the next caller', SILENT, taken),
  lookAlike('N11-given', 'by its accounting the server gives the address again', SUGGESTIVE, () =>
    stoppedThenGone({ next: 'u3' }),
  ),
  lookAlike('N11-other', 'another server accounts for a caller with the same address', SUGGESTIVE, () =>
    stoppedThenGone({ nas: new Host({ mac: '00:0b:86:15:93:44', ip: '10.0.0.44', firstIpId: 0x4400 }) }),
  ),
  lookAlike('N16', 'a router answers ARP for a whole prefix of sleeping hosts', SILENT, generic),
  lookAlike('X4', 'a container node answers ARP for everybody', SILENT, fabric),
];

/** `count` callers, .21 and up; every one is seen to be there. */
function crowd(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `.${21 + index}`);
}

export const lanThresholds: readonly Scenario[] = [
  threshold('lanProxied', '1 below', SILENT, () => gone({ callers: ['.11'] }).end(130)),
  threshold('lanProxied', '2 at', SUGGESTIVE, () => gone().end(130)),
  threshold('lanProxied', '3 above', SUGGESTIVE, () => gone({ callers: ['.11', '.12', '.13'] }).end(130)),
  // The first request in vain follows the last frame of the caller by 0.05 s, so that both count the same.
  ...(
    [
      ['59.5 s below', SILENT, 89.5],
      ['60.1 s at', SUGGESTIVE, 90.1],
      ['65 s above', SUGGESTIVE, 95],
    ] as const
  ).map(([at, expect, endSeconds]) =>
    threshold('lanSilenceSeconds', at, expect, () =>
      gone({ unreachableAt: [30.05, 50, 70, 88], arpAt: [44, 69, 87], endSeconds }).end(endSeconds),
    ),
  ),
  ...(
    [
      ['2 below', SILENT, [36, 76]],
      ['3 at', SUGGESTIVE, [36, 56, 76]],
      ['4 above', SUGGESTIVE, [36, 56, 76, 96]],
    ] as const
  ).map(([at, expect, unreachableAt]) =>
    threshold('lanUnreachables', at, expect, () => gone({ unreachableAt }).end(130)),
  ),
  // Each request in vain is also one of lanRequests.
  ...(
    [
      ['29 s below', SILENT, [36, 50, 65]],
      ['30 s at', SUGGESTIVE, [36, 50, 66]],
      ['31 s above', SUGGESTIVE, [36, 50, 67]],
    ] as const
  ).map(([at, expect, unreachableAt]) =>
    threshold('lanSpanSeconds', at, expect, () => gone({ unreachableAt }).end(130)),
  ),
  threshold('lanMaxProxied', '63 below', SUGGESTIVE, () => gone({ callers: crowd(63) }).end(130)),
  threshold('lanMaxProxied', '64 at', SUGGESTIVE, () => gone({ callers: crowd(64) }).end(130)),
  threshold('lanMaxProxied', '65 above', SILENT, () => gone({ callers: crowd(65) }).end(130)),
];
