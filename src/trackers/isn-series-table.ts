/** The series of all hosts, in bounded memory: per domain, address and role. */
import { borrowBuffer, returnBuffer } from '../tables/spare-buffers.ts';
import type { Packet } from '../wire/packet.ts';
import { tcpPorts, tcpSequence } from '../wire/tcp.ts';
import type { TcpOptions } from '../wire/tcp-options.ts';
import { FRAME_WORDS, packFrame } from './frame-words.ts';
import {
  IsnSeries,
  type IsnRole,
  type ReportRoom,
  SAMPLE_FRAME,
  SAMPLE_IDENTITY,
  SAMPLE_ISN,
  SAMPLE_META,
  SAMPLE_PEER,
  SAMPLE_PORTS,
  type SeriesOptions,
} from './isn-series.ts';
import {
  META_PLAIN,
  PENDING_DESTINATION,
  PENDING_FRAME,
  PENDING_ISN,
  PENDING_MAC_HIGH,
  PENDING_MAC_LOW,
  PENDING_META,
  PENDING_PORTS,
  PENDING_STACK,
  stackOf,
} from './pending-syns.ts';

const MAX_SERIES = 8192;
/** The index is a quarter full at most: runs as long as this are made on purpose. */
const INDEX_SHIFT = 15;
const MAX_PROBES = 64;
/** Words of all samples; beyond that, series are judged in shorter stretches. */
const MAX_WORDS = 2 ** 21;
/** Numbers that are known again, by hash: those of many seconds, at the rates of real servers. */
const TAKEN_SHIFT = 15;

export class IsnSeriesTable {
  readonly list: IsnSeries[] = [];
  /** Times a host was not followed because there were too many. */
  evictions = 0;
  /** Open addressing, linear: position in the list plus one, and address, by slot. Nothing is ever taken out. */
  readonly #slots = new Uint16Array(borrowBuffer(2 << INDEX_SHIFT));
  readonly #addresses = new Int32Array(borrowBuffer(4 << INDEX_SHIFT));
  readonly #options: SeriesOptions;
  readonly #taken = new Int32Array(borrowBuffer(4 << TAKEN_SHIFT));
  /** Of the busiest captures, the first hosts have charts. */
  readonly #room: ReportRoom = { points: 2 ** 16, citations: 2 ** 13 };
  #words = 0;

  constructor(options: SeriesOptions) {
    this.#options = options;
  }

  /** Gives the memory of its indexes back; none but the series themselves may be used any more. */
  release(): void {
    returnBuffer(this.#slots.buffer);
    returnBuffer(this.#addresses.buffer);
    returnBuffer(this.#taken.buffer);
  }

  find(domain: number, address: number, role: IsnRole): IsnSeries | undefined {
    const slot = this.#slotOf(domain, address, role);
    const position = slot < 0 ? 0 : (this.#slots[slot] as number);
    return position === 0 ? undefined : this.list[position - 1];
  }

  /** The slot of a host, or the free one that is to be its; -1 where there is none near. */
  #slotOf(domain: number, address: number, role: IsnRole): number {
    const key = domain * 2 + (role === 'client' ? 0 : 1);
    const mixed = Math.imul(address ^ Math.imul(key, 0x2c1b3c6d), 0x297a2d39);
    const first = Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1) >>> (32 - INDEX_SHIFT);
    for (let probe = 0; probe < MAX_PROBES; probe += 1) {
      const slot = (first + probe) & ((1 << INDEX_SHIFT) - 1);
      const position = this.#slots[slot] as number;
      if (position === 0) return slot;
      if (this.#addresses[slot] !== address) continue;
      const series = this.list[position - 1] as IsnSeries;
      if (series.domain === domain && series.role === role) return slot;
    }
    return -1;
  }

  /** The series of a host, made if new; undefined where there are too many. */
  ensure(domain: number, address: number, role: IsnRole, scope: number): IsnSeries | undefined {
    const slot = this.#slotOf(domain, address, role);
    const position = slot < 0 ? 0 : (this.#slots[slot] as number);
    if (position > 0) return this.list[position - 1];
    if (slot < 0 || this.list.length >= MAX_SERIES) {
      this.evictions += 1;
      return undefined;
    }
    const series = new IsnSeries(domain, address, role, scope, this.#options, this.#room);
    this.list.push(series);
    this.#slots[slot] = this.list.length;
    this.#addresses[slot] = address;
    this.#words += series.size;
    return series;
  }

  /** The number of the current packet, a SYN or SYN/ACK. */
  sample(series: IsnSeries, packet: Packet, scope: number, options: TcpOptions, flags: number): void {
    if (series.isScattered) {
      series.samples += 1;
      return;
    }
    const at = this.#place(series, packet.seconds, packet.nanos, scope);
    const { words } = series;
    words[at + SAMPLE_ISN] = tcpSequence(packet);
    words[at + SAMPLE_META] =
      (packet.ipId << 16) | flags | (options.isPlain && options.isKnown ? META_PLAIN : 0) | packet.ttl;
    words[at + SAMPLE_IDENTITY] = identityOf(stackOf(packet, options), packet.sourceLow, packet.sourceHigh);
    words[at + SAMPLE_PORTS] = tcpPorts(packet);
    words[at + SAMPLE_PEER] = packet.ipDestination;
    packFrame(words, at + SAMPLE_FRAME, packet);
  }

  /** The number of a SYN that waits for its answer. */
  samplePending(series: IsnSeries, pending: Int32Array, entry: number, scope: number): void {
    const frame = entry + PENDING_FRAME;
    const at = this.#place(series, pending[frame + 3] as number, pending[frame + 4] as number, scope);
    const { words } = series;
    words[at + SAMPLE_ISN] = pending[entry + PENDING_ISN] as number;
    words[at + SAMPLE_META] = pending[entry + PENDING_META] as number;
    words[at + SAMPLE_IDENTITY] = identityOf(
      pending[entry + PENDING_STACK] as number,
      pending[entry + PENDING_MAC_LOW] as number,
      pending[entry + PENDING_MAC_HIGH] as number,
    );
    words[at + SAMPLE_PORTS] = pending[entry + PENDING_PORTS] as number;
    words[at + SAMPLE_PEER] = pending[entry + PENDING_DESTINATION] as number;
    for (let word = 0; word < FRAME_WORDS; word += 1)
      words[at + SAMPLE_FRAME + word] = pending[frame + word] as number;
  }

  /**
   * True if this number was taken on this tuple before: a SYN or SYN/ACK sent or recorded again, whose first sighting its
   * connection does not tell any more (rules 1.2). Notes it otherwise.
   */
  isRepeat(packet: Packet, scope: number): boolean {
    let hash = Math.imul(packet.ipSource ^ Math.imul(packet.ipDestination, 0x2c1b3c6d), 0x297a2d39);
    hash = Math.imul((hash ^ (hash >>> 15)) + tcpPorts(packet), 0x85ebca6b);
    hash = Math.imul((hash ^ (hash >>> 13)) + tcpSequence(packet), 0x9e3779b1) ^ scope;
    const slot = hash >>> (32 - TAKEN_SHIFT);
    const isKnown = this.#taken[slot] === hash;
    this.#taken[slot] = hash;
    return isKnown;
  }

  /** The host was started: its numbers begin anew. */
  rebooted({ domain, time }: Packet, address: number): void {
    const client = this.find(domain, address, 'client');
    if (client !== undefined) client.rebootTime = time;
    client?.close();
    this.find(domain, address, 'server')?.close();
  }

  close(): void {
    for (const series of this.list) series.close();
  }

  #place(series: IsnSeries, seconds: number, nanos: number, scope: number): number {
    if (series.scope !== scope) {
      series.close();
      series.scope = scope;
    } else if (series.count > 0) {
      const last = series.last + SAMPLE_FRAME;
      const gap =
        ((seconds - (series.words[last + 3] as number)) | 0) +
        (nanos - (series.words[last + 4] as number)) * 1e-9;
      if (gap > this.#options.seriesGapSeconds) series.close();
    }
    const before = series.size;
    const at = series.place(seconds, nanos, this.#words < MAX_WORDS);
    this.#words += series.size - before;
    return at;
  }
}

function identityOf(stack: number, macLow: number, macHigh: number): number {
  return Math.imul(stack ^ macLow, 0x9e3779b1) ^ Math.imul(macHigh, 0x85ebca6b);
}
