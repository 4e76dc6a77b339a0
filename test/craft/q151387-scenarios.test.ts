/** The scenarios of Q151387 are well formed: unique, reproducible, in the order of time, and every mark they rely on is there. */
import { describe, expect, it } from 'vitest';
import { scenarios, thresholds, variants } from '../../rules/dhcp/q151387-use-past-lease/scenarios.ts';
import { encode } from '../../samples/craft/index.ts';

const positives = scenarios.filter((scenario) => scenario.name.startsWith('P'));
const all = [...scenarios, ...thresholds, ...positives.flatMap((scenario) => [...variants(scenario)])];

describe('scenarios of Q151387', () => {
  it('have unique names', () => {
    expect(new Set(all.map((scenario) => scenario.name)).size).toBe(all.length);
  });

  it('cover the catalogue', () => {
    const names = new Set(scenarios.map((scenario) => scenario.name.replace(/-.*|(?<=\d)[abc]$/u, '')));
    const expected = [
      ...Array.from({ length: 12 }, (_, index) => `P${index + 1}`),
      ...Array.from({ length: 20 }, (_, index) => `N${index + 1}`),
      'X1',
      'X2',
      'X3',
    ];
    expect([...names].toSorted()).toEqual(expected.toSorted());
    for (const positive of positives) expect(variants(positive)).toHaveLength(7);
  });

  it('have the same bytes every time', () => {
    const differing = scenarios.filter((scenario) => {
      const [one, other] = [
        encode(scenario.build(), scenario.encoding),
        encode(scenario.build(), scenario.encoding),
      ];
      return Buffer.compare(one, other) !== 0;
    });
    expect(differing.map((scenario) => scenario.name)).toEqual([]);
  });

  it.each(all.map((scenario) => [scenario.name, scenario] as const))(
    '%s is well formed',
    (_name, scenario) => {
      const script = scenario.build();
      const frames = script.timeline();
      expect(frames.length).toBeGreaterThan(30);
      const marks = script.frameNumbers();
      for (const mark of [...(scenario.expect.cites ?? []), ...(scenario.expect.omits ?? [])]) {
        expect([...marks.keys()]).toContain(mark);
      }
      const wanted = scenario.expect;
      expect(wanted.findings > 0).toBe(wanted.verdict === 'found' || wanted.verdict === 'suspected');
      expect(wanted.findings > 0).toBe(wanted.tier !== undefined);
    },
  );
});
