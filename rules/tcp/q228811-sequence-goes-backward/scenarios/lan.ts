/**
 * The segment on which the scenarios play: a client whose initial sequence numbers are judged, the server it talks to,
 * other clients of that server, and background traffic. Frames are made in time order, so that IP-ID counters and
 * timestamps run as on a real wire, whatever the order of the calls.
 *
 *     const lan = new Lan();
 *     lan.connection(1, { client: NT, server: lan.server, … });
 *     lan.fresh(59.5);
 *     return lan.end(100);
 */
import {
  Host,
  Random,
  Script,
  TCP_FLAG,
  TCP_OPTION,
  addChatter,
  concat,
  filler,
} from '../../../../samples/craft/index.ts';
import type { Ipv4, Mac, Side } from '../../../../samples/craft/index.ts';
import type { ScriptFields } from '../../../../samples/craft/index.ts';

/** How a stack fills its SYN, and whether it stamps its segments (RFC 7323). */
export interface Stack {
  readonly window: number;
  readonly stamps: boolean;
  /** Beyond the MSS; a server answers no more than it was offered. */
  readonly offers: 'nothing' | 'sack' | 'all';
  options(clock: number, echo: number): Uint8Array;
}

const { mss, noOperation, sackPermitted, timestamps, windowScale } = TCP_OPTION;

/** Windows NT 4.0: the MSS alone. */
export const NT_STACK: Stack = {
  window: 8192,
  stamps: false,
  offers: 'nothing',
  options: () => mss(1460),
};
/** NT's successor, which began with selective acknowledgments. */
export const WINDOWS_2000_STACK: Stack = {
  window: 16_384,
  stamps: false,
  offers: 'sack',
  options: () => concat(mss(1460), noOperation, noOperation, sackPermitted),
};
export const LINUX_STACK: Stack = {
  window: 64_240,
  stamps: true,
  offers: 'all',
  options: (clock, echo) =>
    concat(mss(1460), sackPermitted, timestamps(clock, echo), noOperation, windowScale(7)),
};
/** Linux with net.ipv4.tcp_timestamps = 0. */
export const UNSTAMPED_STACK: Stack = {
  window: 64_240,
  stamps: false,
  offers: 'all',
  options: () => concat(mss(1460), noOperation, noOperation, sackPermitted, noOperation, windowScale(7)),
};
export const WINDOWS_10_STACK: Stack = {
  window: 64_240,
  stamps: false,
  offers: 'all',
  options: () => concat(mss(1460), noOperation, windowScale(8), noOperation, noOperation, sackPermitted),
};

/** A host and its TCP. */
export interface End {
  readonly host: Host;
  readonly stack: Stack;
  /** Timestamp at the start of the capture, in milliseconds; every connection of a modern Linux has its own. */
  readonly stampBase?: number;
  /** The same in every frame, where the stack fills in one. */
  readonly ipId?: number;
}

/** A host of NT 4.0. */
export function ntEnd(ip: Ipv4 = '10.0.0.5', mac: Mac = '00:60:97:11:22:33', firstIpId = 0x1200): End {
  return { host: new Host({ mac, ip, ttl: 128, ipIdStyle: 'swapped', firstIpId }), stack: NT_STACK };
}

/** NT's SYN from a host of another initial TTL, or one some hops away. */
export function ntLikeEnd(ttl: number, stack: Stack = NT_STACK, firstIpId = 0x1200): End {
  return {
    host: new Host({ mac: '00:60:97:11:22:33', ip: '10.0.0.5', ttl, ipIdStyle: 'swapped', firstIpId }),
    stack,
  };
}

export function linuxEnd(ip: Ipv4, mac: Mac, firstIpId = 0x4100, stack: Stack = LINUX_STACK): End {
  return { host: new Host({ mac, ip, ttl: 64, firstIpId }), stack, stampBase: 3_000_000 };
}

export interface FlowFields {
  readonly client: End;
  readonly server: End;
  readonly clientPort: number;
  readonly serverPort: number;
  /** uint32. */
  readonly clientIsn: number;
  readonly serverIsn: number;
}

interface Segment {
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgment?: number;
  readonly options?: Uint8Array;
  readonly bytes?: number;
  readonly window?: number;
}

const other = (side: Side): Side => (side === 'client' ? 'server' : 'client');

/** One incarnation of a connection. Sequence numbers advance as frames are made; a SYN may be made again. */
export class Flow {
  readonly fields: FlowFields;
  readonly #next: Record<Side, number>;

  constructor(fields: FlowFields) {
    this.fields = fields;
    this.#next = { client: (fields.clientIsn + 1) >>> 0, server: (fields.serverIsn + 1) >>> 0 };
  }

  syn(at: number): Uint8Array {
    const { client, clientIsn } = this.fields;
    const options = client.stack.options(this.#clock(at, 'client'), 0);
    return this.segment(at, 'client', { flags: TCP_FLAG.syn, sequence: clientIsn, options });
  }

  synAck(at: number, acknowledgment = this.fields.clientIsn + 1): Uint8Array {
    const { serverIsn } = this.fields;
    const options = this.#answerOptions(at);
    const flags = TCP_FLAG.syn | TCP_FLAG.ack;
    return this.segment(at, 'server', { flags, sequence: serverIsn, acknowledgment, options });
  }

  /** A server answers only what it was offered. */
  #answerOptions(at: number): Uint8Array {
    const { client, server } = this.fields;
    const offers = new Set([client.stack.offers, server.stack.offers]);
    if (offers.has('nothing')) return NT_STACK.options(0, 0);
    if (offers.has('sack')) return WINDOWS_2000_STACK.options(0, 0);
    const stack = this.#stamped ? server.stack : UNSTAMPED_STACK;
    return stack.options(this.#clock(at, 'server'), this.#clock(at, 'client'));
  }

  ack(at: number, side: Side): Uint8Array {
    return this.#advance(at, side, TCP_FLAG.ack, 0);
  }

  data(at: number, side: Side, bytes: number): Uint8Array {
    return this.#advance(at, side, TCP_FLAG.psh | TCP_FLAG.ack, bytes);
  }

  fin(at: number, side: Side): Uint8Array {
    return this.#advance(at, side, TCP_FLAG.fin | TCP_FLAG.ack, 0);
  }

  /** A FIN that crosses the other side's, and so does not acknowledge it. */
  crossingFin(at: number, side: Side): Uint8Array {
    const acknowledgment = this.#next[other(side)] - 1;
    const frame = this.segment(at, side, {
      flags: TCP_FLAG.fin | TCP_FLAG.ack,
      sequence: this.#next[side],
      acknowledgment,
    });
    this.#next[side] = (this.#next[side] + 1) >>> 0;
    return frame;
  }

  /** RFC 9293 3.10.7.3: what a host that asked for a connection answers to an acknowledgment it cannot use. */
  rst(at: number, side: Side, sequence = this.#next[side]): Uint8Array {
    return this.segment(at, side, { flags: TCP_FLAG.rst, sequence, window: 0 });
  }

  /** RFC 9293 3.10.7.1: the SYN is refused. */
  refusal(at: number): Uint8Array {
    const flags = TCP_FLAG.rst | TCP_FLAG.ack;
    const acknowledgment = this.fields.clientIsn + 1;
    return this.segment(at, 'server', { flags, sequence: 0, acknowledgment, window: 0 });
  }

  segment(at: number, side: Side, segment: Segment): Uint8Array {
    const { client, server, clientPort, serverPort } = this.fields;
    const [from, to] = side === 'client' ? [client, server] : [server, client];
    const isReset = (segment.flags & TCP_FLAG.rst) !== 0;
    const stamp =
      this.#stamped && !isReset
        ? concat(
            noOperation,
            noOperation,
            timestamps(this.#clock(at, side), this.#clock(at - 0.001, other(side))),
          )
        : new Uint8Array(0);
    const overrides = from.ipId === undefined ? {} : { ipId: from.ipId };
    const fields = {
      sourcePort: side === 'client' ? clientPort : serverPort,
      destinationPort: side === 'client' ? serverPort : clientPort,
      sequence: segment.sequence >>> 0,
      acknowledgment: (segment.acknowledgment ?? 0) >>> 0,
      flags: segment.flags,
      window: segment.window ?? from.stack.window,
      options: segment.options ?? stamp,
      payload: filler(segment.bytes ?? 0),
    };
    return from.host.tcp(to.host, fields, overrides);
  }

  get #stamped(): boolean {
    return this.fields.client.stack.stamps && this.fields.server.stack.stamps;
  }

  #clock(at: number, side: Side): number {
    return (this.fields[side].stampBase ?? 1_000_000) + Math.floor(at * 1000);
  }

  #advance(at: number, side: Side, flags: number, bytes: number): Uint8Array {
    const sequence = this.#next[side];
    const acknowledgment = this.#next[other(side)];
    const consumed = bytes + ((flags & TCP_FLAG.fin) === 0 ? 0 : 1);
    this.#next[side] = (sequence + consumed) >>> 0;
    return this.segment(at, side, { flags, sequence, acknowledgment, bytes });
  }
}

/** Who sends the first FIN; `both` cross, `reset` is the client's RST, `refused` and `lost` never were connections. */
export type Ending = Side | 'both' | 'reset' | 'never' | 'refused' | 'lost';

export interface ConnectionFields extends Omit<FlowFields, 'serverIsn'> {
  /** Random where absent. */
  readonly serverIsn?: number;
  readonly sends?: number;
  readonly receives?: number;
  readonly ending?: Ending;
  /** From the SYN to the first FIN. */
  readonly holdSeconds?: number;
  readonly roundTripSeconds?: number;
  /** Segments that the client sends one after the other, a millisecond apart. */
  readonly requests?: number;
  readonly marks?: Partial<Record<'syn' | 'synAck' | 'firstFin' | 'secondFin' | 'lastAck', string>>;
}

/** A healthy NT host with the sequence numbers of SP5 and later (random positive steps), and its server. */
const WITNESS_STEPS = [41_207, 9_811, 118_402, 660, 73_109, 25_550, 97_003, 3_125, 52_818];

export class Lan {
  readonly script: Script;
  readonly random: Random;
  /** The server whose clients are judged. */
  readonly server: End = linuxEnd('10.0.0.10', '00:50:04:2c:77:10', 0x2100);
  readonly #others = [
    linuxEnd('10.0.0.21', '00:25:90:0a:00:21', 0x6100),
    linuxEnd('10.0.0.22', '00:25:90:0a:00:22', 0xa300),
  ] as const;
  #fresh = 0;

  constructor(seed = 5, fields: ScriptFields = {}) {
    this.script = new Script(fields);
    this.random = new Random(seed);
  }

  send(at: number, build: (at: number) => Uint8Array, mark?: string): this {
    this.script.at(at, () => build(at), mark === undefined ? {} : { mark });
    return this;
  }

  /** Both hosts learn each other's MAC. */
  arp(at: number, asks: End, answers: End): this {
    this.send(at, () => asks.host.arpRequest(answers.host.ip));
    return this.send(at + 0.0003, () => answers.host.arpReply(asks.host));
  }

  isn(): number {
    return this.random.integer(0, 0xffffffff);
  }

  /**
   * A whole connection: SYN at `at`, SYN/ACK `roundTripSeconds` (0.6 ms) later, one request and one answer, the first FIN after
   * `holdSeconds`, and the last ACK 2.4 ms after that.
   */
  connection(at: number, fields: ConnectionFields): Flow {
    const { sends = 200, receives = 500, ending = 'client', holdSeconds = 0.2, marks = {} } = fields;
    const { roundTripSeconds = 0.0006, requests = 1 } = fields;
    const answered = at + roundTripSeconds;
    const flow = new Flow({ ...fields, serverIsn: fields.serverIsn ?? this.isn() });
    this.send(at, (time) => flow.syn(time), marks.syn);
    if (ending === 'lost') return flow;
    if (ending === 'refused') {
      this.send(answered, (time) => flow.refusal(time));
      return flow;
    }
    this.send(answered, (time) => flow.synAck(time), marks.synAck);
    this.send(answered + 0.0003, (time) => flow.ack(time, 'client'));
    for (let request = 0; request < requests; request += 1) {
      this.send(answered + 0.0024 + request / 1000, (time) => flow.data(time, 'client', sends));
    }
    this.send(answered + roundTripSeconds + 0.02, (time) => flow.data(time, 'server', receives));
    this.send(answered + roundTripSeconds + 0.021, (time) => flow.ack(time, 'client'));
    this.#close(at + holdSeconds, flow, ending, marks);
    return flow;
  }

  #close(at: number, flow: Flow, ending: Ending, marks: NonNullable<ConnectionFields['marks']>): void {
    if (ending === 'never') return;
    if (ending === 'reset') {
      this.send(at, (time) => flow.rst(time, 'client'), 'reset');
      return;
    }
    if (ending === 'both') {
      this.send(at, (time) => flow.fin(time, 'client'), marks.firstFin);
      this.send(at + 0.0001, (time) => flow.crossingFin(time, 'server'), marks.secondFin);
      this.send(at + 0.0004, (time) => flow.ack(time, 'client'));
      this.send(at + 0.0024, (time) => flow.ack(time, 'server'), marks.lastAck);
      return;
    }
    if (ending !== 'client' && ending !== 'server') return;
    const second = other(ending);
    this.send(at, (time) => flow.fin(time, ending), marks.firstFin);
    this.send(at + 0.0004, (time) => flow.ack(time, second));
    this.send(at + 0.002, (time) => flow.fin(time, second), marks.secondFin);
    this.send(at + 0.0024, (time) => flow.ack(time, ending), marks.lastAck);
  }

  /** Another client opens a connection that never was before; the server's SYN/ACK comes at `at`. */
  fresh(at: number, serverPort: number, ending: Ending = 'client', mark = 'fresh'): this {
    const client = this.#others[this.#fresh % 2] ?? this.#others[0];
    this.#fresh += 1;
    const clientPort = 40_000 + this.#fresh * 7;
    const fields = { client, server: this.server, clientPort, serverPort, clientIsn: this.isn(), ending };
    this.connection(at - 0.0006, { ...fields, marks: { synAck: mark } });
    return this;
  }

  /** Ten connections between two healthy hosts of their own, from 2 to 40 s: an address that is judged in any case. */
  witness(): this {
    const client = ntEnd('10.0.0.31', '00:60:08:5e:31:31', 0x3300);
    const server = linuxEnd('10.0.0.30', '00:25:90:0a:00:30', 0x5500);
    let clientIsn = 0x5a00_1234;
    for (let index = 0; index < 10; index += 1) {
      clientIsn += WITNESS_STEPS[index - 1] ?? 0;
      const at = 2.13 + index * 4 + this.random.between(0, 1.2);
      this.connection(at, { client, server, clientPort: 1100 + index, serverPort: 80, clientIsn });
    }
    return this;
  }

  /** Everything, with the background up to the end. */
  end(seconds: number): Script {
    return addChatter(this.script, { untilSeconds: seconds });
  }
}
