/**
 * Runs of plain packets: untagged Ethernet, IPv4 without options, ordinary UDP or TCP without SYN, FIN and RST, in the second
 * of the packet before, from a source that is where it was; and the SYNs of a flood. Of these nothing is kept but counts
 * (and those of a watched station are shown to who watches it), so they are walked over in one loop on local variables, which takes half the time of
 * `Analysis.accept`. The first packet that is anything else ends the run and is left to `accept`; what a run does must be
 * what `accept` would have done.
 */
import type { RecordRow } from '../capture/capture.ts';
import { type Copies, DUPLICATE } from '../trackers/copies.ts';
import type { Domain } from '../trackers/domains.ts';
import type { HeartbeatTracker } from '../trackers/heartbeats.ts';
import type { LossSample } from '../trackers/loss-sample.ts';
import type { Sources } from '../trackers/sources.ts';
import type { SynFlood } from '../trackers/syn-flood.ts';
import type { TupleFilter } from '../trackers/tuple-filter.ts';
import type { Watches } from '../trackers/watches.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import { decodePacket } from '../wire/link.ts';
import type { Packet } from '../wire/packet.ts';
import { SYN } from '../wire/tcp.ts';
import { isOrdinaryUdp } from '../wire/transport.ts';
import type { InterfaceClock } from './interface-clock.ts';
import type { TrackerSet } from './tracker-set.ts';

/** Version 4, five words of header. */
const PLAIN_IPV4 = 0x45;
/** Ethernet, IPv4, and a TCP header as far as its flags or its window; Ethernet, IPv4 and UDP. */
const TO_TCP_FLAGS = 14 + 20 + 14;
const TO_TCP_WINDOW = 14 + 20 + 16;
const TO_UDP_END = 14 + 20 + 8;

export class PlainRun {
  /** Of the last run: packets by what they were, and those that were cut. */
  tcp = 0;
  udp = 0;
  syn = 0;
  cut = 0;
  /** Null where nobody asks for them. */
  readonly #sources: Sources | null;
  readonly #watches: Watches;
  readonly #tuples: TupleFilter;
  readonly #exact: TupleFilter;
  readonly #loss: LossSample;
  readonly #copies: Copies;
  readonly #heartbeats: HeartbeatTracker | null;
  /** Null where no SYN is looked at at all. */
  readonly #flood: SynFlood | null;

  constructor(trackers: TrackerSet, needsSources: boolean) {
    this.#sources = needsSources ? trackers.sources : null;
    this.#watches = trackers.watches;
    this.#tuples = trackers.tuples;
    this.#exact = trackers.followed;
    this.#loss = trackers.loss;
    this.#copies = trackers.copies;
    this.#heartbeats = trackers.heartbeats;
    this.#flood = trackers.connections?.flood ?? null;
  }

  /**
   * Takes the plain packets that stand next in `row`, as long as they lie in the second of the one in `packet` and not before
   * it. Answers how many there were.
   */
  take(row: RecordRow, packet: Packet, clock: InterfaceClock, domain: Domain, base: number): number {
    const { window, littleEndian, nanosPerUnit } = row;
    const { view, limit } = window;
    const { liveness } = domain;
    const sources = this.#sources;
    const watches = this.#watches;
    const tuples = this.#tuples;
    const exact = this.#exact;
    const loss = this.#loss;
    const flood = this.#flood;
    // While a SYN may be one that only counts.
    const takesSyns = (flood === null || flood.isOn) && !this.#heartbeats?.isServing;
    const domainIndex = domain.index;
    const second = packet.seconds;
    const start = second - base;
    let hasWatches = watches.active !== 0;
    let isWaiting = liveness.isWaiting;
    let { due } = clock.timers;
    let endNanos = nanosUntil(due, start);
    let at = window.position;
    let last = packet.nanos;
    let tcp = 0;
    let udp = 0;
    let syn = 0;
    let cut = 0;
    /** Of these, the ones that are told to the domain, and to the row. */
    let told = 0;
    let taken = 0;
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
      const first = view.getInt32(frame + 14);
      // A total length of 0 is segmentation offload.
      if (first >>> 24 !== PLAIN_IPV4 || ((first - 1) & 0xffff) < 19) break;
      if ((view.getUint16(frame + 20) & 0x1fff) !== 0) break;
      const sourceLow = view.getInt32(frame + 8);
      const isWatched = hasWatches && watches.mayConcernStations(sourceLow, view.getInt32(frame + 2));
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
          if (flags !== SYN || !takesSyns || isWatched || captured < TO_TCP_WINDOW) break;
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
      if (isWatched || isWaiting) {
        const before = tcp + udp + syn - told - 1;
        if (before > 0) liveness.tickQuietly(before, start + last * 1e-9);
        told += before + 1;
        packet.time = start + time * 1e-9;
        if (isWatched) {
          row.taken(told - taken - 1, at);
          taken = told;
          row.next(packet);
          packet.domain = domainIndex;
          this.#show(packet, clock);
        }
        liveness.tick(packet);
        // What was shown may have ended watches, begun others, or set a timer.
        hasWatches = watches.active !== 0;
        isWaiting = liveness.isWaiting;
        if (clock.timers.due !== due) {
          ({ due } = clock.timers);
          endNanos = nanosUntil(due, start);
        }
      }
      last = time;
      at = end;
    }
    this.tcp = tcp;
    this.udp = udp;
    this.syn = syn;
    this.cut = cut;
    const packets = tcp + udp + syn;
    if (packets === 0) return 0;
    packet.nanos = last;
    clock.lastTime = start + last * 1e-9;
    row.taken(packets - taken, at);
    if (packets > told) liveness.tickQuietly(packets - told, clock.lastTime);
    return packets;
  }

  /** A plain packet whose record and time stand in `packet`, for those who watch its station. */
  #show(packet: Packet, clock: InterfaceClock): void {
    packet.end = packet.offset + packet.capturedLength;
    packet.wireEnd = packet.offset + packet.originalLength;
    packet.linkType = clock.linkType;
    packet.precision = clock.precision;
    decodePacket(packet);
    this.#watches.show(packet, this.#copies.examine(packet) === DUPLICATE);
  }
}

/**
 * Nanoseconds from `start` to the next timer, at most a second: a small integer, always. A few early, because what is closer to
 * a timer than doubles tell goes the careful way.
 */
function nanosUntil(due: number, start: number): number {
  return Math.max(0, Math.min(1e9, (due - start) * 1e9 - 100)) | 0;
}
