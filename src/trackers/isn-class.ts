/**
 * How a host chooses its initial sequence numbers (rules 1.3), from the numbers of its connections in the order of their
 * first sighting. Pure functions; sequence numbers are int32 and differ modulo 2^32.
 */

export interface IsnOptions {
  readonly reorderMillis: number;
  readonly stepMinMillis: number;
  readonly isnBound: number;
  readonly maxBackwardStep: number;
  readonly medianDeviation: number;
  readonly jumpFraction: number;
  readonly minSamples: number;
  readonly zeroStepFraction: number;
  readonly sameIsnTuples: number;
  readonly natLanes: number;
  readonly laneSamples: number;
  readonly laneGapRatio: number;
}

export interface IsnSample {
  /** Seconds from the first sample. */
  readonly time: number;
  readonly isn: number;
  /** IP identification of the packet, 16 bits. */
  readonly ipId: number;
  /** Both ends' addresses and ports as one number. */
  readonly tuple: number;
  /** What tells the host behind the address: MAC address, TTL, options, window. */
  readonly identity: number;
  /** Opens a connection on a tuple in TIME-WAIT below its old numbers: not one of the "other" steps of 1.4. */
  readonly isRegression: boolean;
}

export type IsnClass =
  | 'constant'
  | 'rule-64k'
  | 'rule-800'
  | 'hash-24'
  | 'tuple-clock'
  | 'random'
  | 'time'
  | 'regressing'
  | 'increments'
  | 'unknown';

export interface Step {
  /** Index of the later sample. */
  readonly at: number;
  /** Signed, -2^31 to 2^31. */
  readonly size: number;
  readonly seconds: number;
}

export interface IsnStatistics {
  readonly kind: IsnClass;
  readonly samples: number;
  readonly steps: readonly Step[];
  /** Greatest common divisor of the steps modulo 2^32. */
  readonly gcd: number;
  /** Sequence numbers per second. */
  readonly rate: number;
  readonly stepDeviation: number;
}

/** 24 bits of hash with five in a hundred to spare, and the least step that no re-ordering of increments explains. */
const HASH_RANGE = 1.05 * 2 ** 24;
const HASH_STEP = 2 ** 21;
/** Rates of the clocks of RFC 1948 and RFC 6528 generators. */
const CLOCK_RATES = [250_000, 15_625_000];

export function classify(samples: readonly IsnSample[], options: IsnOptions): IsnStatistics {
  const steps = stepsOf(samples, options);
  const forward = steps.map((step) => step.size >>> 0);
  const gcd = forward.reduce(commonDivisor, 0);
  const seconds = sum(steps.map((step) => step.seconds));
  const rate = seconds > 0 ? sum(steps.map((step) => step.size)) / seconds : 0;
  const mean = steps.length > 0 ? sum(forward) / steps.length : 0;
  const variance = steps.length > 0 ? sum(forward.map((step) => (step - mean) ** 2)) / steps.length : 0;
  return {
    kind: classOf(samples, steps, gcd, rate, options),
    samples: samples.length,
    steps,
    gcd,
    rate,
    stepDeviation: Math.sqrt(variance),
  };
}

function classOf(
  samples: readonly IsnSample[],
  steps: readonly Step[],
  gcd: number,
  rate: number,
  options: IsnOptions,
): IsnClass {
  const { length } = samples;
  if (steps.length === 0) return 'unknown';
  if (steps.every((step) => step.size === 0)) {
    return new Set(samples.map((sample) => sample.tuple)).size >= 3 ? 'constant' : 'unknown';
  }
  if (length >= 4 && gcd !== 0 && gcd % 64_000 === 0) return 'rule-64k';
  if (length >= 4 && gcd !== 0 && gcd % 800 === 0) return 'rule-800';
  const residuals = steps.map((step) => step.size - rate * step.seconds);
  if (length >= 6 && isHashOf24Bits(steps, residuals)) return 'hash-24';
  const jumps = steps.filter((step) => Math.abs(step.size) > options.isnBound).length;
  const isScattered = jumps > 0.3 * steps.length;
  if (isScattered && isTupleClock(samples)) return 'tuple-clock';
  if (length >= 6 && isScattered) return 'random';
  if (length >= 5 && isClock(steps)) return 'time';
  if (isRegressing(length, steps, residuals, jumps, options)) return 'regressing';
  const isIncreasing = steps.every(
    (step) => step.size > 0 && step.size <= options.isnBound + Math.max(0, rate) * step.seconds,
  );
  return length >= 6 && isIncreasing ? 'increments' : 'unknown';
}

/** Steps between neighbours, without those whose order is in doubt (rules 1.3). */
export function stepsOf(samples: readonly IsnSample[], options: IsnOptions): Step[] {
  const isSwapped = countsSwapped(samples);
  const steps: Step[] = [];
  for (let at = 1; at < samples.length; at += 1) {
    const from = samples[at - 1] as IsnSample;
    const to = samples[at] as IsnSample;
    const seconds = to.time - from.time;
    const id = idStep(from, to, isSwapped);
    const isForward = id > 0 && id < 0x8000;
    // Half a nanosecond for what the difference of two doubles may lack.
    if (id >= 0x8000 || seconds < options.stepMinMillis / 1000 - 5e-10) continue;
    if (seconds < options.reorderMillis / 1000 - 5e-10 && !isForward) continue;
    steps.push({ at, size: (to.isn - from.isn) | 0, seconds });
  }
  return steps;
}

/** True if the identifications went forward from one sample to the next: the order of the two is certain. */
export function isOrderProven(samples: readonly IsnSample[], at: number): boolean {
  const id = idStep(samples[at - 1] as IsnSample, samples[at] as IsnSample, countsSwapped(samples));
  return id > 0 && id < 0x8000;
}

/** NT counts IP identifications byte-swapped: the order in which more steps are small forward ones is the host's. */
function countsSwapped(samples: readonly IsnSample[]): boolean {
  let plain = 0;
  let swapped = 0;
  for (let at = 1; at < samples.length; at += 1) {
    const from = samples[at - 1] as IsnSample;
    const to = samples[at] as IsnSample;
    plain += closeness(idStep(from, to, false));
    swapped += closeness(idStep(from, to, true));
  }
  return swapped > plain;
}

/** 1 for a step of a counter that is at rest, less for longer ones, 0 from half of the range on. */
function closeness(step: number): number {
  return step > 0 && step < 0x8000 ? 1 - step / 0x8000 : 0;
}

export function idStep(from: IsnSample, to: IsnSample, isSwapped: boolean): number {
  return isSwapped ? (swap(to.ipId) - swap(from.ipId)) & 0xffff : (to.ipId - from.ipId) & 0xffff;
}

function swap(id: number): number {
  return ((id & 0xff) << 8) | (id >>> 8);
}

function isHashOf24Bits(steps: readonly Step[], residuals: readonly number[]): boolean {
  return (
    steps.some((step) => step.size < -HASH_STEP) &&
    residuals.some((residual) => residual > 0) &&
    residuals.some((residual) => residual < 0) &&
    residuals.every((residual) => Math.abs(residual) <= HASH_RANGE)
  );
}

/** Repeated tuples advance by the clock alone, whatever their offset. */
function isTupleClock(samples: readonly IsnSample[]): boolean {
  const last = new Map<number, IsnSample>();
  const rates: number[] = [];
  for (const sample of samples) {
    const before = last.get(sample.tuple);
    if (before && sample.time > before.time)
      rates.push(((sample.isn - before.isn) >>> 0) / (sample.time - before.time));
    last.set(sample.tuple, sample);
  }
  if (rates.length < 2) return false;
  const least = Math.min(...rates);
  const most = Math.max(...rates);
  if (least > 0 && most <= least * 1.01) return true;
  return CLOCK_RATES.some((clock) => rates.every((rate) => Math.abs(rate - clock) <= 0.02 * clock));
}

/** A straight line of numbers over time: r^2 of at least 0.9999 and hardly any scatter around it. */
function isClock(steps: readonly Step[]): boolean {
  let time = 0;
  let value = 0;
  const points: Array<readonly [number, number]> = [[0, 0]];
  for (const step of steps) {
    time += step.seconds;
    value += step.size;
    points.push([time, value]);
  }
  if (time < 1) return false;
  const meanTime = sum(points.map(([at]) => at)) / points.length;
  const meanValue = sum(points.map(([, isn]) => isn)) / points.length;
  const spread = sum(points.map(([at]) => (at - meanTime) ** 2));
  const slope = sum(points.map(([at, isn]) => (at - meanTime) * (isn - meanValue))) / spread;
  const rest = sum(points.map(([at, isn]) => (isn - meanValue - slope * (at - meanTime)) ** 2));
  const total = sum(points.map(([, isn]) => (isn - meanValue) ** 2));
  if (total === 0 || 1 - rest / total < 0.9999) return false;
  return Math.sqrt(rest / points.length) <= Math.max(75, 0.002 * Math.abs(value));
}

function isRegressing(
  samples: number,
  steps: readonly Step[],
  residuals: readonly number[],
  jumps: number,
  options: IsnOptions,
): boolean {
  if (samples < options.minSamples) return false;
  const backward = steps.filter((step) => step.size < 0);
  if (backward.length === 0) return false;
  if (backward.some((step) => -step.size > options.maxBackwardStep)) return false;
  const deviations = residuals.map(Math.abs).toSorted((a, b) => a - b);
  const middle = deviations[deviations.length >> 1] as number;
  return middle <= options.medianDeviation && jumps <= options.jumpFraction * steps.length;
}

/** True if the numbers come from a source that no statement is made about: too many repeats, or one number everywhere. */
export function isRepetitive(
  samples: readonly IsnSample[],
  steps: readonly Step[],
  options: IsnOptions,
): boolean {
  const zeros = steps.filter((step) => step.size === 0).length;
  if (steps.length > 0 && zeros > options.zeroStepFraction * steps.length) return true;
  const tuples = new Map<number, Set<number>>();
  for (const { isn, tuple } of samples) {
    const same = tuples.get(isn) ?? new Set();
    tuples.set(isn, same.add(tuple));
    if (same.size >= options.sameIsnTuples) return true;
  }
  return false;
}

/** Random numbers come to 1 soon, and then stay there. */
function commonDivisor(a: number, b: number): number {
  if (a === 1) return 1;
  let x = a;
  let y = b;
  while (y !== 0) {
    const rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
