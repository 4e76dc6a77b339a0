/** What a scan tells of its captures in all that it writes: everything, or what is left of it under a key (cli/scan-redaction.ts). */
import type { Report } from '../report/schema.ts';
import type { StoredInventory } from './journal.ts';

export interface Disclosure {
  /** What files and rings are called: a name of its own for each of these. */
  names(names: readonly string[]): (name: string) => string;
  /** What was said of these files. */
  sentence(text: string, paths: readonly string[]): string;
  /** Why a report could not be written to its place. */
  writeTrouble(error: { readonly message: string; readonly code: string }): string;
  /** The digest by which a file is known again. */
  digest(hex: string): string;
  report(report: Report): Report;
  options(options: Report['options']): Report['options'];
  inventory(inventory: StoredInventory): StoredInventory;
}

const same = <Value>(value: Value): Value => value;

export const FULL_DISCLOSURE: Disclosure = {
  names: () => same,
  sentence: same,
  writeTrouble: ({ message }) => message,
  digest: same,
  report: same,
  options: same,
  inventory: same,
};
