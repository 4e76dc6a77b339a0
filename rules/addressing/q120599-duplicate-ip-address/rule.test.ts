import { describe, expect, it } from 'vitest';
import { checkScenario } from '../../../test/scenario-check.ts';
import { scenarios, thresholds, variants } from './scenarios.ts';

const groups = { scenarios, thresholds, variants };

describe.each(Object.entries(groups))('Q120599 %s', (_, group) => {
  const cases = group.flatMap((scenario) => [
    { name: scenario.name, scenario, encoding: undefined },
    ...(scenario.encodings ?? []).map((encoding, at) => ({
      name: `${scenario.name} (encoding ${at + 1})`,
      scenario,
      encoding,
    })),
  ]);
  it.each(cases)('$name: $scenario.title', async ({ scenario, encoding }) => {
    expect(await checkScenario(scenario, encoding)).toEqual([]);
  });
});
