// Runs fuzz/main.ts: bundled into a file, since the oldest supported Node does not read TypeScript and the work is done in a thread.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
// As deep in the tree as the modules of the tests, which read files beside them.
const folder = join(root, 'fuzz', 'build');
const bundle = join(folder, `fuzz-${process.pid}.mjs`);
// Temporary files of threads that are ended go with the program.
const temporary = join(folder, `temporary-${process.pid}`);
mkdirSync(temporary, { recursive: true });
process.env.TMPDIR = temporary;
process.once('exit', () => {
  rmSync(bundle, { force: true });
  rmSync(temporary, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
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
