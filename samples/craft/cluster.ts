/**
 * A load-balancing cluster as it is seen on its segment: what each member sends, and under which MAC.
 *
 *     const cluster = new Cluster();                        10.0.0.80, unicast mode, masked sources
 *     const web2 = cluster.member(2);                       10.0.0.82
 *     web2.beat({ state: 2 })                               a heartbeat
 *     web2.virtual                                          a host that sends as the cluster address
 *     web2.dedicated                                        its second adapter, with its own address
 *     web2.maskedName('WEB2', 7)                            its own address, but through the cluster adapter
 */
import { ipv4Bytes } from './bytes.ts';
import type { Ipv4, Mac } from './bytes.ts';
import { BROADCAST_MAC, ethernet } from './frames.ts';
import { EVEN_BUCKETS, HEARTBEAT_ETHERTYPE, LAST_RULE, ODD_BUCKETS } from './heartbeat.ts';
import { extendedHeartbeat, heartbeat, portRule } from './heartbeat.ts';
import type { HeartbeatFields } from './heartbeat.ts';
import { Host } from './hosts.ts';
import type { Station } from './hosts.ts';

/** How the cluster's frames reach every member: one MAC for all, or a group. */
export type ClusterMode = 'unicast' | 'multicast' | 'igmp';

export interface ClusterFields {
  readonly ip?: Ipv4;
  readonly mode?: ClusterMode;
  /** Unicast mode: each member sends under a MAC of its own (MaskSourceMAC, on by default). */
  readonly masksSource?: boolean;
  readonly etherType?: number;
  readonly ruleCodes?: readonly number[];
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** Four bytes of a MAC that are the address. */
function embedded(address: Ipv4): string {
  return Array.from(ipv4Bytes(address), hex).join(':');
}

export class Cluster {
  readonly ip: Ipv4;
  readonly mode: ClusterMode;
  readonly masksSource: boolean;
  readonly etherType: number;
  readonly ruleCodes: readonly number[];
  readonly #members = new Map<number, ClusterMember>();

  constructor(fields: ClusterFields = {}) {
    this.ip = fields.ip ?? '10.0.0.80';
    this.mode = fields.mode ?? 'unicast';
    this.masksSource = fields.masksSource ?? true;
    this.etherType = fields.etherType ?? HEARTBEAT_ETHERTYPE.nlb;
    this.ruleCodes = fields.ruleCodes ?? [portRule(80), portRule(443), LAST_RULE];
  }

  /** What ARP says about the cluster address; the destination of everything sent to it. */
  get mac(): Mac {
    if (this.mode === 'unicast') return `02:bf:${embedded(this.ip)}`;
    if (this.mode === 'multicast') return `03:bf:${embedded(this.ip)}`;
    return `01:00:5e:7f:${embedded(this.ip).slice(6)}`;
  }

  get station(): Station {
    return { ip: this.ip, mac: this.mac };
  }

  /** Destination of the heartbeats. */
  get heartbeatMac(): Mac {
    return this.mode === 'unicast' ? BROADCAST_MAC : this.mac;
  }

  /** The member of a priority; with fields of its own, another host of the same priority. */
  member(priority: number, fields?: MemberFields): ClusterMember {
    if (fields) return new ClusterMember(this, priority, fields);
    const known = this.#members.get(priority) ?? new ClusterMember(this, priority, {});
    this.#members.set(priority, known);
    return known;
  }
}

export interface MemberFields {
  /** The cluster's address and its priority where absent. */
  readonly hostIp?: Ipv4;
  readonly hostCode?: number;
}

export class ClusterMember {
  readonly cluster: Cluster;
  readonly priority: number;
  readonly hostIp: Ipv4;
  readonly hostCode: number;
  /** Ethernet source of what the cluster adapter sends. */
  readonly mac: Mac;
  /** Sends as the cluster address. */
  readonly virtual: Host;
  /** A second adapter with the host's own address, outside the cluster. */
  readonly dedicated: Host;
  /** The host's own address behind the cluster adapter: ARP tells the cluster's MAC. */
  readonly #masked: Host;
  readonly #aliases = new Map<Ipv4, Host>();
  #packetsHandled: number;

  constructor(cluster: Cluster, priority: number, fields: MemberFields) {
    this.cluster = cluster;
    this.priority = priority;
    const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(cluster.ip);
    this.hostIp = fields.hostIp ?? [a, b, c, d + priority].join('.');
    const own = embedded(this.hostIp).slice(6);
    this.hostCode = fields.hostCode ?? 0x3a7c_1000 + 0x97 * priority;
    const masked = cluster.masksSource ? `02:${hex(priority)}:${embedded(cluster.ip)}` : cluster.mac;
    this.mac = cluster.mode === 'unicast' ? masked : `00:d0:b7:1f:${own}`;
    const stack = { ttl: 128, ipIdStyle: 'swapped', firstIpId: 0x1700 * (priority + 1) } as const;
    this.virtual = new Host({ ...stack, mac: this.mac, ip: cluster.ip });
    this.dedicated = new Host({
      ...stack,
      mac: `00:08:c7:5b:${own}`,
      ip: this.hostIp,
      firstIpId: 0x2900 * (priority + 1),
    });
    this.#masked = new Host({
      ...stack,
      mac: cluster.mode === 'unicast' ? cluster.mac : this.mac,
      ip: this.hostIp,
      firstIpId: 0x0b00 * (priority + 1),
    });
    this.#packetsHandled = 10_000 * priority;
  }

  /** Sends as another virtual address of the cluster. */
  as(address: Ipv4): Host {
    if (address === this.cluster.ip) return this.virtual;
    const known = this.#aliases.get(address);
    if (known) return known;
    const { mac, priority } = this;
    const alias = new Host({
      mac,
      ip: address,
      ttl: 128,
      ipIdStyle: 'swapped',
      firstIpId: 0x1d00 * priority,
    });
    this.#aliases.set(address, alias);
    return alias;
  }

  /** Odd priorities have the one half of the buckets, even ones the other. */
  get share(): bigint {
    return this.priority % 2 === 1 ? EVEN_BUCKETS : ODD_BUCKETS;
  }

  beat(fields: Partial<HeartbeatFields> = {}): Uint8Array {
    const { cluster, priority, hostIp, hostCode } = this;
    this.#packetsHandled += 17;
    return ethernet({
      destination: cluster.heartbeatMac,
      source: this.mac,
      type: cluster.etherType,
      payload: heartbeat({
        priority,
        clusterIp: cluster.ip,
        hostIp,
        hostCode,
        packetsHandled: this.#packetsHandled,
        ruleCodes: cluster.ruleCodes,
        currentMap: this.share,
        ...fields,
      }),
    });
  }

  /** Of later Windows, beside the others. */
  extendedBeat(): Uint8Array {
    const { cluster, priority, hostIp } = this;
    return ethernet({
      destination: cluster.heartbeatMac,
      source: this.mac,
      type: cluster.etherType,
      payload: extendedHeartbeat({ priority, clusterIp: cluster.ip, hostIp, hostName: `WEB${priority}` }),
    });
  }

  /** The ARP body has the cluster's MAC, the frame the member's own (Q193602). */
  arpReply(to: Station, address: Ipv4 = this.cluster.ip): Uint8Array {
    return this.as(address).arpReply(to, { senderMac: this.cluster.mac });
  }

  /** The host's own address asks, through the cluster adapter. */
  maskedArp(target: Ipv4): Uint8Array {
    return this.#masked.arpRequest(target, { sourceMac: this.mac });
  }

  maskedName(name: string, transaction: number): Uint8Array {
    return this.#masked.nameQuery(name, transaction, '10.0.0.255', { sourceMac: this.mac });
  }

  /** Echo request of the host's own address, through the cluster adapter. */
  maskedPing(to: Station, sequence: number): Uint8Array {
    return this.#masked.ping(to, sequence, { sourceMac: this.mac });
  }
}
