/** The variants a to f of the catalogue for each fault: what loss, copies, cuts and clock steps may change. */
import { type Scenario, type VariantPlan, variantsOfAll } from '../../../samples/craft/index.ts';
import { deafs } from './deaf-scenarios.ts';
import { positives } from './positive-scenarios.ts';
import { EXPECT, NOT_JUDGED } from './stage-scenarios.ts';

const { definitive, strong, suggestive, silent } = EXPECT;

/**
 * Steps that leave no 5 s of unanswered frames in one epoch, while the first ones of B stay together: 21 to 28.1 s has its
 * three frames, their span and two stale sender MACs.
 */
const THROUGH_PROOF = [29, 33, 44, 49] as const;

const VARIANTS: Readonly<Record<string, VariantPlan>> = {
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

export const variants: readonly Scenario[] = variantsOfAll([...positives, ...deafs], VARIANTS);
