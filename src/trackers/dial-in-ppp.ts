/**
 * The control packets of one PPP link, as they move its calls (RFC 1661, RFC 1332). Timers of three seconds and less are settled
 * when the next packet of the link, or the end of the capture, shows that they have run out.
 */
import type { FrameCitation } from '../engine/result.ts';
import { formatIpv4 } from '../wire/ipv4.ts';
import type { Packet } from '../wire/packet.ts';
import {
  CONFIGURE_ACK,
  CONFIGURE_NAK,
  CONFIGURE_REJECT,
  CONFIGURE_REQUEST,
  ControlPacket,
  CODE_REJECT,
  decodeControlPacket,
  ECHO_REPLY,
  ECHO_REQUEST,
  formatControl,
  PPP_CBCP,
  PPP_CCP,
  PPP_CHAP,
  PPP_CUT,
  PPP_EAP,
  PPP_IPCP,
  PPP_LCP,
  PPP_OK,
  PPP_PAP,
  PROTOCOL_REJECT,
  TERMINATE_ACK,
  TERMINATE_REQUEST,
} from '../wire/ppp.ts';
import { AUTH_FAILURE, AUTH_NAME, AUTH_SUCCESS, AuthPacket, decodeAuth } from '../wire/ppp-auth.ts';
import {
  ConfigureOption,
  decodeLcpOptions,
  findOption,
  LcpOptions,
  terminateCode,
} from '../wire/ppp-options.ts';
import { cite } from './citation.ts';
import { Call, type CallLink, type Carrier, type Side, type SideOrNone } from './dial-in-call.ts';
import type { Domain } from './domains.ts';
import type { Names } from './names.ts';
import { SubjectLiveness } from './liveness.ts';

export interface PppOptions {
  readonly terminateSeconds: number;
  readonly echoMisses: number;
  readonly softReleaseSeconds: number;
}

/** What calls are told to, and where bundles are found. */
export interface CallRegister {
  readonly options: PppOptions;
  /** Of who authenticates. */
  readonly names: Names;
  callStarted(call: Call): void;
  /** An address was acknowledged. */
  addressGiven(address: number, link: DialInLink): void;
  /** True while there are not too many calls to follow the liveness of each. */
  mayWatch(): boolean;
  /** The call that is up in the bundle which this one belongs to, if any. */
  bundleOf(call: Call): Call | undefined;
}

const IPCP_ADDRESS = 3;
const CCP_MPPE = 18;
const CBCP_NO_CALLBACK = 1;

const control = new ControlPacket();
const lcp = new LcpOptions();
const option = new ConfigureOption();
const auth = new AuthPacket();

/** One link: what carries calls, one after the other. */
export class DialInLink implements CallLink {
  readonly carrier: Carrier;
  readonly domain: Domain;
  readonly ends: readonly [number, number];
  epoch: number;
  serverHint: SideOrNone = -1;
  /** Its set-up was seen. */
  isSetUp = false;
  call: Call | null = null;
  /** Time of its last packet. */
  lastTime = Number.NaN;
  #hadCall = false;
  readonly #register: CallRegister;

  constructor(
    register: CallRegister,
    carrier: Carrier,
    domain: Domain,
    ends: readonly [number, number],
    epoch: number,
  ) {
    this.#register = register;
    this.carrier = carrier;
    this.domain = domain;
    this.ends = ends;
    this.epoch = epoch;
  }

  /** A packet passed that is no control packet. */
  data(packet: Packet, side: SideOrNone): void {
    if (this.call === null) {
      // Data of a link whose beginning was not seen: a call is up.
      if (this.#hadCall || this.isSetUp) return;
      this.#begin(packet.time, false);
    }
    this.#heard(packet, side);
    if (side >= 0 && this.call !== null) this.call.hasSent[side as Side] = true;
  }

  /** A control packet whose protocol is known; its header begins at `at`. */
  control(packet: Packet, side: SideOrNone, protocol: number, at: number, wireEnd: number): void {
    const status = decodeControlPacket(packet.view, at, packet.end, wireEnd, control);
    if (status === PPP_CUT && this.call) this.call.isCut = true;
    if (status !== PPP_OK) return;
    if (this.call !== null) this.settle(packet.time);
    if (this.call === null && !this.#mayBegin(packet, protocol)) return;
    if (protocol === PPP_LCP && control.code === CONFIGURE_REQUEST) this.#noteLcpRequest(packet, side);
    this.#heard(packet, side);
    const { call } = this;
    if (call === null) return;
    if (protocol === PPP_LCP) this.#lcp(packet, call, side);
    else if (protocol === PPP_IPCP) this.#ipcp(packet, call, side);
    else if (protocol === PPP_CCP) ccp(packet, call, side);
    else if (protocol === PPP_CBCP) callback(packet, call);
    else if (protocol === PPP_PAP || protocol === PPP_CHAP || protocol === PPP_EAP)
      this.#authenticate(packet, side, protocol);
    else if (protocol < 0xc000) call.hasReachedNetwork = true;
  }

  /** The carrier of the link is gone. */
  close(time: number, frame: FrameCitation | null): void {
    this.settle(time);
    this.call?.goDown(time, frame);
    this.call = null;
  }

  /** Whatever was waited for by now happened or did not. */
  settle(now: number): void {
    const { call } = this;
    if (call === null) return;
    const { terminateSeconds } = this.#register.options;
    const { linkTermination, networkTermination, echoRelease } = call;
    if (networkTermination && now > networkTermination.time + terminateSeconds) {
      call.network.release(networkTermination.time + terminateSeconds, networkTermination.frame, null);
      call.networkTermination = null;
    }
    const terminatedAt = linkTermination ? linkTermination.time + terminateSeconds : Number.POSITIVE_INFINITY;
    const lostAt = echoRelease ? echoRelease.span.to + terminateSeconds : Number.POSITIVE_INFINITY;
    if (now > terminatedAt && linkTermination && terminatedAt <= lostAt) {
      call.goDown(terminatedAt, linkTermination.frame);
      this.call = null;
    } else if (now > lostAt && echoRelease && isLastWord(call, lostAt)) {
      call.goDown(echoRelease.span.to, echoRelease.frame, echoRelease.span);
      this.call = null;
    }
  }

  /** The end of a clock epoch: nobody knows what becomes of the call. */
  cutOff(epoch: number): void {
    this.settle(this.domain.liveness.lastTime);
    this.call?.goDown(this.lastTime, null);
    this.call = null;
    this.#hadCall = false;
    this.isSetUp = false;
    this.epoch = epoch;
    this.lastTime = Number.NaN;
  }

  /** Only the opening of a link control negotiation begins a call; or anything, if nothing of the link was seen before. */
  #mayBegin(packet: Packet, protocol: number): boolean {
    const isNegotiation = protocol === PPP_LCP && control.code <= CONFIGURE_REJECT;
    const isReply = control.code === TERMINATE_ACK || control.code === ECHO_REPLY;
    if (!isNegotiation && (this.#hadCall || isReply)) return false;
    this.#begin(packet.time, isNegotiation || this.isSetUp);
    return true;
  }

  #begin(time: number, isOpened: boolean): void {
    this.call = new Call(this, time, isOpened);
    if (this.#register.mayWatch()) this.call.liveness = new SubjectLiveness(this.domain.liveness, time);
    this.#hadCall = true;
    this.lastTime = time;
    this.#register.callStarted(this.call);
  }

  /** LCP is negotiated: by the same peers as before, or by the next caller of a line whose last one just vanished. */
  #noteLcpRequest(packet: Packet, side: SideOrNone): void {
    const { call } = this;
    decodeLcpOptions(packet.view, control, lcp);
    if (call === null || !(call.hasProgressed || !call.isOpened)) return;
    if (this.#isSameMagic(call, side)) {
      call.renegotiation ??= { time: packet.time, frame: this.#cite(packet, 'renegotiation') };
      return;
    }
    call.goDown(packet.time, this.#cite(packet, 'next call'));
    this.#begin(packet.time, true);
  }

  #isSameMagic(call: Call, side: SideOrNone): boolean {
    if (!call.isOpened) return false;
    if (side >= 0) {
      const known = call.magics[side as Side];
      return known === 0 || known === lcp.magic;
    }
    return call.magics.includes(0) || call.magics.includes(lcp.magic);
  }

  /** Something came from one side: its peer's echoes, if any were open, are answered. */
  #heard(packet: Packet, side: SideOrNone): void {
    const { call } = this;
    const { time } = packet;
    if (call !== null) {
      call.liveness?.own(packet);
      if (time - this.lastTime > this.#register.options.softReleaseSeconds)
        call.network.noteSilence(this.lastTime, time);
      if (side >= 0) {
        call.wasHeard[side as Side] = true;
        call.echoMisses[1 - side] = 0;
        if (call.echoRelease?.side === 1 - side) call.echoRelease = null;
      }
    }
    this.lastTime = time;
  }

  #lcp(packet: Packet, call: Call, side: SideOrNone): void {
    const { code } = control;
    if (code === CONFIGURE_REQUEST) {
      noteMagic(call, side);
      if (side >= 0 && lcp.endpoint !== '') call.endpoints[side as Side] = lcp.endpoint;
    } else if (code === CONFIGURE_ACK) {
      decodeLcpOptions(packet.view, control, lcp);
      if (lcp.multilink) call.isMultilink = true;
      if (lcp.shortSequence) call.usesShortSequence = true;
      noteAnswer(call, side, packet);
    } else if (code === TERMINATE_REQUEST) this.#terminateRequest(packet, call, side);
    else if (code === TERMINATE_ACK) {
      noteAnswer(call, side, packet);
      call.goDown(packet.time, this.#cite(packet, 'hang-up'));
      this.call = null;
    } else if (code === PROTOCOL_REJECT) protocolReject(packet, call, side);
    else if (code === ECHO_REQUEST) this.#echo(packet, call, side);
    else if (code <= ECHO_REPLY || code === CODE_REJECT) {
      noteAnswer(call, side, packet);
      if (code === ECHO_REPLY) {
        call.hasProgressed = true;
        if (side < 0) forgetEchoes(call);
      }
    }
  }

  #ipcp(packet: Packet, call: Call, side: SideOrNone): void {
    const { holdings } = call.network;
    const known = holdings.length;
    ipcp(packet, call, side);
    const given = holdings.at(known);
    if (given !== undefined && known < holdings.length) this.#register.addressGiven(given.address, this);
  }

  #terminateRequest(packet: Packet, call: Call, side: SideOrNone): void {
    noteTermination(packet, call, side, PPP_LCP);
    call.linkTermination ??= { time: packet.time, frame: this.#cite(packet, 'hang-up') };
  }

  #echo(packet: Packet, call: Call, side: SideOrNone): void {
    call.hasProgressed = true;
    const from = side < 0 ? 0 : (side as Side);
    if (call.echoMisses[from] === 0) call.echoFirst[from] = packet.time;
    call.echoMisses[from] += 1;
    if (call.echoMisses[from] !== this.#register.options.echoMisses) return;
    call.echoRelease = {
      side,
      span: { from: call.echoFirst[from], to: packet.time },
      frame: this.#cite(packet, 'unanswered echo'),
    };
  }

  #authenticate(packet: Packet, side: SideOrNone, protocol: number): void {
    const { call } = this;
    if (call === null) return;
    call.hasProgressed = true;
    const status = decodeAuth(packet.view, protocol, control, auth);
    const at = side < 0 ? 0 : (side as Side);
    if (auth.meaning === AUTH_NAME && status === PPP_OK && auth.name !== '')
      this.#name(call, at, packet.time);
    else if (auth.meaning === AUTH_SUCCESS) {
      const current = this.call ?? call;
      current.isAuthenticated = true;
      current.hasAuthFailed = false;
      const bundle = current.isMultilink ? this.#register.bundleOf(current) : undefined;
      if (bundle) current.join(bundle);
    } else if (auth.meaning === AUTH_FAILURE) (this.call ?? call).hasAuthFailed = true;
  }

  /** Another identity on the same link is another call, from where its negotiation began. */
  #name(call: Call, at: Side, now: number): void {
    this.#register.names.note(auth.name, now);
    const known = call.names[at];
    if (call.renegotiation !== null && known !== '' && known !== auth.name) {
      const { time, frame } = call.renegotiation;
      call.goDown(time, frame);
      this.#begin(time, true);
    }
    const { call: current } = this;
    if (current !== null) current.names[at] = auth.name;
  }

  #cite(packet: Packet, role: string): FrameCitation {
    return citeControl(packet, role, PPP_LCP);
  }
}

/**
 * The capture was there to see an answer to the echoes, had there been one until `waitedUntil`: others were seen all the time, or, on
 * a line that nobody else uses, the echoes themselves.
 */
function isLastWord(call: Call, waitedUntil: number): boolean {
  const { echoRelease, liveness, domain } = call;
  if (echoRelease === null) return false;
  // Of a side that was never heard, the capture would not have the replies.
  if (echoRelease.side >= 0 && !call.wasHeard[(1 - echoRelease.side) as Side]) return false;
  const { from, to } = echoRelease.span;
  const until = Math.max(to, Math.min(waitedUntil, domain.liveness.lastTime));
  return domain.liveness.isAlive(from, until) || (liveness?.isAlive(from, until) ?? false);
}

function citeControl(packet: Packet, role: string, protocol: number, detail = ''): FrameCitation {
  return cite(packet, role, `${formatControl(protocol, control.code)}${detail}`);
}

function noteMagic(call: Call, side: SideOrNone): void {
  if (side >= 0) call.magics[side as Side] = lcp.magic;
  else if (!call.magics.includes(lcp.magic)) call.magics[call.magics[0] === 0 ? 0 : 1] = lcp.magic;
}

function forgetEchoes(call: Call): void {
  call.echoMisses.fill(0);
  call.echoRelease = null;
}

function noteAnswer(call: Call, side: SideOrNone, { time }: Packet): void {
  if (side >= 0) call.answered[side as Side] = time;
}

function noteTermination(packet: Packet, call: Call, side: SideOrNone, protocol: number): void {
  const code = terminateCode(packet.view, control);
  const detail = code > 0 ? `, error ${code}` : '';
  const frame = citeControl(packet, 'refusal', protocol, detail);
  call.addSign({ side, kind: 'terminate', time: packet.time, code, frame });
  if (side >= 0 && Number.isNaN(call.terminated[side as Side])) call.terminated[side as Side] = packet.time;
}

function protocolReject(packet: Packet, call: Call, side: SideOrNone): void {
  if (control.data + 2 > control.end) return;
  const rejected = packet.view.getUint16(control.data);
  if (rejected === PPP_CCP) call.ccpState = 'failed';
  if (rejected !== PPP_IPCP) return;
  const frame = citeControl(packet, 'refusal', PPP_LCP, ' of IPCP');
  call.addSign({ side, kind: 'protocolReject', time: packet.time, code: -1, frame });
  if (side >= 0) call.rejectedIpcp[side as Side] = packet.time;
}

/** RFC 1962, RFC 3078: whether compression or encryption came to an agreement. */
function ccp(packet: Packet, call: Call, side: SideOrNone): void {
  const { code } = control;
  call.hasProgressed = true;
  call.hasReachedNetwork = true;
  if (code === CONFIGURE_REQUEST) {
    if (call.ccpState === 'none') call.ccpState = 'negotiating';
    return;
  }
  if (code <= CONFIGURE_REJECT) noteAnswer(call, side, packet);
  if (code === CONFIGURE_ACK && side >= 0) {
    call.ccpAcked[side as Side] = true;
    if (call.ccpAcked[0] && call.ccpAcked[1]) call.ccpState = 'open';
  } else if (code === CONFIGURE_NAK) {
    call.ccpNaks[side === 1 ? 1 : 0] += 1;
  } else if (code === CONFIGURE_REJECT) {
    findOption(packet.view, control, CCP_MPPE, option);
    if (option.isThere) call.ccpState = 'failed';
  } else if (code === TERMINATE_REQUEST || code === TERMINATE_ACK) call.ccpState = 'failed';
}

/** Callback control: the response of the caller, and the server's last word, name the kind of callback agreed to. */
function callback(packet: Packet, call: Call): void {
  call.hasProgressed = true;
  const { code, data, end } = control;
  if (code !== 2 && code !== 3) return;
  call.isCallback = data >= end || packet.view.getUint8(data) !== CBCP_NO_CALLBACK;
}

function ipcp(packet: Packet, call: Call, told: SideOrNone): void {
  const { code } = control;
  const { network } = call;
  call.hasProgressed = true;
  call.hasReachedNetwork = true;
  if (code === TERMINATE_REQUEST) {
    noteTermination(packet, call, told, PPP_IPCP);
    call.networkTermination ??= {
      time: packet.time,
      frame: citeControl(packet, 'release', PPP_IPCP),
    };
    return;
  }
  if (code === TERMINATE_ACK) {
    network.release(packet.time, citeControl(packet, 'release', PPP_IPCP), null);
    call.networkTermination = null;
    return;
  }
  if (code < CONFIGURE_REQUEST || code > CONFIGURE_REJECT) return;
  const status = findOption(packet.view, control, IPCP_ADDRESS, option);
  if (status === PPP_CUT) call.isCut = true;
  const side = told >= 0 ? (told as Side) : inferSide(call, code);
  if (code === CONFIGURE_REQUEST) {
    request(packet, call, side);
    return;
  }
  const peer = (1 - side) as Side;
  network.requests[peer].isAnswered = true;
  network.requests[peer].firstFrame = null;
  if (status !== PPP_OK || !option.isThere) return;
  const { value } = option;
  const detail = ` ${formatIpv4(value)}`;
  if (code === CONFIGURE_ACK) {
    if (value !== 0)
      network.assign(peer, value, packet.time, citeControl(packet, 'assignment', PPP_IPCP, detail));
  } else if (value === 0) {
    const kind = code === CONFIGURE_NAK ? 'nakZero' : 'rejectZero';
    const frame = citeControl(packet, 'refusal', PPP_IPCP, detail);
    call.addSign({ side, kind, time: packet.time, code: -1, frame });
  } else if (code === CONFIGURE_NAK) {
    network.offered[peer] = value;
    network.hasOffered[side] = true;
  }
}

function request(packet: Packet, call: Call, side: Side): void {
  const run = call.network.requests[side];
  if (run.count === 0 && !run.isAnswered) {
    run.firstTime = packet.time;
    run.firstFrame = citeControl(packet, 'request', PPP_IPCP);
  }
  run.count += 1;
  if (!option.isThere) return;
  if (Number.isNaN(run.firstAddress)) run.firstAddress = option.value;
  run.address = option.value;
}

/**
 * Who speaks IPCP on a link that tells no direction: side 0 asks for an address that it does not have (0.0.0.0, or what it was
 * just offered), side 1 answers that and tells its own.
 */
function inferSide(call: Call, code: number): Side {
  const { requests, offered } = call.network;
  const { isThere, value } = option;
  if (code === CONFIGURE_REQUEST) return isThere && (value === 0 || value === offered[0]) ? 0 : 1;
  if (code === CONFIGURE_ACK)
    return isThere && value !== requests[1].address ? 1 : requests[0].count > 0 && !isThere ? 1 : 0;
  return 1;
}
