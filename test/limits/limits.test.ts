/** Hostile captures through the built product, in small: memory stays bounded, and what was dropped shows (`npm run limits` for the full numbers). */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { faultsOf } from '../../bench/limits/faults.ts';
import { FLOODS } from '../../bench/limits/floods.ts';
import { analyze, canTellPeak, type Report } from '../../bench/limits/run.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe.skipIf(!canTellPeak)('128 MiB are enough for', () => {
  it.each(FLOODS.map((flood) => [flood.name, flood] as const))(
    '%s',
    async (_, flood) => {
      const { testCount } = flood;
      const outcome = await analyze(root, flood, testCount, ['-f', 'json', '--quiet']);
      const report = JSON.parse(outcome.stdout || 'null') as Report | null;
      expect({ stderr: outcome.stderr, faults: faultsOf(flood, testCount, outcome, report) }).toEqual({
        stderr: '',
        faults: [],
      });
      expect(report).not.toBeNull();
    },
    180_000,
  );
});
