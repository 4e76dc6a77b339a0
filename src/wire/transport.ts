/** From an IPv4 header to the kind of packet: the part of decoding that every IPv4 packet pays for. */
import {
  PROTOCOL_GRE,
  PROTOCOL_ICMP,
  PROTOCOL_IPIP,
  PROTOCOL_IPV6,
  PROTOCOL_L2TPV3,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from './ipv4.ts';
import {
  KIND_CLUSTER_CONTROL,
  KIND_DHCP,
  KIND_ICMP,
  KIND_IPV4,
  KIND_IPV4_TUNNEL,
  KIND_MALFORMED,
  KIND_RADIUS,
  KIND_TCP,
  KIND_TCP_CONTROL,
  KIND_TRUNCATED,
  KIND_UDP,
  type Packet,
} from './packet.ts';
import { isRadiusPort, looksLikeRadius } from './radius.ts';

/** Decodes the datagram at `at` and answers the packet's kind. */
export function decodeIpv4(packet: Packet, at: number): number {
  const { view, end } = packet;
  if (at + 20 > end) return KIND_TRUNCATED;
  const first = view.getInt32(at);
  const headerBytes = (first >>> 22) & 0x3c;
  const totalLength = first & 0xffff;
  if (first >>> 28 !== 4 || headerBytes < 20) return KIND_MALFORMED;
  packet.network = at;
  packet.ipSource = view.getInt32(at + 12);
  const fragment = view.getUint16(at + 6) & 0x1fff;
  const protocol = view.getUint8(at + 9);
  packet.protocol = protocol;
  const transport = at + headerBytes;
  packet.transport = transport;
  // A total length of zero is segmentation offload: the frame on the wire tells the length, never the captured one.
  packet.ipEnd = totalLength === 0 ? packet.wireEnd : at + totalLength;
  if (totalLength !== 0 && totalLength < headerBytes) return KIND_MALFORMED;
  packet.laterFragment = fragment !== 0;
  if (fragment !== 0) return KIND_IPV4;
  if (protocol === PROTOCOL_TCP) {
    if (transport + 14 > end) return KIND_TRUNCATED;
    return (view.getUint8(transport + 13) & 0x07) === 0 ? KIND_TCP : KIND_TCP_CONTROL;
  }
  if (protocol === PROTOCOL_UDP) return decodeUdp(packet, transport);
  if (protocol === PROTOCOL_ICMP) return transport + 8 > end ? KIND_TRUNCATED : KIND_ICMP;
  if (
    protocol === PROTOCOL_GRE ||
    protocol === PROTOCOL_IPIP ||
    protocol === PROTOCOL_IPV6 ||
    protocol === PROTOCOL_L2TPV3
  ) {
    return KIND_IPV4_TUNNEL;
  }
  return KIND_IPV4;
}

/** True for UDP that only its ports can make something else of, and do not: one test each for all but a few. */
export function isOrdinaryUdp(source: number, destination: number): boolean {
  return (
    destination !== 67 &&
    destination !== 68 &&
    // The ports of RADIUS lie close together, and those of L2TP and Convoy among them.
    (destination - 1645) >>> 0 > 168 &&
    (source - 1645) >>> 0 > 168 &&
    destination !== 2504 &&
    destination !== 4789 &&
    destination !== 8472 &&
    destination !== 6081
  );
}

/** UDP (RFC 768): only the ports decide the kind. VXLAN 4789 and 8472, GENEVE 6081, L2TP 1701. */
function decodeUdp(packet: Packet, transport: number): number {
  const { view } = packet;
  if (transport + 8 > packet.end) return KIND_TRUNCATED;
  const source = view.getUint16(transport);
  const destination = view.getUint16(transport + 2);
  if (isOrdinaryUdp(source, destination)) return KIND_UDP;
  if (destination === 67 || destination === 68) return KIND_DHCP;
  if (destination === 4789 || destination === 8472 || destination === 6081 || destination === 1701) {
    return KIND_IPV4_TUNNEL;
  }
  if (destination === 2504 || destination === 1717) return KIND_CLUSTER_CONTROL;
  return decodeNearRadius(packet, transport);
}

/** UDP between the lowest and the highest port of RADIUS. */
function decodeNearRadius(packet: Packet, transport: number): number {
  const { view } = packet;
  // L2TP may answer from its port to any other (RFC 2661 8.1).
  if (view.getUint16(transport) === 1701) return KIND_IPV4_TUNNEL;
  if (!isRadiusPort(view.getUint16(transport)) && !isRadiusPort(view.getUint16(transport + 2)))
    return KIND_UDP;
  const bytes = view.getUint16(transport + 4) - 8;
  return looksLikeRadius(view, transport + 8, packet.end, bytes) ? KIND_RADIUS : KIND_UDP;
}
