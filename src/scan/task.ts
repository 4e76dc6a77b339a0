/** What goes to a worker of a scan and what comes back, as plain data. */
import type { Format } from '../report/formats.ts';
import type { JournalEntry } from './journal.ts';

export interface Task {
  /** As `kbdiag analyze` would be given them. */
  readonly paths: readonly string[];
  readonly stem: string;
  readonly formats: readonly Format[];
  /** The folder in which reports are written aside. */
  readonly aside: string;
  /** Which of the shared counters tells how far it is. */
  readonly slot: number;
  /** Why a file that is named as a piece of a ring is analysed by itself. */
  readonly apart: string | null;
}

/** A report that waits to be put in its place. */
export interface WrittenReport {
  readonly aside: string;
  /** Below the output folder. */
  readonly path: string;
}

export type Answer =
  /** Several files that are no one timeline, and why. */
  | { readonly apart: string }
  | { readonly entry: JournalEntry; readonly reports: readonly WrittenReport[] }
  /** A report could not be written: the scan cannot go on. */
  | { readonly unwritable: { readonly path: string; readonly message: string } };
