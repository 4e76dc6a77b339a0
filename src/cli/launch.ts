/** Starts the bundled command line. */
import { loadBundle, setEngineFlags } from './bundle.ts';

export { codeCacheOf, loadBundle, setEngineFlags } from './bundle.ts';

/** What the bundle exports. */
interface CommandLine {
  main(argv: readonly string[]): Promise<void>;
}

/** Runs the command line with the arguments after the program's name. */
export function launch(argv: readonly string[]): Promise<void> {
  const commandLine = loadBundle('cli').exports as CommandLine;
  // Behind the loading, since the cache of the command line is made under the flags that a program starts with.
  setEngineFlags();
  return commandLine.main(argv);
}
