/**
 * Watched addresses: packets from and to an IPv4 address that some model wants to see one by one, whichever station sends them.
 * Like the watched stations, they cost one comparison while there are none, and a small bitmap keeps the others cheap.
 */
import { borrowBuffer, returnBuffer } from '../tables/spare-buffers.ts';
import { KIND_IPV4, type Packet } from '../wire/packet.ts';

/** What is told of packets from and to a watched address. `isSource` says which end it is. */
export interface AddressWatcher {
  watchedAddressPacket(packet: Packet, isSource: boolean): void;
  /** The last packet was recorded once more. */
  watchedAddressDuplicate?(packet: Packet): void;
}

interface WatchedAddress {
  readonly domain: number;
  readonly watchers: AddressWatcher[];
}

/** By the last two bytes: they tell the hosts of a subnet apart. */
const BITMAP_BITS = 16;
const BITMAP_MASK = (1 << BITMAP_BITS) - 1;
export const MAX_WATCHED_ADDRESSES = 4096;

export class AddressWatches {
  /** Number of watched addresses. */
  active = 0;
  readonly #bitmap = new Int32Array(1 << (BITMAP_BITS - 5));
  readonly #bitCounts = new Uint16Array(borrowBuffer(2 << BITMAP_BITS));
  readonly #byAddress = new Map<number, WatchedAddress[]>();

  /** Gives its memory back; it must not be used any more. */
  release(): void {
    returnBuffer(this.#bitCounts.buffer);
  }

  /** False if there are too many. */
  add(domain: number, address: number, watcher: AddressWatcher): boolean {
    let sameAddress = this.#byAddress.get(address);
    const known = sameAddress?.find((watched) => watched.domain === domain);
    if (known) {
      if (!known.watchers.includes(watcher)) known.watchers.push(watcher);
      return true;
    }
    if (this.active >= MAX_WATCHED_ADDRESSES) return false;
    if (sameAddress === undefined) {
      sameAddress = [];
      this.#byAddress.set(address, sameAddress);
    }
    sameAddress.push({ domain, watchers: [watcher] });
    this.active += 1;
    this.#setBit(address & BITMAP_MASK, 1);
    return true;
  }

  remove(domain: number, address: number, watcher: AddressWatcher): void {
    const sameAddress = this.#byAddress.get(address);
    const watched = sameAddress?.find((candidate) => candidate.domain === domain);
    const at = watched?.watchers.indexOf(watcher) ?? -1;
    if (sameAddress === undefined || watched === undefined || at < 0) return;
    watched.watchers.splice(at, 1);
    if (watched.watchers.length > 0) return;
    sameAddress.splice(sameAddress.indexOf(watched), 1);
    if (sameAddress.length === 0) this.#byAddress.delete(address);
    this.active -= 1;
    this.#setBit(address & BITMAP_MASK, -1);
  }

  /** True if a watcher may want this packet; cheap, with rare false positives. */
  mayConcern(packet: Packet): boolean {
    if (packet.kind < KIND_IPV4) return false;
    return this.#hasBit(packet.ipSource) || this.#hasBit(packet.ipDestination);
  }

  /** Shows the packet, or its second copy, to those who watch its source or destination. */
  show(packet: Packet, isDuplicate: boolean): void {
    if (packet.kind < KIND_IPV4) return;
    const { ipSource, ipDestination } = packet;
    if (this.#hasBit(ipSource)) this.#showTo(packet, ipSource, true, isDuplicate);
    if (this.#hasBit(ipDestination)) this.#showTo(packet, ipDestination, false, isDuplicate);
  }

  #showTo(packet: Packet, address: number, isSource: boolean, isDuplicate: boolean): void {
    const sameAddress = this.#byAddress.get(address);
    if (sameAddress === undefined) return;
    for (const { domain, watchers } of sameAddress) {
      if (domain !== packet.domain) continue;
      // A watcher may end its own watch here: walk from the end.
      for (let at = watchers.length - 1; at >= 0; at -= 1) {
        if (isDuplicate) watchers[at]?.watchedAddressDuplicate?.(packet);
        else watchers[at]?.watchedAddressPacket(packet, isSource);
      }
      return;
    }
  }

  #hasBit(address: number): boolean {
    const bit = address & BITMAP_MASK;
    return (((this.#bitmap[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
  }

  #setBit(bit: number, change: number): void {
    const count = (this.#bitCounts[bit] as number) + change;
    this.#bitCounts[bit] = count;
    const word = this.#bitmap[bit >>> 5] as number;
    this.#bitmap[bit >>> 5] = count > 0 ? word | (1 << (bit & 31)) : word & ~(1 << (bit & 31));
  }
}
