/** Runs each bundle on a few small captures and keeps V8's compiled code of what ran (see src/cli/bundle.ts). */
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';

const root = fileURLToPath(new URL('..', import.meta.url));
const { loadBundle, codeCacheOf, setEngineFlags } = createRequire(import.meta.url)('../dist/launch.cjs');

/**
 * Three faults of addresses, for what runs when something is watched and found. With all samples the cache would be so large that
 * reading it took 4 ms longer, on every capture.
 */
const samples = ['q120599-d1-boot-conflict', 'q151387-p1-definitive', 'q193157-p1-stale-address'].map(
  (name) => join(root, 'samples', `${name}.pcap`),
);
const missing = samples.find((path) => !existsSync(path));
if (missing !== undefined) throw new Error(`no ${missing} to run`);

/** @param {string} name  @param {(exports: any, path: string) => Promise<unknown>} use */
async function keep(name, use) {
  const { script, exports } = loadBundle(name);
  for (const path of samples) await use(exports, path);
  writeFileSync(codeCacheOf(name), script.createCachedData());
}

if (isMainThread) {
  // The report goes to standard output, which the build throws away.
  await keep('cli', (cli, path) => cli.main(['analyze', path, '--quiet']));
  process.exitCode = 0;
  // As a scan does before it starts its workers.
  setEngineFlags();
  const setup = { options: {}, overrides: {}, color: false, failOn: undefined, redaction: null };
  const worker = new Worker(new URL(import.meta.url), { workerData: { setup, bytesRead: null } });
  worker.on('error', (error) => {
    throw error;
  });
} else {
  const task = { stem: 'capture', formats: ['json'], slot: 0, apart: null };
  await keep('worker', (worker, path) => worker.default({ ...task, paths: [path], shown: [path] }));
}
