/** One thing that is wrong with a cluster or a host of it, with its proof; what the parts of this rule answer. */
import type { OptionValues } from '../../../src/engine/options.ts';
import type { FrameCitation, MessageData, Tier } from '../../../src/engine/result.ts';
import type { Candidate } from '../../../src/engine/rule.ts';
import type { Cluster } from '../../../src/trackers/cluster.ts';
import type { SynAttempt } from '../../../src/trackers/syn-attempts.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import { formatMac } from '../../../src/wire/mac.ts';
import type { ClusterView } from '../heartbeat-series.ts';
import type { options } from './options.ts';

export type Thresholds = OptionValues<typeof options>;

/** The clusters of a report outlive what was tracked of them. */
export interface ClusterName {
  readonly domain: number;
  readonly address: number;
}

export interface Case {
  readonly cluster: ClusterName;
  /** Priority of the host; 0 for the cluster as a whole. */
  readonly host: number;
  /** The stretch that its picture shows, if that is one of the cluster. */
  readonly view?: ClusterView;
  readonly kind: 'fault' | 'notice';
  /** So little that it is not told beside another fault of the cluster. */
  readonly isHint?: boolean;
  readonly candidates: readonly Candidate[];
  readonly hosts: readonly string[];
  readonly macs: readonly string[];
  readonly frames: readonly FrameCitation[];
  readonly count: number;
  readonly why: string;
  readonly whatToDo: string;
  readonly caveats: readonly string[];
  readonly data: MessageData;
  readonly facts: MessageData;
}

const RANK: Readonly<Record<Tier, number>> = { suggestive: 1, strong: 2, definitive: 3 };

/** The lowest of several tiers. */
export function lowest(...tiers: readonly Tier[]): Tier {
  return tiers.reduce((low, tier) => (RANK[tier] < RANK[low] ? tier : low));
}

export function hasTier(candidates: readonly Candidate[], tier: Tier): boolean {
  return candidates.some((candidate) => RANK[candidate.tier] >= RANK[tier]);
}

/** The first of those whose first candidate is the surest; null if there is none. */
export function surest(cases: readonly Case[]): Case | null {
  const rankOf = ({ candidates: [first] }: Case): number => (first === undefined ? 0 : RANK[first.tier]);
  return cases.reduce<Case | null>(
    (best, found) => (best === null || rankOf(found) > rankOf(best) ? found : best),
    null,
  );
}

/** Of so many moments at which proof may end, the first are looked at. */
const MAX_STOPS = 16;

/**
 * Moments inside a span up to which alone something may be proven: a host fell silent that was heard until then, or the recorder
 * stood still. What followed takes nothing from what was seen before (rules 0.2).
 */
export function stopsWithin(cluster: Cluster, from: number, to: number): number[] {
  const silences = [...cluster.members.values()].flatMap((member) => member.silences);
  const stops = [...silences.map((silence) => silence.from), cluster.liveness.aliveUntil(from, to)];
  return [...new Set(stops)]
    .filter((stop) => stop > from && stop < to)
    .toSorted((a, b) => a - b)
    .slice(0, MAX_STOPS);
}

/** The highest tier that a small MTU leaves: its heartbeats may be cut on their way. */
export function beatCeiling(cluster: Cluster): Tier {
  return cluster.hasShortBeats ? 'suggestive' : 'definitive';
}

/** How far back a frame under the cluster's own MAC address explains that clients do not get through (Q258609). */
const UNMASKED_SECONDS = 60;

export function wasUnmasked(cluster: Cluster, from: number): boolean {
  return (
    cluster.isMasked && cluster.unmaskedTimes.some((time) => time <= from && time >= from - UNMASKED_SECONDS)
  );
}

/** True if a command by remote control came shortly before: it may have disabled or drained what stays silent. */
export function wasControlled(cluster: Cluster, from: number, { exitSeconds }: Thresholds): boolean {
  return cluster.controlTimes.some((time) => time <= from && time >= from - exitSeconds);
}

export function clientsOf(attempts: readonly SynAttempt[]): Set<number> {
  return new Set(attempts.map((attempt) => attempt.client));
}

/** The first two and the last attempt, each with its last repetition. */
export function citeAttempts(attempts: readonly SynAttempt[]): FrameCitation[] {
  const ordered = attempts.toSorted((a, b) => a.time - b.time);
  const chosen = [...new Set([ordered[0], ordered[1], ordered.at(-1)])];
  return chosen
    .filter((attempt) => attempt !== undefined)
    .flatMap(({ frame, lastFrame }) => [frame, lastFrame]);
}

/** Two beats of each of the first members inside a span: they show that the cluster was there. */
export function citeBeatsWithin(cluster: Cluster, from: number, to: number, members = 2): FrameCitation[] {
  const frames: FrameCitation[] = [];
  for (const member of [...cluster.members.values()].slice(0, members)) {
    for (const { log } of member.senders) {
      const first = log.firstFrom(from);
      for (let at = first; at < first + 2 && at < log.length && log.time(at) <= to; at += 1)
        frames.push(log.cite(at, 'heartbeat'));
    }
  }
  return frames;
}

export function namesOf(cluster: Cluster): Pick<Case, 'cluster' | 'hosts' | 'macs'> {
  const members = [...cluster.members.values()];
  const hosts = [cluster.address, ...members.flatMap((member) => member.hostAddresses)];
  return {
    cluster: { domain: cluster.domain.index, address: cluster.address },
    hosts: [...new Set(hosts.map(formatIpv4))],
    macs: [...new Set(members.flatMap((member) => member.macs).map(formatMac))],
  };
}

/** Seconds to the microsecond, as a report shows them. */
export function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
