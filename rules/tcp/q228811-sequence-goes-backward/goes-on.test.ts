/** A host that goes on from the lower number is one host all the same (rules 1.6). */
import { expect, it } from 'vitest';
import { verdictOf } from '../../../test/one-verdict.ts';
import { reuse } from './scenarios/reuse.ts';
import { openAll, openings } from './scenarios/series.ts';

it.each([18_230, 300_000, 2_000_000])('is found %d below, after further connections', async (back) => {
  const base = reuse({ back }).tries('oldAck').fresh(59.5, 75);
  const steps = [9_000, 12_000, 7_000, 15_000, 11_000];
  const times = [82, 85, 88, 91, 94, 97];
  openAll(base.lan, openings(steps, times, base.R - 1 - back + 8_000), base.old.fields.client);
  const { findings } = await verdictOf('Q228811', base.end(110));
  expect(findings).toMatchObject([{ tier: 'definitive' }]);
});
