/**
 * VLAN tags (IEEE 802.1Q, 802.1ad and the older 9100 family): 4 bytes each, stacked at most four deep.
 *
 *     0 TPID 2 (already read as the ethertype) | 2 TCI: priority 3 bits, drop 1 bit, identifier 12 bits | next type 2
 *
 * Identifier 0 names no VLAN: such a tag carries a priority alone, and its frame belongs where it would without it
 * (802.1Q 9.6). It counts against the depth and leaves no identifier.
 */
import type { Packet } from './packet.ts';

export const MAX_VLAN_DEPTH = 4;

export function isVlanType(type: number): boolean {
  return type === 0x8100 || type === 0x88a8 || type === 0x9100 || type === 0x9200 || type === 0x9300;
}

/**
 * Walks the tags that start at `offset` (just behind the first TPID), packs their identifiers into the
 * packet but for those of priority tags, and leaves the inner type in `packet.etherType`. Returns the offset behind the last tag, or -1 if
 * the stack was cut or is deeper than four.
 */
export function decodeVlanTags(packet: Packet, offset: number): number {
  const { view, end } = packet;
  let at = offset;
  let type = packet.etherType;
  let tags = 0;
  while (isVlanType(type)) {
    if (at + 4 > end || tags === MAX_VLAN_DEPTH) return -1;
    tags += 1;
    const identifier = view.getUint16(at) & 0xfff;
    if (identifier !== 0) {
      packet.vlanHigh = ((packet.vlanHigh << 12) | (packet.vlanLow >>> 12)) & 0xffffff;
      packet.vlanLow = ((packet.vlanLow << 12) | identifier) & 0xffffff;
      packet.vlanDepth += 1;
    }
    type = view.getUint16(at + 2);
    at += 4;
  }
  packet.etherType = type;
  return at;
}

/** `20`, or `100.20` for stacked tags, outermost first; empty without tags. */
export function formatVlanTags(depth: number, high: number, low: number): string {
  const identifiers = [(high >>> 12) & 0xfff, high & 0xfff, (low >>> 12) & 0xfff, low & 0xfff];
  return identifiers.slice(MAX_VLAN_DEPTH - depth).join('.');
}
