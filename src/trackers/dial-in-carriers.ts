/**
 * How calls are set up and torn down, by carrier: PPTP calls over their control connection (RFC 2637), L2TP sessions (RFC 2661),
 * PPPoE sessions (RFC 2516). Each leads to a link, found again by its packets; what began before the capture is found by its
 * packets alone.
 */
import { macLow, macNumber } from '../wire/mac.ts';
import {
  L2TP_CDN,
  L2TP_ICRP,
  L2TP_ICRQ,
  L2TP_OCRP,
  L2TP_OCRQ,
  L2TP_STOP,
  type L2tpMessage,
} from '../wire/l2tp.ts';
import type { Packet } from '../wire/packet.ts';
import { PPPOE_PADO, PPPOE_PADS, PPPOE_PADT, type PppoeHeader } from '../wire/pppoe.ts';
import {
  PPTP_CALL_CLEAR,
  PPTP_CALL_DISCONNECT,
  PPTP_CONNECTED,
  PPTP_INCOMING_REPLY,
  PPTP_INCOMING_REQUEST,
  PPTP_OUTGOING_REPLY,
  PPTP_OUTGOING_REQUEST,
  PPTP_STOP_REPLY,
  PPTP_STOP_REQUEST,
  type PptpMessage,
} from '../wire/pptp.ts';
import { cite } from './citation.ts';
import type { Carrier, SideOrNone } from './dial-in-call.ts';
import { type Direction, LinkTable } from './dial-in-links.ts';
import { type CallRegister, DialInLink } from './dial-in-ppp.ts';
import type { ControlStream, StreamListener } from './dial-in-streams.ts';
import type { Domain } from './domains.ts';

/** `extra` of directions that are no MAC addresses, and of pairs of ends whose calls are not known by number. */
const PPTP_EXTRA = -1;
const L2TP_EXTRA = -2;
const COOKED_EXTRA = -3;
const PAIR_ID = -1;
const MAX_ASKED = 256;
const MAX_CONCENTRATORS = 1024;
const MAX_TUNNELS = 1024;
const MAX_PAIRS = 4096;
const MAX_STREAM_LINKS = 256;

/** A link known by its ends alone, and which directions were already matched with a number. */
interface Pair {
  readonly link: DialInLink;
  readonly isBound: [boolean, boolean];
}

/** An L2TP tunnel between two addresses, the lower one first. */
interface Tunnel {
  /** Sessions asked for: the number that the asking side gave, and who asked for what. */
  readonly asked: Map<
    number,
    { readonly from: number; readonly tunnel: number; readonly isIncoming: boolean }
  >;
}

export class Carriers implements StreamListener {
  readonly table: LinkTable;
  readonly #register: CallRegister;
  readonly #epochOf: (interfaceIndex: number) => number;
  readonly #domainOf: (index: number) => Domain;
  readonly #directions = new Map<DialInLink, Direction[]>();
  readonly #pairs = new Map<string, Pair>();
  readonly #tunnels = new Map<string, Tunnel>();
  readonly #concentrators = new Set<string>();
  readonly #lines: DialInLink[] = [];

  constructor(
    register: CallRegister,
    domainOf: (index: number) => Domain,
    epochOf: (interfaceIndex: number) => number,
  ) {
    this.#register = register;
    this.#domainOf = domainOf;
    this.#epochOf = epochOf;
    this.table = new LinkTable((link) => {
      link.close(link.lastTime, null);
      this.#forget(link);
    });
  }

  /** The line that a domain is. */
  line(packet: Packet): DialInLink {
    const known = this.#lines[packet.domain];
    if (known !== undefined) return known;
    const link = this.#newLink('line', packet.domain, [0, 1]);
    this.#lines[packet.domain] = link;
    return link;
  }

  /** Every link that is there. */
  *links(): Generator<DialInLink> {
    yield* this.#directions.keys();
    for (const link of this.#lines) if (link) yield link;
  }

  /** The direction that a GRE packet with this call number belongs to. */
  gre(packet: Packet, call: number): Direction {
    const { domain, ipSource, ipDestination } = packet;
    return (
      this.table.find(domain, ipSource, ipDestination, call, PPTP_EXTRA) ??
      this.#byPair(packet, 'pptp', call, PPTP_EXTRA)
    );
  }

  /** The direction that an L2TP data message belongs to. */
  l2tp(packet: Packet, message: L2tpMessage): Direction {
    const { domain, ipSource, ipDestination } = packet;
    const id = (message.tunnel << 16) | message.session;
    return (
      this.table.find(domain, ipSource, ipDestination, id, L2TP_EXTRA) ??
      this.#byPair(packet, 'l2tp', id, L2TP_EXTRA)
    );
  }

  /** The direction that a PPPoE session packet belongs to. */
  pppoe(packet: Packet, session: number): Direction {
    const known = this.#findPppoe(packet, session);
    if (known !== undefined) return known;
    const source = sourceOf(packet);
    const isServer = this.#concentrators.has(`${packet.domain}/${source}`);
    return this.#addPppoe(packet, session, isServer, isServer || this.#isConcentratorAhead(packet));
  }

  pppoeDiscovery(packet: Packet, header: PppoeHeader): void {
    const { code, session } = header;
    if (packet.sourceHigh < 0) return;
    if (code === PPPOE_PADO || code === PPPOE_PADS) {
      if (this.#concentrators.size < MAX_CONCENTRATORS)
        this.#concentrators.add(`${packet.domain}/${sourceOf(packet)}`);
    }
    if (code === PPPOE_PADS && session !== 0) {
      const direction = this.#findPppoe(packet, session) ?? this.#addPppoe(packet, session, true, true);
      direction.link.isSetUp = true;
    } else if (code === PPPOE_PADT) {
      const direction = this.#findPppoe(packet, session);
      if (direction) this.#close(packet, direction.link, 'PPPoE PADT');
    }
  }

  pptpMessage(packet: Packet, stream: ControlStream, side: 0 | 1, message: PptpMessage): void {
    const { type, call, peerCall, result } = message;
    if (type === PPTP_OUTGOING_REQUEST || type === PPTP_INCOMING_REQUEST) {
      if (call >= 0 && stream.asked.size < MAX_ASKED) stream.asked.set(call, side);
    } else if (type === PPTP_OUTGOING_REPLY || type === PPTP_INCOMING_REPLY) {
      if (result === PPTP_CONNECTED && call >= 0 && peerCall >= 0)
        this.#connectPptp(stream, side, call, peerCall);
    } else if (type === PPTP_CALL_CLEAR || type === PPTP_CALL_DISCONNECT) {
      const name = type === PPTP_CALL_CLEAR ? 'PPTP Call-Clear-Request' : 'PPTP Call-Disconnect-Notify';
      const link = call < 0 ? undefined : this.#pptpLink(stream, side, call);
      if (link) this.#close(packet, link, name);
    } else if (type === PPTP_STOP_REQUEST || type === PPTP_STOP_REPLY)
      this.#closeStream(packet, stream, 'PPTP Stop-Control-Connection');
  }

  pptpClosed(packet: Packet, stream: ControlStream | undefined): void {
    const name = 'end of the PPTP control connection';
    if (stream !== undefined) {
      this.#closeStream(packet, stream, name);
      return;
    }
    const pair = this.#pairs.get(pairKey(packet, PPTP_EXTRA));
    if (pair && !pair.link.isSetUp && this.#isOnlyOne(pair.link)) this.#close(packet, pair.link, name);
  }

  l2tpControl(packet: Packet, message: L2tpMessage): void {
    const { ipSource, ipDestination } = packet;
    const { type, tunnel: number, session, assignedSession } = message;
    if (type === L2TP_ICRQ || type === L2TP_OCRQ) {
      const { asked } = this.#tunnel(packet);
      const isIncoming = type === L2TP_ICRQ;
      if (assignedSession > 0 && asked.size < MAX_ASKED * 4)
        asked.set(assignedSession, { from: ipSource, tunnel: number, isIncoming });
    } else if (type === L2TP_ICRP || type === L2TP_OCRP) {
      this.#connectL2tp(packet, message);
    } else if (type === L2TP_CDN) {
      const id = (number << 16) | session;
      const known =
        session === 0 ? undefined : this.table.find(packet.domain, ipSource, ipDestination, id, L2TP_EXTRA);
      const link = known?.link ?? this.#l2tpLinkOf(packet, assignedSession);
      if (link) this.#close(packet, link, 'L2TP Call-Disconnect-Notify');
    } else if (type === L2TP_STOP) {
      for (const link of this.#l2tpLinks(packet, (id) => id >>> 16 === number))
        this.#close(packet, link, 'L2TP Stop-Control-Connection-Notification');
    }
  }

  /** A new clock epoch: every link of the interface begins anew. */
  restart(interfaceIndex: number): void {
    const epoch = this.#epochOf(interfaceIndex);
    for (const link of this.links()) if (link.domain.interface === interfaceIndex) link.cutOff(epoch);
  }

  #newLink(carrier: Carrier, domain: number, ends: readonly [number, number]): DialInLink {
    const found = this.#domainOf(domain);
    return new DialInLink(this.#register, carrier, found, ends, this.#epochOf(found.interface));
  }

  #add(direction: Direction): Direction {
    const { domain, from, to, id, extra } = direction;
    const replaced = this.table.find(domain, from, to, id, extra)?.link;
    // Numbers given anew: what became of the call that had them, nobody knows.
    if (replaced !== undefined && replaced !== direction.link) {
      replaced.close(replaced.lastTime, null);
      this.#forget(replaced);
    }
    this.table.add(direction);
    const known = this.#directions.get(direction.link);
    if (known) known.push(direction);
    else this.#directions.set(direction.link, [direction]);
    return direction;
  }

  #close(packet: Packet, link: DialInLink, what: string): void {
    link.close(packet.time, cite(packet, 'hang-up', what));
    this.#forget(link);
  }

  #forget(link: DialInLink): void {
    this.table.removeLink(link, this.#directions.get(link) ?? []);
    this.#directions.delete(link);
  }

  /** A link that is known by its ends alone: the set-up of its call was not seen. */
  #byPair(packet: Packet, carrier: 'pptp' | 'l2tp', id: number, extra: number): Direction {
    const { domain, ipSource: from, ipDestination: to } = packet;
    const lower = Math.min(from, to);
    const side = from === lower ? 0 : 1;
    const key = pairKey(packet, extra);
    let pair = this.#pairs.get(key);
    if (pair === undefined || pair.isBound[side] || !this.#directions.has(pair.link)) {
      const link = this.#newLink(carrier, domain, [lower, Math.max(from, to)]);
      pair = { link, isBound: [false, false] };
      if (this.#pairs.size >= MAX_PAIRS) this.#forgetOldPairs();
      this.#pairs.set(key, pair);
    }
    pair.isBound[side] = true;
    return this.#add({ domain, from, to, id, extra, link: pair.link, side });
  }

  /** No other call runs between the same ends. */
  #isOnlyOne(link: DialInLink): boolean {
    for (const other of this.#directions.keys()) {
      const isSame = other.ends.every((end) => link.ends.includes(end));
      if (other !== link && other.domain === link.domain && isSame) return false;
    }
    return true;
  }

  #forgetOldPairs(): void {
    for (const key of this.#pairs.keys()) {
      if (this.#pairs.size <= MAX_PAIRS - MAX_PAIRS / 8) return;
      this.#pairs.delete(key);
    }
  }

  /** `answerer` gave `call`, its peer had given `peerCall`. Each is what the other's packets carry. */
  #connectPptp(stream: ControlStream, answerer: 0 | 1, call: number, peerCall: number): void {
    const { domain, client, server } = stream;
    const [fromServer, fromClient] = answerer === 1 ? [peerCall, call] : [call, peerCall];
    const known = this.table.find(domain, client, server, fromClient, PPTP_EXTRA)?.link;
    if (known?.isSetUp && stream.links.includes(known)) return;
    const link = this.#newLink('pptp', domain, [client, server]);
    link.isSetUp = true;
    // Who listens is called (the tunnel's end in the network), whichever side asks for the call.
    link.serverHint = 1;
    stream.links.push(link);
    if (stream.links.length > MAX_STREAM_LINKS) this.#tidy(stream.links);
    this.#add({ domain, from: client, to: server, id: fromClient, extra: PPTP_EXTRA, link, side: 0 });
    this.#add({ domain, from: server, to: client, id: fromServer, extra: PPTP_EXTRA, link, side: 1 });
  }

  /** The call which `side` gave this number: the packets to it carry it. Some stacks name their peer's number instead. */
  #pptpLink(stream: ControlStream, side: 0 | 1, call: number): DialInLink | undefined {
    const { domain, client, server } = stream;
    const [own, peer] = side === 0 ? [client, server] : [server, client];
    const found =
      this.table.find(domain, peer, own, call, PPTP_EXTRA) ??
      this.table.find(domain, own, peer, call, PPTP_EXTRA);
    return found?.link;
  }

  #closeStream(packet: Packet, stream: ControlStream, what: string): void {
    for (const link of stream.links.splice(0)) this.#close(packet, link, what);
  }

  /** Leaves out links that are gone, and of too many the older half. */
  #tidy(links: DialInLink[]): void {
    const left = links.filter((link) => this.#directions.has(link)).slice(-MAX_STREAM_LINKS / 2);
    links.splice(0, links.length, ...left);
  }

  #tunnel(packet: Packet): Tunnel {
    const key = pairKey(packet, L2TP_EXTRA);
    let tunnel = this.#tunnels.get(key);
    if (tunnel === undefined) {
      if (this.#tunnels.size >= MAX_TUNNELS) this.#tunnels.delete(this.#tunnels.keys().next().value ?? '');
      tunnel = { asked: new Map() };
      this.#tunnels.set(key, tunnel);
    }
    return tunnel;
  }

  #connectL2tp(packet: Packet, message: L2tpMessage): void {
    const { domain, ipSource, ipDestination } = packet;
    const tunnel = this.#tunnel(packet);
    const asked = tunnel.asked.get(message.session);
    if (asked === undefined || message.assignedSession <= 0 || asked.from !== ipDestination) return;
    // An incoming call comes to the network server; an outgoing one is asked for by it (RFC 2661 4.1).
    const serverHint: SideOrNone = asked.isIncoming ? 1 : 0;
    const toAsker = (message.tunnel << 16) | message.session;
    const toAnswerer = (asked.tunnel << 16) | message.assignedSession;
    if (this.table.find(domain, ipSource, ipDestination, toAsker, L2TP_EXTRA)?.link.isSetUp) return;
    const link = this.#newLink('l2tp', domain, [ipDestination, ipSource]);
    link.isSetUp = true;
    link.serverHint = serverHint;
    tunnel.asked.delete(message.session);
    this.#add({
      domain,
      from: ipDestination,
      to: ipSource,
      id: toAnswerer,
      extra: L2TP_EXTRA,
      link,
      side: 0,
    });
    this.#add({ domain, from: ipSource, to: ipDestination, id: toAsker, extra: L2TP_EXTRA, link, side: 1 });
  }

  /** A session by the number that the sender gave it: packets to the sender carry it. */
  #l2tpLinkOf(packet: Packet, session: number): DialInLink | undefined {
    if (session <= 0) return undefined;
    for (const [link, directions] of this.#directions) {
      if (link.carrier !== 'l2tp' || link.domain.index !== packet.domain) continue;
      if (directions.some(({ to, id }) => to === packet.ipSource && (id & 0xffff) === session)) return link;
    }
    return undefined;
  }

  /** Links with a direction from the packet's source to its destination whose numbers are the ones asked for. */
  #l2tpLinks(packet: Packet, isMeant: (id: number) => boolean): DialInLink[] {
    const found: DialInLink[] = [];
    for (const [link, directions] of this.#directions) {
      if (link.carrier !== 'l2tp' || link.domain.index !== packet.domain) continue;
      const { ipSource, ipDestination } = packet;
      if (directions.some(({ from, to, id }) => from === ipSource && to === ipDestination && isMeant(id)))
        found.push(link);
    }
    return found;
  }

  #findPppoe(packet: Packet, session: number): Direction | undefined {
    const { domain } = packet;
    if (packet.ethernet >= 0) {
      const { sourceLow, destinationLow } = packet;
      return this.table.find(domain, sourceLow, destinationLow, session, upperHalves(packet));
    }
    // A cooked frame tells its sender alone, a frame of PPP_ETHER nothing.
    const first = this.table.find(domain, 0, 0, session, COOKED_EXTRA);
    if (first === undefined || packet.sourceHigh < 0) return first;
    const [, server] = first.link.ends;
    const source = sourceOf(packet);
    const isServer = server === 0 ? source !== first.link.ends[0] : source === server;
    return isServer ? (this.table.find(domain, 1, 1, session, COOKED_EXTRA) ?? first) : first;
  }

  #isConcentratorAhead(packet: Packet): boolean {
    if (packet.ethernet < 0) return false;
    const destination = macNumber(packet.destinationHigh, packet.destinationLow);
    return this.#concentrators.has(`${packet.domain}/${destination}`);
  }

  /** `isServer`: the sender is the access concentrator; `isKnown`: it is known which of the two is. */
  #addPppoe(packet: Packet, session: number, isServer: boolean, isKnown: boolean): Direction {
    const { domain } = packet;
    const source = sourceOf(packet);
    if (packet.ethernet < 0) {
      const link = this.#newLink('pppoe', domain, isServer ? [0, source] : [source, 0]);
      const hasSides = packet.sourceHigh >= 0;
      if (isKnown) link.serverHint = 1;
      const client = this.#add({
        ...{ domain, from: 0, to: 0, id: session, extra: COOKED_EXTRA, link },
        side: hasSides ? 0 : -1,
      });
      if (!hasSides) return client;
      const server = this.#add({ domain, from: 1, to: 1, id: session, extra: COOKED_EXTRA, link, side: 1 });
      return isServer ? server : client;
    }
    const destination = macNumber(packet.destinationHigh, packet.destinationLow);
    const extra = upperHalves(packet);
    const back = (extra << 16) | (extra >>> 16) | 0;
    // Where nobody knows the server, side 1 is the destination of the first packet.
    const ends: [number, number] = isServer ? [destination, source] : [source, destination];
    const link = this.#newLink('pppoe', domain, ends);
    if (isKnown) link.serverHint = 1;
    const [low, otherLow] = [macLow(source), macLow(destination)];
    const side = isServer ? 1 : 0;
    const sent = { domain, from: low, to: otherLow, id: session, extra, link } as const;
    const returned = { domain, from: otherLow, to: low, id: session, extra: back, link } as const;
    this.#add({ ...returned, side: side === 1 ? 0 : 1 });
    return this.#add({ ...sent, side });
  }
}

function sourceOf(packet: Packet): number {
  return packet.sourceHigh < 0 ? 0 : macNumber(packet.sourceHigh, packet.sourceLow);
}

/** Upper halves of both MAC addresses, the source's in front. */
function upperHalves(packet: Packet): number {
  return (packet.sourceHigh << 16) | packet.destinationHigh;
}

/** Ends of a packet without their order. */
function pairKey(packet: Packet, extra: number): string {
  const { ipSource, ipDestination, domain } = packet;
  const [lower, higher] = ipSource < ipDestination ? [ipSource, ipDestination] : [ipDestination, ipSource];
  return `${domain}/${lower}/${higher}/${extra}/${PAIR_ID}`;
}
