import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');
const script: string = path.join(root, 'scripts', 'private-as-properties.mjs');
const { privateAsProperties } = (await import(script)) as {
  privateAsProperties: (code: string, path: string) => string;
};

/** What `main` of the module answers. */
async function run(code: string): Promise<unknown> {
  const module = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  return module.main();
}

const CLASSES = `
  class Base {
    #count = 1;
    static #made = 0;
    constructor() { Base.#made += 1; }
    static get made() { return Base.#made; }
    get #twice() { return this.#count * 2; }
    count() { return this.#count; }
    twice() { return this.#twice; }
  }
  class Derived extends Base {
    #count = 10;
    #list = [1, 2];
    ['com' + 'puted'] = this.#list.length;
    #add(by) { this.#count += by; return this?.#count; }
    own() { return this.#add(5); }
    nested() {
      const outer = this;
      class Inner {
        #count = 100;
        both() { return [this.#count, outer.#list]; }
      }
      return new Inner().both();
    }
  }
  export const main = () => {
    const derived = new Derived();
    return [derived.own(), derived.count(), derived.twice(), derived.computed, Base.made, derived.nested()];
  };
`;

describe('private members as properties', () => {
  it('keeps those of a class, of the one it extends and of one inside it apart', async () => {
    const code = privateAsProperties(CLASSES, 'classes.js');
    expect(code).not.toMatch(/#\w/);
    const results = await run(code);
    expect(results).toEqual(await run(CLASSES));
    expect(results).toEqual([15, 1, 2, 2, 1, [100, [1, 2]]]);
  });

  it('leaves other uses of the sign alone', () => {
    const code = "const colour = '#fff'; // #not\nexport const text = `#${colour} #x`;\n";
    expect(privateAsProperties(code, 'text.js')).toBe(code);
  });

  it('refuses what a property cannot do', () => {
    expect(() => privateAsProperties('class A { #a; has(b) { return #a in b; } }', 'in.js')).toThrow(
      'in.js: #a',
    );
    expect(() => privateAsProperties('const A = class { #a; };', 'anonymous.js')).toThrow('needs a name');
  });

  it('is done in the command line and the workers, and not in the library', () => {
    const read = (name: string): string => readFileSync(path.join(root, 'dist', name), 'utf8');
    for (const name of ['cli.cjs', 'worker.cjs']) expect(read(name)).not.toMatch(/\bthis\.#\w/);
    expect(read('index.js')).not.toContain('$private_');
  });
});
