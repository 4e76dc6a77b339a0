import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuadTable } from '../../src/tables/quad-table.ts';

const int32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });

/** Stores a key as its owner does. */
function put(table: QuadTable, key0: number, key1: number, value0: number, value1: number): void {
  let entry = table.find(key0, key1);
  if (entry < 0) entry = table.insert(key0, key1);
  table.words[entry + 2] = value0;
  table.words[entry + 3] = value1;
}

function get(table: QuadTable, key0: number, key1: number): readonly [number, number] | undefined {
  const entry = table.find(key0, key1);
  return entry < 0 ? undefined : [table.words[entry + 2] as number, table.words[entry + 3] as number];
}

/** Keys that share a set of the table however often it doubles: what a flood of chosen addresses would be. */
function collidingKeys(count: number): number[] {
  const keys: number[] = [];
  for (let key = 1; keys.length < count; key += 1)
    if (Math.imul(key, 0x9e3779b1) >>> 12 === 0) keys.push(key);
  return keys;
}

describe('QuadTable', () => {
  it('holds what a map holds, less what it says it displaced', () => {
    const operations = fc.array(fc.tuple(fc.nat(300), fc.nat(3), int32, fc.boolean()), { maxLength: 600 });
    fc.assert(
      fc.property(
        operations,
        fc.constantFrom<[number, number]>([2, 2], [2, 8], [2, 64], [16, 16]),
        (steps, [sets, maxSets]) => {
          const table = new QuadTable(sets, maxSets);
          const model = new Map<string, readonly [number, number]>();
          for (const [key0, key1, value, isWrite] of steps) {
            const key = `${key0}/${key1}`;
            if (isWrite) {
              const values = [value, (value | 1) >> 1 === 0 ? 1 : value | 1] as const;
              put(table, key0, key1, ...values);
              model.set(key, values);
              expect(get(table, key0, key1)).toEqual(values);
              continue;
            }
            // What is found is what was stored last; what is not found was never stored, or displaced.
            const found = get(table, key0, key1);
            if (found !== undefined) expect(found).toEqual(model.get(key));
            else if (table.evictions === 0) expect(model.has(key)).toBe(false);
          }
          let present = 0;
          for (const key of model.keys()) {
            const [key0, key1] = key.split('/').map(Number) as [number, number];
            if (get(table, key0, key1) !== undefined) present += 1;
          }
          expect(model.size - present).toBeLessThanOrEqual(table.evictions);
          if (table.evictions === 0) expect(present).toBe(model.size);
          expect(table.words.length).toBeLessThanOrEqual(maxSets * 16);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('counts an entry that is displaced although the table grew', () => {
    const table = new QuadTable(2, 1 << 10);
    const keys = collidingKeys(40);
    for (const key of keys) put(table, key, 0, 1, 1);
    const present = keys.filter((key) => get(table, key, 0) !== undefined).length;
    expect(present).toBe(4);
    expect(table.evictions).toBe(keys.length - present);
  });

  it('grows to its limit and no further, and loses nothing by growing', () => {
    const table = new QuadTable(2, 512);
    for (let key = 0; key < 300; key += 1) put(table, key, 7, key, key + 1);
    expect(table.words.length).toBeGreaterThan(2 * 16);
    if (table.evictions === 0)
      for (let key = 0; key < 300; key += 1) expect(get(table, key, 7)).toEqual([key, key + 1]);
    for (let key = 0; key < 20_000; key += 1) put(table, key, 7, key, key + 1);
    expect(table.words.length).toBe(512 * 16);
    expect(table.bytes).toBe(512 * 64);
    const present = Array.from({ length: 20_000 }, (_, key) => get(table, key, 7)).filter(
      (values) => values !== undefined,
    );
    expect(present.length).toBeLessThanOrEqual(512 * 4);
    expect(present.length + table.evictions).toBeGreaterThanOrEqual(20_000);
  });

  it('keeps what is in use while keys seen once come and go', () => {
    const table = new QuadTable(2);
    const [used, ...flood] = collidingKeys(200) as [number, ...number[]];
    put(table, used, 0, 42, 1);
    for (const key of flood) {
      put(table, key, 0, 0, 1);
      expect(get(table, used, 0)).toEqual([42, 1]);
    }
  });

  it('moves a hit to the front of its set', () => {
    const table = new QuadTable(2);
    const keys = collidingKeys(4);
    for (const key of keys) put(table, key, 0, key, 1);
    for (const key of [...keys, ...keys.toReversed()]) {
      const entry = table.find(key, 0);
      expect(entry % 16).toBe(0);
      expect(table.find(key, 0)).toBe(entry);
    }
  });

  it('takes an empty entry for no key, even that of zeros', () => {
    const table = new QuadTable(2);
    expect(table.find(0, 0)).toBe(-1);
    put(table, 0, 0, 0, -1);
    expect(get(table, 0, 0)).toEqual([0, -1]);
    table.clear();
    expect(table.find(0, 0)).toBe(-1);
  });
});
