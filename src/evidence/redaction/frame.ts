/**
 * One frame from its link header on: Ethernet, 802.3, VLAN tags, cooked captures, raw IP, PPP, by the same decisions as wire/link.ts. A
 * link that is not examined, and every protocol that no rule reads, becomes zero behind what says which it is.
 */
import {
  LINK_ETHERNET,
  LINK_IPV4,
  LINK_IPV6,
  LINK_LOOP,
  LINK_NULL,
  LINK_SLL,
  LINK_SLL2,
} from '../../wire/link.ts';
import {
  isPppLink,
  LINK_PPP_ETHER,
  LINK_PPP_HDLC,
  LINK_PPP_PPPD,
  LINK_PPP_WITH_DIR,
} from '../../wire/ppp-link.ts';
import { PPPOE_DISCOVERY_TYPE, PPPOE_SESSION_TYPE } from '../../wire/pppoe.ts';
import { PPTP_PORT } from '../../wire/pptp.ts';
import { isVlanType, MAX_VLAN_DEPTH } from '../../wire/vlan.ts';
import { frameCheck } from './checksum.ts';
import { redactPppoe } from './dial-in-carriers.ts';
import { Draft } from './draft.ts';
import { redactHeartbeat } from './heartbeat-message.ts';
import type { FrameContext } from './frame-context.ts';
import { redactIpv4 } from './ip-packet.ts';
import type { Mapping } from './mapping.ts';
import { redactIpv6, redactPpp } from './ppp-frame.ts';
import { PptpStreams } from './pptp-streams.ts';

/** BSD's address families: IPv4, and IPv6 of four systems. */
const FAMILY_IPV4 = 2;
const IPV6_FAMILIES: ReadonlySet<number> = new Set([10, 24, 28, 30]);

export interface FrameBounds {
  /** LINKTYPE_ number. */
  readonly linkType: number;
  /** Bytes on the wire. */
  readonly originalLength: number;
  /** Frame check sequence behind a frame that was captured whole. */
  readonly fcsBytes: number;
}

/** Redacts the frames of one capture, in its order: a control connection is followed from segment to segment. */
export class FrameRedactor {
  readonly #mapping: Mapping;
  readonly #streams = new PptpStreams();

  constructor(mapping: Mapping) {
    this.#mapping = mapping;
  }

  /** The frame as it may leave the building, of equal length. `frame` is not changed. Never throws on any bytes. */
  redact(frame: Uint8Array, { linkType, originalLength, fcsBytes }: FrameBounds): Uint8Array<ArrayBuffer> {
    const hasCheck = fcsBytes !== 0 && frame.length === originalLength;
    const end = hasCheck ? Math.max(0, frame.length - fcsBytes) : frame.length;
    const wireEnd = hasCheck ? end : originalLength;
    const draft = new Draft(this.#mapping, frame, end, wireEnd);
    redactLink({ draft, streams: this.#streams, depth: 0, redactIpv4 }, linkType);
    if (hasCheck && fcsBytes === 4 && frame.length >= 4 && linkType === LINK_ETHERNET)
      redactFrameCheck(draft, frame);
    return draft.bytes;
  }

  /** Takes note of a frame that is not wanted: what comes after it on its connection may depend on it. */
  follow(frame: Uint8Array, bounds: FrameBounds): void {
    if (mayBeFollowed(frame)) this.redact(frame, bounds);
  }
}

/** Where a port stands, headers of all kinds before it. */
const LOOKED_AT_BYTES = 128;

/** Whether the number of the port that connections are followed on stands anywhere in the headers. */
function mayBeFollowed(frame: Uint8Array): boolean {
  const last = Math.min(frame.length - 1, LOOKED_AT_BYTES);
  for (let at = 0; at < last; at += 1)
    if (frame[at] === PPTP_PORT >>> 8 && frame[at + 1] === (PPTP_PORT & 0xff)) return true;
  return false;
}

/** A frame check sequence that was right is right again; another is zero, which is as wrong as it was. */
function redactFrameCheck({ bytes, view, source, end }: Draft, frame: Uint8Array): void {
  if (source.getUint32(end, true) === frameCheck(frame.subarray(0, end)))
    view.setUint32(end, frameCheck(bytes.subarray(0, end)), true);
}

function redactLink(context: FrameContext, linkType: number): void {
  const { draft } = context;
  if (linkType === LINK_ETHERNET) redactEthernet(context);
  else if (linkType === LINK_SLL || linkType === LINK_SLL2) redactCooked(context, linkType === LINK_SLL2);
  else if (linkType === LINK_IPV4) redactIpv4(context, 0, draft.wireEnd);
  else if (linkType === LINK_IPV6) redactIpv6(draft, 0, draft.wireEnd);
  else if (linkType === 101 || linkType === 12 || linkType === 14) redactRaw(context, 0);
  else if (linkType === LINK_NULL || linkType === LINK_LOOP) redactLoopback(context);
  else if (isPppLink(linkType)) redactLine(context, linkType);
}

/** 0 destination 6 | 6 source 6 | 12 type or length 2. */
function redactEthernet(context: FrameContext): void {
  const { draft } = context;
  draft.mac(0);
  draft.mac(6);
  draft.keep(12, 2);
  if (draft.end >= 14) redactTagged(context, draft.source.getUint16(12), 14);
}

/** What stands behind a type field. */
function redactTagged(context: FrameContext, first: number, from: number): void {
  const { draft } = context;
  const { source, end } = draft;
  let type = first;
  let at = from;
  for (let depth = 0; isVlanType(type); depth += 1) {
    draft.keep(at, 4);
    if (at + 4 > end || depth === MAX_VLAN_DEPTH) return;
    type = source.getUint16(at + 2);
    at += 4;
  }
  if (type <= 1500) redactLlc(context, at, type);
  else redactByType(context, type, at);
}

function redactByType(context: FrameContext, type: number, at: number): void {
  const { draft } = context;
  switch (type) {
    case 0x0800:
      redactIpv4(context, at, draft.wireEnd);
      return;
    case 0x0806:
    case 0x8035: // RARP has the same fields
      redactArp(draft, at);
      return;
    case 0x86dd:
      redactIpv6(draft, at, draft.wireEnd);
      return;
    case 0x886f:
    case 0xbf01:
      redactHeartbeat(draft, at);
      return;
    case PPPOE_DISCOVERY_TYPE:
    case PPPOE_SESSION_TYPE:
      redactPppoe(context, at, type === PPPOE_SESSION_TYPE, draft.wireEnd);
      return;
    default:
  }
}

/** Access points and control field, and behind those of SNAP the type. */
function redactLlc(context: FrameContext, at: number, length: number): void {
  const { draft } = context;
  const { source, end } = draft;
  draft.keep(at, Math.min(3, length));
  if (length < 8 || at + 8 > end) return;
  if (source.getUint16(at) !== 0xaaaa || source.getUint8(at + 2) !== 3) return;
  draft.keep(at, 8);
  const organisation = (source.getUint8(at + 3) << 16) | source.getUint16(at + 4);
  if (organisation === 0 || organisation === 0x0000f8)
    redactByType(context, source.getUint16(at + 6), at + 8);
}

/** 0 hardware 2 | 2 protocol 2 | 4 lengths 2 | 6 operation 2 | 8 SHA 6 | 14 SPA 4 | 18 THA 6 | 24 TPA 4. */
function redactArp(draft: Draft, at: number): void {
  draft.keep(at, 8);
  if (at + 8 > draft.end || draft.source.getInt32(at + 2) !== 0x0800_0604) return;
  draft.mac(at + 8);
  draft.address(at + 14);
  draft.mac(at + 18);
  draft.address(at + 24);
}

/** Linux cooked captures: 16 bytes with the source address at 6, or 20 bytes with it at 12. */
function redactCooked(context: FrameContext, isSecond: boolean): void {
  const { draft } = context;
  const { source, end } = draft;
  const header = isSecond ? 20 : 16;
  const addressAt = isSecond ? 12 : 6;
  draft.keep(0, addressAt);
  if (!isSecond) draft.keep(14, 2);
  if (end < header) return;
  const length = isSecond ? source.getUint8(11) : source.getUint16(4);
  if (length === 6) draft.mac(addressAt);
  const protocol = source.getUint16(isSecond ? 0 : 14);
  if (protocol >= 0x0600) redactTagged(context, protocol, header);
  else if (protocol === 4) redactLlc(context, header, draft.wireEnd - header);
}

function redactRaw(context: FrameContext, at: number): void {
  const { draft } = context;
  if (at >= draft.end) return;
  const version = draft.source.getUint8(at) >>> 4;
  if (version === 4) redactIpv4(context, at, draft.wireEnd);
  else if (version === 6) redactIpv6(draft, at, draft.wireEnd);
}

/** An address family, in either byte order. */
function redactLoopback(context: FrameContext): void {
  const { draft } = context;
  const { source, end } = draft;
  draft.keep(0, 4);
  if (end < 4) return;
  const big = source.getUint32(0);
  const family = big > 0xffff ? source.getUint32(0, true) : big;
  if (family === FAMILY_IPV4) redactIpv4(context, 4, draft.wireEnd);
  else if (IPV6_FAMILIES.has(family)) redactIpv6(draft, 4, draft.wireEnd);
}

/** Links that are PPP from their first byte on, as in wire/ppp-link.ts. */
function redactLine(context: FrameContext, linkType: number): void {
  const { draft } = context;
  if (linkType === LINK_PPP_ETHER) {
    redactPppoe(context, 0, true, draft.wireEnd);
    return;
  }
  const at = linkType === LINK_PPP_WITH_DIR || linkType === LINK_PPP_PPPD ? 1 : 0;
  draft.keep(0, at);
  if (linkType === LINK_PPP_HDLC && draft.end > 0 && draft.source.getUint8(0) !== 0xff) {
    redactCiscoHdlc(context);
    return;
  }
  redactPpp(context, at, draft.wireEnd);
}

/** 0 address 1 | 1 zero 1 | 2 type 2. */
function redactCiscoHdlc(context: FrameContext): void {
  const { draft } = context;
  const { source } = draft;
  draft.keep(0, 4);
  if (draft.end < 4) return;
  const address = source.getUint8(0);
  if ((address !== 0x0f && address !== 0x8f) || source.getUint8(1) !== 0) return;
  const type = source.getUint16(2);
  if (type === 0x0800) redactIpv4(context, 4, draft.wireEnd);
  else if (type === 0x86dd) redactIpv6(draft, 4, draft.wireEnd);
}
