/**
 * A cluster whose members contradict each other (rules 5.7, Q193599): two hosts under one priority, or hosts with different port
 * rules. Both sides have to go on, in turn, for some time: a reconfiguration passes.
 */
import type { FrameCitation } from '../engine/result.ts';
import { type ConvergingSigns, type PeriodThresholds, pastOf, signsOf } from './beat-period.ts';
import type { Cluster, RuleSegment, RuleVariant, Sender } from './cluster.ts';

export interface ConflictThresholds extends PeriodThresholds {
  readonly conflictBeats: number;
  readonly conflictSeconds: number;
}

export type ConflictKind = 'samePriority' | 'ruleCount' | 'ruleCodes';

export interface ClusterConflict {
  readonly kind: ConflictKind;
  readonly first: Sender;
  readonly second: Sender;
  readonly from: number;
  readonly to: number;
  /** The members' maps are about to change for most of that time. */
  readonly hasOpenMaps: boolean;
  /** Another sign of converging. */
  readonly hasOtherSign: boolean;
  readonly frames: readonly FrameCitation[];
}

/** Beats cited of each side. */
const CITED_BEATS = 4;
const ROUNDING = 1e-6;

/** Conflicts looked into: the best proven of so many stands for a cluster of contradictions. */
const MAX_LOOKED_INTO = 8;

/** Two sides that contradict each other over a time. */
interface Contradiction {
  readonly kind: ConflictKind;
  readonly first: Sender;
  readonly second: Sender;
  readonly from: number;
  readonly to: number;
}

/** The conflict that is proven best, or null. */
export function conflictOf(cluster: Cluster, thresholds: ConflictThresholds): ClusterConflict | null {
  let best: ClusterConflict | null = null;
  let lookedInto = 0;
  for (const found of contradictionsOf(cluster, thresholds)) {
    const conflict = describe(cluster, found, thresholds);
    if (best === null || rankOf(conflict) > rankOf(best)) best = conflict;
    lookedInto += 1;
    if (lookedInto >= MAX_LOOKED_INTO || rankOf(best) === BEST_RANK) break;
  }
  return best;
}

export function hasConflict(cluster: Cluster, thresholds: ConflictThresholds): boolean {
  return contradictionsOf(cluster, thresholds).next().done !== true;
}

function* contradictionsOf(cluster: Cluster, thresholds: ConflictThresholds): Generator<Contradiction> {
  const senders = [...cluster.members.values()].flatMap((member) => member.senders);
  for (const [at, first] of senders.entries()) {
    for (const second of senders.slice(at + 1)) {
      const found =
        first.priority === second.priority
          ? samePriority(first, second, thresholds)
          : differentRules(first, second, thresholds);
      if (found !== null) yield found;
    }
  }
}

const BEST_RANK = 3;

function rankOf(conflict: ClusterConflict): number {
  return (conflict.hasOpenMaps ? 2 : 0) + (conflict.hasOtherSign ? 1 : 0);
}

/** Beats of one side: indexes of its log. */
interface Side {
  readonly sender: Sender;
  readonly first: number;
  readonly past: number;
}

function whole(sender: Sender): Side {
  return { sender, first: 0, past: sender.log.length };
}

function samePriority(first: Sender, second: Sender, thresholds: ConflictThresholds): Contradiction | null {
  const span = interleaved(whole(first), whole(second), thresholds);
  return span === null ? null : { kind: 'samePriority', first, second, ...span };
}

function differentRules(first: Sender, second: Sender, thresholds: ConflictThresholds): Contradiction | null {
  const [ones, others] = [first.segments, second.segments];
  // Both are in order of time: only those that overlap are compared.
  for (let i = 0, j = 0; i < ones.length && j < others.length; ) {
    const one = ones[i] as RuleSegment;
    const other = others[j] as RuleSegment;
    const kind = contradiction(one.variant, other.variant);
    const span = kind === null ? null : interleaved(sideOf(first, one), sideOf(second, other), thresholds);
    if (kind !== null && span !== null) return { kind, first, second, ...span };
    if (first.log.time(one.last) <= second.log.time(other.last)) i += 1;
    else j += 1;
  }
  return null;
}

function sideOf(sender: Sender, segment: RuleSegment): Side {
  return { sender, first: segment.first, past: segment.last + 1 };
}

/** What two sets of rules disagree on, as far as both were captured. */
function contradiction(one: RuleVariant, other: RuleVariant): ConflictKind | null {
  if (one === other) return null;
  if (one.ruleCount !== other.ruleCount) return 'ruleCount';
  const known = Math.min(one.codes.length, other.codes.length);
  return one.codes.subarray(0, known).every((code, at) => code === other.codes[at]) ? null : 'ruleCodes';
}

/** The time over which both sides go on, in turn; null if it is too short. */
function interleaved(
  a: Side,
  b: Side,
  { conflictBeats, conflictSeconds }: ConflictThresholds,
): { from: number; to: number } | null {
  const timeOf = ({ sender }: Side, at: number) => sender.log.time(at);
  const from = Math.max(timeOf(a, a.first), timeOf(b, b.first));
  const to = Math.min(timeOf(a, a.past - 1), timeOf(b, b.past - 1));
  if (to - from < conflictSeconds - ROUNDING) return null;
  const [ofA, ofB] = [timesWithin(a, from, to), timesWithin(b, from, to)];
  if (ofA.length < conflictBeats || ofB.length < conflictBeats) return null;
  // In turn, not one after the other: each side comes back as often as it has to show.
  return countTurns(ofA, ofB) >= 2 * conflictBeats - 1 ? { from, to } : null;
}

function timesWithin({ sender, first, past }: Side, from: number, to: number): number[] {
  const times: number[] = [];
  for (let at = Math.max(first, sender.log.firstFrom(from)); at < past; at += 1) {
    const time = sender.log.time(at);
    if (time > to) break;
    times.push(time);
  }
  return times;
}

/** How many unbroken runs of one side there are. */
function countTurns(a: readonly number[], b: readonly number[]): number {
  let turns = 0;
  let isLastA: boolean | null = null;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const isA = j >= b.length || (i < a.length && (a[i] as number) <= (b[j] as number));
    if (isA !== isLastA) turns += 1;
    isLastA = isA;
    if (isA) i += 1;
    else j += 1;
  }
  return turns;
}

function describe(
  cluster: Cluster,
  { kind, first, second, from, to }: Contradiction,
  thresholds: ConflictThresholds,
): ClusterConflict {
  const signs: ConvergingSigns[] = [...cluster.members.values()]
    .flatMap((member) => member.senders)
    .map((sender) => signsOf(cluster, sender, from, to, thresholds));
  return {
    kind,
    first,
    second,
    from,
    to,
    hasOpenMaps: signs.some((sign) => sign.maps),
    hasOtherSign: signs.some((sign) => sign.state || sign.period || sign.defaultHost),
    frames: [...citeBeats(first, from, to), ...citeBeats(second, from, to)],
  };
}

function citeBeats({ log }: Sender, from: number, to: number): FrameCitation[] {
  const first = log.firstFrom(from);
  const past = pastOf(log, to);
  const wanted = [first, first + 1, first + 2, past - 1].slice(0, CITED_BEATS);
  const indexes = [...new Set(wanted)].filter((at) => at >= first && at < past);
  return indexes.map((at) => log.cite(at, 'heartbeat'));
}
