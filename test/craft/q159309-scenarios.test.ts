/** The scenarios of Q159309 are well formed: unique, reproducible, in the order of time, and every mark they rely on is there. */
import { describe, expect, it } from 'vitest';
import {
  scenarios,
  thresholds,
  variants,
} from '../../rules/dial-in/q159309-leaking-address-pool/scenarios.ts';
import { itHasUniqueNames, itIsReproducible, itIsWellFormed, numbered } from './scenario-form.ts';

const all = [...scenarios, ...thresholds, ...scenarios.flatMap((scenario) => [...variants(scenario)])];

describe('scenarios of Q159309', () => {
  itHasUniqueNames(all);

  it('cover the catalogue', () => {
    const names = new Set(scenarios.map((scenario) => scenario.name));
    const expected = [...numbered('P', 12), 'P11b', ...numbered('N', 17), ...numbered('X', 4)];
    expect(expected.filter((name) => !names.has(name))).toEqual([]);
    for (const scenario of scenarios.filter(({ name }) => /^P\d+b?$/.test(name))) {
      expect(scenario.encodings?.length).toBeGreaterThan(0);
      expect(variants(scenario).length).toBeGreaterThan(7);
    }
  });

  itIsReproducible(scenarios);

  itIsWellFormed(all);
});
