import { expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { positives } from '../../rules/tcp/q228811-sequence-goes-backward/scenarios/positives.ts';
import { type Script, u8 } from '../../samples/craft/index.ts';
import { BASE_SECONDS } from '../../samples/craft/script.ts';
import { analyze } from '../../src/engine/analyze.ts';
import { concat, SectionBuilder } from '../capture/build.ts';

const build = new SectionBuilder(true);

/** Which of the two interfaces recorded a frame: as it happens, another one each round. */
function interfaceOf(at: number, round: number): 0 | 1 {
  return Math.imul(at + 7919 * round, 0x9e37_79b1) < 0 ? 1 : 0;
}

/** The script as recorded by an interface of microseconds and one of nanoseconds. */
function recorded(script: Script, round: number): Uint8Array {
  const records = script.timeline().map(({ nanos, bytes }, at) => {
    const time = BigInt(BASE_SECONDS) * 1_000_000_000n + BigInt(Math.round(nanos));
    const index = interfaceOf(at, round);
    return build.enhanced(index, index === 0 ? time / 1000n : time, bytes);
  });
  const interfaces = [6, 9].map((decimals) => build.interface(1, 0, build.option(9, u8(decimals))));
  return concat(build.header(), ...interfaces, ...records);
}

it('times of frames are cited as exactly as their own interface has them', async () => {
  const cited: string[] = [];
  for (let round = 0; round < 12; round += 1) {
    for (const scenario of positives) {
      const input = { bytes: recorded(scenario.build(), round), path: 'memory.pcapng' };
      const { findings } = await analyze([input], { rules });
      for (const { number, time } of findings.flatMap(({ frames }) => frames)) {
        const expected = interfaceOf(number - 1, round) === 0 ? 6 : 9;
        cited.push(`${scenario.name} in round ${round}, frame ${number}: ${time?.precision} of ${expected}`);
      }
    }
  }
  expect(cited.filter((text) => text.endsWith('of 9')).length).toBeGreaterThan(100);
  expect(cited.filter((text) => !/: (\d) of \1$/.test(text))).toEqual([]);
});
