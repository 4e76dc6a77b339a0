/** `kbdiag explain`: an article, and what its rule makes of it. */
import type { Command } from 'commander';
import { rules } from '../../rules/index.ts';
import type { CommonOptions } from './terminal.ts';
import { addCommonOptions, stdoutDevice } from './terminal.ts';
import type { ExitCode } from './exit.ts';
import { EXIT } from './exit.ts';
import { writeStdout } from './output.ts';
import { findRule } from './rule-selection.ts';

export function addExplainCommand(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('explain')
    .description('Explain an article: the fault, what the rule looks for, when not to trust it.')
    .argument('<article>', 'such as Q151387');
  addCommonOptions(command).action(async (article: string, options: CommonOptions) => {
    const rule = findRule(article, rules);
    const { renderExplanation } = await import('../report/rule-pages.ts');
    await writeStdout(renderExplanation(rule, stdoutDevice(options)));
    finish(EXIT.success);
  });
}
