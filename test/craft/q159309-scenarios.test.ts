/** The scenarios of Q159309 are well formed: unique, reproducible, in the order of time, and every mark they rely on is there. */
import { describe, expect, it } from 'vitest';
import {
  scenarios,
  thresholds,
  variants,
} from '../../rules/dial-in/q159309-leaking-address-pool/scenarios.ts';
import { encode } from '../../samples/craft/index.ts';

const all = [...scenarios, ...thresholds, ...scenarios.flatMap((scenario) => [...variants(scenario)])];

describe('scenarios of Q159309', () => {
  it('have unique names', () => {
    expect(new Set(all.map((scenario) => scenario.name)).size).toBe(all.length);
  });

  it('cover the catalogue', () => {
    const names = new Set(scenarios.map((scenario) => scenario.name));
    const expected = [
      ...Array.from({ length: 12 }, (_, index) => `P${index + 1}`),
      'P11b',
      ...Array.from({ length: 17 }, (_, index) => `N${index + 1}`),
      ...Array.from({ length: 4 }, (_, index) => `X${index + 1}`),
    ];
    expect(expected.filter((name) => !names.has(name))).toEqual([]);
    for (const scenario of scenarios.filter(({ name }) => /^P\d+b?$/.test(name))) {
      expect(scenario.encodings?.length).toBeGreaterThan(0);
      expect(variants(scenario).length).toBeGreaterThan(7);
    }
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
      expect(script.timeline().length).toBeGreaterThan(30);
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
