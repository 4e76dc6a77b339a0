import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StationPlaces } from '../../src/trackers/station-places.ts';

it('knows of every station that stands somewhere, and of none once all have left', () => {
  // Pairs that share the lower 14 bits, the lower 16, or none.
  const addresses = [0x0001_2345, 0x0001_6345, 0x0002_2345, 0x0001_a345, 0x7f00_0001, -2, 31, 32, 0].map(
    (address) => address | 0,
  );
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(addresses.length - 1)), { maxLength: 80 });
  fc.assert(
    fc.property(steps, (list) => {
      const places = new StationPlaces();
      const counts = new Map<number, number>();
      for (const [isAdded, which] of list) {
        const address = addresses[which] as number;
        const count = counts.get(address) ?? 0;
        if (!isAdded && count === 0) continue;
        if (isAdded) places.add(address);
        else places.remove(address);
        counts.set(address, count + (isAdded ? 1 : -1));
        const standing = addresses.filter((other) => (counts.get(other) ?? 0) > 0);
        for (const other of addresses) {
          expect(places.has(other)).toBe(standing.some((one) => (one & 0xffff) === (other & 0xffff)));
          expect(places.look(other) & 1).toBe(
            standing.some((one) => (one & 0x3fff) === (other & 0x3fff)) ? 1 : 0,
          );
        }
      }
      places.release();
    }),
  );
});

it('starts empty in memory that another one had', () => {
  const before = new StationPlaces();
  before.add(77);
  before.release();
  expect(new StationPlaces().has(77)).toBe(false);
});
