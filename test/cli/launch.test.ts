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

it('takes the code cache', async () => {
  const { stderr } = await run(['--version'], folder, env);
  expect(stderr).toBe('cli.cjs refused: false\n');
});

it('takes the code cache of a worker', async () => {
  copyFileSync(
    fileURLToPath(new URL('../../samples/q151387-p1-definitive.pcap', import.meta.url)),
    join(folder, 'one.pcap'),
  );
  const { stderr } = await run(['scan', 'one.pcap', '-o', 'out', '-j', '1', '--quiet'], folder, env);
  expect(stderr.split('\n').filter((line) => line.includes('refused:'))).toEqual([
    'cli.cjs refused: false',
    'worker.cjs refused: false',
  ]);
});
