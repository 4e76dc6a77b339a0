/** Clusters that converge without end, though nothing in their configuration contradicts itself (rules 5.4). */
import type { FrameCitation, Tier } from '../../../src/engine/result.ts';
import { modeOf, signsOf } from '../../../src/trackers/beat-period.ts';
import type { Cluster, Sender } from '../../../src/trackers/cluster.ts';
import type { HeartbeatThresholds } from '../../../src/trackers/heartbeats.ts';
import { MAPS_DIFFER, MAPS_UNKNOWN } from '../../../src/wire/heartbeat.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import { beatCeiling, type Case, lowest, namesOf, round, type Thresholds } from './case.ts';

type Learnt = HeartbeatThresholds & Thresholds;

/** Beats of one sender, first to last index, that all show the same trouble. */
interface Run {
  readonly sender: Sender;
  readonly first: number;
  readonly last: number;
}

const TOLERANCE = 1e-6;

export function neverConverges(cluster: Cluster, thresholds: Learnt): Case | null {
  let best: Case | null = null;
  for (const member of cluster.members.values()) {
    for (const sender of member.senders) {
      for (const run of stuckRuns(sender, thresholds)) {
        const found = caseOf(cluster, run, tierOf(cluster, run, thresholds));
        if (best === null || found.candidates[0]?.tier === 'strong') best = found;
      }
      for (const run of signRuns(cluster, sender, thresholds)) best ??= caseOf(cluster, run, 'suggestive');
    }
  }
  return best;
}

/** Stretches in which the new map differs from the current one in every beat. */
function stuckRuns(sender: Sender, thresholds: Learnt): Run[] {
  return runsOf(sender, thresholds, (at) => sender.log.maps(at) === MAPS_DIFFER);
}

/** Where the maps were cut: stretches in which enough other signs hold in every beat. */
function signRuns(cluster: Cluster, sender: Sender, thresholds: Learnt): Run[] {
  const { log } = sender;
  const candidates = runsOf(
    sender,
    thresholds,
    (at) =>
      log.maps(at) === MAPS_UNKNOWN && at >= thresholds.periodBeats && isUnusual(sender, at, thresholds),
  );
  return candidates.filter(({ first, last }) => {
    const signs = signsOf(cluster, sender, log.time(first), log.time(last), thresholds);
    return signs.count >= thresholds.convergingSigns;
  });
}

/** A beat in another state than the first ones, or soon after the one before. */
function isUnusual({ log, period }: Sender, at: number, { periodBeats, halfPeriodRatio }: Learnt): boolean {
  const usual = modeOf(0, periodBeats, (index) => log.state(index));
  const gap = log.time(at) - log.time(at - 1);
  return log.state(at) !== usual || gap <= halfPeriodRatio * period + TOLERANCE;
}

function runsOf(sender: Sender, thresholds: Learnt, holds: (index: number) => boolean): Run[] {
  const { log, period } = sender;
  const limit = Number.isNaN(period)
    ? thresholds.periodMaxSeconds
    : thresholds.tolerancePeriods * period + thresholds.silenceExtraSeconds;
  const runs: Run[] = [];
  let first = -1;
  for (let at = 0; at <= log.length; at += 1) {
    const goesOn = at < log.length && holds(at);
    const isBroken = first >= 0 && (!goesOn || log.time(at) - log.time(at - 1) > limit);
    if (isBroken) {
      if (log.time(at - 1) - log.time(first) >= thresholds.stuckSeconds - TOLERANCE)
        runs.push({ sender, first, last: at - 1 });
      first = -1;
    }
    if (goesOn && first < 0) first = at;
  }
  return runs;
}

/** Strong with one more sign, if the host is alone with itself, or others leave a live host out. */
function tierOf(cluster: Cluster, { sender, first, last }: Run, thresholds: Learnt): Tier {
  const from = sender.log.time(first);
  const to = sender.log.time(last);
  const signs = signsOf(cluster, sender, from, to, thresholds);
  if (!signs.state && !signs.period && !signs.defaultHost) return 'suggestive';
  const others = [...cluster.members.values()].filter(
    (member) => member.priority !== sender.priority && member.countBetween(from, to) > 0,
  );
  return others.length === 0 || leavesLiveHostOut(cluster, from, to, thresholds) ? 'strong' : 'suggestive';
}

/** Somebody names another default host than the live one of the lowest priority, for longer than a convergence needs. */
function leavesLiveHostOut(cluster: Cluster, from: number, to: number, thresholds: Learnt): boolean {
  const live = [...cluster.members.values()].filter((member) =>
    member.isBeating(from, to, thresholds.beatFraction),
  );
  if (live.length === 0) return false;
  const expected = Math.min(...live.map((member) => member.priority)) - 1;
  return live.some((member) =>
    member.senders.some(({ log }) => {
      let since = Number.NaN;
      for (let at = log.firstFrom(from); at < log.length && log.time(at) <= to; at += 1) {
        if (log.defaultId(at) === expected) since = Number.NaN;
        else if (Number.isNaN(since)) since = log.time(at);
        if (log.time(at) - since > thresholds.missingSeconds) return true;
      }
      return false;
    }),
  );
}

function caseOf(cluster: Cluster, { sender, first, last }: Run, tier: Tier): Case {
  const { log } = sender;
  const from = log.time(first);
  const to = log.time(last);
  const data = {
    cluster: formatIpv4(cluster.address),
    host: sender.priority,
    seconds: round(to - from),
    beats: last - first + 1,
  };
  const before: FrameCitation[] = first > 0 ? [log.cite(first - 1, 'heartbeat before')] : [];
  const middle = (first + last) >>> 1;
  const isOpen = log.maps(first) === MAPS_DIFFER;
  const limited = lowest(tier, beatCeiling(cluster));
  return {
    ...namesOf(cluster),
    host: 0,
    view: { from, to, host: sender.priority },
    kind: 'fault',
    candidates: [
      {
        tier: limited,
        absence: null,
        restsOnMac: false,
        summary: limited === 'strong' ? 'neverConverges' : isOpen ? 'mapsStayOpen' : 'staysConverging',
      },
    ],
    frames: [
      ...before,
      log.cite(first, 'converging'),
      log.cite(middle, 'converging'),
      log.cite(last, 'converging'),
    ],
    count: last - first + 1,
    why: 'whyConverging',
    whatToDo: 'whatToDo',
    caveats: ['caveatStates', 'caveatCause'],
    data,
    facts: {
      ...data,
      period: Number.isNaN(sender.period) ? null : round(sender.period),
      startSeconds: round(from),
    },
  };
}
