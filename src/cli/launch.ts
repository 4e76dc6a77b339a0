/**
 * Starts the bundled command line with V8's code cache, which spares a third of the start-up. The cache is made by the
 * build and belongs to one version of V8: with another one it is refused and the code is compiled as usual.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** What the bundle exports. */
export interface CommandLine {
  main(argv: readonly string[]): Promise<void>;
}

const BUNDLE = join(__dirname, 'cli.cjs');
export const CODE_CACHE = join(__dirname, 'cli.cache');

function readCache(): Buffer | undefined {
  try {
    return readFileSync(CODE_CACHE);
  } catch {
    return undefined;
  }
}

/** Compiles the bundle and runs it as a CommonJS module. */
export function load(): { script: Script; commandLine: CommandLine } {
  const source = `(function (exports, require, module, __dirname) {${readFileSync(BUNDLE, 'utf8')}\n})`;
  const cachedData = readCache();
  const script = new Script(
    source,
    cachedData === undefined ? { filename: BUNDLE } : { filename: BUNDLE, cachedData },
  );
  const module = { exports: {} as CommandLine };
  const run = script.runInThisContext() as (
    exports: CommandLine,
    require: NodeJS.Require,
    module: object,
    folder: string,
  ) => void;
  run(module.exports, createRequire(BUNDLE), module, __dirname);
  return { script, commandLine: module.exports };
}

/**
 * Runs the command line with the arguments after the program's name. The space for young objects keeps its first size: V8 doubles it
 * with whatever survives, up to 48 MiB that it does not give back, and an analysis of ordinary packets makes no objects.
 */
export function launch(argv: readonly string[]): Promise<void> {
  const { commandLine } = load();
  // Behind the loading: V8 takes a code cache only under the flags that it was made with.
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--interrupt-budget=150000');
  return commandLine.main(argv);
}
