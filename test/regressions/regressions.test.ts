/** What the fuzzer found once, through all targets: what broke one of them may break another. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TARGETS } from '../../fuzz/targets/index.ts';

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((name) => !name.endsWith('.ts'));

describe('inputs that showed a fault', () => {
  it('are of targets that there are', () => {
    const names = TARGETS.map(({ name }) => name);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !names.some((name) => file.startsWith(`${name}-`)))).toEqual([]);
  });

  it.each(files)('%s', { timeout: 60_000 }, async (file) => {
    const bytes = new Uint8Array(readFileSync(join(folder, file)));
    const faults: Array<readonly [target: string, error: unknown]> = [];
    for (const target of TARGETS) {
      try {
        await target.run(bytes);
      } catch (error) {
        faults.push([target.name, error]);
      }
    }
    expect(faults).toEqual([]);
  });
});
