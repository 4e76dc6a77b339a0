/** One analysis leaves nothing behind for the next one in the same program, whatever tables they share. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyze } from '../../src/engine/analyze.ts';
import { rules } from '../../rules/index.ts';

const folder = fileURLToPath(new URL('../../samples', import.meta.url));
const samples = readdirSync(folder)
  .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
  .map((name) => join(folder, name));

const outcomeOf = async (path: string): Promise<string> => {
  const { verdicts, findings, health } = await analyze([path], { rules });
  return JSON.stringify({ verdicts, findings, health });
};

describe('analyses one after the other and side by side', () => {
  it('are the same in any order', async () => {
    const forward: string[] = [];
    for (const path of samples) forward.push(await outcomeOf(path));
    const backward: string[] = [];
    for (const path of samples.toReversed()) backward.push(await outcomeOf(path));
    expect(samples.length).toBeGreaterThan(10);
    expect(backward.toReversed()).toEqual(forward);
  });

  it('are the same when they take turns', async () => {
    const some = samples.slice(0, 12);
    const alone: string[] = [];
    for (const path of some) alone.push(await outcomeOf(path));
    expect(await Promise.all(some.map(outcomeOf))).toEqual(alone);
  });
});
