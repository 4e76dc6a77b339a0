/**
 * The address pool of a dial-in server as the capture shows it: who was given which address, when it came back, and who was
 * refused (rules 4.3). Servers are told apart by their address, the MAC address of an access concentrator, or, on lines, the
 * address that they use themselves.
 */
import type { FrameCitation } from '../engine/result.ts';
import { formatIpv4 } from '../wire/ipv4.ts';
import { formatMac } from '../wire/mac.ts';
import type { Call, Holding, RefusalSign, Side, SideOrNone, Span } from './dial-in-call.ts';
import type { Domain } from './domains.ts';

/** How a server is reached and known: tunnels of both kinds end at one address, and share its pool. */
export type ServerKind = 'tunnel' | 'pppoe' | 'line';

/** An address given to a caller. */
export interface Assignment {
  readonly address: number;
  /**
   * Who called: the name of its authentication, or the one that was given from there in other calls; else where it calls from. Empty
   * where calls without a name cannot be told apart: on lines, and if several names were given from there.
   */
  readonly identity: string;
  readonly time: number;
  readonly frame: FrameCitation;
  /** The server chose the address. */
  readonly wasOffered: boolean;
  /** When it came back; NaN if that is not known, or has not happened. */
  readonly until: number;
  readonly isHard: boolean;
  readonly releaseFrame: FrameCitation | null;
  readonly absence: Span | null;
  /** Spans without a packet of the call. */
  readonly silences: readonly Span[];
}

/** A caller that was let in and got no address. */
export interface Refusal {
  readonly identity: string;
  readonly time: number;
  /** The server says that its pool is empty (RAS error 717). */
  readonly isPoolEmpty: boolean;
  readonly frames: readonly FrameCitation[];
  /** What was not seen, where the refusal rests on that. */
  readonly absence: Span | null;
}

/** An address in negotiation: given, for all that is known. */
export interface Offer {
  readonly address: number;
  /** Who called, as of an assignment. */
  readonly identity: string;
  readonly time: number;
}

/** The end of a call that was seen as a whole and was not refused. */
export interface CallEnd {
  readonly identity: string;
  readonly time: number;
}

export interface PoolHistory {
  /** What the server is called: an address, or a MAC address. */
  readonly name: string;
  /** IPv4 address of the server, 0 if it is not known. */
  readonly address: number;
  readonly domain: Domain;
  /** Clock epoch of its interface. */
  readonly epoch: number;
  readonly kind: ServerKind | 'radius';
  /** By time. */
  readonly assignments: Assignment[];
  readonly refusals: Refusal[];
  readonly unrefused: CallEnd[];
  /** Addresses that were offered, or asked for, in calls that were not seen to be given them. */
  readonly offers: Offer[];
  /** Ends of the server's calls, of whatever kind, that were up when the capture began; NaN for one that was not seen to end. */
  readonly upAtStart: number[];
  isCut: boolean;
  /** No call of it was captured in both directions. */
  readonly isOneWay: boolean;
  /** IPCP, or accounting of that kind, was seen. */
  hasEvidence: boolean;
}

export interface PoolOptions {
  readonly serverLinks: number;
  readonly ipcpRequests: number;
}

/** RAS error number: no address is left in the static pool (Q163111 as told in the rule). */
const ERROR_POOL_EMPTY = 0x2cd;

/** The side that shows itself as the server in IPCP, or -1. */
function ipcpServer(call: Call): SideOrNone {
  const { requests, hasOffered } = call.network;
  for (const side of [0, 1] as const) {
    if (hasOffered[side] && !hasOffered[1 - side]) return side;
  }
  for (const side of [0, 1] as const) {
    const peer = requests[1 - side];
    const wasGiven = call.network.holdings.some((holding) => holding.side === 1 - side);
    if (wasGiven && peer?.firstAddress === 0 && requests[side].address !== 0) return side;
  }
  return -1;
}

interface Group {
  readonly side: Side;
  /** Clock epoch. */
  readonly epoch: number;
  readonly calls: Call[];
  /** Links on which IPCP showed the server; a line is one, however many calls it carries. */
  readonly shownOn: Set<Call | Domain>;
  readonly ownAddress: number;
}

/** Puts calls together by server. */
export function poolsOf(calls: readonly Call[], options: PoolOptions): PoolHistory[] {
  const groups = new Map<string, Group>();
  const rest: Call[] = [];
  for (const call of calls) {
    const side = serverSideOf(call);
    const ownAddress = side < 0 ? 0 : call.network.requests[side as Side].address;
    // A line has no name of its own: its server is known by the address that it uses.
    if (side < 0 || (call.carrier === 'line' && ownAddress === 0)) rest.push(call);
    else addTo(groups, call, side as Side, ownAddress);
  }
  const strays = rest.filter((call) => !placeByEnds(groups, call));
  const places = new Map<string, Place[]>();
  for (const group of groups.values()) {
    const history = historyOf(group, options);
    const isHinted = group.calls.some((call) => call.serverHint === group.side);
    const place = { history, links: isHinted ? options.serverLinks : group.shownOn.size };
    const key = placeName(history.kind, group.epoch, history.name);
    const known = places.get(key);
    if (known) known.push(place);
    else places.set(key, [place]);
  }
  for (const call of strays) noteStray(places, call);
  return [...places.values()].flatMap((ofServer) => serversOf(ofServer, options));
}

/** Calls in one domain to one address. */
interface Place {
  readonly history: PoolHistory;
  /** Links that show its server. */
  readonly links: number;
}

function nameOfEnd(kind: ServerKind, end: number): string {
  return kind === 'pppoe' ? formatMac(end) : formatIpv4(end);
}

function placeName(kind: PoolHistory['kind'], epoch: number, name: string): string {
  return `${kind}/${epoch}/${name}`;
}

/** A call in a VLAN of which nothing else is known, to what is a server's end in others: one that was up at the start counts. */
function noteStray(places: ReadonlyMap<string, readonly Place[]>, call: Call): void {
  const kind = kindOf(call);
  if (call.isOpened || kind === 'line') return;
  for (const end of call.ends) {
    const [known] = places.get(placeName(kind, call.epoch, nameOfEnd(kind, end))) ?? [];
    known?.history.upAtStart.push(endAtStart(call));
  }
}

/**
 * The servers among places of one name. One that is shown by enough links in one of its VLANs hands its pool to calls in all of them,
 * so that those of each count that were up at the start, and the addresses that were given.
 */
function serversOf(places: readonly Place[], options: PoolOptions): PoolHistory[] {
  if (!places.some(({ links }) => links >= options.serverLinks)) return [];
  // A concentrator may have thousands of VLANs: they share one list.
  const upAtStart = places.flatMap(({ history }) => history.upAtStart);
  return places.filter(({ links }) => links > 0).map(({ history }) => ({ ...history, upAtStart }));
}

/** When a call ended that was up at the start; NaN if that was not seen. */
function endAtStart(call: Call): number {
  return call.endFrame === null ? Number.NaN : call.end;
}

function serverSideOf(call: Call): SideOrNone {
  const shown = ipcpServer(call);
  return shown >= 0 ? shown : call.serverHint;
}

function keyOf(call: Call, side: Side, ownAddress: number): string {
  if (call.carrier === 'line') return `line/${call.epoch}/${ownAddress}/${side}`;
  return placeOf(call, side);
}

function placeOf(call: Call, side: Side): string {
  return `${kindOf(call)}/${call.domain.index}/${call.epoch}/${call.ends[side]}`;
}

function kindOf({ carrier }: Call): ServerKind {
  return carrier === 'pptp' || carrier === 'l2tp' ? 'tunnel' : carrier;
}

function addTo(groups: Map<string, Group>, call: Call, side: Side, ownAddress: number): void {
  const key = keyOf(call, side, ownAddress);
  let group = groups.get(key);
  if (group === undefined) {
    group = { side, epoch: call.epoch, calls: [], shownOn: new Set(), ownAddress };
    groups.set(key, group);
  }
  group.calls.push(call);
  if (ipcpServer(call) === side && ownAddress !== 0)
    group.shownOn.add(call.carrier === 'line' ? call.domain : call);
}

/** A call that does not show who the server is: true if its ends, or its line, are those of a server known from other calls. */
function placeByEnds(groups: Map<string, Group>, call: Call): boolean {
  if (call.carrier === 'line') {
    const lines = [...groups.values()].filter((group) => {
      const [first] = group.calls;
      return first?.carrier === 'line' && first.epoch === call.epoch;
    });
    const same = lines.find((group) => group.calls.some((other) => other.domain === call.domain));
    // One server on all lines known: so it is on this one.
    const group = same ?? (lines.length === 1 ? lines[0] : undefined);
    group?.calls.push(call);
    return group !== undefined;
  }
  for (const side of [1, 0] as const) {
    const group = groups.get(placeOf(call, side));
    if (group === undefined) continue;
    group.calls.push(call);
    return true;
  }
  return false;
}

function historyOf(group: Group, options: PoolOptions): PoolHistory {
  const [first] = group.calls;
  if (first === undefined) throw new Error('a group has calls');
  const kind = kindOf(first);
  const address = kind === 'tunnel' ? first.ends[group.side] : group.ownAddress;
  const history: PoolHistory = {
    name: kind === 'line' ? formatIpv4(address) : nameOfEnd(kind, first.ends[group.side]),
    address,
    domain: first.domain,
    epoch: group.epoch,
    kind,
    assignments: [],
    refusals: [],
    unrefused: [],
    offers: [],
    upAtStart: [],
    isCut: false,
    isOneWay: !group.calls.some(isHeardBothWays),
    hasEvidence: false,
  };
  const serverOf = (call: Call): Side => {
    if (call.carrier === 'line') return group.side;
    return call.ends[0] === first.ends[group.side] ? 0 : 1;
  };
  const names = namesOf(group.calls, serverOf);
  const taken = new Set<Holding>();
  for (const call of group.calls) {
    const server = serverOf(call);
    if (!call.isOpened) history.upAtStart.push(endAtStart(call));
    if (call.isCut) history.isCut = true;
    if (call.network.requests.some((run) => run.count > 0)) history.hasEvidence = true;
    const identity = identityOf(call, server, names);
    noteOffers(history, call, (1 - server) as Side, identity, options);
    for (const holding of call.network.holdings) {
      if (holding.side === server || taken.has(holding)) continue;
      taken.add(holding);
      history.assignments.push(assignmentOf(holding, identity));
    }
  }
  history.assignments.sort((a, b) => a.time - b.time);
  // A Configure-Reject of 0.0.0.0 refuses only where the server gave an address before.
  const firstGiven = history.assignments[0]?.time ?? Number.POSITIVE_INFINITY;
  for (const call of group.calls) {
    const server = serverOf(call);
    const identity = identityOf(call, server, names);
    const refusal = refusalOf(call, server, identity, firstGiven, options);
    if (refusal) history.refusals.push(refusal);
    else if (call.isOpened && !call.isCut && call.endFrame !== null)
      history.unrefused.push({ identity, time: call.end });
  }
  history.refusals.sort((a, b) => a.time - b.time);
  return history;
}

function noteOffers(
  history: PoolHistory,
  call: Call,
  client: Side,
  identity: string,
  options: PoolOptions,
): void {
  const { offered, requests, holdings } = call.network;
  for (const address of new Set([offered[client], requests[client].address])) {
    const isGiven = holdings.some((holding) => holding.side === client && holding.address === address);
    if (address === 0 || isGiven || (address !== offered[client] && isDenied(call, client, options)))
      continue;
    history.offers.push({ address, identity, time: call.start });
  }
}

/** The caller asked for an address, and was told something else, or asked in vain and left: that is no Ack which the capture missed. */
function isDenied(call: Call, client: Side, { ipcpRequests }: PoolOptions): boolean {
  if (call.hasSent[client]) return false;
  const { isAnswered, count } = call.network.requests[client];
  const isInVain = count >= ipcpRequests && call.isDown && isHeardBothWays(call);
  return isAnswered || isInVain || call.signs.some(({ side }) => side !== client);
}

function nameOf(call: Call, server: Side): string {
  return call.names[(1 - server) as Side] || call.names[server];
}

/** The names that callers gave, by where they call from. */
function namesOf(calls: readonly Call[], serverOf: (call: Call) => Side): Map<number, Set<string>> {
  const names = new Map<number, Set<string>>();
  for (const call of calls) {
    const name = nameOf(call, serverOf(call));
    const end = endOf(call, serverOf(call));
    if (name !== '' && end !== 0) names.set(end, (names.get(end) ?? new Set()).add(name));
  }
  return names;
}

/** Where it was called from; 0 if that does not tell callers apart. */
function endOf(call: Call, server: Side): number {
  return call.carrier === 'line' ? 0 : call.ends[(1 - server) as Side];
}

/** True if an identity is the name of a caller, and not where he calls from. */
export function isName(identity: string): boolean {
  return identity.startsWith('name ');
}

/** Callers that surely differ: one without a name may be any of those with one. */
export function countCallers(identities: Iterable<string>): number {
  const distinct = new Set(identities);
  const hasNobody = distinct.delete('');
  const named = [...distinct].filter(isName).length;
  return Math.max(named, distinct.size - named, hasNobody ? 1 : 0);
}

function identityOf(call: Call, server: Side, names: ReadonlyMap<number, ReadonlySet<string>>): string {
  const own = nameOf(call, server);
  if (own !== '') return `name ${own}`;
  const end = endOf(call, server);
  if (end === 0) return '';
  // The capture missed the name.
  const [name, other] = names.get(end) ?? [];
  if (name === undefined) return `from ${end}`;
  return other === undefined ? `name ${name}` : '';
}

function assignmentOf(holding: Holding, identity: string): Assignment {
  const { address, from, frame, wasOffered, until, isHard, releaseFrame, absence, silences } = holding;
  return {
    ...{ address, identity, time: from, frame, wasOffered },
    ...{ until, isHard, releaseFrame, absence, silences },
  };
}

/** The call as a refusal, or null. */
function refusalOf(
  call: Call,
  server: Side,
  identity: string,
  firstGiven: number,
  options: PoolOptions,
): Refusal | null {
  for (const sign of call.signs) {
    if (!isRefusing(server, sign, firstGiven)) continue;
    return refusedBy(call, server, identity, sign);
  }
  const run = call.network.requests[1 - server];
  if (run === undefined || run.count < options.ipcpRequests || run.isAnswered || run.firstFrame === null)
    return null;
  const isAnsweredElsewhere = call.answered[server] > run.firstTime;
  if (!isAnsweredElsewhere || !isEligible(call, server, Number.POSITIVE_INFINITY)) return null;
  const absence = { from: run.firstTime, to: call.end };
  if (!call.wasAliveInVain((1 - server) as Side)) return null;
  const frames = [run.firstFrame, call.endFrame].filter((frame) => frame !== null);
  return { identity, time: run.firstTime, isPoolEmpty: false, frames, absence };
}

function refusedBy(call: Call, server: Side, identity: string, sign: RefusalSign): Refusal | null {
  if (!isEligible(call, server, sign.time)) return null;
  const wasOffered = call.network.offered[(1 - server) as Side] !== 0;
  const isPoolEmpty = sign.code === ERROR_POOL_EMPTY;
  // An empty pool the server tells by itself. Else a caller that was not heard may have ended the call, or turned something down.
  if (!isPoolEmpty && (wasOffered || !isHeardBothWays(call))) return null;
  const frames =
    sign.frame === call.endFrame || call.endFrame === null ? [sign.frame] : [sign.frame, call.endFrame];
  return { identity, time: sign.time, isPoolEmpty, frames, absence: null };
}

/** Packets of both sides were captured; a line may not tell its directions. */
function isHeardBothWays({ carrier, wasHeard }: Call): boolean {
  return carrier === 'line' || (wasHeard[0] && wasHeard[1]);
}

/** A sign of the server that stands for a refusal by itself (rules 4.2). */
function isRefusing(server: Side, sign: RefusalSign, firstGiven: number): boolean {
  const isPoolEmpty = sign.code === ERROR_POOL_EMPTY;
  // Only a server has a pool: the code tells who sent it where the link does not.
  if (sign.side !== server && !(sign.side < 0 && isPoolEmpty)) return false;
  if (sign.kind === 'terminate') return isPoolEmpty || (sign.code <= 0 && !sign.hasFailedEncryption);
  return sign.kind !== 'rejectZero' || sign.time > firstGiven;
}

/** The caller was let in, stayed to be refused at `time`, and left without an address, not on its own accord. */
function isEligible(call: Call, server: Side, time: number): boolean {
  const client = (1 - server) as Side;
  if (!call.isDown || call.endFrame === null || !call.isOpened) return false;
  if (call.hasAuthFailed || !(call.isAuthenticated || call.hasReachedNetwork) || call.isCallback)
    return false;
  if (call.network.holdings.some((holding) => holding.side === client)) return false;
  if (call.rejectedIpcp[client] <= time) return false;
  // Whoever sends data was served, though the capture missed how.
  if (call.hasSent[client]) return false;
  // A caller that gives up after requests in vain was refused; one that leaves before the server spoke was not.
  return time === Number.POSITIVE_INFINITY || !(call.terminated[client] < time);
}
