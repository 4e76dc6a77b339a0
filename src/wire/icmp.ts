/**
 * ICMP errors (RFC 792) carry the IP header of what caused them and at least its first 8 bytes:
 *
 *     0 type 1 | 1 code 1 | 2 checksum 2 | 4 rest 4 | 8 IP header | first bytes of the transport header
 */
import { IPV4_MIN_BYTES, PROTOCOL_TCP, PROTOCOL_UDP } from './ipv4.ts';
import type { Packet } from './packet.ts';

const ICMP_BYTES = 8;
const DESTINATION_UNREACHABLE = 3;
const PORT_UNREACHABLE = 3;

/** Where the IP header of the datagram stands that could not be delivered; -1 if the packet tells of none. */
export function undeliveredHeader(packet: Packet): number {
  const { view, transport, end } = packet;
  const inner = transport + ICMP_BYTES;
  if (inner + IPV4_MIN_BYTES > end || view.getUint8(transport) !== DESTINATION_UNREACHABLE) return -1;
  return view.getUint8(inner) >>> 4 === 4 ? inner : -1;
}

/** The same of a TCP segment, whose ports are there as well. */
export function undeliveredTcp(packet: Packet): number {
  return undeliveredPorts(packet, PROTOCOL_TCP);
}

/** Where the ports stand of a UDP datagram that reached its host, and nobody there (RFC 792, code 3); -1 if the packet tells of none. */
export function unreachedUdpPorts(packet: Packet): number {
  const inner = undeliveredPorts(packet, PROTOCOL_UDP);
  return inner < 0 || icmpCode(packet) !== PORT_UNREACHABLE
    ? -1
    : inner + ((packet.view.getUint8(inner) & 15) << 2);
}

function undeliveredPorts(packet: Packet, protocol: number): number {
  const { view, end } = packet;
  const inner = undeliveredHeader(packet);
  if (inner < 0) return -1;
  const header = (view.getUint8(inner) & 15) << 2;
  if (header < IPV4_MIN_BYTES || inner + header + 8 > end) return -1;
  const isFirstFragment = (view.getUint16(inner + 6) & 0x1fff) === 0;
  return isFirstFragment && view.getUint8(inner + 9) === protocol ? inner : -1;
}

export function icmpCode(packet: Packet): number {
  return packet.view.getUint8(packet.transport + 1);
}
