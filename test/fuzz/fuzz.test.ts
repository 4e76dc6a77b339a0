/** A short run of the fuzzer: the same inputs every time, every target. `npm run fuzz` goes on from here. */
import { describe, expect, it } from 'vitest';
import { Campaign } from '../../fuzz/campaign.ts';
import { Library } from '../../fuzz/input/library.ts';
import { TARGETS } from '../../fuzz/targets/index.ts';

const SEED = 120_599;
/** Inputs of a target, its seeds among them; decoders are cheap and do more. */
const RUNS = 30;

/** The samples alone: what real captures show is shown by the fuzzer, and not by a test that has seconds. */
const library = new Library(SEED, null);

describe('the fuzzer', () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))(
    'finds nothing in %s',
    { timeout: 120_000 },
    async (name, target) => {
      const faults: unknown[] = [];
      const campaign = new Campaign(target, {
        seed: SEED,
        library,
        coverage: null,
        seedLimit: 20,
        execute: async (_target, { bytes }) => {
          try {
            await target.run(bytes);
            return true;
          } catch (error) {
            faults.push(error);
            return false;
          }
        },
      });
      await campaign.prepare();
      await campaign.run(name.startsWith('wire-') ? 100 * RUNS : RUNS, () => faults.length === 0);
      if (faults.length > 0) throw faults[0];
      expect(campaign.executions).toBeGreaterThanOrEqual(RUNS);
    },
  );
});
