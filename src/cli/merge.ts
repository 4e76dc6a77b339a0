/** `kbdiag merge`: the arguments. What it does is loaded when it is asked for. */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Severity } from '../engine/result.ts';
import { SEVERITIES } from '../report/wording.ts';
import type { ExitCode } from './exit.ts';

export interface MergeCommandOptions {
  readonly output: string;
  readonly failOn?: Severity;
  readonly quiet?: true;
  readonly debug?: true;
}

export function addMergeCommand(program: Command, finish: (code: ExitCode) => void): void {
  program
    .command('merge')
    .description('Join the output folders of several scans, such as those of all shards, into one.')
    .argument('<folders...>', 'what the scans had with -o; they are read only')
    .requiredOption('-o, --output <folder>', 'where reports and index of the whole go')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 on a fault at least that severe').choices(SEVERITIES),
    )
    .option('--quiet', 'no progress and no notes on standard error')
    .option('--debug', 'print the stack of an error')
    .action(async (folders: string[], options: MergeCommandOptions) => {
      const { runMerge } = await import('./merge-run.ts');
      finish(await runMerge(folders, options));
    });
}
