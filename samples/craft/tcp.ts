/**
 * Both ends of a TCP connection, with their sequence numbers.
 *
 *     const connection = new Connection(client, server, { clientPort: 1060, serverPort: 80, clientIsn, serverIsn });
 *     connection.syn()  connection.synAck()  connection.ack('client')  connection.data('client', 300)
 *     connection.fin('server')  connection.rst('client')
 *
 * A lost or repeated segment is left out of, or put twice into, the script; nothing here retransmits by itself.
 */
import { concat, filler } from './bytes.ts';
import { TCP_FLAG, TCP_OPTION } from './frames.ts';
import type { Host, Station } from './hosts.ts';

export type Side = 'client' | 'server';

/** How a stack fills its SYN. */
export type Stack = 'nt' | 'linux';

export interface ConnectionFields {
  readonly clientPort: number;
  readonly serverPort: number;
  /** uint32. */
  readonly clientIsn: number;
  readonly serverIsn: number;
  readonly clientStack?: Stack;
  readonly serverStack?: Stack;
  /** MAC the client sends to, and the server, where a router stands between. */
  readonly clientVia?: string;
  readonly serverVia?: string;
}

/** NT sends the MSS alone; Linux MSS, SACK, timestamps and window scale. */
function synOptions(stack: Stack, clock: number, echo: number): Uint8Array {
  if (stack === 'nt') return TCP_OPTION.mss(1460);
  return concat(
    TCP_OPTION.mss(1460),
    TCP_OPTION.sackPermitted,
    TCP_OPTION.timestamps(clock, echo),
    TCP_OPTION.noOperation,
    TCP_OPTION.windowScale(7),
  );
}

const NOTHING = new Uint8Array(0);

export class Connection {
  readonly #hosts: Readonly<Record<Side, Host>>;
  /** As they were when the connection was made; a host may move on. */
  readonly #addresses: Readonly<Record<Side, string>>;
  readonly #to: Readonly<Record<Side, Station>>;
  readonly #ports: Readonly<Record<Side, number>>;
  readonly #stacks: Readonly<Record<Side, Stack>>;
  readonly #next: Record<Side, number>;
  readonly #clock: Record<Side, number> = { client: 1_000_000, server: 7_000_000 };

  constructor(client: Host, server: Host, fields: ConnectionFields) {
    this.#hosts = { client, server };
    this.#addresses = { client: client.ip, server: server.ip };
    this.#to = {
      client: { ip: server.ip, mac: fields.clientVia ?? server.mac },
      server: { ip: client.ip, mac: fields.serverVia ?? client.mac },
    };
    this.#ports = { client: fields.clientPort, server: fields.serverPort };
    this.#stacks = { client: fields.clientStack ?? 'nt', server: fields.serverStack ?? 'nt' };
    this.#next = { client: fields.clientIsn >>> 0, server: fields.serverIsn >>> 0 };
  }

  /** Next sequence number of a side (uint32). */
  next(side: Side): number {
    return this.#next[side];
  }

  syn(): Uint8Array {
    return this.#segment('client', TCP_FLAG.syn, NOTHING, true);
  }

  synAck(): Uint8Array {
    return this.#segment('server', TCP_FLAG.syn | TCP_FLAG.ack, NOTHING, true);
  }

  ack(side: Side): Uint8Array {
    return this.#segment(side, TCP_FLAG.ack, NOTHING, false);
  }

  /** A number stands for that many bytes of filler. */
  data(side: Side, payload: number | Uint8Array): Uint8Array {
    const bytes = typeof payload === 'number' ? filler(payload) : payload;
    return this.#segment(side, TCP_FLAG.psh | TCP_FLAG.ack, bytes, false);
  }

  fin(side: Side): Uint8Array {
    return this.#segment(side, TCP_FLAG.fin | TCP_FLAG.ack, NOTHING, false);
  }

  rst(side: Side): Uint8Array {
    return this.#segment(side, TCP_FLAG.rst | TCP_FLAG.ack, NOTHING, false);
  }

  #segment(side: Side, flags: number, payload: Uint8Array, opens: boolean): Uint8Array {
    const other: Side = side === 'client' ? 'server' : 'client';
    const acknowledges = (flags & TCP_FLAG.ack) !== 0;
    const stamped = this.#stacks.client === 'linux' && this.#stacks.server === 'linux';
    this.#clock[side] += 13;
    const echo = acknowledges ? this.#clock[other] : 0;
    // A server only accepts what the client offered; timestamps need both.
    const offers = stamped || (side === 'client' && this.#stacks.client === 'linux') ? 'linux' : 'nt';
    const options = opens
      ? synOptions(offers, this.#clock[side], echo)
      : stamped
        ? concat(
            TCP_OPTION.noOperation,
            TCP_OPTION.noOperation,
            TCP_OPTION.timestamps(this.#clock[side], echo),
          )
        : new Uint8Array(0);
    const frame = this.#hosts[side].tcp(
      this.#to[side],
      {
        sourcePort: this.#ports[side],
        destinationPort: this.#ports[other],
        sequence: this.#next[side],
        acknowledgment: acknowledges ? this.#next[other] : 0,
        flags,
        window: this.#stacks[side] === 'nt' ? 8192 : 64_240,
        options,
        payload,
      },
      { sourceIp: this.#addresses[side] },
    );
    const consumed = payload.length + ((flags & (TCP_FLAG.syn | TCP_FLAG.fin)) !== 0 ? 1 : 0);
    this.#next[side] = (this.#next[side] + consumed) >>> 0;
    return frame;
  }
}
