/** The claims of a contested address as a sequence of turns between its claimants (rules 0.5, terms). */
import type { AddressClaims, Claim } from '../../../src/trackers/claimed-address.ts';
import { wasLeasedTo } from '../../../src/trackers/claimed-address.ts';
import type { Stations } from '../../../src/trackers/stations.ts';

/** A claim by the side without the turn. */
export interface Switch {
  readonly claim: Claim;
  /** The claim before it, of the other side. */
  readonly before: Claim;
  /** This station's last claim before that, if it comes back; by file order, which re-ordered times do not change. */
  readonly former: Claim | undefined;
  readonly isAnnounced: boolean;
  /** Explained by a lease of the address to this station. */
  readonly isLeased: boolean;
  /** The second of two answers to one request, or the first after the other's: one request makes no return. */
  readonly isDoubleAnswer: boolean;
}

export interface Turns {
  readonly claims: readonly Claim[];
  readonly switches: readonly Switch[];
  /** Claims that defend the address, a reply to the other side marked. */
  readonly defences: ReadonlyArray<{ readonly claim: Claim; readonly isReply: boolean }>;
}

/** The turns between the claimants that count: none that is shared, a bridge, a fabric. */
export function takeTurns(
  claims: AddressClaims,
  isClaimant: (mac: number) => boolean,
  stations: Stations,
  times: {
    readonly announceSeconds: number;
    readonly defendSeconds: number;
    readonly doubleAnswerMillis: number;
    /** How much later a second tap shows each packet, or null. */
    readonly copyOffsetSeconds: number | null;
    readonly multiPointSpreadMillis: number;
  },
): Turns {
  const counted = withoutCopies(claims.claims, times.copyOffsetSeconds, times.multiPointSpreadMillis).filter(
    (claim) => isClaimant(claim.mac),
  );
  const switches: Switch[] = [];
  const defences: Array<{ claim: Claim; isReply: boolean }> = [];
  const sides = new Map<number, Side>();
  let before: Claim | undefined;
  for (const claim of counted) {
    const side = sides.get(claim.mac);
    if (isReplyToOther(claim, sides)) defences.push({ claim, isReply: true });
    else if (isDefendingAnnouncement(claim, sides, times.defendSeconds))
      defences.push({ claim, isReply: false });
    if (before !== undefined && before.mac !== claim.mac) {
      const former = side?.last;
      switches.push({
        claim,
        before,
        former,
        isAnnounced: isAnnounced(claim, counted, claims, stations, times.announceSeconds),
        isLeased: wasLeasedTo(claims, claim.mac, former?.time ?? Number.NEGATIVE_INFINITY, claim.time),
        isDoubleAnswer: isDoubleAnswer(claim, counted, times.doubleAnswerMillis),
      });
    }
    sides.set(claim.mac, sideAfter(claim, side));
    before = claim;
  }
  return { claims: counted, switches, defences };
}

/** What one station has claimed so far. Times may go back a little: the latest ones are kept. */
interface Side {
  last: Claim;
  time: number;
  announcementTime: number;
}

function sideAfter(claim: Claim, side: Side | undefined): Side {
  const own = side ?? { last: claim, time: claim.time, announcementTime: Number.NEGATIVE_INFINITY };
  own.last = claim;
  own.time = Math.max(own.time, claim.time);
  if (claim.kind === 'announcement') own.announcementTime = Math.max(own.announcementTime, claim.time);
  return own;
}

/** A reply to the other side: to the address itself, or to a MAC address that claims it (rules 0.5). */
function isReplyToOther(claim: Claim, sides: ReadonlyMap<number, Side>): boolean {
  if (claim.kind !== 'reply' || sides.size === (sides.has(claim.mac) ? 1 : 0)) return false;
  return (
    claim.targetAddress === claim.address || (claim.targetMac !== claim.mac && sides.has(claim.targetMac))
  );
}

/** An announcement soon after the other's claim, by a side that has not announced just before: a burst is no defence. */
function isDefendingAnnouncement(
  claim: Claim,
  sides: ReadonlyMap<number, Side>,
  defendSeconds: number,
): boolean {
  const own = sides.get(claim.mac);
  if (claim.kind !== 'announcement' || own === undefined) return false;
  if (claim.time - own.announcementTime <= defendSeconds) return false;
  for (const side of sides.values()) if (side !== own && claim.time - side.time <= defendSeconds) return true;
  return false;
}

function isAnnounced(
  claim: Claim,
  claims: readonly Claim[],
  address: AddressClaims,
  stations: Stations,
  announceSeconds: number,
): boolean {
  const isNear = (time: number) => Math.abs(time - claim.time) <= announceSeconds;
  if (claims.some((other) => other.kind === 'announcement' && other.mac === claim.mac && isNear(other.time)))
    return true;
  const station = stations.find(address.domain.index, claim.mac);
  return station?.rarpTimes.some(isNear) ?? false;
}

/** Another station answered the same request. */
function isDoubleAnswer(claim: Claim, claims: readonly Claim[], doubleAnswerMillis: number): boolean {
  return claim.kind === 'reply' && claims.some((other) => isSameAnswer(claim, other, doubleAnswerMillis));
}

/** True for two replies of different stations to one request. */
export function isSameAnswer(a: Claim, b: Claim, withinMillis: number): boolean {
  return (
    a.kind === 'reply' &&
    b.kind === 'reply' &&
    a.mac !== b.mac &&
    a.request === b.request &&
    a.targetAddress === b.targetAddress &&
    a.targetAddress !== a.address &&
    Math.abs(a.time - b.time) * 1000 <= withinMillis
  );
}

/** Leaves out what a second tap of the same segment shows once more: an equal claim at that offset (rules 0.2). */
function withoutCopies(
  claims: readonly Claim[],
  offsetSeconds: number | null,
  spreadMillis: number,
): readonly Claim[] {
  if (offsetSeconds === null) return claims;
  const isCopy = (claim: Claim, earlier: Claim) =>
    earlier.mac === claim.mac &&
    earlier.kind === claim.kind &&
    earlier.targetAddress === claim.targetAddress &&
    Math.abs(claim.time - earlier.time - offsetSeconds) * 1000 <= spreadMillis;
  return claims.filter(
    (claim, at) => !claims.slice(Math.max(0, at - 64), at).some((earlier) => isCopy(claim, earlier)),
  );
}
