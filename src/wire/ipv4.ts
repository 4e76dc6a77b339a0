/**
 * IPv4 (RFC 791) as far as kbdiag reads it.
 *
 *     0 version 4 bits, IHL 4 bits | 2 total length 2 | 4 identification 2 | 6 flags 3 bits, fragment offset 13 bits
 *     8 TTL 1 | 9 protocol 1 | 10 checksum 2 | 12 source 4 | 16 destination 4 | options
 *
 * IHL and total length are untrusted. A total length of 0 is segmentation offload: the datagram then fills
 * the frame as it was on the wire. A wrong checksum never drops a packet: transmit offload leaves it open.
 */

export const IPV4_MIN_BYTES = 20;

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_IPIP = 4;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_IPV6 = 41;
export const PROTOCOL_GRE = 47;
export const PROTOCOL_L2TPV3 = 115;

/** Dotted decimal to int32, for constants and options; NaN if it is not an address. */
export function parseIpv4(text: string): number {
  const parts = text.split('.');
  if (parts.length !== 4) return Number.NaN;
  let value = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return Number.NaN;
    value = (value << 8) | Number(part);
  }
  return value | 0;
}

/** Dotted decimal of an int32 address. */
export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** True for addresses that can name one host on a link: not 0/8, 127/8, 169.254/16, multicast, reserved. */
export function isHostAddress(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224 && address >>> 16 !== 0xa9fe;
}

/** True for a TTL that hosts start from: the packet has not been routed (rules 0.3). */
export function isInitialTtl(ttl: number): boolean {
  return ttl === 255 || ttl === 128 || ttl === 64 || ttl === 60 || ttl === 32 || ttl === 30;
}

/** Routers between a host and the capture, at most; a TTL further below those that hosts start from tells of none. */
const MAX_HOPS = 16;

/** True for a TTL that a few routers leave of one that hosts start from. */
export function isLessenedTtl(ttl: number): boolean {
  if (isInitialTtl(ttl)) return false;
  for (let hops = 1; hops <= MAX_HOPS; hops += 1) if (isInitialTtl(ttl + hops)) return true;
  return false;
}
