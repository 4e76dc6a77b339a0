/**
 * A dial-in call: PPP between two peers from the first packet of its link control to its end (RFC 1661). It passes LCP,
 * authentication and IPCP; an address is assigned by the Configure-Ack of option 3, and given back when IPCP, the link or its
 * carrier goes down.
 *
 * Which peer is the server is not known while a call runs: sides are 0 and 1, and what each says is kept for both. On a line
 * whose captures tell no direction, IPCP's sides are told apart by what they ask for, and the other protocols' side is -1.
 */
import type { FrameCitation } from '../engine/result.ts';
import type { Domain } from './domains.ts';
import type { SubjectLiveness } from './liveness.ts';

export type Side = 0 | 1;
/** -1 where the link does not tell. */
export type SideOrNone = Side | -1;

export type Carrier = 'pptp' | 'l2tp' | 'pppoe' | 'line';

/** A span in which something was not seen. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** An address that one side of a call holds, from the Ack of its request on. */
export interface Holding {
  readonly side: Side;
  readonly address: number;
  readonly from: number;
  readonly frame: FrameCitation;
  /** The peer gave the address; false if the side asked for it by itself. */
  readonly wasOffered: boolean;
  /** When it was given back; NaN while it is held, or if nobody knows. */
  until: number;
  /** A packet proves the release. */
  isHard: boolean;
  releaseFrame: FrameCitation | null;
  /** What was not seen, where the release rests on that. */
  absence: Span | null;
  /** Spans without any packet on the link, longer than a soft release takes. */
  readonly silences: Span[];
}

/** What a side did that may be a refusal, judged when it is known who the server is. */
export interface RefusalSign {
  readonly side: SideOrNone;
  readonly kind: 'terminate' | 'protocolReject' | 'nakZero' | 'rejectZero';
  readonly time: number;
  /** RAS error number of a Terminate-Request; -1 if there is none. */
  readonly code: number;
  readonly frame: FrameCitation;
  /** Encryption had failed by then. */
  readonly hasFailedEncryption: boolean;
}

/** Configure-Requests of IPCP that one side sent. */
export interface RequestRun {
  count: number;
  firstTime: number;
  firstFrame: FrameCitation | null;
  /** The peer answered one of them. */
  isAnswered: boolean;
  /** The address of its first request of the call; NaN if none had option 3. */
  firstAddress: number;
  /** The address of its latest request; 0 if none. */
  address: number;
}

function newRun(): RequestRun {
  return {
    count: 0,
    firstTime: Number.NaN,
    firstFrame: null,
    isAnswered: false,
    firstAddress: Number.NaN,
    address: 0,
  };
}

const MAX_HOLDINGS = 32;
const MAX_SIGNS = 8;
const MAX_SILENCES = 8;

/** What IPCP came to. The links of a multilink bundle share one (RFC 1990 4). */
export class Network {
  readonly holdings: Holding[] = [];
  readonly requests: readonly [RequestRun, RequestRun] = [newRun(), newRun()];
  /** By side, the address its peer offered last; 0 if none. */
  readonly offered: [number, number] = [0, 0];
  /** By side: it offered an address to its peer. */
  readonly hasOffered: [boolean, boolean] = [false, false];
  /** Calls that are up. */
  readonly calls: Call[] = [];
  /** When the last of its calls that are down went down, and what shows it. */
  #lastEnd = Number.NEGATIVE_INFINITY;
  #lastFrame: FrameCitation | null = null;
  #lastAbsence: Span | null = null;
  #isHardThroughout = true;

  /** The address that a side holds, or undefined. */
  held(side: Side): Holding | undefined {
    return this.holdings.findLast((holding) => holding.side === side && Number.isNaN(holding.until));
  }

  /** A request of `side` was acknowledged. */
  assign(side: Side, address: number, time: number, frame: FrameCitation): void {
    const held = this.held(side);
    if (held?.address === address) return;
    // Renegotiation inside a call: the new address takes the place of the old one.
    if (held) giveBack(held, time, frame, null);
    if (this.holdings.length >= MAX_HOLDINGS) return;
    const { firstAddress } = this.requests[side];
    this.holdings.push({
      side,
      address,
      from: time,
      frame,
      wasOffered: this.offered[side] === address || !(firstAddress !== 0),
      until: Number.NaN,
      isHard: false,
      releaseFrame: null,
      absence: null,
      silences: [],
    });
  }

  /** IPCP went down. */
  release(time: number, frame: FrameCitation | null, absence: Span | null): void {
    for (const holding of this.holdings)
      if (Number.isNaN(holding.until)) giveBack(holding, time, frame, absence);
  }

  /** One of its calls went down; `frame` is null if no packet proves it. The addresses go with the last one. */
  callDown(call: Call, time: number, frame: FrameCitation | null, absence: Span | null): void {
    const at = this.calls.indexOf(call);
    if (at >= 0) this.calls.splice(at, 1);
    if (frame === null) this.#isHardThroughout = false;
    if (time >= this.#lastEnd) {
      this.#lastEnd = time;
      this.#lastFrame = frame;
      this.#lastAbsence = absence;
    }
    if (this.calls.length > 0) return;
    if (this.#isHardThroughout) this.release(this.#lastEnd, this.#lastFrame, this.#lastAbsence);
  }

  noteSilence(from: number, to: number): void {
    for (const holding of this.holdings) {
      if (Number.isNaN(holding.until) && holding.silences.length < MAX_SILENCES)
        holding.silences.push({ from: Math.max(from, holding.from), to });
    }
  }
}

function giveBack(holding: Holding, time: number, frame: FrameCitation | null, absence: Span | null): void {
  holding.until = time;
  holding.isHard = frame !== null;
  holding.releaseFrame = frame;
  holding.absence = absence;
}

/** What a link is, as far as it concerns its calls. */
export interface CallLink {
  readonly carrier: Carrier;
  readonly domain: Domain;
  /** Who stands at each side: IPv4 address (int32) or MAC address; for a line, the direction. */
  readonly ends: readonly [number, number];
  /** The side that set-up shows to be the server, or -1. */
  readonly serverHint: SideOrNone;
  /** Clock epoch of the interface. */
  readonly epoch: number;
}

/** Something waited for: a Terminate-Request whose Ack may follow. */
export interface Pending {
  readonly time: number;
  readonly frame: FrameCitation;
}

export class Call {
  readonly carrier: Carrier;
  readonly domain: Domain;
  readonly ends: readonly [number, number];
  readonly epoch: number;
  serverHint: SideOrNone;
  readonly start: number;
  /** Its beginning is in the capture. */
  readonly isOpened: boolean;
  /** The capture as seen without this call's packets; null where there are too many calls for that. */
  liveness: SubjectLiveness | null = null;
  /** When it went down; NaN while it is up, or if nobody knows. */
  end = Number.NaN;
  endFrame: FrameCitation | null = null;
  endAbsence: Span | null = null;
  #network: Network | null = null;
  /** `wasAliveInVain`, by side, of a call whose clock epoch is over. */
  #wasAlive: readonly [boolean, boolean] | null = null;
  /** Names told in authentication, by side. */
  readonly names: [string, string] = ['', ''];
  isAuthenticated = false;
  hasAuthFailed = false;
  /** Authentication, or a network protocol, was reached. */
  hasProgressed = false;
  hasReachedNetwork = false;
  /** By side: it sent data, which only a network protocol that is up carries. */
  readonly hasSent: [boolean, boolean] = [false, false];
  /** By side: anything of it was seen. */
  readonly wasHeard: [boolean, boolean] = [false, false];
  /** The callback control protocol agreed to call back. */
  isCallback = false;
  /** A packet that matters was cut. */
  isCut = false;
  readonly signs: RefusalSign[] = [];
  /** By side: it ended the call by itself, before its peer did anything against it. */
  readonly terminated: [number, number] = [Number.NaN, Number.NaN];
  /** By side: it does not speak IPCP. */
  readonly rejectedIpcp: [number, number] = [Number.NaN, Number.NaN];
  /** By side, the last time it answered LCP or CCP. */
  readonly answered: [number, number] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  readonly magics: [number, number] = [0, 0];
  readonly endpoints: [string, string] = ['', ''];
  isMultilink = false;
  usesShortSequence = false;
  /** Encryption or compression was negotiated, and how that stands. */
  ccpState: 'none' | 'negotiating' | 'failed' | 'open' = 'none';
  /** By side; those of a line without directions are one side's. */
  readonly ccpNaks: [number, number] = [0, 0];
  readonly ccpAcked: [boolean, boolean] = [false, false];
  /** LCP is negotiated anew, with the magic numbers of before. */
  renegotiation: Pending | null = null;
  linkTermination: Pending | null = null;
  networkTermination: Pending | null = null;
  /** Echo-Requests in a row that the peer of the side did not answer. */
  readonly echoMisses: [number, number] = [0, 0];
  readonly echoFirst: [number, number] = [Number.NaN, Number.NaN];
  echoRelease: { readonly side: SideOrNone; readonly span: Span; readonly frame: FrameCitation } | null =
    null;

  constructor(link: CallLink, time: number, isOpened: boolean) {
    this.carrier = link.carrier;
    this.domain = link.domain;
    this.ends = link.ends;
    this.epoch = link.epoch;
    this.serverHint = link.serverHint;
    this.start = time;
    this.isOpened = isOpened;
  }

  /** What IPCP came to; made when it is first asked for, as data of a call alone needs none. */
  get network(): Network {
    if (this.#network === null) {
      this.#network = new Network();
      this.#network.calls.push(this);
    }
    return this.#network;
  }

  get isDown(): boolean {
    return !Number.isNaN(this.end);
  }

  /** The clock epoch of the call ends: afterwards, nobody knows any more when the capture was alive. */
  conclude(): void {
    this.#wasAlive = [this.wasAliveInVain(0), this.wasAliveInVain(1)];
  }

  /** True if the capture was alive from the first IPCP request of the side to the end of the call. */
  wasAliveInVain(side: Side): boolean {
    if (this.#wasAlive !== null) return this.#wasAlive[side];
    const first = this.#network?.requests[side].firstTime ?? Number.NaN;
    return this.domain.liveness.isAlive(first, this.end);
  }

  /** Ends the call. Without a frame, nobody knows when it really went down. */
  goDown(time: number, frame: FrameCitation | null, absence: Span | null = null): void {
    if (this.isDown) return;
    this.end = time;
    this.endFrame = frame;
    this.endAbsence = absence;
    this.liveness?.close();
    // What only moved it is not kept: there may be thousands of calls.
    this.liveness = null;
    this.renegotiation = null;
    this.linkTermination = null;
    this.networkTermination = null;
    this.echoRelease = null;
    this.#network?.callDown(this, time, frame, absence);
  }

  /** Becomes one more link of a bundle that is up. */
  join(other: Call): void {
    if (this.#network === other.network) return;
    this.#network = other.network;
    this.#network.calls.push(this);
  }

  addSign(sign: Omit<RefusalSign, 'hasFailedEncryption'>): void {
    if (this.signs.length >= MAX_SIGNS) return;
    this.signs.push({ ...sign, hasFailedEncryption: this.#hasFailedEncryption() });
  }

  /** A side that turns down what it asked to change does not come to terms; one Nak of each is how terms are found. */
  #hasFailedEncryption(): boolean {
    if (this.ccpState !== 'negotiating') return this.ccpState === 'failed';
    return Math.max(...this.ccpNaks) >= 2;
  }
}
