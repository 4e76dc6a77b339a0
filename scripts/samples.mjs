/** Writes the captures of samples/ and their MANIFEST.json from the rules' scenarios. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadBundled, root } from './bundle.mjs';

const { MANIFEST, buildSample, describeSample, manifestText, samples } =
  await loadBundled('samples/shipped.ts');

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
