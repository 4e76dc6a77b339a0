/** What decides whether a series of initial sequence numbers is found, and at which tier: each threshold on both sides. */
import { Random } from '../../../../samples/craft/index.ts';
import type { Scenario, Script } from '../../../../samples/craft/index.ts';
import { SERIES_FRAMES, SILENT, STRONG, SUGGESTIVE, citing } from './expectations.ts';
import { WINDOWS_2000_STACK, linuxEnd, ntEnd, ntLikeEnd } from './lan.ts';
import type { End } from './lan.ts';
import { busyHost } from './positives.ts';
import { asScenarios, when } from './reuse-thresholds.ts';
import type { Case } from './reuse-thresholds.ts';
import { irregular, regressing, series, spread } from './series.ts';
import { lanes } from './series-look-alikes.ts';

const FIVE = [4, 8, 12, 15, 18] as const;

/** So many connections, the last of them the attempt that fails. */
function withFailure(connections: number, backward: number): Script {
  const steps = connections - 2;
  return series({ steps: regressing(steps, spread(steps, backward)), failure: true });
}

function alone(backward: number): Script {
  return series({ steps: regressing(23, spread(23, backward)) });
}

/** Ten connections with one backward step; so many others come within half a millisecond and do not count. */
function inBoundSteps(ignored: number): Script {
  const times = irregular(10, 4);
  for (const second of [2, 8].slice(0, ignored)) times[second] = (times[second - 1] ?? 0) + 0.0005;
  return series({ steps: regressing(9, [4]), times });
}

/** 24 connections, each so many milliseconds after the one before. */
function stepMillis(millis: number): Script {
  const times = Array.from({ length: 24 }, (_, index) => 30 + Math.round(index * millis * 1000) / 1e6);
  const timing = { holdSeconds: 0.05 };
  return series({ steps: regressing(23, FIVE), times, timing, witness: true, untilSeconds: 60 });
}

/** Nine connections with a pause in between. */
function pause(seconds: number): Script {
  const times = irregular(9, 4).map((at, index) => (index < 3 ? at : at + seconds));
  times[3] = (times[2] ?? 0) + seconds;
  return series({ steps: regressing(8, [5]), times, witness: true });
}

/** 20 steps, five of them backward, and so many jumps of 6·10⁷ after a pause, which leave the usual pace as it is. */
function jumps(count: number): Script {
  const steps = regressing(20, [2, 6, 10, 14, 18]);
  const times = irregular(21, 4);
  for (const position of [4, 12, 16].slice(0, count)) {
    steps[position] = 6e7;
    for (let later = position + 1; later < times.length; later += 1) times[later] = (times[later] ?? 0) + 500;
  }
  return series({ steps, times });
}

/** Fifteen connections, steps of about 7·10⁵ forward, and one backward of this size. */
function backwardStep(size: number): Script {
  const random = new Random(29);
  const steps = Array.from({ length: 14 }, (_, index) =>
    index === 7 ? -size : random.integer(500_001, 899_999),
  );
  return series({ steps });
}

/** Steps that lie so far above and below their mean of 200001 in turn, 4 s apart. */
function deviation(size: number): Script {
  const steps = Array.from({ length: 24 }, (_, index) => 200_001 + (index % 2 === 0 ? size : -size));
  const times = Array.from({ length: 25 }, (_, index) => 1 + index * 4);
  return series({ steps, times });
}

/** One connection to each of so many servers, of which so many refuse. */
function targets(count: number, refusing: number): Script {
  const step = count / refusing;
  const refused = new Set(Array.from({ length: refusing }, (_, index) => Math.floor(index * step)));
  return series({
    steps: regressing(count - 1, [3, 6, 9, 12, 15]),
    witness: true,
    change: (position) => ({
      server: linuxEnd(`10.0.0.${100 + position}`, `00:b0:d0:4e:12:${16 + position}`),
      ending: refused.has(position) ? 'refused' : 'client',
    }),
  });
}

/** 20 steps, five backward and so many of zero, between two connections each. */
function zeroSteps(count: number): Script {
  const steps = regressing(20, [3, 7, 11, 15, 19]);
  for (const position of [1, 5, 9, 13, 17].slice(0, count)) steps[position] = 0;
  return series({ steps });
}

/** One number on so many tuples. */
function sameNumber(tuples: number): Script {
  const steps = regressing(23, FIVE);
  for (let position = 20; position < 19 + tuples; position += 1) steps[position] = 0;
  return series({ steps });
}

const regressesOn = (end: End): Script => series({ steps: regressing(23, FIVE), end });

/** One SYN of 24 offers selective acknowledgments. */
function oneModernSyn(): Script {
  const end = ntEnd();
  const change = (position: number) =>
    position === 20 ? { end: { ...end, stack: WINDOWS_2000_STACK } } : {};
  return series({ steps: regressing(23, FIVE), end, change });
}

/** Hosts behind a translator that numbers all datagrams itself. */
function hosts(count: number, cycles: number, gap = 400_000, inLane = 10_000): Script {
  const shared = ntEnd('10.0.0.1', '00:04:9a:10:00:03');
  return lanes(
    Array.from({ length: count }, () => shared),
    cycles,
    gap,
    inLane,
  );
}

const strong = citing(STRONG, SERIES_FRAMES);
const suggestive = citing(SUGGESTIVE, SERIES_FRAMES);

const cases: readonly Case[] = [
  when('strongSamples-below', suggestive, () => withFailure(11, 3)),
  when('strongSamples-at', strong, () => withFailure(12, 3)),
  when('strongSamples-above', strong, () => withFailure(13, 3)),
  when('strongBackward-below', suggestive, () => withFailure(16, 2)),
  when('strongBackward-at', strong, () => withFailure(16, 3)),
  when('strongBackward-above', strong, () => withFailure(16, 4)),
  when('strongBackwardFraction-below', suggestive, () => withFailure(32, 3)),
  when('strongBackwardFraction-at', strong, () => withFailure(31, 3)),
  when('strongBackwardFraction-above', strong, () => withFailure(30, 3)),
  when('aloneBackward-below', suggestive, () => alone(4)),
  when('aloneBackward-at', strong, () => alone(5)),
  when('aloneBackward-above', strong, () => alone(6)),
  when('minSamples-at', suggestive, () => series({ steps: regressing(8, [4]) })),
  when('minSamples-above', suggestive, () => series({ steps: regressing(9, [4]) })),
  when('inBoundSteps-below', SILENT, () => inBoundSteps(2)),
  when('inBoundSteps-at', suggestive, () => inBoundSteps(1)),
  when('inBoundSteps-above', suggestive, () => inBoundSteps(0)),
  when('stepMinMillis-below', SILENT, () => stepMillis(0.9)),
  when('stepMinMillis-at', strong, () => stepMillis(1)),
  when('stepMinMillis-above', strong, () => stepMillis(1.1)),
  when('reorderMillis-below', SILENT, () => busyHost('zero', [9.9, 9.9])),
  when('reorderMillis-at', strong, () => busyHost('zero', [10, 10])),
  when('reorderMillis-above', strong, () => busyHost('zero', [10.1, 10.1])),
  when('seriesGapSeconds-below', suggestive, () => pause(599.9)),
  when('seriesGapSeconds-at', suggestive, () => pause(600)),
  when('seriesGapSeconds-above', SILENT, () => pause(600.1)),
  when('jumpFraction-below', strong, () => jumps(1)),
  when('jumpFraction-at', strong, () => jumps(2)),
  when('jumpFraction-above', SILENT, () => jumps(3)),
  when('maxBackwardStep-below', suggestive, () => backwardStep(2_097_151)),
  when('maxBackwardStep-at', suggestive, () => backwardStep(2_097_152)),
  when('maxBackwardStep-above', SILENT, () => backwardStep(2_097_153)),
  when('medianDeviation-below', strong, () => deviation(999_000)),
  when('medianDeviation-at', strong, () => deviation(1_000_000)),
  when('medianDeviation-above', SILENT, () => deviation(1_001_000)),
  when('scannerTargets-below', strong, () => targets(19, 15)),
  when('scannerTargets-at', SILENT, () => targets(20, 15)),
  when('scannerTargets-above', SILENT, () => targets(21, 15)),
  when('scannerFailFraction-below', strong, () => targets(20, 9)),
  when('scannerFailFraction-at', strong, () => targets(20, 10)),
  when('scannerFailFraction-above', SILENT, () => targets(20, 11)),
  when('zeroStepFraction-below', strong, () => zeroSteps(3)),
  when('zeroStepFraction-at', strong, () => zeroSteps(4)),
  when('zeroStepFraction-above', SILENT, () => zeroSteps(5)),
  when('sameIsnTuples-below', strong, () => sameNumber(2)),
  when('sameIsnTuples-at', SILENT, () => sameNumber(3)),
  when('sameIsnTuples-above', SILENT, () => sameNumber(4)),
  when('series-ttlMin-below', SILENT, () => regressesOn(ntLikeEnd(64))),
  when('series-ttlMin-at', strong, () => regressesOn(ntLikeEnd(65))),
  when('series-ttlMin-above', strong, () => regressesOn(ntLikeEnd(66))),
  when('series-ttlMax-below', strong, () => regressesOn(ntLikeEnd(127))),
  when('series-ttlMax-at', strong, () => regressesOn(ntLikeEnd(128))),
  when('series-ttlMax-above', SILENT, () => regressesOn(ntLikeEnd(129))),
  when('series-one-modern-syn', SILENT, oneModernSyn),
  when('natLanes-below', SILENT, () => hosts(3, 6)),
  when('natLanes-at', SILENT, () => hosts(4, 6)),
  when('natLanes-above', STRONG, () => hosts(5, 6)),
  when('laneSamples-below', SUGGESTIVE, () => hosts(4, 3)),
  when('laneSamples-at', SILENT, () => hosts(4, 4)),
  when('laneSamples-above', SILENT, () => hosts(4, 5)),
  when('laneGapRatio-below', STRONG, () => hosts(3, 8, 100_000, 20_000)),
  when('laneGapRatio-above', SILENT, () => hosts(3, 8, 600_000, 20_000)),
];

export const seriesThresholds: readonly Scenario[] = asScenarios(cases);
