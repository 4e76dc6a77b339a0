/**
 * Builds dist/: cli.cjs (the command line, one file with its dependencies), worker.cjs (a worker of a scan), what they load on
 * demand, their launchers and code caches, index.js (the library) and the declarations.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ownSources } from './own-sources.mjs';
import { FORMERLY_PRIVATE } from './private-as-properties.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** Built-in modules that take milliseconds to load and that an analysis of a small file does without. */
const UNUSED_AT_START = new Set([
  'node:child_process',
  'node:net',
  'node:stream',
  'node:tty',
  'node:worker_threads',
  'node:zlib',
]);

/**
 * Start-up. An ESM import of a built-in module reads every export of it, and so loads what those load on demand: node:fs alone
 * brings in node:stream and node:fs/promises, 5 ms. A require does not. The modules above are loaded when one of their exports is
 * first used.
 *
 * @type {import('esbuild').Plugin}
 */
const builtinsOnDemand = {
  name: 'builtins-on-demand',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^node:/ }, ({ path, kind, namespace }) => {
      if (namespace === 'lazy' || namespace === 'required') return undefined;
      if (UNUSED_AT_START.has(path)) return { path, namespace: 'lazy' };
      // The bundle is a script to V8 (see src/cli/bundle.ts), where import() cannot work.
      return kind === 'require-call' ? undefined : { path, namespace: 'required' };
    });
    esbuild.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
    esbuild.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: `
        let loaded;
        for (const name of ${JSON.stringify(Object.keys(require(path)))}) {
          Object.defineProperty(exports, name, {
            enumerable: true,
            get: () => (loaded ??= require(${JSON.stringify(path)}))[name],
          });
        }`,
    }));
  },
};

/**
 * Start-up. cli-table3 and cli-progress measure every text with string-width, whose emoji expression takes 3 ms to load and
 * compile; printable ASCII and the ellipsis that marks a cut are as wide as they are long.
 *
 * @type {import('esbuild').Plugin}
 */
const asciiWidth = {
  name: 'ascii-width',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^string-width$/ }, ({ path, resolveDir, namespace }) =>
      namespace === 'ascii-width'
        ? undefined
        : { path, namespace: 'ascii-width', pluginData: { resolveDir } },
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'ascii-width' }, ({ pluginData }) => ({
      contents: `module.exports = (text) => (/^[ -~\\u2026]*$/.test(text) ? text.length : require('string-width')(text));`,
      resolveDir: pluginData.resolveDir,
    }));
  },
};

/**
 * Start-up. What only some formats need is a bundle of its own, so that no other run reads or compiles it: the module by its path in
 * src, and the file in dist.
 */
const ON_DEMAND = new Map([
  ['report/html/index.ts', 'html'],
  ['report/markdown.ts', 'markdown'],
  ['report/charts/index.ts', 'charts'],
  ['scan/index-html/index.ts', 'index-html'],
]);

/** @type {import('esbuild').Plugin} */
const bundlesOnDemand = {
  name: 'bundles-on-demand',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^\.{1,2}\// }, ({ path, kind, resolveDir }) => {
      if (kind === 'entry-point') return undefined;
      const module = relative(join(root, 'src'), join(resolveDir, path)).split(sep).join('/');
      const bundle = ON_DEMAND.get(module);
      if (bundle === undefined) return undefined;
      if (kind !== 'dynamic-import') return { errors: [{ text: `${path} is to be loaded by import()` }] };
      return { path: `./${bundle}.cjs`, external: true };
    });
  },
};

/**
 * Start-up. What `loadBundle` compiles is the whole file: a function with the names that a CommonJS module knows. With plain ASCII
 * alone it is a string of one byte a character to V8, read as it stands; anything else would have all of it decoded and copied.
 */
const FUNCTION = {
  format: /** @type {const} */ ('cjs'),
  banner: { js: '(function (exports, require, module, __dirname) {' },
  footer: { js: '})' },
  inject: ['scripts/monotonic-clock.mjs'],
};

/** @param {string} name */
function mustBeAscii(name) {
  const text = readFileSync(join(root, 'dist', name), 'utf8');
  // oxlint-disable-next-line no-control-regex
  const other = /[^\x00-\x7f]/.exec(text);
  if (other !== null)
    throw new Error(`dist/${name} is not ASCII: …${text.slice(other.index - 40, other.index + 1)}`);
}

/** Packages that stand beside the bundle: piscina starts a file of its own in each worker. */
const SCAN_PACKAGES = ['piscina', 'tinyglobby'];

const target = 'node20';
const own = ownSources({ sources: /[\\/](?:src|rules)[\\/].*\.ts$/, target });

/** @type {import('esbuild').BuildOptions} */
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target,
  legalComments: 'none',
  logLevel: 'warning',
};

rmSync(join(root, 'dist'), { recursive: true, force: true });
await Promise.all([
  build({
    ...shared,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/cli.cjs',
    // Not ESM: Node's loader for it takes longer to start than the whole rest of the start-up.
    ...FUNCTION,
    minify: true,
    mangleProps: FORMERLY_PRIVATE,
    // The first only for cell styles that kbdiag does not use; the others when a scan asks for them.
    external: ['@colors/colors', ...SCAN_PACKAGES],
    // In a script of V8 import() cannot work, and is written as a require.
    supported: { 'dynamic-import': false },
    plugins: [bundlesOnDemand, builtinsOnDemand, asciiWidth, own],
  }),
  build({
    ...shared,
    entryPoints: ['src/cli/scan-worker.ts'],
    outfile: 'dist/worker.cjs',
    ...FUNCTION,
    minify: true,
    mangleProps: FORMERLY_PRIVATE,
    external: ['@colors/colors'],
    supported: { 'dynamic-import': false },
    plugins: [bundlesOnDemand, builtinsOnDemand, own],
  }),
  ...Array.from(ON_DEMAND, ([module, bundle]) =>
    build({
      ...shared,
      entryPoints: [`src/${module}`],
      outfile: `dist/${bundle}.cjs`,
      format: 'cjs',
      minify: true,
      supported: { 'dynamic-import': false },
      // Of linkedom: only for pages that draw on a canvas.
      external: ['canvas'],
      plugins: [bundlesOnDemand],
    }),
  ),
  build({
    ...shared,
    entryPoints: { launch: 'src/cli/launch.ts', 'scan-worker': 'src/cli/launch-worker.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
  }),
  // In pieces, so that a program that imports the library loads a format when it asks for it.
  build({
    ...shared,
    entryPoints: ['src/index.ts'],
    outdir: 'dist',
    splitting: true,
    chunkNames: 'library/[name]-[hash]',
    packages: 'external',
  }),
]);

mustBeAscii('cli.cjs');
mustBeAscii('worker.cjs');

const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
execFileSync(process.execPath, [join(root, 'scripts', 'code-cache.mjs')], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
