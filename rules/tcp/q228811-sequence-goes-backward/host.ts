/** What is known of one host: its numbers in both roles, and its attempts on tuples in TIME-WAIT. */
import type { IsnClass } from '../../../src/trackers/isn-class.ts';
import { type IsnSeries, type IsnStretch, isScattered, tupleKey } from '../../../src/trackers/isn-series.ts';
import type { TupleReuse } from '../../../src/trackers/tuple-reuse.ts';
import type { Connections } from '../../../src/trackers/connections.ts';

export class Host {
  readonly domain: number;
  readonly address: number;
  client: IsnSeries | null = null;
  server: IsnSeries | null = null;
  /** Those of the client, then those of the server. */
  stretches: readonly IsnStretch[] = [];
  readonly reuses: TupleReuse[] = [];

  constructor(domain: number, address: number) {
    this.domain = domain;
    this.address = address;
  }

  add(series: IsnSeries): void {
    if (series.role === 'client') this.client = series;
    else this.server = series;
    this.stretches = [...(this.client?.stretches ?? []), ...(this.server?.stretches ?? [])];
  }

  get series(): IsnSeries[] {
    return [this.client, this.server].filter((series) => series !== null);
  }

  get isHandshakeSeen(): boolean {
    return this.client?.isHandshakeSeen === true || this.server?.isHandshakeSeen === true;
  }

  /** Numbers that jump by nature: no attempt of such a host says anything. */
  get isScattered(): boolean {
    return (this.client?.stretches ?? []).some((stretch) => isScattered(stretch.kind));
  }

  /** The tuple was another host's behind the same address. */
  isOfOther({ responder, ports }: TupleReuse): boolean {
    const tuple = tupleKey(responder, ports);
    return (this.client?.stretches ?? []).some(({ reusedByOthers }) => reusedByOthers.includes(tuple));
  }

  /** Other steps of the host as a client, and those of them that are no increments. */
  get otherSteps(): { readonly steps: number; readonly jumps: number } {
    const stretches = this.client?.stretches ?? [];
    return {
      steps: stretches.reduce((sum, stretch) => sum + stretch.otherSteps, 0),
      jumps: stretches.reduce((sum, stretch) => sum + stretch.otherJumps, 0),
    };
  }

  /** The class of most of its numbers. */
  get kind(): IsnClass {
    const { stretches } = this;
    const [first] = stretches;
    if (first === undefined) return 'unknown';
    // As nearly all hosts.
    if (stretches.every(({ kind }) => kind === first.kind)) return first.kind;
    const counts = new Map<IsnClass, number>();
    for (const { kind, samples } of stretches) counts.set(kind, (counts.get(kind) ?? 0) + samples);
    const known = [...counts].filter(([kind]) => kind !== 'unknown').toSorted(([, a], [, b]) => b - a);
    return known[0]?.[0] ?? 'unknown';
  }
}

/** Every host that was sampled or opened a tuple again, in order of appearance. */
export function hostsOf(connections: Connections): Host[] {
  const hosts = new Map<string, Host>();
  const hostOf = (domain: number, address: number): Host => {
    const key = `${domain}/${address}`;
    const known = hosts.get(key) ?? new Host(domain, address);
    hosts.set(key, known);
    return known;
  };
  for (const series of connections.series.list) hostOf(series.domain, series.address).add(series);
  for (const reuse of connections.reuses.kept) hostOf(reuse.domain.index, reuse.opener).reuses.push(reuse);
  return [...hosts.values()];
}
