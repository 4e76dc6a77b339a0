/** The address that seems lost was given again, or given from elsewhere, in a way that the pool's own offers do not show. */
import {
  CCP_OPTION,
  Host,
  IPCP_OPTION,
  PPP_CODE,
  PPP_PROTOCOL,
  RADIUS_ATTRIBUTE,
  Script,
  TERMINATE_CAUSE,
  controlPacket,
} from '../../../../samples/craft/index.ts';
import type { Ipv4, PppOption, Scenario } from '../../../../samples/craft/index.ts';
import { DEFINITIVE, SILENT, lookAlike, positive } from './expectations.ts';
import { Accounting } from './accounting.ts';
import type { TransportKind } from './links.ts';
import { leak } from './positives.ts';
import { Ras } from './ras.ts';
import { merged } from './review.ts';

/** Who is refused in P1, and when. */
const CALLERS = [
  [45, 'u4'],
  [60, 'u5'],
  [115, 'u6'],
] as const;

/** P1, but a caller who had .11 in a call of before asks for it, and the server acknowledges that. */
function askedFor(transport: TransportKind, user: string): Script {
  const ras = leak({ transport, refusals: ['ipcpTerminate', 'ipcpTerminate'] });
  return ras.gets(110, user, '.11', { ownAddress: true, line: 0 }).end(140);
}

/** P1 by its calls, none of which is refused, and by its accounting, in which three sessions have no length. */
function endedByThemselves(transport: TransportKind, how: 'hangsUp' | 'callback'): Script {
  const ras = leak({ transport, refusals: [] });
  const accounting = new Accounting(ras.script);
  const cause = how === 'callback' ? TERMINATE_CAUSE.callback : TERMINATE_CAUSE.userRequest;
  const ends = (at: number, user: string): void => {
    if (how === 'hangsUp') ras.fails(at, user, 'clientHangsUp', { line: 0 });
    else {
      const call = ras.dials(at - 0.6, user, { line: 0, asksCallback: true });
      call.settlesCallback(at - 0.15);
      call.terminates(at, 'server');
      call.link.close(at + 0.05, 'server');
    }
    accounting.cutsShort(at + 0.1, user, cause);
  };
  accounting.starts(1.9, 'u1', '.11').starts(5.9, 'u2', '.12').starts(9.9, 'u3', '.13');
  accounting.stops(30.1, 'u1', '.11', { seconds: 28 });
  ends(45, 'u4');
  ends(60, 'u5');
  accounting.stops(80.1, 'u2', '.12', { seconds: 74 }).starts(85.1, 'u4', '.12');
  accounting.stops(95.1, 'u3', '.13', { seconds: 85 }).starts(100.1, 'u5', '.13');
  ends(115, 'u6');
  return ras.end(140);
}

/** P1, but .11 is given again at once and kept; the Stop of the session before comes later than that. */
function stoppedLate(): Script {
  const ras = leak({ transport: 'pppoe', modems: 4, reassigns: false });
  ras.gets(31, 'u7', '.11', { line: 3 });
  ras
    .hangsUp(80, 'u2')
    .gets(85, 'u4', '.12', { line: 1 })
    .hangsUp(95, 'u3')
    .gets(100, 'u5', '.13', { line: 2 });
  const accounting = new Accounting(ras.script);
  accounting.starts(1.9, 'u1', '.11').starts(5.9, 'u2', '.12').starts(9.9, 'u3', '.13');
  accounting.starts(31.1, 'u7', '.11').stops(33, 'u1', '.11', { seconds: 28 });
  accounting.stops(80.1, 'u2', '.12', { seconds: 74 }).starts(85.1, 'u4', '.12');
  accounting.stops(95.1, 'u3', '.13', { seconds: 85 }).starts(100.1, 'u5', '.13');
  return ras.end(130);
}

/** P1 by calls that nobody is refused in. Another server, with the same private addresses, refuses its own callers. */
function otherServer(transport: TransportKind): Script {
  const ras = leak({ transport, refusals: [] });
  const nas = new Host({ mac: '00:0b:86:15:93:44', ip: '10.0.0.44', firstIpId: 0x4400 });
  const accounting = new Accounting(ras.script, { nas });
  accounting.starts(3, 'x1', '.13').starts(22, 'x2', '.12');
  for (const [at, user] of CALLERS) accounting.cutsShort(at, `x${user}`, TERMINATE_CAUSE.nasError);
  accounting.stops(70, 'x1', '.13', { seconds: 67 });
  return ras.end(140);
}

/** P1, but RADIUS lets the callers in and says which addresses they get. Nothing is accounted for. */
function grantedByRadius(transport: TransportKind, by: 'address' | 'pool'): Script {
  const ras = leak({ transport });
  const accounting = new Accounting(ras.script);
  const grants: ReadonlyArray<readonly [at: number, user: string, address: Ipv4]> = [
    [1, 'u1', '10.0.0.11'],
    [5, 'u2', '10.0.0.12'],
    [9, 'u3', '10.0.0.13'],
    [44.3, 'u4', '10.0.0.14'],
    [59.3, 'u5', '10.0.0.15'],
    [84.3, 'u4', '10.0.0.12'],
    [99.3, 'u5', '10.0.0.13'],
    [114.3, 'u6', '10.0.0.14'],
  ];
  for (const [at, user, address] of grants) {
    const { framedAddress, framedPool } = RADIUS_ATTRIBUTE;
    accounting.accepts(at + 0.35, user, [by === 'address' ? framedAddress(address) : framedPool('vpn')]);
  }
  return ras.end(130);
}

/** The server has calls in two VLANs, and one pool for both: what came back in one is given in the other. */
function inOtherVlan(transport: TransportKind): Script {
  const other = new Ras({ transport }).gets(33, 'v1', '.11').gets(36, 'v2', '.15').end(130);
  const frames = other.timeline().map((frame) => ({ ...frame, vlans: [6] }));
  return merged(leak({ transport }).end(130), Script.recorded(other.interfaces, frames));
}

/** P1, but who is refused first is u1, who asks for .11 again. */
function askedInVain(how: 'terminate' | 'nakZero' | 'reject'): Script {
  const ras = leak({ transport: 'pppoe', refusals: [null, 'ipcpTerminate', 'ipcpTerminate'] });
  const call = ras.dials(44, 'u1', { line: 0 });
  const id = call.asks(44.9, '10.0.0.11');
  if (how !== 'terminate') {
    const code = how === 'nakZero' ? PPP_CODE.configureNak : PPP_CODE.configureReject;
    const said = IPCP_OPTION.address(how === 'nakZero' ? '0.0.0.0' : '10.0.0.11');
    call.says(44.95, 'server', PPP_PROTOCOL.ipcp, controlPacket(code, id, [said]));
  }
  call.terminates(45, 'server');
  call.link.close(45.1, 'server');
  return ras.end(130);
}

/** P1 of callers with encryption, which is not settled yet when they are refused, or is ended with the call. */
function encrypted(how: 'unsettled' | 'ended'): Script {
  const ras = leak({ transport: 'pppoe', refusals: [] });
  const { configureRequest, configureNak, terminateRequest, terminateAck } = PPP_CODE;
  for (const [index, [at, user]] of CALLERS.entries()) {
    const call = ras.dials(at - 0.9, user, { line: 0 });
    const says = (
      seconds: number,
      from: 'caller' | 'server',
      code: number,
      options: PppOption[] = [],
    ): void => call.says(at + seconds, from, PPP_PROTOCOL.ccp, controlPacket(code, 9, options));
    if (how === 'ended') call.opensNetwork(at - 0.45, { serverAddress: null });
    else
      for (const [seconds, from, code, bits] of [
        [-0.4, 'server', configureRequest, 0x0100_00e1],
        [-0.39, 'caller', configureRequest, 0x0100_00e1],
        [-0.38, 'caller', configureNak, 0x0100_0040],
        [-0.37, 'server', configureNak, 0x0100_0040],
      ] as const)
        says(seconds, from, code, [CCP_OPTION.microsoft(bits)]);
    call.asks(at - 0.1);
    const id = 0x70 + index;
    const ends = (seconds: number, from: 'caller' | 'server', code: number, mark?: string): void =>
      call.says(at + seconds, from, PPP_PROTOCOL.ipcp, controlPacket(code, id), mark);
    ends(0, 'server', terminateRequest, `refusal-${index + 1}`);
    ends(0.02, 'caller', terminateAck);
    if (how === 'ended') {
      says(0.03, 'server', terminateRequest);
      says(0.04, 'caller', terminateAck);
    }
    call.terminates(at + 0.1, 'server');
    call.link.close(at + 0.2, 'server');
  }
  return ras.end(130);
}

/** Found although the lost address was named again, or encryption was not up. */
export const refusedAllTheSame: readonly Scenario[] = [
  ...(['unsettled', 'ended'] as const).map((how) =>
    positive(
      `P2-encryption-${how}`,
      `P1 over PPPoE; encryption is ${how} when the callers are refused`,
      { ...DEFINITIVE, cites: ['assigned', 'release', 'later', 'refusal-1', 'refusal-2', 'refusal-3'] },
      () => encrypted(how),
      [],
    ),
  ),
  ...(['terminate', 'nakZero', 'reject'] as const).map((how) =>
    positive(
      `P2-asked-${how}`,
      'P1 over PPPoE; a caller asks for the lost address and is refused it',
      { ...DEFINITIVE, cites: ['assigned', 'release', 'later', 'refusal-2', 'refusal-3'] },
      () => askedInVain(how),
      [],
    ),
  ),
];

export const givenOtherwise: readonly Scenario[] = [
  ...(['pptp', 'pppoe'] as const).flatMap((transport) =>
    ['u1', 'u7'].map((user) =>
      lookAlike(
        `given-asked-${transport}-${user}`,
        'the address was given again to a caller who asked for it by itself',
        SILENT,
        () => askedFor(transport, user),
      ),
    ),
  ),
  ...(['pptp', 'pppoe'] as const).flatMap((transport) =>
    (['hangsUp', 'callback'] as const).map((how) =>
      lookAlike(
        `given-joined-${transport}-${how}`,
        'calls that end by themselves, with Stops that would fit a refusal',
        SILENT,
        () => endedByThemselves(transport, how),
      ),
    ),
  ),
  lookAlike(
    'given-stopped-late',
    'the Stop of the session before comes after the next Ack',
    SILENT,
    stoppedLate,
  ),
  ...(['pptp', 'pppoe'] as const).map((transport) =>
    lookAlike(
      `given-joined-${transport}-other`,
      'another server with the same addresses refuses its callers',
      SILENT,
      () => otherServer(transport),
    ),
  ),
  ...(['pptp', 'pppoe'] as const).flatMap((transport) =>
    (['address', 'pool'] as const).map((by) =>
      lookAlike(
        `given-radius-${by}-${transport}`,
        `RADIUS tells the server the ${by} when it lets a caller in`,
        SILENT,
        () => grantedByRadius(transport, by),
      ),
    ),
  ),
  ...(['pptp', 'pppoe'] as const).map((transport) =>
    lookAlike(
      `given-vlan-${transport}`,
      'the server gives the address to a caller in another VLAN',
      SILENT,
      () => inOtherVlan(transport),
    ),
  ),
];
