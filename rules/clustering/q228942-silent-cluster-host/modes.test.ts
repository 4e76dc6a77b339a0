/** How a cluster is found to be in multicast mode, where a switch may hide heartbeats (rules 5.6). */
import { expect, it } from 'vitest';
import { encode, ENCODINGS, Script } from '../../../samples/craft/index.ts';
import { surestTiers } from '../../../test/surest-tiers.ts';
import { silentScript } from './scenarios/silences.ts';

const [SUGGESTIVE, DEFINITIVE] = [1, 3];

it.each([
  ['unicast', DEFINITIVE],
  ['multicast', SUGGESTIVE],
] as const)('heartbeats alone tell of %s mode', async (mode, tier) => {
  const script = silentScript({ cluster: { mode } });
  const frames = script.timeline().filter(({ bytes }) => bytes[12] !== 8 || bytes[13] !== 6);
  expect(frames.length).toBeLessThan(script.timeline().length);
  const heard = Script.recorded(script.interfaces, frames);
  for (const encoding of ['pcapng', 'sll2'] as const) {
    const tiers = await surestTiers(encode(heard, ENCODINGS[encoding]));
    expect([encoding, tiers.get('Q228942')]).toEqual([encoding, tier]);
  }
});
