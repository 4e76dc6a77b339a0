/** Findings on the same address in the same domain belong together, and one fault is counted once (rules 6). */
import type { Finding } from './result.ts';
import type { RuleRun } from './rule-run.ts';

/** Links findings on the same address in the same domain, and says in which other one a finding is counted. */
export function relate(runs: readonly RuleRun[]): Finding[] {
  const faults = runs.flatMap((run) => run.findings);
  return runs.flatMap((run) =>
    run.findings.map((finding) => {
      const others = faults.filter(
        (other) =>
          other.key !== finding.key &&
          other.domain === finding.domain &&
          other.hosts.some((host) => finding.hosts.includes(host)),
      );
      const isFound = (other: Finding) => other.kind === 'fault' && other.tier !== 'suggestive';
      const counting = others.find(
        (other) => isFound(other) && run.countsInOf(finding).includes(other.article),
      );
      return {
        ...finding,
        related: others.map((other) => other.key).toSorted(),
        countsIn: counting?.key ?? null,
      };
    }),
  );
}
