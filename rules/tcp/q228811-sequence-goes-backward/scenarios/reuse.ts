/**
 * A 4-tuple that comes back: the client opens some connections, one of them is closed, and later a new SYN comes on the
 * same tuple. P1 of the catalogue is the default; everything about it can be changed.
 *
 *     reuse().tries('oldAck').fresh(59.5, 75).end(100)
 *
 * `R` is the responder's RCV.NXT, `isn2` the new initial sequence number, `back` = R − 1 − isn2 (rules 1.4).
 */
import { TCP_FLAG } from '../../../../samples/craft/index.ts';
import type { Script } from '../../../../samples/craft/index.ts';
import { Flow, Lan, ntEnd } from './lan.ts';
import type { End, Ending } from './lan.ts';

export interface ReuseFields {
  readonly client?: End;
  /** Who sends the new SYN, where it is not the client of old. */
  readonly renewed?: End;
  readonly serverPort?: number;
  /** Steps of the client's other connections, each 900 to 60000 where not told; P1 has four. */
  readonly steps?: readonly number[];
  /** ISN of the old incarnation (uint32). */
  readonly isn1?: number;
  readonly back?: number;
  readonly ending?: Ending;
  /** When the new SYN comes. The old incarnation's last ACK comes at 20.5024. */
  readonly reuseAt?: number;
  /** When the old incarnation opens; its first FIN always comes at 20.5. */
  readonly openAt?: number;
  /** Share of the packets that the recorder says it dropped; for pcapng. */
  readonly drops?: number;
}

/** Of the old incarnation: the client sends 700 bytes, the server 300. */
const SENT = 700;
const RECEIVED = 300;
export const LAST_ACK = 20.5024;
const CLIENT_PORT = 1479;
export const STEPS: readonly number[] = [23_750, 900, 60_000, 12_480];
const TIMES: readonly number[] = [1, 4, 9, 15];
/** NT: 3 s, doubled, three retries (Q200770). */
const SYN_TIMES: readonly number[] = [0, 3, 9, 21];

export interface TryFields {
  /** Of the SYNs, seconds after the first. */
  readonly syns?: readonly number[];
  /** SYNs answered; the others stay silent. All where absent. */
  readonly answered?: number;
  readonly clientResets?: boolean;
}

export class Reuse {
  readonly lan: Lan;
  readonly at: number;
  readonly old: Flow;
  readonly renewed: Flow;
  readonly R: number;
  readonly serverNext: number;
  readonly serverPort: number;

  constructor(fields: ReuseFields = {}) {
    const { client = ntEnd(), serverPort = 1478, steps = STEPS, isn1 = 0x2c41_7a10 } = fields;
    const { ending = 'server', openAt = 20, back = 18_230, reuseAt = 58 } = fields;
    this.lan = new Lan(
      5,
      fields.drops === undefined ? {} : { interfaces: [{ drops: { fraction: fields.drops } }] },
    );
    this.at = reuseAt;
    this.serverPort = serverPort;
    const { server } = this.lan;
    this.lan.arp(0.2, client, server).arp(0.4, server, client);
    const tuple = { client, server, clientPort: CLIENT_PORT, serverPort };
    let clientIsn = isn1 - steps.reduce((sum, step) => sum + step, 0);
    for (const [index, step] of steps.entries()) {
      const at = TIMES[index + TIMES.length - steps.length] ?? 1;
      this.lan.connection(at, { ...tuple, clientPort: 1060 + index, clientIsn: clientIsn >>> 0 });
      clientIsn += step;
    }
    const marks = { syn: 'oldSyn', firstFin: 'firstFin', secondFin: 'secondFin', lastAck: 'lastAck' };
    this.old = this.lan.connection(openAt, {
      ...tuple,
      clientIsn: isn1,
      sends: SENT,
      receives: RECEIVED,
      ending,
      holdSeconds: 20.5 - openAt,
      marks,
    });
    const finBytes = ending === 'server' || ending === 'client' || ending === 'both' ? 1 : 0;
    this.R = (isn1 + 1 + SENT + finBytes) >>> 0;
    this.serverNext = (this.old.fields.serverIsn + 1 + RECEIVED + finBytes) >>> 0;
    this.renewed = new Flow({
      ...tuple,
      client: fields.renewed ?? client,
      clientIsn: (this.R - 1 - back) >>> 0,
      serverIsn: this.lan.isn(),
    });
  }

  syn(seconds: number, mark = seconds === 0 ? 'newSyn' : 'retransmit'): this {
    this.lan.send(this.at + seconds, (at) => this.renewed.syn(at), mark);
    return this;
  }

  /** A bare ACK of the server with the sequence numbers of old. */
  oldAck(seconds: number, mark = 'oldAck', acknowledgment = this.R): this {
    const segment = { flags: TCP_FLAG.ack, sequence: this.serverNext, acknowledgment };
    this.lan.send(this.at + seconds, (at) => this.renewed.segment(at, 'server', segment), mark);
    return this;
  }

  clientRst(seconds: number, sequence = this.R): this {
    this.lan.send(this.at + seconds, (at) => this.renewed.rst(at, 'client', sequence), 'clientRst');
    return this;
  }

  refusal(seconds: number): this {
    this.lan.send(this.at + seconds, (at) => this.renewed.refusal(at), 'refusal');
    return this;
  }

  /** SYN/ACK and ACK at the same time, so that it does not matter which completes the handshake, and the rest. */
  accepted(seconds: number): this {
    const at = this.at + seconds;
    const flow = this.renewed;
    this.lan.send(at, (time) => flow.synAck(time), 'accepted').send(at, (time) => flow.ack(time, 'client'));
    this.lan.send(at + 0.003, (time) => flow.data(time, 'client', 150));
    this.lan.send(at + 0.02, (time) => flow.data(time, 'server', 400));
    this.lan.send(at + 0.4, (time) => flow.fin(time, 'server'));
    this.lan.send(at + 0.402, (time) => flow.fin(time, 'client'));
    this.lan.send(at + 0.4024, (time) => flow.ack(time, 'server'));
    return this;
  }

  /** The new SYN and its retransmissions, each answered in one way 0.5 ms later. */
  tries(answer: 'oldAck' | 'silent' | 'refusal', fields: TryFields = {}): this {
    const { syns = SYN_TIMES, answered = syns.length, clientResets = true } = fields;
    for (const [index, seconds] of syns.entries()) {
      this.syn(seconds);
      if (index >= answered || answer === 'silent') continue;
      if (answer === 'refusal') this.refusal(seconds + 0.0005);
      else {
        this.oldAck(seconds + 0.0005);
        if (clientResets) this.clientRst(seconds + 0.0008);
      }
    }
    return this;
  }

  /** Other clients' SYNs to the same port are answered at these times. */
  fresh(...times: readonly number[]): this {
    for (const at of times) this.lan.fresh(at, this.serverPort);
    return this;
  }

  witness(): this {
    this.lan.witness();
    return this;
  }

  end(seconds: number): Script {
    return this.lan.end(seconds);
  }
}

export function reuse(fields: ReuseFields = {}): Reuse {
  return new Reuse(fields);
}
