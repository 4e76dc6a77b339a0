import type { Report } from './run.ts';
import type { Pieces } from './stream.ts';

/** A capture that would fill the memory of a program that kept all of it. */
export interface Flood {
  readonly name: string;
  readonly content: string;
  /** How many of what the flood is made of: hosts, leases, calls. */
  readonly count: number;
  /** How many show the same in a test, in seconds. */
  readonly testCount: number;
  readonly stream: (count: number) => Pieces;
  /** True where each piece is a file of its own, and all are given at once; else the pieces are one stream. */
  readonly isFiles?: boolean;
  /** What of the report is to be seen: tables that overflowed, and articles whose verdicts must say so. */
  readonly evicted?: readonly string[];
  readonly tellingVerdicts?: readonly string[];
  readonly check?: (report: Report, count: number) => string | null;
}
