/** The scenarios of Q151387 are well formed: unique, reproducible, in the order of time, and every mark they rely on is there. */
import { describe, expect, it } from 'vitest';
import { scenarios, thresholds, variants } from '../../rules/dhcp/q151387-use-past-lease/scenarios.ts';
import { itHasUniqueNames, itIsReproducible, itIsWellFormed, numbered } from './scenario-form.ts';

const positives = scenarios.filter((scenario) => scenario.name.startsWith('P'));
const all = [...scenarios, ...thresholds, ...positives.flatMap((scenario) => [...variants(scenario)])];

describe('scenarios of Q151387', () => {
  itHasUniqueNames(all);

  it('cover the catalogue', () => {
    const names = new Set(scenarios.map((scenario) => scenario.name.replace(/-.*|(?<=\d)[abc]$/u, '')));
    const expected = [...numbered('P', 12), ...numbered('N', 20), 'X1', 'X2', 'X3'];
    expect([...names].toSorted()).toEqual(expected.toSorted());
    const catalogued = positives.filter(({ name }) => /^P\d+[abc]?$/u.test(name));
    for (const positive of catalogued) expect(variants(positive)).toHaveLength(7);
  });

  itIsReproducible(scenarios);

  itIsWellFormed(all);
});
