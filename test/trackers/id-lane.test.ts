import { describe, expect, it } from 'vitest';
import { IdLane, type Lane, type LaneSender } from '../../src/trackers/id-lane.ts';

/** Three packets in a row to each of four destinations: the index of the packet tells which. */
const destinationOf = (at: number): number => 0x0a_00_00_14 + (Math.floor(at / 3) % 4);

const twoSenders = (): readonly [LaneSender, LaneSender] => [
  { latestId: 0, latestDestination: 0 },
  { latestId: 0, latestDestination: 0 },
];

/** The verdict on 120 packets, each sent by one of two stations with an identification. */
function verdict(stationOf: (at: number) => 0 | 1, idOf: (at: number) => number): Lane {
  const lane = new IdLane();
  const senders = twoSenders();
  for (let at = 0; at < 120; at += 1) lane.note(senders[stationOf(at)], idOf(at) & 0xffff, destinationOf(at));
  return lane.verdict;
}

/** Every peer is served by one station, as a bond of balance-alb does. */
const byPeer = (at: number): 0 | 1 => (destinationOf(at) % 2 === 0 ? 0 : 1);
/** Both stations serve every peer. */
const byTurn = (at: number): 0 | 1 => (Math.floor(at / 12) % 2 === 0 ? 0 : 1);

/** A host that counts per destination, each from another number. */
const perDestination = (at: number): number => destinationOf(at) * 9973 + Math.floor(at / 12) * 3 + (at % 3);
const random = (at: number): number => Math.imul(at + 1, 0x9e37_79b1) >>> 16;

describe('identifications of an address under two stations', () => {
  it.each<[string, (at: number) => 0 | 1, (at: number) => number, Lane]>([
    ['one counter, each peer under one station', byPeer, (at) => 0x1200 + at, 'one'],
    ['one counter, each peer under both', byTurn, (at) => 0x1200 + at, 'one'],
    ['a counter per destination, each peer under one station', byPeer, perDestination, 'unknown'],
    ['a counter per destination, each peer under both', byTurn, perDestination, 'one'],
    [
      'a counter per station, each peer under one',
      byPeer,
      (at) => 0x1200 + at + byPeer(at) * 0x5000,
      'several',
    ],
    [
      'a counter per station, each peer under both',
      byTurn,
      (at) => 0x1200 + at + byTurn(at) * 0x5000,
      'several',
    ],
    ['random', byTurn, random, 'unknown'],
    ['none', byTurn, () => 0, 'unknown'],
  ])('%s', (_name, stationOf, idOf, expected) => expect(verdict(stationOf, idOf)).toBe(expected));

  it('are not compared by a single break', () => {
    const lane = new IdLane();
    const [one, other] = twoSenders();
    lane.note(one, 0x1200, 1);
    lane.note(other, 0x6200, 1);
    expect(lane.verdict).toBe('unknown');
    lane.note(one, 0x1201, 1);
    expect(lane.verdict).toBe('several');
  });

  it('are compared for the first 64 destinations', () => {
    const lane = new IdLane();
    const [one, other] = twoSenders();
    for (let at = 0; at < 200; at += 1) lane.note(one, random(at) | 1, at);
    for (let at = 100; at < 200; at += 1) lane.note(other, random(at) | 1, at);
    expect(lane.verdict).toBe('unknown');
  });
});
