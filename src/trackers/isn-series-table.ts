/** The series of all hosts, in bounded memory: per domain, address and role. */
import { QuadTable } from '../tables/quad-table.ts';
import type { Packet } from '../wire/packet.ts';
import { tcpPorts, tcpSequence } from '../wire/tcp.ts';
import type { TcpOptions } from '../wire/tcp-options.ts';
import { FRAME_WORDS, packFrame } from './frame-words.ts';
import {
  IsnSeries,
  type IsnRole,
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
/** Words of all samples; beyond that, series are judged in shorter stretches. */
const MAX_WORDS = 2 ** 21;

export class IsnSeriesTable {
  readonly list: IsnSeries[] = [];
  /** Hosts that were not followed because there were too many. */
  evictions = 0;
  readonly #index = new QuadTable(1 << 6, 1 << 12);
  readonly #options: SeriesOptions;
  #words = 0;

  constructor(options: SeriesOptions) {
    this.#options = options;
  }

  find(domain: number, address: number, role: IsnRole): IsnSeries | undefined {
    const entry = this.#index.find(address, domain * 2 + (role === 'client' ? 0 : 1));
    return entry < 0 ? undefined : this.list[this.#index.words[entry + 2] as number];
  }

  /** The series of a host, made if new; undefined where there are too many. */
  ensure(domain: number, address: number, role: IsnRole, scope: number): IsnSeries | undefined {
    const known = this.find(domain, address, role);
    if (known !== undefined) return known;
    if (this.list.length >= MAX_SERIES) {
      this.evictions += 1;
      return undefined;
    }
    const series = new IsnSeries(domain, address, role, scope, this.#options);
    const entry = this.#index.insert(address, domain * 2 + (role === 'client' ? 0 : 1));
    this.#index.words[entry + 2] = this.list.length;
    this.#index.words[entry + 3] = 1;
    this.list.push(series);
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

  /** The host was started: its numbers begin anew. */
  rebooted(domain: number, address: number): void {
    this.find(domain, address, 'client')?.close();
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
