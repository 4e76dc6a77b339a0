import { describe, expect, it } from 'vitest';
import { run } from '../../../test/engine/run.ts';
import { Segment, X, ntPair } from './segment-scenarios.ts';

describe('the sides of a conflict', () => {
  it.each([
    ['asked before', true],
    ['was silent in ARP', false],
  ])('are told as they are where the older station %s', async (_name, hasAsked) => {
    const { owner, newcomer } = ntPair();
    const segment = new Segment().pings(owner, 5, 170, 5);
    if (hasAsked) segment.asks(3, owner);
    segment.send(50, () => newcomer.announce()).send(50.0003, () => owner.arpReply(newcomer));
    segment.asks(55, newcomer).pings(newcomer, 56, 170, 7);
    const { findings } = await run(segment.end(180));
    expect(findings).toMatchObject([
      {
        article: 'Q120599',
        tier: 'definitive',
        summary: 'answered',
        macs: [owner.mac, newcomer.mac],
        data: { address: X, macA: owner.mac, macB: newcomer.mac },
      },
    ]);
  });
});
