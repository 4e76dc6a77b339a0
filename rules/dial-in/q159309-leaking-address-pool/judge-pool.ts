/** One pool against section 4 of the rules: which tiers its evidence reaches, or why it cannot be judged. */
import type { Candidate } from '../../../src/engine/rule.ts';
import type { Assignment, Refusal } from '../../../src/trackers/dial-in-pool.ts';
import type { LostAddress, Pool } from './pool.ts';
import { type ProvenRefusal, proveRefusals, type Thresholds } from './refusals.ts';
import { findSkips, type Skip } from './skips.ts';

export interface PoolVerdict {
  readonly pool: Pool;
  readonly candidates: readonly Candidate[];
  readonly lost: readonly LostAddress[];
  readonly proven: readonly ProvenRefusal[];
  /** Assignments to others since the first lost address came back. */
  readonly later: readonly Assignment[];
  /** Why the server is undecided; null if it is judged. */
  readonly undecided: string | null;
}

export function judgePool(pool: Pool, thresholds: Thresholds): PoolVerdict {
  const proven = proveRefusals(pool, thresholds);
  const skips = findSkips(pool, thresholds);
  const found = [
    ...refusalCandidates(pool, proven, thresholds),
    ...skips.map((skip) => skipCandidate(pool, skip)),
  ];
  // Accounting alone says nothing of the pool itself.
  const candidates = pool.history.kind === 'radius' ? found.map(asAccounting) : found;
  const lost = lostOf(proven, skips);
  const since = Math.min(...lost.map(({ last }) => last.until));
  return {
    pool,
    candidates,
    lost,
    proven,
    later: pool.assignments.filter((assignment) => assignment.time > since),
    undecided: candidates.length > 0 ? null : undecidedReason(pool, skips, thresholds),
  };
}

/** The addresses that the most refusals show, and those that were skipped. */
function lostOf(proven: readonly ProvenRefusal[], skips: readonly Skip[]): LostAddress[] {
  const lost = new Set<LostAddress>();
  for (const refusal of proven) for (const address of refusal.lost) lost.add(address);
  if (lost.size === 0) for (const skip of skips) lost.add(skip.lost);
  return [...lost];
}

function refusalCandidates(
  pool: Pool,
  proven: readonly ProvenRefusal[],
  { refusals }: Thresholds,
): Candidate[] {
  const candidates: Candidate[] = [];
  // Calls of before the capture may hold addresses that nobody saw given, until all of them have ended.
  const clean = proven.filter(
    ({ refusal, isInterrupted }) => refusal.time > pool.startCallsEnd && !isInterrupted,
  );
  const counting = clean.filter(({ isCounting }) => isCounting);
  const told = clean.filter(({ refusal }) => refusal.isPoolEmpty);
  candidates.push(...tiersOf(counting, refusals, 'refused'), ...tiersOf(told, TOLD_TWICE, 'poolEmpty'));
  const [first] = proven;
  if (candidates.length === 0 && first !== undefined) {
    const summary = first.isCounting ? 'refused' : 'poolEmpty';
    candidates.push({ tier: 'suggestive', absence: first.absence, restsOnMac: false, summary });
  }
  return candidates;
}

/** Two callers told that the pool is empty: part of the definition. */
const TOLD_TWICE = 2;

/** With and without those refusals that rest on what was not seen. */
function tiersOf(proven: readonly ProvenRefusal[], enough: number, summary: string): Candidate[] {
  const candidates: Candidate[] = [];
  const sure = proven.filter(({ absence }) => absence === null);
  for (const shown of [sure, proven]) {
    const absence = spanOf(shown);
    const base = { absence, restsOnMac: false, summary };
    if (shown.length >= enough) candidates.push({ ...base, tier: 'definitive' });
    if (shown.length > 0) candidates.push({ ...base, tier: 'strong' });
  }
  return candidates;
}

function spanOf(proven: readonly ProvenRefusal[]): Candidate['absence'] {
  const spans = proven.map(({ absence }) => absence).filter((span) => span !== null);
  if (spans.length === 0) return null;
  return { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) };
}

function skipCandidate(pool: Pool, skip: Skip): Candidate {
  const { until } = skip.lost.last;
  const isInterrupted = pool.isInterrupted(until, skip.later.at(-1)?.time ?? until);
  const isStrong = skip.isStrong && pool.history.upAtStart.length === 0 && !isInterrupted;
  return {
    tier: isStrong ? 'strong' : 'suggestive',
    absence: skip.absence,
    restsOnMac: false,
    summary: skip.isStrong ? 'skipped' : 'skippedOnce',
  };
}

function asAccounting(candidate: Candidate): Candidate {
  const isSkip = candidate.summary === 'skipped' || candidate.summary === 'skippedOnce';
  return { ...candidate, tier: 'suggestive', summary: isSkip ? 'accountingSkipped' : 'accounting' };
}

function undecidedReason(pool: Pool, skips: readonly Skip[], thresholds: Thresholds): string | null {
  const { history } = pool;
  if (skips.length === 0 && followedReleases(pool) >= thresholds.clearReleases) return null;
  const firstRefusal = history.refusals[0]?.time ?? Number.NaN;
  if (history.upAtStart.length > 0 && !(firstRefusal > pool.startCallsEnd)) return 'callsUpAtStart';
  if (history.isOneWay) return 'oneDirection';
  if (history.refusals.some((refusal) => isUnexplained(pool, refusal, thresholds))) return 'tooFew';
  if (history.refusals.length > 0) return null;
  return history.isCut ? 'cut' : 'tooFew';
}

/**
 * The server says that its pool is empty while nobody is known to hold an address; whether those that came back are of it, too little
 * shows.
 */
function isUnexplained(pool: Pool, { isPoolEmpty, time }: Refusal, thresholds: Thresholds): boolean {
  return (
    isPoolEmpty && pool.active(time) === 0 && pool.isAnyLostBefore(time - thresholds.releaseSettleSeconds)
  );
}

/** Releases that a packet proves, each followed by a new assignment of the address. */
function followedReleases(pool: Pool): number {
  let count = 0;
  for (const assignments of pool.byAddress.values())
    count += assignments.slice(0, -1).filter(({ isHard }) => isHard).length;
  return count;
}
