/**
 * Connection attempts to virtual addresses. A first SYN waits in a table of fixed size, so that a flood displaces its own kind;
 * only one that is repeated becomes an object, and is remembered as unanswered until an answer shows.
 */
import type { CaptureTime, FrameCitation } from '../engine/result.ts';
import { formatIpv4 } from '../wire/ipv4.ts';
import type { Packet } from '../wire/packet.ts';
import { ACK, RST, SYN, tcpFlags, tcpPorts, tcpSequence } from '../wire/tcp.ts';
import type { TupleFilter } from './tuple-filter.ts';

/** Cites a segment; its words are put together only if somebody reads them. */
export class SegmentCitation implements FrameCitation {
  readonly number: number;
  readonly file: number;
  readonly time: CaptureTime;
  readonly role: string;
  readonly offsetBytes: number;
  readonly capturedBytes: number;
  readonly #source: number;
  readonly #destination: number;
  readonly #ports: number;
  readonly #flags: number;

  constructor(packet: Packet, role: string) {
    this.number = packet.number;
    this.file = packet.file;
    this.time = { seconds: packet.seconds, nanos: packet.nanos, precision: packet.precision };
    this.role = role;
    this.offsetBytes = packet.fileOffset;
    this.capturedBytes = packet.capturedLength;
    this.#source = packet.ipSource;
    this.#destination = packet.ipDestination;
    this.#ports = tcpPorts(packet);
    this.#flags = tcpFlags(packet);
  }

  get summary(): string {
    const source = `${formatIpv4(this.#source)}:${this.#ports >>> 16}`;
    const destination = `${formatIpv4(this.#destination)}:${this.#ports & 0xffff}`;
    return `TCP ${nameOf(this.#flags)} from ${source} to ${destination}`;
  }
}

function nameOf(flags: number): string {
  if ((flags & RST) !== 0) return 'RST';
  if ((flags & SYN) !== 0) return (flags & ACK) !== 0 ? 'SYN/ACK' : 'SYN';
  return 'segment';
}

/** A SYN that was sent more than once. */
export class SynAttempt {
  readonly client: number;
  /** Client port in the upper half, server port in the lower. */
  readonly ports: number;
  readonly isn: number;
  /** First transmission. */
  readonly time: number;
  readonly frame: FrameCitation;
  /** The MAC address that had answered this client last; 0 if none had. */
  readonly servedBy: number;
  /** When the answer before the last so many of this port was seen; NaN if there were fewer. */
  portBaseline = Number.NaN;
  repeats = 0;
  lastTime: number;
  lastFrame: FrameCitation;
  /** NaN while unanswered. */
  answeredTime = Number.NaN;

  constructor(table: SynTable, entry: number, repeat: Packet) {
    this.client = table.clients[entry] as number;
    this.ports = table.ports[entry] as number;
    this.isn = table.isns[entry] as number;
    this.time = table.times[entry] as number;
    this.servedBy = table.servedBy[entry] as number;
    this.frame = table.cite(entry, repeat, 'unanswered SYN');
    this.lastTime = this.time;
    this.lastFrame = this.frame;
    this.repeat(repeat);
  }

  get port(): number {
    return this.ports & 0xffff;
  }

  repeat(packet: Packet): void {
    this.repeats += 1;
    this.lastTime = packet.time;
    this.lastFrame = new SegmentCitation(packet, 'repeated SYN');
  }

  /** True if no answer came until `time`. */
  isUnansweredUntil(time: number): boolean {
    return !(this.answeredTime <= time);
  }
}

const SETS = 1 << 12;
const WAYS = 4;
const ENTRIES = SETS * WAYS;
/** A SYN that was displaced after so long had no repetition to come. */
const STALE_SECONDS = 60;

/** First SYNs that wait for an answer or a repetition. */
export class SynTable {
  /** SYNs displaced while they could still have been repeated. */
  evictions = 0;
  /** Index of the virtual address, plus one; 0 where the entry is empty. */
  readonly services = new Int32Array(ENTRIES);
  readonly clients = new Int32Array(ENTRIES);
  readonly ports = new Int32Array(ENTRIES);
  readonly isns = new Int32Array(ENTRIES);
  readonly times = new Float64Array(ENTRIES);
  readonly servedBy = new Float64Array(ENTRIES);
  readonly #numbers = new Int32Array(ENTRIES);
  readonly #files = new Int32Array(ENTRIES);
  readonly #captured = new Int32Array(ENTRIES);
  readonly #nanos = new Int32Array(ENTRIES);
  readonly #seconds = new Float64Array(ENTRIES);
  readonly #offsets = new Float64Array(ENTRIES);
  readonly #filter: TupleFilter;

  constructor(filter: TupleFilter) {
    this.#filter = filter;
  }

  /** The entry of this connection, or -1. */
  find(service: number, client: number, ports: number): number {
    const first = setOf(service, client, ports);
    for (let entry = first; entry < first + WAYS; entry += 1) {
      if (
        this.services[entry] === service + 1 &&
        this.clients[entry] === client &&
        this.ports[entry] === ports
      )
        return entry;
    }
    return -1;
  }

  /** Notes a first SYN; its connection must not be in the table. */
  insert(service: number, packet: Packet): number {
    const ports = tcpPorts(packet);
    const first = setOf(service, packet.ipSource, ports);
    let entry = first;
    for (let way = first; way < first + WAYS; way += 1) {
      if (this.services[way] === 0) {
        entry = way;
        break;
      }
      if ((this.times[way] as number) < (this.times[entry] as number)) entry = way;
    }
    if (this.services[entry] !== 0) {
      if (packet.time - (this.times[entry] as number) < STALE_SECONDS) this.evictions += 1;
      this.remove(entry);
    }
    this.services[entry] = service + 1;
    this.clients[entry] = packet.ipSource;
    this.ports[entry] = ports;
    this.#filter.add(ports);
    this.refresh(entry, packet);
    return entry;
  }

  /** The entry's connection was opened anew. */
  refresh(entry: number, packet: Packet): void {
    this.isns[entry] = tcpSequence(packet);
    this.times[entry] = packet.time;
    this.servedBy[entry] = 0;
    this.#numbers[entry] = packet.number;
    this.#files[entry] = packet.file;
    this.#captured[entry] = packet.capturedLength;
    this.#nanos[entry] = packet.nanos;
    this.#seconds[entry] = packet.seconds;
    this.#offsets[entry] = packet.fileOffset;
  }

  /** Empties an entry whose connection was answered, displaced, or is followed elsewhere. */
  remove(entry: number): void {
    this.services[entry] = 0;
    this.#filter.remove(this.ports[entry] as number);
  }

  /** Forgets what waits for one virtual address. */
  clear(service: number): void {
    for (let entry = 0; entry < ENTRIES; entry += 1)
      if (this.services[entry] === service + 1) this.remove(entry);
  }

  /** Cites the SYN of an entry; `repeat` is the current packet, of the same connection. */
  cite(entry: number, repeat: Packet, role: string): FrameCitation {
    const ports = this.ports[entry] as number;
    const source = `${formatIpv4(this.clients[entry] as number)}:${ports >>> 16}`;
    const { precision } = repeat;
    // The answer comes from where the SYN goes; both name the virtual address.
    const isAnswer = repeat.ipSource !== this.clients[entry];
    const server = isAnswer ? repeat.ipSource : repeat.ipDestination;
    return {
      number: this.#numbers[entry] as number,
      file: this.#files[entry] as number,
      time: { seconds: this.#seconds[entry] as number, nanos: this.#nanos[entry] as number, precision },
      role,
      summary: `TCP SYN from ${source} to ${formatIpv4(server)}:${ports & 0xffff}`,
      offsetBytes: this.#offsets[entry] as number,
      capturedBytes: this.#captured[entry] as number,
    };
  }
}

function setOf(service: number, client: number, ports: number): number {
  const mixed = Math.imul(client ^ Math.imul(ports + service, 0x2c1b3c6d), 0x9e3779b1);
  return ((mixed ^ (mixed >>> 15)) & (SETS - 1)) * WAYS;
}
