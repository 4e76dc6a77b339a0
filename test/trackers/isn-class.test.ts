import { describe, expect, it } from 'vitest';
import { Random } from '../../samples/craft/index.ts';
import {
  classify,
  type IsnOptions,
  type IsnSample,
  isRepetitive,
  stepsOf,
} from '../../src/trackers/isn-class.ts';
import { isSeveralHosts } from '../../src/trackers/isn-hosts.ts';

const OPTIONS: IsnOptions = {
  reorderMillis: 10,
  stepMinMillis: 1,
  isnBound: 5e7,
  maxBackwardStep: 2_097_152,
  medianDeviation: 1e6,
  jumpFraction: 0.1,
  minSamples: 9,
  zeroStepFraction: 0.2,
  sameIsnTuples: 3,
  natLanes: 4,
  laneSamples: 4,
  laneGapRatio: 10,
};

/** Samples from numbers, `seconds` apart, of one host that counts its packets. */
function samplesOf(isns: readonly number[], seconds = 2, changes: Partial<IsnSample> = {}): IsnSample[] {
  return isns.map((isn, at) => ({
    time: at * seconds,
    isn: isn | 0,
    ipId: 100 + at * 3,
    tuple: at,
    identity: 1,
    isRegression: false,
    ...changes,
  }));
}

/** Running sums, modulo 2^32. */
function sums(first: number, steps: readonly number[]): number[] {
  const all = [first];
  for (const step of steps) all.push(((all.at(-1) as number) + step) | 0);
  return all;
}

const kindOf = (samples: readonly IsnSample[]) => classify(samples, OPTIONS).kind;
const random = new Random(11);
const increments = (count: number) => Array.from({ length: count }, () => random.integer(900, 60_000));

describe('the generator of initial sequence numbers', () => {
  it.each([
    ['constant', samplesOf([7, 7, 7, 7])],
    ['rule-64k', samplesOf(sums(5, [64_000, 128_000, 64_000, 192_000]))],
    ['rule-800', samplesOf(sums(5, [800, 2400, 800, 5600]))],
    ['random', samplesOf(Array.from({ length: 12 }, () => random.integer(0, 0xffff_ffff)))],
    [
      'time',
      samplesOf(
        sums(
          0xffff_0000,
          Array.from({ length: 8 }, (_, at) => 500_003 + (at % 2)),
        ),
      ),
    ],
    ['increments', samplesOf(sums(1, increments(11)))],
    ['regressing', samplesOf(sums(1, [...increments(5), -18_000, ...increments(5)]))],
  ] as const)('%s', (kind, samples) => {
    expect(kindOf(samples)).toBe(kind);
  });

  it('is told from enough numbers alone', () => {
    expect(kindOf(samplesOf(sums(1, [...increments(6), -18_000])))).toBe('unknown');
    expect(kindOf(samplesOf(sums(1, [...increments(7), -18_000])))).toBe('regressing');
    expect(kindOf(samplesOf([5]))).toBe('unknown');
  });

  it('knows a clock per tuple by the tuples that come again', () => {
    const clock = 15_625_000;
    const samples = Array.from({ length: 12 }, (_, at): IsnSample => {
      const tuple = at % 6;
      const isn = (Math.imul(tuple + 1, 0x9e3779b1) + Math.round(at * 2 * clock)) | 0;
      return { time: at * 2, isn, ipId: 0, tuple, identity: 1, isRegression: false };
    });
    expect(kindOf(samples)).toBe('tuple-clock');
  });

  it('knows a hash of 24 bits over a clock', () => {
    const samples = Array.from(
      { length: 30 },
      (_, at): IsnSample => ({
        time: at * 0.2,
        isn: (random.integer(0, 0xff_ffff) + Math.round(at * 0.2 * 1e6)) | 0,
        ipId: 0,
        tuple: at,
        identity: 1,
        isRegression: false,
      }),
    );
    expect(kindOf(samples)).toBe('hash-24');
  });

  it('takes no step backward for one where the packets may have changed places', () => {
    const swapped = samplesOf(sums(1, [5000, -3000, 5000]), 0.005).map((sample, at) => ({
      ...sample,
      ipId: [10, 12, 11, 13][at] as number,
    }));
    expect(stepsOf(swapped, OPTIONS).every((step) => step.size > 0)).toBe(true);
    // The same with identifications in order: the host did it.
    expect(stepsOf(samplesOf(sums(1, [5000, -3000, 5000]), 0.005), OPTIONS).map(({ size }) => size)).toEqual([
      5000, -3000, 5000,
    ]);
  });

  it('counts identifications in the byte order in which they grow', () => {
    const samples = samplesOf(sums(1, [5000, -3000, 5000, 5000]), 0.005).map((sample, at) => ({
      ...sample,
      ipId: (((at + 1) & 0xff) << 8) | 0x10,
    }));
    expect(stepsOf(samples, OPTIONS)).toHaveLength(4);
  });
});

describe('excuses', () => {
  const faulty = samplesOf(sums(1, [...increments(8), -18_000, ...increments(8)]));

  it('one host has none', () => {
    expect(isSeveralHosts(faulty, OPTIONS)).toBe(false);
    expect(isRepetitive(faulty, stepsOf(faulty, OPTIONS), OPTIONS)).toBe(false);
  });

  it('hosts that differ in their headers', () => {
    const two = samplesOf([0, 900_000, 5000, 905_000, 9000, 909_000, 15_000, 920_000]).map((sample, at) => ({
      ...sample,
      identity: at % 2,
    }));
    expect(isSeveralHosts(two, OPTIONS)).toBe(true);
  });

  it('hosts that count their packets apart', () => {
    const two = samplesOf([0, 9000, 5000, 14_000, 9500, 19_000, 15_000, 24_000]).map((sample, at) => ({
      ...sample,
      ipId: at % 2 === 0 ? 100 + at : 20_000 + at,
    }));
    expect(isSeveralHosts(two, OPTIONS)).toBe(true);
  });

  /** Two hosts in no order, each of which sends up to `packets` from one connection to the next. */
  const twoHosts = (packets: number): IsnSample[] => {
    const draw = new Random(7);
    const hosts = [1000, 30_000].map((ipId, at) => ({ ipId, isn: at * 30_000 }));
    const drawn = Array.from({ length: 40 }, () => {
      const host = hosts[draw.integer(0, 1)] as { ipId: number; isn: number };
      host.ipId = (host.ipId + draw.integer(1, packets)) & 0xffff;
      host.isn += draw.integer(900, 60_000);
      return { ...host };
    });
    return samplesOf(drawn.map(({ isn }) => isn)).map((sample, at) => ({ ...sample, ...drawn[at] }));
  };

  it('busy hosts that count their packets apart', () => {
    const two = twoHosts(5000);
    expect(kindOf(two)).toBe('regressing');
    expect(isSeveralHosts(two, OPTIONS)).toBe(true);
  });

  it.each([20, 500, 2000, 5000, 9000, 20_000, 60_000])(
    'none in one host that sends up to %i packets',
    (most) => {
      const draw = new Random(most);
      const steps = Array.from({ length: 23 }, (_, at) =>
        [4, 8, 12, 15, 18].includes(at) ? -draw.integer(2000, 30_000) : draw.integer(900, 60_000),
      );
      const ids = sums(
        draw.integer(0, 0xffff),
        Array.from({ length: 23 }, () => draw.integer(1, most)),
      );
      const one = samplesOf(sums(1, steps)).map((sample, at) => ({
        ...sample,
        ipId: (ids[at] as number) & 0xffff,
      }));
      expect(isSeveralHosts(one, OPTIONS)).toBe(false);
    },
  );

  it('lanes of numbers far from each other', () => {
    const lanes = sums(0, increments(7)).flatMap((isn) => [isn, isn + 2_000_000]);
    expect(isSeveralHosts(samplesOf(lanes, 2, { ipId: 0 }), OPTIONS)).toBe(true);
  });

  it('one number for several connections', () => {
    const samples = samplesOf([5, 70_000, 5, 90_000, 5]);
    expect(isRepetitive(samples, stepsOf(samples, OPTIONS), OPTIONS)).toBe(true);
  });
});
