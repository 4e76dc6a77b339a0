/** What a virtual address keeps of the requests that were answered: little, and enough for a picture. */
import { describe, expect, it } from 'vitest';
import { AnswerLog } from '../../src/trackers/answer-log.ts';

function logOf(times: Iterable<number>): AnswerLog {
  const log = new AnswerLog();
  for (const time of times) log.note({ time });
  return log;
}

function* every(step: number, from: number, to: number): Generator<number> {
  for (let at = 0; from + at * step < to; at += 1) yield from + at * step;
}

describe('the log of answers', () => {
  it('knows each answer of a quiet address', () => {
    expect(logOf([1, 5, 9, 12]).between(4, 10)).toEqual([5, 9]);
  });

  it('keeps what lies around an outage, however long the capture goes on', () => {
    const log = logOf(every(1, 0, 1000));
    log.keepAround(1000, 1035);
    for (const time of every(1, 1035, 100_000)) log.note({ time });
    const around = log.between(940, 1065);
    expect(around.filter((time) => time < 1000).length).toBeGreaterThan(50);
    expect(around.filter((time) => time > 1000 && time < 1035)).toEqual([]);
    expect(around.filter((time) => time >= 1035).length).toBeGreaterThan(25);
  });

  it('knows a little of all of a long capture', () => {
    const all = logOf(every(0.3, 0, 200_000)).between(0, 200_000);
    expect(all.length).toBeGreaterThan(128);
    expect(all.length).toBeLessThan(256 + 1024 + 1);
    const gaps = all.slice(1).map((time, at) => time - (all[at] as number));
    expect(Math.max(...gaps)).toBeLessThan(200_000 / 64);
  });

  it('tells of no answer that was not one', () => {
    const times = new Set(every(0.37, 0, 5000));
    const log = logOf(times);
    log.keepAround(4000, 4010);
    expect(log.between(0, 5000).every((time) => times.has(time))).toBe(true);
  });
});
