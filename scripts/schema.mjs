/** Writes schema/*.schema.json from the modules that hold the contracts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** File in schema/, module, and what it exports for it. */
const SCHEMAS = [
  ['report.schema.json', 'src/report/schema.ts', 'reportJsonSchema'],
  ['report-line.schema.json', 'src/report/schema.ts', 'reportLineJsonSchema'],
  ['index.schema.json', 'src/scan/index-schema.ts', 'indexJsonSchema'],
];

mkdirSync(new URL('../schema/', import.meta.url), { recursive: true });
for (const [file, module, name] of SCHEMAS) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [module],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  const source = Buffer.from(outputFiles[0].contents).toString('base64');
  const exported = await import(`data:text/javascript;base64,${source}`);
  writeFileSync(
    new URL(`../schema/${file}`, import.meta.url),
    `${JSON.stringify(exported[name](), null, 2)}\n`,
  );
}
