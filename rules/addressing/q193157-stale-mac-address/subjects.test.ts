/** Addresses count once, however often the clock is stepped. */
import { describe, expect, it } from 'vitest';
import { encode, withClockSteps } from '../../../samples/craft/index.ts';
import { analyze } from '../../../src/engine/analyze.ts';
import { HostFilter } from '../../../src/engine/host-filter.ts';
import { rules } from '../../index.ts';
import { changed } from './positive-scenarios.ts';
import { Stage, every } from './stage-scenarios.ts';

const X = '10.0.0.20';

async function verdictOnX(stage: Stage, steps: readonly number[]) {
  const script = withClockSteps(stage.end(300), steps, -40);
  const hosts = new HostFilter(new Map([[X, X]]));
  const { verdicts } = await analyze([{ bytes: encode(script), path: 'x.pcap' }], { rules, hosts });
  return verdicts.find(({ article }) => article === 'Q193157');
}

function steady(): Stage {
  const stage = new Stage();
  for (const at of every(1, 290, 5)) stage.asksFor(at, stage.gateway);
  stage.pinging(every(2, 290, 7), stage.reader, stage.x.mac, stage.x.mac);
  return stage;
}

describe('over clock epochs', () => {
  it.each([[[]], [[280]], [[20, 280]], [[20, 40, 130, 280]]])(
    'a steady address counts once, and as judged if it was in any: steps at %j',
    async (steps) =>
      expect(await verdictOnX(steady(), steps)).toMatchObject({
        verdict: 'clear',
        observed: { subjects: 1, judged: 1, undecided: {} },
        data: { changed: 0, stale: 0 },
      }),
  );

  it('one that was observed too briefly in each counts once, undecided', async () =>
    expect(await verdictOnX(steady(), every(30, 270, 30))).toMatchObject({
      verdict: 'inconclusive',
      observed: { subjects: 1, judged: 0, undecided: { endOfCapture: 1 } },
    }));

  it('one that was found counts once, whatever comes later', async () => {
    const stage = changed();
    for (const at of every(150, 290, 5)) stage.asksFor(at, stage.gateway, stage.macB);
    stage.broadcasts(every(60, 280, 20), stage.macB);
    expect(await verdictOnX(stage, [140])).toMatchObject({
      verdict: 'found',
      observed: { subjects: 1, judged: 1, undecided: {} },
      data: { stale: 1 },
    });
  });
});
