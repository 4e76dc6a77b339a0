/** One contested address against section 0.5 of the rules: which tiers its claims reach. */
import type { OptionValues } from '../../../src/engine/options.ts';
import type { FrameCitation } from '../../../src/engine/result.ts';
import type { Candidate } from '../../../src/engine/rule.ts';
import type { DialInTracker } from '../../../src/trackers/dial-in.ts';
import type { AddressClaims, Claim } from '../../../src/trackers/claimed-address.ts';
import type { Station, Stations } from '../../../src/trackers/stations.ts';
import { citeAs } from '../../../src/trackers/citation.ts';
import { DHCP_DECLINE } from '../../../src/wire/dhcp.ts';
import {
  answeredAnnouncements,
  correctionsAfter,
  hasRetreated,
  isProxy,
  unheededProxies,
} from './contested-answers.ts';
import type { options } from './options.ts';
import { isSameAnswer, type Switch, takeTurns, type Turns } from './turns.ts';

export type Thresholds = OptionValues<typeof options> & {
  readonly announceSeconds: number;
  readonly bondMacs: number;
  readonly copyOffsetSeconds: number | null;
  readonly multiPointSpreadMillis: number;
};

/** What the claims of one address come to. */
export interface Conflict {
  readonly claims: AddressClaims;
  readonly candidates: readonly Candidate[];
  /** The older and the younger side of the finding, or of the moves. */
  readonly macA: number;
  readonly macB: number;
  readonly switches: number;
  readonly frames: readonly FrameCitation[];
  /** A B A by announced switches only. */
  readonly isMoving: boolean;
}

/** The older and the younger side. */
interface Sides {
  readonly macA: number;
  readonly macB: number;
}

/** A tier that the claims reach, and the sides of that statement. */
interface Reached extends Sides {
  readonly candidate: Candidate;
}

/** From the highest. */
const TIERS: ReadonlyArray<Candidate['tier']> = ['definitive', 'strong', 'suggestive'];

type Similarity = 'agree' | 'differ' | 'unknown';

/** Judges a contested address; null if there is nothing to say. */
export function judgeConflict(
  claims: AddressClaims,
  thresholds: Thresholds,
  stations: Stations,
  dialIn: DialInTracker | null,
): Conflict | null {
  // So many stations are a fabric, a redundant gateway or a damaged capture, never two owners.
  if (claims.claimants.length > thresholds.bondMacs) return null;
  const { index } = claims.domain;
  const isClaimant = (mac: number): boolean => {
    const station = stations.find(index, mac);
    // A dial-in server answers for its callers (rules 6).
    if (stations.isShared(index, mac) || dialIn?.proxiesForCallers(index, mac)) return false;
    if (claims.claimantOf(mac)?.isRouting) return false;
    return station === undefined || !(isFabric(station, thresholds) || stations.isTranslatingBridge(station));
  };
  const allTurns = takeTurns(claims, isClaimant, stations, thresholds);
  const proxies = unheededProxies(claims, allTurns.claims, stations, thresholds);
  const turns =
    proxies.size === 0
      ? allTurns
      : takeTurns(claims, (mac) => isClaimant(mac) && !proxies.has(mac), stations, thresholds);
  if (turns.switches.length === 0) return null;
  return new ConflictJudge(claims, turns, thresholds, stations).judge();
}

/**
 * Addresses for which a station answers other stations' probes and announcements, but for its own: a clone of a
 * server with several addresses contests each of them, and the server defends what it has.
 */
export function foreignAnswers(station: Pick<Station, 'contested' | 'owns'>): number[] {
  return station.contested.filter((address) => !station.owns.includes(address));
}

/** A station that answers for several addresses of others answers everything. */
export function isFabric(
  station: Pick<Station, 'contested' | 'owns'>,
  thresholds: { readonly proxyOthers: number },
): boolean {
  return foreignAnswers(station).length >= thresholds.proxyOthers;
}

class ConflictJudge {
  readonly #claims: AddressClaims;
  readonly #turns: Turns;
  readonly #thresholds: Thresholds;
  readonly #stations: Stations;
  readonly #frames: FrameCitation[] = [];
  readonly #echoes = new Map<number, boolean>();

  constructor(claims: AddressClaims, turns: Turns, thresholds: Thresholds, stations: Stations) {
    this.#claims = claims;
    this.#turns = turns;
    this.#thresholds = thresholds;
    this.#stations = stations;
  }

  judge(): Conflict {
    const { switches } = this.#turns;
    const isMoving = this.#isMoving();
    const found = [
      this.#answered(),
      ...(isMoving ? [] : [this.#alternating(), this.#slow(), this.#returned()]),
      this.#doubleAnswer(),
    ];
    let reached = found.filter((one) => one !== null);
    const flux = this.#flux();
    // One host with two adapters: whatever else its claims look like, they are never more than suggestive.
    if (flux !== null) reached = [flux];
    // The highest tier first: where a ceiling makes them equal, the first one is told, with its sides.
    reached.sort((a, b) => TIERS.indexOf(a.candidate.tier) - TIERS.indexOf(b.candidate.tier));
    const candidates = reached.map(({ candidate }) => candidate);
    const { macA, macB } = reached[0] ?? sidesOf(switches[0] as Switch);
    if (candidates.length > 0 || isMoving) this.#citeTurns();
    return {
      claims: this.#claims,
      candidates,
      macA,
      macB,
      switches: switches.length,
      frames: this.#frames,
      // What DHCP explains alone is not worth a notice.
      isMoving: isMoving && candidates.length === 0 && switches.every((change) => change.isAnnounced),
    };
  }

  /** (a) An announcement is answered by the older owner. */
  #answered(): Reached | null {
    let weak: Reached | null = null;
    for (const answer of answeredAnnouncements(this.#turns.claims, this.#thresholds)) {
      const { announcement, reply } = answer;
      const owner = this.#claims.claimantOf(reply.mac);
      const corrections = correctionsAfter(this.#claims, answer);
      const isCorrected = corrections.length > 0;
      this.#frames.push(...corrections);
      if (
        this.#isExcusedProxy(reply.mac) &&
        !isCorrected &&
        !hasRetreated(this.#claims, answer, this.#thresholds)
      )
        continue;
      const isAlive = owner?.isAliveWithin(reply.time, this.#thresholds.aliveSeconds) ?? false;
      const isProven = isCorrected || (isAlive && !this.#isHandedOver(announcement, reply));
      const sides = { macA: reply.mac, macB: announcement.mac };
      this.#citeAnswer(announcement, reply);
      if (isProven) return reach('definitive', isCorrected ? 'corrected' : 'answered', sides);
      weak ??= reach('suggestive', 'unproven', sides);
    }
    return weak;
  }

  /**
   * The older station lives on with other addresses alone, and the younger one with this: an answer that crossed the hand-over
   * in between says no more than one of a station that was not seen alive.
   */
  #isHandedOver(announcement: Claim, reply: Claim): boolean {
    const { address, domain } = this.#claims;
    const older = this.#stations.find(domain.index, reply.mac);
    const used = [...(older?.owns ?? []), ...(older?.carried ?? [])];
    const isHolder = used.includes(address) && used.some((other) => other !== address);
    return isHolder && !this.#usesAfter(reply.mac, reply) && this.#usesAfter(announcement.mac, reply);
  }

  /** The station claims the address, or sends from it, after a claim. */
  #usesAfter(mac: number, { time }: Claim): boolean {
    return (
      this.#claims.claims.some(
        (claim) => claim.mac === mac && claim.kind !== 'corrective' && claim.time > time,
      ) ||
      (this.#claims.claimantOf(mac)?.sourced.some((moment) => moment > time) ?? false)
    );
  }

  #isExcusedProxy(mac: number): boolean {
    return isProxy(this.#claims, mac, this.#stations, this.#thresholds);
  }

  /** (b) The claimants alternate quickly and one of them shows that it knows of the conflict. */
  #alternating(): Reached | null {
    const { switches: needed, switchSeconds, defences: neededDefences } = this.#thresholds;
    if (!this.#hasConflictSign()) return null;
    const { switches, defences } = this.#turns;
    for (const [at, first] of switches.entries()) {
      const window = switches.filter(
        (change, place) => place >= at && change.claim.time - first.claim.time <= switchSeconds,
      );
      if (window.length < needed) continue;
      const end = first.claim.time + switchSeconds;
      const unannounced = new Set(
        window.filter((change) => !isExplained(change)).map((change) => change.claim.mac),
      );
      const inTime = defences.filter(
        (defence) => defence.claim.time >= first.claim.time && defence.claim.time <= end,
      ).length;
      if (unannounced.size < 2 && inTime < neededDefences) continue;
      return reach('definitive', 'alternating', sidesOf(first));
    }
    return null;
  }

  /** (c) Quiet stations clash now and then, each sending between two claims of the other. */
  #slow(): Reached | null {
    const { slowSwitches, slowSeconds } = this.#thresholds;
    if (!this.#hasConflictSign()) return null;
    const quiet = this.#turns.switches.filter((change) => !isExplained(change));
    for (const [at, first] of quiet.entries()) {
      const last = quiet[at + slowSwitches - 1];
      if (last === undefined) return null;
      if (last.claim.time - first.claim.time > slowSeconds) continue;
      const sides = new Set(quiet.slice(at, at + slowSwitches).map((change) => change.claim.mac));
      if (sides.size < 2) continue;
      return reach('definitive', 'slow', sidesOf(first));
    }
    return null;
  }

  /** A former claimant comes back without announcement while both live. */
  #returned(): Reached | null {
    const { returnSeconds, aliveSeconds } = this.#thresholds;
    const { switches } = this.#turns;
    const similarity = this.#similarity();
    let weak: Reached | null = null;
    for (const change of switches) {
      // Both answers to one request, and nothing that tells two stacks apart: possibly one host with two adapters.
      const isWeak =
        similarity === 'agree' ||
        (similarity === 'unknown' && change.isDoubleAnswer) ||
        this.#isEcho(change.claim.mac) ||
        this.#isEcho(change.before.mac);
      if (isExplained(change) || (isWeak && weak !== null)) continue;
      if (change.claim.kind === 'reply' && this.#isHandedOver(change.before, change.claim)) continue;
      if (this.#isExcusedProxy(change.claim.mac) || this.#isExcusedProxy(change.before.mac)) continue;
      const { former } = change;
      if (former === undefined || change.claim.time - former.time > returnSeconds) continue;
      const { time } = change.claim;
      if (this.#claims.notices.some((notice) => notice.time > former.time && notice.time < time)) continue;
      const isAlive = (mac: number) =>
        this.#claims.claimantOf(mac)?.isAliveWithin(time, aliveSeconds) ?? false;
      const isReturningAlive = isAlive(change.claim.mac) || change.claim.kind === 'request';
      if (!isReturningAlive || !isAlive(change.before.mac)) continue;
      const sides = { macA: change.claim.mac, macB: change.before.mac };
      this.#frames.push(
        citeAs(former.frame, 'claim'),
        citeAs(change.before.frame, 'other claim'),
        citeAs(change.claim.frame, 'return'),
      );
      if (!isWeak) return reach('strong', 'returned', sides);
      weak = reach('suggestive', 'similar', sides);
    }
    return weak;
  }

  /** Two stations answer one request. */
  #doubleAnswer(): Reached | null {
    const pair = this.#sameAnswers(this.#thresholds.doubleAnswerMillis)[0];
    if (pair === undefined) return null;
    this.#frames.push(citeAs(pair[0].frame, 'answer'), citeAs(pair[1].frame, 'other answer'));
    return reach('suggestive', 'doubleAnswer', sidesOfPair(pair));
  }

  /** ARP flux: one host answers on two adapters, again and again, and never defends anything. */
  #flux(): Reached | null {
    const { fluxMillis, fluxAnswers } = this.#thresholds;
    const pairs = this.#sameAnswers(fluxMillis);
    const [pair] = pairs;
    if (pair === undefined || pairs.length < fluxAnswers || this.#turns.defences.length > 0) return null;
    if (this.#claims.notices.some((notice) => notice.type === DHCP_DECLINE)) return null;
    const sides = sidesOfPair(pair);
    if (this.#similarity() !== 'agree' && !areOfOneMake(sides) && !this.#hasOneOwner()) return null;
    for (const [first, second] of pairs.slice(0, 3))
      this.#frames.push(citeAs(first.frame, 'answer'), citeAs(second.frame, 'other answer'));
    return reach('suggestive', 'flux', sides);
  }

  /** All claimants but one only answer with it. */
  #hasOneOwner(): boolean {
    return new Set(this.#turns.claims.map(({ mac }) => mac).filter((mac) => !this.#isEcho(mac))).size <= 1;
  }

  #isEcho(mac: number): boolean {
    const known = this.#echoes.get(mac);
    if (known !== undefined) return known;
    const isEcho = this.#judgeEcho(mac);
    this.#echoes.set(mac, isEcho);
    return isEcho;
  }

  /**
   * A station that lives under another address and has nothing to do with this one but to answer requests together with the other
   * station: so does an adapter that answers for every address of its host, and it leaves no traffic to compare. A second owner
   * sends from the address sooner or later.
   */
  #judgeEcho(mac: number): boolean {
    const { address, domain } = this.#claims;
    const station = this.#stations.find(domain.index, mac);
    const claimant = this.#claims.claimantOf(mac);
    if (station === undefined || claimant === undefined) return false;
    if (claimant.sourced.length > 0 || station.carried.includes(address) || station.owns.includes(address))
      return false;
    if (station.owns.length === 0 && station.carried.length === 0) return false;
    const own = this.#turns.claims.filter((claim) => claim.mac === mac);
    const answers = this.#sameAnswers(this.#thresholds.doubleAnswerMillis).filter((pair) =>
      pair.some((claim) => claim.mac === mac),
    ).length;
    return (
      own.every(({ kind }) => kind === 'reply') &&
      (answers >= this.#thresholds.fluxAnswers || answers >= own.length)
    );
  }

  #sameAnswers(withinMillis: number): Array<[Claim, Claim]> {
    const { claims } = this.#turns;
    const pairs: Array<[Claim, Claim]> = [];
    for (const [at, claim] of claims.entries()) {
      const other = claims
        .slice(Math.max(0, at - 8), at)
        .findLast((earlier) => isSameAnswer(claim, earlier, withinMillis));
      if (other) pairs.push([other, claim]);
    }
    return pairs;
  }

  /** Something that only two stations show. */
  #hasConflictSign(): boolean {
    if (this.#turns.defences.length > 0) return true;
    if (this.#similarity() === 'differ') return true;
    // A bond moves connections between its members, resets included, and counts its packets as one. Where they do not tell,
    // a single reset is no sign.
    const { lane, resetsAcross } = this.#claims;
    if (lane.verdict === 'one') return false;
    return resetsAcross >= (lane.verdict === 'several' ? 1 : 2);
  }

  /** Whether the address's traffic under both MAC addresses looks like one IP stack. */
  #similarity(): Similarity {
    const seen = this.#claims.claimants.filter((claimant) => claimant.ttl !== 0);
    const [first, ...others] = seen;
    if (first === undefined || others.length === 0) return 'unknown';
    if (others.some((other) => first.isOtherStack(other))) return 'differ';
    // What could not be compared speaks for no second stack.
    return this.#claims.lane.verdict === 'several' ? 'unknown' : 'agree';
  }

  /** A B A by announced switches only, and no reply to the other side: fail-over, however often. */
  #isMoving(): boolean {
    const { switches, defences } = this.#turns;
    const isReturn = switches.some((change) => change.former !== undefined);
    return isReturn && switches.every(isExplained) && !defences.some((defence) => defence.isReply);
  }

  #citeAnswer(announcement: Claim, reply: Claim): void {
    this.#frames.push(citeAs(announcement.frame, 'announcement'), citeAs(reply.frame, 'defence'));
  }

  /** The changes of claimant, the defences, and what tells the stations apart. */
  #citeTurns(): void {
    const { switches, defences } = this.#turns;
    this.#frames.push(
      ...defences.slice(0, 4).map((defence) => citeAs(defence.claim.frame, 'defence')),
      ...switches.slice(0, 6).flatMap((change) => [change.before.frame, change.claim.frame]),
      ...switches.slice(-2).map((change) => change.claim.frame),
    );
    if (this.#claims.resetAcross) this.#frames.push(this.#claims.resetAcross);
    for (const claimant of this.#claims.claimants)
      if (claimant.firstSourced) this.#frames.push(claimant.firstSourced);
  }
}

/** The station said that it takes the address, or was given it. */
function isExplained(change: Switch): boolean {
  return change.isAnnounced || change.isLeased;
}

/** Claims are about MAC addresses; nothing here rests on what was not seen. */
function reach(tier: Candidate['tier'], summary: string, { macA, macB }: Sides): Reached {
  return { candidate: { tier, absence: null, restsOnMac: true, summary }, macA, macB };
}

function sidesOf({ before, claim }: Switch): Sides {
  return { macA: before.mac, macB: claim.mac };
}

function sidesOfPair([first, second]: readonly [Claim, Claim]): Sides {
  return { macA: first.mac, macB: second.mac };
}

/** Adapters of one make: same vendor prefix and fourth byte. */
function areOfOneMake({ macA, macB }: Sides): boolean {
  return Math.floor(macA / 0x1_0000) === Math.floor(macB / 0x1_0000);
}
