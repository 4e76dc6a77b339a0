/**
 * Long turns in the record of a contested address: the hundreds of requests that a station sends while nobody contests it say no more
 * than the first and the last of them. What could decide anything stays: the turns themselves, what is near their borders, and
 * the corrections.
 */
import type { AddressClaims, Claim } from './claimed-address.ts';

/** How near the border of a turn a claim can still matter (rules 0.5), in seconds. */
export interface FoldTimes {
  /** To an answer to one request beside another one, or to its copy at a second tap. */
  readonly nearSeconds: number;
  /** To an announcement: it explains a switch, is answered, or makes a burst. */
  readonly announcementSeconds: number;
  /** To a reply to the other side: defences are counted from a switch on. */
  readonly defenceSeconds: number;
}

/** Differences of times are doubles: who asks for a time from the other end may find it in. */
const ROUNDING_SECONDS = 1e-6;

/** Leaves out what stands inside of turns and decides nothing; answers how many claims that were. */
export function foldTurns(record: AddressClaims, times: FoldTimes): number {
  const { claims, claimants } = record;
  const before = claims.length;
  const kept: Claim[] = [];
  for (let from = 0; from < before; ) {
    const first = claims[from] as Claim;
    let to = from;
    while (to + 1 < before && (claims[to + 1] as Claim).mac === first.mac) to += 1;
    const last = claims[to] as Claim;
    for (let at = from; at <= to; at += 1) {
      const claim = claims[at] as Claim;
      if (at === from || at === to || mayDecide(claim, first, last)) kept.push(claim);
    }
    from = to + 1;
  }
  record.claims = kept;
  return before - kept.length;

  function mayDecide(claim: Claim, first: Claim, last: Claim): boolean {
    const since = claim.time - first.time - ROUNDING_SECONDS;
    const until = last.time - claim.time - ROUNDING_SECONDS;
    if (claim.kind === 'corrective') return true;
    if (since <= times.nearSeconds || until <= times.nearSeconds) return true;
    if (claim.kind === 'announcement')
      return since <= times.announcementSeconds || until <= times.announcementSeconds;
    return claim.kind === 'reply' && since <= times.defenceSeconds && isToOther(claim);
  }

  function isToOther({ targetAddress, targetMac, address, mac }: Claim): boolean {
    return (
      targetAddress === address ||
      (targetMac !== mac && claimants.some((claimant) => claimant.mac === targetMac))
    );
  }
}
