import type { Severity } from '../engine/result.ts';
import type { Report } from '../report/schema.ts';
import { SEVERITIES } from '../report/wording.ts';

/** How the program ends. The first code that applies wins, in this order. */
export const EXIT = {
  /** A bug in kbdiag. */
  internal: 70,
  usage: 2,
  /** No input could be read as a capture. */
  unreadable: 3,
  /** The output could not be written. */
  output: 74,
  /** Stopped by SIGINT; the report covers what was read. */
  interrupted: 130,
  /** Findings at or above --fail-on. */
  findings: 1,
  /** Part of the input could not be read; the report covers the rest. */
  damaged: 4,
  success: 0,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The command line or a configuration file asks for what does not exist. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What an output is called in a message, and the option that says where it goes. */
export interface OutputKind {
  readonly name: string;
  readonly option: string;
}

export const REPORT_OUTPUT: OutputKind = { name: 'the report', option: '-o' };

/** An output could not be written where it was asked for. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  readonly path: string;
  readonly kind: OutputKind;

  constructor(path: string, cause: unknown, kind: OutputKind = REPORT_OUTPUT) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.path = path;
    this.kind = kind;
  }
}

/** The code for a report that could be written. */
export function exitCodeOf(report: Report, failOn: Severity | undefined): ExitCode {
  if (report.interrupted) return EXIT.interrupted;
  const limit = failOn === undefined ? -1 : SEVERITIES.indexOf(failOn);
  const isSevere = report.findings.some(
    ({ kind, severity, known }) =>
      kind === 'fault' && known !== true && SEVERITIES.indexOf(severity) <= limit,
  );
  if (isSevere) return EXIT.findings;
  const isDamaged = report.failures.length > 0 || report.captures.some(({ damaged }) => damaged !== null);
  return isDamaged ? EXIT.damaged : EXIT.success;
}
