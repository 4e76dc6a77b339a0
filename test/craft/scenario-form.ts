/** What scenarios of every rule must be, whatever a report says of them. */
import { expect, it } from 'vitest';
import { encode, type Scenario } from '../../samples/craft/index.ts';

/** Names as the catalogue has them: a letter, and numbers from 1 on. */
export function numbered(letter: string, last: number): string[] {
  return Array.from({ length: last }, (_, index) => `${letter}${index + 1}`);
}

export function itHasUniqueNames(all: readonly Scenario[]): void {
  it('have unique names', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });
}

export function itIsReproducible(scenarios: readonly Scenario[]): void {
  it('have the same bytes every time', () => {
    const differing = scenarios.filter((scenario) => {
      const bytes = () => encode(scenario.build(), scenario.encoding);
      const [one, other] = [bytes(), bytes()];
      return Buffer.compare(one, other) !== 0;
    });
    expect(differing.map(({ name }) => name)).toEqual([]);
  });
}

export function itIsWellFormed(all: readonly Scenario[]): void {
  it.each(all.map((scenario) => [scenario.name, scenario] as const))(
    '%s is well formed',
    (_name, scenario) => {
      expect(scenario.build().timeline().length).toBeGreaterThan(30);
      expectConsistent(scenario);
    },
  );
}

/** The marks that a scenario relies on are there, and it expects a tier where, and only where, it expects findings. */
export function expectConsistent(scenario: Scenario): void {
  const { name, expect: wanted } = scenario;
  const marks = [...scenario.build().frameNumbers().keys()];
  for (const mark of [...(wanted.cites ?? []), ...(wanted.omits ?? [])])
    expect(marks, `${name} has no ${mark}`).toContain(mark);
  const isFault = wanted.verdict === 'found' || wanted.verdict === 'suspected';
  expect([name, wanted.findings > 0]).toEqual([name, isFault]);
  expect([name, wanted.tier !== undefined]).toEqual([name, isFault]);
}
