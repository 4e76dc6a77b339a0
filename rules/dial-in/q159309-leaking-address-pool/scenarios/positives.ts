/**
 * P1 to P5, P11 and P12: callers are refused while an address that was hung up is never given again. And what the catalogue
 * only names: each way to refuse and each way to hang up, on its own.
 */
import { ENCODINGS, startedAt } from '../../../../samples/craft/index.ts';
import type { Encoding, Scenario, Script } from '../../../../samples/craft/index.ts';
import type { Refusal } from './call.ts';
import { DEFINITIVE, STRONG, SUGGESTIVE, positive } from './expectations.ts';
import { Ras } from './ras.ts';
import type { Ending, RasFields } from './ras.ts';

export interface LeakFields extends RasFields {
  /** Of the three refusals at 45, 60 and 115 s; null leaves one out. */
  readonly refusals?: ReadonlyArray<Refusal | null>;
  /** RAS error numbers of LCP Terminate-Requests, likewise. */
  readonly codes?: readonly number[];
  /** How u1 hangs up. */
  readonly ending?: Ending;
  /** Where u1's line is only known to be lost by LCP echoes that nobody answers. */
  readonly echoTimes?: readonly number[];
  readonly lostCarriers?: boolean;
  /** Calls of the second half, at 80 to 100 s. */
  readonly reassigns?: boolean;
  readonly endSeconds?: number;
  /** Of a call that begins 40 s before the capture. */
  readonly earlierUntil?: number;
}

const TERMINATE: Ending = { how: 'terminate' };

/**
 * P1. Three callers hold .11 to .13; .11 is hung up at 30 and never given again. Two more are refused at 45 and 60, and
 * served once .12 and .13 are free; a third is refused at 115, with two callers on.
 */
export function leak(fields: LeakFields = {}): Ras {
  const {
    refusals = ['ipcpTerminate', 'ipcpTerminate', 'ipcpTerminate'],
    codes = [],
    reassigns = true,
  } = fields;
  const ras = new Ras(fields);
  if (fields.earlierUntil !== undefined) {
    ras.calls(-40, 'u9', '.14').hangsUp(fields.earlierUntil, 'u9');
  }
  const ending: Ending = fields.lostCarriers ? { how: 'vanish' } : TERMINATE;
  const refuse = (index: number, at: number, user: string): void => {
    const how = refusals[index];
    if (!how) return;
    const code = codes[index];
    ras.isRefused(at, user, how, {
      line: 0,
      mark: `refusal-${index + 1}`,
      ...(code === undefined ? {} : { code }),
    });
  };
  ras
    .calls(1, 'u1', '.11', { mark: 'assigned' })
    .calls(5, 'u2', '.12', { mark: 'held' })
    .calls(9, 'u3', '.13', { mark: 'held' })
    .hangsUp(30, 'u1', fields.ending ?? ending, 'release');
  if (fields.echoTimes) ras.unanswered('u1', fields.echoTimes, 'release');
  refuse(0, 45, 'u4');
  refuse(1, 60, 'u5');
  if (reassigns) {
    ras
      .hangsUp(80, 'u2', ending)
      .gets(85, 'u4', '.12', { mark: 'later', line: 1 })
      .hangsUp(95, 'u3', ending)
      .gets(100, 'u5', '.13', { mark: 'later', line: 2 });
  }
  refuse(2, 115, 'u6');
  return ras;
}

export function leaked(fields: LeakFields = {}): Script {
  return leak(fields).end(fields.endSeconds ?? 130);
}

/** P5: one refusal, at 45 s, of a user who is served 40 s later. */
export function refusedOnce(how: Refusal, fields: LeakFields = {}): Script {
  const ras = leak({ ...fields, refusals: [how], reassigns: false });
  ras.hangsUp(80, 'u2').gets(85, 'u4', '.12', { mark: 'later', line: 1 });
  return ras.end(130);
}

const PROOF = ['assigned', 'release', 'later', 'refusal-1', 'refusal-2', 'refusal-3'];
const ONE_PROOF = ['assigned', 'release', 'later', 'refusal-1'];
const REJECTS: readonly Refusal[] = ['configReject', 'configReject', 'configReject'];
const TERMINATES: readonly Refusal[] = ['lcpTerminate', 'lcpTerminate', 'ipcpTerminate'];
const POOL_EMPTY = 717;

const PCAPNG_BIG: Encoding = { container: 'pcapng', byteOrder: 'big', decimals: 9 };
const PCAPNG_SECTIONS: Encoding = { container: 'pcapng', sections: 2 };

/** A call that was up when the capture began: its talk is seen, its address is not. Until `seconds`. */
function withEarlierCall(seconds: number): Script {
  return startedAt(leaked({ earlierUntil: seconds }), 0);
}

/** Each way to refuse a caller, as the only refusal. */
const refusalForms: readonly Scenario[] = (
  [
    ['ipcpTerminate', 'IPCP Terminate-Request'],
    ['lcpTerminate', 'LCP Terminate-Request without a code'],
    ['nakZero', 'IPCP Nak with 0.0.0.0'],
    ['configReject', 'Config-Reject of the address option'],
    ['silence', 'three IPCP requests without an answer'],
  ] as const
).map(([how, words]) =>
  positive(`P5-${how}`, `one refusal: ${words}`, { ...STRONG, cites: ONE_PROOF }, () => refusedOnce(how), [
    ENCODINGS.pcapngBigNano,
  ]),
);

/** Each way in which the lost address's call may be seen to end, as the only sign. */
const releaseForms: readonly Scenario[] = (
  [
    ['server', 'pptp', { how: 'terminate', by: 'server' }],
    ['unacked', 'pptp', { how: 'request' }],
    ['ipcp', 'pptp', { how: 'ipcp' }],
    ['clear', 'pptp', { how: 'drop', sign: 'call' }],
    ['notify', 'pptp', { how: 'drop', sign: 'notify' }],
    ['stop', 'pptp', { how: 'drop', sign: 'stop' }],
    ['fin', 'pptp', { how: 'drop', sign: 'fin' }],
    ['reset', 'pptp', { how: 'drop', sign: 'reset' }],
    ['padt', 'pppoe', { how: 'drop', sign: 'call' }],
    ['padt-server', 'pppoe', { how: 'drop', sign: 'notify' }],
    ['cdn', 'l2tp', { how: 'drop', sign: 'call' }],
  ] as const
).map(([name, transport, ending]) =>
  positive(
    `P5-release-${name}`,
    `one refusal; the lost address was hung up by ${name} alone`,
    { ...STRONG, cites: ONE_PROOF },
    () => refusedOnce('ipcpTerminate', { transport, ending }),
    [ENCODINGS.pcapNano],
  ),
);

export const positives: readonly Scenario[] = [
  positive(
    'P1',
    'PPTP: three callers refused while .11 is never given again',
    { ...DEFINITIVE, cites: PROOF, judged: 1 },
    () => leaked(),
    [
      ENCODINGS.pcapNano,
      ENCODINGS.pcapBig,
      ENCODINGS.modified,
      ENCODINGS.pcapngBigNano,
      ENCODINGS.pcapngTwoSections,
      ENCODINGS.vlan,
      ENCODINGS.qinq,
      ENCODINGS.sll2,
    ],
  ),
  positive(
    'P1-mschap',
    'P1 with MS-CHAP v2, address and control fields compressed away',
    { ...DEFINITIVE, cites: PROOF },
    () => leaked({ transport: 'pptpBare', authentication: 'mschap' }),
    [ENCODINGS.pcapng],
  ),
  {
    ...positive(
      'P2',
      'PPPoE in a VLAN: the address option is rejected',
      { ...DEFINITIVE, cites: PROOF },
      () => leaked({ transport: 'pppoe', refusals: REJECTS, authentication: 'pap' }),
      [ENCODINGS.pcap, ENCODINGS.qinqBig],
    ),
    encoding: ENCODINGS.vlan,
  },
  {
    ...positive(
      'P3',
      'three modem lines, one interface each',
      { ...DEFINITIVE, cites: PROOF },
      () => leaked({ transport: 'serial', authentication: 'pap', talkSeconds: 2 }),
      [PCAPNG_BIG, PCAPNG_SECTIONS],
    ),
    encoding: ENCODINGS.pcapng,
  },
  {
    ...positive(
      'P3-lan',
      'three modem lines and the LAN of their server',
      { ...DEFINITIVE, cites: PROOF },
      () => leaked({ transport: 'serial', talkSeconds: 2, withLan: true }),
      [PCAPNG_BIG],
    ),
    encoding: ENCODINGS.pcapng,
  },
  positive(
    'P4',
    'L2TP: one tunnel of an access concentrator',
    { ...DEFINITIVE, cites: PROOF },
    () => leaked({ transport: 'l2tp' }),
    [ENCODINGS.vlan, ENCODINGS.pcapngBigNano],
  ),
  positive(
    'P5',
    'one caller refused by a Protocol-Reject of IPCP, and served later',
    { ...STRONG, cites: ONE_PROOF },
    () => refusedOnce('protocolReject'),
    [ENCODINGS.pcapNano, ENCODINGS.vlan],
  ),
  ...refusalForms,
  ...releaseForms,
  positive(
    'P11',
    'P1 with two Terminate-Requests that carry code 717',
    { ...DEFINITIVE, cites: PROOF },
    () => leaked({ refusals: TERMINATES, codes: [POOL_EMPTY, POOL_EMPTY, 0] }),
    [ENCODINGS.pcapBigNano, ENCODINGS.qinq],
  ),
  positive(
    'P11-two',
    'two refusals, both with code 717, and nothing else',
    { ...DEFINITIVE, cites: ['assigned', 'release', 'refusal-1', 'refusal-2'] },
    () =>
      leaked({
        refusals: ['lcpTerminate', 'lcpTerminate'],
        codes: [POOL_EMPTY, POOL_EMPTY],
        reassigns: false,
      }),
    [ENCODINGS.pcapng],
  ),
  positive(
    'P11b',
    'one refusal with code 717',
    { ...STRONG, cites: ONE_PROOF },
    () => refusedOnce('lcpTerminate', { codes: [POOL_EMPTY] }),
    [ENCODINGS.pcapNano, ENCODINGS.vlan],
  ),
  positive(
    'P11b-alone',
    'one refusal with code 717; nobody is served after it',
    { ...STRONG, cites: ['assigned', 'release', 'refusal-1'] },
    () => leaked({ refusals: ['lcpTerminate'], codes: [POOL_EMPTY], reassigns: false }),
    [ENCODINGS.pcapng],
  ),
  {
    ...positive(
      'P12',
      'modem lines that lose their carrier: unanswered echoes, or the next caller, end a call',
      { ...DEFINITIVE, cites: ['assigned', 'later', 'refusal-2', 'refusal-3'] },
      () =>
        leaked({
          transport: 'serial',
          lostCarriers: true,
          echoes: true,
          echoTimes: [33, 36, 39],
          talkSeconds: 2,
          authentication: 'pap',
        }),
      [PCAPNG_BIG, PCAPNG_SECTIONS],
    ),
    encoding: ENCODINGS.pcapng,
  },
  positive(
    'P1-up',
    'P1 with a call up from before the capture until its end',
    SUGGESTIVE,
    () => withEarlierCall(128),
    [ENCODINGS.pcapng],
  ),
  positive(
    'P1-up-ended',
    'P1 with a call up from before the capture, which ends before the refusals',
    { ...DEFINITIVE, cites: PROOF },
    () => withEarlierCall(20),
    [ENCODINGS.pcapng],
  ),
];
