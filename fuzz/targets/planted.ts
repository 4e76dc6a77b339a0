/** Faults that are put in on purpose, run only by name: they show that each kind of find is found. */
import type { Target } from './target.ts';

const seeds = [
  { bytes: new TextEncoder().encode('an input of no meaning, and not a short one'), isOurs: true },
];

function planted(name: string, strike: (hoard: unknown[]) => void | Promise<void>): Target {
  const hoard: unknown[] = [];
  return {
    name: `planted-${name}`,
    extension: 'txt',
    isGuided: false,
    share: 1,
    seeds: () => seeds,
    change: (bytes, random) => {
      const changed = bytes.slice();
      for (let count = 0; count < 3; count += 1)
        changed[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
      return changed;
    },
    run: (bytes) => (bytes.includes(0x40) ? strike(hoard) : undefined),
  };
}

export const PLANTED: readonly Target[] = [
  planted('throw', () => {
    throw new RangeError('planted');
  }),
  planted('hang', () => {
    for (;;);
  }),
  planted('stall', () => new Promise(() => {})),
  planted('memory', (hoard) => {
    for (;;) hoard.push(Array.from({ length: 1000 }, () => hoard.length));
  }),
  planted('leak', (hoard) => {
    hoard.push(new Uint8Array(1 << 20).fill(1));
  }),
];
