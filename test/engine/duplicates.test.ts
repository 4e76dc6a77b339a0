/** A mirror port that records every packet twice, or a second tap, makes no finding, and none surer (rules 0.2). */
import { describe, expect, it } from 'vitest';
import type { TimedFrame } from '../../samples/craft/index.ts';
import { ARTICLES, framesOf, recorded } from '../one-ethernet.ts';
import { surestTiers } from '../surest-tiers.ts';

async function expectNoSurer(frames: readonly TimedFrame[], copyMillis: number): Promise<void> {
  const once = await surestTiers(recorded(frames));
  for (const [article, tier] of await surestTiers(recorded(frames, copyMillis)))
    expect.soft(tier, article).toBeLessThanOrEqual(once.get(article) ?? 0);
}

describe.each(ARTICLES)('copies in the scenarios of %s', (article) => {
  const frames = framesOf(article);

  it('are many', () => expect(frames.length).toBeGreaterThan(20));

  it.each(frames)('make no finding, and none surer: %s', async (_, own) => {
    for (const copyMillis of [0.01, 3, 30, 150]) await expectNoSurer(own, copyMillis);
  });
});
