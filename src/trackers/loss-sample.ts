/**
 * Did the capture lose packets without saying so? On a hash sample of the connections whose SYN was seen,
 * an acknowledgement of data that was never seen says that it did (rules 0.2).
 *
 * The sample adapts: when its table is full, half of the hash space is given up. A segment outside the
 * sample pays for one bit.
 */
import type { Packet } from '../wire/packet.ts';
import { ACK, FIN, RST, SYN, tcpFlags, tcpPayloadLength, tcpSequence } from '../wire/tcp.ts';
import type { TupleFilter } from './tuple-filter.ts';

/** Acknowledgements further ahead than this are nonsense, not loss. */
const PLAUSIBLE_AHEAD = 1 << 26;

class SampledConnection {
  hash = 0;
  /** Client address, server address, ports as the client sends them. */
  client = 0;
  server = 0;
  ports = 0;
  domain = 0;
  /** Next sequence number expected from client and server, and whether it is known. */
  clientNext = 0;
  serverNext = 0;
  sawClientData = false;
  sawServer = false;
}

export class LossSample {
  /** Acknowledgements of data that was never seen. */
  ackedUnseen = 0;
  readonly #limit: number;
  /** By the lower bits of the hash; a connection whose place is taken is not sampled. */
  readonly #connections: Array<SampledConnection | null>;
  readonly #places: number;
  #used = 0;
  readonly #filter: TupleFilter;
  #mask = 0;
  /** Dropped connections of which only one direction ever showed. */
  #oneSided = 0;

  constructor(limit: number, filter: TupleFilter) {
    this.#limit = limit;
    this.#filter = filter;
    this.#places = 2 ** Math.ceil(Math.log2(2 * limit));
    this.#connections = Array.from({ length: this.#places }, () => null);
  }

  /** Sampled connections on which only one side was ever heard. */
  get oneSided(): number {
    let count = this.#oneSided;
    for (const connection of this.#connections) {
      if (connection?.sawClientData && !connection.sawServer) count += 1;
    }
    return count;
  }

  /** A TCP segment without SYN, FIN or RST that passed the filter; `end` and `ipEnd` as in a packet. */
  segment(
    view: DataView,
    transport: number,
    end: number,
    ipEnd: number,
    source: number,
    destination: number,
    domain: number,
  ): void {
    const hash = hashOf(source ^ destination, view.getInt32(transport));
    const connection = this.#find(source, destination, domain, hash);
    if (connection !== undefined) this.#data(connection, view, transport, end, ipEnd, source);
  }

  /** A TCP segment with SYN, FIN or RST. */
  control(packet: Packet): void {
    const { view, transport, ipSource } = packet;
    const ports = view.getInt32(transport);
    const flags = tcpFlags(packet);
    const pair = ipSource ^ packet.ipDestination;
    if ((flags & (SYN | ACK | RST)) === SYN) {
      const hash = hashOf(pair, ports);
      if (((hash >>> 16) & this.#mask) === 0) this.#open(packet, hash, ports);
      return;
    }
    if (!this.#filter.has(packet)) return;
    const connection = this.#find(ipSource, packet.ipDestination, packet.domain, hashOf(pair, ports));
    if (connection === undefined) return;
    this.#data(connection, view, transport, packet.end, packet.ipEnd, ipSource);
    if ((flags & (FIN | RST)) !== 0) this.#drop(connection);
  }

  /** True if a SYN between these ends may open a connection of the sample. */
  isSampled(source: number, destination: number, ports: number): boolean {
    return ((hashOf(source ^ destination, ports) >>> 16) & this.#mask) === 0;
  }

  #open(packet: Packet, hash: number, ports: number): void {
    if (this.#used >= this.#limit) this.#thin();
    const place = hash & (this.#places - 1);
    if (((hash >>> 16) & this.#mask) !== 0 || this.#connections[place] !== null || this.#used >= this.#limit)
      return;
    const opened = new SampledConnection();
    opened.hash = hash;
    opened.client = packet.ipSource;
    opened.server = packet.ipDestination;
    opened.ports = ports;
    opened.domain = packet.domain;
    opened.clientNext = (tcpSequence(packet) + 1 + tcpPayloadLength(packet)) | 0;
    this.#connections[place] = opened;
    this.#used += 1;
    this.#filter.add(ports);
  }

  #data(
    connection: SampledConnection,
    view: DataView,
    transport: number,
    end: number,
    ipEnd: number,
    source: number,
  ): void {
    // Segments cut before their acknowledgment number say nothing.
    if (transport + 16 > end) return;
    const flags = view.getUint8(transport + 13);
    const header = (view.getUint8(transport + 12) >>> 4) << 2;
    const payload = ipEnd - transport - header;
    const length = (payload > 0 && header >= 20 ? payload : 0) + ((flags & (SYN | FIN)) !== 0 ? 1 : 0);
    const next = (view.getInt32(transport + 4) + length) | 0;
    const acknowledged = view.getInt32(transport + 8);
    const isFromClient = source === connection.client && view.getInt32(transport) === connection.ports;
    if (isFromClient) {
      connection.sawClientData = true;
      connection.clientNext = later(connection.clientNext, next);
      if (connection.sawServer && (flags & ACK) !== 0)
        connection.serverNext = this.#acknowledge(connection.serverNext, acknowledged);
      return;
    }
    connection.serverNext = connection.sawServer ? later(connection.serverNext, next) : next;
    connection.sawServer = true;
    // Without a second client segment, the client's direction may simply not pass here.
    if (connection.sawClientData && (flags & (ACK | RST)) === ACK) {
      connection.clientNext = this.#acknowledge(connection.clientNext, acknowledged);
    }
  }

  /** Compares an acknowledgment with what was seen; answers what is now known to have been sent. */
  #acknowledge(seen: number, acknowledged: number): number {
    const ahead = (acknowledged - seen) | 0;
    if (ahead <= 0 || ahead > PLAUSIBLE_AHEAD) return seen;
    this.ackedUnseen += 1;
    return acknowledged;
  }

  #find(source: number, destination: number, domain: number, hash: number): SampledConnection | undefined {
    const connection = this.#connections[hash & (this.#places - 1)];
    if (!connection || connection.hash !== hash || connection.domain !== domain) return undefined;
    const { client, server } = connection;
    const isSame =
      (client === source && server === destination) || (server === source && client === destination);
    return isSame ? connection : undefined;
  }

  #drop(connection: SampledConnection): void {
    if (connection.sawClientData && !connection.sawServer) this.#oneSided += 1;
    this.#connections[connection.hash & (this.#places - 1)] = null;
    this.#used -= 1;
    this.#filter.remove(connection.ports);
  }

  /** Gives up half of the hash space. */
  #thin(): void {
    this.#mask = (this.#mask << 1) | 1;
    for (const connection of this.#connections) {
      if (connection && ((connection.hash >>> 16) & this.#mask) !== 0) this.#drop(connection);
    }
  }
}

/** Of the XOR of both addresses and both ports. Symmetric, so that both directions meet in one place. */
function hashOf(pair: number, ports: number): number {
  const both = ports ^ ((ports << 16) | (ports >>> 16));
  const hash = Math.imul(pair ^ Math.imul(both, 0x2c1b3c6d), 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

/** The later of two sequence numbers. Signed: a distance of 2^31 and more would be no small integer, and this is asked often. */
function later(a: number, b: number): number {
  return ((b - a) | 0) >= 0 ? b : a;
}
