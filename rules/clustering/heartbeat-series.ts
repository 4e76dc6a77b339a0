/** What the picture of a cluster shows: who beat when, who was silent or went on converging, and whose requests were answered. */
import type { Series } from '../../src/engine/result.ts';
import { eventSeries, stateSeries } from '../../src/engine/series.ts';
import { pastOf } from '../../src/trackers/beat-period.ts';
import type { Cluster, Member, Sender } from '../../src/trackers/cluster.ts';
import type { ClusterAdapter } from '../../src/trackers/cluster-adapters.ts';
import type { VirtualAddress } from '../../src/trackers/virtual-address.ts';
import { MAPS_DIFFER } from '../../src/wire/heartbeat.ts';
import { formatIpv4 } from '../../src/wire/ipv4.ts';
import { formatMac } from '../../src/wire/mac.ts';

/** What a finding on a cluster is about. */
export interface ClusterView {
  readonly from: number;
  readonly to: number;
  /** Priority of the host that it is about; 0 for the whole cluster. */
  readonly host: number;
  /** A stretch without any answer of a virtual address. */
  readonly outage?: { readonly address: number; readonly from: number; readonly to: number };
  /** States of the host that it is about: `late heartbeat`, `answers nobody`. */
  readonly states?: ReadonlyArray<{ readonly name: string; readonly spans: readonly Window[] }>;
}

/** Rows of a picture that people still read. */
const MAX_HOSTS = 8;
const MAX_SERVICES = 3;
/** What is shown before and after, as a share of the stretch, and within bounds. */
const MARGIN_FRACTION = 0.5;
const LEAST_MARGIN_SECONDS = 10;
const MOST_MARGIN_SECONDS = 60;

export function clusterSeries(cluster: Cluster, view: ClusterView): Series[] {
  const { from, to } = view;
  const margin = Math.min(MOST_MARGIN_SECONDS, Math.max(LEAST_MARGIN_SECONDS, MARGIN_FRACTION * (to - from)));
  // Stations that never beat are told of before their cluster is closed.
  const last = cluster.isClosed ? cluster.provenUntil : cluster.domain.liveness.lastTime;
  const window = { from: from - margin, to: Math.min(to + margin, last) };
  const members = [...cluster.members.values()].toSorted(
    (a, b) => Number(b.priority === view.host) - Number(a.priority === view.host) || a.priority - b.priority,
  );
  const services = [...cluster.virtualAddresses.values()]
    .filter(({ syns }) => syns > 0)
    .toSorted(
      (a, b) =>
        Number(b.address === view.outage?.address) - Number(a.address === view.outage?.address) ||
        b.syns - a.syns,
    );
  return [
    ...members.slice(0, MAX_HOSTS).flatMap((member) => hostSeries(member, window, view)),
    ...services.slice(0, MAX_SERVICES).flatMap((service) => serviceSeries(service, window, view)),
  ];
}

/** A station that sends under a masked address and never beats, beside the hosts that do. */
export function adapterSeries(adapter: ClusterAdapter, cluster: Cluster | null): Series[] {
  const { first: from, last: to, times, priority, mac } = adapter;
  const of = priority === 0 ? formatMac(mac) : `host ${priority} (${formatMac(mac)})`;
  return [
    ...eventSeries('frame without heartbeats', of, times),
    ...stateSeries('silent', of, [{ from, to }]),
    ...(cluster === null ? [] : clusterSeries(cluster, { from, to, host: priority })),
  ];
}

interface Window {
  readonly from: number;
  readonly to: number;
}

function hostSeries(member: Member, window: Window, { host, states = [] }: ClusterView): Series[] {
  const silences = member.silences.filter(({ from, to }) => from < window.to && to > window.from);
  // ARP replies are left out: a proxy may have given them.
  const lives = silences
    .flatMap(({ properLife, weakLife }) => [...properLife.spaced, ...weakLife.spaced])
    .toSorted((a, b) => a - b);
  const first = member.senders[0];
  return [
    ...member.senders.flatMap((sender) => beatSeries(sender, window)),
    ...(first === undefined
      ? []
      : [
          ...stateSeries(
            'silent',
            nameOf(first),
            silences.map((silence) => within(silence, window)),
          ),
          ...eventSeries('sign of life', nameOf(first), lives),
          ...(member.priority === host
            ? states.flatMap(({ name, spans }) => stateSeries(name, nameOf(first), spans))
            : []),
        ]),
  ];
}

function beatSeries(sender: Sender, window: Window): Series[] {
  const { log } = sender;
  const times: number[] = [];
  const converging: Array<{ from: number; to: number }> = [];
  let isConverging = false;
  for (let at = log.firstFrom(window.from), past = pastOf(log, window.to); at < past; at += 1) {
    const time = log.time(at);
    times.push(time);
    const last = converging.at(-1);
    if (log.maps(at) !== MAPS_DIFFER) isConverging = false;
    else if (isConverging && last) last.to = time;
    else {
      converging.push({ from: time, to: time });
      isConverging = true;
    }
  }
  const of = nameOf(sender);
  return [...eventSeries('heartbeat', of, times), ...stateSeries('converging', of, converging)];
}

function serviceSeries(service: VirtualAddress, window: Window, { outage }: ClusterView): Series[] {
  const of = `virtual address ${formatIpv4(service.address)}`;
  const attempts = service.attempts.filter(({ time }) => time >= window.from && time <= window.to);
  const inVain = attempts.filter((attempt) => attempt.isUnansweredUntil(window.to));
  return [
    ...eventSeries('request answered', of, service.answers?.between(window.from, window.to) ?? []),
    ...eventSeries(
      'request unanswered',
      of,
      inVain.map(({ time }) => time),
    ),
    ...(outage?.address === service.address ? stateSeries('no answer', of, [within(outage, window)]) : []),
  ];
}

/** A host by its priority, and by its own address, or its station where it names none. */
export function nameOf({
  priority,
  hostAddress,
  mac,
}: Pick<Sender, 'priority' | 'hostAddress' | 'mac'>): string {
  if (hostAddress !== 0) return `host ${priority} (${formatIpv4(hostAddress)})`;
  return Number.isNaN(mac) ? `host ${priority}` : `host ${priority} (${formatMac(mac)})`;
}

function within({ from, to }: Window, window: Window): Window {
  return { from: Math.max(from, window.from), to: Math.min(to, window.to) };
}
