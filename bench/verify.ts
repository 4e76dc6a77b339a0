/** Reads kbdiag's own report once per capture, so that no speed is told of a program that did not do the work. */
import { spawnSync } from 'node:child_process';
import type { CaptureFile } from './capture-set.ts';

/** The part of the report that is looked at (schema/report.schema.json). */
interface ReportExcerpt {
  readonly captures: ReadonlyArray<{ readonly packets: number; readonly damaged: unknown }>;
  readonly verdicts: ReadonlyArray<{ readonly article: string; readonly verdict: string }>;
  readonly findings: readonly unknown[];
}

export type Verification = { readonly ok: boolean; readonly text: string };

/** Whether every packet was read, and in words what the rules said. */
export function verifyReport(capture: CaptureFile, root: string): Verification {
  const child = spawnSync(process.execPath, ['bin/kbdiag.js', 'analyze', capture.path, '-f', 'json'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (child.status !== 0) return { ok: false, text: `exit ${child.status ?? child.signal}` };
  const report = JSON.parse(child.stdout) as ReportExcerpt;
  const [read] = report.captures;
  if (read?.packets !== capture.packets || read.damaged !== null) {
    return { ok: false, text: `${read?.packets ?? 'no'} packets read of ${capture.packets}` };
  }
  const verdicts = report.verdicts.map(({ article, verdict }) => `${article} ${verdict}`).join(', ');
  return { ok: true, text: `${verdicts}; ${report.findings.length} findings` };
}
