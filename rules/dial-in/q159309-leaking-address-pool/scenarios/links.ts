/**
 * What carries PPP between a caller and the remote-access server: a PPTP call, a PPPoE session, an L2TP session, or a modem
 * line of the server itself. Callers of PPTP come through a router, one station each; L2TP callers come through one
 * concentrator, all in one tunnel.
 */
import {
  Connection,
  Host,
  L2TP_MESSAGE,
  L2TP_PAIR,
  L2TP_PORT,
  macBytes,
  PPPOE_CODE,
  PPPOE_TAG,
  PPTP,
  PPTP_PORT,
  PROTOCOL,
  addressed,
  directed,
  enhancedGre,
  l2tpControl,
  l2tpData,
  pppoe,
  pppoeTags,
} from '../../../../samples/craft/index.ts';
import type {
  Script,
  ScriptFields,
  ScriptInterface,
  Station,
  TimedFrame,
} from '../../../../samples/craft/index.ts';

export type End = 'caller' | 'server';

/** How a link goes down: as it should, or by one sign alone. */
export type Drop = 'call' | 'notify' | 'stop' | 'fin' | 'reset';

/** One call. Times are seconds from the start of the capture. */
export interface Link {
  /** Takes less than 0.15 s. */
  open(at: number): void;
  /** Protocol and information field of a PPP packet. */
  send(at: number, from: End, packet: Uint8Array, mark?: string): void;
  /** The orderly end after PPP has ended. */
  close(at: number, by: End): void;
  /** The end without a word of PPP, shown by one sign. */
  drop(at: number, how: Drop, mark?: string): void;
}

export interface Transport {
  /** A link for a call of this user; `line` is the modem, where there are modems. */
  link(user: string, line: number): Link;
}

export type TransportKind = 'pptp' | 'pptpBare' | 'pppoe' | 'l2tp' | 'serial' | 'line';

const SERVER_MAC = '00:a0:c9:15:93:09';
const ROUTER: Station = { mac: '00:e0:1e:60:42:fe', ip: '10.0.0.254' };

/** True if a caller sent the frame, who is behind the router, or is the other side of the concentrator. */
export function isFromCallers({ bytes }: TimedFrame): boolean {
  return macBytes(ROUTER.mac).every((byte, at) => bytes[6 + at] === byte);
}

/** The remote-access server on the LAN: NT. */
export function lanServer(): Host {
  return new Host({ mac: SERVER_MAC, ip: '10.0.0.2', ttl: 128, ipIdStyle: 'swapped', firstIpId: 0x0900 });
}

/** Interfaces of a capture of these links. A modem server records each line, and its LAN where asked for. */
export function interfacesOf(kind: TransportKind, modems: number, withLan: boolean): ScriptFields {
  if (kind === 'line') return { interfaces: [{ name: 'line1', linkType: 'ppp' }] };
  if (kind !== 'serial') return {};
  const lines = Array.from(
    { length: modems },
    (_, index): ScriptInterface => ({ name: `modem${index + 1}`, linkType: 'pppWithDirection' }),
  );
  return { interfaces: withLan ? [...lines, { name: 'lan0' }] : lines };
}

export function transportOf(kind: TransportKind, script: Script): Transport {
  if (kind === 'pppoe') return new PppoeTransport(script);
  if (kind === 'l2tp') return new L2tpTransport(script);
  if (kind === 'serial') return { link: (_user, line) => new SerialLink(script, line, true) };
  if (kind === 'line') return { link: () => new SerialLink(script, 0, false) };
  return new PptpTransport(script, kind === 'pptpBare');
}

function marked(mark: string | undefined): { mark?: string } {
  return mark === undefined ? {} : { mark };
}

/** Numbers things in the order in which they are first named. */
class Numbered {
  readonly #numbers = new Map<string, number>();

  of(name: string): number {
    const number = this.#numbers.get(name) ?? this.#numbers.size + 1;
    this.#numbers.set(name, number);
    return number;
  }
}

class PptpTransport implements Transport {
  readonly server = lanServer();
  readonly #script: Script;
  readonly #bare: boolean;
  readonly #users = new Numbered();
  readonly #hosts = new Map<string, Host>();
  #calls = 0;

  constructor(script: Script, bare: boolean) {
    this.#script = script;
    this.#bare = bare;
  }

  link(user: string): Link {
    const number = this.#users.of(user);
    const caller =
      this.#hosts.get(user) ??
      // What is left of 128 after the hops from the caller to this LAN.
      new Host({
        mac: ROUTER.mac,
        ip: `198.51.100.${20 + number}`,
        ttl: 117,
        ipIdStyle: 'swapped',
        firstIpId: 0x0700 * number,
      });
    this.#hosts.set(user, caller);
    this.#calls += 1;
    return new PptpLink(this.#script, caller, this.server, this.#calls, this.#bare);
  }
}

class PptpLink implements Link {
  readonly #script: Script;
  readonly #hosts: Readonly<Record<End, Host>>;
  readonly #connection: Connection;
  readonly #number: number;
  readonly #callIds: Readonly<Record<End, number>>;
  readonly #bare: boolean;
  readonly #sent: Record<End, number> = { caller: -1, server: -1 };

  constructor(script: Script, caller: Host, server: Host, number: number, bare: boolean) {
    this.#script = script;
    this.#hosts = { caller, server };
    this.#number = number;
    this.#bare = bare;
    this.#callIds = { caller: 0x4000 + number * 0x0100, server: number * 0x11 };
    this.#connection = new Connection(caller, server, {
      clientPort: 1030 + number * 3,
      serverPort: PPTP_PORT,
      clientIsn: 0x00a0_0000 + number * 0x0001_f3c1,
      serverIsn: 0x0150_0000 + number * 0x0001_71b5,
    });
  }

  open(at: number): void {
    const connection = this.#connection;
    this.#plan(at, [
      () => connection.syn(),
      () => connection.synAck(),
      () => connection.ack('client'),
      () => connection.data('client', PPTP.startRequest('')),
      () => connection.data('server', PPTP.startReply('RAS1')),
      () => connection.data('client', PPTP.outgoingCallRequest(this.#callIds.caller, this.#number)),
      () => connection.data('server', PPTP.outgoingCallReply(this.#callIds.server, this.#callIds.caller)),
      () => connection.data('client', PPTP.setLinkInfo(this.#callIds.server)),
      () => connection.ack('server'),
    ]);
  }

  send(at: number, from: End, packet: Uint8Array, mark?: string): void {
    const to: End = from === 'caller' ? 'server' : 'caller';
    // Only LCP keeps address and control once both ends do without (RFC 1661 6.6).
    const isLcp = packet[0] === 0xc0 && packet[1] === 0x21;
    const payload = this.#bare && !isLcp ? packet : addressed(packet);
    this.#script.at(
      at,
      () => {
        this.#sent[from] += 1;
        const heard = this.#sent[to];
        const gre = enhancedGre({
          callId: this.#callIds[to],
          sequence: this.#sent[from],
          ...(heard < 0 ? {} : { acknowledgment: heard }),
          payload,
        });
        const sender = this.#hosts[from];
        // Both directions stand on the LAN between the server and the router.
        const next = from === 'caller' ? this.#hosts.server.mac : ROUTER.mac;
        return sender.ipFrame(next, sender.datagram(this.#hosts[to].ip, PROTOCOL.gre, gre));
      },
      marked(mark),
    );
  }

  close(at: number, by: End): void {
    const connection = this.#connection;
    const notify = () =>
      connection.data('server', PPTP.callDisconnectNotify(this.#callIds.server, by === 'caller' ? 4 : 3));
    const clear = () => connection.data('client', PPTP.callClearRequest(this.#callIds.caller));
    this.#plan(at, [
      ...(by === 'caller' ? [clear] : []),
      notify,
      () => connection.data('client', PPTP.stopRequest()),
      () => connection.data('server', PPTP.stopReply()),
      () => connection.fin('client'),
      () => connection.fin('server'),
      () => connection.ack('client'),
    ]);
  }

  drop(at: number, how: Drop, mark?: string): void {
    const connection = this.#connection;
    const signs = {
      call: () => connection.data('client', PPTP.callClearRequest(this.#callIds.caller)),
      notify: () => connection.data('server', PPTP.callDisconnectNotify(this.#callIds.server, 1)),
      stop: () => connection.data('client', PPTP.stopRequest()),
      fin: () => connection.fin('client'),
      reset: () => connection.rst('client'),
    } as const;
    this.#script.at(at, signs[how], marked(mark));
    if (how === 'fin') this.#script.at(at + 0.001, () => connection.ack('server'));
  }

  #plan(at: number, frames: ReadonlyArray<() => Uint8Array>): void {
    for (const [index, frame] of frames.entries()) this.#script.at(at + index * 0.014, frame);
  }
}

const CONCENTRATOR_MAC = '00:90:1a:40:15:93';

class PppoeTransport implements Transport {
  readonly #script: Script;
  readonly #users = new Numbered();
  #sessions = 0x0100;

  constructor(script: Script) {
    this.#script = script;
  }

  link(user: string): Link {
    const number = this.#users.of(user);
    this.#sessions += 1;
    const low = number.toString(16).padStart(2, '0');
    return new PppoeLink(this.#script, `00:10:a4:7b:30:${low}`, this.#sessions);
  }
}

class PppoeLink implements Link {
  readonly #script: Script;
  readonly #callerMac: string;
  readonly #sessionId: number;

  constructor(script: Script, callerMac: string, sessionId: number) {
    this.#script = script;
    this.#callerMac = callerMac;
    this.#sessionId = sessionId;
  }

  open(at: number): void {
    const service = [PPPOE_TAG.serviceName, ''] as const;
    const unique = [PPPOE_TAG.hostUniq, `H${this.#sessionId}`] as const;
    const name = [PPPOE_TAG.acName, 'AC1'] as const;
    const frame = (from: End, code: number, tags: Parameters<typeof pppoeTags>[0], sessionId = 0) =>
      this.#frame(from, code, sessionId, pppoeTags(tags));
    this.#script
      .at(
        at,
        pppoe({
          destination: 'ff:ff:ff:ff:ff:ff',
          source: this.#callerMac,
          code: PPPOE_CODE.padi,
          payload: pppoeTags([service, unique]),
        }),
      )
      .at(at + 0.01, frame('server', PPPOE_CODE.pado, [service, name, unique]))
      .at(at + 0.02, frame('caller', PPPOE_CODE.padr, [service, unique]))
      .at(at + 0.04, frame('server', PPPOE_CODE.pads, [service, unique], this.#sessionId));
  }

  send(at: number, from: End, packet: Uint8Array, mark?: string): void {
    this.#script.at(at, this.#frame(from, PPPOE_CODE.session, this.#sessionId, packet), marked(mark));
  }

  close(at: number, by: End): void {
    this.#script.at(at, this.#frame(by, PPPOE_CODE.padt, this.#sessionId, new Uint8Array(0)));
  }

  drop(at: number, how: Drop, mark?: string): void {
    const by = how === 'notify' ? 'server' : 'caller';
    this.#script.at(at, this.#frame(by, PPPOE_CODE.padt, this.#sessionId, new Uint8Array(0)), marked(mark));
  }

  #frame(from: End, code: number, sessionId: number, payload: Uint8Array): Uint8Array {
    const [source, destination] =
      from === 'caller' ? [this.#callerMac, CONCENTRATOR_MAC] : [CONCENTRATOR_MAC, this.#callerMac];
    return pppoe({ destination, source, code, sessionId, payload });
  }
}

const TUNNEL: Readonly<Record<End, number>> = { caller: 0x1593, server: 0x0a01 };

/** One tunnel between an access concentrator (the callers' side) and the network server. */
class L2tpTransport implements Transport {
  readonly server = lanServer();
  readonly concentrator = new Host({ mac: ROUTER.mac, ip: '192.0.2.7', ttl: 61, firstIpId: 0x3300 });
  readonly script: Script;
  readonly #sent: Record<End, number> = { caller: 0, server: 0 };
  #sessions = 0;

  constructor(script: Script) {
    this.script = script;
  }

  link(): Link {
    this.#sessions += 1;
    return new L2tpLink(this, this.#sessions);
  }

  /** Sets the tunnel up, before its first session. */
  opens(at: number): void {
    const name = L2TP_PAIR.hostName('LAC7');
    const message = (type: number, ...pairs: Uint8Array[]) => [L2TP_PAIR.messageType(type), ...pairs];
    this.control(
      at,
      'caller',
      0,
      message(
        L2TP_MESSAGE.sccrq,
        L2TP_PAIR.assignedTunnel(TUNNEL.caller),
        L2TP_PAIR.protocolVersion,
        L2TP_PAIR.framing,
        name,
      ),
      { first: true },
    );
    this.control(
      at + 0.01,
      'server',
      0,
      message(
        L2TP_MESSAGE.sccrp,
        L2TP_PAIR.assignedTunnel(TUNNEL.server),
        L2TP_PAIR.protocolVersion,
        L2TP_PAIR.framing,
        L2TP_PAIR.hostName('LNS1'),
      ),
    );
    this.control(at + 0.02, 'caller', 0, message(L2TP_MESSAGE.scccn));
    this.control(at + 0.025, 'server', 0, []);
  }

  /** `sessionId` is the receiver's. No pairs: an acknowledgment, which takes no number. */
  control(
    at: number,
    from: End,
    sessionId: number,
    pairs: readonly Uint8Array[],
    fields: { readonly first?: boolean; readonly mark?: string | undefined } = {},
  ): void {
    const to: End = from === 'caller' ? 'server' : 'caller';
    const build = () => {
      const sent = this.#sent[from];
      if (pairs.length > 0) this.#sent[from] += 1;
      const tunnelId = fields.first ? 0 : TUNNEL[to];
      return this.#datagram(
        from,
        l2tpControl({ tunnelId, sessionId, sent, received: this.#sent[to], pairs }),
      );
    };
    this.script.at(at, build, marked(fields.mark));
  }

  data(at: number, from: End, sessionId: number, packet: Uint8Array, mark?: string): void {
    const tunnelId = TUNNEL[from === 'caller' ? 'server' : 'caller'];
    const payload = l2tpData(tunnelId, sessionId, addressed(packet));
    this.script.at(at, () => this.#datagram(from, payload), marked(mark));
  }

  #datagram(from: End, payload: Uint8Array): Uint8Array {
    return from === 'caller'
      ? this.concentrator.udp(this.server, L2TP_PORT, L2TP_PORT, payload)
      : this.server.udp({ ip: this.concentrator.ip, mac: ROUTER.mac }, L2TP_PORT, L2TP_PORT, payload);
  }
}

class L2tpLink implements Link {
  readonly #tunnel: L2tpTransport;
  readonly #number: number;
  readonly #sessions: Readonly<Record<End, number>>;

  constructor(tunnel: L2tpTransport, number: number) {
    this.#tunnel = tunnel;
    this.#number = number;
    this.#sessions = { caller: 0x2000 + number, server: 0x6000 + number };
  }

  open(at: number): void {
    const { caller, server } = this.#sessions;
    if (this.#number === 1) this.#tunnel.opens(at);
    const request = [
      L2TP_PAIR.messageType(L2TP_MESSAGE.icrq),
      L2TP_PAIR.assignedSession(caller),
      L2TP_PAIR.callSerial(this.#number),
    ];
    const reply = [L2TP_PAIR.messageType(L2TP_MESSAGE.icrp), L2TP_PAIR.assignedSession(server)];
    const connected = [
      L2TP_PAIR.messageType(L2TP_MESSAGE.iccn),
      L2TP_PAIR.connectSpeed(33_600),
      L2TP_PAIR.framingType,
    ];
    this.#tunnel.control(at + 0.05, 'caller', 0, request);
    this.#tunnel.control(at + 0.07, 'server', caller, reply);
    this.#tunnel.control(at + 0.09, 'caller', server, connected);
    this.#tunnel.control(at + 0.1, 'server', 0, []);
  }

  send(at: number, from: End, packet: Uint8Array, mark?: string): void {
    this.#tunnel.data(at, from, this.#sessions[from === 'caller' ? 'server' : 'caller'], packet, mark);
  }

  close(at: number, by: End): void {
    this.#disconnects(at, by, undefined);
  }

  drop(at: number, how: Drop, mark?: string): void {
    this.#disconnects(at, how === 'notify' ? 'server' : 'caller', mark);
  }

  #disconnects(at: number, by: End, mark: string | undefined): void {
    const other: End = by === 'caller' ? 'server' : 'caller';
    this.#tunnel.control(
      at,
      by,
      this.#sessions[other],
      [
        L2TP_PAIR.messageType(L2TP_MESSAGE.cdn),
        L2TP_PAIR.resultCode(by === 'caller' ? 1 : 3),
        L2TP_PAIR.assignedSession(this.#sessions[by]),
      ],
      { mark },
    );
    this.#tunnel.control(at + 0.01, other, 0, []);
  }
}

/** A modem line, recorded by the server, or a line tapped without a sign of direction; it shows PPP alone. */
class SerialLink implements Link {
  readonly #script: Script;
  readonly #line: number;
  readonly #directed: boolean;

  constructor(script: Script, line: number, isDirected: boolean) {
    this.#script = script;
    this.#line = line;
    this.#directed = isDirected;
  }

  open(): void {}

  send(at: number, from: End, packet: Uint8Array, mark?: string): void {
    const bytes = addressed(packet);
    const frame = this.#directed ? directed(from === 'server' ? 'sent' : 'received', bytes) : bytes;
    this.#script.at(at, frame, { interface: this.#line, ...marked(mark) });
  }

  close(): void {}

  /** A lost carrier leaves nothing behind. */
  drop(): void {}
}
