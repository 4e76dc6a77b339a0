/**
 * PPTP control connections (RFC 2637 3), reassembled within bounds: whole messages, and those spread over segments that follow
 * each other. Behind a gap, reading goes on with the next segment that begins a message.
 */
import type { Packet } from '../wire/packet.ts';
import { decodePptp, PPTP_MAX_BYTES, PPTP_OK, PPTP_PORT, PPTP_SHORT, PptpMessage } from '../wire/pptp.ts';
import { ACK, FIN, RST, SYN, tcpFlags, tcpPayloadLength, tcpPorts, tcpSequence } from '../wire/tcp.ts';
import { type Copies, ORIGINAL } from './copies.ts';
import type { DialInLink } from './dial-in-ppp.ts';
import type { TupleFilter } from './tuple-filter.ts';

const MAX_STREAMS = 1024;
/** Beginnings of segments that were read, so that one that is sent again is not read twice. */
const REMEMBERED = 8;
const MAX_MESSAGES = 64;
/** Nobody sends the answer to a SYN for longer; some servers begin every connection with the same number. */
const REPEAT_SECONDS = 64;

/** What one side sends. */
class Flow {
  /** Next sequence number expected, and whether it is known. */
  next = 0;
  isKnown = false;
  /** The beginning of a message whose rest has not come; made when first needed. */
  #partial: Uint8Array<ArrayBuffer> | null = null;
  partialBytes = 0;
  readonly #read: number[] = [];
  #readCount = 0;

  get partial(): Uint8Array<ArrayBuffer> {
    this.#partial ??= new Uint8Array(PPTP_MAX_BYTES);
    return this.#partial;
  }

  wasRead(sequence: number): boolean {
    return this.#read.includes(sequence);
  }

  noteRead(sequence: number): void {
    this.#read[this.#readCount % REMEMBERED] = sequence;
    this.#readCount += 1;
  }
}

/** One control connection. */
export class ControlStream {
  readonly domain: number;
  /** Who opened the connection, and who listens on port 1723. */
  readonly client: number;
  readonly server: number;
  /** As the client sends them. */
  readonly ports: number;
  readonly flows: readonly [Flow, Flow] = [new Flow(), new Flow()];
  /** Calls asked for: the number that the asking side gave, and who asked. */
  readonly asked = new Map<number, number>();
  readonly links: DialInLink[] = [];
  /** Where the table of streams keeps it. */
  readonly key: number;
  /** When its beginning was seen, and the server's initial sequence number; null where it was cut off. */
  readonly time: number;
  readonly isn: number | null;

  constructor(packet: Packet, key: number, isn: number | null) {
    this.key = key;
    this.time = packet.time;
    this.isn = isn;
    this.domain = packet.domain;
    this.client = packet.ipDestination;
    this.server = packet.ipSource;
    const ports = tcpPorts(packet);
    this.ports = (ports << 16) | (ports >>> 16);
  }
}

export interface StreamListener {
  /** `side` sent the message: 0 the client, 1 the server. */
  pptpMessage(packet: Packet, stream: ControlStream, side: 0 | 1, message: PptpMessage): void;
  /** FIN or RST, or a stream that makes room; `stream` is undefined where its beginning was not seen. */
  pptpClosed(packet: Packet, stream: ControlStream | undefined): void;
}

export class ControlStreams {
  evictions = 0;
  readonly #filter: TupleFilter;
  readonly #listener: StreamListener;
  readonly #streams = new Map<number, ControlStream[]>();
  readonly #message = new PptpMessage();
  #count = 0;

  constructor(filter: TupleFilter, listener: StreamListener) {
    this.#filter = filter;
    this.#listener = listener;
  }

  /** A segment with SYN, FIN or RST. Only the answer to a SYN opens a stream: SYNs alone cost nothing. */
  control(packet: Packet, copies: Copies): void {
    const ports = tcpPorts(packet);
    if (ports >>> 16 !== PPTP_PORT && (ports & 0xffff) !== PPTP_PORT) return;
    const flags = tcpFlags(packet);
    if ((flags & SYN) !== 0 && (flags & ACK) === 0) return;
    // A second tap shows the beginning once more when the calls are under way, and the end when the next connection is.
    if (copies.examine(packet) !== ORIGINAL) return;
    if ((flags & SYN) !== 0) {
      if (ports >>> 16 === PPTP_PORT) this.#open(packet);
      return;
    }
    const stream = this.#find(packet);
    if (stream !== undefined && (flags & RST) === 0) this.#read(packet, stream);
    if ((flags & (FIN | RST)) === 0) return;
    this.#listener.pptpClosed(packet, stream);
    if (stream !== undefined) this.#drop(stream);
  }

  /** A segment without SYN, FIN or RST that passed the filter. */
  segment(packet: Packet): void {
    const ports = tcpPorts(packet);
    if (ports >>> 16 !== PPTP_PORT && (ports & 0xffff) !== PPTP_PORT) return;
    const stream = this.#find(packet);
    if (stream !== undefined) this.#read(packet, stream);
  }

  #open(packet: Packet): void {
    const isn = packet.transport + 12 <= packet.end ? tcpSequence(packet) : null;
    const known = this.#find(packet);
    // The answer was sent again: its acknowledgment was lost.
    if (
      known !== undefined &&
      isn !== null &&
      known.isn === isn &&
      packet.time - known.time <= REPEAT_SECONDS
    )
      return;
    if (known !== undefined) this.#drop(known);
    if (this.#count >= MAX_STREAMS) {
      this.#makeRoom();
    }
    const key = keyOf(packet);
    const stream = new ControlStream(packet, key, isn);
    if (isn !== null) {
      stream.flows[1].next = (isn + 1) | 0;
      stream.flows[1].isKnown = true;
    }
    const chain = this.#streams.get(key);
    if (chain) chain.push(stream);
    else this.#streams.set(key, [stream]);
    this.#count += 1;
    this.#filter.add(stream.ports);
  }

  #find(packet: Packet): ControlStream | undefined {
    const chain = this.#streams.get(keyOf(packet));
    return chain?.find(
      (stream) =>
        stream.domain === packet.domain &&
        (isFromClient(packet, stream) ||
          (packet.ipSource === stream.server && packet.ipDestination === stream.client)),
    );
  }

  #drop(stream: ControlStream): void {
    const chain = this.#streams.get(stream.key);
    const at = chain?.indexOf(stream) ?? -1;
    if (chain === undefined || at < 0) return;
    chain.splice(at, 1);
    if (chain.length === 0) this.#streams.delete(stream.key);
    this.#count -= 1;
    this.#filter.remove(stream.ports);
  }

  /** The oldest eighth goes. */
  #makeRoom(): void {
    for (const chain of this.#streams.values()) {
      if (this.#count <= MAX_STREAMS - MAX_STREAMS / 8) return;
      for (const stream of [...chain]) {
        this.#drop(stream);
        this.evictions += 1;
      }
    }
  }

  #read(packet: Packet, stream: ControlStream): void {
    const bytes = tcpPayloadLength(packet);
    if (bytes === 0) return;
    const side = isFromClient(packet, stream) ? 0 : 1;
    const flow = stream.flows[side];
    const sequence = tcpSequence(packet);
    const from = packet.transport + ((packet.view.getUint8(packet.transport + 12) >>> 4) << 2);
    const end = Math.min(packet.end, from + bytes);
    if (!flow.isKnown || sequence !== flow.next) {
      // Before what is expected it was sent again or comes late, behind it there is a gap: only whole messages are read.
      if (flow.isKnown && ((sequence - flow.next) | 0) < 0 && flow.wasRead(sequence)) return;
      flow.partialBytes = 0;
    }
    flow.noteRead(sequence);
    if (!flow.isKnown || ((sequence + bytes - flow.next) | 0) > 0) flow.next = (sequence + bytes) | 0;
    flow.isKnown = true;
    this.#messages(packet, stream, side, from, end);
  }

  #messages(packet: Packet, stream: ControlStream, side: 0 | 1, from: number, end: number): void {
    const flow = stream.flows[side];
    const isWhole = packet.end >= packet.ipEnd;
    let { view } = packet;
    let at = from;
    let to = end;
    if (flow.partialBytes > 0) {
      const taken = Math.min(PPTP_MAX_BYTES - flow.partialBytes, end - from);
      for (let i = 0; i < taken; i += 1) flow.partial[flow.partialBytes + i] = view.getUint8(from + i);
      view = new DataView(flow.partial.buffer);
      at = 0;
      to = flow.partialBytes + taken;
      flow.partialBytes = 0;
    }
    for (let count = 0; at < to && count < MAX_MESSAGES; count += 1) {
      const status = decodePptp(view, at, to, this.#message);
      const isShort = status === PPTP_SHORT || (status === PPTP_OK && at + this.#message.length > to);
      if (isShort && isWhole) {
        keepRest(flow, view, at, to);
        return;
      }
      if (status !== PPTP_OK) return;
      // Of a message that was cut, what was captured tells enough.
      this.#listener.pptpMessage(packet, stream, side, this.#message);
      at += this.#message.length;
    }
  }
}

function keepRest(flow: Flow, view: DataView, at: number, to: number): void {
  const bytes = Math.min(PPTP_MAX_BYTES, to - at);
  for (let i = 0; i < bytes; i += 1) flow.partial[i] = view.getUint8(at + i);
  flow.partialBytes = bytes;
}

function isFromClient(packet: Packet, stream: ControlStream): boolean {
  return (
    packet.ipSource === stream.client &&
    packet.ipDestination === stream.server &&
    tcpPorts(packet) === stream.ports
  );
}

/** The same for both directions. */
function keyOf(packet: Packet): number {
  const ports = tcpPorts(packet);
  const both = (ports ^ (ports >>> 16)) & 0xffff;
  return Math.imul(packet.ipSource ^ packet.ipDestination, 0x9e3779b1) ^ Math.imul(both, 0x85ebca6b);
}
