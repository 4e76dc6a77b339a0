/** `kbdiag rules`: which rules there are, and what can be set of them. */
import type { Command } from 'commander';
import { rules } from '../../rules/index.ts';
import { terminalText } from '../report/escape.ts';
import type { CommonOptions } from './terminal.ts';
import { addCommonOptions, stdoutDevice } from './terminal.ts';
import type { ExitCode } from './exit.ts';
import { EXIT, UsageError } from './exit.ts';
import { suggestion } from './nearest.ts';
import { writeStdout } from './output.ts';
import { findRule } from './rule-selection.ts';
import { SHARED_OPTIONS } from './settings.ts';

export function addRulesCommand(program: Command, finish: (code: ExitCode) => void): void {
  const command = program.command('rules').description('List the rules, or show one with its options.');
  // As the default command, list also gets whatever is no command.
  const list = command
    .command('list', { isDefault: true })
    .description('one line per rule')
    .argument('[nothing]')
    .usage('[options]');
  addCommonOptions(list).action(async (word: string | undefined, options: CommonOptions) => {
    if (word !== undefined) {
      const hint = suggestion(word, ['list', 'show']) || '; there are list and show Q…';
      throw new UsageError(`rules has no command ${terminalText(word, 40)}${hint}`);
    }
    const { renderRuleList } = await import('../report/rule-pages.ts');
    await writeStdout(await renderRuleList(rules, stdoutDevice(options)));
    finish(EXIT.success);
  });
  const show = command
    .command('show')
    .description('a rule with its options, look-alikes and refutations')
    .argument('<article>', 'such as Q151387');
  addCommonOptions(show).action(async (article: string, options: CommonOptions) => {
    const rule = findRule(article, rules);
    const { renderRule } = await import('../report/rule-pages.ts');
    await writeStdout(await renderRule(rule, SHARED_OPTIONS, stdoutDevice(options)));
    finish(EXIT.success);
  });
}
