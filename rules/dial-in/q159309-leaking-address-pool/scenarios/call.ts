/**
 * One caller's PPP on a link, phase by phase, as Microsoft stacks go through it: LCP with magic numbers, CHAP, then IPCP
 * beside CCP. Each phase has its own short time; `SETUP_SECONDS` after the start comes the server's last word on the
 * address.
 */
import {
  CCP_OPTION,
  IPCP_OPTION,
  LCP_OPTION,
  PPP_CODE,
  PPP_PROTOCOL,
  PROTOCOL,
  cbcp,
  chapResult,
  chapValue,
  controlPacket,
  echoData,
  filler,
  icmp,
  ipv4,
  multilink,
  papRequest,
  papResult,
  ppp,
  protocolReject,
  terminateData,
} from '../../../../samples/craft/index.ts';
import type { Ipv4, PppOption } from '../../../../samples/craft/index.ts';
import type { End, Link } from './links.ts';

/** From the first packet of a call to the Config-Ack of its address, or to its refusal. */
export const SETUP_SECONDS = 0.75;

/** Of the server in its pool: the first address (Q122701). */
export const POOL_SERVER: Ipv4 = '10.0.0.10';
const NAME_SERVER: Ipv4 = '10.0.0.201';
const UNSET: Ipv4 = '0.0.0.0';

export type Authentication = 'md5' | 'mschap' | 'pap';

/** How a server says no to a caller's address. */
export type Refusal =
  | 'ipcpTerminate'
  | 'lcpTerminate'
  | 'protocolReject'
  | 'nakZero'
  | 'configReject'
  | 'silence';

export interface CallFields {
  readonly user: string;
  readonly number: number;
  readonly authentication: Authentication;
  /** Network data is compressed, so that nobody else reads it. */
  readonly compresses: boolean;
  /** Offers multilink in LCP. */
  readonly bundle?: boolean;
  readonly asksCallback?: boolean;
  /** IPCP and CCP go over the bundle, each packet in one multilink fragment. */
  readonly fragments?: boolean;
}

export class Call {
  readonly link: Link;
  readonly user: string;
  readonly #fields: CallFields;
  readonly #magic: Readonly<Record<End, number>>;
  readonly #identifiers: Record<End, number> = { caller: 0, server: 0 };
  #pings = 0;
  #fragments = 0;

  constructor(link: Link, fields: CallFields) {
    this.link = link;
    this.user = fields.user;
    this.#fields = fields;
    this.#magic = {
      caller: (0x00005a31 + fields.number * 0x01010733) >>> 0,
      server: (0x6c100000 + fields.number * 0x00f10377) >>> 0,
    };
  }

  /** Link set-up, LCP and authentication; 0.4 s. */
  begins(at: number, accepted = true): void {
    this.link.open(at);
    this.#negotiatesLcp(at + 0.16);
    this.authenticates(at + 0.3, accepted);
  }

  #negotiatesLcp(at: number): void {
    const { authentication, bundle, asksCallback } = this.#fields;
    const chap = LCP_OPTION.chap(authentication === 'mschap' ? 129 : 5);
    const bundled = bundle ? [LCP_OPTION.maximumReconstructedUnit(1524), LCP_OPTION.endpoint(this.user)] : [];
    const compression = [LCP_OPTION.protocolCompression, LCP_OPTION.addressCompression];
    const own = (end: End): PppOption[] => [
      LCP_OPTION.asyncMap(0),
      ...(end === 'server' ? [authentication === 'pap' ? LCP_OPTION.pap : chap] : []),
      LCP_OPTION.magic(this.#magic[end]),
      ...compression,
      ...(end === 'caller' && asksCallback ? [LCP_OPTION.callback(6)] : []),
      ...bundled,
    ];
    this.negotiates(at, 'server', PPP_PROTOCOL.lcp, own('server'));
    this.negotiates(at + 0.02, 'caller', PPP_PROTOCOL.lcp, own('caller'));
  }

  authenticates(at: number, accepted: boolean): void {
    const { authentication, number } = this.#fields;
    const id = this.#next('server');
    if (authentication === 'pap') {
      this.#say(at + 0.02, 'caller', PPP_PROTOCOL.pap, papRequest(id, this.user, 'secret'));
      this.#say(at + 0.05, 'server', PPP_PROTOCOL.pap, papResult(id, accepted));
      return;
    }
    const size = authentication === 'mschap' ? 49 : 16;
    const challenge = filler(16).map((byte) => (byte * 7 + number) & 0xff);
    const response = filler(size).map((byte) => (byte * 11 + number) & 0xff);
    const { chap } = PPP_PROTOCOL;
    this.#say(at, 'server', chap, chapValue('challenge', id, challenge, 'RAS1'));
    this.#say(at + 0.03, 'caller', chap, chapValue('response', id, response, this.user));
    this.#say(at + 0.06, 'server', chap, chapResult(id, accepted, accepted ? '' : 'E=691 R=0'));
  }

  /** One end's Config-Request and the other's Config-Ack. */
  negotiates(at: number, by: End, protocol: number, options: readonly PppOption[], mark?: string): void {
    const id = this.#next(by);
    const other: End = by === 'caller' ? 'server' : 'caller';
    this.#say(at, by, protocol, controlPacket(PPP_CODE.configureRequest, id, options));
    this.#say(at + 0.012, other, protocol, controlPacket(PPP_CODE.configureAck, id, options), mark);
  }

  /** Both ends settle compression; the server's half of IPCP where it has an address. */
  opensNetwork(
    at: number,
    fields: { readonly serverAddress?: Ipv4 | null; readonly ccp?: boolean } = {},
  ): void {
    const { serverAddress = POOL_SERVER, ccp = true } = fields;
    if (ccp) {
      const compression = [CCP_OPTION.microsoft(1)];
      this.negotiates(at, 'server', PPP_PROTOCOL.ccp, compression);
      this.negotiates(at + 0.004, 'caller', PPP_PROTOCOL.ccp, compression);
    }
    if (serverAddress !== null) {
      this.negotiates(at + 0.006, 'server', PPP_PROTOCOL.ipcp, [IPCP_OPTION.address(serverAddress)]);
    }
  }

  /** A caller's IPCP Config-Request. Returns its identifier. */
  asks(at: number, address: Ipv4 = UNSET, mark?: string): number {
    const id = this.#next('caller');
    const request = controlPacket(PPP_CODE.configureRequest, id, this.#wanted(address));
    this.#say(at, 'caller', PPP_PROTOCOL.ipcp, request, mark);
    return id;
  }

  #wanted(address: Ipv4): PppOption[] {
    const nameServer = address === UNSET ? UNSET : NAME_SERVER;
    return [IPCP_OPTION.address(address), IPCP_OPTION.nameServer(nameServer)];
  }

  /** Request for no address, Nak, request, Ack; the Ack comes at `at`. */
  isAssigned(at: number, address: Ipv4, mark?: string): void {
    const first = this.asks(at - 0.25);
    const offer = controlPacket(PPP_CODE.configureNak, first, this.#wanted(address));
    this.#say(at - 0.2, 'server', PPP_PROTOCOL.ipcp, offer);
    this.keeps(at, address, mark);
  }

  /** The caller names the address itself, and the server acknowledges it at `at`. */
  keeps(at: number, address: Ipv4, mark?: string): void {
    const id = this.asks(at - 0.1, address);
    const ack = controlPacket(PPP_CODE.configureAck, id, this.#wanted(address));
    this.#say(at, 'server', PPP_PROTOCOL.ipcp, ack, mark);
  }

  /** The refusal itself at `at`; the link then goes down. `code` is in the data of an LCP Terminate-Request. */
  isRefused(
    at: number,
    how: Refusal,
    fields: { code?: number; mark?: string; requests?: number } = {},
  ): void {
    const { code = 0, mark, requests = 3 } = fields;
    const { ipcp, lcp } = PPP_PROTOCOL;
    if (how === 'silence') {
      // The restart timer of RFC 1661 4.6; the last request comes at `at`.
      for (let left = requests - 1; left >= 0; left -= 1) {
        this.asks(at - 3 * left, UNSET, mark);
        this.#isHeard(at - 3 * left + 1);
      }
      this.terminates(at + 3, 'caller');
      this.link.close(at + 3.05, 'caller');
      return;
    }
    const id = this.asks(at - 0.1);
    const wanted = this.#wanted(UNSET);
    if (how === 'ipcpTerminate') {
      const terminate = this.#next('server');
      this.#say(at, 'server', ipcp, controlPacket(PPP_CODE.terminateRequest, terminate), mark);
      this.#say(at + 0.02, 'caller', ipcp, controlPacket(PPP_CODE.terminateAck, terminate));
    } else if (how === 'protocolReject') {
      const rejected = ppp(ipcp, controlPacket(PPP_CODE.configureRequest, id, wanted));
      this.#say(at, 'server', lcp, protocolReject(this.#next('server'), rejected), mark);
      this.terminates(at + 0.1, 'caller');
      this.link.close(at + 0.14, 'caller');
      return;
    } else if (how === 'nakZero') {
      this.#say(
        at,
        'server',
        ipcp,
        controlPacket(PPP_CODE.configureNak, id, [IPCP_OPTION.address(UNSET)]),
        mark,
      );
    } else if (how === 'configReject') {
      const rejected = controlPacket(PPP_CODE.configureReject, id, [IPCP_OPTION.address(UNSET)]);
      this.#say(at, 'server', ipcp, rejected, mark);
    }
    const atOnce = how === 'lcpTerminate';
    this.terminates(atOnce ? at : at + 0.05, 'server', { code, ...(atOnce && mark ? { mark } : {}) });
    this.link.close(at + 0.1, 'server');
  }

  /** LCP Terminate-Request at `at`, with a Microsoft code; the Ack 0.03 s later. */
  terminates(
    at: number,
    by: End,
    fields: { code?: number; mark?: string; ackMark?: string; acked?: boolean } = {},
  ): void {
    const other: End = by === 'caller' ? 'server' : 'caller';
    const id = this.#next(by);
    const data = terminateData(this.#magic[by], fields.code ?? 0);
    const { lcp } = PPP_PROTOCOL;
    this.#say(at, by, lcp, controlPacket(PPP_CODE.terminateRequest, id, data), fields.mark);
    if (fields.acked === false) return;
    this.#say(at + 0.03, other, lcp, controlPacket(PPP_CODE.terminateAck, id), fields.ackMark);
  }

  /** Terminate-Request and -Ack of IPCP alone. */
  endsNetwork(at: number, by: End, mark?: string): void {
    const id = this.#next(by);
    const other: End = by === 'caller' ? 'server' : 'caller';
    this.#say(at - 0.03, by, PPP_PROTOCOL.ipcp, controlPacket(PPP_CODE.terminateRequest, id));
    this.#say(at, other, PPP_PROTOCOL.ipcp, controlPacket(PPP_CODE.terminateAck, id), mark);
  }

  /** An LCP Protocol-Reject of IPCP by the caller, who has no IP. */
  declinesNetwork(at: number): void {
    const id = this.#next('server');
    const request = controlPacket(PPP_CODE.configureRequest, id, [IPCP_OPTION.address(POOL_SERVER)]);
    this.#say(at - 0.05, 'server', PPP_PROTOCOL.ipcp, request);
    const reject = protocolReject(this.#next('caller'), ppp(PPP_PROTOCOL.ipcp, request));
    this.#say(at, 'caller', PPP_PROTOCOL.lcp, reject);
  }

  /** The server insists on encryption, the caller cannot. */
  failsEncryption(at: number): void {
    const id = this.#next('server');
    const option = [CCP_OPTION.microsoft(0x0100_0040)];
    const { ccp } = PPP_PROTOCOL;
    this.#say(at, 'server', ccp, controlPacket(PPP_CODE.configureRequest, id, option));
    this.#say(at + 0.02, 'caller', ccp, controlPacket(PPP_CODE.configureReject, id, option));
  }

  /** The caller asks to be called back at a number of its choice, and is told to hang up. */
  settlesCallback(at: number): void {
    const choice = [{ type: 2, data: Uint8Array.of(5, 1, 0x35, 0x35, 0x35, 0) }];
    for (const [index, from] of (['server', 'caller', 'server'] as const).entries()) {
      const code = (index + 1) as 1 | 2 | 3;
      this.#say(at + index * 0.03, from, PPP_PROTOCOL.cbcp, cbcp(code, 1, choice));
    }
  }

  /** An LCP echo of the server, and its reply. */
  echoes(at: number, answered: boolean, mark?: string): void {
    const id = this.#next('server');
    const { lcp } = PPP_PROTOCOL;
    const request = controlPacket(PPP_CODE.echoRequest, id, echoData(this.#magic.server));
    this.#say(at, 'server', lcp, request, mark);
    const reply = controlPacket(PPP_CODE.echoReply, id, echoData(this.#magic.caller));
    if (answered) this.#say(at + 0.04, 'caller', lcp, reply);
  }

  /** An LCP echo of the caller, which the server answers. */
  #isHeard(at: number): void {
    const id = this.#next('caller');
    for (const [index, end] of (['caller', 'server'] as const).entries()) {
      const code = end === 'caller' ? PPP_CODE.echoRequest : PPP_CODE.echoReply;
      const packet = controlPacket(code, id, echoData(this.#magic[end]));
      this.#say(at + index * 0.02, end, PPP_PROTOCOL.lcp, packet);
    }
  }

  /** A ping to a server of the LAN and its answer. */
  talks(at: number, address: Ipv4): void {
    this.#pings += 1;
    const id = 0x0300 + this.#pings;
    const packet = (type: 8 | 0): Uint8Array => {
      const [source, destination] = type === 8 ? [address, '10.0.0.20'] : ['10.0.0.20', address];
      const payload = icmp(type, 0, 0x03000000 + this.#pings, filler(32));
      return this.#fields.compresses
        ? ppp(PPP_PROTOCOL.compressed, filler(64))
        : ppp(PPP_PROTOCOL.ip, ipv4({ source, destination, protocol: PROTOCOL.icmp, payload, id, ttl: 128 }));
    };
    this.link.send(at, 'caller', packet(8));
    this.link.send(at + 0.02, 'server', packet(0));
  }

  /** Any control packet of this call. */
  says(at: number, from: End, protocol: number, packet: Uint8Array, mark?: string): void {
    this.#say(at, from, protocol, packet, mark);
  }

  #say(at: number, from: End, protocol: number, packet: Uint8Array, mark?: string): void {
    const whole = ppp(protocol, packet);
    if (!this.#fields.fragments || (protocol & 0xc000) !== 0x8000) {
      this.link.send(at, from, whole, mark);
      return;
    }
    this.#fragments += 1;
    this.link.send(at, from, multilink(this.#fragments, whole), mark);
  }

  #next(end: End): number {
    this.#identifiers[end] = (this.#identifiers[end] + 1) & 0xff;
    return this.#identifiers[end];
  }
}
