/** The verdict on one article, for tests of a rule on a capture of their own. */
import { encode, ENCODINGS, type Script } from '../samples/craft/index.ts';
import { rules } from '../rules/index.ts';
import { analyze } from '../src/engine/analyze.ts';
import type { Finding, RuleVerdict } from '../src/engine/result.ts';

export async function verdictOf(
  article: string,
  script: Script,
): Promise<RuleVerdict & { readonly findings: readonly Finding[] }> {
  const bytes = encode(script, ENCODINGS.pcapng);
  const { verdicts, findings } = await analyze([{ bytes, path: 'memory.pcapng' }], { rules });
  const verdict = verdicts.find((one) => one.article === article);
  if (verdict === undefined) throw new Error(`no rule for ${article}`);
  return { ...verdict, findings: findings.filter((one) => one.article === article) };
}
