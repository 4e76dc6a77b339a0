/** The options that say what of a capture a report is about, and what of it is known. What they mean is loaded when one is given. */
import type { Command } from 'commander';
import type { AnalyzeOptions, AnalyzeResult } from '../engine/analyze.ts';
import type { Report } from '../report/schema.ts';

export interface ScopeOptions {
  readonly from?: string;
  readonly to?: string;
  readonly tz?: string;
  readonly host?: readonly string[];
  readonly ignore?: readonly string[];
  readonly baseline?: string;
}

/** What these options come to. */
export interface Scope {
  /** For the engine. */
  readonly analysis: Pick<AnalyzeOptions, 'period' | 'hosts' | 'localZone'>;
  /** For `toReport`: the hosts as they were given. */
  readonly hosts: readonly string[] | null;
  /** What the report says was asked for. */
  readonly choices: Report['options'];
  /** Leaves out what is ignored and marks what is known. The last step, after whatever else is done to a report. */
  apply(report: Report): Report;
  /** What of the options fitted nothing, one line each. `report` is as it was before `apply`. */
  notes(result: AnalyzeResult, report: Report): string[];
}

const EVERYTHING: Scope = {
  analysis: {},
  hosts: null,
  choices: {},
  apply: (report) => report,
  notes: () => [],
};

export function addScopeOptions(command: Command): Command {
  return command
    .option(
      '--from <time>',
      'examine packets from then on: 2001-02-03T04:05:06Z, 04:05 of the first day, +10m after the first packet',
    )
    .option(
      '--to <time>',
      'examine packets up to then; +10m counts from --from where that is a date or time of day',
    )
    .option(
      '--tz <zone>',
      'zone of the times shown in text, of --from and --to, and of captures that keep local time: Europe/Berlin, +01:00, local',
    )
    .option(
      '--host <host>',
      'only findings and verdicts that concern this IPv4 or MAC address (repeatable)',
      collect,
    )
    .option(
      '--ignore <key>',
      'leave out the finding with this key, as a report shows it (repeatable)',
      collect,
    )
    .option(
      '--baseline <report>',
      'mark what this earlier JSON report has as known; --fail-on counts only the rest',
    );
}

function collect(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text];
}

/** Reads and checks them; what is wrong is a `UsageError`. */
export async function readScope(options: ScopeOptions): Promise<Scope> {
  const given = [options.from, options.to, options.tz, options.host, options.ignore, options.baseline];
  if (given.every((value) => value === undefined)) return EVERYTHING;
  return (await import('./scope.ts')).toScope(options);
}
