import { build } from 'esbuild';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';

const scripts = path.join(import.meta.dirname, '..', '..', 'scripts');
const { numbersApart } = (await import(path.join(scripts, 'numbers-apart.mjs'))) as {
  numbersApart: (code: string, from: string) => { numbers: string; rest: string };
};
const { ownSources } = (await import(path.join(scripts, 'own-sources.mjs'))) as {
  ownSources: (options: { sources: RegExp; target: string }) => import('esbuild').Plugin;
};

const MODULE = `
import { other } from './other.js';
export const BITS = 4;
const MASK = (1 << BITS) - 1;
const NONE = -1;
const FROM_OTHER = other + 1;
const isMany = BITS > 3;
const name = 'text';
let counter = 0;
const [first] = [1];
export const sum = MASK + NONE + FROM_OTHER + counter + first + name.length;
`;

describe('numbers of a module as a module of their own', () => {
  it('takes constants that are made of numbers, and of each other', () => {
    const { numbers, rest } = numbersApart(MODULE, 'its numbers');
    expect(numbers.trim().split('\n')).toEqual([
      'export const BITS = 4;',
      'export const MASK = (1 << BITS) - 1;',
      'export const NONE = -1;',
    ]);
    expect(rest).toContain('import { BITS, MASK, NONE } from "its numbers";');
    expect(rest).toContain('export { BITS };');
    for (const left of ['FROM_OTHER =', 'isMany =', 'name =', 'counter =', '[first] =', 'sum ='])
      expect(rest).toContain(left);
  });

  it('leaves a module without numbers as it is', () => {
    const code = "import './a.js';\nexport const list = [1, 2];\n";
    expect(numbersApart(code, 'none')).toEqual({ numbers: '', rest: code });
  });

  it('has them written where they are used, in other modules too', async () => {
    const folder = temporaryFolder();
    const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
    write(
      'side.ts',
      'export function seen(value: number): number { globalThis.seen = value; return value; }',
    );
    write(
      'kind.ts',
      "import { seen } from './side.ts';\nexport const KIND = 1 << 20;\nconst OWN = 77;\nexport class Kind { own() { return seen(OWN); } }",
    );
    write(
      'main.ts',
      "import { Kind, KIND } from './kind.ts';\nimport { seen } from './side.ts';\nexport { KIND } from './kind.ts';\nexport const answer = (value: number) => (value === KIND ? new Kind().own() : seen(value));",
    );
    const { outputFiles } = await build({
      entryPoints: [path.join(folder, 'main.ts')],
      bundle: true,
      write: false,
      format: 'esm',
      minify: true,
      plugins: [ownSources({ sources: /\.ts$/, target: 'node20' })],
    });
    const text = outputFiles[0]?.text ?? '';
    expect(text).toContain('===1048576');
    expect(text).toContain('(77)');
    const { answer, KIND } = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as {
      answer: (value: number) => number;
      KIND: number;
    };
    expect(KIND).toBe(1_048_576);
    expect([answer(KIND), answer(3)]).toEqual([77, 3]);
  });
});
