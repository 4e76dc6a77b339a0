/**
 * What is proven stays proven, whatever happens before or after it: hosts that fall silent or converge, or a recorder that stands
 * still (rules 0.2).
 */
import { describe, expect, it } from 'vitest';
import { ALL_BUCKETS, type ClusterMember, Host, type Script, withGap } from '../../../samples/craft/index.ts';
import { verdictOf } from '../../../test/one-verdict.ts';
import { hole, memberHole } from './scenarios/holes.ts';
import { SERVED_ON, silent } from './scenarios/silences.ts';

async function tiersOf(script: Script): Promise<Array<readonly [subject: string, tier: string]>> {
  const { findings } = await verdictOf('Q228942', script);
  return findings.map(({ subject, tier }) => [subject, tier] as const);
}

/** Attempts of four clients in turn, every three seconds. */
function knocksUntil(last: number): Array<{ at: number; client: number }> {
  return Array.from({ length: Math.floor((last - 61) / 3) + 1 }, (_, at) => ({
    at: 61 + 3 * at,
    client: 1 + (at % 4),
  }));
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

  it('stays proven if the hosts converge after it, and do not come to an end', async () => {
    const { lan, web1, web2 } = hole({ knocks: knocksUntil(100), until: 110 });
    for (const member of [web1, web2])
      lan.beats(member, 110.3, 180, { everySeconds: 0.5, state: 2, newMap: ALL_BUCKETS });
    expect(await tiersOf(lan.end(180))).toContainEqual(CLUSTER_HOLE);
  });

  it('stays proven if nothing but heartbeats was heard after it', async () => {
    expect(await tiersOf(hole({ until: 220 }).lan.end(220, { untilSeconds: 110 }))).toContainEqual(
      CLUSTER_HOLE,
    );
  });

  it.each([
    [63, 76],
    [68, 84],
  ])('is proven by what came after the recorder stood still, from %d to %d s', async (from, to) => {
    const script = hole({ knocks: knocksUntil(200), until: 220 }).lan.end(220);
    const { findings } = await verdictOf('Q228942', withGap(script, from, to));
    expect(findings).toMatchObject([{ tier: 'definitive' }]);
    expect(findings[0]?.facts['startSeconds']).toBeGreaterThanOrEqual(to);
  });

  it('of one client is the hint that it was before all hosts stopped', async () => {
    const knocks = [61, 66, 71, 76, 80, 85].map((at) => ({ at, client: 1 }));
    const hint = [[expect.stringMatching(/^cluster /), 'suggestive']];
    expect(await tiersOf(hole({ knocks }).lan.end(100))).toEqual(hint);
    expect(await tiersOf(hole({ knocks }).lan.end(220))).toEqual(hint);
  });

  it('is drawn as far as it is told of', async () => {
    const script = hole({ periodSeconds: 5, until: 220 }).lan.end(220);
    const { findings } = await verdictOf('Q228942', withGap(script, 92, 160));
    const spans = findings[0]?.series.find(({ name }) => name === 'no answer')?.points ?? [];
    expect(spans.length).toBeGreaterThan(0);
    expect(Math.max(...spans.map(([at]) => at))).toBeLessThan(92);
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

  it('is proven by what came after the recorder stood still', async () => {
    const knocks = Array.from({ length: 40 }, (_, at) => ({ at: 31 + 2.35 * at, client: 2 + 2 * (at % 4) }));
    const others = Array.from({ length: 40 }, (_, at) => 32 + 2.8 * at);
    const script = memberHole({ knocks, others, until: 150 }).lan.end(150);
    expect(await tiersOf(withGap(script, 36, 48))).toContainEqual(MEMBER_HOLE);
  });

  it('has a baseline within a minute before it, though the recorder stood still', async () => {
    const knocks = Array.from({ length: 80 }, (_, at) => ({ at: 31 + 2.35 * at, client: 2 + 2 * (at % 4) }));
    const others = Array.from({ length: 80 }, (_, at) => 32 + 2.8 * at);
    const script = memberHole({ knocks, others, until: 250 }).lan.end(250);
    expect(await tiersOf(withGap(script, 36, 110))).not.toContainEqual(MEMBER_HOLE);
  });

  it('tells how many others answered, many as they are', async () => {
    const others = Array.from({ length: 150 }, (_, at) => 32 + 0.5 * at);
    const { findings } = await verdictOf('Q228942', memberHole({ others, until: 120 }).lan.end(120));
    expect(findings).toMatchObject([{ tier: 'definitive', facts: { answeredByOthers: 150 } }]);
  });

  it('is none while no other member answers inside of what was captured', async () => {
    const others = Array.from({ length: 10 }, (_, at) => 145 + 3 * at);
    const late = memberHole({ others, until: 200 }).lan.end(200);
    const subjects = (await tiersOf(withGap(late, 75, 140))).map(([subject]) => subject);
    expect(subjects).not.toContainEqual(expect.stringMatching(/^host /));
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
    expect(await tiersOf(silent({ lives: [120, 121, 122, 123, 124] }).lan.end(200))).toEqual([]);
  });

  it('lives by frames as close together as they may be', async () => {
    expect(await tiersOf(silent({ lives: [40, 40.1] }).lan.end(200))).toContainEqual(MEMBER_HOLE);
  });

  it('is as sure as the signs of life before the others stopped', async () => {
    const fields = { adapter: 'cluster', lives: [37, 41, 46, 52] } as const;
    const { lan, web2 } = silent(fields);
    const weak = [[expect.stringMatching(/^host 2 /), 'strong']];
    expect(await tiersOf(lan.lives(web2, [120, 125, 130], 'dedicated').end(200))).toEqual(weak);
    expect(await tiersOf(silent(fields).lan.end(200))).toEqual(weak);
  });

  it('is that of a dead host, whoever answered ARP for it before the others stopped', async () => {
    const { lan, web2 } = silent({ lives: [] });
    const asker = new Host({ mac: '00:a0:24:0b:77:20', ip: '10.0.0.20', ttl: 128 });
    const answers = (at: number, sourceIp: ClusterMember['hostIp']): void => {
      lan.script.at(at, () => asker.arpRequest(sourceIp));
      lan.script.at(at + 0.001, () => lan.router.arpReply(asker, { sourceIp }));
    };
    for (const [at, last] of [61, 62, 63, 64].entries()) answers(2 + at, `10.0.0.${last}`);
    for (const at of [40, 50, 60]) answers(at, web2.hostIp);
    lan.lives(web2, [120, 125, 130], 'dedicated');
    expect(await tiersOf(lan.end(200))).toEqual([]);
  });

  it('stays a hint of a host that lived, if the others stop after it', async () => {
    const fields = { knocks: [], answered: SERVED_ON, convergesAfter: 5.5 };
    const hint = [[expect.stringMatching(/^host 2 /), 'suggestive']];
    expect(await tiersOf(silent(fields).lan.end(75))).toEqual(hint);
    expect(await tiersOf(silent(fields).lan.end(200))).toEqual(hint);
  });

  it('is unserved, though the cluster is served once it was started again', async () => {
    const { lan, web1 } = silent();
    lan.beats(web1, 150, 200).request(170, 1, web1);
    expect(await tiersOf(lan.end(200))).toContainEqual(MEMBER_HOLE);
  });
});
