/** What is proven stays proven, whatever happens afterwards: hosts that fall silent, or a recorder that stands still (rules 0.2). */
import { describe, expect, it } from 'vitest';
import { type Script, withGap } from '../../../samples/craft/index.ts';
import { verdictOf } from '../../../test/one-verdict.ts';
import { hole, memberHole } from './scenarios/holes.ts';
import { silent } from './scenarios/silences.ts';

async function tiersOf(script: Script): Promise<Array<readonly [subject: string, tier: string]>> {
  const { findings } = await verdictOf('Q228942', script);
  return findings.map(({ subject, tier }) => [subject, tier] as const);
}

const CLUSTER_HOLE = [expect.stringMatching(/^cluster /), 'definitive'];
const MEMBER_HOLE = [expect.stringMatching(/^host 2 /), 'definitive'];

describe('an outage of the whole cluster', () => {
  it('stays proven if all hosts stop after it, and come back or do not', async () => {
    expect(await tiersOf(hole().lan.end(220))).toContainEqual(CLUSTER_HOLE);
    const { lan, web1, web2 } = hole();
    lan.beats(web1, 160.3, 220).beats(web2, 160.4, 220).request(170, 1, web1).request(175, 2, web2);
    expect(await tiersOf(lan.end(220))).toContainEqual(CLUSTER_HOLE);
  });

  it('stays proven if the recorder stands still after it', async () => {
    const { lan, web1 } = hole({ until: 220 });
    expect(await tiersOf(withGap(lan.end(220), 100, 160))).toContainEqual(CLUSTER_HOLE);
    lan.request(170, 1, web1);
    expect(await tiersOf(withGap(lan.end(220), 100, 160))).toContainEqual(CLUSTER_HOLE);
  });

  it('stays proven if the recorder stands still for too short a time to miss a host', async () => {
    const script = withGap(hole({ periodSeconds: 5, until: 220 }).lan.end(220), 92, 113);
    expect(await tiersOf(script)).toContainEqual(CLUSTER_HOLE);
  });

  it('is not proven by what came right before the recorder stood still', async () => {
    // The answer to the last of five attempts may have been lost.
    const script = hole({ repeats: [1], until: 220 }).lan.end(220);
    expect(await tiersOf(withGap(script, 87, 160))).toEqual([]);
    expect(await tiersOf(withGap(script, 89, 160))).toContainEqual(CLUSTER_HOLE);
  });
});

describe('an outage of one member', () => {
  it('stays proven if the member stops after it', async () => {
    const { lan, web1 } = memberHole();
    lan.beats(web1, 72.3, 200);
    for (let at = 75; at < 195; at += 5) lan.request(at, 1 + 2 * (at % 4), web1);
    expect(await tiersOf(lan.end(200))).toContainEqual(MEMBER_HOLE);
  });

  it('stays proven if the recorder stands still after it', async () => {
    expect(await tiersOf(withGap(memberHole({ until: 200 }).lan.end(200), 75, 140))).toContainEqual(
      MEMBER_HOLE,
    );
  });

  it('is none while no other member answers inside of what was captured', async () => {
    const others = Array.from({ length: 10 }, (_, at) => 145 + 3 * at);
    const late = memberHole({ others, until: 200 }).lan.end(200);
    expect(await tiersOf(withGap(late, 75, 140))).not.toContainEqual(MEMBER_HOLE);
  });
});

describe('a silence', () => {
  it('stays proven if the other host stops after it', async () => {
    expect(await tiersOf(silent().lan.end(200))).toContainEqual(MEMBER_HOLE);
  });

  it('stays proven if the recorder stands still after it', async () => {
    expect(await tiersOf(withGap(silent({ until: 200 }).lan.end(200), 76, 140))).toContainEqual(MEMBER_HOLE);
  });

  it('tells nothing of a site that is shut down host by host', async () => {
    expect(await tiersOf(silent({ lives: [], knocks: [] }).lan.end(200))).toEqual([]);
  });

  it('does not live by what the host shows after the others stopped', async () => {
    const later = [120, 121, 122, 123, 124];
    const found = await tiersOf(silent({ lives: later }).lan.end(200));
    expect(found).not.toContainEqual(MEMBER_HOLE);
  });
});
