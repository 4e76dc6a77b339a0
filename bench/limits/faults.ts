import type { Flood } from './flood.ts';
import type { Outcome, Report } from './run.ts';

/** DESIGN 5: resident memory for any capture, HTML aside. */
export const LIMIT_BYTES = 128 * 2 ** 20;

/** What is wrong with the outcome of a flood; nothing if all is well. */
export function faultsOf(flood: Flood, count: number, outcome: Outcome, report: Report | null): string[] {
  const faults: string[] = [];
  const { code, signal, peakBytes, stderr } = outcome;
  if (code !== 0 && code !== 4) faults.push(`exit ${code ?? signal}: ${stderr.trim().slice(0, 200)}`);
  if (!(peakBytes <= LIMIT_BYTES)) faults.push(`peak ${(peakBytes / 2 ** 20).toFixed(0)} MiB`);
  if (report === null) return faults;
  for (const table of flood.evicted ?? [])
    if (!((report.health.evictions[table] ?? 0) > 0)) faults.push(`no eviction of ${table} is told`);
  for (const article of flood.tellingVerdicts ?? []) {
    const verdict = report.verdicts.find((one) => one.article === article);
    const { evicted = 0, evictedCalls = 0 } = verdict?.notExamined ?? {};
    if (!(evicted + evictedCalls + (verdict?.observed.undecided['evicted'] ?? 0) > 0))
      faults.push(`${article}, ${verdict?.verdict}, does not say what was dropped`);
  }
  const told = flood.check?.(report, count) ?? null;
  if (told !== null) faults.push(told);
  return faults;
}
