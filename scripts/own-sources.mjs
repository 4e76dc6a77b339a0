/** How the modules of kbdiag itself are compiled into the command line and the workers of a scan: for the first second of a run. */
import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import { numbersApart } from './numbers-apart.mjs';
import { privateAsProperties } from './private-as-properties.mjs';

/** Begins the name of a module that has nothing but the numbers of another one. */
const NUMBERS = 'numbers:';

/**
 * @param {{ sources: RegExp, target: string }} options The modules it is for, by their path; the language they are compiled to.
 * @returns {import('esbuild').Plugin}
 */
export function ownSources({ sources, target }) {
  return {
    name: 'own-sources',
    setup(esbuild) {
      /** @type {Map<string, string>} */
      const numbersOf = new Map();
      esbuild.onLoad({ filter: sources, namespace: 'file' }, async ({ path }) => {
        const { code } = await transform(await readFile(path, 'utf8'), {
          loader: 'ts',
          target,
          sourcefile: path,
        });
        const { numbers, rest } = numbersApart(privateAsProperties(code, path), `${NUMBERS}${path}`);
        numbersOf.set(path, numbers);
        return { contents: rest, loader: 'js' };
      });
      esbuild.onResolve({ filter: new RegExp(`^${NUMBERS}`) }, ({ path }) => ({
        path: path.slice(NUMBERS.length),
        namespace: NUMBERS,
      }));
      esbuild.onLoad({ filter: /.*/, namespace: NUMBERS }, ({ path }) => ({
        contents: numbersOf.get(path),
        loader: 'js',
      }));
    },
  };
}
