/** Periods of heartbeats, and the signs that a host converges (rules 5.3): state and period count only against its own earlier ones. */
import { MAPS_DIFFER, MAPS_UNKNOWN } from '../wire/heartbeat.ts';
import type { BeatLog } from './beat-log.ts';
import type { Cluster, Member, Sender } from './cluster.ts';

export interface PeriodThresholds {
  readonly periodBeats: number;
  readonly periodMinSeconds: number;
  readonly periodMaxSeconds: number;
  readonly halfPeriodRatio: number;
}

/** Differences of times are doubles: half of a second may come out a little longer. */
const ROUNDING = 1e-6;

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >>> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** So many beats tell the period of the time before. */
const EARLIER_BEATS = 64;

/** How far the gaps of a steady stretch may lie from their median. */
const STEADY_FRACTION = 0.2;

/**
 * The period after so many more beats: the median gap of the first ones, NaN if no host would be set to it. Hosts halve it while
 * they converge, so one that was learnt then gives way to a longer one that is kept without exception.
 */
export function learnPeriod(
  { log, period }: Readonly<Pick<Sender, 'log' | 'period'>>,
  thresholds: PeriodThresholds,
): number {
  const { periodBeats, periodMinSeconds, periodMaxSeconds, halfPeriodRatio } = thresholds;
  const gaps = gapsBetween(log, Math.max(0, log.length - periodBeats), log.length);
  const latest = median(gaps);
  const isPossible = latest >= periodMinSeconds && latest <= periodMaxSeconds;
  if (log.length <= periodBeats) return isPossible ? latest : Number.NaN;
  const isSteady = gaps.every((gap) => Math.abs(gap - latest) <= STEADY_FRACTION * latest);
  const isLonger = Number.isNaN(period) || latest * halfPeriodRatio >= period - ROUNDING;
  return isPossible && isSteady && isLonger ? latest : period;
}

/** Gaps of the beats from index `first` to before `past`. */
export function gapsBetween(log: BeatLog, first: number, past: number): number[] {
  const gaps: number[] = [];
  for (let at = first + 1; at < past; at += 1) gaps.push(log.time(at) - log.time(at - 1));
  return gaps;
}

/** What occurs most often; NaN of nothing. */
export function modeOf(first: number, past: number, valueAt: (index: number) => number): number {
  const counts = new Map<number, number>();
  let mode = Number.NaN;
  let most = 0;
  for (let at = first; at < past; at += 1) {
    const value = valueAt(at);
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    if (count > most) {
      most = count;
      mode = value;
    }
  }
  return mode;
}

/** Which signs of convergence a sender shows over most of a span. */
export interface ConvergingSigns {
  readonly state: boolean;
  readonly period: boolean;
  readonly maps: boolean;
  readonly defaultHost: boolean;
  readonly count: number;
}

export function signsOf(
  cluster: Cluster,
  sender: Sender,
  from: number,
  to: number,
  thresholds: PeriodThresholds,
): ConvergingSigns {
  const { log } = sender;
  const first = log.firstFrom(from);
  const past = pastOf(log, to);
  const state = isStateChanged(log, first, past, thresholds.periodBeats);
  const period = isPeriodHalved(sender, first, past, thresholds);
  const maps = areMapsDifferent(log, first, past);
  const defaultHost = disagreesOnDefault(cluster, sender, from, to);
  const count = [state, period, maps, defaultHost].filter(Boolean).length;
  return { state, period, maps, defaultHost, count };
}

/** True if any sender shows so many signs over the span. */
export function isConverging(
  cluster: Cluster,
  from: number,
  to: number,
  thresholds: PeriodThresholds & { readonly convergingSigns: number },
): boolean {
  for (const member of cluster.members.values())
    if (isMemberConverging(member, from, to, thresholds)) return true;
  return false;
}

export function isMemberConverging(
  member: Member,
  from: number,
  to: number,
  thresholds: PeriodThresholds & { readonly convergingSigns: number },
): boolean {
  return member.senders.some(
    (sender) => signsOf(member.cluster, sender, from, to, thresholds).count >= thresholds.convergingSigns,
  );
}

/** Index past the last beat at or before a time. */
export function pastOf(log: BeatLog, time: number): number {
  let past = log.firstFrom(time);
  while (past < log.length && log.time(past) <= time) past += 1;
  return past;
}

function isStateChanged(log: BeatLog, first: number, past: number, earlierBeats: number): boolean {
  if (first < earlierBeats || past <= first) return false;
  const usual = modeOf(0, first, (at) => log.state(at));
  let changed = 0;
  for (let at = first; at < past; at += 1) if (log.state(at) !== usual) changed += 1;
  return changed * 2 > past - first;
}

function isPeriodHalved(sender: Sender, first: number, past: number, thresholds: PeriodThresholds): boolean {
  const { log, period } = sender;
  if (Number.isNaN(period) || first < thresholds.periodBeats || past - first < 3) return false;
  const now = median(gapsBetween(log, first, past));
  // What it was set to later says nothing of the time before.
  const earlier = Math.min(period, median(gapsBetween(log, Math.max(0, first - EARLIER_BEATS), first)));
  return now <= thresholds.halfPeriodRatio * earlier + ROUNDING;
}

function areMapsDifferent(log: BeatLog, first: number, past: number): boolean {
  let known = 0;
  let different = 0;
  for (let at = first; at < past; at += 1) {
    const maps = log.maps(at);
    if (maps === MAPS_UNKNOWN) continue;
    known += 1;
    if (maps === MAPS_DIFFER) different += 1;
  }
  return different * 2 > known;
}

/** Hosts that beat in the span name different default hosts most of the time. */
function disagreesOnDefault(cluster: Cluster, sender: Sender, from: number, to: number): boolean {
  const own = usualDefault(sender.log, from, to);
  if (Number.isNaN(own)) return false;
  for (const member of cluster.members.values()) {
    if (member.priority === sender.priority) continue;
    for (const other of member.senders) {
      const theirs = usualDefault(other.log, from, to);
      if (!Number.isNaN(theirs) && theirs !== own) return true;
    }
  }
  return false;
}

export function usualDefault(log: BeatLog, from: number, to: number): number {
  return modeOf(log.firstFrom(from), pastOf(log, to), (at) => log.defaultId(at));
}
