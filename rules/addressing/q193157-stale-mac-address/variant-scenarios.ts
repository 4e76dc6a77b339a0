/** The variants a to f of the catalogue for each fault: what loss, copies, cuts and clock steps may change. */
import {
  CUT_SNAP_LENGTH,
  Script,
  cutBefore,
  inTwoVlans,
  withDuplicates,
  withLoss,
} from '../../../samples/craft/index.ts';
import type { Expectation, Scenario } from '../../../samples/craft/index.ts';
import { deafs } from './deaf-scenarios.ts';
import { positives } from './positive-scenarios.ts';
import { EXPECT, NOT_JUDGED } from './stage-scenarios.ts';

const { definitive, strong, suggestive, silent } = EXPECT;

interface Steps {
  /** The recorder's clock steps at each of these seconds. */
  readonly at: readonly number[];
  readonly expect: Expectation;
}

interface VariantFields {
  readonly cut: { readonly mark: string; readonly expect: Expectation };
  readonly steps: Readonly<Record<string, Steps>>;
}

/** Forward by more than `epochForwardSeconds`, and back by more than `reorderMillis`. */
const CLOCK_STEPS = { ahead: 7200, back: -1800 } as const;

/**
 * Steps that leave no 5 s of unanswered frames in one epoch, while the first ones of B stay together: 21 to 28.1 s has its
 * three frames, their span and two stale sender MACs.
 */
const THROUGH_PROOF = [29, 33, 44, 49] as const;

const VARIANTS: Readonly<Record<string, VariantFields>> = {
  P1: {
    // The third retransmission; without it two stale sender MACs.
    cut: { mark: 'decisive', expect: strong },
    steps: {
      // A has three frames and an ARP packet behind it, too.
      before: { at: [12.05], expect: definitive },
      inside: { at: THROUGH_PROOF, expect: strong },
    },
  },
  P3: {
    cut: { mark: 'decisive', expect: NOT_JUDGED },
    steps: {
      before: { at: [12.05], expect: strong },
      inside: { at: THROUGH_PROOF, expect: silent },
    },
  },
  P4: {
    cut: { mark: 'decisive', expect: NOT_JUDGED },
    steps: {
      before: { at: [12.05], expect: strong },
      // Rests on no absence: before the step are two stale sender MACs and 5 s of B.
      inside: { at: [27], expect: strong },
      each: { at: [22, 28, 38], expect: silent },
    },
  },
  P5: {
    // What is unanswered by then spans 5 s only with the ARP reply at 36 s.
    cut: { mark: 'hears', expect: { ...suggestive, atMost: true } },
    steps: {
      // Before all of it.
      before: { at: [0.45], expect: strong },
      inside: { at: [40.5, 45.4], expect: silent },
    },
  },
  P6: {
    cut: { mark: 'decisive', expect: NOT_JUDGED },
    steps: {
      before: { at: [0.8], expect: suggestive },
      inside: { at: [9, 13, 24, 29], expect: silent },
    },
  },
  P7: {
    cut: { mark: 'decisive', expect: strong },
    steps: {
      before: { at: [12.05], expect: definitive },
      inside: { at: THROUGH_PROOF, expect: strong },
      // What was proven stays; the recovery is in another epoch.
      after: { at: [70], expect: definitive },
    },
  },
  P9: {
    cut: { mark: 'decisive', expect: strong },
    steps: {
      before: { at: [12.05], expect: definitive },
      // The second time under B stands whole on one side.
      inside: { at: [29, 33], expect: definitive },
    },
  },
};

/** From each of the seconds on, the recorder's clock is off by one step more. The order of the frames stays. */
function withClockSteps(script: Script, atSeconds: readonly number[], stepSeconds: number): Script {
  const frames = script.timeline().map((frame) => {
    const passed = atSeconds.filter((at) => frame.nanos >= at * 1e9).length;
    return { ...frame, nanos: frame.nanos + passed * stepSeconds * 1e9 };
  });
  return Script.recorded(script.interfaces, frames);
}

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
  const steps = Object.entries(fields.steps).flatMap(([place, { at, expect }]) =>
    Object.entries(CLOCK_STEPS).map(([direction, seconds]) =>
      variant(`e-${place}-${direction}`, `clock ${direction} ${place} the proof`, expect, (script) =>
        withClockSteps(script, at, seconds),
      ),
    ),
  );
  const { cites: _lost, ...lossy } = base.expect;
  return [
    variant('a', '1 % of the frames lost', { ...lossy, atMost: true }, (script) => withLoss(script)),
    variant('b', 'every frame twice, 50 µs apart', base.expect, (script) => withDuplicates(script)),
    {
      ...variant('c', 'cut at 96 bytes', base.expect, (script) => script),
      encoding: { container: 'pcap', snapLength: CUT_SNAP_LENGTH },
    },
    variant('d', `cut before the frame marked ${fields.cut.mark}`, fields.cut.expect, (script) =>
      cutBefore(script, fields.cut.mark),
    ),
    ...steps,
    variant('f', 'in two VLANs', { ...base.expect, findings: base.expect.findings * 2 }, (script) =>
      inTwoVlans(script),
    ),
  ];
}

export const variants: readonly Scenario[] = [...positives, ...deafs].flatMap((scenario: Scenario) => {
  const fields = VARIANTS[scenario.name];
  return fields ? variantsOf(scenario, fields) : [];
});
