import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerQueue } from '../../src/tables/timer-queue.ts';

interface Waiting {
  readonly time: number;
  readonly subject: number;
}

describe('TimerQueue', () => {
  it('fires what a sorted list fires, in order of time', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ add: fc.nat(1000) }),
        fc.record({ now: fc.nat(1000) }),
        fc.constant({ clear: true as const }),
      ),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 60 }), (list, limit) => {
        const queue = new TimerQueue<Waiting>(limit);
        let model: Waiting[] = [];
        let refused = 0;
        for (const [subject, step] of list.entries()) {
          if ('add' in step) {
            const waiting = { time: step.add, subject };
            const isKept = model.length < limit;
            expect(queue.add(step.add, waiting)).toBe(isKept);
            if (isKept) model.push(waiting);
            else refused += 1;
          } else if ('now' in step) {
            const fired: Waiting[] = [];
            for (let due = queue.takeDue(step.now); due; due = queue.takeDue(step.now)) fired.push(due);
            const expected = model.filter(({ time }) => time <= step.now);
            expect(fired.map(({ time }) => time)).toEqual(
              expected.map(({ time }) => time).toSorted((a, b) => a - b),
            );
            expect(new Set(fired)).toEqual(new Set(expected));
            model = model.filter(({ time }) => time > step.now);
          } else {
            queue.clear();
            model = [];
          }
          expect(queue.size).toBe(model.length);
          expect(queue.refused).toBe(refused);
          expect(queue.due).toBe(Math.min(Number.POSITIVE_INFINITY, ...model.map(({ time }) => time)));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('has nothing due when it is empty, at any time', () => {
    const queue = new TimerQueue<string>(4);
    expect(queue.takeDue(Number.POSITIVE_INFINITY)).toBeUndefined();
    queue.add(5, 'a');
    expect(queue.takeDue(4.999)).toBeUndefined();
    expect(queue.takeDue(5)).toBe('a');
    expect(queue.due).toBe(Number.POSITIVE_INFINITY);
  });
});
