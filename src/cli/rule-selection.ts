/** Which rules were meant: `Q151387`, `q151387` and `151387` are the same. */
import type { Rule } from '../engine/rule.ts';
import { terminalText } from '../report/escape.ts';
import { UsageError } from './exit.ts';
import { suggestion } from './nearest.ts';

export function findRule(text: string, rules: readonly Rule[]): Rule {
  const wanted = text
    .trim()
    .toUpperCase()
    .replace(/^Q?(?=\d)/, 'Q');
  const ids = rules.map(({ meta }) => meta.article.id);
  const found = rules[ids.indexOf(wanted)];
  if (found !== undefined) return found;
  const hint = suggestion(wanted, ids) || '; kbdiag rules lists them';
  throw new UsageError(`there is no rule ${terminalText(text, 40)}${hint}`);
}

/** A comma-separated list, in the registry's order. */
export function selectRules(list: string, rules: readonly Rule[]): Rule[] {
  const words = list.split(',').filter((word) => word.trim() !== '');
  if (words.length === 0) throw new UsageError('--rules needs at least one article, such as --rules Q151387');
  const wanted = new Set(words.map((word) => findRule(word, rules)));
  return rules.filter((rule) => wanted.has(rule));
}
