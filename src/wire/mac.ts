/**
 * MAC addresses as numbers, and what their bytes say about who uses them.
 *
 * On the hot path an address is two integers (upper 16 bits, lower 32 bits as int32); in models it is one
 * double below 2^48, which is exact and serves as a Map key.
 */

/** Joins the two halves. */
export function macNumber(high: number, low: number): number {
  return high * 0x1_0000_0000 + (low >>> 0);
}

export function macHigh(mac: number): number {
  return Math.floor(mac / 0x1_0000_0000);
}

/** Lower 32 bits as int32. */
export function macLow(mac: number): number {
  return mac | 0;
}

/** True for addresses that can belong to one station: not zero, not a group. */
export function isStationMac(mac: number): boolean {
  return mac > 0 && (macHigh(mac) & 0x0100) === 0;
}

/** Shared or rewritten addresses by design, alone never a second host (rules 0.3). */
export type MacFamily =
  | 'vrrp'
  | 'hsrp'
  | 'glbp'
  | 'firewall-pair'
  | 'anycast-gateway'
  | 'fabric'
  | 'nlb-cluster'
  | 'nlb-masked'
  | 'ras'
  | 'station';

/**
 * The family of a MAC address by its bytes. `nlb-masked` is only a possibility: it counts where the
 * cluster of the same four bytes is seen (rules 0.3). Sources: RFC 5798, Q193601, Q193602, Q150281; vendor
 * prefixes from operating experience.
 */
export function macFamily(mac: number): MacFamily {
  const high = macHigh(mac);
  const low = macLow(mac) >>> 0;
  const prefix24 = high * 256 + (low >>> 24);
  const second = (low >>> 16) & 0xff;
  if (prefix24 === 0x00005e && second === 0x00) {
    const third = (low >>> 8) & 0xff;
    if (third === 1 || third === 2) return 'vrrp';
  }
  if (prefix24 === 0x00000c) {
    if (second === 0x07 && ((low >>> 8) & 0xff) === 0xac) return 'hsrp';
    if (second === 0x9f && ((low >>> 12) & 0xf) === 0xf) return 'hsrp';
  }
  if (prefix24 === 0x0007b4 && second === 0x00) return 'glbp';
  if (prefix24 === 0x00090f && second === 0x09) return 'firewall-pair';
  if (prefix24 === 0x001b17 && second === 0x00) return 'firewall-pair';
  if (prefix24 === 0x0010db && second === 0xff) return 'firewall-pair';
  if (prefix24 === 0x443839 && second === 0xff) return 'anycast-gateway';
  if (prefix24 === 0x001c73 && ((low >>> 8) & 0xffff) === 0) return 'anycast-gateway';
  if (mac === 0x0022bdf819ff || mac === 0x025056564452) return 'anycast-gateway';
  if (mac === 0x123456789abc || mac === 0xeeeeeeeeeeee || high === 0x4201) return 'fabric';
  if (high === 0x02bf || high === 0x03bf) return 'nlb-cluster';
  if (prefix24 === 0x01005e && second === 0x7f) return 'nlb-cluster';
  if (prefix24 === 0x524153) return 'ras';
  if (high === 0x00bf || (high >= 0x0201 && high <= 0x0220)) return 'nlb-masked';
  return 'station';
}

/** True for families that several machines, or none in particular, stand behind. */
export function isSharedMac(family: MacFamily): boolean {
  return family !== 'station' && family !== 'nlb-masked' && family !== 'ras';
}

/** True for MAC addresses that say nothing of a single machine: shared ones, and those of RAS pool leases. */
export function isSharedByDesign(mac: number): boolean {
  const family = macFamily(mac);
  return family === 'ras' || isSharedMac(family);
}

/** `00:11:22:33:44:55`. */
export function formatMac(mac: number): string {
  return mac
    .toString(16)
    .padStart(12, '0')
    .replace(/../g, (byte, at: number) => (at === 0 ? byte : `:${byte}`));
}
