/** The index of a scan, from the entries of its journal or, merged, of several. */
import { TOOL } from '../report/tool.ts';
import { CrossView } from './cross.ts';
import { compare } from './discover.ts';
import type { ScanIndex } from './index-schema.ts';
import type { JournalEntry } from './journal.ts';

/** An index and, by path, what it must not hold: the wall time of each analysis in milliseconds. */
export interface TimedIndex {
  readonly index: ScanIndex;
  readonly elapsedMillis: ReadonlyMap<string, number>;
}

export interface IndexFacts {
  readonly options: ScanIndex['options'];
  readonly complete: boolean;
}

/** `paths` are those of the rows, in any order; `entryOf` is asked once for each, so that only one entry need be in memory. */
export function buildIndex(
  paths: Iterable<string>,
  entryOf: (path: string) => JournalEntry,
  { options, complete }: IndexFacts,
): TimedIndex {
  const cross = new CrossView();
  const captures: ScanIndex['captures'] = [];
  const elapsedMillis = new Map<string, number>();
  const summary: ScanIndex['summary'] = {
    captures: 0,
    ok: 0,
    damaged: 0,
    unreadable: 0,
    failed: 0,
    packets: 0,
    bytes: 0,
    findings: { critical: 0, error: 0, warning: 0, info: 0 },
  };
  for (const path of [...paths].toSorted(compare)) {
    const entry = entryOf(path);
    const { row } = entry;
    cross.add(entry);
    captures.push(row);
    elapsedMillis.set(path, entry.elapsedMillis);
    summary.captures += 1;
    summary[row.status] += 1;
    summary.packets += row.packets;
    summary.bytes += row.bytes;
    for (const severity of ['critical', 'error', 'warning', 'info'] as const)
      summary.findings[severity] += row.findings[severity];
  }
  const sorted = Object.entries(options).toSorted(([a], [b]) => compare(a, b));
  return {
    index: {
      schema: 'kbdiag-index/1',
      tool: { ...TOOL },
      options: Object.fromEntries(sorted),
      complete,
      summary,
      captures,
      faults: cross.faults(),
      shared: cross.shared(),
    },
    elapsedMillis,
  };
}
