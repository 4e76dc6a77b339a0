/** Clusters from crafted heartbeats: members, periods, signs, contradictions, attempts, and what happens when tables are full. */
import { describe, expect, it } from 'vitest';
import { ALL_BUCKETS, ClusterLan, portRule, type Script } from '../../samples/craft/index.ts';
import { type BeatBudget, BeatLog } from '../../src/trackers/beat-log.ts';
import { isConverging, learnPeriod, median, modeOf, signsOf } from '../../src/trackers/beat-period.ts';
import { Cluster, type Sender } from '../../src/trackers/cluster.ts';
import { conflictOf } from '../../src/trackers/cluster-conflict.ts';
import { Outage, OutageWatch } from '../../src/trackers/outage.ts';
import { SynAttempt, SynTable } from '../../src/trackers/syn-attempts.ts';
import { TupleFilter } from '../../src/trackers/tuple-filter.ts';
import { decodeHeartbeat, Heartbeat, HEARTBEAT_OK } from '../../src/wire/heartbeat.ts';
import { parseIpv4 } from '../../src/wire/ipv4.ts';
import { KIND_HEARTBEAT, KIND_TCP_CONTROL, type Packet } from '../../src/wire/packet.ts';
import { newDomains, packetsOf } from './packets.ts';

const THRESHOLDS = {
  periodBeats: 8,
  periodMinSeconds: 0.09,
  periodMaxSeconds: 11,
  halfPeriodRatio: 0.7,
  convergingSigns: 2,
  conflictBeats: 3,
  conflictSeconds: 30,
};

/** The cluster that the heartbeats of a script make. */
function clusterOf(script: Script, budget: BeatBudget = { beats: 4096 }): Cluster {
  const domains = newDomains();
  const beat = new Heartbeat();
  let cluster: Cluster | null = null;
  for (const packet of packetsOf(domains, script)) {
    if (packet.kind !== KIND_HEARTBEAT) continue;
    expect(decodeHeartbeat(packet.view, packet.network, packet.end, packet.wireEnd, beat)).toBe(HEARTBEAT_OK);
    const domain = domains.list[packet.domain];
    if (domain === undefined) throw new Error('no domain');
    cluster ??= new Cluster(domain, beat.clusterAddress, packet.time, budget);
    cluster.beat(packet, beat, THRESHOLDS);
  }
  if (cluster === null) throw new Error('no heartbeat');
  return cluster;
}

function senderOf(cluster: Cluster, priority: number): Sender {
  const sender = cluster.members.get(priority)?.senders[0];
  if (sender === undefined) throw new Error(`no host ${priority}`);
  return sender;
}

describe('members of a cluster', () => {
  it('are learnt from their beats', () => {
    const lan = new ClusterLan();
    const [web1, web2] = lan.members(2);
    lan.beats(web1, 1, 30).beats(web2, 1.5, 30, { everySeconds: 0.5 });
    const cluster = clusterOf(lan.end(31));
    expect([...cluster.members.keys()]).toEqual([1, 2]);
    expect(senderOf(cluster, 1).period).toBeCloseTo(1, 6);
    expect(senderOf(cluster, 2).period).toBeCloseTo(0.5, 6);
    const member = cluster.members.get(1);
    expect(member?.countBetween(5, 9.5)).toBe(5);
    expect(member?.isBeating(5, 15, 0.8)).toBe(true);
    expect(member?.isBeating(25, 45, 0.8)).toBe(false);
    expect(cluster.isMasked).toBe(true);
    expect(cluster.isOwnMac(0x02bf0a000050)).toBe(true);
    expect(cluster.isOwnMac(0x01005e7f0050)).toBe(true);
    expect(cluster.isOwnMac(0x02bf0a000051)).toBe(false);
  });

  it('have the period they keep, not the one in which they converged', () => {
    const lan = new ClusterLan();
    const [web1] = lan.members(1);
    lan.beats(web1, 1, 6.5, { everySeconds: 0.5 }).beats(web1, 7, 40);
    const cluster = clusterOf(lan.end(41));
    expect(senderOf(cluster, 1).period).toBeCloseTo(1, 6);
  });

  it('converge by their own earlier beats only', () => {
    const lan = new ClusterLan();
    const [web1] = lan.members(1);
    lan.beats(web1, 1, 20.5, { state: 4 });
    lan.beats(web1, 21, 60, { state: 1, everySeconds: 0.5, newMap: ALL_BUCKETS });
    const cluster = clusterOf(lan.end(61));
    const sender = senderOf(cluster, 1);
    expect(signsOf(cluster, sender, 2, 19, THRESHOLDS).count).toBe(0);
    expect(signsOf(cluster, sender, 25, 60, THRESHOLDS)).toEqual({
      state: true,
      period: true,
      maps: true,
      defaultHost: false,
      count: 3,
    });
    expect(isConverging(cluster, 25, 60, THRESHOLDS)).toBe(true);
    expect(isConverging(cluster, 2, 19, THRESHOLDS)).toBe(false);
  });

  it('contradict each other only while both go on', () => {
    const lan = new ClusterLan();
    const [web1, web2] = lan.members(2);
    lan.beats(web1, 1, 70).beats(web2, 1.5, 30);
    lan.beats(web2, 31.5, 70, { ruleCodes: [portRule(80), portRule(81)] });
    const conflict = conflictOf(clusterOf(lan.end(71)), THRESHOLDS);
    expect(conflict).toMatchObject({ kind: 'ruleCount', hasOpenMaps: false, hasOtherSign: false });
    const short = new ClusterLan();
    const [one, two] = short.members(2);
    short.beats(one, 1, 60).beats(two, 1.5, 30);
    short.beats(two, 31.5, 60, { ruleCodes: [portRule(80), portRule(81)] });
    expect(conflictOf(clusterOf(short.end(61)), THRESHOLDS)).toBeNull();
  });

  it('are kept within a budget of beats, which is given back', () => {
    const lan = new ClusterLan();
    const [web1] = lan.members(1);
    lan.beats(web1, 1, 120);
    const budget = { beats: 64 };
    const cluster = clusterOf(lan.end(121), budget);
    expect(cluster.members.get(1)?.beats).toBe(64);
    expect(budget.beats).toBe(0);
    cluster.release();
    expect(budget.beats).toBe(64);
  });
});

describe('periods', () => {
  it('are medians', () => {
    expect(median([])).toBeNaN();
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(modeOf(0, 5, (at) => [7, 8, 8, 9, 7][at] ?? 0)).toBe(8);
  });

  it('are none where no host could be set to them', () => {
    const log = new BeatLog({ beats: 1024 }, 1, parseIpv4('10.0.0.80'));
    expect(learnPeriod({ log, period: Number.NaN }, THRESHOLDS)).toBeNaN();
  });
});

/** SYNs of clients to the cluster, as packets. */
function syns(times: ReadonlyArray<readonly [number, number]>, repeats: readonly number[]): Packet[] {
  const lan = new ClusterLan();
  for (const [at, client] of times) lan.knock(at, client, { repeats });
  return packetsOf(newDomains(), lan.script).filter(({ kind }) => kind === KIND_TCP_CONTROL);
}

describe('attempts to connect', () => {
  it('wait in a table that displaces the oldest of their set, and give back the filter', () => {
    const filter = new TupleFilter();
    const table = new SynTable(filter);
    const [packet] = syns([[1, 1]], []);
    if (packet === undefined) throw new Error('no SYN');
    const source = packet.network + 12;
    for (let client = 0; client < 200_000; client += 1) {
      packet.view.setInt32(source, Math.imul(client, 0x9e3779b1));
      packet.ipSource = packet.view.getInt32(source);
      packet.time = client * 1e-5;
      table.insert(0, packet);
    }
    expect(table.evictions).toBeGreaterThan(180_000);
    expect(table.find(0, packet.ipSource, packet.view.getInt32(packet.transport))).toBeGreaterThanOrEqual(0);
    expect(filter.has(packet)).toBe(true);
    table.clear(0);
    expect(filter.has(packet)).toBe(false);
  });

  it('make outages, which a frame or an answer ends', () => {
    const table = new SynTable(new TupleFilter());
    const packets = syns(
      [
        [1, 1],
        [2, 2],
        [8, 3],
      ],
      [3],
    );
    const watch = new OutageWatch({ seconds: 5, attempts: 2 });
    const at = (time: number): Packet => Object.assign(Object.create(packets[0] ?? null), { time }) as Packet;
    watch.answer(at(0.5), null);
    const opened = new Set<number>();
    for (const packet of packets) {
      const ports = packet.view.getInt32(packet.transport);
      if (!opened.has(ports)) {
        table.insert(0, packet);
        opened.add(ports);
      } else watch.attempt(new SynAttempt(table, table.find(0, packet.ipSource, ports), packet));
    }
    expect(watch.strict).toBeInstanceOf(Outage);
    expect(watch.strict?.attempts.map(({ time }) => time)).toEqual([1, 2, 8]);
    watch.frame(at(12));
    expect([watch.strict, watch.kept.length]).toEqual([null, 1]);
    expect(watch.kept[0]).toMatchObject({ from: 1, to: 12, frames: 0, isOpen: false });
    watch.finish(at(20));
    expect(watch.kept[1]).toMatchObject({ from: 1, to: 20, frames: 1, isOpen: true });
  });
});
