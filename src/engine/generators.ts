/** How the busiest hosts choose initial sequence numbers, for `kbdiag info`. */
import { formatIpv4 } from '../wire/ipv4.ts';
import type { IsnSeries, IsnStretch } from '../trackers/isn-series.ts';
import type { GeneratorSummary } from './result.ts';
import type { Trackers } from './trackers.ts';

const MAX_HOSTS = 20;

/** The hosts with most numbers seen, busiest first; none where no rule needs connections. */
export function summariseGenerators({ connections, domains }: Trackers): GeneratorSummary[] {
  if (connections === null) return [];
  return connections.series.list
    .toSorted((a, b) => b.samples - a.samples)
    .slice(0, MAX_HOSTS)
    .map((series) => summarise(series, domains.list[series.domain]?.name ?? ''));
}

function summarise(series: IsnSeries, domain: string): GeneratorSummary {
  const longest = longestOf(series);
  return {
    domain,
    address: formatIpv4(series.address),
    role: series.role,
    samples: series.samples,
    kind: longest?.kind ?? 'unknown',
    rate: longest?.rate ?? 0,
    stepDeviation: longest?.stepDeviation ?? 0,
    gcd: longest?.gcd ?? 0,
  };
}

/** The stretch with most samples whose class could be told, else the longest one. */
function longestOf(series: IsnSeries): IsnStretch | undefined {
  const byLength = series.stretches.toSorted((a, b) => b.samples - a.samples);
  return byLength.find(({ kind }) => kind !== 'unknown') ?? byLength[0];
}
