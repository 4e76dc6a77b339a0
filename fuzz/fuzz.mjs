// Runs fuzz/main.ts: bundled into a file, since the oldest supported Node does not read TypeScript and the work is done in a thread.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
// As deep in the tree as the modules of the tests, which read files beside them.
const bundle = join(root, 'fuzz', 'build', `fuzz-${process.pid}.mjs`);
process.once('exit', () => rmSync(bundle, { force: true }));
await build({
  absWorkingDir: root,
  entryPoints: ['fuzz/main.ts'],
  bundle: true,
  outfile: bundle,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['canvas'],
  logLevel: 'warning',
  // Dependencies that are CommonJS ask for built-in modules by `require`.
  banner: {
    js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
  },
});
const { main } = await import(pathToFileURL(bundle).href);
process.exitCode = await main(root, bundle, process.argv.slice(2));
