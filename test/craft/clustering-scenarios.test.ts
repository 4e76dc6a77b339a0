/** The scenarios of Q228942 and Q193599 are well formed: unique, reproducible, and every mark they rely on is there. */
import { describe, expect, it } from 'vitest';
import * as configuration from '../../rules/clustering/q193599-cluster-configuration/scenarios.ts';
import * as silence from '../../rules/clustering/q228942-silent-cluster-host/scenarios.ts';
import { expectConsistent, itHasUniqueNames, itIsReproducible, numbered } from './scenario-form.ts';

describe.each([
  {
    rule: 'Q228942',
    made: silence,
    catalogue: [...numbered('P', 10), ...numbered('N', 16), ...numbered('X', 4)],
  },
  {
    rule: 'Q193599',
    made: configuration,
    catalogue: [...numbered('P', 3), ...numbered('N', 3), ...numbered('X', 4)],
  },
])('scenarios of $rule', ({ rule, made, catalogue }) => {
  const all = [...made.scenarios, ...made.thresholds, ...made.variants];

  itHasUniqueNames(all);

  it('cover the catalogue', () => {
    const names = new Set(made.scenarios.map(({ name }) => name.replace(/-.*|(?<=\d)b$/u, '')));
    expect(catalogue.filter((name) => !names.has(name))).toEqual([]);
  });

  itIsReproducible(made.scenarios);

  it('rely on marks that are there, and on consistent expectations', () => {
    for (const scenario of all) {
      expectConsistent(scenario);
      expect(scenario.rule).toBe(rule);
    }
  });
});
