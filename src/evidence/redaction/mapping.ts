/**
 * The one mapping behind every redacted output, reports and captures alike: what a thing becomes depends on the key and on the thing
 * alone, never on the file it stands in or on what came before it.
 */
import { AddressMap } from './address-map.ts';
import { CRYPTO_PAN_KEY_BYTES } from './crypto-pan.ts';
import { DigitPermutation, MappedValues } from './digit-permutation.ts';
import { deriveKey, fingerprintOf } from './key.ts';
import { MacMap } from './mac-map.ts';
import { NameMap } from './name-map.ts';

const CACHED_IDENTIFIERS = 1 << 13;

export interface MappingOptions {
  /** Vendor prefixes of MAC addresses stay. */
  readonly keepVendor?: boolean;
}

export class Mapping {
  /** Eight hex digits that are the same for equal keys. */
  readonly fingerprint: string;
  readonly keepsVendor: boolean;
  readonly names: NameMap;
  readonly #addresses: AddressMap;
  readonly #macs: MacMap;
  readonly #bytes: DigitPermutation;
  readonly #identifiers = new MappedValues<string, Buffer>(CACHED_IDENTIFIERS);

  /** `key` has 32 bytes or more. */
  constructor(key: Uint8Array, options: MappingOptions = {}) {
    this.fingerprint = fingerprintOf(key);
    this.keepsVendor = options.keepVendor === true;
    this.#addresses = new AddressMap(deriveKey(key, 'address', CRYPTO_PAN_KEY_BYTES));
    this.#macs = new MacMap(deriveKey(key, 'mac', 16), this.#addresses, this.keepsVendor);
    this.names = new NameMap(deriveKey(key, 'text', 32), (mac) => this.#macs.map(mac));
    this.#bytes = new DigitPermutation(deriveKey(key, 'bytes', 32));
  }

  /** An IPv4 address, int32. */
  address(address: number): number {
    return this.#addresses.map(address);
  }

  /** A MAC address as a double (wire/mac.ts). */
  mac(mac: number): number {
    return this.#macs.map(mac);
  }

  /** Bytes without a meaning of their own that identify something, in place: of equal length, and equal only if they were. */
  identifier(bytes: Uint8Array): void {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const image = this.#identifiers.get(key, (unknown) => {
      const digits = [...Buffer.from(unknown, 'latin1')];
      return Buffer.from(
        this.#bytes.map(
          digits,
          digits.map(() => 256),
          'identifier',
        ),
      );
    });
    bytes.set(image);
  }
}
