/**
 * Black holes: the cluster address, or one member of several, stops answering while its heartbeats go on (the catalogue's
 * P1, P5, P8, P10), and what lowers or leaves such a finding.
 */
import { ClusterLan, ENCODINGS, ethernet, filler, llc, withGap } from '../../../../samples/craft/index.ts';
import type {
  ClusterFields,
  ClusterMember,
  Ipv4,
  Scenario,
  Script,
  ScriptFields,
} from '../../../../samples/craft/index.ts';
import { DEFINITIVE, STRONG, SUGGESTIVE, SUGGESTIVE_AT_MOST, citing, positive } from './expectations.ts';

export interface Knock {
  readonly at: number;
  readonly client: number;
}

export interface HoleFields {
  readonly cluster?: ClusterFields;
  readonly script?: ScriptFields;
  readonly periodSeconds?: number;
  readonly state?: number;
  /** Another address of the cluster than its own is the one that is asked. */
  readonly address?: Ipv4;
  /** Requests that are answered: time and client. */
  readonly served?: ReadonlyArray<readonly [at: number, client: number]>;
  /** SYNs that are not. */
  readonly knocks?: readonly Knock[];
  readonly repeats?: readonly number[];
  readonly until?: number;
}

/** From 3 to 60 s, ever more often; clients 1 to 4 are among those that fail later, client 5 is not. */
export const RISING: ReadonlyArray<readonly [number, number]> = [
  [3, 1],
  [11, 2],
  [18, 6],
  [24, 3],
  [29.5, 7],
  [34, 4],
  [38, 8],
  [41.5, 1],
  [44.5, 9],
  [47, 10],
  [49.5, 2],
  [51.5, 6],
  [53.5, 11],
  [55, 3],
  [56.2, 12],
  [57.4, 4],
  [58.4, 7],
  [59.2, 8],
  [59.8, 1],
];

const FIVE_KNOCKS: readonly Knock[] = [
  { at: 61, client: 1 },
  { at: 67, client: 2 },
  { at: 73, client: 3 },
  { at: 79, client: 4 },
  { at: 85, client: 5 },
];

/** Two members that beat throughout; odd clients are the first one's, even ones the second's. */
export function hole(fields: HoleFields = {}): { lan: ClusterLan; web1: ClusterMember; web2: ClusterMember } {
  const {
    served = RISING,
    knocks = FIVE_KNOCKS,
    until = 100,
    periodSeconds = 1,
    state = 1,
    address,
  } = fields;
  const lan = new ClusterLan(fields.cluster, fields.script);
  const [web1, web2] = lan.members(2);
  if (address !== undefined) lan.resolve(0.7, web1, address);
  const first = knocks.at(0)?.at ?? 0;
  const last = knocks.at(-1)?.at ?? 0;
  const beat = {
    everySeconds: periodSeconds,
    state,
    mark: (at: number) => (at > first && at < last ? 'beat-inside' : undefined),
  };
  lan.beats(web1, 0.3, until - 0.2, beat).beats(web2, 0.4, until - 0.1, beat);
  const where = address === undefined ? {} : { address };
  for (const [index, [at, client]] of served.entries()) {
    const marks = index === served.length - 1 ? { synMark: 'last-served', answerMark: 'last-answer' } : {};
    lan.request(at, client, client % 2 === 1 ? web1 : web2, { ...where, ...marks });
  }
  for (const [index, { at, client }] of knocks.entries()) {
    const place = index === 0 ? 'first' : index === knocks.length - 1 ? 'last' : 'next';
    lan.knock(at, client, {
      ...where,
      repeats: fields.repeats ?? [3],
      mark: `${place}-unanswered`,
      repeatMark: `${place}-repeat`,
    });
  }
  return { lan, web1, web2 };
}

export function holeScript(fields: HoleFields = {}): Script {
  return hole(fields).lan.end(fields.until ?? 100);
}

/** Ten SYNs of four clients, each repeated twice; the port answers once, at 95 s. */
function withoutBaseline(): Script {
  const knocks = Array.from({ length: 10 }, (_, index) => ({ at: 61 + 2 * index, client: 1 + (index % 4) }));
  const { lan, web1 } = hole({ served: [], knocks, repeats: [3, 9], until: 105 });
  lan.request(95, 1, web1, { synMark: 'served-late', answerMark: 'late-answer' });
  return lan.end(105);
}

export interface MemberHoleFields {
  readonly script?: ScriptFields;
  /** Requests that the failing member answered. */
  readonly served?: ReadonlyArray<readonly [at: number, client: number]>;
  readonly knocks?: readonly Knock[];
  /** Requests that the other member answers while the first fails. */
  readonly others?: readonly number[];
  readonly until?: number;
}

const SIX_SERVED: ReadonlyArray<readonly [number, number]> = [
  [3, 2],
  [8, 4],
  [13, 6],
  [18, 8],
  [24, 2],
  [29.5, 4],
];

const TWELVE_KNOCKS: readonly Knock[] = Array.from({ length: 12 }, (_, index) => ({
  at: 31 + 2.35 * index,
  client: [2, 4, 6, 8][index % 4] ?? 2,
}));

const TEN_OTHERS = Array.from({ length: 10 }, (_, index) => 32 + 2.8 * index);

/** Member 2 beats and no longer answers its clients; member 1 answers its own. */
export function memberHole(fields: MemberHoleFields = {}): {
  lan: ClusterLan;
  web1: ClusterMember;
  web2: ClusterMember;
} {
  const { served = SIX_SERVED, knocks = TWELVE_KNOCKS, others = TEN_OTHERS, until = 72 } = fields;
  const lan = new ClusterLan({}, fields.script);
  const [web1, web2] = lan.members(2);
  const first = knocks.at(0)?.at ?? 0;
  lan.beats(web1, 0.3, until - 0.2).beats(web2, 0.4, until - 0.1, {
    mark: (at) => (at > first && at < (knocks.at(-1)?.at ?? 0) ? 'beat-inside' : undefined),
  });
  for (const [index, [at, client]] of served.entries()) {
    const isLast = index === served.length - 1;
    lan.request(at, client, web2, isLast ? { synMark: 'last-served', answerMark: 'last-answer' } : {});
  }
  for (const [index, at] of [5, 15, 25].entries()) lan.request(at, 1 + 2 * index, web1);
  for (const [index, at] of others.entries()) lan.request(at, 1 + 2 * (index % 4), web1);
  for (const [index, { at, client }] of knocks.entries()) {
    lan.knock(at, client, { mark: 'unanswered', repeatMark: `repeat-${index + 1}` });
  }
  return { lan, web1, web2 };
}

export function memberHoleScript(fields: MemberHoleFields = {}): Script {
  return memberHole(fields).lan.end(fields.until ?? 72);
}

/** Six SYNs of two clients. */
function smallMemberHole(): Script {
  const knocks = Array.from({ length: 6 }, (_, index) => ({
    at: 31 + 5 * index,
    client: 2 + 2 * (index % 2),
  }));
  return memberHoleScript({ knocks });
}

/** A connection that was opened before goes on inside the window: the address still sends. */
function stillSends(): Script {
  const { lan, web1 } = hole();
  lan.request(40, 13, web1, { exchanges: [35] });
  return lan.end(100);
}

function memberStillSends(): Script {
  const { lan, web2 } = memberHole();
  lan.request(20, 10, web2, { exchanges: [14, 21, 28, 35, 42] });
  return lan.end(72);
}

/** A capture driver below the cluster sends with the cluster's own MAC, which the switch learns (Q258609). */
function leakedMac(): Script {
  const { lan } = hole();
  const source = lan.cluster.mac;
  const payload = llc(0xe0, 0xe0, 0x03, filler(46));
  for (const at of [58.2, 59.6, 60.6]) {
    lan.script.at(at, ethernet({ destination: '00:e0:1e:60:42:02', source, type: payload.length, payload }));
  }
  return lan.end(100);
}

/** One client's SYNs alone; it was served before. */
function oneClient(): Script {
  return holeScript({ knocks: [61, 66, 71, 76, 80, 85].map((at) => ({ at, client: 1 })) });
}

/** The service comes back at 93 s by itself. */
function recovers(): Script {
  const { lan, web1, web2 } = hole({ until: 110 });
  for (const [index, at] of [93, 95, 98, 102].entries()) {
    lan.request(at, 1 + index, index % 2 === 0 ? web1 : web2);
  }
  return lan.end(110);
}

/** The recorder stood still for 16 s inside the window; every SYN and its repetition is there. */
function stall(): Script {
  const knocks = [61, 62, 63, 84, 85].map((at, index) => ({ at, client: index + 1 }));
  return withGap(holeScript({ knocks }), 67, 83);
}

/** Packets were dropped right before a frame inside the window. */
function dropsInside(): Script {
  const { lan, web1 } = hole();
  lan.script.at(76.6, () => web1.dedicated.arpRequest('10.0.0.1'), { dropsBefore: 3 });
  return lan.end(100);
}

const HOLE_CITES = [
  'first-unanswered',
  'first-repeat',
  'last-unanswered',
  'last-repeat',
  'last-served',
  'last-answer',
  'beat-inside',
];
const MEMBER_CITES = ['unanswered', 'last-served', 'last-answer', 'beat-inside'];

export const holes: readonly Scenario[] = [
  positive('P1', 'the cluster address falls silent, heartbeats go on', {
    expect: citing(DEFINITIVE, ...HOLE_CITES),
    build: () => holeScript(),
    encodings: [ENCODINGS.pcapngBigNano, ENCODINGS.qinqBig, ENCODINGS.sll2],
  }),
  positive('P1-recovers', 'and comes back by itself', {
    expect: citing(DEFINITIVE, ...HOLE_CITES.slice(0, 6)),
    build: recovers,
    encodings: [ENCODINGS.modified],
  }),
  positive('P1-unmasked', 'a cluster whose members all send under its MAC', {
    expect: citing(DEFINITIVE, ...HOLE_CITES),
    build: () => holeScript({ cluster: { masksSource: false } }),
    encodings: [ENCODINGS.pcapNano],
  }),
  positive('P1-multicast', 'a cluster in multicast mode', {
    expect: citing(DEFINITIVE, ...HOLE_CITES),
    build: () => holeScript({ cluster: { mode: 'multicast' } }),
    encodings: [ENCODINGS.vlan],
  }),
  positive('P1-igmp', 'a cluster in IGMP mode', {
    expect: citing(DEFINITIVE, ...HOLE_CITES),
    build: () => holeScript({ cluster: { mode: 'igmp' } }),
    encodings: [ENCODINGS.pcapBig],
  }),
  positive('P1-virtual', 'a second virtual address of the cluster falls silent', {
    expect: citing(DEFINITIVE, ...HOLE_CITES),
    build: () => holeScript({ address: '10.0.0.90' }),
    encodings: [ENCODINGS.pcapngTwoSections],
  }),
  positive('P1-leak', 'after frames under the cluster’s own MAC', {
    expect: citing(STRONG, 'first-unanswered', 'last-repeat'),
    build: leakedMac,
    encodings: [ENCODINGS.pcapng],
  }),
  positive('P1-frame', 'an open connection goes on inside the window', {
    expect: citing(SUGGESTIVE, 'first-unanswered', 'last-repeat'),
    build: stillSends,
    encodings: [ENCODINGS.vlan],
  }),
  positive('P1-one-client', 'one client alone fails', {
    expect: SUGGESTIVE_AT_MOST,
    build: oneClient,
  }),
  positive('P1-drops', 'the recorder dropped 0.5 %', {
    expect: STRONG,
    encoding: ENCODINGS.pcapng,
    build: () => holeScript({ script: { interfaces: [{ name: 'eth0', drops: { fraction: 0.005 } }] } }),
  }),
  positive('P1-many-drops', 'the recorder dropped 5 %', {
    expect: SUGGESTIVE,
    encoding: ENCODINGS.pcapng,
    build: () => holeScript({ script: { interfaces: [{ name: 'eth0', drops: { fraction: 0.05 } }] } }),
  }),
  positive('P1-drops-inside', 'the recorder dropped packets inside the window', {
    expect: SUGGESTIVE,
    encoding: ENCODINGS.pcapng,
    build: dropsInside,
  }),
  positive('P1-stall', 'the recorder stood still inside the window', {
    expect: SUGGESTIVE_AT_MOST,
    build: stall,
  }),
  positive('P5', 'a port without a past, answered once later', {
    expect: citing(
      STRONG,
      'first-unanswered',
      'first-repeat',
      'last-unanswered',
      'last-repeat',
      'beat-inside',
    ),
    build: withoutBaseline,
    encodings: [ENCODINGS.qinqBig, ENCODINGS.pcapngTwoSections],
  }),
  positive('P8', 'one member no longer answers its clients', {
    expect: citing(DEFINITIVE, ...MEMBER_CITES, 'repeat-1'),
    build: () => memberHoleScript(),
    encodings: [ENCODINGS.pcapBigNano, ENCODINGS.vlan],
  }),
  positive('P8b', 'one member no longer answers two clients', {
    expect: citing(STRONG, ...MEMBER_CITES, 'repeat-1'),
    build: smallMemberHole,
    encodings: [ENCODINGS.pcapngBigNano, ENCODINGS.qinq],
  }),
  positive('P8-frame', 'that member’s open connection goes on', {
    expect: citing(SUGGESTIVE, 'unanswered'),
    build: memberStillSends,
    encodings: [ENCODINGS.modifiedBig],
  }),
  positive('P10', 'beats of 500 ms and state 2 throughout, as learnt', {
    expect: citing(DEFINITIVE, ...HOLE_CITES),
    build: () => holeScript({ periodSeconds: 0.5, state: 2 }),
    encodings: [ENCODINGS.pcapngBigNano, ENCODINGS.vlan],
  }),
];
