/** Analyses in memory, and what of their results must be equal. */
import { rules } from '../../rules/index.ts';
import { type Encoding, encode, ENCODINGS, Script } from '../../samples/craft/index.ts';
import { overuse } from '../../rules/dhcp/q151387-use-past-lease/scenarios/overuse.ts';
import { analyze, type AnalyzeResult } from '../../src/engine/analyze.ts';
import type { Rule } from '../../src/engine/rule.ts';

export function overused(): Script {
  return overuse().lan.script;
}

export async function run(
  script: Script,
  encoding: Encoding = ENCODINGS.pcap,
  withRules: readonly Rule[] = rules,
): Promise<AnalyzeResult> {
  return analyze([{ bytes: encode(script, encoding), path: 'memory.pcap' }], { rules: withRules });
}

export function verdictOf(result: AnalyzeResult, article: string): AnalyzeResult['verdicts'][number] {
  const verdict = result.verdicts.find((candidate) => candidate.article === article);
  if (verdict === undefined) throw new Error(`no verdict for ${article}`);
  return verdict;
}

/** Findings without what differs between encodings: offsets, lengths, domain names, file numbers. */
export function essence(result: AnalyzeResult): unknown[] {
  return result.findings.map(
    ({ article, tier, severity, subject, hosts, macs, frames, count, summary, facts }) => ({
      article,
      tier,
      severity,
      subject,
      hosts,
      macs,
      frames: frames.map(({ number, role }) => `${number} ${role}`),
      count,
      summary,
      facts,
    }),
  );
}
