/** The rows in the order of the page: what has faults first, the gravest before all, then what could not be read, then the rest. */
import { SEVERITIES } from '../../report/wording.ts';
import type { IndexRow } from '../index-schema.ts';
import { isTrouble } from '../row.ts';

/** `hidden`: with faults that the options of the scan leave out. `none`: no captures. */
export type GroupKind = (typeof SEVERITIES)[number] | 'trouble' | 'hidden' | 'sound' | 'none';

export interface RowGroup {
  readonly kind: GroupKind;
  /** In their order in the index, by path. */
  readonly rows: readonly IndexRow[];
}

const ORDER: readonly GroupKind[] = [...SEVERITIES, 'trouble', 'hidden', 'sound', 'none'];

/** Groups without rows are left out. */
export function groupRows(rows: readonly IndexRow[]): RowGroup[] {
  const groups = new Map<GroupKind, IndexRow[]>(ORDER.map((kind) => [kind, []]));
  for (const row of rows) groups.get(kindOf(row))?.push(row);
  return [...groups].map(([kind, own]) => ({ kind, rows: own })).filter((group) => group.rows.length > 0);
}

function kindOf(row: IndexRow): GroupKind {
  const gravest = SEVERITIES.find((severity) => row.findings[severity] > 0);
  if (gravest !== undefined) return gravest;
  if (isTrouble(row)) return 'trouble';
  if (row.status === 'unreadable') return 'none';
  return hasVerdictOfFault(row) ? 'hidden' : 'sound';
}

export function hasVerdictOfFault({ verdicts }: IndexRow): boolean {
  return Object.values(verdicts).some((verdict) => verdict === 'found' || verdict === 'suspected');
}
