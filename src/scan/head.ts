/** What the entries of a journal were made with, as the line at its beginning and as facts. */
import type { Format } from '../report/formats.ts';
import { TOOL } from '../report/tool.ts';
import { compare } from './discover.ts';
import type { ScanIndex } from './index-schema.ts';
import type { JournalHead } from './journal.ts';

/** Whatever changes a report, or which captures make one. */
export interface HeadFacts {
  /** Options of the analysis that differ from their defaults, as reports show them. */
  readonly choices: ScanIndex['options'];
  readonly formats: readonly Format[];
  readonly hash: boolean;
  readonly color: boolean;
  /** SHA-256 of the report that tells what is known. */
  readonly baseline: string | null;
  /** Whether the files of a ring are one capture. */
  readonly join: boolean;
  /** Whether a redaction leaves the vendor prefixes of MAC addresses. */
  readonly keepOui: boolean;
}

export function toHead({ choices, join, keepOui, ...facts }: HeadFacts): JournalHead {
  const sorted = Object.entries(choices).toSorted(([a], [b]) => compare(a, b));
  const known = { choices: sorted, ...facts, ...(join ? { join } : {}), ...(keepOui ? { keepOui } : {}) };
  return { journal: 'kbdiag-journal/1', version: TOOL.version, options: JSON.stringify(known) };
}

/** Of a head that this version wrote. */
export function headFacts({ options }: JournalHead): HeadFacts {
  const { choices, ...facts } = JSON.parse(options) as Omit<HeadFacts, 'choices'> & {
    choices: Array<[string, ScanIndex['options'][string]]>;
  };
  return {
    ...facts,
    join: facts.join ?? false,
    keepOui: facts.keepOui ?? false,
    choices: Object.fromEntries(choices),
  };
}

/** The names of the options in which two heads of this version differ. */
export function differences(one: JournalHead, other: JournalHead): string[] {
  const flat = (head: JournalHead): Map<string, string> => {
    const { choices, ...facts } = headFacts(head);
    return new Map(
      [...Object.entries(facts), ...Object.entries(choices)].map(([k, v]) => [k, JSON.stringify(v)]),
    );
  };
  const [a, b] = [flat(one), flat(other)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((name) => a.get(name) !== b.get(name))
    .toSorted(compare);
}
