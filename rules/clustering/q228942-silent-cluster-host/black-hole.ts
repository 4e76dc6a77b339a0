/** Clients that find nobody: the whole cluster, or one member that served them before, goes on beating and does not answer (rules 5.4). */
import type { FrameCitation, Tier } from '../../../src/engine/result.ts';
import type { Candidate } from '../../../src/engine/rule.ts';
import { isConverging, isMemberConverging } from '../../../src/trackers/beat-period.ts';
import type { Cluster, Member } from '../../../src/trackers/cluster.ts';
import { type HeartbeatThresholds, portKey } from '../../../src/trackers/heartbeats.ts';
import type { Outage } from '../../../src/trackers/outage.ts';
import type { SynAttempt } from '../../../src/trackers/syn-attempts.ts';
import type { Answerer, VirtualAddress } from '../../../src/trackers/virtual-address.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import { formatMac } from '../../../src/wire/mac.ts';
import type { ClusterView } from '../heartbeat-series.ts';
import {
  beatCeiling,
  type Case,
  citeAttempts,
  citeBeatsWithin,
  clientsOf,
  lowest,
  namesOf,
  round,
  stopsWithin,
  surest,
  type Thresholds,
  wasControlled,
  wasUnmasked,
} from './case.ts';

type Learnt = HeartbeatThresholds & Thresholds;

/** The window of an outage in which every statement is proven. */
interface Window {
  readonly from: number;
  readonly to: number;
  /** Unanswered until past the window. */
  readonly attempts: readonly SynAttempt[];
}

/** An outage that may prove something once the rest of the capture is known. */
export interface PendingCase {
  readonly view: ClusterView;
  /** The case, given which ports were seen to answer at any time; null if it proves nothing. */
  settle(answeredPorts: AnsweredPorts): Case | null;
}

type AnsweredPorts = Pick<ReadonlySet<string>, 'has'>;

const TOLERANCE = 1e-6;

/** Of an outage in which the cluster converges later on, so many parts of it are looked at. */
const PARTS = 8;

/**
 * The whole of an outage, and parts of it, which count if they prove it: up to where something else happened, and from where the
 * recorder was back.
 */
function windowsOf(
  outage: Outage,
  cluster: Cluster,
  isInterrupted: (from: number, to: number) => boolean,
  { answerTailSeconds }: Learnt,
): Window[] {
  const { from, to, isOpen } = outage;
  const steps = Array.from({ length: PARTS }, (_, at) => from + ((at + 1) * (to - from)) / (PARTS + 1));
  const stops = [...stopsWithin(cluster, from, to), ...(isInterrupted(from, to) ? steps : [])];
  const resumed = cluster.liveness.aliveFrom(from, to);
  const starts = resumed > from ? [from, resumed] : [from];
  return starts
    .flatMap((start) => [
      windowOf(outage, start, isOpen ? to - answerTailSeconds : to, to + answerTailSeconds),
      ...stops.map((stop) => windowOf(outage, start, stop - answerTailSeconds, stop)),
    ])
    .filter((window) => window.to > window.from);
}

/** At the end of a capture, or of a part, nobody knows of answers that were still to come. */
function windowOf({ attempts }: Outage, from: number, to: number, unansweredUntil: number): Window {
  const inside = attempts.filter(
    (attempt) => attempt.time >= from && attempt.time <= to && attempt.isUnansweredUntil(unansweredUntil),
  );
  return { from, to, attempts: inside };
}

function isLong({ from, to }: Window, seconds: number): boolean {
  return to - from >= seconds - TOLERANCE;
}

function floodCeiling(service: VirtualAddress, { from, to }: Window): Tier {
  return service.floods.some((flood) => flood.from <= to && flood.to >= from) ? 'suggestive' : 'definitive';
}

/** What speaks against an outage, and the highest tier that it leaves. */
function doubtsOf(
  cluster: Cluster,
  service: VirtualAddress,
  window: Window,
  thresholds: Learnt,
): { readonly isUnmasked: boolean; readonly moreCaveats: readonly string[]; readonly ceiling: Tier } {
  const { from, to } = window;
  const isUnmasked = wasUnmasked(cluster, from);
  const isControlled = wasControlled(cluster, from, thresholds);
  return {
    isUnmasked,
    moreCaveats: [...(isUnmasked ? ['caveatUnmasked'] : []), ...(isControlled ? ['caveatControlled'] : [])],
    ceiling: lowest(
      beatCeiling(cluster),
      floodCeiling(service, window),
      isControlled ? 'suggestive' : 'definitive',
      isUnmasked ? 'strong' : 'definitive',
      cluster.liveness.isAlive(from, to) ? 'definitive' : 'suggestive',
    ),
  };
}

/** Outages of all virtual addresses of a cluster. */
export function blackHoles(cluster: Cluster, thresholds: Learnt): PendingCase[] {
  return [...cluster.virtualAddresses.values()].flatMap((service) =>
    service.watch.kept
      .map((outage) => outageOf(cluster, service, outage, thresholds))
      .filter((pending) => pending !== null),
  );
}

function outageOf(
  cluster: Cluster,
  service: VirtualAddress,
  outage: Outage,
  thresholds: Learnt,
): PendingCase | null {
  const isInterrupted = (from: number, to: number): boolean => isConverging(cluster, from, to, thresholds);
  const holes = windowsOf(outage, cluster, isInterrupted, thresholds)
    .map((window) => clusterHole(cluster, service, outage, window, thresholds))
    .filter((pending) => pending !== null);
  const settle = (answered: AnsweredPorts): Case | null =>
    surest(holes.map((hole) => hole.settle(answered)).filter((found) => found !== null));
  // The picture is drawn before it is known which ports answer elsewhere: it shows what is proven if all do.
  const view = settle({ has: () => true })?.view;
  return view === undefined ? null : { view, settle };
}

function clusterHole(
  cluster: Cluster,
  service: VirtualAddress,
  outage: Outage,
  window: Window,
  thresholds: Learnt,
): PendingCase | null {
  const { from, to } = window;
  const members = [...cluster.members.values()];
  const isBeating = members.some((member) => member.isBeating(from, to, thresholds.beatFraction));
  if (!isBeating || isConverging(cluster, from, to, thresholds)) return null;
  if (members.some((member) => isTakingOver(member, window, thresholds))) return null;
  const { isUnmasked, moreCaveats, ceiling } = doubtsOf(cluster, service, window, thresholds);
  const names = namesOf(cluster);
  const beats = citeBeatsWithin(cluster, from, to);
  const unmasked = isUnmasked && cluster.unmaskedFrame !== null ? [cluster.unmaskedFrame] : [];
  const described = describe(cluster, service, window);
  // What is kept until the end holds nothing of the cluster itself.
  const keys = new Map(
    window.attempts.map(({ port }) => [port, portKey(cluster.domain, service.address, port)] as const),
  );
  return {
    view: viewOf(service, window, 0),
    settle(answered) {
      const elsewhere = window.attempts.filter(({ port }) => answered.has(keys.get(port) ?? ''));
      const candidates = clusterCandidates(outage, window, elsewhere, ceiling, thresholds);
      if (candidates.length === 0) return null;
      return {
        ...names,
        host: 0,
        view: viewOf(service, window, 0),
        kind: 'fault',
        candidates,
        frames: [...outage.lastAnswer, ...citeAttempts(window.attempts), ...beats, ...unmasked],
        count: window.attempts.length,
        why: 'whyBlackHole',
        whatToDo: 'whatToDo',
        caveats: ['caveatCause', ...moreCaveats, 'caveatTap'],
        ...described,
      };
    },
  };
}

/** The window is the time that the others need to notice that this member is gone, and to take over its clients. */
function isTakingOver(member: Member, { from, to }: Window, { reconvergeSeconds }: Thresholds): boolean {
  return member.silences.some(
    (silence) => from >= silence.from - member.period && to <= silence.threshold + reconvergeSeconds,
  );
}

function clusterCandidates(
  { frames }: Outage,
  window: Window,
  answeredElsewhere: readonly SynAttempt[],
  ceiling: Tier,
  thresholds: Thresholds,
): Candidate[] {
  const { holeClients, holeStrongClients } = thresholds;
  const isServed = (clients: number) => isServedHole(window, clients, thresholds);
  const isUnserved = (clients: number) => isUnservedHole(window, answeredElsewhere, clients, thresholds);
  const absence = { from: window.from, to: window.to };
  const of = (tier: Tier, summary: string): Candidate[] => [
    { tier: lowest(tier, ceiling), absence, restsOnMac: false, summary },
  ];
  const isSilent = frames === 0;
  if (isSilent && isServed(holeClients)) return of('definitive', 'blackHole');
  if (isSilent && isUnserved(holeStrongClients)) return of('strong', 'blackHoleUnproven');
  // With a frame from the address, or from one client alone, it is a hint at most.
  const isHint =
    isSilent && clientsOf(window.attempts).size === 1
      ? isServed(1) || isUnserved(1)
      : !isSilent && (isServed(holeClients) || isUnserved(holeStrongClients));
  return isHint ? of('suggestive', 'blackHoleHint') : [];
}

/** Enough SYNs to ports that were served shortly before, of clients that were served. */
function isServedHole(window: Window, leastClients: number, thresholds: Thresholds): boolean {
  const { holeSeconds, holeSyns, baselineSeconds, servedClients } = thresholds;
  const served = window.attempts.filter(({ portBaseline }) => portBaseline >= window.from - baselineSeconds);
  const clients = clientsOf(served);
  const earlier = clientsOf(served.filter(({ servedBy }) => servedBy > 0)).size;
  return (
    isLong(window, holeSeconds) &&
    served.length >= holeSyns &&
    clients.size >= leastClients &&
    earlier >= (leastClients === 1 ? Math.min(servedClients, clients.size) : servedClients)
  );
}

/** More SYNs of more clients, each repeated again and again, to ports that answer at another time. */
function isUnservedHole(
  window: Window,
  answeredElsewhere: readonly SynAttempt[],
  leastClients: number,
  thresholds: Thresholds,
): boolean {
  const { holeStrongSeconds, holeStrongSyns, holeRetransmits } = thresholds;
  const stubborn = answeredElsewhere.filter(({ repeats }) => repeats >= holeRetransmits);
  return (
    isLong(window, holeStrongSeconds) &&
    stubborn.length >= holeStrongSyns &&
    clientsOf(stubborn).size >= leastClients
  );
}

/** Outages of single members, whose frames a masked source tells apart. */
export function memberHoles(cluster: Cluster, thresholds: Learnt): Case[] {
  const found: Case[] = [];
  for (const service of cluster.virtualAddresses.values()) {
    for (const answerer of service.answerers) {
      const member = memberBehind(cluster, answerer.mac);
      if (member === null) continue;
      for (const outage of answerer.watch.kept) {
        const isInterrupted = (from: number, to: number): boolean =>
          isMemberConverging(member, from, to, thresholds);
        const holes = windowsOf(outage, cluster, isInterrupted, thresholds)
          .map((window) => memberHole(member, service, { answerer, outage, window }, thresholds))
          .filter((hole) => hole !== null);
        const hole = surest(holes);
        if (hole !== null) found.push(hole);
      }
    }
  }
  return found;
}

function memberBehind(cluster: Cluster, mac: number): Member | null {
  if (cluster.isOwnMac(mac)) return null;
  const behind = [...cluster.members.values()].filter((member) => member.macs.includes(mac));
  return behind.length === 1 ? (behind[0] as Member) : null;
}

/** A stretch in which one station does not answer. */
interface MemberOutage {
  readonly answerer: Answerer;
  readonly outage: Outage;
  readonly window: Window;
}

function memberHole(
  member: Member,
  service: VirtualAddress,
  { answerer, outage, window }: MemberOutage,
  thresholds: Learnt,
): Case | null {
  const { cluster } = member;
  const { from, to, attempts } = window;
  if (!isLong(window, thresholds.memberSeconds)) return null;
  const others =
    outage.answeredByOthersUntil(to) - (from > outage.from ? outage.answeredByOthersUntil(from) : 0);
  if (!(outage.baselineFrom >= from - thresholds.memberBaselineSeconds)) return null;
  if (others < thresholds.memberOthers) return null;
  if (!member.isBeating(from, to, thresholds.beatFraction)) return null;
  if (isMemberConverging(member, from, to, thresholds)) return null;
  const clients = clientsOf(attempts).size;
  const { memberSyns, memberClients, memberSureSyns, memberSureClients } = thresholds;
  if (attempts.length < memberSyns || clients < memberClients) return null;
  const isSure = attempts.length >= memberSureSyns && clients >= memberSureClients;
  const tier: Tier = outage.frames > 0 ? 'suggestive' : isSure ? 'definitive' : 'strong';
  const { moreCaveats, ceiling } = doubtsOf(cluster, service, window, thresholds);
  const beats: FrameCitation[] = member.senders.flatMap(({ log }) => {
    const first = log.firstFrom(from);
    return [first, first + 1].filter((at) => at < log.length).map((at) => log.cite(at, 'heartbeat'));
  });
  const described = describe(cluster, service, window);
  const mac = formatMac(answerer.mac);
  const candidate: Candidate = {
    tier: lowest(tier, ceiling),
    absence: { from, to },
    restsOnMac: true,
    summary: outage.frames > 0 ? 'memberHoleHint' : 'memberHole',
  };
  return {
    ...namesOf(cluster),
    macs: [mac],
    host: member.priority,
    view: viewOf(service, window, member.priority),
    kind: 'fault',
    candidates: [candidate],
    frames: [...outage.lastAnswer, ...citeAttempts(attempts), ...beats],
    count: attempts.length,
    why: 'whyMemberHole',
    whatToDo: 'whatToDo',
    caveats: ['caveatCause', ...moreCaveats, 'caveatTap'],
    data: { ...described.data, host: member.priority, others },
    facts: { ...described.facts, host: member.priority, mac, answeredByOthers: others },
  };
}

function viewOf({ address }: VirtualAddress, { from, to }: Window, host: number): ClusterView {
  const span = { from, to };
  // Others answer while one member does not.
  return host === 0
    ? { ...span, host, outage: { address, ...span } }
    : { ...span, host, states: [{ name: 'answers nobody', spans: [span] }] };
}

function describe(
  cluster: Cluster,
  service: VirtualAddress,
  { from, to, attempts }: Window,
): Pick<Case, 'data' | 'facts'> {
  const address = formatIpv4(service.address);
  const ports = [...new Set(attempts.map(({ port }) => port))].toSorted((a, b) => a - b);
  const common = {
    cluster: formatIpv4(cluster.address),
    address,
    syns: attempts.length,
    clients: clientsOf(attempts).size,
    seconds: round(to - from),
  };
  return {
    data: common,
    facts: {
      ...common,
      ports: ports.slice(0, 16).join(', '),
      startSeconds: round(from),
      answered: service.answered,
      members: [...cluster.members.keys()].toSorted((a, b) => a - b).join(', '),
    },
  };
}
