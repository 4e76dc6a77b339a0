/** A cluster of which one host alone was seen: nobody says whether it was meant to stop (rules 5.4). */
import { expect, it } from 'vitest';
import { ClusterLan } from '../../../samples/craft/index.ts';
import { verdictOf } from '../../../test/one-verdict.ts';

it('a lone host that falls silent is told of as the only one', async () => {
  const lan = new ClusterLan();
  const [web1] = lan.members(1);
  lan.beats(web1, 0.3, 60.3);
  const { findings } = await verdictOf('Q228942', lan.end(160));
  expect(findings).toMatchObject([{ tier: 'suggestive', summary: 'silentLone' }]);
});

it('a host that falls silent beside others is compared with them', async () => {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.3, 60.3).beats(web2, 0.4, 159.4);
  const { findings } = await verdictOf('Q228942', lan.end(160));
  expect(findings).toMatchObject([{ tier: 'suggestive', summary: 'silentOnly' }]);
});
