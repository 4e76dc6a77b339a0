/**
 * Watched addresses: packets from and to an IPv4 address that some model wants to see one by one. Like the watched stations, they
 * cost one comparison while there are none, and a small bitmap keeps the others cheap.
 */
import { KIND_IPV4, type Packet } from '../wire/packet.ts';

/** What is told of packets from and to a watched address. */
export interface AddressWatcher {
  watchedAddressPacket(packet: Packet, isSource: boolean): void;
}

interface WatchedAddress {
  readonly address: number;
  readonly domain: number;
  readonly watcher: AddressWatcher;
}

/** By the last two bytes: they tell the hosts of a subnet apart. */
const BITMAP_BITS = 16;
const BITMAP_MASK = (1 << BITMAP_BITS) - 1;
export const MAX_WATCHED_ADDRESSES = 256;

export class AddressWatches {
  /** Number of watched addresses. */
  active = 0;
  readonly #bitmap = new Int32Array(1 << (BITMAP_BITS - 5));
  readonly #watched = new Map<number, WatchedAddress[]>();

  add(domain: number, address: number, watcher: AddressWatcher): boolean {
    if (this.active >= MAX_WATCHED_ADDRESSES) return false;
    const watched = { address, domain, watcher };
    const same = this.#watched.get(address);
    if (same) same.push(watched);
    else this.#watched.set(address, [watched]);
    this.active += 1;
    this.#bitmap[(address & BITMAP_MASK) >>> 5] =
      (this.#bitmap[(address & BITMAP_MASK) >>> 5] as number) | (1 << (address & 31));
    return true;
  }

  remove(domain: number, address: number, watcher: AddressWatcher): boolean {
    const same = this.#watched.get(address);
    const at = same?.findIndex((watched) => watched.domain === domain && watched.watcher === watcher) ?? -1;
    if (same === undefined || at < 0) return false;
    same.splice(at, 1);
    if (same.length === 0) this.#watched.delete(address);
    this.active -= 1;
    this.#bitmap.fill(0);
    for (const left of this.#watched.keys())
      this.#bitmap[(left & BITMAP_MASK) >>> 5] =
        (this.#bitmap[(left & BITMAP_MASK) >>> 5] as number) | (1 << (left & 31));
    return true;
  }

  /** True if a watcher may want this packet; cheap, with rare false positives. */
  mayConcern(packet: Packet): boolean {
    return packet.kind >= KIND_IPV4 && (this.#hasBit(packet.ipSource) || this.#hasBit(packet.ipDestination));
  }

  show(packet: Packet): void {
    if (packet.kind < KIND_IPV4) return;
    this.#showTo(packet, packet.ipSource, true);
    this.#showTo(packet, packet.ipDestination, false);
  }

  #showTo(packet: Packet, address: number, isSource: boolean): void {
    if (!this.#hasBit(address)) return;
    const same = this.#watched.get(address);
    if (same === undefined) return;
    for (let at = same.length - 1; at >= 0; at -= 1) {
      const watched = same[at];
      if (watched?.domain === packet.domain) watched.watcher.watchedAddressPacket(packet, isSource);
    }
  }

  #hasBit(address: number): boolean {
    return (((this.#bitmap[(address & BITMAP_MASK) >>> 5] as number) >>> (address & 31)) & 1) === 1;
  }
}
