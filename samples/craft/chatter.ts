/**
 * Background traffic of hosts that take no part in a scenario: 0.5 to 1 frames a second of DNS pairs, ARP with replies,
 * NBNS broadcasts, pings, an IPX frame a minute and small TCP conversations with modern initial sequence numbers. It
 * keeps a capture alive in the sense of rules 0.2: no silence of more than about three seconds.
 *
 *     addChatter(script, { untilSeconds: 210 });
 *     addChatter(script, { fromSeconds: 95, untilSeconds: 210, seed: 2, without: [[60, 100]] });
 */
import { ascii, concat, ipv4Bytes, macBytes, u16, u32, u8 } from './bytes.ts';
import { BROADCAST_MAC, ieee8023 } from './frames.ts';
import { Host } from './hosts.ts';
import { Random } from './random.ts';
import type { FrameFields, Script } from './script.ts';
import { Connection } from './tcp.ts';

export interface ChatterFields extends Pick<FrameFields, 'interface' | 'vlan'> {
  readonly fromSeconds?: number;
  readonly untilSeconds: number;
  readonly seed?: number;
  /** First three octets of the hosts' addresses; they are .201 to .206. */
  readonly subnet?: string;
  /** Stretches in which nothing is captured, [from, to) in seconds. */
  readonly without?: ReadonlyArray<readonly [number, number]>;
}

/** The hosts of the background: a name server, a file server, and four that ask. */
export function chatterHosts(subnet: string, random: Random): Host[] {
  const host = (last: number, mac: string, ttl: number): Host =>
    new Host({
      mac,
      ip: `${subnet}.${last}`,
      ttl,
      ipIdStyle: ttl === 128 ? 'swapped' : 'network',
      firstIpId: random.integer(1, 0xfffe),
    });
  return [
    host(201, '00:b0:d0:4e:11:01', 64),
    host(202, '00:b0:d0:4e:11:02', 64),
    host(203, '00:10:4b:7a:20:03', 64),
    host(204, '00:10:4b:7a:20:04', 64),
    host(205, '00:60:08:c3:35:05', 128),
    host(206, '00:60:08:c3:35:06', 128),
  ];
}

type Timed = readonly [seconds: number, frame: Uint8Array];

class Background {
  readonly #random: Random;
  readonly #subnet: string;
  readonly #hosts: Host[];
  #sequence = 0;
  #port = 32_800;

  constructor(subnet: string, random: Random) {
    this.#random = random;
    this.#subnet = subnet;
    this.#hosts = chatterHosts(subnet, random);
  }

  #host(index: number): Host {
    const host = this.#hosts[index];
    if (!host) throw new RangeError(`no chatter host ${index}`);
    return host;
  }

  #anyClient(): Host {
    return this.#host(this.#random.integer(2, 5));
  }

  dns(at: number): Timed[] {
    const client = this.#anyClient();
    const server = this.#host(0);
    const id = this.#random.integer(1, 0xffff);
    const port = this.#random.integer(1100, 4900);
    const label = this.#random.pick(['www', 'mail', 'ftp', 'news', 'proxy', 'intranet']);
    const name = concat(u8(label.length), ascii(label), u8(7), ascii('example'), u8(0));
    const question = concat(name, u16(1), u16(1));
    // One answer: a pointer to the name, type A, class IN, an hour to live.
    const answer = concat(u16(0xc00c), u16(1), u16(1), u32(3600), u16(4), ipv4Bytes('192.0.2.80'));
    return [
      [at, client.udp(server, port, 53, concat(u16(id), u16(0x0100), u16(1), u16(0), u32(0), question))],
      [
        at + 0.004,
        server.udp(client, 53, port, concat(u16(id), u16(0x8180), u16(1), u16(1), u32(0), question, answer)),
      ],
    ];
  }

  arp(at: number): Timed[] {
    const client = this.#anyClient();
    const server = this.#host(this.#random.integer(0, 1));
    return [
      [at, client.arpRequest(server.ip)],
      [at + 0.0004, server.arpReply(client)],
    ];
  }

  nameQuery(at: number): Timed[] {
    const client = this.#host(this.#random.integer(4, 5));
    const name = this.#random.pick(['FILESRV', 'PRINT2', 'WORKGROUP', 'PDC01']);
    return [[at, client.nameQuery(name, this.#random.integer(0x8000, 0xffff), `${this.#subnet}.255`)]];
  }

  ping(at: number): Timed[] {
    const client = this.#anyClient();
    const server = this.#host(1);
    this.#sequence += 1;
    return [
      [at, client.ping(server, this.#sequence)],
      [at + 0.0007, server.pong(client, this.#sequence)],
    ];
  }

  /** Raw 802.3 IPX: a service advertisement query to the nearest server. */
  ipx(at: number): Timed[] {
    const client = this.#host(4);
    const packet = concat(
      u16(0xffff),
      u16(34),
      u8(0),
      u8(17),
      u32(0),
      Uint8Array.of(255, 255, 255, 255, 255, 255),
      u16(0x0452),
      u32(0),
      macBytes(client.mac),
      u16(0x4003),
      u16(3),
      u16(4),
    );
    return [[at, ieee8023(BROADCAST_MAC, client.mac, packet)]];
  }

  conversation(at: number): Timed[] {
    const client = this.#host(this.#random.integer(2, 3));
    const server = this.#host(1);
    this.#port += 1;
    const connection = new Connection(client, server, {
      clientPort: this.#port,
      serverPort: 80,
      clientIsn: this.#random.integer(0, 0xffffffff),
      serverIsn: this.#random.integer(0, 0xffffffff),
      clientStack: 'linux',
      serverStack: 'linux',
    });
    return [
      [at, connection.syn()],
      [at + 0.0006, connection.synAck()],
      [at + 0.0011, connection.ack('client')],
      [at + 0.0014, connection.data('client', 180)],
      [at + 0.021, connection.data('server', 900)],
      [at + 0.022, connection.ack('client')],
      [at + 0.06, connection.fin('client')],
      [at + 0.0607, connection.fin('server')],
      [at + 0.0612, connection.ack('client')],
    ];
  }
}

/** Adds the background between two times. The same arguments always give the same frames. */
export function addChatter(script: Script, fields: ChatterFields): Script {
  const random = new Random(fields.seed ?? 1);
  const background = new Background(fields.subnet ?? '10.0.0', random);
  const options: FrameFields = {
    ...(fields.interface === undefined ? {} : { interface: fields.interface }),
    ...(fields.vlan === undefined ? {} : { vlan: fields.vlan }),
  };
  let nextConversation = random.between(4, 20);
  let nextIpx = random.between(10, 40);
  for (let at = random.between(0.05, 0.9); at < fields.untilSeconds; at += random.between(1.7, 3)) {
    const frames: Timed[] = [];
    if (at >= nextConversation) {
      frames.push(...background.conversation(at));
      nextConversation = at + random.between(60, 90);
    } else if (at >= nextIpx) {
      frames.push(...background.ipx(at));
      nextIpx = at + random.between(50, 65);
    } else {
      const draw = random.next();
      if (draw < 0.35) frames.push(...background.dns(at));
      else if (draw < 0.6) frames.push(...background.arp(at));
      else if (draw < 0.8) frames.push(...background.nameQuery(at));
      else frames.push(...background.ping(at));
    }
    for (const [seconds, frame] of frames) {
      const hidden = (fields.without ?? []).some(([from, to]) => seconds >= from && seconds < to);
      if (seconds >= (fields.fromSeconds ?? 0) && seconds <= fields.untilSeconds && !hidden) {
        script.at(seconds, frame, options);
      }
    }
  }
  return script;
}
