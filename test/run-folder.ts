/**
 * All temporary files of a run stand in one folder, which goes with it. Hooks of tests do not see to all of them: a suite that is
 * skipped, or that fails before its first test, runs none, and a process of tests is ended from outside.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setup(): void {
  const folder = mkdtempSync(join(tmpdir(), 'kbdiag-tests-'));
  // Some tests run the program as another user.
  chmodSync(folder, 0o755);
  process.env['TMPDIR'] = folder;
  // A run that is interrupted comes here too. What it started may still be writing.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
}
