/**
 * MAC addresses. Station addresses are permuted in three steps, vendor prefix, fourth byte, last two bytes, each under what stands before
 * it: stations of one vendor stay of one vendor, and adapters that share four bytes go on sharing four (rules ask for that).
 * The group bit and the locally-administered bit stay. With `keepVendor` the vendor prefix stays as a whole.
 *
 * Addresses that are no station's stay what they are (virtual routers, gateways and fabrics that several machines share, groups,
 * nobody's and everybody's), and those that hold an IPv4 address follow that address.
 */
import { macFamily, macHigh, macLow, macNumber } from '../../wire/mac.ts';
import type { AddressMap } from './address-map.ts';
import { BitPermutation } from './bit-permutation.ts';
import { MappedValues } from './digit-permutation.ts';

const BROADCAST = 0xffff_ffff_ffff;
const CACHED_ADDRESSES = 1 << 15;
const CACHED_PREFIXES = 1 << 12;

const VENDOR_BITS = 22;
const FOURTH_BITS = 8;
const LAST_BITS = 16;

const IGMP_MODE_PREFIX = 0x01005e7f;
/** Solicited-node groups (RFC 4291 2.7.1): the last three bytes are those of an interface, mostly of its MAC address. */
const SOLICITED_NODE_PREFIX = 0x3333ff;
const RAS_PREFIX = 0x524153;

/** Vendor prefixes in which shared addresses lie beside those of stations. */
const MIXED_PREFIXES: ReadonlySet<number> = new Set([
  0x00005e,
  0x00000c,
  0x0007b4,
  0x00090f,
  0x001b17,
  0x0010db,
  0x443839,
  0x001c73,
  0x0022bd,
  0x025056,
  0x123456,
  0xeeeeee,
  RAS_PREFIX,
]);

/**
 * First two bytes of addresses whose last four can be an IPv4 address: clusters (02:bf, 03:bf, 00:bf, and 02:01 to 02:20 masked), containers
 * (02:42, 0a:58), a cloud's fabric (42:01).
 */
function isAddressHolder(high: number): boolean {
  return (
    high === 0x02bf ||
    high === 0x03bf ||
    high === 0x00bf ||
    (high >= 0x0201 && high <= 0x0220) ||
    high === 0x0242 ||
    high === 0x0a58 ||
    high === 0x4201
  );
}

/** True for an address that holds another one which is mapped; random ones with these first bytes may hold anything. */
function holdsAddress(mac: number): boolean {
  const first = (macLow(mac) >>> 24) & 0xff;
  return isAddressHolder(macHigh(mac)) && first !== 0 && first !== 127 && first < 224;
}

export class MacMap {
  readonly #addresses: AddressMap;
  readonly #permutation: BitPermutation;
  readonly #keepsVendor: boolean;
  readonly #images = new MappedValues<number, number>(CACHED_ADDRESSES);
  readonly #vendors = new MappedValues<number, number>(CACHED_PREFIXES);

  constructor(key: Uint8Array, addresses: AddressMap, keepsVendor: boolean) {
    this.#permutation = new BitPermutation(key);
    this.#addresses = addresses;
    this.#keepsVendor = keepsVendor;
  }

  /** The image of an address; both as doubles (wire/mac.ts). */
  map(mac: number): number {
    if (mac === 0 || mac === BROADCAST) return mac;
    return this.#images.get(mac, (unknown) => this.#map(unknown));
  }

  #map(mac: number): number {
    const high = macHigh(mac);
    const low = macLow(mac);
    if (holdsAddress(mac) || high === 0x02bf || high === 0x03bf)
      return macNumber(high, this.#addresses.map(low));
    if ((high & 0x0100) !== 0) return this.#mapGroup(mac, high, low);
    const family = macFamily(mac);
    if (family !== 'station' && family !== 'ras' && family !== 'nlb-masked') return mac;
    return this.#mapStation(mac, family);
  }

  #mapGroup(mac: number, high: number, low: number): number {
    const prefix = high * 0x1_0000 + (low >>> 16);
    if (prefix === IGMP_MODE_PREFIX) {
      const third = this.#addresses.mapThirdOctet((low >>> 8) & 0xff);
      return macNumber(high, (low & ~0xff00) | (third << 8));
    }
    const vendor = Math.floor(mac / 0x100_0000);
    return vendor === SOLICITED_NODE_PREFIX ? vendor * 0x100_0000 + this.#mapAdapter(vendor, low) : mac;
  }

  #mapStation(mac: number, family: string): number {
    const vendor = Math.floor(mac / 0x100_0000);
    const isMixed = MIXED_PREFIXES.has(vendor) || isAddressHolder(vendor >>> 8);
    const image =
      isMixed || this.#keepsVendor ? vendor : this.#vendors.get(vendor, (of) => this.#mapVendor(of));
    let adapter = this.#mapAdapter(vendor, mac % 0x100_0000);
    // Walking on inside the prefix until the image is of the same kind again keeps it a permutation of that kind.
    if (isMixed) {
      while (this.#kindOf(vendor * 0x100_0000 + adapter) !== family)
        adapter = this.#mapAdapter(vendor, adapter);
    }
    return image * 0x100_0000 + adapter;
  }

  /** The family, told apart from addresses that are mapped by what they hold. */
  #kindOf(mac: number): string {
    return holdsAddress(mac) ? 'holder' : macFamily(mac);
  }

  /** A vendor prefix in which only stations are. */
  #mapVendor(vendor: number): number {
    // Bit 17 is the locally-administered bit, bit 16 that of groups.
    const kept = vendor & 0x03_0000;
    let image = vendor;
    do {
      const bits = ((image >>> 18) << 16) | (image & 0xffff);
      const mapped = this.#permutation.map(bits, VENDOR_BITS, kept);
      image = ((mapped >>> 16) << 18) | kept | (mapped & 0xffff);
    } while (MIXED_PREFIXES.has(image) || isAddressHolder(image >>> 8));
    return image;
  }

  /** The last three bytes under a vendor prefix. */
  #mapAdapter(vendor: number, bytes: number): number {
    const byte = (bytes >>> 16) & 0xff;
    const fourth = this.#permutation.map(byte, FOURTH_BITS, vendor);
    const last = this.#permutation.mapAway(bytes & 0xffff, LAST_BITS, vendor * 0x100 + byte);
    return (fourth << 16) | last;
  }
}
