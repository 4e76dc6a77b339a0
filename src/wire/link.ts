/**
 * From a record to the network header: Ethernet II and 802.3 with LLC/SNAP, VLAN stacks, raw IP, BSD
 * loopback, Linux cooked captures, and PPP. LINKTYPE numbers, not DLT.
 */
import {
  KIND_HEARTBEAT,
  KIND_ARP,
  KIND_IPV6,
  KIND_LINK_TUNNEL,
  KIND_OTHER,
  KIND_RARP,
  KIND_TRUNCATED,
  KIND_UNKNOWN_LINK,
  type Packet,
} from './packet.ts';
import { decodePppLink, isPppLink } from './ppp-link.ts';
import { decodeIpv4 } from './transport.ts';
import { decodeVlanTags, isVlanType } from './vlan.ts';

export const LINK_NULL = 0;
export const LINK_ETHERNET = 1;
export const LINK_LOOP = 108;
export const LINK_SLL = 113;
export const LINK_SLL2 = 276;
export const LINK_IPV4 = 228;
export const LINK_IPV6 = 229;

/** Names of the link types a report may meet; others are shown by number. */
export const LINK_NAMES: Readonly<Record<number, string>> = {
  0: 'NULL',
  1: 'ETHERNET',
  6: 'TOKEN_RING',
  9: 'PPP',
  10: 'FDDI',
  12: 'RAW',
  14: 'RAW',
  50: 'PPP_HDLC',
  51: 'PPP_ETHER',
  101: 'RAW',
  104: 'C_HDLC',
  105: 'IEEE802_11',
  107: 'FRELAY',
  108: 'LOOP',
  113: 'LINUX_SLL',
  122: 'IP_OVER_FC',
  123: 'SUNATM',
  127: 'IEEE802_11_RADIOTAP',
  147: 'USER0',
  166: 'PPP_PPPD',
  192: 'PPI',
  195: 'IEEE802_15_4_WITHFCS',
  204: 'PPP_WITH_DIR',
  226: 'IPNET',
  228: 'IPV4',
  229: 'IPV6',
  239: 'NFLOG',
  242: 'IPOIB',
  253: 'NETLINK',
  276: 'LINUX_SLL2',
};

function isRawIp(linkType: number): boolean {
  return linkType === 101 || linkType === 12 || linkType === 14;
}

/** True for link types whose packets are examined. */
export function isExaminedLink(linkType: number): boolean {
  return (
    linkType === LINK_ETHERNET ||
    linkType === LINK_SLL ||
    linkType === LINK_SLL2 ||
    linkType === LINK_NULL ||
    linkType === LINK_LOOP ||
    linkType === LINK_IPV4 ||
    linkType === LINK_IPV6 ||
    isRawIp(linkType) ||
    isPppLink(linkType)
  );
}

/** Decodes the packet whose bounds and link type are set; sets and returns its kind. */
export function decodePacket(packet: Packet): number {
  packet.vlanDepth = 0;
  packet.cookedInterface = 0;
  if (packet.linkType === LINK_ETHERNET) return (packet.kind = decodeEthernet(packet));
  packet.ethernet = -1;
  packet.sourceHigh = -1;
  packet.cookedType = -1;
  return (packet.kind = decodeOtherLink(packet));
}

/** 0 destination 6 | 6 source 6 | 12 type or length 2. */
function decodeEthernet(packet: Packet): number {
  const { view, offset: start, end } = packet;
  packet.ethernet = start;
  packet.cookedType = -1;
  if (start + 14 > end) {
    packet.sourceHigh = -1;
    packet.ethernet = -1;
    return KIND_TRUNCATED;
  }
  packet.sourceHigh = view.getUint16(start + 6);
  packet.sourceLow = view.getInt32(start + 8);
  const type = view.getUint16(start + 12);
  packet.etherType = type;
  if (type === 0x0800) return decodeIpv4(packet, start + 14);
  return decodeEtherType(packet, start + 14);
}

/** What follows a type field at `offset`, tags included; `packet.etherType` holds the type. */
function decodeEtherType(packet: Packet, offset: number): number {
  let at = offset;
  if (isVlanType(packet.etherType)) {
    packet.vlanHigh = 0;
    packet.vlanLow = 0;
    at = decodeVlanTags(packet, offset);
    if (at < 0) return KIND_TRUNCATED;
  }
  const type = packet.etherType;
  if (type <= 1500) return decodeLlc(packet, at, type);
  return decodeByType(packet, at);
}

function decodeByType(packet: Packet, at: number): number {
  switch (packet.etherType) {
    case 0x0800:
      return decodeIpv4(packet, at);
    case 0x0806:
      packet.network = at;
      return KIND_ARP;
    case 0x8035:
      packet.network = at;
      return KIND_RARP;
    case 0x86dd:
      return KIND_IPV6;
    case 0x886f:
    case 0xbf01:
      packet.network = at;
      return KIND_HEARTBEAT;
    case 0x8863:
    case 0x8864: // PPPoE
    case 0x8847:
    case 0x8848: // MPLS
    case 0x88e7: // provider backbone bridging
    case 0x22f3: // TRILL
    case 0x8903: // FabricPath
    case 0x8926: // VN-Tag
    case 0x893f: // 802.1BR
    case 0x8909: // Cisco metadata
    case 0x88e5: // MACsec
    case 0x894f: // network service headers
    case 0x6558: // bridged Ethernet
      packet.network = at;
      return KIND_LINK_TUNNEL;
    default:
      return KIND_OTHER;
  }
}

/** 802.2 LLC; SNAP with a zero or bridge-tunnel OUI carries an ethertype. The 802.3 length only excludes padding. */
function decodeLlc(packet: Packet, at: number, length: number): number {
  const { view, end } = packet;
  if (length < 8) return KIND_OTHER;
  if (at + 8 > end) return packet.wireEnd > end ? KIND_TRUNCATED : KIND_OTHER;
  if (view.getUint16(at) !== 0xaaaa || view.getUint8(at + 2) !== 3) return KIND_OTHER;
  const oui = (view.getUint8(at + 3) << 16) | view.getUint16(at + 4);
  if (oui !== 0 && oui !== 0x0000f8) return KIND_OTHER;
  packet.etherType = view.getUint16(at + 6);
  return decodeByType(packet, at + 8);
}

function decodeOtherLink(packet: Packet): number {
  const { linkType, offset: start } = packet;
  if (linkType === LINK_SLL) return decodeSll(packet);
  if (linkType === LINK_SLL2) return decodeSll2(packet);
  if (linkType === LINK_IPV4) return decodeIpv4(packet, start);
  if (linkType === LINK_IPV6) return KIND_IPV6;
  if (isRawIp(linkType)) return decodeIp(packet, start);
  if (isPppLink(linkType)) return decodePppLink(packet);
  if (linkType === LINK_NULL || linkType === LINK_LOOP) return decodeLoopback(packet);
  return KIND_UNKNOWN_LINK;
}

function decodeIp(packet: Packet, at: number): number {
  if (at >= packet.end) return KIND_TRUNCATED;
  const version = packet.view.getUint8(at) >>> 4;
  if (version === 4) return decodeIpv4(packet, at);
  return version === 6 ? KIND_IPV6 : KIND_OTHER;
}

/** An address family in the byte order of the capturing host (NULL) or big-endian (LOOP). */
function decodeLoopback(packet: Packet): number {
  const { view, offset: start, end } = packet;
  if (start + 4 > end) return KIND_TRUNCATED;
  const big = view.getUint32(start);
  const family = big > 0xffff ? view.getUint32(start, true) : big;
  if (family === 2) return decodeIpv4(packet, start + 4);
  return family === 24 || family === 28 || family === 30 || family === 10 ? KIND_IPV6 : KIND_OTHER;
}

/** 0 packet type 2 | 2 ARPHRD 2 | 4 address length 2 | 6 address 8 | 14 protocol 2. */
function decodeSll(packet: Packet): number {
  const { view, offset: start, end } = packet;
  if (start + 16 > end) return KIND_TRUNCATED;
  packet.cookedType = view.getUint16(start);
  readCookedSource(packet, view.getUint16(start + 4), start + 6);
  return decodeCookedProtocol(packet, view.getUint16(start + 14), start + 16);
}

/** 0 protocol 2 | 4 interface index 4 | 8 ARPHRD 2 | 10 packet type 1 | 11 address length 1 | 12 address 8. */
function decodeSll2(packet: Packet): number {
  const { view, offset: start, end } = packet;
  if (start + 20 > end) return KIND_TRUNCATED;
  packet.cookedType = view.getUint8(start + 10);
  packet.cookedInterface = view.getInt32(start + 4);
  readCookedSource(packet, view.getUint8(start + 11), start + 12);
  return decodeCookedProtocol(packet, view.getUint16(start), start + 20);
}

function readCookedSource(packet: Packet, length: number, at: number): void {
  if (length !== 6) return;
  packet.sourceHigh = packet.view.getUint16(at);
  packet.sourceLow = packet.view.getInt32(at + 2);
}

function decodeCookedProtocol(packet: Packet, protocol: number, at: number): number {
  // Numbers below 0x0600 are Linux's own (0x0001 802.3 frames, 0x0004 LLC), not ethertypes.
  packet.etherType = protocol;
  if (protocol < 0x0600) return protocol === 4 ? decodeLlc(packet, at, packet.wireEnd - at) : KIND_OTHER;
  return decodeEtherType(packet, at);
}
