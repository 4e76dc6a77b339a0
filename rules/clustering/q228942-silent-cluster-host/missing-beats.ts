/** A cluster adapter that sends, and never beats (rules 5.4). */
import type { Tier } from '../../../src/engine/result.ts';
import type { Cluster } from '../../../src/trackers/cluster.ts';
import type { ClusterAdapter } from '../../../src/trackers/cluster-adapters.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import { formatMac } from '../../../src/wire/mac.ts';
import { type Case, citeAttempts, citeBeatsWithin, clientsOf, lowest, type Thresholds } from './case.ts';
import { beatCeiling, round } from './case.ts';

const TOLERANCE = 1e-6;

/** The case of an adapter that was identified as one; null if it sends too little, or beats under another address. */
export function missingBeats(
  adapter: ClusterAdapter,
  cluster: Cluster | null,
  thresholds: Thresholds,
): Case | null {
  const { first, last, frames, priority, mac, clusterAddress } = adapter;
  if (frames < thresholds.noBeatFrames || last - first < thresholds.noBeatSeconds - TOLERANCE) return null;
  if (adapter.hasOtherMessages || adapter.isOrdinary) return null;
  if ((cluster?.members.get(priority)?.beats ?? 0) > 0) return null;
  const isAlive = adapter.liveness.isAlive(first, last);
  const members = [...(cluster?.members.values() ?? [])];
  const attempts = [...(cluster?.virtualAddresses.values() ?? [])].flatMap((service) =>
    service.attempts.filter(
      (attempt) =>
        attempt.time >= first &&
        attempt.time <= last &&
        attempt.isUnansweredUntil(last + thresholds.answerTailSeconds),
    ),
  );
  const isUnserved =
    members.some((member) => member.isBeating(first, last, thresholds.beatFraction)) &&
    attempts.length >= thresholds.holeSyns &&
    clientsOf(attempts).size >= thresholds.holeClients;
  const tier: Tier = isUnserved ? 'strong' : 'suggestive';
  const ceiling = lowest(
    cluster === null ? 'definitive' : beatCeiling(cluster),
    isAlive && !cluster?.isMulticast ? 'definitive' : 'suggestive',
  );
  const data = {
    cluster: formatIpv4(clusterAddress),
    host: priority === 0 ? '?' : String(priority),
    mac: formatMac(mac),
    frames,
    seconds: round(last - first),
    syns: attempts.length,
    clients: clientsOf(attempts).size,
  };
  return {
    cluster: { domain: adapter.domain.index, address: clusterAddress },
    host: priority,
    kind: 'fault',
    candidates: [
      {
        tier: lowest(tier, ceiling),
        absence: { from: first, to: last },
        restsOnMac: true,
        summary: isUnserved ? 'noBeatsUnserved' : 'noBeats',
      },
    ],
    hosts: [formatIpv4(clusterAddress)],
    macs: [formatMac(mac)],
    frames: [
      ...adapter.cited,
      ...(isUnserved ? citeAttempts(attempts) : []),
      ...(cluster === null ? [] : citeBeatsWithin(cluster, first, last)),
    ],
    count: frames,
    why: 'whyNoBeats',
    whatToDo: 'whatToDo',
    caveats: ['caveatCause', 'caveatFilter', 'caveatStopped'],
    data,
    facts: data,
  };
}
