/**
 * Runs of plain packets: untagged Ethernet, IPv4 without options, ordinary UDP or TCP without SYN, FIN and RST, in the second
 * of the packet before, from a source that is where it was, and nobody's concern; and the SYNs of a flood. Of these nothing
 * is kept but counts, so they are walked over in one loop on local variables, which takes half the time of
 * `Analysis.accept`. The first packet that is anything else ends the run and is left to `accept`; what a run does must be
 * what `accept` would have done.
 */
import type { RecordRow } from '../capture/capture.ts';
import type { Domain } from '../trackers/domains.ts';
import type { HeartbeatTracker } from '../trackers/heartbeats.ts';
import type { LossSample } from '../trackers/loss-sample.ts';
import type { Sources } from '../trackers/sources.ts';
import type { SynFlood } from '../trackers/syn-flood.ts';
import type { TupleFilter } from '../trackers/tuple-filter.ts';
import type { Watches } from '../trackers/watches.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import { SYN } from '../wire/tcp.ts';
import { isOrdinaryUdp } from '../wire/transport.ts';
import type { TrackerSet } from './tracker-set.ts';

/** Version 4, five words of header. */
const PLAIN_IPV4 = 0x45;
/** Ethernet, IPv4, and a TCP header as far as its flags or its window; Ethernet, IPv4 and UDP. */
const TO_TCP_FLAGS = 14 + 20 + 14;
const TO_TCP_WINDOW = 14 + 20 + 16;
const TO_UDP_END = 14 + 20 + 8;

export class PlainRun {
  /** Of the last run: packets by what they were, those that were cut, and the fraction of the last one's time in nanoseconds. */
  tcp = 0;
  udp = 0;
  syn = 0;
  cut = 0;
  nanos = 0;
  /** Null where nobody asks for them. */
  readonly #sources: Sources | null;
  readonly #watches: Watches;
  readonly #tuples: TupleFilter;
  readonly #exact: TupleFilter;
  readonly #loss: LossSample;
  readonly #heartbeats: HeartbeatTracker | null;
  /** Null where no SYN is looked at at all. */
  readonly #flood: SynFlood | null;

  constructor(trackers: TrackerSet, needsSources: boolean) {
    this.#sources = needsSources ? trackers.sources : null;
    this.#watches = trackers.watches;
    this.#tuples = trackers.tuples;
    this.#exact = trackers.followed;
    this.#loss = trackers.loss;
    this.#heartbeats = trackers.heartbeats;
    this.#flood = trackers.connections?.flood ?? null;
  }

  /** True while a SYN may be one that only counts. */
  get mayTakeSyn(): boolean {
    return this.#flood === null || this.#flood.isOn;
  }

  /**
   * Takes the plain packets that stand next in `row`, all of the whole second `second` and within it from `nanos` on and
   * before `endNanos`. Answers how many there were.
   */
  take(row: RecordRow, domain: Domain, second: number, nanos: number, endNanos: number): number {
    const { window, littleEndian, nanosPerUnit } = row;
    const { view, limit } = window;
    const sources = this.#sources;
    const watches = this.#watches;
    const tuples = this.#tuples;
    const exact = this.#exact;
    const loss = this.#loss;
    const flood = this.#flood;
    const hasWatches = watches.active !== 0;
    const takesSyns = this.mayTakeSyn && !this.#heartbeats?.isServing;
    const domainIndex = domain.index;
    let at = window.position;
    let last = nanos;
    let tcp = 0;
    let udp = 0;
    let syn = 0;
    let cut = 0;
    while (at + 16 <= limit) {
      const captured = view.getInt32(at + 8, littleEndian);
      const original = view.getInt32(at + 12, littleEndian);
      const frame = at + 16;
      const end = frame + captured;
      if (captured < TO_UDP_END || end > limit || captured > original) break;
      if (view.getUint32(at, littleEndian) !== second) break;
      const time = view.getInt32(at + 4, littleEndian) * nanosPerUnit;
      if (time < last || time >= endNanos) break;

      if (view.getUint16(frame + 12) !== 0x0800) break;
      const sourceLow = view.getInt32(frame + 8);
      if (hasWatches && watches.mayConcernStations(sourceLow, view.getInt32(frame + 2))) break;
      const first = view.getInt32(frame + 14);
      // A total length of 0 is segmentation offload.
      if (first >>> 24 !== PLAIN_IPV4 || ((first - 1) & 0xffff) < 19) break;
      if ((view.getUint16(frame + 20) & 0x1fff) !== 0) break;
      const source = view.getInt32(frame + 26);
      const ports = view.getInt32(frame + 34);
      const protocol = view.getUint8(frame + 23);
      if (protocol === PROTOCOL_TCP) {
        if (captured < TO_TCP_FLAGS) break;
        const flags = view.getUint8(frame + 47);
        if ((flags & 0x07) === 0) {
          const isFollowed = tuples.hasPorts(ports);
          if (isFollowed && exact.isUsed && exact.hasPorts(ports)) break;
          if (
            sources !== null &&
            !sources.touchKnown(domainIndex, source, view.getUint16(frame + 6), sourceLow)
          )
            break;
          if (isFollowed) {
            const length = first & 0xffff;
            const ipEnd = length === 0 ? frame + original : frame + 14 + length;
            loss.segment(view, frame + 34, end, ipEnd, source, view.getInt32(frame + 30), domainIndex);
          }
          tcp += 1;
        } else {
          if (flags !== SYN || !takesSyns || captured < TO_TCP_WINDOW) break;
          const destination = view.getInt32(frame + 30);
          if (loss.isSampled(source, destination, ports)) break;
          if (flood !== null && !flood.sheds(second, source, destination, ports)) break;
          syn += 1;
        }
      } else {
        if (protocol !== PROTOCOL_UDP || !isOrdinaryUdp(ports >>> 16, ports & 0xffff)) break;
        if (
          sources !== null &&
          !sources.touchKnown(domainIndex, source, view.getUint16(frame + 6), sourceLow)
        )
          break;
        udp += 1;
      }
      if (captured < original) cut += 1;
      last = time;
      at = end;
    }
    this.tcp = tcp;
    this.udp = udp;
    this.syn = syn;
    this.cut = cut;
    this.nanos = last;
    const packets = tcp + udp + syn;
    if (packets > 0) row.taken(packets, at);
    return packets;
  }
}
