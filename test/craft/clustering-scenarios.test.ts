/** The scenarios of Q228942 and Q193599 are well formed: unique, reproducible, and every mark they rely on is there. */
import { describe, expect, it } from 'vitest';
import * as configuration from '../../rules/clustering/q193599-cluster-configuration/scenarios.ts';
import * as silence from '../../rules/clustering/q228942-silent-cluster-host/scenarios.ts';
import { encode } from '../../samples/craft/index.ts';

const numbers = (letter: string, last: number): string[] =>
  Array.from({ length: last }, (_, index) => `${letter}${index + 1}`);

describe.each([
  {
    rule: 'Q228942',
    made: silence,
    catalogue: [...numbers('P', 10), ...numbers('N', 16), ...numbers('X', 4)],
  },
  {
    rule: 'Q193599',
    made: configuration,
    catalogue: [...numbers('P', 3), ...numbers('N', 3), ...numbers('X', 4)],
  },
])('scenarios of $rule', ({ rule, made, catalogue }) => {
  const all = [...made.scenarios, ...made.thresholds, ...made.variants];

  it('have unique names', () => {
    expect(new Set(all.map((scenario) => scenario.name)).size).toBe(all.length);
  });

  it('cover the catalogue', () => {
    const names = new Set(made.scenarios.map(({ name }) => name.replace(/-.*|(?<=\d)b$/u, '')));
    expect(catalogue.filter((name) => !names.has(name))).toEqual([]);
  });

  it('have the same bytes every time', () => {
    const differing = made.scenarios.filter((scenario) => {
      const [one, other] = [
        encode(scenario.build(), scenario.encoding),
        encode(scenario.build(), scenario.encoding),
      ];
      return Buffer.compare(one, other) !== 0;
    });
    expect(differing.map(({ name }) => name)).toEqual([]);
  });

  it('rely on marks that are there, and on consistent expectations', () => {
    for (const scenario of all) {
      const { name, expect: wanted } = scenario;
      const marks = [...scenario.build().frameNumbers().keys()];
      for (const mark of [...(wanted.cites ?? []), ...(wanted.omits ?? [])]) {
        expect(marks, `${name} has no ${mark}`).toContain(mark);
      }
      expect(scenario.rule).toBe(rule);
      const isFault = wanted.verdict === 'found' || wanted.verdict === 'suspected';
      expect([name, wanted.findings > 0]).toEqual([name, isFault]);
      expect([name, wanted.tier !== undefined]).toEqual([name, isFault]);
    }
  });
});
