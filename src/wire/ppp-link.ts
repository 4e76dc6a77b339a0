/**
 * Links that are PPP from their first byte on: a modem line, an ISDN channel, a PPPoE interface.
 *
 *     9 PPP, 50 PPP_HDLC: [FF 03] protocol; or Cisco HDLC: 0F or 8F, 00, ethertype
 *     51 PPP_ETHER: a PPPoE header
 *     166 PPP_PPPD, 204 PPP_WITH_DIR: 1 byte of direction, then [FF 03] protocol
 *
 * IPv4 on such a link is no tunnel's inside: it is decoded like any other, without MAC addresses.
 */
import {
  KIND_IPV6,
  KIND_LINK_TUNNEL,
  KIND_MALFORMED,
  KIND_OTHER,
  KIND_PPP,
  KIND_TRUNCATED,
  type Packet,
} from './packet.ts';
import { decodePppFrame, PPP_CUT, PPP_IPV4, PPP_IPV6, PPP_OK, PppFrame } from './ppp.ts';
import { PPPOE_SESSION_TYPE } from './pppoe.ts';
import { decodeIpv4 } from './transport.ts';

export const LINK_PPP = 9;
export const LINK_PPP_HDLC = 50;
export const LINK_PPP_ETHER = 51;
export const LINK_PPP_PPPD = 166;
export const LINK_PPP_WITH_DIR = 204;

/** Labelled packets (RFC 3032 4). */
const PPP_MPLS = 0x0281;
const PPP_MPLS_MULTICAST = 0x0283;

const frame = new PppFrame();

export function isPppLink(linkType: number): boolean {
  return (
    linkType === LINK_PPP ||
    linkType === LINK_PPP_HDLC ||
    linkType === LINK_PPP_ETHER ||
    linkType === LINK_PPP_PPPD ||
    linkType === LINK_PPP_WITH_DIR
  );
}

/**
 * Which way a frame of such a link went: 0 received by the capturing host, 1 sent by it, -1 where the link does not say.
 */
export function pppDirection(packet: Packet): number {
  const { linkType } = packet;
  if (linkType !== LINK_PPP_WITH_DIR && linkType !== LINK_PPP_PPPD) return -1;
  if (packet.offset >= packet.end) return -1;
  return packet.view.getUint8(packet.offset) === 0 ? 0 : 1;
}

/** Decodes the packet, whose link type is one of these, and answers its kind. */
export function decodePppLink(packet: Packet): number {
  const { view, offset: start, end, wireEnd, linkType } = packet;
  // No station, but what tells one sender from the other.
  packet.sourceLow = pppDirection(packet);
  packet.network = start;
  packet.etherType = 0;
  if (linkType === LINK_PPP_ETHER) {
    if (start + 6 > end) return KIND_TRUNCATED;
    packet.etherType = PPPOE_SESSION_TYPE;
    return KIND_LINK_TUNNEL;
  }
  const hasDirection = linkType === LINK_PPP_WITH_DIR || linkType === LINK_PPP_PPPD;
  const at = hasDirection ? start + 1 : start;
  if (at >= end) return KIND_TRUNCATED;
  if (linkType === LINK_PPP_HDLC && view.getUint8(at) !== 0xff) return decodeCiscoHdlc(packet, at);
  // Some systems name such frames PPP as well; no PPP protocol has these numbers.
  if (linkType === LINK_PPP && isCiscoHdlc(view, at, end)) return decodeCiscoHdlc(packet, at);
  const status = decodePppFrame(view, at, end, wireEnd, frame);
  if (status !== PPP_OK) return status === PPP_CUT || end < wireEnd ? KIND_TRUNCATED : KIND_MALFORMED;
  packet.network = at;
  if (frame.protocol === PPP_IPV4) return decodeIpv4(packet, frame.information);
  if (frame.protocol === PPP_MPLS || frame.protocol === PPP_MPLS_MULTICAST) return KIND_LINK_TUNNEL;
  return frame.protocol === PPP_IPV6 ? KIND_IPV6 : KIND_PPP;
}

function isCiscoHdlc(view: DataView, at: number, end: number): boolean {
  if (at + 4 > end) return false;
  const address = view.getUint8(at);
  return (address === 0x0f || address === 0x8f) && view.getUint8(at + 1) === 0;
}

/** 0 address 0F unicast or 8F broadcast | 1 zero 1 | 2 ethertype 2. */
function decodeCiscoHdlc(packet: Packet, at: number): number {
  const { view, end } = packet;
  if (at + 4 > end) return KIND_TRUNCATED;
  if (!isCiscoHdlc(view, at, end)) return KIND_OTHER;
  const type = view.getUint16(at + 2);
  packet.etherType = type;
  if (type === 0x0800) return decodeIpv4(packet, at + 4);
  return type === 0x86dd ? KIND_IPV6 : KIND_OTHER;
}
