/**
 * TCP headers (RFC 9293).
 *
 *     0 source port 2 | 2 destination port 2 | 4 sequence 4 | 8 acknowledgment 4 | 12 data offset 4 bits
 *     13 flags 1 | 14 window 2 | 16 checksum 2 | 18 urgent 2 | options
 *
 * Data offset and option lengths are untrusted. A segment's length comes from the IP header, so it is
 * known even where the payload was cut.
 */
import type { Packet } from './packet.ts';
import { TcpOptions } from './tcp-options.ts';

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;

export function tcpFlags(packet: Packet): number {
  return packet.view.getUint8(packet.transport + 13);
}

/** Both ports in one int32, source in the upper half. */
export function tcpPorts(packet: Packet): number {
  return packet.view.getInt32(packet.transport);
}

/** Sequence number as int32; compare modulo 2^32 only. */
export function tcpSequence(packet: Packet): number {
  return packet.view.getInt32(packet.transport + 4);
}

export function tcpAcknowledgment(packet: Packet): number {
  return packet.view.getInt32(packet.transport + 8);
}

/** Payload bytes as the IP header claims; 0 where the lengths contradict each other. */
export function tcpPayloadLength(packet: Packet): number {
  const header = (packet.view.getUint8(packet.transport + 12) >>> 4) << 2;
  const length = packet.ipEnd - packet.transport - header;
  return length > 0 && header >= 20 ? length : 0;
}

/** How far `to` lies after `from`, modulo 2^32 (0 to 2^32 - 1). */
export function sequenceForward(from: number, to: number): number {
  return (to - from) >>> 0;
}

const OPTIONS = new TcpOptions();

/** The order of the options of a segment as one number, for telling stacks apart; 0 if there are none or they were cut. */
export function tcpOptionOrder(packet: Packet): number {
  OPTIONS.read(packet);
  return OPTIONS.order;
}
