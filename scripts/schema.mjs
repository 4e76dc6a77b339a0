/** Writes schema/*.schema.json from src/report/schema.ts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['src/report/schema.ts'],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
  target: 'node20',
});
const source = Buffer.from(outputFiles[0].contents).toString('base64');
const { reportJsonSchema, reportLineJsonSchema } = await import(`data:text/javascript;base64,${source}`);

mkdirSync(new URL('../schema/', import.meta.url), { recursive: true });
for (const [name, schema] of Object.entries({
  report: reportJsonSchema(),
  'report-line': reportLineJsonSchema(),
})) {
  writeFileSync(
    new URL(`../schema/${name}.schema.json`, import.meta.url),
    `${JSON.stringify(schema, null, 2)}\n`,
  );
}
