/**
 * Q159309: a dial-in server does not take back addresses of its static pool. Calls, their accounting and the LAN each show a part:
 * an address that was given back and is never given again, while callers are refused, or while all others go round.
 */
import type { About } from '../../../src/engine/host-filter.ts';
import type { FrameCitation } from '../../../src/engine/result.ts';
import { defineRule, type RuleContext } from '../../../src/engine/rule.ts';
import type { ProxyServer } from '../../../src/trackers/dial-in-lan.ts';
import type { Offer, PoolHistory } from '../../../src/trackers/dial-in-pool.ts';
import type { DialInTracker } from '../../../src/trackers/dial-in.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import { formatMac } from '../../../src/wire/mac.ts';
import { article } from './article.ts';
import { joinAccounting } from './join.ts';
import { judgePool, type PoolVerdict } from './judge-pool.ts';
import { findCallerServers, findLanLosses, type LanLoss, type LanSurroundings } from './lan.ts';
import { messages } from './messages.ts';
import { options } from './options.ts';
import { pictureOf } from './picture.ts';
import { Pool } from './pool.ts';

type Context = RuleContext<typeof options>;

/** One server, by all that shows it. */
interface ServerCase {
  readonly name: string;
  readonly domain: number;
  readonly pools: PoolVerdict[];
  readonly lan: LanLoss[];
}

const MAX_LATER_FRAMES = 4;

export default defineRule({
  meta: {
    article,
    title: 'Dial-in server does not take back an address',
    area: 'dial-in',
    severity: { definitive: 'error', strong: 'warning', suggestive: 'info' },
    needs: ['dialIn', 'addressClaims', 'addressClasses'],
    options,
    messages,
    lookAlikes: [
      'A pool that is really exhausted: every address of it is held when the caller is refused.',
      'A caller that is refused by itself: suspended, IPv6 only, or with an address of its own.',
      'A large pool whose turn has not come round, or a server that takes the lowest or the latest free address.',
      'IPCP negotiated anew inside a call, links of a multilink bundle, callback.',
      'Addresses that RADIUS or DHCP gives, call by call.',
      'A router that answers ARP for a whole prefix and reports sleeping hosts as unreachable.',
    ],
    refutations: [
      'The lost address given to another caller later, captured anywhere or in the log of the server.',
      'A change of the pool in the configuration of the server between the release and the refusals.',
    ],
    couldHide: [
      'foreignTunnels',
      'linkType',
      'truncated',
      'withoutTime',
      'oversized',
      'evicted',
      'evictedCalls',
    ],
  },
  create(context) {
    return {
      end() {
        const { dialIn } = context.trackers;
        if (dialIn === null) return;
        const cases = casesOf(context, dialIn);
        // Addresses were negotiated, and nothing shows who gives them to whom.
        if (cases.length === 0 && dialIn.sawIpcp) context.undecided('tooFew');
        const counts = { servers: 0, assignments: 0, refusals: 0, lostAddresses: 0 };
        for (const server of cases) {
          counts.servers += 1;
          for (const { pool } of server.pools) {
            counts.assignments += pool.assignments.length;
            counts.refusals += pool.history.refusals.length;
          }
          counts.lostAddresses += conclude(context, server);
        }
        context.tell(counts);
      },
    };
  },
});

/** Every server that is a subject, each once. */
function casesOf(context: Context, dialIn: DialInTracker): ServerCase[] {
  const { stations, sources } = context.trackers;
  const { ppp, radius } = dialIn.pools();
  const joined = joinAccounting(ppp, radius);
  const owners = ownersOf(context);
  const cases = new Map<string, ServerCase>();
  const caseOf = (domain: number, name: string): ServerCase => {
    const key = `${domain}/${name}`;
    const known = cases.get(key);
    if (known) return known;
    const made: ServerCase = { name, domain, pools: [], lan: [] };
    cases.set(key, made);
    return made;
  };
  const histories = [...joined.ppp, ...joined.radius];
  for (const history of histories) {
    if (!history.hasEvidence && !history.isCut && history.refusals.length === 0) continue;
    const mac = sources.macOf(history.domain.index, history.address);
    const isForeign = (address: number): boolean => {
      const owner = owners.get(address);
      return owner !== undefined && owner !== mac;
    };
    const elsewhere = dialIn.givenElsewhere(history.assignments);
    const pool = new Pool(history, {
      isLeased: (address) => elsewhere.has(address),
      isForeign,
      isTakenAfter: (address, time) =>
        dialIn.uses.isUsedAfter(
          address,
          history.kind === 'line' ? null : history.domain,
          history.epoch,
          time + context.options.releaseSettleSeconds,
        ) ||
        histories.some(
          (other) => other !== history && mayShare(history, other) && isGivenAfter(other, address, time),
        ),
    });
    caseOf(history.domain.index, history.name).pools.push(judgePool(pool, context.options));
  }
  const surroundings: LanSurroundings = {
    isRouter: (server) => {
      const station = stations.find(server.domain.index, server.mac);
      return station !== undefined && stations.isRouter(station);
    },
    isUsed: (server, address) => sources.framesOf(server.domain.index, address) > 0,
    given: (server) =>
      [...ppp, ...radius]
        .filter((history) => isOfEpoch(history, server) && !isOfOther(context, history, server))
        .flatMap(({ assignments }) => assignments),
    isGivenLater: (server, address) =>
      [...ppp, ...radius].some(
        ({ domain, epoch, assignments }) =>
          domain.interface === server.domain.interface &&
          epoch > server.epoch &&
          assignments.some((given) => given.address === address),
      ),
  };
  const { servers } = dialIn.lan;
  const caseOn = ({ domain, mac, own }: ProxyServer): ServerCase => {
    const names = [...own].map(formatIpv4);
    const name = names.find((address) => cases.has(`${domain.index}/${address}`)) ?? names[0];
    return caseOf(domain.index, name ?? formatMac(mac));
  };
  for (const loss of findLanLosses(servers, surroundings, context.options))
    caseOn(loss.server).lan.push(loss);
  for (const server of findCallerServers(servers, surroundings, context.options)) caseOn(server);
  return [...cases.values()];
}

/**
 * A server hands its pool to calls of every kind and in all its VLANs, and several servers of a network may share one; other
 * servers of other VLANs may have the same addresses.
 */
function mayShare(one: PoolHistory, other: PoolHistory): boolean {
  if (one.domain === other.domain || one.kind === 'line' || other.kind === 'line') return true;
  return one.kind === other.kind && one.name === other.name;
}

/** Times of one interface can be compared within a clock epoch alone. */
function isOfEpoch({ domain, epoch }: PoolHistory, server: ProxyServer): boolean {
  return domain.interface !== server.domain.interface || epoch === server.epoch;
}

/** True if accounting is of another machine than the one that answers ARP. */
function isOfOther(context: Context, { kind, address }: PoolHistory, { domain, mac }: ProxyServer): boolean {
  if (kind !== 'radius') return false;
  const owner = context.trackers.sources.macOf(domain.index, address);
  return owner >= 0 && owner !== mac;
}

/** Given, or in negotiation where the capture may have missed the Ack. */
function isGivenAfter({ assignments, offers }: PoolHistory, address: number, time: number): boolean {
  const isSo = (given: Offer): boolean => given.address === address && given.time > time;
  return assignments.some(isSo) || offers.some(isSo);
}

/** Stations that use an address as their own, by address. */
function ownersOf(context: Context): Map<number, number> {
  const owners = new Map<number, number>();
  for (const station of context.trackers.stations.all())
    for (const address of station.owns) owners.set(address, station.mac);
  return owners;
}

/** Reports one server, or counts it as judged or undecided; answers how many addresses it lost. */
function conclude(context: Context, server: ServerCase): number {
  const candidates = [
    ...server.pools.flatMap((verdict) => verdict.candidates),
    ...server.lan.flatMap((loss) => loss.candidates),
  ];
  if (candidates.length === 0) {
    const reasons = server.pools.map(({ undecided }) => undecided).filter((reason) => reason !== null);
    // On the LAN alone, an address that came back is not seen to be given again.
    const [reason] = server.pools.length === 0 ? ['tooFew'] : reasons;
    const about = aboutOf(server);
    if (reason === undefined || reasons.length < server.pools.length) context.judged(about);
    else context.undecided(reason, about);
    return 0;
  }
  const lost = [
    ...new Set([
      ...server.pools.flatMap((verdict) => verdict.lost.map(({ address }) => address)),
      ...server.lan.map(({ address }) => address),
    ]),
  ].toSorted((a, b) => (a >>> 0) - (b >>> 0));
  const refusals = server.pools.reduce((sum, verdict) => sum + verdict.proven.length, 0);
  const later = Math.max(0, ...server.pools.map((verdict) => verdict.later.length));
  const macs = server.lan.map((loss) => formatMac(loss.server.mac));
  const poolSize = server.pools.reduce((sum, { pool }) => Math.max(sum, pool.size), 0);
  const lostText = lost.map(formatIpv4).join(', ');
  const about = aboutOf(server, lost);
  const tier = context.report({
    kind: 'fault',
    candidates,
    domain: server.domain,
    subject: server.name,
    hosts: [...new Set([...(server.name.includes(':') ? [] : [server.name]), ...lost.map(formatIpv4)])],
    macs: [...new Set([...macs, ...(server.name.includes(':') ? [server.name] : [])])],
    frames: [...server.pools.flatMap(citedFrames), ...server.lan.flatMap((loss) => loss.frames)],
    count: Math.max(1, refusals),
    why: 'why',
    whatToDo: 'whatToDo',
    caveats: caveatsOf(server),
    data: {
      server: server.name,
      lost: lostText,
      refusals,
      later,
      silenceSeconds: Math.max(0, ...server.lan.map((loss) => round(loss.silenceSeconds))),
    },
    facts: {
      server: server.name,
      poolAddresses: poolSize,
      lostAddresses: lostText,
      refusals,
      laterAssignments: later,
      unreachables: server.lan.reduce((sum, loss) => sum + loss.unreachables, 0),
    },
    series: pictureOf(server),
  });
  if (tier === null) context.undecided('drops', about);
  else context.judged(about);
  return tier === null ? 0 : lost.length;
}

/** The server, and the addresses of its pool. */
function aboutOf(server: ServerCase, lost: readonly number[] = []): About {
  return {
    addresses: [...lost, ...server.pools.flatMap(({ pool }) => [...pool.byAddress.keys()])],
    macs: server.lan.map((loss) => loss.server.mac),
    names: [server.name],
  };
}

function caveatsOf(server: ServerCase): string[] {
  const caveats: string[] = [];
  if (server.pools.length > 0) caveats.push('caveatPool');
  if (server.pools.some(({ pool }) => pool.history.upAtStart.length > 0)) caveats.push('caveatStart');
  if (server.pools.some(({ pool }) => pool.history.kind === 'radius')) caveats.push('caveatAccounting');
  if (server.lan.length > 0) caveats.push('caveatLan');
  return caveats;
}

/** The Ack that gave the lost address, its release, up to four later assignments to others, each refusal (rules 4.6). */
function citedFrames(verdict: PoolVerdict): FrameCitation[] {
  const frames: Array<FrameCitation | null> = [];
  for (const { last } of verdict.lost) frames.push(last.frame, last.releaseFrame);
  for (const assignment of verdict.later.slice(0, MAX_LATER_FRAMES)) frames.push(assignment.frame);
  for (const { refusal } of verdict.proven) frames.push(...refusal.frames);
  return frames.filter((frame) => frame !== null);
}

function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
