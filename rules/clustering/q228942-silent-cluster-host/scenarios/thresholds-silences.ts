/**
 * The thresholds of silences, of convergence and of members without heartbeats. As with black holes, what is below is so
 * by the widest reading of the text, and what is above by the narrowest.
 */
import { ALL_BUCKETS, ClusterLan } from '../../../../samples/craft/index.ts';
import type { Expectation, Scenario, Script } from '../../../../samples/craft/index.ts';
import { SIX_KNOCKS, noBeatsScript, stuckScript } from './convergence.ts';
import {
  CLEAR,
  DEFINITIVE,
  NO_CLUSTER,
  STRONG,
  SUGGESTIVE,
  UNDECIDED,
  threshold,
  undecided,
} from './expectations.ts';
import { QUIET, SERVED_ON, gappy, mute, silentScript } from './silences.ts';

/** Member 2 beats, pauses, and beats again; nobody asks. */
function pause(fields: {
  readonly pauseSeconds: number;
  readonly periodSeconds?: number;
  readonly beats?: number;
  readonly afterSeconds?: number;
}): Script {
  const { pauseSeconds, periodSeconds = 1, beats = 30, afterSeconds = 25 } = fields;
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  const last = 1 + periodSeconds * (beats - 1);
  const until = last + pauseSeconds + afterSeconds;
  lan.beats(web1, 0.5, until - 0.2).beats(web2, 1, last, { everySeconds: periodSeconds });
  if (afterSeconds > 0) {
    lan.beats(web2, last + pauseSeconds, until - 0.1, { everySeconds: periodSeconds });
  }
  return lan.end(until);
}

/** Member 2 beats so often, and is then silent for a minute and to the end. */
function stops(periodSeconds: number, beats: number, silentSeconds = 60): Script {
  return pause({ pauseSeconds: silentSeconds, periodSeconds, beats, afterSeconds: 0 });
}

/** So many gaps of so many seconds, each after 19 beats. */
function gaps(count: number, seconds: number): Script {
  const list: Array<readonly [number, number]> = [];
  for (let index = 0, from = 1; index < count; index += 1, from = from + 18 + seconds) {
    list.push([from + 18, from + 18 + seconds]);
  }
  return gappy(list, (list.at(-1)?.[1] ?? 0) + 25);
}

const wideGaps = (third: number): Script =>
  gappy(
    [
      [20, 23],
      [150, 153],
      [third, third + 3],
    ],
    345,
  );

/** Both members beat from 0.5 s for so long. */
function watched(seconds: number, periodSeconds: number, until: number): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  const times = Array.from(
    { length: Math.floor(seconds / periodSeconds) },
    (_, index) => 0.5 + index * periodSeconds,
  );
  lan.beatsAt(web1, [...times, 0.5 + seconds]).beatsAt(web2, [...times, 0.5 + seconds]);
  return lan.end(until);
}

/** Member 2 converges for 40 s; from 30 s on it takes itself for the default host, although member 1 lives. */
function missing(mismatchSeconds: number, matchesAgainAfter: number): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 99.5).beats(web2, 1, 20);
  const stuck = { state: 2, currentMap: 0n, newMap: ALL_BUCKETS };
  const last = 30 + mismatchSeconds;
  lan.beats(web2, 21, 29, stuck).beats(web2, 30, last, { ...stuck, defaultHostId: 1 });
  if (last % 1 !== 0) lan.beatsAt(web2, [last], { ...stuck, defaultHostId: 1 });
  lan.beats(web2, 30 + matchesAgainAfter, 61, stuck);
  lan.beats(web2, 62, 99);
  return lan.end(100);
}

/** Stopped by remote control so long before its last beat, at 60 s; it lives on, the other serves. */
function exit(beforeSeconds: number): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.control(60 - beforeSeconds, 2504);
  lan.beats(web1, 0.5, 119.5).beats(web2, 1, 60);
  lan.lives(web2, [68, 75, 83, 92, 104], 'dedicated');
  for (let at = 3, client = 1; at < 116; at += 3.1, client = (client % 8) + 1) {
    lan.request(at, client, at > 59 || client % 2 === 1 ? web1 : web2);
  }
  return lan.end(120);
}

function answeredAgain(at: number): Script {
  return silentScript({ answered: [[at, 1]] });
}

const knocked = (list: readonly number[]): Script =>
  silentScript({ knocks: list.map((client, index) => ({ at: 46 + 5 * index, client })) });

const sent = (count: number, seconds: number, pongsOnly = false): Script =>
  noBeatsScript({
    pongsOnly,
    times: Array.from({ length: count }, (_, index) =>
      index === count - 1 ? 2 + seconds : 2 + (index * seconds) / (count - 1),
    ),
  });

const unanswered = (knocks: ReadonlyArray<readonly [number, number]>): Script =>
  noBeatsScript({ other: true, knocks });

const CUT = { container: 'pcap', snapLength: 96 } as const;
const cut = (name: string, expect: Expectation, build: () => Script): Scenario => ({
  ...threshold('convergingSigns', name, expect, build),
  encoding: CUT,
});

export const silenceThresholds: readonly Scenario[] = [
  threshold('tolerancePeriods', '5.9', CLEAR, () => pause({ pauseSeconds: 5.9 })),
  threshold('tolerancePeriods', '6', CLEAR, () => pause({ pauseSeconds: 6 })),
  threshold('tolerancePeriods', '6.1', SUGGESTIVE, () => pause({ pauseSeconds: 6.1 })),
  threshold('tolerancePeriods', '25.9 of 5 s', CLEAR, () =>
    pause({ pauseSeconds: 25.9, periodSeconds: 5, beats: 11 }),
  ),
  threshold('tolerancePeriods', '26 of 5 s', CLEAR, () =>
    pause({ pauseSeconds: 26, periodSeconds: 5, beats: 11 }),
  ),
  threshold('tolerancePeriods', '26.1 of 5 s', SUGGESTIVE, () =>
    pause({ pauseSeconds: 26.1, periodSeconds: 5, beats: 11 }),
  ),
  threshold('periodBeats', '7', CLEAR, () => stops(1, 7)),
  threshold('periodBeats', '8', SUGGESTIVE, () => stops(1, 8)),
  threshold('periodBeats', '9', SUGGESTIVE, () => stops(1, 9)),
  threshold('periodMaxSeconds', '10.9', SUGGESTIVE, () => stops(10.9, 9, 75)),
  threshold('periodMaxSeconds', '11', SUGGESTIVE, () => stops(11, 9, 75)),
  threshold('periodMaxSeconds', '11.1', CLEAR, () => stops(11.1, 9, 75)),
  threshold('periodMinSeconds', '0.08', CLEAR, () => stops(0.08, 200, 30)),
  threshold('periodMinSeconds', '0.09', SUGGESTIVE, () => stops(0.09, 200, 30)),
  threshold('periodMinSeconds', '0.1', SUGGESTIVE, () => stops(0.1, 200, 30)),
  threshold('gaps', '2', CLEAR, () => gaps(2, 3)),
  threshold('gaps', '3', SUGGESTIVE, () => gaps(3, 3)),
  threshold('gaps', '4', SUGGESTIVE, () => gaps(4, 3)),
  threshold('gapPeriods', '1.9', CLEAR, () => gaps(3, 1.9)),
  threshold('gapPeriods', '2', SUGGESTIVE, () => gaps(3, 2)),
  threshold('gapPeriods', '2.1', SUGGESTIVE, () => gaps(3, 2.1)),
  threshold('gapPeriods', '4.9', SUGGESTIVE, () => gaps(3, 4.9)),
  threshold('gapPeriods', '5', SUGGESTIVE, () => gaps(3, 5)),
  threshold('gapPeriods', '5.1', CLEAR, () => gaps(3, 5.1)),
  threshold('gapSeconds', '299', SUGGESTIVE, () => wideGaps(316)),
  threshold('gapSeconds', '301', CLEAR, () => wideGaps(324)),
  threshold('lifeFrames', '1', SUGGESTIVE, () => silentScript({ lives: [41] })),
  threshold('lifeFrames', '2', DEFINITIVE, () => silentScript({ lives: [41, 50] })),
  threshold('lifeFrames', '3', DEFINITIVE, () => silentScript({ lives: [41, 50, 60] })),
  threshold('silentServeSeconds', '14.9', DEFINITIVE, () => answeredAgain(44.7)),
  threshold('silentServeSeconds', '15.1', SUGGESTIVE, () => answeredAgain(45.1)),
  threshold('silentSyns', '2', SUGGESTIVE, () => knocked([1, 2])),
  threshold('silentSyns', '3', DEFINITIVE, () => knocked([1, 2, 1])),
  threshold('silentSyns', '4', DEFINITIVE, () => knocked([1, 2, 1, 2])),
  threshold('silentClients', '1', SUGGESTIVE, () => knocked([2, 2, 2])),
  threshold('silentClients', '2', DEFINITIVE, () => knocked([2, 2, 1])),
  threshold('silentClients', '3', DEFINITIVE, () => knocked([2, 3, 1])),
  threshold('silences', '1', SUGGESTIVE, () => mute([30])),
  threshold('silences', '3', STRONG, () => mute([30, 60, 90])),
  threshold('reconvergeSeconds', '25', SUGGESTIVE, () =>
    silentScript({ lives: [], knocks: [], answered: SERVED_ON.slice(4), convergesAfter: 25.5, until: 85 }),
  ),
  threshold('reconvergeSeconds', 'never', SUGGESTIVE, () => silentScript({ ...QUIET, until: 120 })),
  threshold('exitSeconds', '24', CLEAR, () => exit(23.9)),
  threshold('exitSeconds', '30.1', SUGGESTIVE, () => exit(30.1)),
  threshold('judgeSeconds', '29', undecided('tooFew'), () => watched(29, 1, 29.8)),
  threshold('judgeSeconds', '30', CLEAR, () => watched(30, 1, 33)),
  threshold('judgeSeconds', '31', CLEAR, () => watched(31, 1, 33)),
  threshold('judgeBeats', '7', undecided('tooFew'), () => watched(60, 10, 62)),
  threshold('judgeBeats', '8', CLEAR, () => watched(70, 10, 73)),
  threshold('stuckSeconds', '29.9', CLEAR, () => stuckScript({ stuckSeconds: 29.8, recovers: true })),
  threshold('stuckSeconds', '30', STRONG, () => stuckScript({ stuckSeconds: 30, recovers: true })),
  threshold('stuckSeconds', '30.5', STRONG, () => stuckScript({ stuckSeconds: 30.5, recovers: true })),
  threshold('halfPeriodRatio', '0.69', STRONG, () => stuckScript({ periodSeconds: 0.69, state: 1 })),
  threshold('halfPeriodRatio', '0.7', STRONG, () => stuckScript({ periodSeconds: 0.7, state: 1 })),
  threshold('halfPeriodRatio', '0.71', SUGGESTIVE, () => stuckScript({ periodSeconds: 0.71, state: 1 })),
  cut('1', CLEAR, () => stuckScript({ periodSeconds: 1 })),
  cut('2', SUGGESTIVE, () => stuckScript()),
  threshold('convergingSigns', '2, maps equal', CLEAR, () => stuckScript({ equalMaps: true })),
  threshold('missingSeconds', '9.9', SUGGESTIVE, () => missing(9, 9.9)),
  threshold('missingSeconds', '10.1', STRONG, () => missing(10.1, 11)),
  threshold('noBeatFrames', '9', UNDECIDED, () => sent(9, 80)),
  threshold('noBeatFrames', '10', SUGGESTIVE, () => sent(10, 80)),
  threshold('noBeatFrames', '11', SUGGESTIVE, () => sent(11, 80)),
  // By its MAC alone, the adapter is a cluster's from the tenth frame on (rules 0.3).
  threshold('nlbFrames', '9', NO_CLUSTER, () => sent(9, 80, true)),
  threshold('nlbFrames', '10', SUGGESTIVE, () => sent(10, 80, true)),
  threshold('nlbFrames', '11', SUGGESTIVE, () => sent(11, 80, true)),
  threshold('noBeatSeconds', '59.9', UNDECIDED, () => sent(20, 59.9)),
  threshold('noBeatSeconds', '60', SUGGESTIVE, () => sent(20, 60)),
  threshold('noBeatSeconds', '60.1', SUGGESTIVE, () => sent(20, 60.1)),
  threshold('noBeat-holeSyns', '4', SUGGESTIVE, () => unanswered(SIX_KNOCKS.slice(0, 4))),
  threshold('noBeat-holeSyns', '5', STRONG, () => unanswered(SIX_KNOCKS.slice(0, 5))),
  threshold('noBeat-holeClients', '1', SUGGESTIVE, () => unanswered(SIX_KNOCKS.map(([at]) => [at, 1]))),
  threshold('noBeat-holeClients', '2', STRONG, () =>
    unanswered(SIX_KNOCKS.map(([at, client]) => [at, 1 + (client % 2)])),
  ),
];
