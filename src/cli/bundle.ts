/**
 * Loads a bundle of the build with V8's code cache, which spares a third of the start-up. The cache is made by the build and belongs
 * to one version of V8 under the flags it was made with: otherwise it is refused, and the code is compiled as usual.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

export function codeCacheOf(name: string): string {
  return join(__dirname, `${name}.cache`);
}

function readCache(name: string): Buffer | undefined {
  try {
    return readFileSync(codeCacheOf(name));
  } catch {
    return undefined;
  }
}

/** Compiles `name`.cjs, which stands next to this file and is one function in ASCII, and runs it as a CommonJS module. */
export function loadBundle(name: string): { script: Script; exports: unknown } {
  const filename = join(__dirname, `${name}.cjs`);
  const source = readFileSync(filename, 'latin1');
  const cachedData = readCache(name);
  const script = new Script(source, cachedData === undefined ? { filename } : { filename, cachedData });
  const module = { exports: {} };
  const run = script.runInThisContext() as (
    exports: object,
    require: NodeJS.Require,
    module: object,
    folder: string,
  ) => void;
  run(module.exports, createRequire(filename), module, __dirname);
  return { script, exports: module.exports };
}

/** V8 11, which Node 20 has. It counts what a function ran in bytecode; later ones count calls. */
const IS_V8_11 = Number.parseInt(process.versions.v8, 10) < 12;

/** What a function runs before V8 optimises it, in bytes of code or in calls: twice as much as V8 would wait for. */
const PATIENCE = IS_V8_11 ? '--interrupt-budget=150000' : '--invocation-count-for-turbofan=6000';

/**
 * How V8 is to work for all that follows. The space for young objects keeps its first size: V8 doubles it with whatever survives, up
 * to 48 MiB that it does not give back, and an analysis of ordinary packets makes no objects. Code is optimised half as soon as V8
 * would: of what it compiles in the first second, most is not run often enough to be worth it. And with V8 11 no loop has its first
 * round apart: those of an analysis look into a table and seldom go round twice, so that it only makes more code to compile and to run.
 */
export function setEngineFlags(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString(PATIENCE);
  // Measured with V8 11 alone.
  if (IS_V8_11) setFlagsFromString('--no-turbo-loop-peeling');
}
