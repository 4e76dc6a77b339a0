/** How far the capture lets a finding rise: ceilings and the cap of rules 0.2, known at its end. */
import type { CaptureInterface } from '../capture/interfaces.ts';
import type { Domain } from '../trackers/domains.ts';
import type { Tier } from './result.ts';
import type { Candidate } from './rule.ts';

const RANK: Readonly<Record<Tier, number>> = { suggestive: 1, strong: 2, definitive: 3 };
const BY_RANK: readonly Tier[] = ['suggestive', 'strong', 'definitive'];

/** Packets lost right before one that was recorded. */
export interface LocatedDrop {
  readonly interface: number;
  readonly from: number;
  readonly to: number;
  readonly packets: number;
}

export interface CaptureLimits {
  readonly dropFraction: number;
  readonly interfaces: readonly CaptureInterface[];
  readonly locatedDrops: readonly LocatedDrop[];
  /** Enough acknowledgements of unseen data were counted. */
  readonly isLossy: boolean;
  readonly isMultiPoint: boolean;
}

/** Packets an interface says it lost, and their share of those it received; a file may say that it lost more than that. */
export function dropsOf(source: CaptureInterface): { packets: number; fraction: number } {
  const packets = Math.max(source.droppedByStatistics, source.droppedByPackets);
  const seen = source.packets + (source.received === null ? packets : 0);
  const received = Math.max(source.received ?? 0, seen, packets);
  return { packets, fraction: received > 0 ? packets / received : 0 };
}

/** The tier a candidate reaches under the ceilings, and whether the cap lowers it after that. */
function limit(
  candidate: Candidate,
  domain: Domain,
  limits: CaptureLimits,
): { rank: number; isCapped: boolean } {
  let rank = RANK[candidate.tier];
  let isCapped = false;
  const { absence } = candidate;
  if (absence !== null) {
    const source = limits.interfaces[domain.interface];
    const drops = source ? dropsOf(source) : { packets: 0, fraction: 0 };
    const isInside = limits.locatedDrops.some(
      (drop) => drop.interface === domain.interface && drop.from < absence.to && drop.to > absence.from,
    );
    if (drops.fraction > limits.dropFraction || isInside || limits.isLossy || limits.isMultiPoint)
      rank = RANK.suggestive;
    else isCapped = drops.packets > 0;
  }
  if (candidate.restsOnMac && domain.isCookedOne) rank = RANK.suggestive;
  return { rank, isCapped };
}

/** The best candidate and the tier it ends at; null where the cap takes the last one away. */
export function settleTier(
  candidates: readonly Candidate[],
  domain: Domain,
  limits: CaptureLimits,
): { candidate: Candidate; tier: Tier | null } | null {
  let best: { candidate: Candidate; rank: number; isCapped: boolean } | null = null;
  for (const candidate of candidates) {
    const { rank, isCapped } = limit(candidate, domain, limits);
    // Of two candidates at one tier, the one that no cap lowers is the better proof.
    if (best === null || rank > best.rank || (rank === best.rank && best.isCapped && !isCapped)) {
      best = { candidate, rank, isCapped };
    }
  }
  if (best === null) return null;
  const rank = best.rank - (best.isCapped ? 1 : 0);
  return { candidate: best.candidate, tier: BY_RANK[rank - 1] ?? null };
}
