/**
 * Q228942: a host of a WLBS cluster can no longer send. Clients of a converged cluster find nobody; or a host that lives is no
 * longer heard; or the cluster never converges. Clusters are judged from their heartbeats and from what clients meet.
 */
import { defineRule, type RuleContext } from '../../../src/engine/rule.ts';
import type { Series } from '../../../src/engine/result.ts';
import { PointRoom } from '../../../src/engine/series.ts';
import { hasConflict } from '../../../src/trackers/cluster-conflict.ts';
import type { Cluster } from '../../../src/trackers/cluster.ts';
import type { ClusterAdapter } from '../../../src/trackers/cluster-adapters.ts';
import { portKey } from '../../../src/trackers/heartbeats.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import { adapterSeries, clusterSeries, type ClusterView } from '../heartbeat-series.ts';
import { article } from './article.ts';
import { blackHoles, memberHoles, type PendingCase } from './black-hole.ts';
import type { Case, ClusterName } from './case.ts';
import { neverConverges } from './convergence.ts';
import { messages } from './messages.ts';
import { missingBeats } from './missing-beats.ts';
import { options } from './options.ts';
import { silentHosts } from './silent-host.ts';
import { Subjects } from './subjects.ts';

type Context = RuleContext<typeof options>;

export default defineRule({
  meta: {
    article,
    title: 'Load-balancing host no longer sends',
    area: 'clustering',
    severity: { definitive: 'critical', strong: 'error', suggestive: 'warning' },
    needs: ['heartbeats', 'addressClasses'],
    options,
    messages,
    lookAlikes: [
      'A host that was switched off or left, with the others serving its clients.',
      'A cluster stopped, drained or suspended by remote control.',
      'A configuration that keeps the cluster from converging (Q193599).',
      'A port that is closed or filtered for all time, and scanners that try it.',
      'A flood of SYNs, or a client side that loses packets.',
      'A switch that prunes multicast groups and so hides heartbeats.',
      'A tap that sees one host only, or not the answers.',
      'A heartbeat period other than the default, or a convergence that ends.',
    ],
    refutations: [
      'A capture taken on the host that shows its heartbeats or answers leaving in that time.',
      'A record of the service or of clustering being stopped on the host at that time.',
    ],
    couldHide: ['tunnelled', 'linkType', 'truncated', 'withoutTime', 'oversized', 'evicted', 'clusterSyns'],
  },
  create(context) {
    const { heartbeats } = context.trackers;
    if (heartbeats === null) return {};
    const subjects = new Subjects();
    const cases: DrawnCase[] = [];
    const pending: Array<{ readonly late: PendingCase; readonly series: readonly Series[] }> = [];
    const adapters: Array<{ readonly found: DrawnCase; readonly interface: number }> = [];
    const room = new PointRoom(MAX_POINTS);
    // A cluster is gone when its findings are reported: what their pictures show is taken before.
    const draw = (cluster: Cluster, view: ClusterView | undefined): Series[] =>
      room.isFull || view === undefined ? [] : room.fit(clusterSeries(cluster, view));
    /** Virtual addresses that clients tried, by the cluster they belong to. */
    const tried = new Map<string, { readonly cluster: ClusterName; readonly visible: string }>();
    const counts = { members: 0, clusters: 0, syns: 0, answered: 0 };
    return {
      clusterClosed(cluster) {
        const thresholds = { ...heartbeats.thresholds, ...context.options };
        counts.clusters += 1;
        counts.members += cluster.members.size;
        for (const service of cluster.virtualAddresses.values()) {
          counts.syns += service.syns;
          counts.answered += service.answered;
          if (service.syns === 0 || tried.size >= MAX_TRIED) continue;
          const visible = portKey(cluster.domain, service.address, 0);
          tried.set(visible, { cluster: nameOf(cluster), visible });
        }
        observe(subjects, cluster, context.options);
        const stuck = hasConflict(cluster, heartbeats.thresholds)
          ? null
          : neverConverges(cluster, thresholds);
        const found = [
          ...memberHoles(cluster, thresholds),
          ...silentHosts(cluster, (mac) => isProxy(context, cluster, mac), thresholds),
          ...(stuck === null ? [] : [stuck]),
        ];
        if (cases.length < MAX_CASES)
          cases.push(...found.map((each) => ({ ...each, series: draw(cluster, each.view) })));
        if (pending.length < MAX_CASES)
          for (const late of blackHoles(cluster, thresholds))
            pending.push({ late, series: draw(cluster, late.view) });
      },
      clusterAdapterClosed(adapter, cluster) {
        if (!isIdentified(context, adapter)) return;
        const name = { domain: adapter.domain.index, address: adapter.clusterAddress };
        subjects.name(name, adapter.priority, adapter.clusterAddress, adapter.mac);
        // Only missing beats judge it: where a filter may have hidden them, nothing does.
        subjects.doubt(name, adapter.priority, 'tooFew');
        const found = missingBeats(adapter, cluster, context.options);
        if (found === null || adapters.length >= MAX_CASES) return;
        const series = room.isFull ? [] : room.fit(adapterSeries(adapter, cluster));
        adapters.push({ found: { ...found, series }, interface: adapter.domain.interface });
      },
      end() {
        const { visible, answeredPorts } = heartbeats;
        for (const service of tried.values()) {
          if (!visible.has(service.visible)) subjects.doubt(service.cluster, 0, 'notVisible');
          else if (subjects.hasJudged(service.cluster)) subjects.judge(service.cluster, 0);
          else subjects.doubt(service.cluster, 0, 'tooFew');
        }
        for (const { late, series } of pending) {
          const settled = late.settle(answeredPorts);
          if (settled !== null) cases.push({ ...settled, series });
        }
        // Where nothing but IP and ARP was captured, a filter may have hidden the heartbeats.
        for (const { found, interface: index } of adapters)
          if (heartbeats.isUnfiltered(index)) cases.push(found);
        for (const found of withoutHints(cases)) report(context, subjects, found);
        subjects.count(context);
        for (let cut = 0; cut < heartbeats.namelessCuts && cut < 1; cut += 1) context.undecided('cut');
        context.tell(counts);
      },
    };
  },
});

const MAX_CASES = 4096;
/** Points of all pictures that wait for the end of the capture. */
const MAX_POINTS = 32_768;
const MAX_TRIED = 4096;

type DrawnCase = Case & { readonly series: readonly Series[] };

function nameOf(cluster: Cluster): ClusterName {
  return { domain: cluster.domain.index, address: cluster.address };
}

/** A masked address counts where its cluster shows itself, or sends enough while that address is in use (rules 0.3). */
function isIdentified(context: Context, adapter: ClusterAdapter): boolean {
  const { heartbeats, stations, sources } = context.trackers;
  const { domain, clusterAddress, frames } = adapter;
  if (adapter.isOrdinary) return false;
  if (heartbeats?.isKnownCluster(domain, clusterAddress)) return true;
  const isUsed =
    stations.isOnLink(domain.index, clusterAddress) || sources.framesOf(domain.index, clusterAddress) > 0;
  return isUsed && frames >= context.address.nlbFrames;
}

/** A router, or a station that answers ARP for others: what it replies is no sign of their life (rules 0.3). */
function isProxy({ trackers }: Context, { domain }: Cluster, mac: number): boolean {
  const { stations } = trackers;
  const station = stations.find(domain.index, mac);
  if (station === undefined) return stations.isShared(domain.index, mac);
  return stations.isShared(domain.index, mac) || stations.isProxy(station) || stations.isRouter(station);
}

/** Which hosts of a cluster can be judged. */
function observe(
  subjects: Subjects,
  cluster: Cluster,
  { periodBeats, judgeSeconds }: Context['options'],
): void {
  const name = nameOf(cluster);
  for (const member of cluster.members.values()) {
    for (const { hostAddress, mac } of member.senders) subjects.name(name, member.priority, hostAddress, mac);
    const seconds = cluster.domain.liveness.liveSeconds(member.firstBeat, cluster.provenUntil);
    if (member.beats < periodBeats || !(seconds >= judgeSeconds)) {
      const isCutShort = cluster.end === 'clockStep' || cluster.end === 'evicted';
      subjects.doubt(name, member.priority, isCutShort ? cluster.end : 'tooFew');
    } else subjects.judge(name, member.priority);
  }
  if (cluster.cutBeats > 0 && cluster.members.size === 0) subjects.doubt(name, 0, 'cut');
}

/** A hint on a cluster of which more is known is part of that: one fault counts once. */
function withoutHints(cases: readonly DrawnCase[]): DrawnCase[] {
  const isSame = (a: ClusterName, b: ClusterName) => a.domain === b.domain && a.address === b.address;
  const proven = cases.filter(({ kind, isHint }) => kind === 'fault' && !isHint);
  return cases.filter(
    (found) => !found.isHint || !proven.some(({ cluster }) => isSame(cluster, found.cluster)),
  );
}

function report(context: Context, subjects: Subjects, found: DrawnCase): void {
  const { cluster, host, kind, isHint: _, view: _view, ...rest } = found;
  const address = formatIpv4(cluster.address);
  const tier = context.report({
    ...rest,
    kind,
    domain: cluster.domain,
    subject: host === 0 ? `cluster ${address}` : `host ${host} of cluster ${address}`,
    ...(kind === 'notice' ? { subkey: 'left' } : {}),
  });
  if (tier === null) subjects.doubt(cluster, host, 'drops');
  else if (kind === 'fault') subjects.judge(cluster, host);
}
