/**
 * Dial-in sessions as their accounting tells them (RFC 2866): who was given which address by a network access server, when it
 * came back, and who was let in and got none (rules 4.6).
 */
import { formatIpv4, isHostAddress } from '../wire/ipv4.ts';
import type { Packet } from '../wire/packet.ts';
import {
  ACCT_INTERIM,
  ACCT_OFF,
  ACCT_ON,
  ACCT_START,
  ACCT_STOP,
  RADIUS_ACCESS_ACCEPT,
  RADIUS_ACCESS_REQUEST,
  RADIUS_ACCOUNTING_REQUEST,
  RADIUS_CUT,
  RADIUS_OK,
  type RadiusMessage,
} from '../wire/radius.ts';
import { cite } from './citation.ts';
import type { Assignment, PoolHistory, Refusal } from './dial-in-pool.ts';
import type { Domain } from './domains.ts';
import type { Names } from './names.ts';

/** A session number is not used again within this time; what comes sooner was sent again. */
const REUSE_SECONDS = 10;

const MAX_SERVERS = 256;
const MAX_SESSIONS = 4096;
const MAX_REQUESTS = 2048;
const MAX_ADMISSIONS = 1024;
/** Assignments and refusals kept, of all servers together. */
const MAX_EVENTS = 8192;

/** Attribute 7: PPP. */
const PROTOCOL_PPP = 1;
/** NAS error, NAS request, service unavailable (RFC 2866 5.10). */
const REFUSING_CAUSES: ReadonlySet<number> = new Set([9, 10, 15]);

/** Modems, ISDN, virtual, DSL and PPPoE ports; no LAN, cable or wireless ones (rules 4.6). */
function isDialInPort(type: number): boolean {
  return (type >= 0 && type <= 5) || (type >= 11 && type <= 16) || (type >= 30 && type <= 34);
}

/** What an Access-Request asks for, until it is answered. */
interface AccessRequest {
  readonly identity: string;
  readonly server: string;
  readonly framedProtocol: number;
  readonly portType: number;
}

/** A user that was let in. */
interface Admission {
  readonly time: number;
  /** RADIUS itself gives the address. */
  readonly isGiven: boolean;
  readonly framedProtocol: number;
  readonly portType: number;
}

type OpenAssignment = { -readonly [Key in keyof Assignment]: Assignment[Key] };

interface Session {
  readonly server: AccessServer;
  assignment: OpenAssignment | null;
  /** When it stopped; NaN while it runs. */
  stoppedAt: number;
}

interface AccessServer {
  /** What it is found by. */
  readonly key: string;
  readonly name: string;
  readonly address: number;
  readonly domain: Domain;
  readonly epoch: number;
  readonly assignments: OpenAssignment[];
  readonly refusals: Refusal[];
  readonly upAtStart: number[];
  readonly admissions: Map<string, Admission>;
  isCut: boolean;
  hasEvidence: boolean;
}

/** A call gets its address within this time of its Access-Accept, and at most as much later. */
const GRANT_SECONDS = 60;

/** A grant in a span of time: of one address, or of one user, who may get any. */
function grantKey(of: number | string, span: number): string {
  return `${of}/${span}`;
}

export class RadiusSessions {
  evictions = 0;
  readonly #grants = new Set<string>();
  readonly #names: Names;
  readonly #epochOf: (interfaceIndex: number) => number;
  readonly #servers = new Map<string, AccessServer>();
  readonly #closed: AccessServer[] = [];
  readonly #sessions = new Map<string, Session>();
  readonly #requests = new Map<string, AccessRequest>();
  #events = 0;

  /** `names` takes the users in; `epochOf` tells the clock epoch of an interface. */
  constructor(names: Names, epochOf: (interfaceIndex: number) => number) {
    this.#names = names;
    this.#epochOf = epochOf;
  }

  /** A message; `status` is what its decoder said. */
  message(packet: Packet, message: RadiusMessage, status: number, domain: Domain): void {
    if (status !== RADIUS_OK && status !== RADIUS_CUT) return;
    const { code } = message;
    if (code === RADIUS_ACCESS_REQUEST || code === RADIUS_ACCOUNTING_REQUEST) {
      const server = this.#serverOf(packet, message, status, domain);
      if (server === undefined) return;
      if (status === RADIUS_CUT) {
        server.isCut = true;
        return;
      }
      this.#names.note(message.userName, packet.time);
      if (code === RADIUS_ACCESS_REQUEST) this.#ask(packet, message, server);
      else this.#account(packet, message, server);
    } else if (code === RADIUS_ACCESS_ACCEPT) this.#admit(packet, message);
  }

  /** A new clock epoch on the interface. */
  restart(interfaceIndex: number): void {
    for (const [key, server] of this.#servers) {
      if (server.domain.interface !== interfaceIndex) continue;
      this.#servers.delete(key);
      if (this.#closed.length < MAX_SERVERS) this.#closed.push(server);
    }
    for (const [key, session] of this.#sessions)
      if (session.server.domain.interface === interfaceIndex) this.#sessions.delete(key);
  }

  pools(): PoolHistory[] {
    return [...this.#closed, ...this.#servers.values()]
      .filter((server) => server.hasEvidence || server.isCut)
      .map((server) => ({
        name: server.name,
        address: server.address,
        domain: server.domain,
        epoch: server.epoch,
        kind: 'radius' as const,
        assignments: server.assignments.toSorted((a, b) => a.time - b.time),
        refusals: server.refusals.toSorted((a, b) => a.time - b.time),
        unrefused: [],
        offers: [],
        upAtStart: server.upAtStart,
        isCut: server.isCut,
        isOneWay: false,
        hasEvidence: server.hasEvidence,
      }));
  }

  /** By NAS-IP-Address or NAS-Identifier; by where the message comes from if neither is there, or was cut. */
  #serverOf(
    packet: Packet,
    message: RadiusMessage,
    status: number,
    domain: Domain,
  ): AccessServer | undefined {
    const { nasAddress, nasIdentifier } = message;
    const isNamed = nasAddress === 0 && nasIdentifier !== '' && status === RADIUS_OK;
    const address = nasAddress !== 0 ? nasAddress : packet.ipSource;
    const key = isNamed ? `${packet.domain}/${nasIdentifier}` : `${packet.domain}/${address}`;
    const known = this.#servers.get(key);
    if (known) return known;
    if (this.#servers.size >= MAX_SERVERS) {
      this.evictions += 1;
      return undefined;
    }
    const server: AccessServer = {
      key,
      name: formatIpv4(address),
      address,
      domain,
      epoch: this.#epochOf(domain.interface),
      assignments: [],
      refusals: [],
      upAtStart: [],
      admissions: new Map(),
      isCut: false,
      hasEvidence: false,
    };
    this.#servers.set(key, server);
    return server;
  }

  #ask(packet: Packet, message: RadiusMessage, server: AccessServer): void {
    const key = `${packet.domain}/${packet.ipSource}/${packet.view.getUint16(packet.transport)}/${message.identifier}`;
    makeRoom(this.#requests, MAX_REQUESTS);
    this.#requests.set(key, {
      identity: identityOf(message),
      server: server.key,
      framedProtocol: message.framedProtocol,
      portType: message.portType,
    });
  }

  #admit(packet: Packet, message: RadiusMessage): void {
    const port = packet.view.getUint16(packet.transport + 2);
    const key = `${packet.domain}/${packet.ipDestination}/${port}/${message.identifier}`;
    const request = this.#requests.get(key);
    const server = request && this.#servers.get(request.server);
    if (request === undefined || server === undefined) return;
    this.#requests.delete(key);
    this.#grant(packet.time, message, request.identity);
    makeRoom(server.admissions, MAX_ADMISSIONS);
    server.admissions.delete(request.identity);
    server.admissions.set(request.identity, {
      time: packet.time,
      isGiven: message.framedPool || isConcrete(message.framedAddress),
      framedProtocol: message.framedProtocol >= 0 ? message.framedProtocol : request.framedProtocol,
      portType: request.portType,
    });
  }

  /** Notes that the address does not come from a static pool of the server. */
  #grant(time: number, { framedAddress, framedPool }: RadiusMessage, identity: string): void {
    const of = isConcrete(framedAddress) ? framedAddress : framedPool ? identity : '';
    if (of === '') return;
    if (this.#grants.size < MAX_EVENTS) this.#grants.add(grantKey(of, Math.floor(time / GRANT_SECONDS)));
    else this.evictions += 1;
  }

  /** True if RADIUS itself gave what was assigned: the address, or any that a pool of that name has. */
  isGranted({ address, identity, time }: Assignment): boolean {
    const span = Math.floor(time / GRANT_SECONDS);
    return [span, span - 1].some(
      (at) => this.#grants.has(grantKey(address, at)) || this.#grants.has(grantKey(identity, at)),
    );
  }

  #account(packet: Packet, message: RadiusMessage, server: AccessServer): void {
    const time = packet.time - Math.min(message.delaySeconds, 3600);
    if (message.status === ACCT_ON || message.status === ACCT_OFF) {
      this.#releaseAll(packet, server, time);
      return;
    }
    const identity = identityOf(message);
    const admission = server.admissions.get(identity);
    const protocol = message.framedProtocol >= 0 ? message.framedProtocol : (admission?.framedProtocol ?? -1);
    const port = message.portType >= 0 ? message.portType : (admission?.portType ?? -1);
    if (protocol !== PROTOCOL_PPP || !isDialInPort(port) || message.session === '') return;
    server.hasEvidence = true;
    if (message.framedPool || admission?.isGiven) return;
    const key = `${server.key}/${message.session}`;
    if (message.status === ACCT_START || message.status === ACCT_INTERIM)
      this.#assign(packet, message, server, key, identity, time);
    else if (message.status === ACCT_STOP) this.#stop(packet, message, server, key, identity, time);
  }

  #assign(
    packet: Packet,
    message: RadiusMessage,
    server: AccessServer,
    key: string,
    identity: string,
    time: number,
  ): void {
    let session = this.#sessions.get(key);
    // A number that is given again, as after a restart of the server, is another session.
    const isAgain = session !== undefined && time > session.stoppedAt + REUSE_SECONDS;
    if (session === undefined || isAgain) {
      session = { server, assignment: null, stoppedAt: Number.NaN };
      this.evictions += makeRoom(this.#sessions, MAX_SESSIONS);
      this.#sessions.set(key, session);
      if (message.status === ACCT_INTERIM && server.upAtStart.length < MAX_SESSIONS)
        server.upAtStart.push(Number.NaN);
    }
    const address = message.framedAddress;
    if (!Number.isNaN(session.stoppedAt) || !isConcrete(address) || session.assignment?.address === address)
      return;
    if (this.#events >= MAX_EVENTS) {
      this.evictions += 1;
      return;
    }
    this.#events += 1;
    const what = message.status === ACCT_START ? 'Start' : 'Interim-Update';
    const frame = cite(packet, 'assignment', `RADIUS accounting ${what}, ${formatIpv4(address)}`);
    session.assignment = {
      ...{ address, identity, time, frame, wasOffered: true },
      ...{ until: Number.NaN, isHard: false, releaseFrame: null, absence: null, silences: [] },
    };
    server.assignments.push(session.assignment);
  }

  #stop(
    packet: Packet,
    message: RadiusMessage,
    server: AccessServer,
    key: string,
    identity: string,
    time: number,
  ): void {
    const session = this.#sessions.get(key);
    if (session !== undefined && !Number.isNaN(session.stoppedAt)) return;
    this.evictions += makeRoom(this.#sessions, MAX_SESSIONS);
    const assignment = session?.assignment ?? null;
    this.#sessions.set(key, { server, assignment, stoppedAt: time });
    const address = message.framedAddress;
    if (assignment !== null) {
      assignment.until = time;
      assignment.isHard = true;
      assignment.releaseFrame = cite(
        packet,
        'release',
        `RADIUS accounting Stop, ${formatIpv4(assignment.address)}`,
      );
      return;
    }
    const admission = server.admissions.get(identity);
    const seconds = message.sessionSeconds;
    if (isConcrete(address) && seconds > 0) {
      this.#unseenSession(packet, message, server, identity, time);
      return;
    }
    if (admission === undefined || this.#events >= MAX_EVENTS) return;
    const isRefused = seconds === 0 || REFUSING_CAUSES.has(message.terminateCause) || !isConcrete(address);
    if (!isRefused) return;
    const cause = message.terminateCause < 0 ? 'none' : String(message.terminateCause);
    const frame = cite(
      packet,
      'refusal',
      `RADIUS accounting Stop after ${Math.max(0, seconds)} s, cause ${cause}`,
    );
    this.#events += 1;
    server.refusals.push({
      identity,
      time,
      isPoolEmpty: false,
      frames: [frame],
      absence: null,
    });
  }

  /** Its Start was not seen: it began before the capture, or was lost on the way. The address was given all the same. */
  #unseenSession(
    packet: Packet,
    message: RadiusMessage,
    server: AccessServer,
    identity: string,
    until: number,
  ): void {
    const time = until - message.sessionSeconds;
    if (!(time >= server.domain.liveness.firstTime)) {
      server.upAtStart.push(until);
      return;
    }
    if (this.#events >= MAX_EVENTS) {
      this.evictions += 1;
      return;
    }
    this.#events += 1;
    const address = message.framedAddress;
    const frame = cite(packet, 'release', `RADIUS accounting Stop, ${formatIpv4(address)}`);
    server.assignments.push({
      ...{ address, identity, time, frame, wasOffered: true },
      ...{ until, isHard: true, releaseFrame: frame, absence: null, silences: [] },
    });
  }

  #releaseAll(packet: Packet, server: AccessServer, time: number): void {
    for (const session of this.#sessions.values()) {
      const { assignment } = session;
      if (session.server !== server || !Number.isNaN(session.stoppedAt)) continue;
      session.stoppedAt = time;
      if (assignment === null) continue;
      assignment.until = time;
      assignment.isHard = true;
      assignment.releaseFrame = cite(packet, 'release', 'RADIUS Accounting-On or -Off');
    }
  }
}

function identityOf(message: RadiusMessage): string {
  if (message.userName !== '') return `name ${message.userName}`;
  return message.callingStation === '' ? '' : `calling ${message.callingStation}`;
}

/** An address, and no wish that the user or the server may pick one (RFC 2865 5.8). */
function isConcrete(address: number): boolean {
  return address !== -1 && address !== -2 && isHostAddress(address);
}

/** Removes the oldest eighth of a full map; answers how many entries that were. */
function makeRoom<Value>(map: Map<string, Value>, limit: number): number {
  if (map.size < limit) return 0;
  let removed = 0;
  for (const key of map.keys()) {
    if (map.size <= limit - limit / 8) break;
    map.delete(key);
    removed += 1;
  }
  return removed;
}
