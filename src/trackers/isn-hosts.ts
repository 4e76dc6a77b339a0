/** Hosts that stand behind one address, told apart by their sequence numbers, IP identifications and ways to open (rules 1.6). */
import { idStep, type IsnOptions, type IsnSample, stepsOf } from './isn-class.ts';

/** Lanes that are taken for hosts. */
type Test = (lanes: readonly IsnSample[][]) => boolean;

/**
 * Several hosts behind one address (rules 1.6): no step goes backward once the samples are told apart by what identifies a
 * host, by its IP identifications, or by lanes of numbers that lie far from each other.
 */
export function isSeveralHosts(samples: readonly IsnSample[], options: IsnOptions): boolean {
  const isLong: Test = (lanes) => lanes.every(({ length }) => length >= options.laneSamples);
  return hostLanes(samples, options, () => true, isLong) !== null;
}

/**
 * Samples that reuse a tuple of another host behind the address, or of one that cannot be told: their numbers are not below those
 * of their own host. A single attempt that differs from the others makes no other host (it fails a gate), nor does one host that
 * goes on from a lower number, or skips many identifications: two hosts take turns.
 */
export function reusesByOthers(samples: readonly IsnSample[], options: IsnOptions): IsnSample[] {
  const reuses = samples.filter(({ isRegression }) => isRegression);
  if (reuses.length === 0) return [];
  const isLong: Test = (lanes) => lanes.every(({ length }) => length >= options.laneSamples);
  const lanes = hostLanes(samples, options, isLong, (some) => takeTurns(samples, some));
  if (lanes === null) return [];
  return reuses.filter((reuse) => {
    const before = samples.slice(0, samples.indexOf(reuse));
    const old = before.findLast(({ tuple }) => tuple === reuse.tuple);
    return old === undefined || laneIn(lanes, old) !== laneIn(lanes, reuse);
  });
}

/** The samples of each host behind the address, whose numbers rise; null if they are not told apart. */
function hostLanes(
  samples: readonly IsnSample[],
  options: IsnOptions,
  areHosts: Test,
  areLanes: Test,
): IsnSample[][] | null {
  const groups = new Map<number, IsnSample[]>();
  for (const sample of samples) groups.set(sample.identity, [...(groups.get(sample.identity) ?? []), sample]);
  const hosts = [...groups.values()];
  if (hosts.length > 1 && areHosts(hosts) && hosts.every((host) => isRising(host, options))) return hosts;
  // Between hosts the order in which identifications grow cannot be told from the whole: either may be it.
  return (
    risingIdLanes(samples, options, false, areLanes) ??
    risingIdLanes(samples, options, true, areLanes) ??
    farLanes(samples, nearestLanes(samples, options), options, areLanes) ??
    farLanes(samples, distantLanes(samples, options), options, areLanes)
  );
}

function laneIn(lanes: readonly IsnSample[][], sample: IsnSample): number {
  return lanes.findIndex((lane) => lane.includes(sample));
}

function takeTurns(samples: readonly IsnSample[], lanes: readonly IsnSample[][]): boolean {
  const places = samples.map((sample) => laneIn(lanes, sample));
  const turns = places.filter((place, at) => at > 0 && place !== places[at - 1]);
  return turns.length >= LEAST_TURNS && lanes.every(({ length }) => length >= LEAST_IN_TURN);
}

function isRising(samples: readonly IsnSample[], options: IsnOptions): boolean {
  return stepsOf(samples, options).every((step) => step.size >= 0);
}

type Distance = (from: IsnSample, to: IsnSample) => number;

/** Lanes by nearest predecessor; null if there are more than `most`. `distance` is infinite where a sample cannot follow. */
function lanesOf(samples: readonly IsnSample[], most: number, distance: Distance): IsnSample[][] | null {
  const lanes: IsnSample[][] = [];
  for (const sample of samples) {
    let best: IsnSample[] | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const lane of lanes) {
      const far = distance(lane.at(-1) as IsnSample, sample);
      if (far < least) {
        best = lane;
        least = far;
      }
    }
    if (best) best.push(sample);
    else if (lanes.length >= most) return null;
    else lanes.push([sample]);
  }
  return lanes;
}

/**
 * How many packets a host may have sent from one connection to the next. A narrow limit keeps hosts apart whose identifications
 * lie close together, a wide one keeps the packets of a busy host together.
 */
const ID_LANE_STEPS = [2048, 8192];

/** Turns that two lanes take at least, and samples of each. */
const LEAST_TURNS = 3;
const LEAST_IN_TURN = 2;

/** Lanes of IP identifications, each of a host whose numbers rise, if they pass a test. */
function risingIdLanes(
  samples: readonly IsnSample[],
  options: IsnOptions,
  isSwapped: boolean,
  pass: Test,
): IsnSample[][] | null {
  for (const most of ID_LANE_STEPS) {
    const lanes = idLanes(samples, options, isSwapped, most);
    if (lanes === null || lanes.length < 2 || !pass(lanes)) continue;
    if (lanes.every((lane) => isRising(lane, options))) return lanes;
  }
  return null;
}

/** Lanes of identifications at most so many steps apart; of those that a sample can follow, rather one whose numbers it raises. */
function idLanes(
  samples: readonly IsnSample[],
  options: IsnOptions,
  isSwapped: boolean,
  most: number,
): IsnSample[][] | null {
  return lanesOf(samples, options.natLanes, (from, to) => {
    const step = idStep(from, to, isSwapped);
    if (step === 0 || step >= most) return Number.POSITIVE_INFINITY;
    return ((to.isn - from.isn) | 0) >= 0 ? step : step + most;
  });
}

/** Lanes of sequence numbers that rise, each sample behind the nearest one below it. */
function nearestLanes(samples: readonly IsnSample[], options: IsnOptions): IsnSample[][] | null {
  return lanesOf(samples, options.natLanes, (from, to) => {
    const step = (to.isn - from.isn) | 0;
    return step >= 0 ? step : Number.POSITIVE_INFINITY;
  });
}

/** Lanes of sequence numbers that never come near each other: split where no number lies for longest. */
function distantLanes(samples: readonly IsnSample[], options: IsnOptions): IsnSample[][] | null {
  const first = samples[0] as IsnSample;
  const offsetOf = (sample: IsnSample) => (sample.isn - first.isn) | 0;
  const sorted = samples.map(offsetOf).toSorted((a, b) => a - b);
  const borders = sorted
    .slice(1)
    .map((offset, at) => ({ width: offset - (sorted[at] as number), offset }))
    .toSorted((a, b) => b.width - a.width);
  // As many lanes as there are wide borders: the next one is at most a fifth as wide as the narrowest of them.
  for (let count = Math.min(options.natLanes, borders.length) - 1; count >= 1; count -= 1) {
    const narrowest = borders[count - 1]?.width ?? 0;
    if (narrowest < 5 * (borders[count]?.width ?? 0)) continue;
    const starts = borders.slice(0, count).map(({ offset }) => offset);
    const lanes = Array.from({ length: count + 1 }, (): IsnSample[] => []);
    for (const sample of samples)
      lanes[starts.filter((start) => offsetOf(sample) >= start).length]?.push(sample);
    return lanes.every((lane) => isRising(lane, options)) ? lanes : null;
  }
  return null;
}

/** The lanes if they lie much farther apart than the steps inside one. */
function farLanes(
  samples: readonly IsnSample[],
  lanes: IsnSample[][] | null,
  options: IsnOptions,
  pass: Test,
): IsnSample[][] | null {
  if (lanes === null || lanes.length < 2 || !pass(lanes)) return null;
  if (lanes.some((lane) => lane.length < options.laneSamples)) return null;
  const laneOf = new Map(lanes.flatMap((lane, index) => lane.map((sample) => [sample, index] as const)));
  const inside: number[] = [];
  for (const lane of lanes) {
    for (let at = 1; at < lane.length; at += 1)
      inside.push(((lane[at] as IsnSample).isn - (lane[at - 1] as IsnSample).isn) | 0);
  }
  let gap = Number.POSITIVE_INFINITY;
  for (let at = 1; at < samples.length; at += 1) {
    const from = samples[at - 1] as IsnSample;
    const to = samples[at] as IsnSample;
    if (laneOf.get(from) !== laneOf.get(to)) gap = Math.min(gap, Math.abs((to.isn - from.isn) | 0));
  }
  const median = inside.toSorted((a, b) => a - b)[inside.length >> 1] ?? 0;
  return gap > options.laneGapRatio * median ? lanes : null;
}
