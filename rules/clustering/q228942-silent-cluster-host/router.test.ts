/** A mirror port that shows both sides of the router in front of a cluster: its copies of answers are no answers (rules 0.2). */
import { expect, it } from 'vitest';
import { Script } from '../../../samples/craft/index.ts';
import { bothSidesOf } from '../../../test/router-mirror.ts';
import { verdictOf } from '../../../test/one-verdict.ts';
import { hole, memberHole } from './scenarios/holes.ts';

it('clients that are answered at once leave the counts what they are', async () => {
  const { lan, web1 } = memberHole();
  // Closer together than the router takes, so that the copy of one answer follows another answer.
  for (let at = 4; at < 70; at += 2)
    for (const [index, client] of [31, 32, 33].entries()) lan.request(at + index * 0.00004, client, web1);
  const script = lan.end(72);
  const both = bothSidesOf(lan.router.mac, script.timeline());
  expect(both.length).toBeGreaterThan(script.timeline().length + 500);
  const once = await verdictOf('Q228942', script);
  const twice = await verdictOf('Q228942', Script.recorded(script.interfaces, both));
  expect(once.findings).toMatchObject([
    { tier: 'definitive', facts: { answeredByOthers: expect.any(Number) } },
  ]);
  const countsOf = ({ data, findings }: typeof once): unknown => [
    data,
    findings.map(({ subject, tier, facts: { answered, answeredByOthers, syns } }) => [
      subject,
      tier,
      answered,
      answeredByOthers,
      syns,
    ]),
  ];
  expect(countsOf(twice)).toEqual(countsOf(once));
});

it('hosts of the cluster may begin with any TTL', async () => {
  const script = hole().lan.end(100);
  const frames = script.timeline().map((frame) => {
    const bytes = frame.bytes.slice();
    if (bytes[12] === 8 && bytes[13] === 0 && bytes[22] === 128) bytes[22] = 100;
    return { ...frame, bytes };
  });
  const { findings } = await verdictOf('Q228942', Script.recorded(script.interfaces, frames));
  expect(findings).toMatchObject([{ tier: 'definitive' }]);
});
