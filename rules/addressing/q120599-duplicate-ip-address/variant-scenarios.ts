/** The variants a to f of the catalogue for each of D1 to D7: what loss, copies, cuts and clock steps may change. */
import { type Scenario, type VariantPlan, variantsOfAll } from '../../../samples/craft/index.ts';
import { conflicts } from './conflict-scenarios.ts';
import { EXPECT } from './segment-scenarios.ts';

const { definitive, strong, suggestive, silent, notice } = EXPECT;

const VARIANTS: Readonly<Record<string, VariantPlan>> = {
  D1: {
    cut: { mark: 'repair', expect: suggestive },
    steps: {
      before: { at: 78, expect: definitive },
      // The proof that the owner lives is on the other side of the step.
      inside: { at: 80.001, expect: suggestive },
    },
  },
  D2: {
    cut: { mark: 'corrective', expect: suggestive },
    steps: {
      before: { at: 78, expect: definitive },
      inside: { at: 80.001, expect: suggestive },
    },
  },
  D3: {
    cut: { mark: 'decline', expect: silent },
    steps: { before: { at: 78, expect: notice } },
    snapped: silent,
  },
  D4: {
    cut: { mark: 'third', expect: strong },
    steps: {
      before: { at: 68, expect: definitive },
      // Three switches in 30 s stand on either side.
      inside: { at: 99, expect: definitive },
    },
  },
  D5: {
    cut: { mark: 'corrective', expect: suggestive },
    steps: {
      before: { at: 78, expect: definitive },
      inside: { at: 80.001, expect: suggestive },
    },
  },
  D6: {
    cut: { mark: 'fourth', expect: strong },
    steps: {
      before: { at: 68, expect: definitive },
      // Each side keeps an owner that returns unannounced, and fewer than four switches.
      inside: { at: 280, expect: strong },
    },
  },
  D7: {
    cut: { mark: 'return', expect: silent },
    steps: {
      before: { at: 68, expect: strong },
      inside: { at: 300, expect: silent },
    },
  },
};

export const variants: readonly Scenario[] = variantsOfAll(conflicts, VARIANTS);
