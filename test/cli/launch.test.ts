/** The start of the command line. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { run, write } from './kbdiag.ts';

const folder = temporaryFolder();

// Refused without a word, a cache costs a third of the start-up: it is refused under other flags than those it was made with.
const witness = write(
  folder,
  'witness.cjs',
  `const vm = require('node:vm');
   const { Script } = vm;
   vm.Script = class extends Script {
     constructor(source, options) {
       super(source, options);
       console.error(options.filename.split(/[\\/\\\\]/).at(-1), 'refused:', this.cachedDataRejected);
     }
   };`,
);
const env = { NODE_OPTIONS: `--require=./${witness}` };

const sample = fileURLToPath(new URL('../../samples/q151387-p1-definitive.pcap', import.meta.url));

it('takes the code cache', async () => {
  const { stderr } = await run(['--version'], folder, env);
  expect(stderr).toBe('cli.cjs refused: false\n');
});

it('takes the code cache of a worker', async () => {
  copyFileSync(sample, join(folder, 'one.pcap'));
  const { stderr } = await run(['scan', 'one.pcap', '-o', 'out', '-j', '1', '--quiet'], folder, env);
  expect(stderr.split('\n').filter((line) => line.includes('refused:'))).toEqual([
    'cli.cjs refused: false',
    'worker.cjs refused: false',
  ]);
});

// Eleven modules of Node, whose own code cache is refused once flags are set: a start-up of 50 ms had 2 of them.
it('analyses without the modules behind performance', async () => {
  write(
    folder,
    'loaded.cjs',
    `process.on('exit', () => console.error(process.moduleLoadList.filter((name) => name.includes('perf')).join()));`,
  );
  const loaded = { NODE_OPTIONS: '--require=./loaded.cjs' };
  const { stdout, stderr } = await run(['analyze', sample, '-f', 'json', '--quiet'], folder, loaded);
  expect(stdout).toContain('Q151387');
  expect(stderr).not.toContain('NativeModule perf_hooks');
});
