/** Watched IPv4 addresses: packets from and to one that some model wants to see one by one, whichever station sends them. */
import { KIND_IPV4, type Packet } from '../wire/packet.ts';

/** What is told of packets from and to a watched address; the copies of a mirror port are shown as well. */
export interface AddressWatcher {
  addressedPacket(packet: Packet, isSource: boolean): void;
}

interface WatchedAddress {
  readonly domain: number;
  readonly watchers: AddressWatcher[];
}

const BITMAP_MASK = 0xffff;
export const MAX_WATCHED_ADDRESSES = 4096;

export class AddressWatches {
  active = 0;
  readonly #bitmap = new Int32Array((BITMAP_MASK + 1) >>> 5);
  readonly #bitCounts = new Uint16Array(BITMAP_MASK + 1);
  readonly #byAddress = new Map<number, WatchedAddress[]>();

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
    this.#count(address & BITMAP_MASK, 1);
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
    this.#count(address & BITMAP_MASK, -1);
  }

  /** True if a watcher may want this packet; cheap, with rare false positives. */
  mayConcern(packet: Packet): boolean {
    if (packet.kind < KIND_IPV4) return false;
    return this.#hasBit(packet.ipSource) || this.#hasBit(packet.ipDestination);
  }

  show(packet: Packet): void {
    if (packet.kind < KIND_IPV4) return;
    if (this.#hasBit(packet.ipSource)) this.#showTo(packet, packet.ipSource, true);
    if (this.#hasBit(packet.ipDestination)) this.#showTo(packet, packet.ipDestination, false);
  }

  #showTo(packet: Packet, address: number, isSource: boolean): void {
    const sameAddress = this.#byAddress.get(address);
    if (sameAddress === undefined) return;
    for (const watched of sameAddress) {
      if (watched.domain !== packet.domain) continue;
      // A watcher may end its own watch here: walk from the end.
      for (let at = watched.watchers.length - 1; at >= 0; at -= 1)
        watched.watchers[at]?.addressedPacket(packet, isSource);
      return;
    }
  }

  #hasBit(address: number): boolean {
    const bit = address & BITMAP_MASK;
    return (((this.#bitmap[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
  }

  #count(bit: number, change: number): void {
    const count = (this.#bitCounts[bit] as number) + change;
    this.#bitCounts[bit] = count;
    const word = this.#bitmap[bit >>> 5] as number;
    this.#bitmap[bit >>> 5] = count > 0 ? word | (1 << (bit & 31)) : word & ~(1 << (bit & 31));
  }
}
