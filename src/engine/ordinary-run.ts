/**
 * Runs of ordinary packets: untagged Ethernet, IPv4 without options, ordinary UDP or TCP, in the second of the packet before.
 * Most are plain: not SYN, FIN or RST, and from a source that is where it was; or SYNs of a flood. Of plain ones nothing is kept
 * but counts (and those of a watched station are shown to who watches it), so they are walked over in one loop on local
 * variables, which takes half the time of `Analysis.accept`. The others of a run are handed to the trackers where they stand. The
 * first packet that is anything else ends the run and is left to `accept`; what a run does must be what `accept` would have done.
 */
import type { RecordRow } from '../capture/capture.ts';
import { MAX_RECORD_BYTES } from '../capture/limits.ts';
import type { Domain } from '../trackers/domains.ts';
import type { HeartbeatTracker } from '../trackers/heartbeats.ts';
import type { LossSample } from '../trackers/loss-sample.ts';
import type { Sources } from '../trackers/sources.ts';
import type { SynFlood } from '../trackers/syn-flood.ts';
import type { TupleFilter } from '../trackers/tuple-filter.ts';
import type { Watches } from '../trackers/watches.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';
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

/**
 * Takes in one packet that is not plain, or shows a plain one to who watches its station. Its time stands in `packet`;
 * `OrdinaryRun.open` writes its record there.
 */
export type Look = (packet: Packet, domain: Domain, isPlain: boolean) => void;

export class OrdinaryRun {
  /** Of the last run: plain packets by what they were, and those of all that were cut. */
  tcp = 0;
  udp = 0;
  syn = 0;
  cut = 0;
  /** Of the packet that is looked at: where its record stands, and its place in the run, from 1 on. */
  #at = 0;
  #place = 0;
  /** Of the run, for `open`. */
  #row: RecordRow | null = null;
  #clock: InterfaceClock | null = null;
  /** Null where nobody asks for them. */
  readonly #sources: Sources | null;
  readonly #watches: Watches;
  readonly #tuples: TupleFilter;
  readonly #exact: TupleFilter;
  readonly #loss: LossSample;
  readonly #heartbeats: HeartbeatTracker | null;
  /** Null where no SYN is looked at at all. */
  readonly #flood: SynFlood | null;
  readonly #look: Look;

  constructor(trackers: TrackerSet, needsSources: boolean, look: Look) {
    this.#look = look;
    this.#sources = needsSources ? trackers.sources : null;
    this.#watches = trackers.watches;
    this.#tuples = trackers.tuples;
    this.#exact = trackers.followed;
    this.#loss = trackers.loss;
    this.#heartbeats = trackers.heartbeats;
    this.#flood = trackers.connections?.flood ?? null;
  }

  /**
   * Takes the ordinary packets that stand next in `row`, as long as they lie in the second of the one in `packet` and not before
   * it. Answers how many there were.
   */
  take(row: RecordRow, packet: Packet, clock: InterfaceClock, domain: Domain, base: number): number {
    this.#row = row;
    this.#clock = clock;
    const { window, littleEndian, nanosPerUnit } = row;
    const { view, limit } = window;
    const { liveness } = domain;
    const sources = this.#sources;
    const watches = this.#watches;
    const tuples = this.#tuples;
    const exact = this.#exact;
    const loss = this.#loss;
    const flood = this.#flood;
    const domainIndex = domain.index;
    const second = packet.seconds;
    // Compared as they stand: an unsigned word would be compared as a double. A second that was carried over fits no word.
    if (second > 0xffff_ffff) return 0;
    const secondWord = second | 0;
    const start = second - base;
    let mayShed = this.#mayShed;
    let isWaiting = liveness.isWaiting;
    let { due } = clock.timers;
    let endNanos = nanosUntil(due, start);
    let at = window.position;
    let last = packet.nanos;
    let tcp = 0;
    let udp = 0;
    let syn = 0;
    let cut = 0;
    let tracked = 0;
    /** Of these, the ones that are told to the domain. */
    let told = 0;
    let captured = at + 16 <= limit ? view.getInt32(at + 8, littleEndian) : -1;
    // A captured length that is negative ends the run: there is no further record.
    while (captured >= TO_UDP_END) {
      const original = view.getInt32(at + 12, littleEndian);
      const frame = at + 16;
      const end = frame + captured;
      // A longer record is no packet, however whole it stands here.
      if (end > limit || captured > original || captured > MAX_RECORD_BYTES) break;
      // Asked for early: it stands in a part of memory that was not looked at yet.
      let next = end + 16 <= limit ? view.getInt32(end + 8, littleEndian) : -1;
      if (view.getInt32(at, littleEndian) !== secondWord) break;
      const time = view.getInt32(at + 4, littleEndian) * nanosPerUnit;
      if (time < last || time >= endNanos) break;

      if (view.getUint16(frame + 12) !== 0x0800) break;
      const first = view.getInt32(frame + 14);
      // A total length of 0 is segmentation offload.
      if (first >>> 24 !== PLAIN_IPV4 || ((first - 1) & 0xffff) < 19) break;
      if ((view.getUint16(frame + 20) & 0x1fff) !== 0) break;
      const sourceLow = view.getInt32(frame + 8);
      const isWatched = watches.mayConcernStations(sourceLow, view.getInt32(frame + 2));
      const source = view.getInt32(frame + 26);
      const ports = view.getInt32(frame + 34);
      const protocol = view.getUint8(frame + 23);
      let isPlain = true;
      if (protocol === PROTOCOL_TCP) {
        if (captured < TO_TCP_FLAGS) break;
        const flags = view.getUint8(frame + 47);
        if ((flags & 0x07) === 0) {
          const isFollowed = tuples.hasPorts(ports);
          isPlain =
            !(isFollowed && exact.isUsed && exact.hasPorts(ports)) &&
            (sources === null ||
              sources.touchKnown(domainIndex, source, view.getUint16(frame + 6), sourceLow));
          if (isPlain) {
            if (isFollowed) {
              const length = first & 0xffff;
              const ipEnd = length === 0 ? frame + original : frame + 14 + length;
              loss.segment(view, frame + 34, end, ipEnd, source, view.getInt32(frame + 30), domainIndex);
            }
            tcp += 1;
          }
        } else {
          const destination = view.getInt32(frame + 30);
          isPlain =
            mayShed &&
            flags === SYN &&
            !isWatched &&
            captured >= TO_TCP_WINDOW &&
            !loss.isSampled(source, destination, ports) &&
            (flood === null || flood.sheds(second, source, destination, ports));
          if (isPlain) syn += 1;
        }
      } else {
        if (protocol !== PROTOCOL_UDP || !isOrdinaryUdp(ports >>> 16, ports & 0xffff)) break;
        isPlain =
          sources === null || sources.touchKnown(domainIndex, source, view.getUint16(frame + 6), sourceLow);
        if (isPlain) udp += 1;
      }
      if (!isPlain) tracked += 1;
      if (captured < original) cut += 1;
      if (!isPlain || isWatched || isWaiting) {
        const before = tcp + udp + syn + tracked - told - 1;
        if (before > 0) liveness.tickQuietly(before, start + last * 1e-9);
        told += before + 1;
        packet.time = start + time * 1e-9;
        if (!isPlain || isWatched) {
          this.#at = at;
          this.#place = told;
          this.#look(packet, domain, isPlain);
          // What was looked at may have ended watches, begun others, or set a timer.
          mayShed = this.#mayShed;
          if (clock.timers.due !== due) {
            ({ due } = clock.timers);
            endNanos = nanosUntil(due, start);
          }
          // With addresses among what is watched, every packet is decoded.
          if (watches.hasAddresses) next = -1;
        }
        liveness.tick(packet);
        isWaiting = liveness.isWaiting;
      }
      last = time;
      at = end;
      captured = next;
    }
    this.tcp = tcp;
    this.udp = udp;
    this.syn = syn;
    this.cut = cut;
    const packets = tcp + udp + syn + tracked;
    if (packets === 0) return 0;
    packet.nanos = last;
    clock.lastTime = start + last * 1e-9;
    row.taken(packets, at);
    if (packets > told) liveness.tickQuietly(packets - told, clock.lastTime);
    return packets;
  }

  /** Writes the record of the packet that is looked at into `packet`, and what else its decoder asks for. */
  open(packet: Packet, domain: Domain): void {
    const row = this.#row as RecordRow;
    const clock = this.#clock as InterfaceClock;
    row.peek(packet, this.#place, this.#at);
    packet.domain = domain.index;
    packet.end = packet.offset + packet.capturedLength;
    packet.wireEnd = packet.offset + packet.originalLength;
    packet.linkType = clock.linkType;
    packet.precision = clock.precision;
  }

  /** True while a SYN may be one that only counts. */
  get #mayShed(): boolean {
    const flood = this.#flood;
    return (flood === null || flood.isOn) && !this.#heartbeats?.isServing;
  }
}

/**
 * Nanoseconds from `start` to the next timer, at most a second: a small integer, always. A few early, because what is closer to
 * a timer than doubles tell goes the careful way.
 */
function nanosUntil(due: number, start: number): number {
  return Math.max(0, Math.min(1e9, (due - start) * 1e9 - 100)) | 0;
}
