/**
 * Addresses of callers as sources of IPv4 beside their calls: what a caller says on the LAN passes its server. A caller whose call
 * is not in the capture, as one of another line, is known by that alone.
 */
import type { Packet } from '../wire/packet.ts';
import type { AddressWatcher } from './address-watches.ts';
import type { Domain } from './domains.ts';
import type { Watches } from './watches.ts';

const MAX_ADDRESSES = 256;
/** Clock epochs that are over in which an address was used, of all addresses together. */
const MAX_ENDED = 4096;

class AddressUse implements AddressWatcher {
  readonly domain: Domain;
  /** Times of the last two packets from the address; a lone straggler is no use. */
  last = Number.NEGATIVE_INFINITY;
  before = Number.NEGATIVE_INFINITY;
  /** `before` at the end of each clock epoch that is over, by its number. */
  readonly ended = new Map<number, number>();

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
  readonly #epochOf: (interfaceIndex: number) => number;
  readonly #byAddress = new Map<number, AddressUse[]>();
  #count = 0;
  #endedCount = 0;

  constructor(watches: Watches, epochOf: (interfaceIndex: number) => number) {
    this.#watches = watches;
    this.#epochOf = epochOf;
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

  /**
   * True if anybody went on using the address after this time of a clock epoch, in the domain, or, where that is null, in any domain
   * and epoch.
   */
  isUsedAfter(address: number, domain: Domain | null, epoch: number, time: number): boolean {
    const uses = this.#byAddress.get(address) ?? [];
    if (domain === null)
      return uses.some(({ before, ended }) => before > time || [...ended.values()].some((end) => end > time));
    const use = uses.find((candidate) => candidate.domain === domain);
    if (use === undefined) return false;
    const isOver = epoch < this.#epochOf(domain.interface);
    return (isOver ? (use.ended.get(epoch) ?? Number.NEGATIVE_INFINITY) : use.before) > time;
  }

  /** A clock epoch is over: times of it cannot be compared with those that follow. */
  restart(interfaceIndex: number, epoch: number): void {
    for (const use of [...this.#byAddress.values()].flat()) {
      if (use.domain.interface !== interfaceIndex) continue;
      if (use.before !== Number.NEGATIVE_INFINITY) {
        if (this.#endedCount < MAX_ENDED) use.ended.set(epoch, use.before);
        else this.evictions += 1;
        this.#endedCount += 1;
      }
      use.last = Number.NEGATIVE_INFINITY;
      use.before = Number.NEGATIVE_INFINITY;
    }
  }
}
