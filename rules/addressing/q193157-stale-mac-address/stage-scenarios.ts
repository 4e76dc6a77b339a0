/**
 * The segment on which the scenarios of this rule play: a Windows NT server X whose adapter changes its MAC from A to B
 * while TCP/IP goes on with A, a client with a file session, and others that ask and ping.
 *
 *     const stage = new Stage();
 *     stage.healthy();                      from A, 0.5 to 20 s
 *     stage.asksFromB([21, 24, 30, 41]);    Ethernet source B, sender MAC A inside; the gateway answers to A
 *     return stage.end(170);
 */
import {
  BROADCAST_MAC,
  Random,
  Script,
  TCP_FLAG,
  TCP_OPTION,
  concat,
  filler,
} from '../../../samples/craft/index.ts';
import type { Expectation, Host, Ipv4, Mac, Scenario } from '../../../samples/craft/index.ts';
import {
  EXPECT as SHARED_EXPECT,
  GATEWAY,
  Segment,
  X,
  ntAnnounce,
  ntHost,
  unixHost,
} from '../q120599-duplicate-ip-address/segment-scenarios.ts';

export const RULE = 'Q193157';

/** What a report must say. A silent capture is judged: the background's hosts are watched for more than a minute. */
export const EXPECT = SHARED_EXPECT;
export const SUGGESTIVE_AT_MOST: Expectation = { ...EXPECT.suggestive, atMost: true };
/** Nothing found in a capture too short to judge any address. */
export const NOT_JUDGED = { verdict: 'inconclusive', findings: 0, notices: 0 } as const;

/** The adapter's MAC before and after, two makers' (as a team or a redundancy driver takes over). */
export const MAC_A: Mac = '00:60:97:11:22:33';
export const MAC_B: Mac = '00:a0:c9:44:55:66';
/** DECnet phase IV gives an adapter AA-00-04-00 and the node's address: area 1, node 10. */
export const MAC_DECNET: Mac = 'aa:00:04:00:0a:04';

/** Captures end here unless a scenario says otherwise: every epoch behind a step lasts more than a minute. */
export const END_SECONDS = 170;

/** A scenario of this rule that must stay silent, unless `more` says otherwise. */
export function lookAlike(
  name: string,
  title: string,
  build: () => Script,
  more: Partial<Scenario> = {},
): Scenario {
  return { name, title, rule: RULE, expect: EXPECT.silent, build, ...more };
}

export interface StageFields {
  readonly macA?: Mac;
  readonly macB?: Mac;
  readonly address?: Ipv4;
  /** The stack of X where it is not Windows NT's. */
  readonly host?: Host;
}

export class Stage extends Segment {
  readonly x: Host;
  readonly macB: Mac;
  /** Asks for X and pings it. */
  readonly reader = ntHost('00:50:04:2c:77:11', '10.0.0.11', 0x6a00);
  readonly gateway = unixHost('00:04:9a:10:00:01', GATEWAY, 0x3c00);
  #sequence = 1000;

  constructor(fields: StageFields = {}) {
    super();
    this.x = fields.host ?? ntHost(fields.macA ?? MAC_A, fields.address ?? X, 0x1200);
    this.macB = fields.macB ?? MAC_B;
  }

  /** X asks for a station under the given source; the station answers to X's own MAC. X's frame has the mark. */
  asksFor(at: number, target: Host, sourceMac: Mac = this.x.mac, mark?: string): this {
    return this.send(at, () => this.x.arpRequest(target.ip, { sourceMac }), mark).send(at + 0.0003, () =>
      target.arpReply(this.x),
    );
  }

  /** X asks under B for the gateway at each time, with A inside; the answers go to A. */
  asksFromB(times: readonly number[], mark = 'staleSha'): this {
    for (const at of times) this.asksFor(at, this.gateway, this.macB, mark);
    return this;
  }

  /** X asks under B for an address that nobody has: nothing goes to A. */
  asksInVain(times: readonly number[], mark = 'staleSha'): this {
    return this.sendEach(times, () => this.x.arpRequest('10.0.0.44', { sourceMac: this.macB }), mark);
  }

  /** A station asks for X by broadcast; X answers under the given source, with the given MAC inside. */
  askedBy(
    at: number,
    station: Host,
    sourceMac: Mac = this.x.mac,
    mark?: string,
    senderMac: Mac = this.x.mac,
  ): this {
    return this.send(at, () => station.arpRequest(this.x.ip)).send(
      at + 0.0004,
      () => this.x.arpReply(station, { sourceMac, senderMac }),
      mark,
    );
  }

  /** Broadcasts of X that name no MAC: NetBIOS name queries. */
  broadcasts(times: readonly number[], sourceMac: Mac = this.x.mac, mark?: string): this {
    for (const [index, at] of times.entries()) {
      this.send(at, () => this.x.nameQuery('PDC01', 0x9000 + index, '10.0.0.255', { sourceMac }), mark);
    }
    return this;
  }

  /** A station pings X at the given MAC; X answers under the other one, if it does. */
  pinging(
    times: readonly number[],
    station: Host,
    to: Mac,
    answer: Mac | null,
    mark?: string,
    delay = 0.0008,
  ): this {
    for (const at of times) {
      this.#sequence += 1;
      const sequence = this.#sequence;
      this.send(at, () => station.ping({ mac: to, ip: this.x.ip }, sequence), mark);
      if (answer !== null) this.send(at + delay, () => this.x.pong(station, sequence, { sourceMac: answer }));
    }
    return this;
  }

  /** Other stations look for each other by broadcast ARP. */
  othersAsk(times: readonly number[]): this {
    for (const at of times) {
      this.send(at, () => this.reader.arpRequest(GATEWAY)).send(at + 0.0003, () =>
        this.gateway.arpReply(this.reader),
      );
    }
    return this;
  }

  /** 0.5 to 20 s from A: announcement, ARP both ways, nine pings, a file session. The session is given back. */
  healthy(offset = 0): FileSession {
    this.send(offset + 0.5, () => ntAnnounce(this.x));
    this.askedBy(offset + 1, this.peer).askedBy(offset + 1.5, this.reader);
    this.asksFor(offset + 2, this.gateway);
    this.pinging(every(offset + 3, offset + 11, 1), this.reader, this.x.mac, this.x.mac);
    const session = new FileSession(this, 1042).opens(offset + 12);
    for (const at of [12.1, 13.4, 15.2, 17.3, 19.5]) session.reads(offset + at);
    // The last ARP packet that A sends.
    this.askedBy(offset + 14.5, this.reader, this.x.mac, 'lastArpA');
    return session;
  }
}

export function every(from: number, until: number, step: number): number[] {
  const times: number[] = [];
  for (let index = 0; from + index * step <= until + 1e-9; index += 1) times.push(from + index * step);
  return times;
}

type Side = 'client' | 'server';

interface Sent {
  readonly at: number;
  readonly side: Side;
  readonly flags: number;
  readonly bytes: number;
  readonly mark?: string | undefined;
  /** Ethernet source of the server, destination of the client: A unless given. */
  readonly mac?: Mac | undefined;
}

/** The numbers of a segment, to send it again. */
export interface Segmented {
  readonly side: Side;
  readonly bytes: number;
  readonly sequence: number;
  readonly acknowledgment: number;
}

/** A connection of the segment's peer to X (NetBIOS session service), whose segments can be lost and sent again. */
export class FileSession {
  readonly #stage: Stage;
  readonly #client: Host;
  readonly #ports: Readonly<Record<Side, number>>;
  readonly #next: Record<Side, number>;

  constructor(stage: Stage, clientPort: number, client: Host = stage.peer, serverPort = 139) {
    const random = new Random(clientPort);
    this.#stage = stage;
    this.#client = client;
    this.#ports = { client: clientPort, server: serverPort };
    this.#next = { client: random.integer(1, 0x7fffffff), server: 0x00a1_0000 + clientPort * 977 };
  }

  /** Handshake. */
  opens(at: number, mac?: Mac): this {
    this.#send({ at, side: 'client', flags: TCP_FLAG.syn, bytes: 0, mac });
    this.#send({ at: at + 0.0004, side: 'server', flags: TCP_FLAG.syn | TCP_FLAG.ack, bytes: 0, mac });
    this.#send({ at: at + 0.0008, side: 'client', flags: TCP_FLAG.ack, bytes: 0, mac });
    return this;
  }

  /** A request, its answer, and the client's acknowledgment. `from` is the server's source, `to` what the client sends to. */
  reads(at: number, from?: Mac, to?: Mac): this {
    this.pushes(at, 'client', 90, undefined, to);
    this.pushes(at + 0.003, 'server', 600, undefined, from);
    return this.acknowledges(at + 0.15, 'client', to);
  }

  /** New data. What is given back can be sent again. */
  pushes(at: number, side: Side, bytes: number, mark?: string, mac?: Mac): Segmented {
    return this.#send({ at, side, flags: TCP_FLAG.psh | TCP_FLAG.ack, bytes, mark, mac });
  }

  acknowledges(at: number, side: Side, mac?: Mac, mark?: string): this {
    this.#send({ at, side, flags: TCP_FLAG.ack, bytes: 0, mac, mark });
    return this;
  }

  /** An acknowledgment of everything up to a segment, or of what came before it. */
  repeatsAcknowledgment(at: number, of: Segmented, side: Side, mac?: Mac): this {
    this.#add({ at, side, flags: TCP_FLAG.ack, bytes: 0, mac }, of.acknowledgment, of.sequence);
    return this;
  }

  /** The same segment again, under a new IP identification. */
  repeats(times: readonly number[], segment: Segmented, mark?: string, mac?: Mac): this {
    const { side, bytes, sequence, acknowledgment } = segment;
    for (const at of times) {
      this.#add({ at, side, bytes, flags: TCP_FLAG.psh | TCP_FLAG.ack, mark, mac }, sequence, acknowledgment);
    }
    return this;
  }

  resets(at: number, side: Side, mac?: Mac): this {
    this.#send({ at, side, flags: TCP_FLAG.rst | TCP_FLAG.ack, bytes: 0, mac });
    return this;
  }

  closes(at: number): this {
    const flags = TCP_FLAG.fin | TCP_FLAG.ack;
    this.#send({ at, side: 'client', flags, bytes: 0 });
    this.#send({ at: at + 0.0005, side: 'server', flags, bytes: 0 });
    this.#send({ at: at + 0.001, side: 'client', flags: TCP_FLAG.ack, bytes: 0 });
    return this;
  }

  #send(sent: Sent): Segmented {
    const other: Side = sent.side === 'client' ? 'server' : 'client';
    const sequence = this.#next[sent.side];
    const acknowledgment = (sent.flags & TCP_FLAG.ack) === 0 ? 0 : this.#next[other];
    this.#add(sent, sequence, acknowledgment);
    const takesOne = (sent.flags & (TCP_FLAG.syn | TCP_FLAG.fin)) !== 0;
    this.#next[sent.side] = (sequence + sent.bytes + (takesOne ? 1 : 0)) >>> 0;
    return { side: sent.side, bytes: sent.bytes, sequence, acknowledgment };
  }

  #add({ at, side, flags, bytes, mark, mac }: Sent, sequence: number, acknowledgment: number): void {
    const { x } = this.#stage;
    const client = this.#client;
    const opens = (flags & TCP_FLAG.syn) !== 0;
    const fields = {
      sourcePort: this.#ports[side],
      destinationPort: this.#ports[side === 'client' ? 'server' : 'client'],
      sequence,
      acknowledgment,
      flags,
      window: 8192,
      options: opens ? TCP_OPTION.mss(1460) : concat(),
      payload: filler(bytes),
    };
    this.#stage.send(
      at,
      () =>
        side === 'client'
          ? client.tcp({ mac: mac ?? x.mac, ip: x.ip }, fields)
          : x.tcp(client, fields, { sourceMac: mac ?? x.mac }),
      mark,
    );
  }
}

/** A script whose frames pass a test: what another recorder, port or filter would have seen. */
export function onlyFrames(script: Script, isSeen: (frame: Uint8Array, seconds: number) => boolean): Script {
  const frames = script.timeline().filter((frame) => isSeen(frame.bytes, frame.nanos / 1e9));
  return Script.recorded(script.interfaces, frames);
}

/** Destination (0) or source (6) of a frame. */
export function macAt(frame: Uint8Array, offset: number): Mac {
  return Array.from(frame.subarray(offset, offset + 6), (byte) => byte.toString(16).padStart(2, '0')).join(
    ':',
  );
}

export function isBroadcastArp(frame: Uint8Array): boolean {
  return macAt(frame, 0) === BROADCAST_MAC && frame[12] === 0x08 && frame[13] === 0x06;
}
