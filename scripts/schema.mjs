/** Writes schema/*.schema.json from the modules that hold the contracts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadBundled } from './bundle.mjs';

/** File in schema/, module, and what it exports for it. */
const SCHEMAS = [
  ['report.schema.json', 'src/report/schema.ts', 'reportJsonSchema'],
  ['report-line.schema.json', 'src/report/schema.ts', 'reportLineJsonSchema'],
  ['index.schema.json', 'src/scan/index-schema.ts', 'indexJsonSchema'],
];

mkdirSync(new URL('../schema/', import.meta.url), { recursive: true });
for (const [file, module, name] of SCHEMAS) {
  const exported = await loadBundled(module);
  writeFileSync(
    new URL(`../schema/${file}`, import.meta.url),
    `${JSON.stringify(exported[name](), null, 2)}\n`,
  );
}
