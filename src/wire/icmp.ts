/**
 * ICMP errors (RFC 792) carry the IP header of what caused them and at least its first 8 bytes:
 *
 *     0 type 1 | 1 code 1 | 2 checksum 2 | 4 rest 4 | 8 IP header | first bytes of the transport header
 */
import { IPV4_MIN_BYTES, PROTOCOL_TCP } from './ipv4.ts';
import type { Packet } from './packet.ts';

const ICMP_BYTES = 8;
const DESTINATION_UNREACHABLE = 3;

/** Where the IP header stands of the TCP segment that could not be delivered; -1 if the packet tells of none. */
export function undeliveredTcp(packet: Packet): number {
  const { view, transport, end } = packet;
  const inner = transport + ICMP_BYTES;
  if (inner + IPV4_MIN_BYTES > end || view.getUint8(transport) !== DESTINATION_UNREACHABLE) return -1;
  const first = view.getUint8(inner);
  const header = (first & 15) << 2;
  if (first >>> 4 !== 4 || header < IPV4_MIN_BYTES || inner + header + 8 > end) return -1;
  const isFirstFragment = (view.getUint16(inner + 6) & 0x1fff) === 0;
  return isFirstFragment && view.getUint8(inner + 9) === PROTOCOL_TCP ? inner : -1;
}
