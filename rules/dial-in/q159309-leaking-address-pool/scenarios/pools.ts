/** Healthy servers: how they choose among the addresses that are free, and callers who come and go. */
import { Ras } from './ras.ts';
import type { RasFields } from './ras.ts';

export type Policy = 'lowest' | 'lastFreed' | 'longestFree';

/** The addresses of a healthy pool. */
export class Pool {
  readonly #policy: Policy;
  /** In the order in which they became free. */
  readonly #free: string[];
  readonly #held = new Map<string, string>();

  constructor(free: readonly string[], policy: Policy) {
    this.#free = [...free];
    this.#policy = policy;
  }

  take(user: string): string {
    const byNumber = (address: string): number => Number(address.slice(1));
    const lowest = Math.min(...this.#free.map(byNumber));
    const index =
      this.#policy === 'lowest'
        ? this.#free.findIndex((address) => byNumber(address) === lowest)
        : this.#policy === 'lastFreed'
          ? this.#free.length - 1
          : 0;
    const [address] = this.#free.splice(index, 1);
    if (address === undefined) throw new RangeError('no address is free');
    this.#held.set(user, address);
    return address;
  }

  free(user: string): void {
    const address = this.#held.get(user);
    if (address === undefined) throw new RangeError(`${user} holds no address`);
    this.#held.delete(user);
    this.#free.push(address);
  }
}

/** `.11`, `.12` and so on. */
export function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `.${11 + index}`);
}

/** A caller comes (+) or goes (-). */
export type Step = readonly [at: number, sign: '+' | '-', user: string];

/** Callers come and go; each gets what the pool's policy says. */
export function served(pool: Pool, steps: readonly Step[], fields: RasFields = {}): Ras {
  const ras = new Ras({ modems: 8, ...fields });
  for (const [at, sign, user] of steps) {
    if (sign === '+') ras.gets(at, user, pool.take(user));
    else {
      ras.hangsUp(at, user);
      pool.free(user);
    }
  }
  return ras;
}

/**
 * Lowest free first over .11 to .14, all four once held; .14 is hung up at 20 and not needed again. `between` makes what it
 * likes of the time from 25 to 70 s; then .11 and .12 are hung up, and given to others.
 */
export function afterPeak(between: (ras: Ras) => void, fields: RasFields = {}): Ras {
  const ras = new Ras({ modems: 6, ...fields });
  for (const [index, address] of addresses(4).entries()) ras.gets(2 + index * 3, `u${index + 1}`, address);
  ras.hangsUp(20, 'u4');
  between(ras);
  return ras.hangsUp(75, 'u1').gets(80, 'u5', '.11').hangsUp(85, 'u2').gets(90, 'u6', '.12');
}
