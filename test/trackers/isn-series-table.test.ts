import { describe, expect, it } from 'vitest';
import { Random } from '../../samples/craft/index.ts';
import { IsnSeriesTable } from '../../src/trackers/isn-series-table.ts';
import { SERIES } from './series-options.ts';

const HOSTS = 8192;

describe('the series of all hosts', () => {
  it('keeps every host it has room for, and counts the others', () => {
    const table = new IsnSeriesTable(SERIES);
    const random = new Random(7);
    const addresses = new Set<number>();
    while (addresses.size < HOSTS / 2) addresses.add(random.integer(1, 0xffff_fffe) | 0);
    for (const address of addresses) {
      for (const role of ['client', 'server'] as const) table.ensure(1, address, role, 1);
    }
    expect([table.list.length, table.evictions]).toEqual([HOSTS, 0]);
    for (const address of addresses) {
      for (const role of ['client', 'server'] as const)
        expect(table.find(1, address, role)).toMatchObject({ domain: 1, address, role });
      expect(table.find(2, address, 'client')).toBeUndefined();
    }
    const [first = 0] = addresses;
    const known = table.find(1, first, 'client');
    expect(table.ensure(1, first, 'client', 1)).toBe(known);
    expect(table.ensure(2, first, 'client', 1)).toBeUndefined();
    expect([table.list.length, table.evictions]).toEqual([HOSTS, 1]);
  });

  it('refuses and counts hosts whose addresses were chosen to meet in one place', () => {
    const table = new IsnSeriesTable(SERIES);
    const hash = (address: number): number => {
      const mixed = Math.imul(address ^ Math.imul(2, 0x2c1b3c6d), 0x297a2d39);
      return Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1) >>> 17;
    };
    const chosen: number[] = [];
    for (let address = 1; chosen.length < 80; address += 1) if (hash(address) === 99) chosen.push(address);
    for (const address of chosen) table.ensure(1, address, 'client', 1);
    const kept = chosen.filter((address) => table.find(1, address, 'client')?.address === address);
    expect([kept.length, table.list.length, table.evictions]).toEqual([64, 64, 16]);
  });
});
