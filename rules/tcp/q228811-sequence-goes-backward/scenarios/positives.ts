/** P1 to P11 of the catalogue, and close relatives of them (a suffix names what differs). */
import { ENCODINGS, Script, TCP_FLAG, startedAt } from '../../../../samples/craft/index.ts';
import type { Scenario } from '../../../../samples/craft/index.ts';
import {
  DEFINITIVE,
  DELAYED,
  OLD_ACK_FRAMES,
  REUSE_FRAMES,
  SERIES_FRAMES,
  SILENT_FRAMES,
  STRONG,
  SUGGESTIVE,
  TOO_FEW,
  citing,
  fault,
} from './expectations.ts';
import { Flow, Lan, ntEnd } from './lan.ts';
import type { End } from './lan.ts';
import { reuse } from './reuse.ts';
import type { ReuseFields } from './reuse.ts';
import { FIRST_ISN, openAll, openings, regressing, series } from './series.ts';

export function oldAcks(fields: ReuseFields = {}): Script {
  return reuse(fields).tries('oldAck').fresh(59.5, 75).end(100);
}

/** P2: the old sequence space runs from 0xffff b8… over 0. */
const WRAPPING: ReuseFields = { serverPort: 443, isn1: 0xffff_fe80, reuseAt: 32 };

export function silence(others: readonly number[], fields: ReuseFields = {}): Script {
  return reuse({ ...WRAPPING, ...fields })
    .tries('silent')
    .fresh(...others)
    .end(80);
}

/** NT tries a refused port again after half a second. */
export function refusals(fields: ReuseFields = {}): Script {
  return reuse(fields)
    .tries('refusal', { syns: [0, 0.5, 1] })
    .fresh(57.2, 60.4)
    .end(100);
}

export function delayed(fields: ReuseFields = {}): Script {
  return reuse(fields)
    .tries('oldAck', { syns: [0, 3], answered: 1 })
    .accepted(3.0006)
    .fresh(59.5, 75)
    .end(100);
}

/** The server's FIN was lost. */
export function finLost(rounds: number): Script {
  const base = reuse().tries('oldAck', { syns: [0, 3, 9].slice(0, rounds) });
  return without(base.fresh(59.5, 75).witness().end(100), 'firstFin');
}

/** Leaves out the frames with a mark. */
function without(script: Script, mark: string): Script {
  const { interfaces } = script;
  const frames = script.timeline().filter((frame) => frame.mark !== mark);
  return Script.recorded(interfaces, frames);
}

/** P7 and P9: five backward steps among 23, all of them in the first 20 connections. */
const FIVE_BACK = regressing(23, [4, 8, 12, 15, 18]);

/** P10: 30 connections in a sixth of a second. */
export function busyHost(
  ipIds: 'running' | 'zero' = 'running',
  millis: readonly [number, number] = [2, 8],
): Script {
  const end: End = ipIds === 'running' ? ntEnd() : { ...ntEnd(), ipId: 0 };
  const lan = new Lan();
  const steps = regressing(29, [4, 9, 14, 20, 25]);
  const gaps = steps.map(() => Math.round(lan.random.between(...millis) * 1000));
  // In whole microseconds, so that gaps are exact.
  const times = gaps.map((_, index) => gaps.slice(0, index + 1).reduce((sum, gap) => sum + gap, 30e6) / 1e6);
  lan.arp(0.2, end, lan.server);
  openAll(lan, openings(steps, [30, ...times]), end, 'client', { holdSeconds: 0.05 });
  return lan.witness().end(60);
}

interface BeforeFields {
  readonly rounds?: number;
  readonly client?: End;
  /** a − 1 − isn2. */
  readonly back?: number;
  readonly others?: readonly number[];
}

/** P11: the recorder started after the old connection had closed. */
export function beforeTheCapture(fields: BeforeFields = {}): Script {
  const { rounds = 3, client = ntEnd(), back = 18_231, others = [59.5, 61.7] } = fields;
  const lan = new Lan();
  lan.arp(0.2, client, lan.server);
  const list = openings([41_000, 15_500, 30_250, 7_300], [1, 4, 9, 15, 24]);
  openAll(
    lan,
    list.map((opening) => ({ ...opening, serverPort: 1478 })),
    client,
  );
  // A little below the last one; what was open before the capture had sent more than the others.
  const clientIsn = ((list.at(-1)?.isn ?? FIRST_ISN) - 9_300) >>> 0;
  const tuple = { client, server: lan.server, clientPort: 1479, serverPort: 1478 };
  const flow = new Flow({ ...tuple, clientIsn, serverIsn: lan.isn() });
  const acknowledgment = (clientIsn + 1 + back) >>> 0;
  const oldAck = { flags: TCP_FLAG.ack, sequence: lan.isn(), acknowledgment };
  for (const [index, seconds] of [0, 3, 9].slice(0, rounds).entries()) {
    const at = 58 + seconds;
    lan.send(at, (time) => flow.syn(time), index === 0 ? 'newSyn' : 'retransmit');
    lan.send(at + 0.0005, (time) => flow.segment(time, 'server', oldAck), 'oldAck');
    lan.send(at + 0.0008, (time) => flow.rst(time, 'client', acknowledgment), 'clientRst');
  }
  for (const at of others) lan.fresh(at, 1478);
  return lan.witness().end(100);
}

/** NetBT gives up and tries again with another number, lower than the old ones, too (Q200770). */
function secondTry(): Script {
  const base = reuse().tries('oldAck', { syns: [0, 3] });
  const { fields } = base.renewed;
  const again = new Flow({ ...fields, clientIsn: fields.clientIsn + 700, serverIsn: base.lan.isn() });
  for (const at of [70, 73]) {
    const segment = { flags: TCP_FLAG.ack, sequence: base.serverNext, acknowledgment: base.R };
    base.lan.send(at, (time) => again.syn(time), 'secondTry');
    base.lan.send(at + 0.0005, (time) => again.segment(time, 'server', segment));
    base.lan.send(at + 0.0008, (time) => again.rst(time, 'client', base.R));
  }
  return base.fresh(59.5, 75).end(100);
}

export const positives: readonly Scenario[] = [
  fault(
    'P1',
    'a SYN below the old connection meets its old acknowledgment four times',
    citing(DEFINITIVE, OLD_ACK_FRAMES),
    oldAcks,
    [ENCODINGS.pcapNano, ENCODINGS.pcapngTwoSections, ENCODINGS.qinqBig, ENCODINGS.sll2],
  ),
  fault(
    'P1-limited',
    'the server answers the first SYN only, the client does not reset',
    citing(DEFINITIVE, [...REUSE_FRAMES, 'oldAck', 'retransmit']),
    () => reuse().tries('oldAck', { answered: 1, clientResets: false }).fresh(59.5, 75).end(100),
  ),
  fault(
    'P1-once',
    'old acknowledgment and reset, and the client gives up',
    citing(DEFINITIVE, [...REUSE_FRAMES, 'oldAck', 'clientRst']),
    () =>
      reuse()
        .tries('oldAck', { syns: [0] })
        .fresh(59.5, 75)
        .end(100),
  ),
  fault(
    'P1-both',
    'the FINs crossed, so both ends are in TIME-WAIT',
    citing(DEFINITIVE, OLD_ACK_FRAMES),
    () => oldAcks({ ending: 'both' }),
  ),
  fault(
    'P1-second-try',
    'a second try with another number is the same incident',
    citing(DEFINITIVE, OLD_ACK_FRAMES),
    secondTry,
  ),
  fault('P1-late', 'the old connection was open when the capture began', citing(STRONG, OLD_ACK_FRAMES), () =>
    startedAt(oldAcks({ openAt: -5 }), 0),
  ),
  fault(
    'P2',
    'the SYNs stay unanswered while the server answers others; the old sequence numbers wrap',
    citing(DEFINITIVE, SILENT_FRAMES),
    () => silence([33, 47]),
    [ENCODINGS.pcapBigNano, ENCODINGS.pcapng, ENCODINGS.vlan],
  ),
  fault(
    'P3',
    'every SYN is reset, others are accepted',
    citing(STRONG, [...REUSE_FRAMES, 'refusal']),
    refusals,
    [ENCODINGS.modified, ENCODINGS.pcapngBigNano, ENCODINGS.qinq],
  ),
  fault(
    'P4',
    'old acknowledgment and reset, then accepted after 3 s',
    citing(DELAYED, [...REUSE_FRAMES, 'oldAck', 'clientRst', 'retransmit']),
    delayed,
    [ENCODINGS.pcapBig, ENCODINGS.pcapngTwoSections, ENCODINGS.vlan],
  ),
  fault(
    'P5',
    'the SYNs stay unanswered and nothing shows that the server lives',
    citing(STRONG, SILENT_FRAMES),
    () => silence([]),
    [ENCODINGS.pcapng, ENCODINGS.modifiedBig],
  ),
  fault(
    'P6',
    "the server's FIN is missing, three rounds show that it holds the old connection",
    citing(STRONG, ['secondFin', 'newSyn', 'oldAck', 'clientRst', 'retransmit']),
    () => finLost(3),
    [ENCODINGS.pcapNano, ENCODINGS.qinq],
  ),
  fault(
    'P7',
    '24 connections, five numbers below the one before',
    citing(STRONG, SERIES_FRAMES),
    () => series({ steps: FIVE_BACK }),
    [ENCODINGS.pcapngTwoSections, ENCODINGS.pcapBigNano, ENCODINGS.vlan, ENCODINGS.sll2],
  ),
  fault('P7-wrap', 'the numbers of P7 run over 2³²', citing(STRONG, SERIES_FRAMES), () =>
    series({ steps: FIVE_BACK, firstIsn: 0xfffc_8000 }),
  ),
  fault(
    'P8',
    '15 connections, one number below the one before',
    citing(SUGGESTIVE, SERIES_FRAMES),
    () => series({ steps: regressing(14, [8]) }),
    [ENCODINGS.pcapng, ENCODINGS.qinqBig],
  ),
  fault(
    'P8b',
    '9 connections, one number below the one before',
    citing(SUGGESTIVE, SERIES_FRAMES),
    () => series({ steps: regressing(8, [4]) }),
    [ENCODINGS.pcapNano, ENCODINGS.vlan],
  ),
  {
    ...fault('P8b-eight', '8 connections are too few', TOO_FEW, () => series({ steps: regressing(7, [4]) })),
  },
  fault(
    'P9',
    '24 answers of an NT server, five numbers below the one before',
    citing(STRONG, SERIES_FRAMES),
    () => series({ steps: FIVE_BACK, role: 'server', end: ntEnd('10.0.0.5') }),
    [ENCODINGS.pcapBig, ENCODINGS.pcapngBigNano, ENCODINGS.modified],
  ),
  fault(
    'P10',
    '30 connections 2 to 8 ms apart, five numbers backward while the IP identification runs forward',
    citing(STRONG, SERIES_FRAMES),
    () => busyHost(),
    [ENCODINGS.pcapng, ENCODINGS.qinq],
  ),
  fault(
    'P10-far',
    'the host sends 150 segments from one SYN to the next: only byte-swapped its identifications run forward',
    citing(STRONG, SERIES_FRAMES),
    () =>
      series({
        steps: FIVE_BACK,
        timing: { requests: 150, holdSeconds: 0.4 },
        end: ntEnd('10.0.0.5', undefined, 0x12c0),
      }),
  ),
  fault(
    'P11',
    'the old connection was before the capture: three rounds',
    citing(SUGGESTIVE, ['newSyn', 'oldAck', 'clientRst']),
    () => beforeTheCapture(),
    [ENCODINGS.pcapNano, ENCODINGS.pcapngTwoSections, ENCODINGS.vlan],
  ),
];
