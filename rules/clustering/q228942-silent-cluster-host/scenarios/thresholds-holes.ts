/**
 * The thresholds of black holes. Where the text leaves open from which packet a window runs, "below" is below by the widest
 * reading (last answer before to first answer after) and "above" is above by the narrowest (first to last new SYN).
 */
import { ALL_BUCKETS, ClusterLan } from '../../../../samples/craft/index.ts';
import type { Scenario, Script } from '../../../../samples/craft/index.ts';
import { CLEAR, DEFINITIVE, STRONG, SUGGESTIVE_AT_MOST, threshold } from './expectations.ts';
import { RISING, hole, holeScript, memberHole, memberHoleScript } from './holes.ts';
import type { HoleFields, Knock } from './holes.ts';
import { flooded } from './traffic.ts';

/** `count` SYNs from `from` to `until`, the clients in turn. */
function knocks(count: number, from: number, until: number, clients: readonly number[]): Knock[] {
  return Array.from({ length: count }, (_, index) => ({
    at: index === count - 1 ? until : from + (index * (until - from)) / (count - 1),
    client: clients[index % clients.length] ?? 1,
  }));
}

const ONE_TO_FIVE = [1, 2, 3, 4, 5];

/** The last answer ends at 59.93 s; after `resumesAt` the service is back. */
function holeSeconds(made: readonly Knock[], repeats: readonly number[], resumesAt: number): Script {
  const { lan, web1, web2 } = hole({ knocks: made, repeats });
  for (let at = resumesAt, client = 1; at < 96; at += 2.3, client = (client % 8) + 1) {
    lan.request(at, client, client % 2 === 1 ? web1 : web2);
  }
  return lan.end(100);
}

const between = (fields: Partial<HoleFields>): Script => holeScript(fields);
const clients = (list: readonly number[]): Script => between({ knocks: knocks(6, 61, 85, list) });

/** The port was served 600 s ago; meanwhile the address answers pings alone. */
function baselineSeconds(servedFrom: number): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.5, 699.5).beats(web2, 0.6, 699.6);
  lan
    .request(servedFrom, 1, web1)
    .request(servedFrom + 1, 2, web2)
    .request(servedFrom + 2, 3, web1);
  for (let at = 80.9, sequence = 1; at < 661; at += 20, sequence += 1) {
    lan.script.at(at - 0.0004, () => lan.router.ping(lan.cluster.station, sequence));
    lan.script.at(at, () => web1.virtual.pong(lan.router, sequence));
  }
  for (const { at, client } of knocks(6, 661, 685, ONE_TO_FIVE)) lan.knock(at, client);
  return lan.end(700);
}

/** As P5: the port has no past. The address answers a ping right before. */
function strong(fields: {
  readonly made?: readonly Knock[];
  readonly repeats?: readonly number[];
  readonly answersAt?: number;
}): Script {
  const { made = knocks(10, 61, 79, [1, 2, 3, 4]), repeats = [3, 9], answersAt = 95 } = fields;
  const { lan, web1 } = hole({ served: [], knocks: made, repeats, until: 105 });
  lan.script.at(60.8996, () => lan.router.ping(lan.cluster.station, 1));
  lan.script.at(60.9, () => web1.virtual.pong(lan.router, 1));
  lan.request(answersAt, 1, web1);
  return lan.end(105);
}

/** The last of five SYNs is answered 2 s after its repetition. */
function lateAnswer(): Script {
  const { lan, web1 } = hole({ knocks: knocks(4, 61, 79, [1, 2, 3, 4]) });
  lan.request(85, 5, web1, { repeats: [3, 5] });
  return lan.end(100);
}

/** A lone host that misses some of its beats in the window, in two gaps short of silence. */
function beatFraction(missing: readonly number[]): Script {
  const lan = new ClusterLan();
  const [web1] = lan.members(1);
  const times = Array.from({ length: 91 }, (_, index) => index + 0.5).filter((at) => !missing.includes(at));
  lan.beatsAt(web1, times, { currentMap: ALL_BUCKETS });
  for (const [at, client] of RISING) lan.request(at, client, web1);
  for (const [index, at] of [61, 67, 73, 80, 87].entries()) lan.knock(at, 1 + index, { repeats: [1] });
  return lan.end(91.5);
}

const FOUR = [2, 4, 6, 8];
const member = memberHoleScript;

/** Member 2 answers again from `resumesAt` on. */
function memberSeconds(made: readonly Knock[], resumesAt: number, others?: readonly number[]): Script {
  const { lan, web2 } = memberHole({ knocks: made, ...(others ? { others } : {}) });
  for (let at = resumesAt, turn = 0; at < 70; at += 2.1, turn += 1) {
    lan.request(at, FOUR[turn % 4] ?? 2, web2);
  }
  return lan.end(72);
}

/** Two of three answers are that much older than the window, which begins at 71 s. */
function memberBaseline(first: number): Script {
  return member({
    served: [
      [first, 2],
      [first + 2, 4],
      [70.8, 6],
    ],
    knocks: knocks(12, 71, 99, [2, 4, 6]),
    others: Array.from({ length: 12 }, (_, index) => 72 + 2.6 * index),
    until: 112,
  });
}

/** Few others are answered, in a window of 17 s that is too short for more. */
function memberOthers(others: readonly number[]): Script {
  return memberSeconds(knocks(12, 31, 46.4, FOUR), 48, others);
}

const FOUR_SERVED: ReadonlyArray<readonly [number, number]> = [
  [10, 2],
  [15, 4],
  [21, 6],
  [28, 8],
];

const answered = (count: number): Script =>
  member({
    served: FOUR_SERVED.slice(0, count),
    knocks: knocks(12, 31, 58, FOUR.slice(0, count)),
  });

export const holeThresholds: readonly Scenario[] = [
  threshold('holeSeconds', '9.9', CLEAR, () => holeSeconds(knocks(5, 60.2, 64.2, ONE_TO_FIVE), [1], 69.8)),
  threshold('holeSeconds', '10', DEFINITIVE, () => holeSeconds(knocks(5, 61, 71, ONE_TO_FIVE), [3], 77.5)),
  threshold('holeSeconds', '10.1', DEFINITIVE, () =>
    holeSeconds(knocks(5, 61, 71.1, ONE_TO_FIVE), [3], 77.5),
  ),
  threshold('holeSyns', '4', CLEAR, () => between({ knocks: knocks(4, 61, 85, ONE_TO_FIVE) })),
  threshold('holeSyns', '5', DEFINITIVE, () => between({ knocks: knocks(5, 61, 85, ONE_TO_FIVE) })),
  threshold('holeSyns', '6', DEFINITIVE, () => between({ knocks: knocks(6, 61, 85, ONE_TO_FIVE) })),
  threshold('holeClients', '1', SUGGESTIVE_AT_MOST, () => clients([1])),
  threshold('holeClients', '2', DEFINITIVE, () => clients([1, 2])),
  threshold('holeClients', '3', DEFINITIVE, () => clients([1, 2, 3])),
  threshold('servedClients', '1', CLEAR, () => clients([1, 21, 22, 23, 24])),
  threshold('servedClients', '2', DEFINITIVE, () => clients([1, 2, 21, 22, 23])),
  threshold('servedClients', '3', DEFINITIVE, () => clients([1, 2, 3, 21, 22])),
  ...[2, 3, 4].map((count) =>
    threshold('baselineAnswers', String(count), count < 3 ? CLEAR : DEFINITIVE, () =>
      between({
        served: RISING.slice(-4)
          .slice(0, count)
          .map(([at], index) => [at, 1 + index]),
      }),
    ),
  ),
  threshold('baselineSeconds', '599', DEFINITIVE, () => baselineSeconds(62)),
  threshold('baselineSeconds', '601', CLEAR, () => baselineSeconds(57)),
  threshold('synRepeatSeconds', '0.89', CLEAR, () => between({ repeats: [0.89] })),
  threshold('synRepeatSeconds', '0.9', DEFINITIVE, () => between({ repeats: [0.9] })),
  threshold('synRepeatSeconds', '0.91', DEFINITIVE, () => between({ repeats: [0.91] })),
  threshold('answerTailSeconds', '2', CLEAR, lateAnswer),
  threshold('beatFraction', '0.77', CLEAR, () => beatFraction([63.5, 64.5, 65.5, 66.5, 75.5, 76.5, 77.5])),
  threshold('beatFraction', '0.81', DEFINITIVE, () => beatFraction([63.5, 64.5, 65.5, 75.5, 76.5])),
  threshold('holeStrongSeconds', '14.9', CLEAR, () =>
    strong({ made: knocks(8, 61, 70.8, [1, 2, 3, 4]), repeats: [1, 3], answersAt: 75.7 }),
  ),
  threshold('holeStrongSeconds', '15', STRONG, () =>
    strong({ made: knocks(8, 61, 76, [1, 2, 3, 4]), repeats: [1, 3] }),
  ),
  threshold('holeStrongSeconds', '15.1', STRONG, () =>
    strong({ made: knocks(8, 61, 76.1, [1, 2, 3, 4]), repeats: [1, 3] }),
  ),
  threshold('holeStrongSyns', '7', CLEAR, () => strong({ made: knocks(7, 61, 79, [1, 2, 3, 4]) })),
  threshold('holeStrongSyns', '8', STRONG, () => strong({ made: knocks(8, 61, 79, [1, 2, 3, 4]) })),
  threshold('holeStrongSyns', '9', STRONG, () => strong({ made: knocks(9, 61, 79, [1, 2, 3, 4]) })),
  threshold('holeStrongClients', '2', CLEAR, () => strong({ made: knocks(10, 61, 79, [1, 2]) })),
  threshold('holeStrongClients', '3', STRONG, () => strong({ made: knocks(10, 61, 79, [1, 2, 3]) })),
  threshold('holeRetransmits', '1', CLEAR, () => strong({ repeats: [3] })),
  threshold('holeRetransmits', '2', STRONG, () => strong({ repeats: [3, 9] })),
  threshold('holeRetransmits', '3', STRONG, () => strong({ repeats: [3, 9, 15] })),
  threshold('memberSeconds', '14.9', CLEAR, () => memberSeconds(knocks(12, 30, 41, FOUR), 44.2)),
  threshold('memberSeconds', '15', DEFINITIVE, () => memberSeconds(knocks(12, 31, 46, FOUR), 60)),
  threshold('memberSeconds', '15.1', DEFINITIVE, () => memberSeconds(knocks(12, 31, 46.1, FOUR), 60)),
  threshold('memberAnswers', '2', CLEAR, () => answered(2)),
  threshold('memberAnswers', '3', DEFINITIVE, () => answered(3)),
  threshold('memberAnswers', '4', DEFINITIVE, () => answered(4)),
  threshold('memberBaselineSeconds', '59', DEFINITIVE, () => memberBaseline(12)),
  threshold('memberBaselineSeconds', '66', CLEAR, () => memberBaseline(3)),
  threshold('memberOthers', '2', CLEAR, () => memberOthers([36, 41.5])),
  threshold('memberOthers', '3', DEFINITIVE, () => memberOthers([36, 41.5, 45])),
  threshold('memberOthers', '4', DEFINITIVE, () => memberOthers([33, 36, 41.5, 45])),
  threshold('memberSureSyns', '9', STRONG, () => member({ knocks: knocks(9, 31, 58, FOUR) })),
  threshold('memberSureSyns', '10', DEFINITIVE, () => member({ knocks: knocks(10, 31, 58, FOUR) })),
  threshold('memberSureSyns', '11', DEFINITIVE, () => member({ knocks: knocks(11, 31, 58, FOUR) })),
  threshold('memberSureClients', '2', STRONG, () => member({ knocks: knocks(12, 31, 58, [2, 4]) })),
  threshold('memberSureClients', '3', DEFINITIVE, () => member({ knocks: knocks(12, 31, 58, [2, 4, 6]) })),
  threshold('memberSyns', '4', CLEAR, () => member({ knocks: knocks(4, 31, 58, [2, 4]) })),
  threshold('memberSyns', '5', STRONG, () => member({ knocks: knocks(5, 31, 58, [2, 4]) })),
  threshold('memberClients', '1', CLEAR, () => member({ knocks: knocks(6, 31, 58, [2]) })),
  threshold('memberClients', '2', STRONG, () => member({ knocks: knocks(6, 31, 58, [2, 4]) })),
  threshold('floodSynsPerSecond', '400', DEFINITIVE, () => flooded(400)),
];
