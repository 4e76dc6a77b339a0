/**
 * Media of Network Monitor: a number in the file header, from version 2.1 on one behind each frame.
 *
 *     0x0000 to 0x000F   NDIS media
 *     0xE000 to 0xEFFF   a LINKTYPE_ number with 0xE000 added; 0xE080 to 0xE08A are Message Analyzer's own
 *     0xFFE0, 0xFFFB…    no packets: events, adapters, filters, what reassembly made
 */
import { PRIVATE_LINK_TYPE } from './private-link.ts';

/** A record that is no packet, and takes a frame number in Wireshark. */
export const METADATA = -1;
/** A record that is no packet, and takes none. */
export const UNNUMBERED_METADATA = -2;

const NDIS_LINK_TYPES: ReadonlyMap<number, number> = new Map([
  // Captures of VPN adapters have 0 and Ethernet headers.
  [0, 1],
  [1, 1],
  [2, 6],
  [3, 10],
  // Tunnels, mobile broadband, raw IP.
  [7, 101],
  [8, 101],
  [9, 101],
]);

/** Payload headers, adapters, and the DNS cache take no number; events, adapters of NetMon 3.4 and filters do. */
const METADATA_MEDIA: ReadonlyMap<number, number> = new Map([
  [0xffe0, METADATA],
  [0xfffb, METADATA],
  [0xfffc, UNNUMBERED_METADATA],
  [0xfffd, UNNUMBERED_METADATA],
  [0xfffe, UNNUMBERED_METADATA],
  [0xffff, METADATA],
]);

const FIRST_ANALYZER_MEDIUM = 0xe080;
const LAST_ANALYZER_MEDIUM = 0xe08a;
/** IEEE 802.11. */
const ANALYZER_WIFI_LINK_TYPE = 105;

/** The LINKTYPE_ number of a medium, `METADATA` or `UNNUMBERED_METADATA`. ATM, 802.11 with its header, and others have no number. */
export function toLinkType(medium: number): number {
  if (medium === FIRST_ANALYZER_MEDIUM) return ANALYZER_WIFI_LINK_TYPE;
  if (medium > FIRST_ANALYZER_MEDIUM && medium <= LAST_ANALYZER_MEDIUM) return PRIVATE_LINK_TYPE;
  if ((medium & 0xf000) === 0xe000) return medium & 0x0fff;
  return METADATA_MEDIA.get(medium) ?? NDIS_LINK_TYPES.get(medium) ?? PRIVATE_LINK_TYPE;
}
