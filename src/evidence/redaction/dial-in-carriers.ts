/** What carries PPP: GRE of PPTP (RFC 2637 4.1), L2TP (RFC 2661), PPPoE (RFC 2516). */
import { decodeGre, GRE_FOREIGN, GRE_OK, GreHeader } from '../../wire/gre.ts';
import { PPPOE_SESSION } from '../../wire/pppoe.ts';
import type { Draft } from './draft.ts';
import type { FrameContext } from './frame-context.ts';
import { redactPpp } from './ppp-frame.ts';

const gre = new GreHeader();

/** The packet at `at`; `wireEnd` is the end of its datagram. */
export function redactGre(context: FrameContext, at: number, wireEnd: number): void {
  const { draft } = context;
  const status = decodeGre(draft.source, at, draft.end, wireEnd, gre);
  if (status === GRE_FOREIGN) {
    // What another tunnel carries is not examined; its header says what it is.
    draft.keepTo(at, Math.min(at + 4, wireEnd));
    return;
  }
  const { payload, payloadEnd } = gre;
  draft.keepTo(at, Math.min(Math.max(payload, at + 8), wireEnd));
  if (status === GRE_OK && payload < payloadEnd) redactPpp(context, payload, payloadEnd);
}

const L2TP = { type: 0x8000, length: 0x4000, sequence: 0x0800, offset: 0x0200, version: 2 } as const;
const AVP_HIDDEN = 0x4000;
const AVP_BYTES = 6;
const MAX_AVPS = 64;

/**
 * AVPs of numbers, by the bytes of their values (RFC 2661 4.4): message type, version, firmware, tunnel, window, session, proxy's kind;
 * capabilities, serial number, speeds, bearer, framing; sequencing. Of any other length they could hold anything.
 */
const AVP_NUMBER_BYTES: ReadonlyMap<number, number> = new Map([
  ...[0, 2, 6, 9, 10, 14, 29, 32].map((type) => [type, 2] as const),
  ...[3, 4, 15, 16, 17, 18, 19, 24, 38].map((type) => [type, 4] as const),
  ...[[39, 0] as const],
]);
/** Tie breaker: eight bytes that tell one tunnel from another. */
const AVP_TIE_BREAKER = 5;
/** Host-Name, called, calling and sub-address numbers, Proxy-Authen-Name. */
const AVP_NAMES: ReadonlySet<number> = new Set([7, 21, 22, 23, 30]);
/** Result code and Q.931 cause begin with numbers and go on with text. */
const AVP_RESULTS: Readonly<Record<number, number>> = { 1: 4, 12: 3 };

/** The message at `at`; `wireEnd` is the end of its datagram. */
export function redactL2tp(context: FrameContext, at: number, wireEnd: number): void {
  const { draft } = context;
  const { source } = draft;
  const limit = Math.min(draft.end, wireEnd);
  draft.keepTo(at, Math.min(at + 2, limit));
  if (at + 2 > limit) return;
  const flags = source.getUint16(at);
  if ((flags & 15) !== L2TP.version) return;
  let from = at + 2;
  let messageEnd = wireEnd;
  if ((flags & L2TP.length) !== 0) {
    if (from + 2 > limit) return;
    messageEnd = at + source.getUint16(from);
    from += 2;
  }
  from += (flags & L2TP.sequence) === 0 ? 4 : 8;
  draft.keepTo(at, Math.min(from, limit));
  if ((flags & L2TP.offset) !== 0) {
    if (from + 2 > limit) return;
    draft.keep(from, 2);
    from += 2 + source.getUint16(from);
  }
  if (messageEnd > wireEnd || from > messageEnd) return;
  if ((flags & L2TP.type) === 0) redactPpp(context, from, messageEnd);
  else redactAvps(draft, from, messageEnd);
}

/** 0 flags and length 10 bits | 2 vendor 2 | 4 type 2 | 6 value. */
function redactAvps(draft: Draft, from: number, wireEnd: number): void {
  const { source, end } = draft;
  let at = from;
  for (let count = 0; at + AVP_BYTES <= Math.min(end, wireEnd) && count < MAX_AVPS; count += 1) {
    const head = source.getUint16(at);
    const length = head & 0x3ff;
    draft.keep(at, AVP_BYTES);
    if (length < AVP_BYTES || at + length > wireEnd) return;
    const type = source.getUint16(at + 4);
    const isPlain = (head & AVP_HIDDEN) === 0 && source.getUint16(at + 2) === 0;
    const value = at + AVP_BYTES;
    const bytes = length - AVP_BYTES;
    if (isPlain && AVP_NUMBER_BYTES.get(type) === bytes) draft.keep(value, bytes);
    else if (isPlain && type === AVP_TIE_BREAKER) draft.identifier(value, bytes);
    else if (isPlain && AVP_NAMES.has(type)) draft.name(value, bytes);
    else if (isPlain) draft.keep(value, Math.min(AVP_RESULTS[type] ?? 0, bytes));
    at += length;
  }
}

const PPPOE_BYTES = 6;
/** Service-Name, AC-Name; Host-Uniq, AC-Cookie, Relay-Session-Id. */
const TAG_NAMES: ReadonlySet<number> = new Set([0x0101, 0x0102]);
const TAG_IDENTIFIERS: ReadonlySet<number> = new Set([0x0103, 0x0104, 0x0110]);

/** The packet at `at`; `wireEnd` is the end of the frame on the wire. */
export function redactPppoe(context: FrameContext, at: number, isSession: boolean, wireEnd: number): void {
  const { draft } = context;
  const { source, end } = draft;
  draft.keep(at, PPPOE_BYTES);
  if (at + PPPOE_BYTES > end || source.getUint8(at) !== 0x11) return;
  const payload = at + PPPOE_BYTES;
  const payloadEnd = payload + source.getUint16(at + 4);
  if (payloadEnd > wireEnd) return;
  if (isSession && source.getUint8(at + 1) === PPPOE_SESSION) redactPpp(context, payload, payloadEnd);
  else redactTags(draft, payload, payloadEnd);
}

function redactTags(draft: Draft, from: number, wireEnd: number): void {
  const { source } = draft;
  const last = Math.min(draft.end, wireEnd);
  for (let at = from; at + 4 <= last; ) {
    const type = source.getUint16(at);
    const length = source.getUint16(at + 2);
    draft.keep(at, 4);
    if (at + 4 + length > wireEnd) return;
    if (TAG_NAMES.has(type)) draft.name(at + 4, length);
    else if (TAG_IDENTIFIERS.has(type)) draft.identifier(at + 4, length);
    at += 4 + length;
  }
}
