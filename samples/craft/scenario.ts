/** What a scenario is: a capture to build, and what the report must say about it. */
import type { FindingKind, Severity, Tier, Verdict } from '../../src/engine/result.ts';
import type { Encoding } from './encode.ts';
import type { Script } from './script.ts';

export interface Expectation {
  readonly verdict: Verdict;
  /** Tier and severity of the one fault, or of every fault. Absent where there is none. */
  readonly tier?: Tier;
  readonly severity?: Severity;
  readonly kind?: FindingKind;
  /** Number of faults. */
  readonly findings: number;
  readonly notices?: number;
  /** Marks: of each at least one frame must be among those cited. */
  readonly cites?: readonly string[];
  /** Marks of which no frame may be cited. */
  readonly omits?: readonly string[];
  /** Reasons that must be counted in `observed.undecided`. */
  readonly undecided?: readonly string[];
  /** Least number of subjects judged. */
  readonly judged?: number;
  /**
   * The finding may be of a lower tier than `tier`, or missing (then the verdict is not compared). For captures that
   * lost something on their way.
   */
  readonly atMost?: boolean;
}

export interface Scenario {
  /** `P1`, `N13`, `N2-rebound`: unique within its rule. */
  readonly name: string;
  readonly title: string;
  /** Article id of the rule under test. */
  readonly rule: string;
  readonly expect: Expectation;
  build(): Script;
  /** Encodings it must also come out of the same; the plain one is always meant. */
  readonly encodings?: readonly Encoding[];
  /** How the scenario is encoded where that is part of it (pcapng for drops, SLL for X1). */
  readonly encoding?: Encoding;
}
