/** The subjects of a verdict: each host of a cluster, and the cluster itself. One that was judged once stays judged. */
import type { RuleContext } from '../../../src/engine/rule.ts';
import type { ClusterName } from './case.ts';

const MAX_SUBJECTS = 4096;
/** Hosts that speak under one priority. */
const MAX_NAMES = 16;

export class Subjects {
  /** Why a subject is undecided; null if it was judged. */
  readonly #reasons = new Map<string, string | null>();
  /** Addresses of the host and its cluster, by the same key. */
  readonly #hosts = new Map<string, { addresses: number[]; macs: number[] }>();

  /** Says which addresses a host of a cluster has, before or after it is judged. */
  name({ domain, address }: ClusterName, host: number, hostAddress: number, mac: number): void {
    const key = `${domain}/${address}/${host}`;
    const known = this.#hosts.get(key) ?? { addresses: [], macs: [] };
    if (known.addresses.length >= MAX_NAMES || this.#hosts.size >= MAX_SUBJECTS) return;
    known.addresses.push(hostAddress);
    known.macs.push(mac);
    this.#hosts.set(key, known);
  }

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
    for (const [key, reason] of this.#reasons) {
      const known = this.#hosts.get(key);
      const about = {
        addresses: [Number(key.split('/')[1]), ...(known?.addresses ?? [])],
        macs: known?.macs ?? [],
      };
      if (reason === null) context.judged(about);
      else context.undecided(reason, about);
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
