/**
 * What happens to a capture on its way into a file, applied to the positives (variants a to f of the scenario catalogue),
 * and what must come out then.
 */
import {
  CUT_SNAP_LENGTH,
  ENCODINGS,
  cutBefore,
  inTwoVlans,
  withClockStep,
  withDuplicates,
  withLoss,
} from '../../../../samples/craft/index.ts';
import type { Encoding, Expectation, Scenario, Script } from '../../../../samples/craft/index.ts';
import { DEFINITIVE, SILENT, STRONG, SUGGESTIVE, SUGGESTIVE_AT_MOST, undecided } from './expectations.ts';

interface Decision {
  /** Variant d: the first frame with this mark, and all after it, are lost. */
  readonly mark: string;
  readonly cut: Expectation;
  /** Variant e: where the clock steps while the evidence gathers. */
  readonly stepAt: number;
  readonly stepped: Expectation;
  /** Variant c, where it is not the base. */
  readonly snapped?: Expectation;
  /** Modem lines have no VLANs. */
  readonly isSerial?: boolean;
}

const AT_MOST = { verdict: 'found', kind: 'fault', findings: 1, atMost: true } as const;
const DEFINITIVE_AT_MOST: Expectation = { ...AT_MOST, tier: 'definitive' };
const STRONG_AT_MOST: Expectation = { ...AT_MOST, tier: 'strong' };

/**
 * Before .12 is given again nothing shows that the server frees addresses at all. Two refusals, and all that makes them
 * count, lie before the step.
 */
const LEAK: Decision = { mark: 'later', cut: SILENT, stepAt: 110, stepped: DEFINITIVE };
/** Release and refusal are on two sides of the step. */
const ONCE: Decision = { mark: 'later', cut: SILENT, stepAt: 40, stepped: STRONG_AT_MOST };
const RADIUS: Decision = {
  mark: 'later',
  cut: SILENT,
  stepAt: 40,
  stepped: SUGGESTIVE_AT_MOST,
  snapped: undecided('cut'),
};
/** Neither side of the step has a silence of a minute. */
const LAN: Decision = { mark: 'unreachable', cut: SILENT, stepAt: 80, stepped: SILENT };

const DECISIONS: Readonly<Record<string, Decision>> = {
  P1: LEAK,
  // The names lie behind the cut, so that nobody knows who was refused.
  'P1-mschap': { ...LEAK, snapped: DEFINITIVE_AT_MOST },
  P2: LEAK,
  P3: { ...LEAK, isSerial: true },
  P4: LEAK,
  P5: ONCE,
  // Three requests without an answer are no more than two on either side.
  'P5-silence': { ...ONCE, stepAt: 43.5, stepped: SUGGESTIVE_AT_MOST },
  'P5-release-radius': { ...ONCE, snapped: SUGGESTIVE_AT_MOST },
  P6: { mark: 'later', cut: SILENT, stepAt: 128, stepped: STRONG_AT_MOST },
  P7: RADIUS,
  'P7-old-ports': RADIUS,
  P8: { mark: 'later', cut: SILENT, stepAt: 40, stepped: SUGGESTIVE_AT_MOST },
  P9: LAN,
  P10: { ...LAN, snapped: SUGGESTIVE },
  // Both refusals with the code are before the step; the first of them stays where the capture ends before the second.
  P11: { mark: 'refusal-2', cut: STRONG, stepAt: 70, stepped: DEFINITIVE },
  'P11-two': { mark: 'refusal-2', cut: STRONG, stepAt: 70, stepped: DEFINITIVE },
  P11b: { mark: 'refusal-1', cut: SILENT, stepAt: 70, stepped: STRONG },
  P12: { ...LEAK, isSerial: true },
};

/** Between the first frames of the background, at 0.41 s, and whatever else there is. */
const FIRST_CALL = 0.45;

/** Forward by more than `epochForwardSeconds`, and back by more than `reorderMillis`. */
const CLOCK_STEPS = { ahead: 7200, back: -1800 } as const;

/** The variants of one positive as scenarios of their own: `P1-a` to `P1-f`. None for anything else. */
export function variants(positive: Scenario): readonly Scenario[] {
  const decision = DECISIONS[positive.name];
  if (!decision) return [];
  const { expect } = positive;
  const encoding: Encoding = positive.encoding ?? ENCODINGS.pcap;
  const variant = (
    letter: string,
    title: string,
    expected: Expectation,
    transform: (script: Script) => Script,
    changed: Encoding = encoding,
  ): Scenario => ({
    name: `${positive.name}-${letter}`,
    title: `${positive.title}; ${title}`,
    rule: positive.rule,
    expect: expected,
    build: () => transform(positive.build()),
    encoding: changed,
  });
  const { cites: _cites, judged: _judged, ...uncited } = expect;
  const steps = Object.entries(CLOCK_STEPS).flatMap(([direction, seconds]) => [
    variant(`e-before-${direction}`, `the clock steps ${direction} before the first call`, expect, (script) =>
      withClockStep(script, FIRST_CALL, seconds),
    ),
    variant(
      `e-inside-${direction}`,
      `the clock steps ${direction} while the evidence gathers`,
      decision.stepped,
      (script) => withClockStep(script, decision.stepAt, seconds),
    ),
  ]);
  const cut = { ...encoding, snapLength: CUT_SNAP_LENGTH };
  const all = [
    variant('a', '1 % of the frames lost', { ...uncited, atMost: true }, (script) => withLoss(script)),
    variant('b', 'every frame twice', expect, (script) => withDuplicates(script)),
    variant('c', 'cut at 96 bytes', decision.snapped ?? expect, (script) => script, cut),
    variant('d', `ends before the first ${decision.mark}`, decision.cut, (script) =>
      cutBefore(script, decision.mark),
    ),
    ...steps,
  ];
  if (decision.isSerial) return all;
  return [
    ...all,
    variant('f', 'in two VLANs', { ...uncited, findings: 2 * expect.findings }, (script) =>
      inTwoVlans(script),
    ),
  ];
}
