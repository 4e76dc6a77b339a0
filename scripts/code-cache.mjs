/** Runs the bundle once on a small capture and keeps V8's compiled code of what ran (see src/cli/launch.ts). */
import { readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { load, CODE_CACHE } = createRequire(import.meta.url)('../dist/launch.cjs');
const { script, commandLine } = load();
const sample = readdirSync(join(root, 'samples')).find((name) => name.endsWith('.pcap'));
// The report goes to standard output, which the build throws away.
if (sample !== undefined) await commandLine.main(['analyze', join(root, 'samples', sample), '--quiet']);
writeFileSync(CODE_CACHE, script.createCachedData());
process.exitCode = 0;
