/**
 * Whether the capture was alive over a span (rules 0.2): in a layer-2 domain, no gap between packets that
 * are neither from nor to the subject is longer than `aliveGap`, which follows from the packet rate before it.
 *
 * A domain counts its packets per second. A subject, while it is watched, takes its own packets out of that
 * count; for the time before it was watched, the domain's gaps serve.
 */

import { Room } from '../tables/room.ts';
import { type Gap, GapList, gapRoom } from './gap-list.ts';
import type { Moment } from './moment.ts';

export interface LivenessOptions {
  readonly aliveFrames: number;
  readonly aliveGapMinSeconds: number;
  readonly aliveGapMaxSeconds: number;
  readonly aliveRateSeconds: number;
  readonly aliveLongSeconds: number;
}

/** How long after a moment the rate before it can still be asked for; longer gaps are too long at any rate. */
const LATEST_SECONDS = 64;

/**
 * With so many packets, a domain goes the ways that it would else go late for the first time, which would cost the hot path its
 * compiled code: each closes the second before it, which changes nothing where it is its own, and a subject of no station waits.
 */
const REHEARSED_PACKETS = 64;
/** Its gaps are nobody's, and must not take the place of others'. */
const NO_ROOM = new Room(0, 0);

/** Before any second of a capture: more than thirty years before its first packet. */
const NEVER = -(2 ** 30);

/** Most subjects send nothing while they are watched: they share what is empty. */
const NO_COUNTS = new Int32Array(0);

/** Cumulative packet counts at the end of each of the last seconds. */
class RateRing {
  readonly #length: number;
  /** Made with the first packet: before, all are zero. */
  #counts = NO_COUNTS;
  /** A small integer, not NaN, before the first: the field is then never a double of its own on the heap. */
  #second = NEVER;
  total = 0;

  constructor(seconds: number) {
    this.#length = seconds + 2 + LATEST_SECONDS;
  }

  /** Forgets the seconds before; packets counted from here on alone make the rate. */
  restart(total: number): void {
    this.total = total;
    if (total > 0) this.#make();
    this.#counts.fill(total);
    this.#second = NEVER;
  }

  /** Closes all seconds before the one of `time`. */
  advance(time: number): void {
    const second = Math.floor(time);
    if (second <= this.#second) return;
    if (this.#second === NEVER) this.#second = second;
    if (this.total > 0) this.#make();
    const from = Math.max(this.#second, second - this.#counts.length);
    for (let at = from; at < second; at += 1) this.#counts[this.#slot(at)] = this.total;
    this.#second = second;
  }

  /** Packets in the `seconds` before `time`, to the second. */
  countBefore(time: number, seconds: number): number {
    const start = Math.floor(time) - seconds;
    if (this.#counts === NO_COUNTS || this.#second - start > this.#length - 1) return this.total;
    return this.total - (this.#counts[this.#slot(start - 1)] as number);
  }

  #make(): void {
    if (this.#counts === NO_COUNTS) this.#counts = new Int32Array(this.#length);
  }

  #slot(second: number): number {
    const length = this.#length;
    return ((second % length) + length) % length;
  }
}

/** How alive a domain was. */
export class Liveness {
  packets = 0;
  firstTime = Number.NaN;
  /** Time of the last packet before the current one while handlers run. */
  lastTime = Number.NaN;
  /** The longest stretches, for the report on the capture's health. */
  readonly longest: Gap[] = [];
  readonly #options: LivenessOptions;
  readonly #recordsPerPacket: () => number;
  readonly #gaps: GapList;
  /** No gap is shorter than a second: then none ends in the second in which it began. */
  readonly settlesBySecond: boolean;
  /** Shared with the subjects, and with other domains. */
  readonly gapRoom: Room;
  readonly #rate: RateRing;
  #nextSecond = Number.NEGATIVE_INFINITY;
  /** Subjects that are watched in this domain. */
  readonly #subjects = new Set<SubjectLiveness>();
  /** Subjects whose last packet was the domain's last one. */
  readonly #waiting: SubjectLiveness[] = [];
  #isWaiting = true;
  /** Subjects whose own packet had this number, the first so many of the list; others of its second need not wait. */
  #ownNumber = -1;
  readonly #owners: Array<SubjectLiveness | null> = Array.from({ length: 8 }, () => null);
  #ownerCount = 0;
  /** The subject of no station, among the first packets. */
  #rehearsal: SubjectLiveness | null = null;

  /** `recordsPerPacket`: how often a mirror port records each packet, 1 to 2; copies do not raise the rate. */
  constructor(options: LivenessOptions, recordsPerPacket: () => number = () => 1, room: Room = gapRoom()) {
    this.#options = options;
    this.settlesBySecond = options.aliveGapMinSeconds >= 1;
    this.gapRoom = room;
    this.#gaps = new GapList(room);
    this.#recordsPerPacket = recordsPerPacket;
    this.#rate = new RateRing(options.aliveRateSeconds);
    // Stored a second time, so that it does not count as constant: the first wait would cost the hot path its compiled code.
    this.#isWaiting = false;
  }

  get options(): LivenessOptions {
    return this.#options;
  }

  /**
   * Counts the current packet; called last for every packet of the domain. The packet is handed on, not its time: a double that
   * is an argument of two rare calls becomes an allocation on the common path.
   */
  tick(packet: Moment): void {
    this.packets += 1;
    if (packet.time >= this.#nextSecond || this.#isWaiting) this.#settle(packet);
    this.lastTime = packet.time;
  }

  /** True while the next packet settles something, and must `tick`. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** True if a packet at `time` falls into the second of the last one. */
  isSameSecond(time: number): boolean {
    return time < this.#nextSecond;
  }

  /** Counts packets of the second of the last one while nobody waits; the last of them at `time`. */
  tickQuietly(packets: number, time: number): void {
    this.packets += packets;
    this.lastTime = time;
  }

  /** A new clock epoch: nothing before it can be compared with what follows. */
  restart(): void {
    this.#nextSecond = Number.NEGATIVE_INFINITY;
    this.firstTime = Number.NaN;
    this.lastTime = Number.NaN;
    this.#gaps.clear();
    this.#rate.restart(this.packets);
    this.#subjects.clear();
    this.#waiting.length = 0;
    this.#isWaiting = false;
    this.#ownerCount = 0;
  }

  /** True if the domain was alive over the whole span; gaps up to `least` seconds do not count. */
  isAlive(from: number, to: number, least = 0): boolean {
    if (!(from >= this.firstTime) || !(to <= this.lastTime)) return false;
    return this.#gaps.isClear(from, to, Math.max(least, this.leastGap(from, to)));
  }

  /**
   * The longest gap of a living capture after the last packet, not counting `own` packets of a subject in the rate. They may be
   * older than the rate's window: two thirds of it at most are taken for the subject's.
   */
  gapLimitWithout(own: number): number {
    const packets = this.packetsBefore(this.lastTime);
    return this.gapLimit(this.lastTime, Math.max(packets - own, packets / 3));
  }

  /** True if one of the capture's longest gaps reaches into the span, and is longer than that of any living capture. */
  isInterrupted(from: number, to: number): boolean {
    const { aliveGapMaxSeconds } = this.#options;
    return this.longest.some((gap) => Math.min(gap.to, to) - Math.max(gap.from, from) > aliveGapMaxSeconds);
  }

  /** Seconds of a span outside its gaps. */
  liveSeconds(from: number, to: number): number {
    return to - from - this.#gaps.total(from, to);
  }

  /** Over long spans a gap shorter than the maximum is chance. */
  leastGap(from: number, to: number): number {
    return to - from > this.#options.aliveLongSeconds ? this.#options.aliveGapMaxSeconds : 0;
  }

  /** The longest gap of a living capture after `time`, given packets counted in the rate window before it. */
  gapLimit(time: number, packets: number): number {
    const seconds = Math.max(1, Math.min(this.#options.aliveRateSeconds, time - this.firstTime));
    return this.gapLimitAt(packets / seconds);
  }

  /** The longest gap of a living capture with so many records a second. */
  gapLimitAt(records: number): number {
    const { aliveFrames, aliveGapMinSeconds, aliveGapMaxSeconds } = this.#options;
    const rate = records / this.#recordsPerPacket();
    const limit = rate > 0 ? aliveFrames / rate : aliveGapMaxSeconds;
    return Math.min(aliveGapMaxSeconds, Math.max(aliveGapMinSeconds, limit));
  }

  /** Packets in the rate window before `time`, which is the time of the last packet or later. */
  packetsBefore(time: number): number {
    this.#rate.total = Math.max(this.#rate.total, this.packets - 1);
    return this.#rate.countBefore(time, this.#options.aliveRateSeconds);
  }

  addSubject(subject: SubjectLiveness): void {
    this.#subjects.add(subject);
  }

  removeSubject(subject: SubjectLiveness): void {
    this.#subjects.delete(subject);
  }

  /** The current packet is the subject's own: the next one of another ends a stretch of its packets alone. */
  await(subject: SubjectLiveness): void {
    this.#waiting.push(subject);
    this.#isWaiting = true;
  }

  /** Packet `number` is the subject's own, and no later than the second of the one before: it waits only if no other follows in it. */
  awaitInSecond(subject: SubjectLiveness, number: number): void {
    if (this.#ownNumber !== number) {
      this.#ownNumber = number;
      this.#ownerCount = 0;
    }
    this.#owners[this.#ownerCount] = subject;
    this.#ownerCount += 1;
  }

  /** Both by one call, which the first packets make each: one that is first made late would cost the hot path its compiled code. */
  #settle(packet: Moment): void {
    if (packet.time >= this.#nextSecond) this.#closeSecond(packet);
    if (this.#isWaiting) this.#settleWaiting(packet);
    if (this.packets <= REHEARSED_PACKETS) this.#rehearse(packet);
  }

  /** As if every other packet were the subject's: it waits for one more than its own. A restart ends it early. */
  #rehearse(packet: Moment): void {
    if (this.packets === REHEARSED_PACKETS) this.#rehearsal = null;
    else if (this.packets % 2 === 0) {
      this.#rehearsal ??= this.#subjectOfNone(packet);
      this.#rehearsal.own(packet);
    }
  }

  #subjectOfNone({ time }: Moment): SubjectLiveness {
    const subject = new SubjectLiveness(this, time, NO_ROOM);
    subject.close();
    return subject;
  }

  #closeSecond({ time }: Moment): void {
    if (Number.isNaN(this.firstTime)) this.firstTime = time;
    if (this.#ownNumber === this.packets - 1)
      for (let at = 0; at < this.#ownerCount; at += 1) this.#owners[at]?.awaitOther();
    this.#rate.total = this.packets - 1;
    // Rates before the gap are read before the ring moves on over it.
    if (time - this.lastTime > this.#options.aliveGapMinSeconds) this.#noteGap(this.lastTime, time);
    this.#rate.advance(time);
    if (this.packets > REHEARSED_PACKETS || !this.settlesBySecond) this.#nextSecond = Math.floor(time) + 1;
  }

  #noteGap(from: number, to: number): void {
    const packets = this.packetsBefore(from);
    if (to - from > this.gapLimit(from, packets)) {
      this.#gaps.add(from, to);
      this.#noteLongest(from, to);
    }
    for (const subject of this.#subjects) subject.noteDomainGap(from, to);
  }

  #noteLongest(from: number, to: number): void {
    this.longest.push({ from, to });
    if (this.longest.length <= 8) return;
    this.longest.sort((a, b) => b.to - b.from - (a.to - a.from));
    this.longest.length = 4;
  }

  #settleWaiting(packet: Moment): void {
    const waiting = this.#waiting;
    let kept = 0;
    for (const subject of waiting) {
      if (subject.settle(packet, this.packets)) continue;
      waiting[kept] = subject;
      kept += 1;
    }
    while (waiting.length > kept) waiting.pop();
    this.#isWaiting = kept > 0;
  }
}

/** The liveness of a domain as seen without one subject's own packets. */
export class SubjectLiveness {
  readonly #domain: Liveness;
  readonly #gaps: GapList;
  readonly #own: RateRing;
  #since: number;
  /** Packets of the domain before the watch. */
  readonly #packetsBefore: number;
  #lastOther = Number.NaN;
  /** Number of the subject's last own packet in the domain. */
  #lastOwn = -1;
  #isWaiting = false;
  /** Until when it is known for good; NaN while the domain's clock epoch goes on. */
  #endTime = Number.NaN;

  constructor(domain: Liveness, time: number, room = domain.gapRoom) {
    this.#domain = domain;
    this.#since = time;
    this.#packetsBefore = domain.packets;
    this.#gaps = new GapList(room);
    this.#own = new RateRing(domain.options.aliveRateSeconds);
    this.#own.advance(time);
    domain.addSubject(this);
  }

  /** The current packet is the subject's own; called before the domain counts it. */
  own(packet: Moment): void {
    const number = this.#domain.packets + 1;
    if (this.#lastOwn === number) return;
    if (this.#lastOwn !== number - 1) this.#lastOther = this.#domain.lastTime;
    this.#lastOwn = number;
    this.#own.advance(packet.time);
    this.#own.total += 1;
    if (this.#isWaiting) return;
    // The domain was heard in this second, so that no gap of others can end in it.
    if (this.#domain.settlesBySecond && this.#domain.isSameSecond(packet.time))
      this.#domain.awaitInSecond(this, number);
    else this.awaitOther();
  }

  /** A gap may end with the next packet that is not its own. */
  awaitOther(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#domain.await(this);
  }

  /** The packet `number` was counted; answers true if it was another's, so that the wait is over. */
  settle({ time }: Moment, number: number): boolean {
    if (this.#lastOwn === number) return false;
    this.#isWaiting = false;
    // A rate is worked out only for a gap that could be too long.
    const gap = time - this.#lastOther;
    if (gap > this.#domain.options.aliveGapMinSeconds && gap > this.#limit(this.#lastOther))
      this.#gaps.add(this.#lastOther, time);
    return true;
  }

  /** A stretch without any packet, whose ends are others' packets unless one of them is the subject's. */
  noteDomainGap(from: number, to: number): void {
    if (!this.#isWaiting && to - from > this.#limit(from)) this.#gaps.add(from, to);
  }

  /** Others were heard since the watch began. */
  get isAnyOther(): boolean {
    return this.#domain.packets - this.#packetsBefore > this.#own.total;
  }

  /** Like that of the domain. */
  isAlive(from: number, to: number, least = 0): boolean {
    if (!Number.isNaN(this.#endTime)) {
      const isInside = from >= this.#since && to <= this.#endTime;
      return isInside && this.#gaps.isClear(from, to, Math.max(least, this.#domain.leastGap(from, to)));
    }
    if (from < this.#since && !this.#domain.isAlive(from, Math.min(to, this.#since), least)) return false;
    if (!(to <= this.#domain.lastTime)) return false;
    const start = Math.max(from, this.#since);
    return to <= start || this.#isClear(start, to, Math.max(least, this.#domain.leastGap(from, to)));
  }

  /** Up to where a span was alive that begins while the subject is watched. */
  aliveUntil(from: number, to: number): number {
    const until = this.#gaps.clearUntil(from, to, this.#domain.leastGap(from, to));
    return Math.max(from, Math.min(until, this.#silentSince));
  }

  /** From where on such a span was alive. */
  aliveFrom(from: number, to: number): number {
    return this.#gaps.clearFrom(from, to, this.#domain.leastGap(from, to));
  }

  close(): void {
    this.#domain.removeSubject(this);
  }

  /** Closes it before its domain begins a new clock epoch: what is asked later is answered from what was seen until then. */
  end(): void {
    const { lastTime } = this.#domain;
    if (this.#silentSince < lastTime) this.#gaps.add(this.#silentSince, lastTime);
    this.#isWaiting = false;
    this.#endTime = lastTime;
    this.close();
  }

  /** Nobody asks any more. */
  forget(): void {
    this.close();
    this.#gaps.clear();
  }

  /** Since when nothing but its own packets came, if a living capture has no such gap; else infinite. */
  get #silentSince(): number {
    if (!this.#isWaiting) return Number.POSITIVE_INFINITY;
    const since = Number.isNaN(this.#lastOther) ? this.#since : this.#lastOther;
    return this.#domain.lastTime - since > this.#limit(this.#lastOther) ? since : Number.POSITIVE_INFINITY;
  }

  #isClear(from: number, to: number, least: number): boolean {
    if (!this.#gaps.isClear(from, to, least)) return false;
    // Others may have been silent since before the span's end, with only the subject's own packets after. Where it does not wait,
    // that is no longer than a part of this second.
    if (!this.#isWaiting) return true;
    const silent = to - Math.max(from, Number.isNaN(this.#lastOther) ? from : this.#lastOther);
    return silent <= Math.max(least, this.#limit(this.#lastOther));
  }

  /** The longest gap after `from`, the time of the domain's last packet. */
  #limit(from: number): number {
    if (Number.isNaN(from)) return this.#domain.options.aliveGapMaxSeconds;
    const { aliveRateSeconds } = this.#domain.options;
    this.#own.advance(from);
    const packets = this.#domain.packetsBefore(from);
    const others = Math.max(0, packets - this.#own.countBefore(from, aliveRateSeconds));
    const limit = this.#domain.gapLimit(from, others);
    const watched = from - this.#since;
    if (watched >= aliveRateSeconds) return limit;
    // The subject's own packets before it was watched are among these others, and it may have been the busiest of all: the rate
    // since then counts as well, over a few seconds at least.
    const since = Math.max(0, this.#domain.packets - this.#packetsBefore - this.#own.total);
    const seconds = Math.max(2 * this.#domain.options.aliveGapMinSeconds, watched);
    return Math.max(limit, this.#domain.gapLimitAt(since / seconds));
  }
}
