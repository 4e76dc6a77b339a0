/**
 * Announcements that another station answers, what comes of them, and who may answer without owning the address: a proxy
 * (rules 0.5).
 */
import type { FrameCitation } from '../../../src/engine/result.ts';
import { citeAs } from '../../../src/trackers/citation.ts';
import type { AddressClaims, Claim } from '../../../src/trackers/claimed-address.ts';
import type { Stations } from '../../../src/trackers/stations.ts';
import { DHCP_DECLINE } from '../../../src/wire/dhcp.ts';

/** An announcement of one station, and the defending reply of another within the answer time. */
export interface ContestedAnswer {
  readonly announcement: Claim;
  readonly reply: Claim;
}

interface Times {
  readonly answerSeconds: number;
  readonly aliveSeconds: number;
}

/** The announcements among these claims that were answered, in the order of the answers. */
export function answeredAnnouncements(
  claims: readonly Claim[],
  { answerSeconds }: Pick<Times, 'answerSeconds'>,
): ContestedAnswer[] {
  const found: ContestedAnswer[] = [];
  for (const [at, reply] of claims.entries()) {
    if (reply.kind !== 'reply') continue;
    const announcement = claims.findLast(
      (claim, place) =>
        place < at &&
        claim.kind === 'announcement' &&
        claim.mac !== reply.mac &&
        reply.time - claim.time <= answerSeconds &&
        (reply.targetAddress === reply.address || reply.targetMac === claim.mac),
    );
    if (announcement) found.push({ announcement, reply });
  }
  return found;
}

/** The younger station gives the address back: the frames of a corrective announcement, and of a DECLINE. */
export function correctionsAfter(
  { claims, notices }: AddressClaims,
  { announcement, reply }: ContestedAnswer,
): FrameCitation[] {
  const corrective = claims.find(
    (claim) => claim.kind === 'corrective' && claim.mac === reply.mac && claim.time >= reply.time,
  );
  const decline = notices.find(
    (notice) => notice.type === DHCP_DECLINE && notice.mac === announcement.mac && notice.time >= reply.time,
  );
  return [
    ...(corrective ? [citeAs(corrective.frame, 'correction')] : []),
    ...(decline ? [decline.frame] : []),
  ];
}

/** The younger station lives on without the address: it has seen a conflict. */
export function hasRetreated(
  address: AddressClaims,
  { announcement, reply }: ContestedAnswer,
  { aliveSeconds }: Pick<Times, 'aliveSeconds'>,
): boolean {
  const younger = address.claimantOf(announcement.mac);
  const until = reply.time + aliveSeconds;
  if (younger === undefined || !younger.isAliveWithin(reply.time, aliveSeconds)) return false;
  if (until >= address.completeUntil) return false;
  const isClaimed = address.claims.some(
    (claim) =>
      claim.mac === announcement.mac &&
      claim.kind !== 'corrective' &&
      claim.time > reply.time &&
      claim.time <= until,
  );
  return !isClaimed && !younger.sourced.some((time) => time > reply.time && time <= until);
}

/** A MAC address that only replies and never sources the address stands for others too: a proxy. */
export function isProxy(
  claims: AddressClaims,
  mac: number,
  stations: Stations,
  { proxyOthers }: { readonly proxyOthers: number },
): boolean {
  const { address, domain } = claims;
  const claimant = claims.claimantOf(mac);
  const station = stations.find(domain.index, mac);
  if (claimant === undefined || station === undefined) return false;
  if (claimant.sourced.length > 0 || station.owns.includes(address)) return false;
  const others = station.repliedFor.filter((other) => other !== address && !station.owns.includes(other));
  return others.length >= proxyOthers || others.some((other) => !stations.isSeen(domain.index, other));
}

/**
 * The proxies among the claimants that nobody took for an owner: no station corrected the caches, declined the address or lived on
 * without it after their answer. Their answers are no claims.
 */
export function unheededProxies(
  address: AddressClaims,
  claims: readonly Claim[],
  stations: Stations,
  thresholds: Times & { readonly proxyOthers: number },
): ReadonlySet<number> {
  const proxies = new Set(
    address.claimants.map(({ mac }) => mac).filter((mac) => isProxy(address, mac, stations, thresholds)),
  );
  if (proxies.size === 0) return proxies;
  for (const { mac, kind } of address.claims) if (kind === 'corrective') proxies.delete(mac);
  for (const answer of answeredAnnouncements(claims, thresholds)) {
    const isHeeded =
      correctionsAfter(address, answer).length > 0 || hasRetreated(address, answer, thresholds);
    if (isHeeded) proxies.delete(answer.reply.mac);
  }
  // A probe is no claim: its sender declines without having announced anything.
  if (address.notices.some(({ type }) => type === DHCP_DECLINE)) proxies.clear();
  return proxies;
}
