/**
 * A remote-access server, its callers and the addresses it gives them: .10 is the server's own, .11 and up the callers'.
 * Calls are told in the order of time; a modem line is free again once its call has ended.
 *
 *     const ras = new Ras();
 *     ras.calls(1, 'u1', '.11').hangsUp(30, 'u1').isRefused(45, 'u4', 'ipcpTerminate');
 *     return ras.end(130);
 *
 * `calls` is told when the call starts; `gets` when the address is acknowledged, `isRefused` when it is refused, `hangsUp`
 * when the hang-up is acknowledged.
 */
import { Script, addChatter } from '../../../../samples/craft/index.ts';
import { Call, SETUP_SECONDS } from './call.ts';
import type { Authentication, CallFields, Refusal } from './call.ts';
import { interfacesOf, transportOf } from './links.ts';
import type { Drop, Transport, TransportKind } from './links.ts';

export interface RasFields {
  readonly transport?: TransportKind;
  readonly authentication?: Authentication;
  readonly modems?: number;
  /** The capture of a modem server has its LAN, too. */
  readonly withLan?: boolean;
  /** Seconds between two pings of a caller. */
  readonly talkSeconds?: number;
  /** The server sends LCP echoes with every ping. */
  readonly echoes?: boolean;
}

export interface CallsFields extends Partial<Omit<CallFields, 'user' | 'number'>> {
  readonly mark?: string;
  readonly line?: number;
  /** The caller brings its address. */
  readonly ownAddress?: boolean;
  /** No word of IPCP: a further link of a bundle. */
  readonly joins?: boolean;
  /** Where one user has several calls at a time. */
  readonly as?: string;
}

/** How a call ends. */
export type Ending =
  | { readonly how: 'terminate'; readonly by?: 'caller' | 'server'; readonly code?: number }
  | { readonly how: 'ipcp' }
  /** A Terminate-Request that nobody answers. */
  | { readonly how: 'request' }
  | { readonly how: 'drop'; readonly sign: Drop }
  /** Nothing at all. */
  | { readonly how: 'vanish' };

interface Up {
  readonly call: Call;
  readonly address: string | null;
  readonly since: number;
  readonly line: number;
}

/** `.11` is 10.0.0.11. */
export function full(address: string): string {
  return address.startsWith('.') ? `10.0.0${address}` : address;
}

export class Ras {
  readonly script: Script;
  readonly #transport: Transport;
  readonly #fields: Required<Omit<RasFields, 'withLan'>>;
  readonly #up = new Map<string, Up>();
  readonly #lan: number | null;
  #calls = 0;

  constructor(fields: RasFields = {}) {
    const { transport = 'pptp', modems = 3, withLan = false } = fields;
    this.#fields = {
      transport,
      modems,
      authentication: fields.authentication ?? 'md5',
      talkSeconds: fields.talkSeconds ?? 8,
      echoes: fields.echoes ?? false,
    };
    this.script = new Script(interfacesOf(transport, modems, withLan));
    this.#transport = transportOf(transport, this.script);
    this.#lan = transport === 'line' ? null : transport !== 'serial' ? 0 : withLan ? modems : null;
  }

  /** A call that gets its address `SETUP_SECONDS` after `at`. */
  calls(at: number, user: string, address: string, fields: CallsFields = {}): this {
    const { mark, ownAddress, joins, as = user } = fields;
    const line = fields.line ?? this.#freeLine();
    const call = this.#call(user, line, fields);
    const given = full(address);
    call.begins(at);
    if (!joins) {
      call.opensNetwork(at + 0.42);
      const acknowledged = at + SETUP_SECONDS;
      if (ownAddress) call.keeps(acknowledged, given, mark);
      else call.isAssigned(acknowledged, given, mark);
    }
    this.#up.set(as, { call, address: joins ? null : given, since: at + SETUP_SECONDS, line });
    return this;
  }

  /** As `calls`, with the Config-Ack at `at`. */
  gets(at: number, user: string, address: string, fields: CallsFields = {}): this {
    return this.calls(at - SETUP_SECONDS, user, address, fields);
  }

  /** Calls at the given times, one after the other, each for `seconds`. */
  visits(
    visits: ReadonlyArray<readonly [at: number, user: string, address: string, mark?: string]>,
    seconds: number,
    releaseMark?: string,
  ): this {
    for (const [at, user, address, mark] of visits) {
      this.gets(at, user, address, mark === undefined ? {} : { mark });
      this.hangsUp(at + seconds, user, { how: 'terminate' }, mark === 'assigned' ? releaseMark : undefined);
    }
    return this;
  }

  /** The link of `user` goes down; `at` is the Terminate-Ack, or the one sign there is. */
  hangsUp(at: number, user: string, ending: Ending = { how: 'terminate' }, mark?: string): this {
    const up = this.#ends(at, user);
    const { call } = up;
    if (ending.how === 'terminate') {
      const { by = 'caller', code = 0 } = ending;
      call.terminates(at - 0.03, by, { code, ...(mark ? { mark, ackMark: mark } : {}) });
      call.link.close(at + 0.03, by);
    } else if (ending.how === 'ipcp') {
      call.endsNetwork(at, 'caller', mark);
    } else if (ending.how === 'request') {
      call.terminates(at, 'caller', { acked: false, ...(mark ? { mark } : {}) });
    } else if (ending.how === 'drop') {
      call.link.drop(at, ending.sign, mark);
    }
    return this;
  }

  /** LCP echoes of the server on the link of a call that nobody is on any more. */
  unanswered(user: string, times: readonly number[], mark?: string): this {
    const call = this.#last.get(user);
    if (!call) throw new RangeError(`${user} has not called`);
    for (const at of times) call.echoes(at, false, mark);
    return this;
  }

  /** A call that is refused an address at `at`, after authentication. */
  isRefused(
    at: number,
    user: string,
    how: Refusal,
    fields: CallsFields & { readonly code?: number; readonly requests?: number } = {},
  ): this {
    const { mark, code, requests = 3 } = fields;
    // Requests that nobody answers go on for a while before the last one.
    const start = at - SETUP_SECONDS - (how === 'silence' ? 3 * (requests - 1) : 0);
    const call = this.#call(user, fields.line ?? this.#freeLine(), fields);
    call.begins(start);
    call.opensNetwork(start + 0.42, { serverAddress: null });
    call.isRefused(at, how, {
      requests,
      ...(mark === undefined ? {} : { mark }),
      ...(code === undefined ? {} : { code }),
    });
    return this;
  }

  /** A call that ends for another reason; the decisive packet comes at `at`. */
  fails(
    at: number,
    user: string,
    why: 'authentication' | 'clientReject' | 'encryption' | 'clientHangsUp',
    fields: CallsFields & { readonly code?: number } = {},
  ): this {
    const start = at - SETUP_SECONDS;
    const call = this.#call(user, fields.line ?? this.#freeLine(), fields);
    const { code = 0 } = fields;
    call.begins(start, why !== 'authentication');
    const by = why === 'clientReject' || why === 'clientHangsUp' ? 'caller' : 'server';
    if (why === 'clientReject') call.declinesNetwork(at - 0.1);
    if (why === 'encryption') call.failsEncryption(at - 0.1);
    if (why === 'clientHangsUp') call.asks(at - 0.1);
    call.terminates(at, by, { code });
    call.link.close(at + 0.05, by);
    return this;
  }

  /** A call without an end of its own, for what a scenario does by hand. */
  dials(at: number, user: string, fields: CallsFields = {}): Call {
    const call = this.#call(user, fields.line ?? this.#freeLine(), fields);
    call.begins(at);
    return call;
  }

  /** The call of a user that is up. */
  callOf(user: string): Call {
    const up = this.#up.get(user);
    if (!up) throw new RangeError(`${user} has no call`);
    return up.call;
  }

  /** Ends all talk, and adds the background. */
  end(untilSeconds: number): Script {
    for (const user of [...this.#up.keys()]) this.#ends(untilSeconds, user);
    if (this.#lan !== null) addChatter(this.script, { untilSeconds, interface: this.#lan });
    return this.script;
  }

  readonly #last = new Map<string, Call>();

  #call(user: string, line: number, fields: CallsFields): Call {
    this.#calls += 1;
    const { authentication, transport } = this.#fields;
    const call = new Call(this.#transport.link(user, line), {
      authentication,
      compresses: transport === 'pptp' || transport === 'pptpBare',
      ...fields,
      user,
      number: this.#calls,
    });
    this.#last.set(fields.as ?? user, call);
    return call;
  }

  #freeLine(): number {
    const taken = new Set([...this.#up.values()].map(({ line }) => line));
    return (
      Array.from({ length: this.#fields.modems }, (_, line) => line).find((line) => !taken.has(line)) ?? 0
    );
  }

  /** What a caller sends until its call ends. */
  #ends(at: number, user: string): Up {
    const up = this.#up.get(user);
    if (!up) throw new RangeError(`${user} has no call`);
    this.#up.delete(user);
    const { talkSeconds, echoes } = this.#fields;
    if (up.address !== null) {
      for (let time = up.since + 0.4; time < at - 0.2; time += talkSeconds) up.call.talks(time, up.address);
    }
    if (echoes || up.address === null) {
      for (let time = up.since + 3; time < at - 0.2; time += talkSeconds) up.call.echoes(time, true);
    }
    return up;
  }
}
