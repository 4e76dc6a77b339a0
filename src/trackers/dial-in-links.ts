/**
 * The links that calls run on, found by what a packet of their carrier tells: both ends and the numbers that the receiver gave
 * to tunnel and call. A look-up allocates nothing, for data packets pass here as well.
 */
import type { DialInLink } from './dial-in-ppp.ts';
import type { SideOrNone } from './dial-in-call.ts';

/** One direction of a link. */
export interface Direction {
  readonly domain: number;
  /** Sender and receiver: IPv4 addresses, or the lower halves of MAC addresses. */
  readonly from: number;
  readonly to: number;
  /** Call, session, or tunnel and session in one. */
  readonly id: number;
  /** What else must be equal: the carrier, or the upper halves of MAC addresses. */
  readonly extra: number;
  readonly link: DialInLink;
  /** Who sends in this direction. */
  readonly side: SideOrNone;
}

/** Directions kept; when there are more, the oldest eighth makes room. */
const MAX_DIRECTIONS = 4096;

export class LinkTable {
  /** Directions that had to make room. */
  evictions = 0;
  readonly #chains = new Map<number, Direction[]>();
  #count = 0;
  readonly #evicted: (link: DialInLink) => void;

  constructor(evicted: (link: DialInLink) => void) {
    this.#evicted = evicted;
  }

  find(domain: number, from: number, to: number, id: number, extra: number): Direction | undefined {
    const chain = this.#chains.get(hash(domain, from, to, id, extra));
    if (chain === undefined) return undefined;
    for (let at = 0; at < chain.length; at += 1) {
      const direction = chain[at] as Direction;
      if (
        direction.id === id &&
        direction.from === from &&
        direction.to === to &&
        direction.domain === domain &&
        direction.extra === extra
      )
        return direction;
    }
    return undefined;
  }

  /** Adds a direction, or puts it in the place of the one with the same key. */
  add(direction: Direction): void {
    const { domain, from, to, id, extra } = direction;
    const key = hash(domain, from, to, id, extra);
    const known = this.find(domain, from, to, id, extra);
    const chain = this.#chains.get(key) ?? [];
    if (known !== undefined) chain[chain.indexOf(known)] = direction;
    else {
      if (this.#count >= MAX_DIRECTIONS) this.#makeRoom();
      chain.push(direction);
      this.#count += 1;
    }
    if (!this.#chains.has(key)) this.#chains.set(key, chain);
  }

  remove(direction: Direction): void {
    const { domain, from, to, id, extra } = direction;
    const key = hash(domain, from, to, id, extra);
    const chain = this.#chains.get(key);
    const at = chain?.indexOf(direction) ?? -1;
    if (chain === undefined || at < 0) return;
    chain.splice(at, 1);
    this.#count -= 1;
    if (chain.length === 0) this.#chains.delete(key);
  }

  /** Removes every direction of a link. */
  removeLink(link: DialInLink, directions: readonly Direction[]): void {
    for (const direction of directions) if (direction.link === link) this.remove(direction);
  }

  *links(): Generator<DialInLink> {
    for (const chain of this.#chains.values()) for (const direction of chain) yield direction.link;
  }

  #makeRoom(): void {
    for (const [key, chain] of this.#chains) {
      if (this.#count <= MAX_DIRECTIONS - MAX_DIRECTIONS / 8) return;
      this.#chains.delete(key);
      this.#count -= chain.length;
      this.evictions += chain.length;
      for (const direction of chain) this.#evicted(direction.link);
    }
  }
}

function hash(domain: number, from: number, to: number, id: number, extra: number): number {
  let mixed = Math.imul(from ^ Math.imul(to, 0x2c1b3c6d), 0x9e3779b1);
  mixed = Math.imul((mixed ^ (mixed >>> 15)) + id, 0x85ebca6b);
  return Math.imul((mixed ^ (mixed >>> 13)) + extra, 0x297a2d39) ^ domain;
}
