/**
 * Which code was reached, by V8's block coverage of this thread. The script is the bundle, in which every module begins with a comment
 * that names it; only the product's own modules count.
 */
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import type { Profiler } from 'node:inspector';

interface Region {
  readonly from: number;
  readonly to: number;
}

export class Coverage {
  readonly #session = new Session();
  readonly #url: string;
  readonly #regions: readonly Region[];
  /** 1 for each character of the bundle that was reached. */
  readonly #reached: Uint8Array;

  constructor(bundle: string, url: string) {
    const text = readFileSync(bundle, 'utf8');
    this.#url = url;
    this.#reached = new Uint8Array(text.length);
    this.#regions = productRegions(text);
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Characters of the product's code that were reached, and how many there are. */
  get reached(): { readonly characters: number; readonly all: number } {
    let characters = 0;
    let all = 0;
    for (const { from, to } of this.#regions) {
      all += to - from;
      for (let at = from; at < to; at += 1) characters += this.#reached[at] as number;
    }
    return { characters, all };
  }

  /** How many blocks were reached since the last look that were never reached before; with `marks`, from now on they were. */
  look(marks: boolean): number {
    let blocks = 0;
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) return;
      for (const script of result) {
        if (script.url === this.#url) blocks += this.#take(script.functions, marks);
      }
    });
    return blocks;
  }

  #take(functions: readonly Profiler.FunctionCoverage[], marks: boolean): number {
    let blocks = 0;
    for (const { ranges } of functions) {
      const [whole] = ranges;
      if (whole === undefined || !this.#isProduct(whole.startOffset)) continue;
      for (const { startOffset, endOffset } of coveredParts(ranges)) {
        const part = this.#reached.subarray(startOffset, endOffset);
        if (!part.includes(0)) continue;
        if (marks) part.fill(1);
        blocks += 1;
      }
    }
    return blocks;
  }

  #isProduct(offset: number): boolean {
    let low = 0;
    let high = this.#regions.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const { from, to } = this.#regions[middle] as Region;
      if (offset < from) high = middle - 1;
      else if (offset >= to) low = middle + 1;
      else return true;
    }
    return false;
  }

  close(): void {
    this.#session.disconnect();
  }
}

/** Parts of a function that were run: ranges are nested, the outer ones first, and the innermost counts. */
function* coveredParts(ranges: readonly Profiler.CoverageRange[]): Generator<Profiler.CoverageRange> {
  const open: Profiler.CoverageRange[] = [];
  let at = 0;
  function* until(offset: number): Generator<Profiler.CoverageRange> {
    for (;;) {
      const inner = open.at(-1);
      if (inner === undefined) return;
      const endOffset = Math.min(inner.endOffset, offset);
      if (inner.count > 0 && endOffset > at) yield { startOffset: at, endOffset, count: inner.count };
      at = Math.max(at, endOffset);
      if (inner.endOffset > offset) return;
      open.pop();
    }
  }
  for (const range of ranges) {
    yield* until(range.startOffset);
    at = range.startOffset;
    open.push(range);
  }
  yield* until(Infinity);
}

/** esbuild writes `// src/wire/link.ts` before a module, and `// node_modules/…` before a dependency. */
function productRegions(text: string): Region[] {
  const marks = [...text.matchAll(/^(?:  )?\/\/ ((?:[\w@.-]+\/)+[\w@.-]+\.(?:ts|js|cjs|mjs))$/gm)];
  const regions: Region[] = [];
  for (const [index, { 1: name = '', index: from }] of marks.entries()) {
    const to = marks[index + 1]?.index ?? text.length;
    if (/^(?:src|rules)\//.test(name) && !/scenario/.test(name)) regions.push({ from, to });
  }
  return regions;
}
