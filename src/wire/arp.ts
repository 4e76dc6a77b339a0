/**
 * ARP and RARP for IPv4 over Ethernet (RFC 826, RFC 903): 28 bytes, every field at a fixed place.
 *
 *     0 htype 2 | 2 ptype 2 | 4 hlen 1 | 5 plen 1 | 6 op 2 | 8 SHA 6 | 14 SPA 4 | 18 THA 6 | 24 TPA 4
 *
 * Nothing here is a length to be trusted; frames are padded, so what follows is ignored.
 */
import { formatIpv4 } from './ipv4.ts';
import { formatMac, macNumber } from './mac.ts';

export const ARP_BYTES = 28;
export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

export const ARP_OK = 0;
/** The fields stand behind the end of what was captured. */
export const ARP_CUT = 1;
/** Not Ethernet/IPv4 ARP, or lengths that contradict it. */
export const ARP_FOREIGN = 2;

/** One ARP packet's fields; owned by the caller and overwritten by the next decode. */
export class ArpFields {
  operation = 0;
  /** MAC addresses as doubles, see mac.ts. */
  senderMac = 0;
  /** IPv4 addresses as int32. */
  senderAddress = 0;
  targetMac = 0;
  targetAddress = 0;
}

/** Reads the packet at `offset`. Hardware type 6 is IEEE 802 as NT used it on Token Ring (Q120599). */
export function decodeArp(view: DataView, offset: number, end: number, out: ArpFields): number {
  if (offset + 8 > end) return ARP_CUT;
  const hardware = view.getUint16(offset);
  if ((hardware !== 1 && hardware !== 6) || view.getUint16(offset + 2) !== 0x0800) return ARP_FOREIGN;
  if (view.getUint16(offset + 4) !== 0x0604) return ARP_FOREIGN;
  if (offset + ARP_BYTES > end) return ARP_CUT;
  out.operation = view.getUint16(offset + 6);
  out.senderMac = macNumber(view.getUint16(offset + 8), view.getInt32(offset + 10));
  out.senderAddress = view.getInt32(offset + 14);
  out.targetMac = macNumber(view.getUint16(offset + 18), view.getInt32(offset + 20));
  out.targetAddress = view.getInt32(offset + 24);
  return ARP_OK;
}

/** One line for a report. */
export function formatArp(arp: Readonly<ArpFields>): string {
  const sender = formatMac(arp.senderMac);
  if (arp.operation === ARP_REPLY) {
    return `ARP reply: ${formatIpv4(arp.senderAddress)} is at ${sender}, to ${formatMac(arp.targetMac)}`;
  }
  if (arp.operation !== ARP_REQUEST) return `ARP operation ${arp.operation} from ${sender}`;
  if (arp.senderAddress === 0) return `ARP probe: is ${formatIpv4(arp.targetAddress)} in use? from ${sender}`;
  if (arp.senderAddress === arp.targetAddress) {
    return `ARP announcement: ${formatIpv4(arp.senderAddress)} is at ${sender}`;
  }
  return `ARP request: who has ${formatIpv4(arp.targetAddress)}? tell ${formatIpv4(arp.senderAddress)} at ${sender}`;
}
