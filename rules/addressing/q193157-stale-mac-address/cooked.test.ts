/** What a cooked capture, which keeps no destination MAC address, can say of a single station. */
import { describe, expect, it } from 'vitest';
import { encode, ENCODINGS, type Encoding, type Script } from '../../../samples/craft/index.ts';
import { analyze } from '../../../src/engine/analyze.ts';
import { HostFilter } from '../../../src/engine/host-filter.ts';
import { rules } from '../../index.ts';
import { deaf, hearing } from './deaf-scenarios.ts';
import { every } from './stage-scenarios.ts';

const X = '10.0.0.20';
const COOKED: readonly Encoding[] = [ENCODINGS.sll2, ENCODINGS.sll];

async function verdictOnX(script: Script, encoding: Encoding) {
  const input = { bytes: encode(script, encoding), path: 'x.pcap' };
  const hosts = new HostFilter(new Map([[X, X]]));
  const { verdicts } = await analyze([input], { rules, hosts });
  return verdicts.find(({ article }) => article === 'Q193157');
}

/** It asks for one and the same station, but seldom, and is not deaf. */
function healthy(): Script {
  const { stage, session } = hearing();
  for (const at of every(30, 110, 20)) stage.asksFor(at, stage.gateway);
  for (const at of every(31, 110, 5)) session.reads(at);
  return stage.end(160);
}

describe('a station that stays on its MAC address', () => {
  it('and no longer hears it is found where destinations are recorded', async () =>
    expect(await verdictOnX(deaf(), ENCODINGS.pcap)).toMatchObject({ verdict: 'found' }));

  it.each(COOKED)('and may not hear it is undecided in %o', async (encoding) =>
    expect(await verdictOnX(deaf(), encoding)).toMatchObject({
      verdict: 'inconclusive',
      observed: { subjects: 1, judged: 0, undecided: { notVisible: 1 } },
    }),
  );

  it.each(COOKED)('and shows no sign of not hearing it is in order in %o', async (encoding) =>
    expect(await verdictOnX(healthy(), encoding)).toMatchObject({
      verdict: 'clear',
      observed: { subjects: 1, judged: 1, undecided: {} },
    }),
  );
});
