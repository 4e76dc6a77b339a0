/** What goes to a worker of a scan and what comes back, as plain data. */
import type { Format } from '../report/formats.ts';
import type { EntryFacts } from './journal.ts';

export interface Task {
  /** As `kbdiag analyze` would be given them. */
  readonly paths: readonly string[];
  /** What they are called in all that is written. */
  readonly shown: readonly string[];
  readonly stem: string;
  readonly formats: readonly Format[];
  /** Which of the shared counters tells how far it is. */
  readonly slot: number;
  /** Why a file that is named as a piece of a ring is analysed by itself. */
  readonly apart: string | null;
}

/** A report that waits to be written to its place. As text: bytes are sent between threads for several times as much. */
export interface FinishedReport {
  /** Below the output folder. */
  readonly path: string;
  readonly text: string;
}

/** A report in a file aside that waits to be put in its place. */
export interface WrittenReport {
  readonly aside: string;
  /** Below the output folder. */
  readonly path: string;
}

/** Several files that are no one timeline, and why. */
export interface Apart {
  readonly apart: string;
}

export interface Analysed {
  readonly facts: EntryFacts;
  /** The entry as the journal has it: a text is sent for less than all its objects are. */
  readonly line: string;
  readonly reports: readonly FinishedReport[];
}

export type Answer = Analysed | Apart;
