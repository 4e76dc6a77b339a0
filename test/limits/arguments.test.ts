/** Programs for developers that are called in a wrong way. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('wrong arguments are answered with one line and the usage by', () => {
  it.each([
    ['bench/limits.mjs', ['--nothing'], "Unknown option '--nothing'"],
    ['bench/limits.mjs', ['--only', 'hosts,rain'], '--only: unknown flood "rain"'],
    ['bench/limits.mjs', ['--size', '-1x'], "Option '--size' argument is ambiguous"],
    ['bench/limits.mjs', ['--size=none'], '--size: not a number above 0: none'],
    ['bench/limits.mjs', ['--format=html'], '--format: none of json, text, ndjson, csv: html'],
    ['bench/limits.mjs', ['hosts'], "Unexpected argument 'hosts'"],
    ['bench/long-run.mjs', ['--length=1'], "Unknown option '--length'"],
    ['bench/long-run.mjs', ['--every=0'], '--every: not a number above 0: 0'],
    ['fuzz/fuzz.mjs', ['--list', '--nothing'], "Unknown option '--nothing'"],
    ['fuzz/fuzz.mjs', ['--target=rain'], '--target: unknown target "rain"'],
    ['fuzz/fuzz.mjs', ['--seed=x'], '--seed: not a whole number: x'],
    ['fuzz/fuzz.mjs', ['--seconds'], "Option '--seconds <value>' argument missing"],
  ])(
    '%s %j',
    (program, args, line) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
        cwd: root,
        encoding: 'utf8',
      });
      expect(stdout).toBe('');
      const [first = '', second, third = ''] = stderr.split('\n');
      expect(first.startsWith(line) ? line : stderr).toBe(line);
      expect(second).toBe('');
      expect(third).toMatch(/^npm run /);
      expect(stderr).not.toContain('    at ');
      expect(status).toBe(2);
    },
    60_000,
  );
});
