/**
 * The heartbeats of one sender, in order of time: what they said, and where they stand in the capture. Typed arrays, since a
 * capture of days holds hundreds of thousands; all logs together draw on one budget.
 */
import type { FrameCitation } from '../engine/result.ts';
import { formatHeartbeat, type Heartbeat, MAPS_DIFFER } from '../wire/heartbeat.ts';
import type { Packet } from '../wire/packet.ts';

/** Heartbeats that all logs may hold together, by their capacity: 14 MB. */
export const MAX_BEATS = 1 << 18;
const FIRST_CAPACITY = 64;

/** What is left of the budget. */
export interface BeatBudget {
  beats: number;
}

/** Doubles of a beat: time, whole seconds of the capture, file offset. */
const DOUBLES = 3;
/** Words of a beat: state, default id, maps, hash of the current map, frame, file, nanoseconds, captured bytes, precision. */
const WORDS = 9;

export class BeatLog {
  length = 0;
  readonly #budget: BeatBudget;
  readonly #priority: number;
  readonly #clusterAddress: number;
  #capacity = 0;
  #doubles = new Float64Array(0);
  #words = new Int32Array(0);

  constructor(budget: BeatBudget, priority: number, clusterAddress: number) {
    this.#budget = budget;
    this.#priority = priority;
    this.#clusterAddress = clusterAddress;
  }

  /** Adds a beat; false if no log may grow any more. */
  add(packet: Packet, beat: Readonly<Heartbeat>): boolean {
    if (this.length >= this.#capacity && !this.#grow()) return false;
    const doubles = this.#doubles;
    const words = this.#words;
    const at = this.length * DOUBLES;
    doubles[at] = packet.time;
    doubles[at + 1] = packet.seconds;
    doubles[at + 2] = packet.fileOffset;
    const to = this.length * WORDS;
    words[to] = beat.state;
    words[to + 1] = beat.defaultId;
    words[to + 2] = beat.maps;
    words[to + 3] = beat.mapHash;
    words[to + 4] = packet.number;
    words[to + 5] = packet.file;
    words[to + 6] = packet.nanos;
    words[to + 7] = packet.capturedLength;
    words[to + 8] = packet.precision;
    this.length += 1;
    return true;
  }

  /** Gives its share back to the budget; the beats are gone. */
  release(): void {
    this.#budget.beats += this.#capacity;
    this.#capacity = 0;
    this.length = 0;
    this.#doubles = new Float64Array(0);
    this.#words = new Int32Array(0);
  }

  time(index: number): number {
    return this.#doubles[index * DOUBLES] as number;
  }

  state(index: number): number {
    return this.#words[index * WORDS] as number;
  }

  defaultId(index: number): number {
    return this.#words[index * WORDS + 1] as number;
  }

  maps(index: number): number {
    return this.#words[index * WORDS + 2] as number;
  }

  mapHash(index: number): number {
    return this.#words[index * WORDS + 3] as number;
  }

  /** Index of the first beat at or after a time; `length` if there is none. */
  firstFrom(time: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.time(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Beats in [from, to]. */
  countBetween(from: number, to: number): number {
    let count = 0;
    for (let at = this.firstFrom(from); at < this.length && this.time(at) <= to; at += 1) count += 1;
    return count;
  }

  cite(index: number, role: string): FrameCitation {
    const words = this.#words.subarray(index * WORDS, (index + 1) * WORDS) as unknown as readonly number[];
    const [state = 0, , maps = 0, , number = 0, file = 0, nanos = 0, capturedBytes = 0, precision = 0] =
      words;
    const seconds = this.#doubles[index * DOUBLES + 1] as number;
    return {
      number,
      file,
      time: { seconds, nanos, precision },
      role,
      summary: formatHeartbeat({
        priority: this.#priority,
        clusterAddress: this.#clusterAddress,
        state,
        maps: maps === MAPS_DIFFER ? MAPS_DIFFER : 0,
      }),
      offsetBytes: this.#doubles[index * DOUBLES + 2] as number,
      capturedBytes,
    };
  }

  #grow(): boolean {
    const wanted = Math.max(FIRST_CAPACITY, this.#capacity * 2);
    if (wanted - this.#capacity > this.#budget.beats) return false;
    this.#budget.beats -= wanted - this.#capacity;
    this.#capacity = wanted;
    const doubles = new Float64Array(wanted * DOUBLES);
    doubles.set(this.#doubles);
    this.#doubles = doubles;
    const words = new Int32Array(wanted * WORDS);
    words.set(this.#words);
    this.#words = words;
    return true;
  }
}
