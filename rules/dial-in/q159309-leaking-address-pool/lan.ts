/** Callers whose address the server keeps, as its LAN shows them (rules 4.5). */
import type { Candidate } from '../../../src/engine/rule.ts';
import type { FrameCitation } from '../../../src/engine/result.ts';
import type { ProxiedAddress, ProxyServer, Sign } from '../../../src/trackers/dial-in-lan.ts';
import type { Assignment } from '../../../src/trackers/dial-in-pool.ts';
import { groupBy } from './pool.ts';
import type { Thresholds } from './refusals.ts';

export interface LanLoss {
  readonly server: ProxyServer;
  readonly address: number;
  readonly candidates: readonly Candidate[];
  readonly frames: readonly FrameCitation[];
  readonly silenceSeconds: number;
  /** When the silence began, and all that was seen of the address. */
  readonly silenceFrom: number;
  readonly proxied: ProxiedAddress;
  readonly unreachables: number;
}

/** What else is known of the network. */
export interface LanSurroundings {
  /** True if the station routes for other networks. */
  readonly isRouter: (server: ProxyServer) => boolean;
  /** True if anything ever came from the address. */
  readonly isUsed: (server: ProxyServer, address: number) => boolean;
  /** Assignments that its calls, or its accounting, show. */
  readonly given: (server: ProxyServer) => readonly Assignment[];
  /** True if the address was given in a later clock epoch. */
  readonly isGivenLater: (server: ProxyServer, address: number) => boolean;
}

/** ARP requests without an answer, one after the other, that show that a server no longer answers for an address. */
const UNANSWERED_QUESTIONS = 3;

/** Servers that answer ARP for callers, and for nobody else. */
function callerServers(
  servers: readonly ProxyServer[],
  { isUsed, isRouter }: LanSurroundings,
  thresholds: Thresholds,
): ProxyServer[] {
  // What a station is it is in every clock epoch (rules 0.3).
  const isForCallers = (server: ProxyServer): boolean =>
    !server.isGeneric &&
    server.proxied.length <= thresholds.lanMaxProxied &&
    server.proxied.every((address) => isUsed(server, address)) &&
    !isRouter(server);
  return servers.filter((server) => {
    const least = server.own.size > 0 ? thresholds.lanProxied : thresholds.lanProxied + 1;
    const isSame = ({ domain, mac }: ProxyServer): boolean => domain === server.domain && mac === server.mac;
    return server.proxied.length >= least && servers.filter(isSame).every(isForCallers);
  });
}

/** Of these, those whose callers were seen to send and to be sent something. */
export function findCallerServers(
  servers: readonly ProxyServer[],
  surroundings: LanSurroundings,
  thresholds: Thresholds,
): ProxyServer[] {
  return callerServers(servers, surroundings, thresholds).filter(
    ({ proxied, answered }) =>
      proxied.filter((address) => {
        const watched = answered.get(address);
        return watched?.sawFrom && watched.sawTo;
      }).length >= thresholds.lanProxied,
  );
}

export function findLanLosses(
  servers: readonly ProxyServer[],
  surroundings: LanSurroundings,
  thresholds: Thresholds,
): LanLoss[] {
  const losses: LanLoss[] = [];
  for (const server of callerServers(servers, surroundings, thresholds)) {
    const given = groupBy(surroundings.given(server), ({ address }) => address);
    for (const address of server.proxied) {
      const watched = server.answered.get(address);
      if (!watched || surroundings.isGivenLater(server, address)) continue;
      const loss = judge(watched, given.get(address) ?? [], thresholds);
      if (loss) losses.push(loss);
    }
  }
  return losses;
}

function judge(
  proxied: ProxiedAddress,
  given: readonly Assignment[],
  thresholds: Thresholds,
): LanLoss | null {
  if (!proxied.sawFrom || !proxied.sawTo || proxied.isBack) return null;
  // The server does not answer for it any more: it took the address back.
  if (proxied.mostUnanswered >= UNANSWERED_QUESTIONS) return null;
  const lastFrom = proxied.lastFrom.time;
  const release = lastRelease(given);
  const until = proxied.server.lastTime;
  const plain = silenceIn(proxied, lastFrom, until, thresholds);
  if (plain === null) return null;
  const candidates: Candidate[] = [
    { tier: 'suggestive', absence: plain, restsOnMac: true, summary: 'unreachable' },
  ];
  const releasedAt = release === undefined ? Number.NaN : Math.max(lastFrom, release.until);
  // Where the recorder stood still later, that takes nothing from what was seen before.
  const aliveUntil = proxied.liveness.aliveUntil(releasedAt, until);
  const proven = release === undefined ? null : silenceIn(proxied, releasedAt, aliveUntil, thresholds);
  if (proven !== null && proxied.liveness.isAlive(proven.from, proven.to))
    candidates.unshift({
      ...{ tier: 'strong', absence: proven, restsOnMac: true, summary: 'releasedUnreachable' },
    });
  const { from, to } = candidates.length > 1 && proven !== null ? proven : plain;
  const isInside = ({ time }: Sign): boolean => time >= from && time <= to;
  const unreachables = proxied.unreachables.kept.filter(isInside);
  const frames = [
    release?.frame,
    proxied.lastFrom.cite('last packet', 'last IPv4 packet from the caller'),
    release?.releaseFrame,
    ...proxied.requestFrames,
    proxied.replies.kept.findLast(isInside)?.frame,
    ...unreachables.slice(0, 8).map(({ frame }) => frame),
    unreachables.at(-1)?.frame,
  ];
  return {
    server: proxied.server,
    address: proxied.address,
    candidates,
    frames: frames.filter((frame) => frame !== undefined && frame !== null),
    silenceSeconds: plain.to - plain.from,
    silenceFrom: plain.from,
    proxied,
    unreachables: unreachables.length,
  };
}

/** The assignment whose release was the last word on its address: nobody was seen to be given it since. */
function lastRelease(given: readonly Assignment[]): Assignment | undefined {
  const [latest] = given
    .filter(({ isHard, until, time }) => isHard && until > time)
    .toSorted((a, b) => b.until - a.until);
  return latest !== undefined && given.some(({ time }) => time >= latest.until) ? undefined : latest;
}

/** The span from `from` to `to`, in which nothing came from the address, or null if it shows too little. */
function silenceIn(
  proxied: ProxiedAddress,
  from: number,
  to: number,
  thresholds: Thresholds,
): { from: number; to: number } | null {
  const { lanRequests, lanUnreachables, lanSpanSeconds, lanSilenceSeconds } = thresholds;
  const requests = proxied.requests.kept.filter((time) => time >= from && time <= to);
  const unreachables = proxied.unreachables.kept.filter(({ time }) => time >= from && time <= to);
  const isAnswering = proxied.replies.kept.some(({ time }) => time >= from && time <= to);
  const [first] = unreachables;
  const last = unreachables.at(-1);
  if (first === undefined || last === undefined || requests.length < lanRequests) return null;
  if (to - from < lanSilenceSeconds || !isAnswering) return null;
  if (unreachables.length < lanUnreachables || last.time - first.time < lanSpanSeconds) return null;
  return { from, to };
}
