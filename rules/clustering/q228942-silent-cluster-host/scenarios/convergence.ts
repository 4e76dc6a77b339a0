/** Hosts that never finish to converge, or that send no heartbeat at all (the catalogue's P3 and P9). */
import { ALL_BUCKETS, ClusterLan, ENCODINGS, HEARTBEAT_ETHERTYPE } from '../../../../samples/craft/index.ts';
import type { ClusterFields, Scenario, Script } from '../../../../samples/craft/index.ts';
import { STRONG, SUGGESTIVE, citing, positive } from './expectations.ts';

export interface StuckFields {
  readonly cluster?: ClusterFields;
  /** For how long the beats tell another new map than the current one; from 24 s. */
  readonly stuckSeconds?: number;
  readonly periodSeconds?: number;
  readonly state?: number;
  /** The maps are equal all the time. */
  readonly equalMaps?: boolean;
  /** Normal beats follow, from the first beat that is not stuck on. */
  readonly recovers?: boolean;
  readonly until?: number;
}

export const STUCK_FROM = 24;

/** A single host: 20 normal beats, a restart, and then beats that do not come to an end of converging. */
export function stuck(fields: StuckFields = {}): ClusterLan {
  const { stuckSeconds = 65, periodSeconds = 0.5, state = 2, equalMaps = false, until = 95 } = fields;
  const lan = new ClusterLan(fields.cluster);
  const [web1] = lan.members(1);
  lan.beats(web1, 1, 20, { currentMap: ALL_BUCKETS });
  for (const [index, at] of [3, 7, 11, 15, 18].entries()) lan.request(at, 1 + index, web1);
  const end = STUCK_FROM + stuckSeconds;
  lan.beats(web1, STUCK_FROM, end, {
    everySeconds: periodSeconds,
    state,
    ...(equalMaps ? { currentMap: ALL_BUCKETS } : { currentMap: 0n, newMap: ALL_BUCKETS }),
    mark: (at) => (at >= STUCK_FROM + 29.7 ? 'stuck-long' : 'stuck'),
  });
  if (fields.recovers) lan.beats(web1, end + 0.1, until - 0.2, { currentMap: ALL_BUCKETS });
  return lan;
}

export function stuckScript(fields: StuckFields = {}): Script {
  return stuck(fields).end(fields.until ?? 95);
}

/** Clients ask all the time; no black hole is told of a cluster that does not converge. */
function stuckAndAsked(): Script {
  const lan = stuck();
  for (const [index, at] of [30, 36, 42, 48, 54, 60, 66, 72, 78].entries()) lan.knock(at, 1 + (index % 5));
  return lan.end(95);
}

export interface NoBeatFields {
  /** When the cluster adapter sends: ARP and name queries of the host's own address, and as the cluster address. */
  readonly times?: readonly number[];
  /** Member 1 beats. */
  readonly other?: boolean;
  /** SYNs to the cluster address, none of them answered: time and client. */
  readonly knocks?: ReadonlyArray<readonly [at: number, client: number]>;
  readonly cluster?: ClusterFields;
  readonly until?: number;
  /** It sends nothing but echo replies as the cluster address: no ARP says which MAC is the cluster's. */
  readonly pongsOnly?: boolean;
}

const EVERY_FOUR = Array.from({ length: 21 }, (_, index) => 2 + 4 * index);

/** Member 2 sends everything but heartbeats: an ARP of its own at each of the times but each third, then as the cluster. */
export function noBeats(fields: NoBeatFields = {}): ClusterLan {
  const { times = EVERY_FOUR, until = 86 } = fields;
  const lan = new ClusterLan(fields.cluster);
  const web1 = lan.cluster.member(1);
  const web2 = lan.cluster.member(2);
  const mark = (at: number): string => (at - (times[0] ?? 0) >= 60 ? 'sent-late' : 'sent');
  for (const [index, at] of times.entries()) {
    const turn = fields.pongsOnly ? 1 : index % 3;
    const frame = (): Uint8Array => {
      if (turn === 0) return web2.arpReply(lan.router);
      return turn === 1 ? web2.virtual.pong(lan.router, index) : web2.maskedArp(lan.router.ip);
    };
    if (turn === 0) lan.script.at(at - 0.0003, () => lan.router.arpRequest(lan.cluster.ip));
    if (turn === 1) lan.script.at(at - 0.0003, () => lan.router.ping(lan.cluster.station, index));
    lan.script.at(at, frame, { mark: mark(at) });
  }
  if (fields.other) lan.beats(web1, 0.5, until - 0.2, { currentMap: ALL_BUCKETS });
  for (const [index, [at, client]] of (fields.knocks ?? []).entries()) {
    lan.knock(at, client, { mark: 'unanswered', repeatMark: `repeat-${index + 1}` });
  }
  return lan.bridgeHello(9).bridgeHello(41);
}

export function noBeatsScript(fields: NoBeatFields = {}): Script {
  return noBeats(fields).end(fields.until ?? 86);
}

export const SIX_KNOCKS: ReadonlyArray<readonly [number, number]> = [
  [20, 1],
  [31, 2],
  [42, 3],
  [52, 1],
  [69, 2],
  [75, 3],
];

export const convergence: readonly Scenario[] = [
  positive('P3', 'a lone host never converges after a restart', {
    expect: citing(STRONG, 'stuck'),
    build: () => stuckScript(),
    encodings: [ENCODINGS.pcapngBigNano, ENCODINGS.qinqBig, ENCODINGS.sll2],
  }),
  positive('P3-convoy', 'the same with the older ethertype', {
    expect: citing(STRONG, 'stuck'),
    build: () => stuckScript({ cluster: { etherType: HEARTBEAT_ETHERTYPE.convoy } }),
    encodings: [ENCODINGS.vlan, ENCODINGS.pcapng],
  }),
  positive('P3-asked', 'the same, and clients stay unanswered', {
    expect: citing(STRONG, 'stuck'),
    build: stuckAndAsked,
    encodings: [ENCODINGS.pcapBigNano],
  }),
  positive('P3-map', 'the maps differ, with no other sign', {
    expect: citing(SUGGESTIVE, 'stuck'),
    build: () => stuckScript({ periodSeconds: 1, state: 1 }),
    encodings: [ENCODINGS.modified],
  }),
  positive('P9', 'a lone cluster adapter sends everything but heartbeats', {
    expect: citing(SUGGESTIVE, 'sent'),
    build: () => noBeatsScript(),
    encodings: [ENCODINGS.pcapngBigNano, ENCODINGS.vlan],
  }),
  positive('P9b', 'the other member beats, and clients stay unanswered', {
    expect: citing(STRONG, 'sent', 'unanswered'),
    build: () => noBeatsScript({ other: true, knocks: SIX_KNOCKS }),
    encodings: [ENCODINGS.pcapngTwoSections, ENCODINGS.qinq],
  }),
];
