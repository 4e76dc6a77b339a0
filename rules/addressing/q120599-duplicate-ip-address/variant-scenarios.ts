/** The variants a to f of the catalogue for each of D1 to D7: what loss, copies, cuts and clock steps may change. */
import { CUT_SNAP_LENGTH, cutBefore, inTwoVlans, withClockStep } from '../../../samples/craft/index.ts';
import { withDuplicates, withLoss } from '../../../samples/craft/index.ts';
import type { Expectation, Scenario, Script } from '../../../samples/craft/index.ts';
import { conflicts } from './conflict-scenarios.ts';
import { EXPECT } from './segment-scenarios.ts';

const { definitive, strong, suggestive, silent, notice } = EXPECT;

interface Step {
  readonly atSeconds: number;
  readonly expect: Expectation;
}

interface VariantFields {
  readonly cut: { readonly mark: string; readonly expect: Expectation };
  /** Where the clock steps: before the decisive window, and inside it. */
  readonly steps: Readonly<Record<string, Step>>;
  /** Where the decisive bytes lie behind the cut of variant c. */
  readonly snapped?: Expectation;
}

/** Forward by more than `epochForwardSeconds`, and back by more than `reorderMillis`. */
const CLOCK_STEPS = { ahead: 7200, back: -1800 } as const;

const VARIANTS: Readonly<Record<string, VariantFields>> = {
  D1: {
    cut: { mark: 'repair', expect: suggestive },
    steps: {
      before: { atSeconds: 78, expect: definitive },
      // The proof that the owner lives is on the other side of the step.
      inside: { atSeconds: 80.001, expect: suggestive },
    },
  },
  D2: {
    cut: { mark: 'corrective', expect: suggestive },
    steps: {
      before: { atSeconds: 78, expect: definitive },
      inside: { atSeconds: 80.001, expect: suggestive },
    },
  },
  D3: {
    cut: { mark: 'decline', expect: silent },
    steps: { before: { atSeconds: 78, expect: notice } },
    snapped: silent,
  },
  D4: {
    cut: { mark: 'third', expect: strong },
    steps: {
      before: { atSeconds: 68, expect: definitive },
      // Three switches in 30 s stand on either side.
      inside: { atSeconds: 99, expect: definitive },
    },
  },
  D5: {
    cut: { mark: 'corrective', expect: suggestive },
    steps: {
      before: { atSeconds: 78, expect: definitive },
      inside: { atSeconds: 80.001, expect: suggestive },
    },
  },
  D6: {
    cut: { mark: 'fourth', expect: strong },
    steps: {
      before: { atSeconds: 68, expect: definitive },
      // Each side keeps an owner that returns unannounced, and fewer than four switches.
      inside: { atSeconds: 280, expect: strong },
    },
  },
  D7: {
    cut: { mark: 'return', expect: silent },
    steps: {
      before: { atSeconds: 68, expect: strong },
      inside: { atSeconds: 300, expect: silent },
    },
  },
};

function variantsOf(base: Scenario, fields: VariantFields): Scenario[] {
  const variant = (
    letter: string,
    change: string,
    expect: Expectation,
    transform: (script: Script) => Script,
  ): Scenario => ({
    name: `${base.name}-${letter}`,
    title: `${base.name}, ${change}`,
    rule: base.rule,
    expect,
    build: () => transform(base.build()),
  });
  const { findings, notices = 0 } = base.expect;
  const steps = Object.entries(fields.steps).flatMap(([place, { atSeconds, expect }]) =>
    Object.entries(CLOCK_STEPS).map(([direction, seconds]) =>
      variant(
        `e-${place}-${direction}`,
        `clock ${direction} ${place} the decisive window`,
        expect,
        (script) => withClockStep(script, atSeconds, seconds),
      ),
    ),
  );
  const { cites: _lost, ...lossy } = base.expect;
  return [
    variant('a', '1 % of the frames lost', { ...lossy, atMost: true }, (script) => withLoss(script)),
    variant('b', 'every frame twice, 50 µs apart', base.expect, (script) => withDuplicates(script)),
    {
      ...variant('c', 'cut at 96 bytes', fields.snapped ?? base.expect, (script) => script),
      encoding: { container: 'pcap', snapLength: CUT_SNAP_LENGTH },
    },
    variant('d', `cut before the ${fields.cut.mark}`, fields.cut.expect, (script) =>
      cutBefore(script, fields.cut.mark),
    ),
    ...steps,
    variant('f', 'in two VLANs', { ...base.expect, findings: findings * 2, notices: notices * 2 }, (script) =>
      inTwoVlans(script),
    ),
  ];
}

export const variants: readonly Scenario[] = conflicts.flatMap((scenario: Scenario) => {
  const fields = VARIANTS[scenario.name];
  return fields ? variantsOf(scenario, fields) : [];
});
