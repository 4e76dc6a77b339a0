/**
 * The segment of a load-balancing cluster in time: heartbeats, a router at 10.0.0.1, and clients behind it that ask the
 * cluster address for pages. Seconds are counted from the start of the capture.
 *
 *     const lan = new ClusterLan();
 *     const [web1, web2] = lan.members(2);
 *     lan.beats(web1, 0.3, 99.3).beats(web2, 0.4, 99.4);
 *     lan.request(3, 1, web1)         client 1 is answered by web1
 *     lan.knock(61, 2)                client 2's SYN stays unanswered and is repeated 3 s later
 *     return lan.end(100);
 */
import { concat, filler } from './bytes.ts';
import type { Ipv4 } from './bytes.ts';
import { addChatter } from './chatter.ts';
import type { ChatterFields } from './chatter.ts';
import { Cluster } from './cluster.ts';
import type { ClusterFields, ClusterMember } from './cluster.ts';
import { BROADCAST_MAC, TCP_FLAG, TCP_OPTION, ieee8023, llc } from './frames.ts';
import type { HeartbeatFields } from './heartbeat.ts';
import { Host } from './hosts.ts';
import type { Station } from './hosts.ts';
import type { FrameFields, ScriptFields } from './script.ts';
import { Script } from './script.ts';
import { Connection } from './tcp.ts';

type MarkAt = string | ((at: number) => string | undefined);

export interface BeatFields extends Partial<HeartbeatFields> {
  readonly everySeconds?: number;
  readonly mark?: MarkAt;
}

export interface RequestFields {
  /** Another virtual address than the cluster's own. */
  readonly address?: Ipv4;
  readonly port?: number;
  readonly synMark?: string;
  readonly answerMark?: string;
  /** `none`: a tap that does not see the member's answers. */
  readonly answers?: 'all' | 'none';
  /** Seconds after the first SYN at which the client repeats it, before it is answered. */
  readonly repeats?: readonly number[];
  /** Further exchanges on the open connection, in seconds after the SYN. */
  readonly exchanges?: readonly number[];
}

export interface KnockFields {
  readonly address?: Ipv4;
  readonly port?: number;
  /** Seconds after the first SYN at which it is repeated. */
  readonly repeats?: readonly number[];
  readonly mark?: string;
  readonly repeatMark?: string;
  readonly cluster?: Cluster;
}

interface WebClient {
  readonly host: Host;
  port: number;
  /** Initial sequence number at the start of the capture. */
  readonly isn: number;
}

/** What was sent, and counted by its sender, but not seen by the tap. */
const HIDDEN = '(not seen)';

/** Clients' initial sequence numbers follow a clock (RFC 793). */
const ISN_PER_SECOND = 250_000;

function marked(mark: string | undefined): FrameFields {
  return mark === undefined ? {} : { mark };
}

export class ClusterLan {
  readonly script: Script;
  readonly cluster: Cluster;
  readonly router = new Host({ mac: '00:e0:1e:60:42:fe', ip: '10.0.0.1', ttl: 255, firstIpId: 0x7700 });
  readonly #clients = new Map<number, WebClient>();
  #serverIsn = 0x2c1f_7a03;
  #sequence = 0;

  constructor(fields: ClusterFields = {}, script: ScriptFields = {}) {
    this.cluster = new Cluster(fields);
    this.script = new Script(script);
  }

  /**
   * Members 1 to 3, of which the first `count` take part. The router asks for the cluster, and each member for the router:
   * through a dedicated adapter, or through the cluster's where the host has no other.
   */
  members(
    count: number,
    adapter: 'dedicated' | 'cluster' = 'dedicated',
  ): readonly [ClusterMember, ClusterMember, ClusterMember] {
    const [one, two, three] = [1, 2, 3].map((priority) => this.cluster.member(priority));
    if (!one || !two || !three) throw new RangeError('no members');
    this.resolve(0.5, one);
    for (const member of [one, two, three].slice(0, count)) {
      this.introduce(1 + member.priority / 10, member, adapter);
    }
    return [one, two, three];
  }

  /** The host asks for the router. */
  introduce(at: number, member: ClusterMember, adapter: 'dedicated' | 'cluster' = 'dedicated'): this {
    const own = adapter === 'dedicated';
    const { cluster, dedicated, hostIp } = member;
    this.script.at(at, () => (own ? dedicated.arpRequest(this.router.ip) : member.maskedArp(this.router.ip)));
    this.script.at(at + 0.0004, () =>
      this.router.arpReply(own ? dedicated : { mac: cluster.mac, ip: hostIp }),
    );
    return this;
  }

  /** The router asks for a virtual address, the cluster's own where none is given; the member answers. */
  resolve(at: number, member: ClusterMember, address: Ipv4 = member.cluster.ip): this {
    this.script.at(at, () => this.router.arpRequest(address));
    this.script.at(at + 0.0003, () => member.arpReply(this.router, address));
    return this;
  }

  /** Heartbeats from one time to another, both inclusive. */
  beats(member: ClusterMember, from: number, until: number, fields: BeatFields = {}): this {
    const { everySeconds = 1, mark, ...beat } = fields;
    const count = Math.floor((until - from) / everySeconds + 1e-6);
    for (let index = 0; index <= count; index += 1) {
      const at = from + index * everySeconds;
      const name = typeof mark === 'function' ? mark(at) : mark;
      this.script.at(at, () => member.beat(beat), marked(name));
    }
    return this;
  }

  beatsAt(
    member: ClusterMember,
    times: readonly number[],
    fields: Omit<BeatFields, 'everySeconds'> = {},
  ): this {
    for (const at of times) this.beats(member, at, at, fields);
    return this;
  }

  /** An address behind the router; even numbers are Linux, odd ones Windows. */
  client(number: number): WebClient {
    const known = this.#clients.get(number);
    if (known) return known;
    const host = new Host({
      mac: this.router.mac,
      ip: `198.51.100.${number}`,
      ttl: number % 2 === 0 ? 53 : 117,
      ipIdStyle: number % 2 === 0 ? 'network' : 'swapped',
      firstIpId: (0x0937 * number) & 0x7fff,
    });
    const client = { host, port: 1024 + 41 * number, isn: (0x0123_4567 * number) >>> 0 };
    this.#clients.set(number, client);
    return client;
  }

  #opens(at: number, number: number): { host: Host; clientPort: number; clientIsn: number } {
    const client = this.client(number);
    client.port += 1;
    const clientIsn = (client.isn + Math.round(at * ISN_PER_SECOND)) >>> 0;
    return { host: client.host, clientPort: client.port, clientIsn };
  }

  /** One page: the whole connection lasts 0.17 s, and as long as its exchanges. */
  request(at: number, number: number, member: ClusterMember, fields: RequestFields = {}): this {
    const { host, clientPort, clientIsn } = this.#opens(at, number);
    this.#serverIsn = (this.#serverIsn + 0x3d4e_5f61) >>> 0;
    const serverPort = fields.port ?? 80;
    const { mac } = member.cluster;
    const server = member.as(fields.address ?? member.cluster.ip);
    const isn = { clientIsn, serverIsn: this.#serverIsn };
    const macs = { clientVia: mac, serverVia: this.router.mac };
    const connection = new Connection(host, server, { clientPort, serverPort, ...isn, ...macs });
    const repeats = fields.repeats ?? [];
    for (const seconds of [0, ...repeats].slice(0, repeats.length)) {
      const mark = seconds === 0 ? fields.synMark : undefined;
      this.#syn(at + seconds, host, { ip: server.ip, mac }, { clientPort, serverPort, clientIsn }, mark);
    }
    const start = at + (repeats.at(-1) ?? 0);
    const ask = (after: number, make: () => Uint8Array, mark?: string): void => {
      this.script.at(start + after, make, marked(mark));
    };
    const answer = (after: number, make: () => Uint8Array, mark?: string): void => {
      this.script.at(start + after, make, marked(fields.answers === 'none' ? HIDDEN : mark));
    };
    ask(0, () => connection.syn(), repeats.length === 0 ? fields.synMark : undefined);
    answer(0.0006, () => connection.synAck(), fields.answerMark);
    ask(0.031, () => connection.ack('client'));
    ask(0.0312, () => connection.data('client', 310));
    answer(0.036, () => connection.data('server', 1400));
    answer(0.0362, () => connection.data('server', 620));
    ask(0.068, () => connection.ack('client'));
    let last = 0.1;
    for (const after of fields.exchanges ?? []) {
      ask(after, () => connection.data('client', 210));
      answer(after + 0.004, () => connection.data('server', 540));
      ask(after + 0.035, () => connection.ack('client'));
      last = after + 0.1;
    }
    answer(last, () => connection.fin('server'));
    ask(last + 0.032, () => connection.ack('client'));
    ask(last + 0.0322, () => connection.fin('client'));
    answer(last + 0.0328, () => connection.ack('server'));
    return this;
  }

  #syn(
    at: number,
    host: Host,
    to: Station,
    fields: { readonly clientPort: number; readonly serverPort: number; readonly clientIsn: number },
    mark: string | undefined,
  ): void {
    const segment = {
      sourcePort: fields.clientPort,
      destinationPort: fields.serverPort,
      sequence: fields.clientIsn,
      flags: TCP_FLAG.syn,
      window: 8192,
      options: TCP_OPTION.mss(1460),
    };
    this.script.at(at, () => host.tcp(to, segment), marked(mark));
  }

  /** A SYN to the cluster address that is never answered, and its repetitions. */
  knock(at: number, number: number, fields: KnockFields = {}): this {
    const { host, clientPort, clientIsn } = this.#opens(at, number);
    const { ip, mac } = fields.cluster ?? this.cluster;
    const to = { ip: fields.address ?? ip, mac };
    const tuple = { clientPort, serverPort: fields.port ?? 80, clientIsn };
    this.#syn(at, host, to, tuple, fields.mark);
    for (const seconds of fields.repeats ?? [3]) {
      this.#syn(at + seconds, host, to, tuple, fields.repeatMark);
    }
    return this;
  }

  /** ARP and name queries of the host's own address, in turn: from its dedicated adapter, or through the cluster's. */
  lives(
    member: ClusterMember,
    times: readonly number[],
    adapter: 'dedicated' | 'cluster',
    mark?: MarkAt,
  ): this {
    for (const [index, at] of times.entries()) {
      this.#sequence += 1;
      const transaction = 0x8000 + this.#sequence;
      const asks = index % 2 === 0;
      const name = typeof mark === 'function' ? mark(at) : mark;
      const frame = (): Uint8Array => {
        if (adapter === 'cluster') {
          return asks ? member.maskedArp(this.router.ip) : member.maskedName('PDC01', transaction);
        }
        return asks
          ? member.dedicated.arpRequest(this.router.ip)
          : member.dedicated.nameQuery('PDC01', transaction, '10.0.0.255');
      };
      this.script.at(at, frame, marked(name));
    }
    return this;
  }

  /** A spanning-tree message: an 802.3 frame with LLC, which no filter for IP and ARP lets through. */
  bridgeHello(at: number, mark?: string): this {
    const hello = concat(new Uint8Array(5), filler(30));
    this.script.at(
      at,
      ieee8023('01:80:c2:00:00:00', '00:e0:1e:60:42:01', llc(0x42, 0x42, 0x03, hello)),
      marked(mark),
    );
    return this;
  }

  /** Remote control of the cluster: UDP 2504, or 1717 where Convoy hosts are about (Q193601, Q150543). */
  control(at: number, port: 2504 | 1717, cluster: Cluster = this.cluster): this {
    const console = new Host({ mac: '00:b0:d0:4e:12:30', ip: '10.0.0.30', ttl: 128, firstIpId: 0x3300 });
    const to = cluster.mode === 'unicast' ? { ip: cluster.ip, mac: BROADCAST_MAC } : cluster.station;
    this.script.at(at, () => console.udp(to, 1055, port, filler(120)));
    return this;
  }

  /** Everything said, with the background up to the end. */
  end(seconds: number, chatter: Partial<ChatterFields> = {}): Script {
    addChatter(this.script, { untilSeconds: seconds, ...chatter });
    const all = this.script.timeline();
    const seen = all.filter((frame) => frame.mark !== HIDDEN);
    return seen.length === all.length ? this.script : Script.recorded(this.script.interfaces, seen);
  }
}
