/** P7: what RADIUS accounting alone shows. N14: accounting of what is no dial-in, or has no pool of its own. */
import {
  ENCODINGS,
  Host,
  NAS_PORT_TYPE,
  RADIUS_ATTRIBUTE,
  Script,
  TERMINATE_CAUSE,
  addChatter,
} from '../../../../samples/craft/index.ts';
import type { Scenario } from '../../../../samples/craft/index.ts';
import { Accounting, NAS_PICKS } from './accounting.ts';
import type { AccountingFields } from './accounting.ts';
import { NO_DIAL_IN, SILENT, STRONG, SUGGESTIVE, lookAlike, positive } from './expectations.ts';
import { leak } from './positives.ts';

interface AccountedFields extends AccountingFields {
  readonly cause?: number;
  /** What the Access-Accepts carry. */
  readonly granted?: (address: string | null) => Uint8Array[];
  /** Times at which a session of no length ends, by user. */
  readonly refusals?: ReadonlyArray<readonly [at: number, user: string]>;
}

const REFUSALS = [
  [45, 'u4'],
  [60, 'u5'],
] as const;

/** P1 as accounting tells it. */
export function accounted(fields: AccountedFields = {}): Script {
  const script = new Script();
  const accounting = new Accounting(script, fields);
  const { cause = TERMINATE_CAUSE.nasError, granted = () => [NAS_PICKS], refusals = REFUSALS } = fields;
  const begins = (at: number, user: string, address: string, mark?: string): void => {
    accounting.accepts(at - 0.4, user, granted(address)).starts(at, user, address, mark);
  };
  begins(2, 'u1', '.11', 'assigned');
  begins(6, 'u2', '.12');
  begins(10, 'u3', '.13');
  accounting.stops(30, 'u1', '.11', { seconds: 28, mark: 'release' });
  for (const [index, [at, user]] of refusals.entries()) {
    accounting.cutsShort(at, user, cause, { mark: `refusal-${index + 1}`, granted: granted(null) });
  }
  accounting.interim(70, 'u3', '.13', 60).stops(80, 'u2', '.12', { seconds: 74 });
  begins(85, 'u4', '.12', 'later');
  accounting.stops(95, 'u3', '.13', { seconds: 85 });
  begins(100, 'u5', '.13', 'later');
  return addChatter(script, { untilSeconds: 120 });
}

/** P5 with a caller whose end only RADIUS tells. With `refusal`, RADIUS also tells of the call that PPP shows refused. */
function bothViews(refusal: boolean): Script {
  const ras = leak({ refusals: ['ipcpTerminate'], reassigns: false, ending: { how: 'vanish' } });
  ras.hangsUp(80, 'u2').gets(85, 'u4', '.12', { mark: 'later' });
  const accounting = new Accounting(ras.script);
  for (const [at, user, address] of [
    [1.9, 'u1', '.11'],
    [5.9, 'u2', '.12'],
    [9.9, 'u3', '.13'],
    [85.1, 'u4', '.12'],
  ] as const) {
    if (user === 'u4' && refusal) accounting.cutsShort(45.2, user, TERMINATE_CAUSE.nasError);
    accounting.accepts(at - 0.6, user).starts(at, user, address);
    if (user === 'u1')
      accounting.stops(30, user, address, {
        seconds: 28,
        cause: TERMINATE_CAUSE.lostCarrier,
        mark: 'release',
      });
    if (user === 'u2') accounting.stops(80.1, user, address, { seconds: 74 });
  }
  return ras.end(130);
}

/** Stations of an access point that come and go, some at once, some without an address. */
function wireless(): Script {
  const script = new Script();
  const nas = new Host({ mac: '00:0b:86:15:93:03', ip: '10.0.0.3', firstIpId: 0x2200 });
  const accounting = new Accounting(script, { nas, portType: NAS_PORT_TYPE.wireless, framedProtocol: null });
  for (const [index, address] of ['.61', '.62', '.63'].entries()) {
    accounting.accepts(2 + index * 4, `w${index}`, []).starts(3 + index * 4, `w${index}`, address);
  }
  accounting.stops(30, 'w0', '.61', { seconds: 27 });
  const causes = [TERMINATE_CAUSE.nasError, TERMINATE_CAUSE.nasRequest, TERMINATE_CAUSE.serviceUnavailable];
  for (const [index, cause] of causes.entries()) {
    accounting.cutsShort(40 + index * 10, `w${index + 4}`, cause, { granted: [] });
  }
  accounting.stops(80, 'w1', '.62', { seconds: 73 }).starts(85, 'w4', '.62');
  return addChatter(script, { untilSeconds: 110 });
}

const poolOf = (): Uint8Array[] => [RADIUS_ATTRIBUTE.framedPool('vpn-users')];
const fixedOf = (address: string | null): Uint8Array[] => [
  RADIUS_ATTRIBUTE.framedAddress(address === null ? '10.0.0.44' : `10.0.0${address}`),
];
const PROOF = ['assigned', 'release', 'refusal-1', 'refusal-2'];

export const radiusPositives: readonly Scenario[] = [
  positive(
    'P7',
    'RADIUS: two sessions of no length, while an address is never given again',
    { ...SUGGESTIVE, cites: PROOF },
    () => accounted(),
    [ENCODINGS.pcapngBigNano, ENCODINGS.vlan],
  ),
  positive(
    'P7-old-ports',
    'P7 on ports 1645 and 1646, for ISDN callers',
    { ...SUGGESTIVE, cites: PROOF },
    () => accounted({ oldPorts: true, portType: NAS_PORT_TYPE.isdn }),
    [ENCODINGS.pcapNano],
  ),
  positive(
    'P7-three',
    'RADIUS alone stays suggestive, whatever the count',
    SUGGESTIVE,
    () => accounted({ refusals: [...REFUSALS, [72, 'u6']] }),
    [ENCODINGS.pcapng],
  ),
  positive(
    'P5-release-radius',
    'one refusal seen in PPP; only RADIUS tells that the lost address was hung up',
    { ...STRONG, cites: ['release', 'later', 'refusal-1'] },
    () => bothViews(false),
    [ENCODINGS.pcapng],
  ),
  positive(
    'P5-both-views',
    'one refusal, seen in PPP and in RADIUS, is one',
    { ...STRONG, cites: ['release', 'later', 'refusal-1'] },
    () => bothViews(true),
    [ENCODINGS.pcapng],
  ),
];

export const radiusLookAlikes: readonly Scenario[] = [
  lookAlike('N14', '802.1X: short sessions and Stops without an address', NO_DIAL_IN, wireless),
  ...[TERMINATE_CAUSE.nasError, TERMINATE_CAUSE.nasRequest, TERMINATE_CAUSE.serviceUnavailable].map((cause) =>
    lookAlike(`N14-pool-${cause}`, `VPN with Framed-Pool, Stops of cause ${cause}`, SILENT, () =>
      accounted({ granted: poolOf, cause }),
    ),
  ),
  lookAlike('N14-fixed', 'addresses that the RADIUS server gives', SILENT, () =>
    accounted({ granted: fixedOf }),
  ),
  lookAlike('N14-wireless-ppp', 'P7 with NAS-Port-Type 19', NO_DIAL_IN, () =>
    accounted({ portType: NAS_PORT_TYPE.wireless }),
  ),
  lookAlike('N14-no-ppp', 'P7 with Framed-Protocol 7', NO_DIAL_IN, () => accounted({ framedProtocol: 7 })),
];
