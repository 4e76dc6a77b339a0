/**
 * Did the capture lose packets without saying so? On a hash sample of the connections whose SYN was seen,
 * an acknowledgement of data that was never seen says that it did (rules 0.2).
 *
 * The sample adapts: when its table is full, half of the hash space is given up. A segment outside the
 * sample pays for one bit.
 */
import { borrowBuffer, returnBuffer } from '../tables/spare-buffers.ts';
import type { Packet } from '../wire/packet.ts';
import { ACK, FIN, RST, SYN, tcpFlags, tcpPayloadLength, tcpSequence } from '../wire/tcp.ts';
import type { TupleFilter } from './tuple-filter.ts';

/** Acknowledgements further ahead than this are nonsense, not loss. */
const PLAUSIBLE_AHEAD = 1 << 26;

// Words of a connection, half a cache line; where there is none, its state is zero.
const HASH = 0;
/** Addresses of the one that opened it, and of the other. */
const CLIENT = 1;
const SERVER = 2;
/** As the client sends them. */
const PORTS = 3;
const DOMAIN = 4;
/** Next sequence number expected from each; the server's is known once it was heard. */
const CLIENT_NEXT = 5;
const SERVER_NEXT = 6;
const STATE = 7;
const WORDS = 8;

// Bits of the state.
const OPENED = 1;
const CLIENT_DATA = 2;
const SERVER_HEARD = 4;
/** The last acknowledgment was of data that was not seen before it, which may still come: records may be out of order (rules 0.2). */
const CLIENT_OWES = 8;
const SERVER_OWES = 16;

export class LossSample {
  /** Acknowledgements of data that was never seen. */
  ackedUnseen = 0;
  readonly #limit: number;
  /** By the lower bits of the hash; a connection whose place is taken is not sampled. */
  readonly #words: Int32Array<ArrayBuffer>;
  readonly #places: number;
  /** For each place, from where on acknowledged data is owed: by the client, and by the server. */
  readonly #owed: Int32Array;
  #used = 0;
  readonly #filter: TupleFilter;
  #mask = 0;
  /** Dropped connections of which only one direction ever showed. */
  #oneSided = 0;

  constructor(limit: number, filter: TupleFilter) {
    this.#limit = limit;
    this.#filter = filter;
    this.#places = 2 ** Math.ceil(Math.log2(2 * limit));
    this.#owed = new Int32Array(2 * this.#places);
    this.#words = new Int32Array(borrowBuffer(this.#places * WORDS * Int32Array.BYTES_PER_ELEMENT));
  }

  /** Gives its memory back; it must not be used any more. */
  release(): void {
    returnBuffer(this.#words.buffer);
  }

  /** Sampled connections on which only one side was ever heard. */
  get oneSided(): number {
    let count = this.#oneSided;
    for (let at = 0; at < this.#words.length; at += WORDS) if (this.#isOneSided(at)) count += 1;
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
    const at = this.#find(
      source,
      destination,
      domain,
      hashOf(source ^ destination, view.getInt32(transport)),
    );
    if (at >= 0) this.#data(at, view, transport, end, ipEnd, source);
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
    const at = this.#find(ipSource, packet.ipDestination, packet.domain, hashOf(pair, ports));
    if (at < 0) return;
    this.#data(at, view, transport, packet.end, packet.ipEnd, ipSource);
    if ((flags & (FIN | RST)) !== 0) this.#drop(at);
  }

  /** True if a SYN between these ends may open a connection of the sample. */
  isSampled(source: number, destination: number, ports: number): boolean {
    return ((hashOf(source ^ destination, ports) >>> 16) & this.#mask) === 0;
  }

  #open(packet: Packet, hash: number, ports: number): void {
    if (this.#used >= this.#limit) this.#thin();
    const words = this.#words;
    const at = this.#placeOf(hash);
    if (((hash >>> 16) & this.#mask) !== 0 || words[at + STATE] !== 0 || this.#used >= this.#limit) return;
    words[at + HASH] = hash;
    words[at + CLIENT] = packet.ipSource;
    words[at + SERVER] = packet.ipDestination;
    words[at + PORTS] = ports;
    words[at + DOMAIN] = packet.domain;
    words[at + CLIENT_NEXT] = tcpSequence(packet) + 1 + tcpPayloadLength(packet);
    words[at + STATE] = OPENED;
    this.#used += 1;
    this.#filter.add(ports);
  }

  #data(at: number, view: DataView, transport: number, end: number, ipEnd: number, source: number): void {
    // Segments cut before their acknowledgment number say nothing.
    if (transport + 16 > end) return;
    const words = this.#words;
    const flags = view.getUint8(transport + 13);
    const header = (view.getUint8(transport + 12) >>> 4) << 2;
    const payload = ipEnd - transport - header;
    const length = (payload > 0 && header >= 20 ? payload : 0) + ((flags & (SYN | FIN)) !== 0 ? 1 : 0);
    const sequence = view.getInt32(transport + 4);
    const next = (sequence + length) | 0;
    const acknowledged = view.getInt32(transport + 8);
    const state = words[at + STATE] as number;
    const clientNext = words[at + CLIENT_NEXT] as number;
    const serverNext = words[at + SERVER_NEXT] as number;
    const isServerHeard = (state & SERVER_HEARD) !== 0;
    if (source === words[at + CLIENT] && view.getInt32(transport) === words[at + PORTS]) {
      words[at + STATE] = state | CLIENT_DATA;
      if (length > 0 && (state & CLIENT_OWES) !== 0) this.#settle(at, CLIENT_OWES, sequence);
      words[at + CLIENT_NEXT] = later(clientNext, next);
      if (isServerHeard && (flags & ACK) !== 0) this.#acknowledge(at, SERVER_NEXT, serverNext, acknowledged);
      return;
    }
    words[at + STATE] = state | SERVER_HEARD;
    if (length > 0 && (state & SERVER_OWES) !== 0) this.#settle(at, SERVER_OWES, sequence);
    words[at + SERVER_NEXT] = isServerHeard ? later(serverNext, next) : next;
    // Without a second client segment, the client's direction may simply not pass here.
    if ((state & CLIENT_DATA) !== 0 && (flags & (ACK | RST)) === ACK)
      this.#acknowledge(at, CLIENT_NEXT, clientNext, acknowledged);
  }

  /** Compares an acknowledgment with what was seen; what it names is then known to have been sent. `word`: by whom. */
  #acknowledge(at: number, word: number, seen: number, acknowledged: number): void {
    const ahead = (acknowledged - seen) | 0;
    if (ahead <= 0 || ahead > PLAUSIBLE_AHEAD) return;
    this.ackedUnseen += 1;
    const words = this.#words;
    words[at + word] = acknowledged;
    const bit = word === CLIENT_NEXT ? CLIENT_OWES : SERVER_OWES;
    words[at + STATE] = (words[at + STATE] as number) | bit;
    this.#owed[owedAt(at, bit)] = seen;
  }

  /** The next data of who owes some: what was acknowledged from its start on, or something else. */
  #settle(at: number, bit: number, sequence: number): void {
    if (sequence === this.#owed[owedAt(at, bit)]) this.ackedUnseen -= 1;
    this.#words[at + STATE] = (this.#words[at + STATE] as number) & ~bit;
  }

  /** Where a connection stands, or -1. */
  #find(source: number, destination: number, domain: number, hash: number): number {
    const words = this.#words;
    const at = this.#placeOf(hash);
    if (words[at + HASH] !== hash || words[at + STATE] === 0 || words[at + DOMAIN] !== domain) return -1;
    const client = words[at + CLIENT];
    const server = words[at + SERVER];
    const isSame =
      (client === source && server === destination) || (server === source && client === destination);
    return isSame ? at : -1;
  }

  #placeOf(hash: number): number {
    return (hash & (this.#places - 1)) * WORDS;
  }

  #drop(at: number): void {
    if (this.#isOneSided(at)) this.#oneSided += 1;
    this.#words[at + STATE] = 0;
    this.#used -= 1;
    this.#filter.remove(this.#words[at + PORTS] as number);
  }

  #isOneSided(at: number): boolean {
    return ((this.#words[at + STATE] as number) & (CLIENT_DATA | SERVER_HEARD)) === CLIENT_DATA;
  }

  /** Gives up half of the hash space. */
  #thin(): void {
    this.#mask = (this.#mask << 1) | 1;
    const words = this.#words;
    for (let at = 0; at < words.length; at += WORDS) {
      const isLeft = (((words[at + HASH] as number) >>> 16) & this.#mask) === 0;
      if (words[at + STATE] !== 0 && !isLeft) this.#drop(at);
    }
  }
}

function owedAt(at: number, bit: number): number {
  return (at / WORDS) * 2 + (bit === CLIENT_OWES ? 0 : 1);
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
