/** Programs that tests compare with, or cannot do without. Where one is missing its tests are skipped, for all to see. */
import { spawnSync } from 'node:child_process';

/** Set where nothing may be skipped: what is missing is a failure then. */
export const arePeersRequired = process.env['KBDIAG_REQUIRE_PEERS'] !== undefined;

export function hasPeer(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args.length === 0 ? ['--version'] : args).status === 0;
}

/** Whether a process may mount file systems of its own, seen by itself alone. */
export function canMount(): boolean {
  return hasPeer('unshare', '-rm', 'true');
}
