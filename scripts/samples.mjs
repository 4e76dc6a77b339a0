/** Writes the captures of samples/ and their MANIFEST.json from the rules' scenarios. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['samples/shipped.ts'],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
  target: 'node20',
});
const source = Buffer.from(outputFiles[0].contents).toString('base64');
const { MANIFEST, buildSample, describeSample, manifestText, samples } = await import(
  `data:text/javascript;base64,${source}`
);

const folder = join(root, 'samples');
for (const name of readdirSync(folder)) {
  if (/\.pcap(ng)?(\.gz)?$/.test(name)) rmSync(join(folder, name));
}
const entries = [];
for (const sample of samples) {
  writeFileSync(join(folder, sample.file), buildSample(sample));
  entries.push(await describeSample(sample));
}
writeFileSync(join(folder, MANIFEST), manifestText(entries));
console.log(`${entries.length} captures, ${entries.reduce((sum, { bytes }) => sum + bytes, 0)} bytes`);
