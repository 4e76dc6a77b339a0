/** A renewal that was missed: its acknowledgment after expiry tells of it (rules 2.4, ceiling). */
import { expect, it } from 'vitest';
import { Script } from '../../../samples/craft/index.ts';
import { verdictOf } from '../../../test/one-verdict.ts';
import { overuse } from './scenarios/overuse.ts';

async function tiersOf(script: Script): Promise<string[]> {
  const { findings } = await verdictOf('Q151387', script);
  return findings.map(({ tier }) => tier);
}

it.each([180, 195])(
  'an acknowledgment at %d s lowers what came before, its request seen or not',
  async (at) => {
    const { lan, client } = overuse({ tailSeconds: 120 });
    expect(await tiersOf(lan.script)).toEqual(['definitive']);
    lan.renewed(client, at);
    expect(await tiersOf(lan.script)).toEqual(['suggestive']);
    const frames = lan.script.timeline();
    const heard = frames.filter(({ mark }) => mark !== 'renewal');
    expect(heard.length).toBe(frames.length - 1);
    expect(await tiersOf(Script.recorded(lan.script.interfaces, heard))).toEqual(['suggestive']);
  },
);
