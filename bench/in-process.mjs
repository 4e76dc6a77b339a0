// Analyses the captures of a folder one after the other, as a program that has the library loaded: prints the milliseconds they take.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const [library, folder] = process.argv.slice(2);
const { analyze, renderJson, rules, toReport } = await import(library);
const paths = readdirSync(folder)
  .toSorted()
  .map((name) => join(folder, name));

/** Until the code is compiled: what is measured is the analysis. */
const WARM_UP = 400;

const run = async (path) => renderJson(toReport(await analyze([path], { rules }), rules)).length;
for (const path of paths.slice(0, WARM_UP)) await run(path);
let millis = 0;
for (const path of paths) {
  const start = performance.now();
  await run(path);
  millis += performance.now() - start;
}
console.log(millis.toFixed(1));
