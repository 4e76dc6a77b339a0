/**
 * Members whose heartbeats stop: alive on another adapter or on none, served by the others or by nobody (the catalogue's
 * P2, P4, P6, P7), and what lowers such a finding.
 */
import { ALL_BUCKETS, ClusterLan, ENCODINGS } from '../../../../samples/craft/index.ts';
import type { ClusterFields, ClusterMember, Scenario, Script } from '../../../../samples/craft/index.ts';
import { DEFINITIVE, STRONG, SUGGESTIVE, citing, positive } from './expectations.ts';
import type { Knock } from './holes.ts';

/** Last beat of the member that falls silent; with a period of 1 s it counts as silent from 36 s on. */
export const LAST_BEAT = 30;

export interface SilentFields {
  readonly cluster?: ClusterFields;
  readonly adapter?: 'dedicated' | 'cluster';
  /** Signs of life of the silent member. */
  readonly lives?: readonly number[];
  /** SYNs that are not answered. */
  readonly knocks?: readonly Knock[];
  /** Requests that member 1 answers after the silence began: time and client. */
  readonly answered?: ReadonlyArray<readonly [at: number, client: number]>;
  /** Bytes of a heartbeat, where the segment carries less than 1500. */
  readonly beatBytes?: number;
  /** Seconds after the last beat at which member 1 converges anew, for 3 s. */
  readonly convergesAfter?: number;
  readonly served?: boolean;
  readonly until?: number;
}

const SERVED_EARLY: ReadonlyArray<readonly [number, number]> = [
  [3, 1],
  [7, 2],
  [11, 3],
  [15, 4],
  [19, 1],
  [23, 2],
  [27.8, 3],
];

const FOUR_KNOCKS: readonly Knock[] = [
  { at: 46, client: 2 },
  { at: 51, client: 1 },
  { at: 56, client: 3 },
  { at: 62.5, client: 2 },
];

const LIVES = [36.5, 41, 46.5, 52, 58, 65.5];

/** Member 1 beats throughout, and converges anew for 3 s if it is said when. */
export function survivor(
  lan: ClusterLan,
  web1: ClusterMember,
  until: number,
  fields: SilentFields = {},
): void {
  const { convergesAfter, beatBytes } = fields;
  const size = beatBytes === undefined ? {} : { length: beatBytes };
  if (convergesAfter === undefined) {
    lan.beats(web1, 0.5, until - 0.2, {
      ...size,
      mark: (at) => (at === 35.5 ? 'not-yet-silent' : undefined),
    });
    return;
  }
  const from = LAST_BEAT + convergesAfter;
  lan.beats(web1, from - Math.floor(from), from - 1, size);
  lan.beats(web1, from, from + 2.5, {
    ...size,
    everySeconds: 0.5,
    state: 2,
    newMap: ALL_BUCKETS,
    mark: (at) => (at === from ? 'not-yet-silent' : undefined),
  });
  lan.beats(web1, from + 3, until - 0.2, { ...size, currentMap: ALL_BUCKETS });
}

/** Two members; the second one's last beat is at 30 s. */
export function silent(fields: SilentFields = {}): {
  lan: ClusterLan;
  web1: ClusterMember;
  web2: ClusterMember;
} {
  const { adapter = 'dedicated', lives = LIVES, knocks = FOUR_KNOCKS, until = 75, beatBytes } = fields;
  const lan = new ClusterLan(fields.cluster);
  const [web1, web2] = lan.members(2, adapter);
  survivor(lan, web1, until, fields);
  lan.beats(web2, 1, LAST_BEAT, {
    ...(beatBytes === undefined ? {} : { length: beatBytes }),
    mark: (at) => (at === LAST_BEAT ? 'last-beat' : undefined),
  });
  if (fields.served ?? true) {
    for (const [index, [at, client]] of SERVED_EARLY.entries()) {
      const isLast = index === SERVED_EARLY.length - 1;
      const marks = isLast ? { synMark: 'last-served', answerMark: 'last-answer' } : {};
      lan.request(at, client, client % 2 === 1 ? web1 : web2, marks);
    }
  }
  lan.lives(web2, lives, adapter, (at) => (at === lives[0] ? 'first-life' : 'life'));
  for (const [index, { at, client }] of knocks.entries()) {
    lan.knock(at, client, { mark: 'unanswered', repeatMark: `repeat-${index + 1}` });
  }
  for (const [at, client] of fields.answered ?? []) lan.request(at, client, web1);
  return { lan, web1, web2 };
}

export function silentScript(fields: SilentFields = {}): Script {
  return silent(fields).lan.end(fields.until ?? 75);
}

/** Requests that the other member answers while the second is silent. */
export const SERVED_ON: ReadonlyArray<readonly [number, number]> = [
  [40, 1],
  [44, 2],
  [49, 3],
  [55, 4],
  [61, 1],
  [68, 2],
];

/** Silences of 12 s from which the member recovers; its dedicated adapter lives on. */
export function mute(lastBeats: readonly number[], silenceSeconds = 12): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  const ends = lastBeats.map((at) => at + silenceSeconds);
  const until = (ends.at(-1) ?? 0) + 28;
  lan.beats(web1, 0.5, until - 0.2);
  for (const [index, last] of lastBeats.entries()) {
    const from = ends[index - 1] ?? 1;
    lan.beats(web2, from, last, {
      mark: (at) =>
        at === last ? `last-beat-${index + 1}` : at === from ? `beat-after-${index}` : undefined,
    });
    lan.lives(web2, [last + 6.6, last + 8.3, last + 10.4], 'dedicated', `life-${index + 1}`);
  }
  const back = ends.at(-1) ?? 0;
  lan.beats(web2, back, until - 0.1, {
    mark: (at) => (at === back ? `beat-after-${lastBeats.length}` : undefined),
  });
  const isMute = (at: number): boolean =>
    lastBeats.some((last, index) => at > last - 1 && at < (ends[index] ?? 0));
  for (let at = 3, client = 1; at < until - 3; at += 3.3, client = (client % 8) + 1) {
    lan.request(at, client, client % 2 === 1 || isMute(at) ? web1 : web2);
  }
  return lan.end(until);
}

/** Gaps of three periods from one member, each as [last beat, next beat]. */
export function gappy(gaps: ReadonlyArray<readonly [number, number]>, until: number): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, until - 0.2);
  const starts = [1, ...gaps.map(([, next]) => next)];
  const ends = [...gaps.map(([last]) => last), until - 0.3];
  for (const [index, from] of starts.entries()) {
    lan.beats(web2, from, ends[index] ?? from, {
      mark: (at) => (index > 0 && at === from ? `gap-end-${index}` : undefined),
    });
  }
  for (let at = 3, client = 1; at < until - 3; at += 7.3, client = (client % 6) + 1) {
    const inGap = gaps.some(([last, next]) => at > last - 1 && at < next);
    lan.request(at, client, client % 2 === 1 || inGap ? web1 : web2);
  }
  return lan.end(until);
}

/** A lone host falls silent; it may simply have been stopped. */
function lone(): Script {
  const lan = new ClusterLan();
  const [web1] = lan.members(1);
  lan.beats(web1, 1, LAST_BEAT, { currentMap: ALL_BUCKETS });
  for (const [at, client] of SERVED_EARLY) lan.request(at, client, web1);
  lan.lives(web1, LIVES, 'dedicated', 'life');
  for (const { at, client } of FOUR_KNOCKS) lan.knock(at, client, { mark: 'unanswered' });
  return lan.end(75);
}

const CITES = ['last-beat', 'unanswered', 'repeat-1', 'last-served', 'last-answer'];
/** Nobody asks, and the member gives no sign of life. */
export const QUIET: SilentFields = { served: false, knocks: [], lives: [] };

export const silences: readonly Scenario[] = [
  positive('P2', 'a silent member lives on its dedicated adapter, nobody serves', {
    expect: citing(DEFINITIVE, ...CITES, 'first-life'),
    build: () => silentScript(),
    encodings: [ENCODINGS.pcapngBigNano, ENCODINGS.qinq, ENCODINGS.sll2],
  }),
  positive('P2b', 'a silent member lives on its cluster adapter, nobody serves', {
    expect: citing(STRONG, ...CITES, 'first-life'),
    build: () => silentScript({ adapter: 'cluster' }),
    encodings: [ENCODINGS.vlan, ENCODINGS.pcapngTwoSections],
  }),
  positive('P2-lone', 'a lone host falls silent and lives', {
    expect: citing(SUGGESTIVE, 'life'),
    build: lone,
    encodings: [ENCODINGS.pcapng],
  }),
  positive('P2-multicast', 'in multicast mode, where a switch may hide the beats', {
    expect: citing(SUGGESTIVE, 'last-beat', 'first-life'),
    build: () => silentScript({ cluster: { mode: 'multicast' } }),
    encodings: [ENCODINGS.pcapBig, ENCODINGS.sll2],
  }),
  positive('P2-igmp', 'in IGMP mode, where a switch may hide the beats', {
    expect: citing(SUGGESTIVE, 'last-beat', 'first-life'),
    build: () => silentScript({ cluster: { mode: 'igmp' } }),
    encodings: [ENCODINGS.pcapNano],
  }),
  positive('P2-short', 'on a segment that carries less than 1500 bytes', {
    expect: citing(SUGGESTIVE, 'last-beat'),
    build: () => silentScript({ beatBytes: 1386 }),
    encodings: [ENCODINGS.modified],
  }),
  positive('P4', 'a silent member lives on its cluster adapter, the other serves', {
    expect: citing(SUGGESTIVE, 'last-beat', 'first-life'),
    build: () => silentScript({ adapter: 'cluster', knocks: [], answered: SERVED_ON, convergesAfter: 5.5 }),
    encodings: [ENCODINGS.pcapngBigNano, ENCODINGS.qinqBig],
  }),
  positive('P4-once', 'a silent member lives on its dedicated adapter, the other serves', {
    expect: citing(SUGGESTIVE, 'last-beat', 'first-life'),
    build: () => silentScript({ knocks: [], answered: SERVED_ON, convergesAfter: 5.5 }),
    encodings: [ENCODINGS.vlan],
  }),
  positive('P4b', 'the cluster adapter is mute for 12 s, twice, and recovers', {
    expect: citing(STRONG, 'last-beat-1', 'beat-after-1', 'life-1', 'last-beat-2', 'beat-after-2', 'life-2'),
    build: () => mute([30, 60]),
    encodings: [ENCODINGS.pcapngBigNano, ENCODINGS.vlan],
  }),
  positive('P6', 'silence without a sign of life, nobody asks', {
    expect: citing(SUGGESTIVE, 'last-beat'),
    build: () => silentScript(QUIET),
    encodings: [ENCODINGS.pcapng, ENCODINGS.qinq],
  }),
  positive('P6-converged', 'and the survivor has everything', {
    expect: citing(SUGGESTIVE, 'last-beat'),
    build: () => silentScript({ ...QUIET, convergesAfter: 5.5 }),
    encodings: [ENCODINGS.pcapBigNano],
  }),
  positive('P7', 'gaps of three periods, time and again', {
    expect: citing(SUGGESTIVE, 'gap-end-1'),
    build: () =>
      gappy(
        [
          [20, 23],
          [40, 43],
          [60, 63],
          [80, 83],
        ],
        100,
      ),
    encodings: [ENCODINGS.vlan, ENCODINGS.pcapngTwoSections],
  }),
];
