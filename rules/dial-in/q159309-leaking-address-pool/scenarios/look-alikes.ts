/** N1 to N9: refusals and releases that have another reason. */
import {
  DHCP_TYPE,
  Host,
  IPCP_OPTION,
  PPP_CODE,
  PPP_PROTOCOL,
  controlPacket,
  startedAt,
} from '../../../../samples/craft/index.ts';
import type { Scenario, Script } from '../../../../samples/craft/index.ts';
import { CLEAR, SILENT, TOO_FEW, lookAlike, undecided } from './expectations.ts';
import { lanServer } from './links.ts';
import { Pool, addresses, afterPeak, served } from './pools.ts';
import type { Step } from './pools.ts';
import { leak, leaked } from './positives.ts';
import { Ras } from './ras.ts';
import { inTurn } from './skips.ts';

/** Twelve calls over two addresses, one of which negotiates its address again. */
function allUsedAgain(): Ras {
  const ras = inTurn(5);
  // The sixth call, which is up until 64 s, asks for its address a second time.
  ras.callOf('u6').opensNetwork(61, { ccp: false });
  ras.callOf('u6').keeps(61.5, '10.0.0.12');
  ras.hangsUp(66, 'u6').hangsUp(77, 'u7');
  for (let call = 8; call <= 12; call += 1) {
    const at = 3 + (call - 1) * 11;
    ras.gets(at, `u${call}`, call % 2 === 0 ? '.12' : '.11');
    if (call <= 10) ras.hangsUp(at + 8, `u${call}`);
  }
  return ras;
}

/** Sixteen calls, first in, first out over four addresses. */
function fourInTurn(): Script {
  const steps: Step[] = [];
  for (let call = 0; call < 16; call += 1) {
    steps.push([3 + call * 10, '+', `u${call}`], [11 + call * 10, '-', `u${call}`]);
  }
  return served(new Pool(addresses(4), 'longestFree'), steps).end(175);
}

/** A caller's address is replaced within its call; the old one is free from then on. */
function replaced(): Script {
  const ras = new Ras({ modems: 5 }).gets(2, 'u1', '.11').gets(5, 'u2', '.12').gets(8, 'u3', '.13');
  const call = ras.callOf('u1');
  call.opensNetwork(19.6, { ccp: false });
  call.isAssigned(20, '10.0.0.14');
  ras.gets(30, 'u4', '.11').isRefused(45, 'u5', 'ipcpTerminate').isRefused(58, 'u6', 'protocolReject');
  return ras.hangsUp(70, 'u4').gets(76, 'u5', '.11').hangsUp(84, 'u1').gets(90, 'u6', '.14').end(110);
}

/** All addresses are held whenever a caller is refused. */
export function exhausted(): Ras {
  return new Ras({ modems: 4 })
    .gets(2, 'u1', '.11')
    .gets(6, 'u2', '.12')
    .gets(10, 'u3', '.13')
    .isRefused(20, 'u4', 'ipcpTerminate')
    .isRefused(30, 'u5', 'lcpTerminate', { code: 717 })
    .hangsUp(40, 'u1')
    .gets(50, 'u4', '.11')
    .isRefused(60, 'u5', 'protocolReject')
    .isRefused(66, 'u6', 'lcpTerminate', { code: 717 })
    .hangsUp(70, 'u2')
    .gets(80, 'u5', '.12')
    .isRefused(90, 'u6', 'configReject');
}

const wrongPassword = (): Script =>
  afterPeak((ras) => {
    ras.fails(30, 'u5', 'authentication').fails(45, 'u6', 'authentication', { code: 691 });
    ras.fails(60, 'u7', 'authentication');
  }).end(110);

const withoutIp = (): Script =>
  afterPeak((ras) => {
    ras.fails(30, 'u5', 'clientReject').fails(45, 'u6', 'clientReject').fails(60, 'u7', 'clientHangsUp');
  }).end(110);

/** Every user has an address of its own; two users have too many calls and are refused. */
function perUser(): Script {
  const ras = new Ras({ modems: 8 });
  for (const [index, user] of [1, 2, 3, 4, 5, 1, 3, 2, 5, 4].entries()) {
    ras.visits([[3 + index * 9, `u${user}`, `.${20 + user}`]], 7);
  }
  ras.isRefused(100, 'u7', 'ipcpTerminate').visits([[105, 'u1', '.21']], 7);
  return ras
    .isRefused(120, 'u8', 'ipcpTerminate')
    .visits([[126, 'u2', '.22']], 7)
    .end(145);
}

/** One user has an address of its own, by the names of its two calls; the pool of the others is full. */
export function mixed(
  transport: 'pptp' | 'pppoe' | 'l2tp' | 'serial' = 'pptp',
  [first, second]: readonly [string, string] = ['boss', 'boss'],
): Script {
  return new Ras({ transport, modems: 6 })
    .visits([[3, first, '.50']], 6)
    .gets(14, 'u1', '.11')
    .gets(17, 'u2', '.12')
    .gets(20, 'u3', '.13')
    .visits([[26, second, '.50']], 8)
    .isRefused(50, 'u4', 'ipcpTerminate')
    .isRefused(64, 'u5', 'ipcpTerminate')
    .hangsUp(70, 'u1')
    .gets(78, 'u4', '.11')
    .hangsUp(85, 'u2')
    .gets(91, 'u5', '.12')
    .end(110);
}

/** One line; whoever calls gets the line's address. */
function perLine(transport: 'serial' | 'line'): Script {
  const ras = new Ras({ transport, modems: 1, talkSeconds: 1.5, authentication: 'pap' });
  for (let call = 0; call < 12; call += 1) ras.visits([[2 + call * 12, `u${call % 5}`, '.11']], 9);
  return ras.end(150);
}

/** Two links of one caller: the address is free when the second of them is down. */
function bundle(fragments: boolean): Script {
  return new Ras({ transport: 'l2tp', modems: 6 })
    .calls(2, 'u1', '.11', { bundle: true, fragments })
    .calls(6, 'u1', '', { bundle: true, joins: true, as: 'u1-second' })
    .gets(11, 'u2', '.12')
    .gets(15, 'u3', '.13')
    .hangsUp(40, 'u1')
    .isRefused(52, 'u4', 'ipcpTerminate')
    .isRefused(64, 'u5', 'ipcpTerminate')
    .hangsUp(75, 'u1-second')
    .gets(81, 'u4', '.11')
    .hangsUp(90, 'u2')
    .gets(96, 'u5', '.12')
    .end(115);
}

/** The server hangs up after authentication, and calls back. */
function callback(): Script {
  return afterPeak(
    (ras) => {
      for (const [at, user] of [
        [30, 'u5'],
        [45, 'u6'],
        [58, 'u7'],
      ] as const) {
        const call = ras.dials(at, user, { line: 3, asksCallback: true });
        call.settlesCallback(at + 0.45);
        call.terminates(at + 0.7, 'server');
      }
    },
    { transport: 'serial', withLan: true },
  ).end(110);
}

/** Two calls from before the capture hold .11 and .12. */
function earlierCalls(): Script {
  const ras = new Ras({ modems: 5 })
    .gets(-60, 'old1', '.11')
    .gets(-50, 'old2', '.12')
    .gets(5, 'u1', '.13')
    .isRefused(15, 'u4', 'ipcpTerminate')
    .isRefused(20, 'u5', 'ipcpTerminate')
    .hangsUp(40, 'u1')
    .hangsUp(45, 'old1')
    .gets(50, 'u4', '.11')
    .hangsUp(55, 'old2')
    .gets(60, 'u5', '.12');
  return startedAt(ras.end(90), 0);
}

/** P1, with addresses that the server has leased for its callers under RAS identities. */
function leased(): Script {
  const ras = leak();
  const dhcpServer = new Host({ mac: '00:a0:c9:51:38:01', ip: '10.0.0.1', ttl: 128, ipIdStyle: 'swapped' });
  const server = lanServer();
  for (let index = 0; index < 4; index += 1) {
    const at = 0.1 + index * 0.1;
    const chaddr = `52:41:53:20:90:0${index}`;
    const yiaddr = `10.0.0.${10 + index}`;
    const xid = 0x15930900 + index;
    const given = { xid, chaddr, yiaddr, leaseSeconds: 259_200, to: 'broadcast' } as const;
    const chosen = { requestedAddress: yiaddr, serverIdentifier: dhcpServer.ip };
    ras.script
      .at(at, () => server.dhcpClient(DHCP_TYPE.discover, { xid, chaddr, broadcastFlag: true }))
      .at(at + 0.01, () => dhcpServer.dhcpServer(DHCP_TYPE.offer, given))
      .at(at + 0.02, () =>
        server.dhcpClient(DHCP_TYPE.request, { xid, chaddr, broadcastFlag: true, ...chosen }),
      )
      .at(at + 0.03, () => dhcpServer.dhcpServer(DHCP_TYPE.ack, given));
  }
  return ras.end(130);
}

/** Two callers bring their addresses and are never seen again; the pool is full when others are refused. */
function ownAddresses(naks: boolean): Script {
  const ras = new Ras({ modems: 8 }).gets(2, 'u8', '192.168.7.7', { ownAddress: true });
  if (naks) naksServer(ras);
  return ras
    .gets(5, 'u9', '192.168.7.8', { ownAddress: true })
    .gets(8, 'u1', '.11')
    .gets(11, 'u2', '.12')
    .gets(14, 'u3', '.13')
    .hangsUp(20, 'u8')
    .hangsUp(25, 'u9')
    .isRefused(45, 'u4', 'ipcpTerminate')
    .isRefused(60, 'u5', 'ipcpTerminate')
    .hangsUp(80, 'u2')
    .gets(85, 'u4', '.12')
    .hangsUp(95, 'u3')
    .gets(100, 'u5', '.13')
    .end(120);
}

/** The caller also proposes another address to the server, which keeps its own. */
function naksServer(ras: Ras): void {
  const call = ras.callOf('u8');
  const { ipcp } = PPP_PROTOCOL;
  const own = [IPCP_OPTION.address('10.0.0.10')];
  const other = [IPCP_OPTION.address('192.168.7.1')];
  call.says(1.7, 'server', ipcp, controlPacket(PPP_CODE.configureRequest, 0x61, own));
  call.says(1.72, 'caller', ipcp, controlPacket(PPP_CODE.configureNak, 0x61, other));
  call.negotiates(1.74, 'server', ipcp, own);
}

export const lookAlikes: readonly Scenario[] = [
  lookAlike('N1', 'twelve calls, every address used again', CLEAR, () => allUsedAgain().end(140)),
  lookAlike('N1-four', 'sixteen calls over four addresses', CLEAR, fourInTurn),
  lookAlike('N1-replaced', 'an address is replaced within a call', CLEAR, replaced),
  lookAlike('N2', 'all addresses are held, code 717 included', CLEAR, () => exhausted().end(105)),
  lookAlike('N2-password', 'callers with wrong passwords', SILENT, wrongPassword),
  lookAlike('N2-no-ip', 'callers who reject IPCP, or hang up themselves', SILENT, withoutIp),
  lookAlike('N3', 'every user has an address of its own', SILENT, perUser),
  lookAlike('N3-mixed', 'one user has an address of its own, the pool is full', CLEAR, mixed),
  lookAlike('N4', 'one serial line with one address', SILENT, () => perLine('serial')),
  lookAlike('N4-ppp', 'one line, tapped without directions', SILENT, () => perLine('line')),
  lookAlike('N5', 'a bundle of two links loses the first', CLEAR, () => bundle(false)),
  lookAlike('N5-fragments', 'N5 with IPCP in multilink fragments', CLEAR, () => bundle(true)),
  {
    ...lookAlike('N6', 'the server hangs up to call back', SILENT, callback),
    encoding: { container: 'pcapng' },
  },
  lookAlike('N7', 'calls from before the capture hold addresses', undecided('callsUpAtStart'), earlierCalls),
  lookAlike('N8', 'P1 with a pool that is fed by DHCP', SILENT, leased),
  lookAlike('N9', 'callers who bring their addresses', CLEAR, () => ownAddresses(false)),
  lookAlike('N9-nak', 'a caller who brings its address and disputes the server’s', CLEAR, () =>
    ownAddresses(true),
  ),
  lookAlike('N10', 'eight calls on a pool of twenty, in turn', TOO_FEW, () => {
    const steps: Step[] = [];
    for (let call = 0; call < 8; call += 1) {
      steps.push([3 + call * 12, '+', `u${call}`], [11 + call * 12, '-', `u${call}`]);
    }
    return served(new Pool(addresses(20), 'longestFree'), steps).end(115);
  }),
  lookAlike('N-no-answer', 'three calls go silent; nothing shows that they ended', SILENT, () =>
    leaked({ ending: { how: 'vanish' } }),
  ),
];
