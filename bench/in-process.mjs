// Analyses the captures of a folder one after the other, as a program that has the library loaded: prints the milliseconds they take,
// and those of a second pass, when all code is compiled.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const [library, folder] = process.argv.slice(2);
const { analyze, renderJson, rules, toReport } = await import(library);
const paths = readdirSync(folder)
  .toSorted()
  .map((name) => join(folder, name));

const run = async (path) => renderJson(toReport(await analyze([path], { rules }), rules)).length;
for (let pass = 1; pass <= 2; pass += 1) {
  let millis = 0;
  for (const path of paths) {
    const start = performance.now();
    await run(path);
    millis += performance.now() - start;
  }
  console.log(millis.toFixed(1));
}
