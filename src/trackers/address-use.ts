/**
 * Addresses of callers as sources of IPv4 beside their calls: what a caller says on the LAN passes its server. A caller whose call
 * is not in the capture, as one of another line, is known by that alone.
 */
import type { Packet } from '../wire/packet.ts';
import type { AddressWatcher } from './address-watches.ts';
import type { Domain } from './domains.ts';
import type { Watches } from './watches.ts';

const MAX_ADDRESSES = 256;

class AddressUse implements AddressWatcher {
  readonly domain: Domain;
  /** Times of the last two packets from the address; a lone straggler is no use. */
  last = Number.NEGATIVE_INFINITY;
  before = Number.NEGATIVE_INFINITY;

  constructor(domain: Domain) {
    this.domain = domain;
  }

  watchedAddressPacket(packet: Packet, isSource: boolean): void {
    if (!isSource) return;
    this.before = this.last;
    this.last = packet.time;
  }
}

export class AddressUses {
  /** Addresses that found no room. */
  evictions = 0;
  readonly #watches: Watches;
  readonly #byAddress = new Map<number, AddressUse[]>();
  #count = 0;

  constructor(watches: Watches) {
    this.#watches = watches;
  }

  /** Watches an address from here on. */
  watch(address: number, domain: Domain): void {
    const known = this.#byAddress.get(address);
    if (known?.some((use) => use.domain === domain)) return;
    const use = new AddressUse(domain);
    if (this.#count >= MAX_ADDRESSES || !this.#watches.addAddress(domain.index, address, use)) {
      this.evictions += 1;
      return;
    }
    this.#count += 1;
    if (known) known.push(use);
    else this.#byAddress.set(address, [use]);
  }

  /** True if anybody went on using the address after this time, in the domain, or in any where that is null. */
  isUsedAfter(address: number, domain: Domain | null, time: number): boolean {
    const uses = this.#byAddress.get(address) ?? [];
    return uses.some((use) => use.before > time && (domain === null || use.domain === domain));
  }

  /** A new clock epoch: times of before cannot be compared with those that follow. */
  restart(interfaceIndex: number): void {
    for (const uses of this.#byAddress.values()) {
      for (const use of uses) {
        if (use.domain.interface !== interfaceIndex) continue;
        use.last = Number.NEGATIVE_INFINITY;
        use.before = Number.NEGATIVE_INFINITY;
      }
    }
  }
}
