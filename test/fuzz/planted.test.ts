/** Faults of every kind that are there on purpose: the fuzzer finds each, keeps a small input of it, and ends with 1. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Outcome, outcomeOf } from '../child-outcome.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = temporaryFolder();

function fuzz(...args: readonly string[]): Promise<Outcome> {
  return outcomeOf(
    spawn(process.execPath, ['fuzz/fuzz.mjs', ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
}

describe('a planted fault', { timeout: 300_000 }, () => {
  it.each([
    ['throw', '10', 'RangeError: planted'],
    ['hang', '0.5', 'runs for more than 0.5 s'],
    ['stall', '0.5', 'runs for more than 0.5 s'],
    ['memory', '10', 'runs out of memory'],
  ])('that makes it %s', async (kind, hangSeconds, message) => {
    const finds = join(folder, kind);
    const args = [
      '--runs',
      '4000',
      '--hang',
      hangSeconds,
      '--heap',
      '64',
      '--corpus',
      'none',
      '--blind',
      '--minimise',
      '2',
      '--finds',
      finds,
    ];
    const { code, stdout, stderr } = await fuzz('--target', `planted-${kind}`, ...args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) as string });
    expect(stdout).toContain('found: ');
    const [file = ''] = readdirSync(finds);
    expect(file).toMatch(new RegExp(`^planted-${kind}-[0-9a-f]{10}\\.txt$`));
    const kept = readFileSync(join(finds, file), 'latin1');
    expect(kept).toContain('@');
    // Nothing but the byte that does it is left, where that takes no time to find out.
    if (kind === 'throw') expect(kept).toBe('@');
  });

  it('that holds on to memory', async () => {
    const finds = join(folder, 'leak');
    const { code, stderr } = await fuzz('--target', 'planted-leak', '--runs', '20000', '--finds', finds);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('MB more than at first') as string,
    });
  });
});

describe('npm run fuzz', { timeout: 120_000 }, () => {
  it('ends with 0 where nothing is found', async () => {
    const { code, stdout } = await fuzz(
      '--target',
      'text-key',
      '--runs',
      '500',
      '--corpus',
      'none',
      '--coverage',
    );
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/text-key +│ +500 │/) as string,
    });
    expect(stdout).toMatch(/characters of code reached/);
  });

  it('tells how it is used', async () => {
    for (const wrong of [['--target', 'nothing'], ['--runs', '0'], ['--such'], ['--corpus', 'some']]) {
      const { code, stderr } = await fuzz(...wrong);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining('npm run fuzz -- [options]') as string,
      });
    }
    const { code, stdout } = await fuzz('--list');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('wire-dhcp\n') as string });
    expect(stdout).not.toContain('planted');
  });
});
