/**
 * The variants a to f of the catalogue for P1 to P11, and captures that say of themselves that they are not whole: drops
 * (rules 0.2), a pause of the recorder.
 */
import { ENCODINGS, positionOf, Script, variantsOf, withGap } from '../../../../samples/craft/index.ts';
import type { Expectation, Scenario, VariantPlan } from '../../../../samples/craft/index.ts';
import { DELAYED, NOTHING, RULE, SILENT, STRONG, SUGGESTIVE, TOO_FEW } from './expectations.ts';
import { oldAcks, positives, refusals } from './positives.ts';
import { reuse } from './reuse.ts';
import { regressing, series } from './series.ts';

const AT_MOST_STRONG: Expectation = { ...STRONG, atMost: true };

/** Whatever reason is given: five numbers on one side of the step and four on the other. */
const UNDECIDED: Expectation = { verdict: 'inconclusive', findings: 0, notices: 0 };

/** P7 and P9: ten numbers with two backward steps before, fourteen with three behind. */
const FIVE_STEPS = {
  inside: { at: { mark: 'below', nth: 5 }, expect: STRONG },
  middle: { at: { mark: 'below', nth: 2 }, expect: SUGGESTIVE },
} as const;

const VARIANTS: Readonly<Record<string, VariantPlan>> = {
  P1: {
    cut: { mark: 'retransmit', expect: DELAYED },
    steps: {
      // No time can be told between close and reuse. The old acknowledgment itself rests on no absence.
      between: { at: 40, expect: AT_MOST_STRONG },
      inside: { at: 63, expect: DELAYED },
    },
  },
  P2: {
    cut: { mark: 'retransmit', expect: NOTHING },
    steps: { between: { at: 25, expect: NOTHING }, inside: { at: 38, expect: NOTHING } },
  },
  P3: {
    cut: { mark: 'refusal', nth: 3, expect: NOTHING },
    steps: { between: { at: 40, expect: NOTHING }, inside: { at: 58.7, expect: NOTHING } },
  },
  P4: {
    cut: { mark: 'clientRst', expect: NOTHING },
    steps: { between: { at: 40, expect: AT_MOST_STRONG }, inside: { at: 59.1, expect: DELAYED } },
  },
  P5: {
    cut: { mark: 'retransmit', expect: NOTHING },
    steps: { between: { at: 25, expect: NOTHING }, inside: { at: 38, expect: NOTHING } },
  },
  P6: {
    cut: { mark: 'retransmit', expect: NOTHING },
    steps: { between: { at: 41, expect: AT_MOST_STRONG }, inside: { at: 63, expect: AT_MOST_STRONG } },
  },
  P7: { cut: { mark: 'below', nth: 5, expect: SUGGESTIVE }, steps: FIVE_STEPS },
  P8: {
    cut: { mark: 'below', expect: SILENT },
    steps: { inside: { at: { mark: 'below' }, expect: SUGGESTIVE } },
  },
  P8b: {
    cut: { mark: 'below', expect: TOO_FEW },
    steps: { inside: { at: { mark: 'below' }, expect: UNDECIDED } },
  },
  P9: { cut: { mark: 'below', nth: 5, expect: SUGGESTIVE }, steps: FIVE_STEPS },
  P10: {
    cut: { mark: 'below', nth: 5, expect: SUGGESTIVE },
    steps: { inside: { at: { mark: 'below', nth: 5 }, expect: STRONG } },
  },
  P11: {
    cut: { mark: 'retransmit', expect: NOTHING },
    // Two rounds and two accepted connections stand before it.
    steps: { inside: { at: 63, expect: SUGGESTIVE } },
  },
};

/** The clock steps before anything that matters, too. */
function planOf(plan: VariantPlan, expect: Expectation): VariantPlan {
  return { ...plan, steps: { before: { at: 0.35, expect }, ...plan.steps } };
}

/** The recorder counts drops, at the end of the file. */
function withDrops(name: string, expect: Expectation, build: () => Script): Scenario {
  return { name, title: name.replaceAll('-', ' '), rule: RULE, expect, build, encoding: ENCODINGS.pcapng };
}

const silent = (drops: number): Script =>
  reuse({ serverPort: 443, reuseAt: 32, drops }).tries('silent').fresh(33, 47).end(80);

/** The recorder says that it lost a packet right before the third SYN. */
function dropInside(): Script {
  const script = reuse({ serverPort: 443, reuseAt: 32 }).tries('silent').fresh(33, 47).end(80);
  const place = positionOf(script, { mark: 'retransmit', nth: 2 });
  const frames = script
    .timeline()
    .map((frame, index) => (index === place ? { ...frame, dropsBefore: 1 } : frame));
  return Script.recorded(script.interfaces, frames);
}

/** Five backward steps in a capture that lost much: they are seen all the same. */
function seriesWithDrops(): Script {
  const base = series({ steps: regressing(23, [4, 8, 12, 15, 18]) });
  return Script.recorded([{ drops: { fraction: 0.05 } }], base.timeline());
}

const damaged: readonly Scenario[] = [
  withDrops('P1-drops-few', STRONG, () => oldAcks({ drops: 0.005 })),
  withDrops('P1-drops-many', DELAYED, () => oldAcks({ drops: 0.05 })),
  withDrops('P2-drops-few', STRONG, () => silent(0.005)),
  withDrops('P2-drops-many', SUGGESTIVE, () => silent(0.05)),
  withDrops('P2-drop-inside', SUGGESTIVE, dropInside),
  withDrops('P3-drops-few', SUGGESTIVE, () => refusals({ drops: 0.005 })),
  withDrops('P3-drops-many', SUGGESTIVE, () => refusals({ drops: 0.05 })),
  withDrops('P7-drops-many', STRONG, seriesWithDrops),
  {
    ...withDrops('P1-gap', AT_MOST_STRONG, () => withGap(oldAcks(), 59.2, 92)),
    title: 'P1, nothing captured from 59.2 to 92 s',
  },
];

export const variants: readonly Scenario[] = [
  ...positives.flatMap((scenario) => {
    const plan = VARIANTS[scenario.name];
    return plan ? variantsOf(scenario, planOf(plan, scenario.expect)) : [];
  }),
  ...damaged,
];
