/** The start of the command line. */
import { expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { run, write } from './kbdiag.ts';

const folder = temporaryFolder();

// Refused without a word, a cache costs a third of the start-up: it is refused under other flags than those it was made with.
it('takes the code cache', async () => {
  const witness = write(
    folder,
    'witness.cjs',
    `const vm = require('node:vm');
     const { Script } = vm;
     vm.Script = class extends Script {
       constructor(source, options) {
         super(source, options);
         console.error('refused:', this.cachedDataRejected);
       }
     };`,
  );
  const { stderr } = await run(['--version'], folder, { NODE_OPTIONS: `--require=./${witness}` });
  expect(stderr).toBe('refused: false\n');
});
