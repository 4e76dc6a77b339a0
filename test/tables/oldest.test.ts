import { describe, expect, it } from 'vitest';
import { Oldest } from '../../src/tables/oldest.ts';

describe('what is oldest in a table', () => {
  it('is what came first of what is left, also after the table was empty, and after a key came back', () => {
    const table = new Map<number, string>();
    const oldest = new Oldest(table);
    const give = (): number | undefined => {
      const key = oldest.next();
      if (key !== undefined) table.delete(key);
      return key;
    };
    expect(give()).toBeUndefined();
    for (const key of [5, 3, 9, 1]) table.set(key, 'there');
    expect(give()).toBe(5);
    table.delete(3);
    table.set(5, 'back');
    table.set(9, 'changed');
    expect([give(), give(), give(), give()]).toEqual([9, 1, 5, undefined]);
    table.set(7, 'new');
    expect(give()).toBe(7);
  });

  it('is the same as at the beginning of the table, however often that is rebuilt', () => {
    const table = new Set<number>();
    const oldest = new Oldest(table);
    for (let key = 0; key < 10_000; key += 1) {
      table.add(key);
      if (key % 3 === 0) table.delete(key - 7);
      if (table.size <= 100) continue;
      const [first] = table;
      expect(oldest.next()).toBe(first);
      table.delete(first as number);
    }
  });
});
