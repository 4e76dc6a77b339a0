// Runs a TypeScript file of this folder: bundled in memory, since the oldest supported Node does not read TypeScript.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** What the file exports. */
export async function bundled(file) {
  const { outputFiles } = await build({
    entryPoints: [`${root}/bench/${file}`],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
