/** When a capture that is being written counts as complete. */
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Arrivals } from '../../src/scan/arrivals.ts';
import type { FoundFile } from '../../src/scan/discover.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const SETTLE = 10_000;
const DAY = 24 * 3600 * 1000;
/** A moment on both clocks, in milliseconds after the first; the monotonic one began later. */
const WALL = Date.now();
const at = (millis: number) => ({ now: 5000 + millis, wall: WALL + millis });
const file = (path: string, mtime: number, bytes = 100): FoundFile => ({
  path,
  bytes,
  mtimeMillis: WALL + mtime,
});
const pathsOf = (files: readonly FoundFile[]): string[] => files.map(({ path }) => path);
const CUT = { status: 'damaged', code: 'cut-short' } as const;

describe('a capture', () => {
  it('is complete at the first look if it is old enough', () => {
    const arrived = new Arrivals(SETTLE).look([file('old', -SETTLE), file('young', 1 - SETTLE)], at(0));
    expect(pathsOf(arrived.complete)).toEqual(['old']);
    expect(arrived).toMatchObject({ hasNew: true, waiting: 1 });
  });

  it('is complete when nobody has touched it for the time', () => {
    const arrivals = new Arrivals(SETTLE);
    expect(arrivals.look([file('a', 0)], at(0)).complete).toEqual([]);
    expect(arrivals.look([file('a', 0)], at(SETTLE - 1)).complete).toEqual([]);
    // Its size, or its time alone.
    expect(arrivals.look([file('a', 0, 200)], at(SETTLE)).complete).toEqual([]);
    expect(arrivals.look([file('a', 1, 200)], at(2 * SETTLE - 1)).complete).toEqual([]);
    expect(arrivals.look([file('a', 1, 200)], at(3 * SETTLE - 2)).complete).toEqual([]);
    expect(pathsOf(arrivals.look([file('a', 1, 200)], at(3 * SETTLE - 1)).complete)).toEqual(['a']);
  });

  it('is as old as it was found to be where its time lies in the future', () => {
    const arrivals = new Arrivals(SETTLE);
    const ahead = file('a', DAY);
    expect(arrivals.look([ahead], at(0)).complete).toEqual([]);
    expect(arrivals.look([ahead], at(SETTLE)).complete).toHaveLength(1);
  });

  it('that was taken is new again when it has grown, and longer left alone the longer it took', () => {
    const arrivals = new Arrivals(SETTLE);
    arrivals.look([file('a', -DAY)], at(0));
    arrivals.take('a', 5000);
    expect(arrivals.look([file('a', -DAY)], at(1000))).toMatchObject({ hasNew: false, waiting: 0 });
    arrivals.look([file('a', 2000, 200)], at(2000));
    expect(arrivals.look([file('a', 2000, 200)], at(51_999))).toMatchObject({ hasNew: false, waiting: 1 });
    expect(arrivals.look([file('a', 2000, 200)], at(52_000))).toMatchObject({ hasNew: true, waiting: 0 });
  });

  it('that ends in the midst of a packet is given ten times as long, then believed', () => {
    const arrivals = new Arrivals(SETTLE);
    const cut = file('a', 0);
    arrivals.look([cut], at(0));
    expect(arrivals.look([cut], at(SETTLE)).complete).toHaveLength(1);
    expect(arrivals.isUnfinished('a', CUT, at(SETTLE))).toBe(true);
    expect(arrivals.look([cut], at(10 * SETTLE - 1))).toMatchObject({ complete: [], waiting: 1 });
    expect(arrivals.look([cut], at(10 * SETTLE)).hasNew).toBe(true);
    expect(arrivals.isUnfinished('a', CUT, at(10 * SETTLE))).toBe(false);
  });

  it.each([
    ['ok', null],
    ['damaged', 'bad-record'],
    ['unreadable', 'not-a-capture'],
    ['failed', 'worker'],
  ] as const)('that is %s (%s) does not wait', (status, code) => {
    const arrivals = new Arrivals(SETTLE);
    arrivals.look([file('a', 0)], at(0));
    expect(arrivals.isUnfinished('a', { status, code }, at(SETTLE))).toBe(false);
  });

  it('that is gone is forgotten', () => {
    const arrivals = new Arrivals(SETTLE);
    arrivals.look([file('a', -DAY)], at(0));
    arrivals.take('a');
    expect(arrivals.look([], at(1000))).toEqual({ complete: [], hasNew: false, waiting: 0 });
    expect(arrivals.isUnfinished('a', CUT, at(1000))).toBe(false);
    expect(arrivals.look([file('a', -DAY)], at(2000)).hasNew).toBe(true);
  });
});

describe('a ring', () => {
  /** Made now, on the disk: when a file was made cannot be set. */
  const made = (name: string, mtime: number): FoundFile => {
    const path = join(folder, name);
    writeFileSync(path, 'x');
    const time = (WALL + mtime) / 1000;
    utimesSync(path, time, time);
    return file(path, mtime);
  };

  it('that has gone on is complete but for its last file', () => {
    const files = [
      'r_00001_20260101120000.pcap',
      'r_00002_20260101120100.pcap',
      'r_00003_20260101120200.pcap',
    ];
    const [one, two, three] = files.map((name, index) => made(name, index - 1000)) as [
      FoundFile,
      FoundFile,
      FoundFile,
    ];
    const arrivals = new Arrivals(DAY);
    const arrived = arrivals.look([one, two, three], at(0));
    expect(arrived.complete).toEqual([one, two]);
    // What it ends with is its end.
    expect(arrivals.isUnfinished(two.path, CUT, at(0))).toBe(false);
  });

  it('is not what two interfaces write at the same time', () => {
    // Each was written to after the other was made.
    const both = [made('eth0.pcap1', DAY), made('eth0.pcap2', DAY + 1000)];
    expect(new Arrivals(SETTLE).look(both, at(0)).complete).toEqual([]);
  });

  it('has a last file that waits for the rest of its packet as long as it is the last', () => {
    const arrivals = new Arrivals(SETTLE);
    const first = made('w.pcap0', 0);
    arrivals.look([first], at(0));
    arrivals.look([first], at(SETTLE));
    expect(arrivals.isUnfinished(first.path, CUT, at(SETTLE))).toBe(true);
    expect(arrivals.look([first], at(100 * SETTLE)).complete).toEqual([]);
    const second = made('w.pcap1', 101 * SETTLE);
    const arrived = arrivals.look([{ ...first, mtimeMillis: WALL - 1 }, second], at(101 * SETTLE));
    expect(arrived.complete.map(({ path }) => path)).toEqual([first.path]);
    expect(arrivals.isUnfinished(first.path, CUT, at(101 * SETTLE))).toBe(false);
  });
});
