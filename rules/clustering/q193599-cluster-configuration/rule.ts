/**
 * Q193599: a load-balancing cluster cannot converge, because two of its hosts have the same priority or their port rules differ.
 * Heartbeats carry both, so the contradiction itself is seen, and not only that the cluster goes on converging.
 */
import type { About } from '../../../src/engine/host-filter.ts';
import { defineRule, type FindingReport } from '../../../src/engine/rule.ts';
import type { Series, Tier } from '../../../src/engine/result.ts';
import { PointRoom, stateSeries } from '../../../src/engine/series.ts';
import { type ClusterConflict, conflictOf } from '../../../src/trackers/cluster-conflict.ts';
import type { Cluster, Member, Sender } from '../../../src/trackers/cluster.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import { formatMac } from '../../../src/wire/mac.ts';
import { clusterSeries, nameOf as hostName } from '../heartbeat-series.ts';
import { article } from './article.ts';
import { messages } from './messages.ts';
import { options } from './options.ts';

const MAX_SUBJECTS = 4096;
/** Points of all pictures that wait for the end of the capture. */
const MAX_POINTS = 32_768;

export default defineRule({
  meta: {
    article,
    title: 'Cluster hosts with contradicting configuration',
    area: 'clustering',
    severity: { definitive: 'error', strong: 'error', suggestive: 'warning' },
    needs: ['heartbeats'],
    options,
    messages,
    lookAlikes: [
      'A host whose priority or port rules change once: a reconfiguration.',
      'Two clusters on one segment.',
      'The same heartbeat recorded twice.',
      'New rules on their way from host to host.',
    ],
    refutations: [
      'The same port rules and different priorities in the configuration of all hosts at that time.',
    ],
    couldHide: ['tunnelled', 'linkType', 'truncated', 'withoutTime', 'oversized', 'evicted'],
  },
  create(context) {
    const { heartbeats } = context.trackers;
    if (heartbeats === null) return {};
    const found: FindingReport[] = [];
    const room = new PointRoom(MAX_POINTS);
    /** Why a cluster is undecided, by domain and address; null if it was judged in any clock epoch. */
    const subjects = new Map<string, string | null>();
    /** The hosts of each cluster. */
    const hosts = new Map<string, About>();
    const counts = { clusters: 0, members: 0, conflicts: 0 };
    return {
      clusterClosed(cluster) {
        const key = `${cluster.domain.index}/${cluster.address}`;
        const isNew = !subjects.has(key);
        if (isNew) counts.clusters += 1;
        counts.members += isNew ? cluster.members.size : 0;
        const conflict = conflictOf(cluster, heartbeats.thresholds);
        if (conflict !== null && found.length < MAX_SUBJECTS)
          found.push({
            ...describe(cluster, conflict),
            series: room.isFull ? [] : room.fit(pictureOf(cluster, conflict)),
          });
        const reason = conflict === null ? undecidedReason(cluster, context.options.judgeBeats) : null;
        if (subjects.get(key) !== null && (!isNew || subjects.size < MAX_SUBJECTS)) {
          subjects.set(key, reason);
          hosts.set(key, aboutOf(cluster));
        }
      },
      end() {
        counts.conflicts = new Set(found.map(({ domain, subject }) => `${domain}/${subject}`)).size;
        for (const one of found) context.report(one);
        for (const [key, reason] of subjects) {
          if (reason === null) context.judged(hosts.get(key));
          else context.undecided(reason, hosts.get(key));
        }
        if (heartbeats.namelessCuts > 0) context.undecided('cut');
        context.tell(counts);
      },
    };
  },
});

/** The cluster and its hosts. */
function aboutOf(cluster: Cluster): About {
  const senders = [...cluster.members.values()].flatMap((member) => member.senders);
  return {
    addresses: [cluster.address, ...senders.map(({ hostAddress }) => hostAddress)],
    macs: senders.map(({ mac }) => mac),
  };
}

/** Null if enough beats of its hosts can be compared. */
function undecidedReason(cluster: Cluster, judgeBeats: number): string | null {
  const members = [...cluster.members.values()];
  const enough = members.filter((member) => member.beats >= judgeBeats);
  if (enough.length === 0 || enough.length < Math.min(2, members.length))
    return members.length === 0 && cluster.cutBeats > 0
      ? 'cut'
      : cluster.end === 'endOfCapture'
        ? 'tooFew'
        : cluster.end;
  return enough.every(areRulesReadable) ? null : 'cut';
}

/** The code of every rule that the host says it has was captured. */
function areRulesReadable(member: Member): boolean {
  return member.senders.every(({ segments }) =>
    segments.every(({ variant }) => variant.codes.length >= variant.ruleCount),
  );
}

/** The contradiction as it is reported at the end, when the cluster is no longer there. */
function describe(cluster: Cluster, conflict: ClusterConflict): Omit<FindingReport, 'series'> {
  const { kind, first, second, from, to, hasOpenMaps, hasOtherSign } = conflict;
  const tier: Tier = hasOpenMaps ? 'definitive' : hasOtherSign ? 'strong' : 'suggestive';
  const address = formatIpv4(cluster.address);
  const addresses = [cluster.address, first.hostAddress, second.hostAddress];
  const macs = [first.mac, second.mac].filter((mac) => !Number.isNaN(mac));
  const data = {
    cluster: address,
    priority: first.priority,
    first: nameOf(first),
    second: nameOf(second),
    firstPriority: first.priority,
    secondPriority: second.priority,
    firstRules: rulesOf(first, from),
    secondRules: rulesOf(second, from),
    seconds: Math.round((to - from) * 1e6) / 1e6,
  };
  return {
    kind: 'fault',
    candidates: [
      { tier, absence: null, restsOnMac: false, summary: tier === 'suggestive' ? `${kind}Alone` : kind },
    ],
    domain: cluster.domain.index,
    subject: `cluster ${address}`,
    hosts: [...new Set(addresses.filter((host) => host !== 0).map(formatIpv4))],
    macs: [...new Set(macs.map(formatMac))],
    frames: conflict.frames,
    count: first.log.countBetween(from, to) + second.log.countBetween(from, to),
    why: 'why',
    whatToDo: 'whatToDo',
    caveats: tier === 'definitive' ? ['caveatStates'] : ['caveatRollOut', 'caveatStates'],
    data,
    facts: { ...data, conflict: kind, openMaps: hasOpenMaps, otherSign: hasOtherSign },
  };
}

/** The hosts' heartbeats, and how long the two sides go on contradicting each other. */
function pictureOf(cluster: Cluster, { first, second, from, to }: ClusterConflict): Series[] {
  const sides = [...new Set([first, second].map(hostName))];
  return [
    ...clusterSeries(cluster, { from, to, host: first.priority }),
    ...sides.flatMap((side) => stateSeries('contradicting', side, [{ from, to }])),
  ];
}

/** A host by its own address, or by its MAC address where it names none. */
function nameOf({ hostAddress, mac, priority }: Sender): string {
  if (hostAddress !== 0) return formatIpv4(hostAddress);
  return Number.isNaN(mac) ? `host ${priority}` : formatMac(mac);
}

/** Port rules of a host at a time. */
function rulesOf({ segments, log }: Sender, time: number): number {
  const at = log.firstFrom(time);
  return (segments.find(({ last }) => last >= at) ?? segments.at(-1))?.variant.ruleCount ?? 0;
}
