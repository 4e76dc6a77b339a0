/** The subjects of a verdict: each host of a cluster, and the cluster itself. One that was judged once stays judged. */
import type { RuleContext } from '../../../src/engine/rule.ts';
import type { ClusterName } from './case.ts';

const MAX_SUBJECTS = 4096;

export class Subjects {
  /** Why a subject is undecided; null if it was judged. */
  readonly #reasons = new Map<string, string | null>();

  judge(cluster: ClusterName, host: number): void {
    this.#set(cluster, host, null);
  }

  doubt(cluster: ClusterName, host: number, reason: string): void {
    this.#set(cluster, host, reason);
  }

  /** True if any host of the cluster was judged. */
  hasJudged({ domain, address }: ClusterName): boolean {
    for (const [key, reason] of this.#reasons)
      if (reason === null && key.startsWith(`${domain}/${address}/`)) return true;
    return false;
  }

  /** Counts them in the verdict. */
  count(context: Pick<RuleContext, 'judged' | 'undecided'>): void {
    for (const reason of this.#reasons.values()) {
      if (reason === null) context.judged();
      else context.undecided(reason);
    }
  }

  #set({ domain, address }: ClusterName, host: number, reason: string | null): void {
    const key = `${domain}/${address}/${host}`;
    const known = this.#reasons.get(key);
    // The first doubt says why; that too little was seen follows from it.
    if (known === null || (known !== undefined && reason === 'tooFew')) return;
    if (this.#reasons.has(key) || this.#reasons.size < MAX_SUBJECTS) this.#reasons.set(key, reason);
  }
}
