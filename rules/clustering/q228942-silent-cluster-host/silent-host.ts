/** Hosts whose heartbeats stop, or come with gaps, while others' go on (rules 5.4). */
import type { FrameCitation, Tier } from '../../../src/engine/result.ts';
import type { Candidate } from '../../../src/engine/rule.ts';
import { isMemberConverging, pastOf } from '../../../src/trackers/beat-period.ts';
import type { Cluster, Member, Sender } from '../../../src/trackers/cluster.ts';
import type { HeartbeatThresholds } from '../../../src/trackers/heartbeats.ts';
import type { Silence } from '../../../src/trackers/silence.ts';
import type { SynAttempt } from '../../../src/trackers/syn-attempts.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import {
  beatCeiling,
  type Case,
  citeAttempts,
  citeBeatsWithin,
  clientsOf,
  hasTier,
  lowest,
  namesOf,
  round,
  stopsWithin,
  type Thresholds,
} from './case.ts';

type Learnt = HeartbeatThresholds & Thresholds;

const TOLERANCE = 1e-6;

/** Summaries of silences without any sign of life. */
const WITHOUT_LIFE: ReadonlySet<string> = new Set(['silentOnly', 'silentLone']);

/** A silence that nothing excuses. */
interface Unexplained {
  readonly silence: Silence;
  /** Its end, or that of the part that is meant. */
  readonly to: number;
  readonly life: 'proper' | 'weak' | 'none';
  /** Frames of the host's dedicated address from its own adapter. */
  readonly properLife: number;
  /** Frames from its cluster adapter. */
  readonly weakLife: number;
  readonly lifeFrames: readonly FrameCitation[];
  /** SYNs to served ports that found nobody late in the silence. */
  readonly attempts: readonly SynAttempt[];
  /** No other host of the cluster was seen. */
  readonly isLone: boolean;
  readonly ceiling: Tier;
}

/** True if a station answers ARP for others, so that its replies are no sign of their life. */
type IsProxy = (mac: number) => boolean;

/** Silences and gaps of all members. */
export function silentHosts(cluster: Cluster, isProxy: IsProxy, thresholds: Learnt): Case[] {
  return [...cluster.members.values()].flatMap((member) => {
    const unexplained = member.silences
      .map((silence) => explainIn(cluster, silence, isProxy, thresholds))
      .filter((found) => found !== null);
    const made = [silentCase(member, unexplained, thresholds), gapCase(member, thresholds)];
    return made.filter((found) => found !== null);
  });
}

/** A silence as a whole; or a part of it that proves more, up to where something else happened. */
function explainIn(
  cluster: Cluster,
  silence: Silence,
  isProxy: IsProxy,
  thresholds: Learnt,
): Unexplained | null {
  const { from, to, threshold } = silence;
  const whole = explain(silence, to, isProxy, thresholds);
  if (whole !== null && isProven(whole, thresholds)) return whole;
  const parts = stopsWithin(cluster, from, to)
    .filter((stop) => stop > threshold)
    .map((stop) => explain(silence, stop, isProxy, thresholds));
  return parts.find((part) => part !== null && isProven(part, thresholds)) ?? whole ?? longestAlive(parts);
}

/** The longest part in which the host lived: one that did not may have been shut down with the others. */
function longestAlive(parts: ReadonlyArray<Unexplained | null>): Unexplained | null {
  return parts.findLast((part) => part !== null && part.life !== 'none') ?? null;
}

/** Clients found nobody while the host lived. */
function isProven(found: Unexplained, thresholds: Learnt): boolean {
  const candidate = candidateOf(found, false, thresholds);
  return candidate !== null && hasTier([candidate], 'strong');
}

/** A silence up to `to` without an excuse; null if it has one, or if the capture may have lost the beats. */
function explain(silence: Silence, to: number, isProxy: IsProxy, thresholds: Learnt): Unexplained | null {
  const { member, cluster, from, threshold } = silence;
  if (!hasRegularBeats(member, from, thresholds)) return null;
  const others = [...cluster.members.values()].filter((other) => other !== member);
  const isLone = others.every((other) => other.beats === 0);
  if (!isLone && !others.some((other) => other.isBeating(from, to, thresholds.beatFraction))) return null;
  // What excuses the silence may show itself after the part that is looked at.
  if (others.some((other) => isSameHost(member, other, from, silence.to))) return null;
  if (member.movedTime > from && member.movedTime <= silence.to) return null;
  // The network lost its beats: it serves (Q197863).
  if (silence.virtualFrames > 0) return null;
  const { exitSeconds } = thresholds;
  if (cluster.controlTimes.some((time) => time >= from - exitSeconds && time <= threshold)) return null;
  // The host's own traffic counts until it is watched; that of the whole cluster is left out from the start.
  const isAlive = silence.liveness.isAlive(from, to) || cluster.liveness.isAlive(from, to);
  if (isLone && !isAlive) return null;
  let properLife = silence.properLife.countUntil(to);
  for (const [mac, replies] of silence.repliesBy) if (!isProxy(mac)) properLife += replies.countUntil(to);
  const weakLife = silence.weakLife.countUntil(to);
  const least = thresholds.lifeFrames;
  const life = properLife >= least ? 'proper' : properLife + weakLife >= least ? 'weak' : 'none';
  const lifeFrames = silence.lifeFrames
    .filter(({ time, replier }) => time <= to && (replier === 0 || !isProxy(replier)))
    .map(({ frame }) => frame);
  const ceiling = lowest(
    beatCeiling(cluster),
    cluster.isMulticast || isLone || !isAlive ? 'suggestive' : 'definitive',
  );
  const attempts = unservedAttempts(silence, to, thresholds);
  return { silence, to, life, properLife, weakLife, lifeFrames, attempts, isLone, ceiling };
}

/** The last beats before came in time. */
function hasRegularBeats(member: Member, from: number, { regularBeats, gapPeriods }: Learnt): boolean {
  const { period } = member;
  const times = member.senders
    .flatMap(({ log }) => {
      const past = pastOf(log, from);
      return Array.from({ length: Math.min(past, regularBeats) }, (_, at) => log.time(past - 1 - at));
    })
    .toSorted((a, b) => b - a)
    .slice(0, regularBeats);
  if (times.length < regularBeats) return false;
  return times.every((time, at) => at === 0 || (times[at - 1] as number) - time < gapPeriods * period);
}

/** The host goes on under another priority. */
function isSameHost(member: Member, other: Member, from: number, to: number): boolean {
  if (other.countBetween(from + TOLERANCE, to) === 0) return false;
  const isAddressShared = other.hostAddresses.some((address) => member.hostAddresses.includes(address));
  const ownMacs = new Set(member.macs.filter((mac) => !member.cluster.isOwnMac(mac)));
  return isAddressShared || other.macs.some((mac) => ownMacs.has(mac));
}

/** SYNs to ports served before the silence, left without answer late in it. */
function unservedAttempts(silence: Silence, to: number, thresholds: Learnt): SynAttempt[] {
  const { cluster, from } = silence;
  const { silentServeSeconds, answerTailSeconds, baselineSeconds } = thresholds;
  const isWhole = to === silence.to;
  const last = isWhole && silence.isRecovered ? to : to - answerTailSeconds;
  const until = isWhole ? to + answerTailSeconds : to;
  return [...cluster.virtualAddresses.values()].flatMap(({ attempts }) =>
    attempts.filter(
      (attempt) =>
        attempt.time >= from + silentServeSeconds - TOLERANCE &&
        attempt.time <= last &&
        attempt.isUnansweredUntil(until) &&
        attempt.portBaseline >= from - baselineSeconds,
    ),
  );
}

function silentCase(member: Member, unexplained: readonly Unexplained[], thresholds: Learnt): Case | null {
  const [first] = unexplained;
  if (first === undefined) return null;
  const repeated = unexplained.filter(
    ({ silence, life }) =>
      life === 'proper' && isMute(silence) && silence.isRecovered && silence.answered > 0,
  );
  const isRepeated = repeated.length >= thresholds.silences;
  const judged = unexplained.map((found) => ({
    found,
    candidate: candidateOf(found, isRepeated && repeated.includes(found), thresholds),
  }));
  const faults = judged.filter(({ candidate }) => candidate !== null);
  const chosen = faults.length > 0 ? faults : judged;
  const best =
    chosen.find(({ candidate }) => candidate && hasTier([candidate], 'definitive')) ??
    chosen.find(({ candidate }) => candidate && hasTier([candidate], 'strong')) ??
    chosen[0];
  if (best === undefined) return null;
  const { silence, to, properLife, weakLife } = best.found;
  const { cluster, from } = silence;
  const isFault = faults.length > 0;
  const candidates: Candidate[] = isFault
    ? faults.map(({ candidate }) => candidate as Candidate)
    : [{ tier: 'suggestive', absence: { from, to }, restsOnMac: true, summary: 'memberLeft' }];
  const data = {
    cluster: formatIpv4(cluster.address),
    host: member.priority,
    seconds: round(to - from),
    silences: chosen.length,
    lifeFrames: properLife + weakLife,
    syns: best.found.attempts.length,
    clients: clientsOf(best.found.attempts).size,
  };
  return {
    ...namesOf(cluster),
    host: member.priority,
    view: {
      from: Math.min(...chosen.map(({ found }) => found.silence.from)),
      to: Math.max(...chosen.map(({ found }) => found.to)),
      host: member.priority,
    },
    kind: isFault ? 'fault' : 'notice',
    isHint: isFault && candidates.every(({ summary }) => WITHOUT_LIFE.has(summary)),
    candidates,
    frames: [...chosen].flatMap(({ found }) => citeSilence(found)),
    count: chosen.length,
    why: isFault ? 'whySilent' : 'whyLeft',
    whatToDo: isFault ? 'whatToDo' : 'whatToDoLeft',
    caveats: isFault
      ? ['caveatCause', ...(cluster.isMulticast ? ['caveatSnooping'] : []), 'caveatStopped']
      : [],
    data,
    facts: {
      ...data,
      period: round(member.period),
      properLifeFrames: properLife,
      weakLifeFrames: weakLife,
      adapterFrames: silence.adapterFrames,
      answeredMeanwhile: silence.answered,
      startSeconds: round(from),
      recovered: silence.isRecovered,
    },
  };
}

/** Nothing at all came from the cluster adapter, which would have been known by its address. */
function isMute({ isAdapterKnown, adapterFrames }: Silence): boolean {
  return isAdapterKnown && adapterFrames === 0;
}

/** What one silence proves; null if a member simply left. */
function candidateOf(
  { silence, to, life, attempts, isLone, ceiling }: Unexplained,
  isRepeated: boolean,
  thresholds: Learnt,
): Candidate | null {
  const absence = { from: silence.from, to };
  const of = (tier: Tier, summary: string): Candidate => ({
    tier: lowest(tier, ceiling),
    absence,
    restsOnMac: true,
    summary,
  });
  const { silentSyns, silentClients } = thresholds;
  const isUnserved =
    silence.firstLateAnswer > to &&
    attempts.length >= silentSyns &&
    clientsOf(attempts).size >= silentClients;
  if (life !== 'none' && isUnserved)
    return life === 'proper' ? of('definitive', 'silentUnserved') : of('strong', 'silentUnservedWeak');
  if (isRepeated) return of('strong', 'silentRepeated');
  if (life !== 'none') return of('suggestive', 'silentAlive');
  if (hasLeft(silence, to, thresholds)) return null;
  return of('suggestive', isLone ? 'silentLone' : 'silentOnly');
}

/** The others took over: they showed it, settled in time, and clients are served. */
function hasLeft(
  { member, cluster, from, firstAnswer, threshold }: Silence,
  to: number,
  thresholds: Learnt,
): boolean {
  if (firstAnswer > to) return false;
  const settled = threshold + thresholds.reconvergeSeconds;
  const survivors = [...cluster.members.values()].filter(
    (other) => other !== member && other.countBetween(from, to) > 0,
  );
  const changed = survivors.some((other) =>
    other.senders.some((sender) => isDisturbed(sender, from, Math.min(settled, to), thresholds)),
  );
  return (
    changed &&
    (to <= settled || survivors.every((other) => !isMemberConverging(other, settled, to, thresholds)))
  );
}

/** Any beat that differs from the last one before: state, default host, maps, or a shortened period. */
function isDisturbed({ log, period }: Sender, from: number, to: number, thresholds: Learnt): boolean {
  const first = Math.max(1, log.firstFrom(from));
  const past = pastOf(log, to);
  for (let at = first; at < past; at += 1) {
    if (log.state(at) !== log.state(first - 1) || log.defaultId(at) !== log.defaultId(first - 1)) return true;
    if (log.maps(at) !== log.maps(first - 1) || log.mapHash(at) !== log.mapHash(first - 1)) return true;
    if (log.time(at) - log.time(at - 1) <= thresholds.halfPeriodRatio * period) return true;
  }
  return false;
}

/** The beats before and after, the signs of life, the SYNs that found nobody, others' beats meanwhile. */
function citeSilence({ silence, lifeFrames, attempts }: Unexplained): FrameCitation[] {
  const { member, cluster, from, to } = silence;
  const own = member.senders.flatMap(({ log }) => {
    const past = pastOf(log, from);
    const cited = past > 0 && log.time(past - 1) === from ? [log.cite(past - 1, 'last heartbeat')] : [];
    if (past < log.length && silence.isRecovered && log.time(past) <= to + TOLERANCE)
      cited.push(log.cite(past, 'next heartbeat'));
    return cited;
  });
  const others = [...cluster.members.values()].filter((other) => other !== member);
  const beats = others.length > 0 ? citeBeatsWithin(cluster, from + TOLERANCE, to, 3).slice(0, 2) : [];
  const served = attempts.length > 0 ? silence.lastAnswer : [];
  return [...own, ...served, ...lifeFrames.slice(0, 4), ...citeAttempts(attempts), ...beats];
}

/** Gaps of a few periods, again and again, in one host's beats alone. */
function gapCase(member: Member, thresholds: Learnt): Case | null {
  for (const sender of member.senders) {
    const found = gapsOf(sender, thresholds);
    if (found === null) continue;
    const { cluster } = member;
    const from = sender.log.time((found[0] as number) - 1);
    const to = sender.log.time(found.at(-1) as number);
    const others = [...cluster.members.values()].filter((other) => other !== member);
    const regular = others.filter((other) => other.isBeating(from, to, thresholds.beatFraction));
    if (regular.length === 0 || regular.some((other) => hasGap(other, from, to, thresholds))) continue;
    const data = {
      cluster: formatIpv4(cluster.address),
      host: member.priority,
      gaps: found.length,
      seconds: round(to - from),
    };
    return {
      ...namesOf(cluster),
      host: member.priority,
      view: {
        from,
        to,
        host: member.priority,
        states: [{ name: 'late heartbeat', spans: found.map((at) => gapBefore(sender, at)) }],
      },
      kind: 'fault',
      isHint: true,
      candidates: [{ tier: 'suggestive', absence: { from, to }, restsOnMac: false, summary: 'gaps' }],
      frames: found
        .slice(0, 4)
        .flatMap((at) => [sender.log.cite(at - 1, 'heartbeat'), sender.log.cite(at, 'late heartbeat')]),
      count: found.length,
      why: 'whySilent',
      whatToDo: 'whatToDo',
      caveats: ['caveatCause'],
      data,
      facts: { ...data, period: round(sender.period) },
    };
  }
  return null;
}

function gapBefore({ log }: Sender, at: number): { from: number; to: number } {
  return { from: log.time(at - 1), to: log.time(at) };
}

/** Indexes of the beats after so many long gaps within the time; null if there are fewer, or if they are the rule. */
function gapsOf({ log, period }: Sender, thresholds: Learnt): number[] | null {
  if (Number.isNaN(period)) return null;
  const { gaps, gapSeconds } = thresholds;
  const long: number[] = [];
  for (let at = 1; at < log.length; at += 1) {
    if (!isGap(log.time(at) - log.time(at - 1), period, thresholds)) continue;
    long.push(at);
    const first = long[long.length - gaps];
    if (first === undefined || log.time(at) - log.time(first - 1) > gapSeconds + TOLERANCE) continue;
    const window = long.slice(-gaps);
    if (window.length * 2 <= at - first + 1) return window;
  }
  return null;
}

function isGap(gap: number, period: number, thresholds: Learnt): boolean {
  const { gapPeriods, tolerancePeriods } = thresholds;
  return gap >= gapPeriods * period - TOLERANCE && gap <= tolerancePeriods * period + TOLERANCE;
}

function hasGap(member: Member, from: number, to: number, thresholds: Learnt): boolean {
  return member.senders.some(({ log, period }) => {
    for (let at = Math.max(1, log.firstFrom(from)); at < log.length && log.time(at) <= to; at += 1)
      if (log.time(at) - log.time(at - 1) >= thresholds.gapPeriods * period - TOLERANCE) return true;
    return false;
  });
}
