/**
 * The initial sequence numbers of one address in one role, client (SYN) or server (SYN/ACK): samples in packed words, judged in
 * stretches, so that a busy host takes no more room than a quiet one.
 */
import type { FrameCitation } from '../engine/result.ts';
import { formatIpv4 } from '../wire/ipv4.ts';
import { FRAME_WORDS, secondsBetween, unpackFrame } from './frame-words.ts';
import {
  classify,
  type IsnClass,
  type IsnOptions,
  type IsnSample,
  isOrderProven,
  isRepetitive,
} from './isn-class.ts';
import { isSeveralHosts, reusesByOthers } from './isn-hosts.ts';

export type IsnRole = 'client' | 'server';

// Words of a sample.
export const SAMPLE_ISN = 0;
/** IP identification in the upper half, then flags and the TTL. */
export const SAMPLE_META = 1;
/** What tells the host: MAC address, TTL, window, options. */
export const SAMPLE_IDENTITY = 2;
export const SAMPLE_PORTS = 3;
export const SAMPLE_PEER = 4;
export const SAMPLE_FRAME = 5;
export const SAMPLE_WORDS = SAMPLE_FRAME + FRAME_WORDS;

/** Flags in SAMPLE_META, beside META_PLAIN of the pending SYNs. */
export const SAMPLE_REGRESSION = 0x4000;
const SAMPLE_PLAIN = 0x100;
/** The SYN was answered by a SYN/ACK. */
const SAMPLE_ANSWERED = 0x8000;

/** Samples of one stretch; the next one begins with the last of these. */
export const STRETCH_SAMPLES = 256;
const FIRST_SAMPLES = 8;
const MAX_STEPS_CITED = 8;
const MAX_STRETCHES = 16;
/** The same in a capture with very many hosts. */
const FEW_STRETCHES = 4;
/** Points of one host's chart (DESIGN 4). */
const MAX_POINTS = 512;

/** A step backward that no excuse explains, with its two packets. */
export interface BackwardStep {
  readonly back: number;
  readonly from: FrameCitation;
  readonly to: FrameCitation;
  /** The sender's IP identifications went forward: the packets are in order. */
  readonly isOrderProven: boolean;
}

/** What a stretch of samples comes to. */
export interface IsnStretch {
  readonly kind: IsnClass;
  readonly samples: number;
  readonly steps: number;
  readonly gcd: number;
  readonly rate: number;
  readonly stepDeviation: number;
  /** Steps but those into a regression on a reused tuple; and those of them larger than the bound. */
  readonly otherSteps: number;
  readonly otherJumps: number;
  /** Significant backward steps, and the first of them with their packets. */
  readonly backward: number;
  readonly backwardSteps: readonly BackwardStep[];
  /** Gates G3 and G4 hold on every sample. */
  readonly isPlain: boolean;
  readonly isTtlFitting: boolean;
  /** Distinct destinations, and those of them that gave no connection; of a client. */
  readonly targets: number;
  readonly failedTargets: number;
  /** Several hosts behind the address, or a source that repeats its numbers. */
  readonly excuse: 'severalHosts' | 'repetitive' | null;
  /** Tuples that one host behind the address reused of another one. */
  readonly reusedByOthers: readonly number[];
  /** Whole seconds since 1970, their lower 32 bits. */
  readonly firstTime: number;
  readonly lastTime: number;
  /** Seconds since the whole second of `firstTime`, and sequence number; none where they are scattered. */
  readonly points: ReadonlyArray<readonly [number, number]>;
  /** Indexes of the points that are significant steps backward from the one before. */
  readonly backwardPoints: readonly number[];
}

/** What all series together may still keep for the report: points of charts, and packets of backward steps. */
export interface ReportRoom {
  points: number;
  citations: number;
}

export interface SeriesOptions extends IsnOptions {
  readonly seriesGapSeconds: number;
  readonly inBoundSteps: number;
  readonly ttlMin: number;
  readonly ttlMax: number;
}

export class IsnSeries {
  readonly domain: number;
  readonly address: number;
  readonly role: IsnRole;
  /** Domain and clock epoch of the current stretch. */
  scope: number;
  /** Samples in all. */
  samples = 0;
  /** Stretches that were judged: the most telling ones. */
  readonly stretches: IsnStretch[] = [];
  words = new Int32Array(FIRST_SAMPLES * SAMPLE_WORDS);
  count = 0;
  /** A handshake in which it took part was completed. */
  isHandshakeSeen = false;
  /** Its numbers jump about, as those of most hosts do today: nothing can be said of them, whatever follows. */
  isScattered = false;
  /** Attempts of two SYNs or more that came to nothing, on tuples whose earlier connection was closed by FINs. */
  failedAttempts = 0;
  /** When the host was last started, as far as its announcements tell. */
  rebootTime = Number.NaN;
  /** Reuses of a tuple in TIME-WAIT that were accepted with a number in order. */
  reusesAccepted = 0;
  readonly #options: SeriesOptions;
  readonly #room: ReportRoom;
  #points = 0;

  constructor(
    domain: number,
    address: number,
    role: IsnRole,
    scope: number,
    options: SeriesOptions,
    room: ReportRoom,
  ) {
    this.#room = room;
    this.domain = domain;
    this.address = address;
    this.role = role;
    this.scope = scope;
    this.#options = options;
  }

  /** The attempt was answered by a SYN/ACK: the latest sample of this tuple. */
  noteAnswered(peer: number, ports: number): void {
    const { words } = this;
    for (let at = this.last; at >= 0; at -= SAMPLE_WORDS) {
      if (words[at + SAMPLE_PORTS] !== ports || words[at + SAMPLE_PEER] !== peer) continue;
      words[at + SAMPLE_META] = (words[at + SAMPLE_META] as number) | SAMPLE_ANSWERED;
      return;
    }
  }

  /**
   * Room for one more sample at its place in time; answers the offset of its words. `seconds`, `nanos`: its time. Where no room
   * `mayGrow`, the stretch is judged as it is and a new one begun.
   */
  place(seconds: number, nanos: number, mayGrow: boolean): number {
    const isFull = (this.count + 1) * SAMPLE_WORDS > this.words.length;
    if (this.count === this.#options.minSamples && this.stretches.length === 0) this.#tell();
    if (this.count >= STRETCH_SAMPLES || (isFull && !mayGrow)) this.#rollOver();
    else if (isFull) this.#widen();
    const { words } = this;
    let at = this.count * SAMPLE_WORDS;
    this.count += 1;
    this.samples += 1;
    while (at > 0 && isLater(words, at - SAMPLE_WORDS, seconds, nanos)) {
      words.copyWithin(at, at - SAMPLE_WORDS, at);
      at -= SAMPLE_WORDS;
    }
    return at;
  }

  /** The offset of the latest sample, or -1. */
  get last(): number {
    return (this.count - 1) * SAMPLE_WORDS;
  }

  /** Ends the stretch: a pause, a reboot, a new clock epoch, the end. */
  close(): void {
    if (this.count > 0) this.#judge();
    this.count = 0;
  }

  /** Words held. */
  get size(): number {
    return this.words.length;
  }

  #widen(): void {
    const wider = new Int32Array(this.words.length * 2);
    wider.set(this.words);
    this.words = wider;
  }

  /** A host whose numbers jump about is told, and followed no further. Integers only: most hosts of a capture come to this. */
  #tell(): void {
    const { words, count } = this;
    const bound = this.#options.isnBound;
    let jumps = 0;
    for (let at = SAMPLE_WORDS; at < count * SAMPLE_WORDS; at += SAMPLE_WORDS) {
      const step = ((words[at] as number) - (words[at - SAMPLE_WORDS] as number)) | 0;
      if (step > bound || step < -bound) jumps += 1;
    }
    // More than half of the steps, where the class asks for three in ten.
    if (jumps * 2 <= count) return;
    this.isScattered = true;
    this.stretches.push(scatteredStretch(count, jumps, words[SAMPLE_FRAME + 3] as number));
    this.words = this.words.slice(0, FIRST_SAMPLES * SAMPLE_WORDS);
    this.count = 0;
  }

  #rollOver(): void {
    this.#judge();
    this.words.copyWithin(0, this.last, this.last + SAMPLE_WORDS);
    this.count = 1;
  }

  #judge(): void {
    const stretch = this.count === 1 ? this.#assessAlone() : this.#assess();
    this.stretches.push(stretch);
    const most = this.#room.points > 0 ? MAX_STRETCHES : FEW_STRETCHES;
    if (this.stretches.length <= most) return;
    // The ones with backward steps stay, then the long ones.
    this.stretches.sort((a, b) => b.backward - a.backward || b.samples - a.samples);
    this.stretches.length = most / 2;
  }

  /** A number sent again on its tuple is one sample (rules 1.2), however long its connection was forgotten. */
  #dropRepeats(): void {
    const { words } = this;
    const seen = new Set<number>();
    let kept = 0;
    for (let at = 0; at < this.count * SAMPLE_WORDS; at += SAMPLE_WORDS) {
      const key = (Math.imul(tupleOf(words, at), 0x85ebca6b) + (words[at] as number)) | 0;
      if (seen.has(key)) continue;
      seen.add(key);
      if (kept < at) words.copyWithin(kept, at, at + SAMPLE_WORDS);
      kept += SAMPLE_WORDS;
    }
    this.count = kept / SAMPLE_WORDS;
  }

  /** What `#assess` comes to for a single sample, as most hosts of a capture have: nothing but when it was, and its gates. */
  #assessAlone(): IsnStretch {
    const { words } = this;
    const meta = words[SAMPLE_META] as number;
    const ttl = meta & 0xff;
    const firstTime = words[SAMPLE_FRAME + 3] as number;
    const point = [(words[SAMPLE_FRAME + 4] as number) * 1e-9, (words[SAMPLE_ISN] as number) >>> 0] as const;
    return {
      kind: 'unknown',
      samples: 1,
      steps: 0,
      gcd: 0,
      rate: 0,
      stepDeviation: 0,
      otherSteps: 0,
      otherJumps: 0,
      backward: 0,
      backwardSteps: [],
      isPlain: (meta & SAMPLE_PLAIN) !== 0,
      isTtlFitting: ttl >= this.#options.ttlMin && ttl <= this.#options.ttlMax,
      targets: 1,
      failedTargets: (meta & SAMPLE_ANSWERED) === 0 ? 1 : 0,
      excuse: null,
      reusedByOthers: [],
      firstTime,
      lastTime: firstTime,
      points: this.#pointsToChart(1) === 1 ? [point] : [],
      backwardPoints: [],
    };
  }

  #assess(): IsnStretch {
    this.#dropRepeats();
    const { words, count } = this;
    const options = this.#options;
    const samples: IsnSample[] = [];
    let isPlain = true;
    let isTtlFitting = true;
    const targets = new Set<number>();
    const answered = new Set<number>();
    for (let at = 0; at < count * SAMPLE_WORDS; at += SAMPLE_WORDS) {
      const meta = words[at + SAMPLE_META] as number;
      const ttl = meta & 0xff;
      isPlain &&= (meta & SAMPLE_PLAIN) !== 0;
      isTtlFitting &&= ttl >= options.ttlMin && ttl <= options.ttlMax;
      const target = targetOf(words, at);
      targets.add(target);
      if ((meta & SAMPLE_ANSWERED) !== 0) answered.add(target);
      samples.push({
        time: secondsBetween(words, SAMPLE_FRAME, words, at + SAMPLE_FRAME),
        isn: words[at + SAMPLE_ISN] as number,
        ipId: meta >>> 16,
        tuple: tupleOf(words, at),
        identity: words[at + SAMPLE_IDENTITY] as number,
        isRegression: (meta & SAMPLE_REGRESSION) !== 0,
      });
    }
    const statistics = classify(samples, options);
    const others = statistics.steps.filter((step) => !(samples[step.at] as IsnSample).isRegression);
    const inBound = statistics.steps.filter((step) => Math.abs(step.size) <= options.isnBound).length;
    const backward =
      statistics.kind === 'regressing' && inBound - 1 >= options.inBoundSteps
        ? statistics.steps.filter((step) => step.size < 0)
        : [];
    let excuse: IsnStretch['excuse'] = null;
    if (isRepetitive(samples, statistics.steps, options)) excuse = 'repetitive';
    else if (backward.length > 0 && isSeveralHosts(samples, options)) excuse = 'severalHosts';
    const firstTime = words[SAMPLE_FRAME + 3] as number;
    const firstFraction = (words[SAMPLE_FRAME + 4] as number) * 1e-9;
    const significant = excuse === null ? backward : [];
    const cited = significant.slice(0, this.#stepsToCite(significant.length));
    const charted = isScattered(statistics.kind) ? [] : samples.slice(0, this.#pointsToChart(count));
    return {
      kind: statistics.kind,
      samples: count,
      steps: statistics.steps.length,
      gcd: statistics.gcd,
      rate: statistics.rate,
      stepDeviation: statistics.stepDeviation,
      otherSteps: others.length,
      otherJumps: others.filter((step) => Math.abs(step.size) > options.isnBound).length,
      backward: significant.length,
      backwardSteps: cited.map((step) => ({
        back: -step.size,
        from: this.#cite(step.at - 1, 'sequence before'),
        to: this.#cite(step.at, 'sequence below'),
        isOrderProven: isOrderProven(samples, step.at),
      })),
      isPlain,
      isTtlFitting,
      targets: targets.size,
      failedTargets: targets.size - answered.size,
      excuse,
      reusedByOthers: reusesByOthers(samples, options).map(({ tuple }) => tuple),
      firstTime,
      lastTime: firstTime + (samples.at(-1)?.time ?? 0),
      points: charted.map(({ time, isn }) => [firstFraction + time, isn >>> 0] as const),
      backwardPoints: significant.map((step) => step.at).filter((at) => at < charted.length),
    };
  }

  /** Every host has one step cited at least, in its first stretch that has one. */
  #stepsToCite(steps: number): number {
    const isFirst = this.stretches.every((stretch) => stretch.backwardSteps.length === 0);
    const most = Math.max(isFirst ? 1 : 0, Math.floor(this.#room.citations / 2));
    const cited = Math.min(steps, MAX_STEPS_CITED, most);
    this.#room.citations = Math.max(0, this.#room.citations - 2 * cited);
    return cited;
  }

  #pointsToChart(samples: number): number {
    const points = Math.min(samples, MAX_POINTS - this.#points, this.#room.points);
    this.#points += points;
    this.#room.points -= points;
    return points;
  }

  #cite(index: number, role: string): FrameCitation {
    const at = index * SAMPLE_WORDS;
    const { words } = this;
    const isn = (words[at + SAMPLE_ISN] as number) >>> 0;
    const ports = words[at + SAMPLE_PORTS] as number;
    const from = `${formatIpv4(this.address)}:${ports >>> 16}`;
    const to = `${formatIpv4(words[at + SAMPLE_PEER] as number)}:${ports & 0xffff}`;
    const summary = `${this.role === 'client' ? 'SYN' : 'SYN/ACK'} ${from} to ${to}, seq ${isn}`;
    return unpackFrame(words, at + SAMPLE_FRAME, role, summary);
  }
}

/** Classes whose numbers say nothing about the ones before. */
export function isScattered(kind: IsnClass): boolean {
  return kind === 'random' || kind === 'tuple-clock' || kind === 'hash-24';
}

function scatteredStretch(samples: number, jumps: number, firstTime: number): IsnStretch {
  return {
    kind: 'random',
    samples,
    steps: samples - 1,
    gcd: 1,
    rate: 0,
    stepDeviation: 0,
    otherSteps: samples - 1,
    otherJumps: jumps,
    backward: 0,
    backwardSteps: [],
    isPlain: false,
    isTtlFitting: false,
    targets: 0,
    failedTargets: 0,
    excuse: null,
    reusedByOthers: [],
    firstTime,
    lastTime: firstTime,
    points: [],
    backwardPoints: [],
  };
}

function tupleOf(words: Int32Array, at: number): number {
  return tupleKey(words[at + SAMPLE_PEER] as number, words[at + SAMPLE_PORTS] as number);
}

/** A tuple of the host, by its other end and its ports, the host's own in the upper half. */
export function tupleKey(peer: number, ports: number): number {
  return Math.imul(peer, 0x9e3779b1) ^ ports;
}

/** The other end's address and port. */
function targetOf(words: Int32Array, at: number): number {
  const port = (words[at + SAMPLE_PORTS] as number) & 0xffff;
  return Math.imul(words[at + SAMPLE_PEER] as number, 0x9e3779b1) ^ port;
}

function isLater(words: Int32Array, at: number, seconds: number, nanos: number): boolean {
  const ahead = ((words[at + SAMPLE_FRAME + 3] as number) - seconds) | 0;
  return ahead > 0 || (ahead === 0 && (words[at + SAMPLE_FRAME + 4] as number) > nanos);
}
