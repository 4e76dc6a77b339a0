/** How sure the findings of a capture are, for tests that compare a capture with another recording of the same packets. */
import { rules } from '../rules/index.ts';
import { analyze } from '../src/engine/analyze.ts';
import type { Tier } from '../src/engine/result.ts';

const RANK: Readonly<Record<Tier, number>> = { suggestive: 1, strong: 2, definitive: 3 };

/** By article, the rank of its surest finding: 1 suggestive to 3 definitive. Articles without a finding are not among them. */
export async function surestTiers(bytes: Uint8Array): Promise<ReadonlyMap<string, number>> {
  const { findings } = await analyze([{ bytes, path: 'memory.pcap' }], { rules });
  const tiers = new Map<string, number>();
  for (const { article, tier } of findings) tiers.set(article, Math.max(tiers.get(article) ?? 0, RANK[tier]));
  return tiers;
}
