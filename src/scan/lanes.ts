/**
 * How many jobs of a scan are under way at a time. One for each worker; where all of them are small, each worker has the next one
 * waiting, so that none stands idle while an answer is taken in and another task sent. A large one has nobody waiting behind it.
 */

/** A capture that is analysed in a fraction of a second. */
const SMALL_BYTES = 1 << 20;
const PER_WORKER = 2;

export class Lanes {
  readonly #workers: number;
  /** The lanes that nobody is in. */
  readonly #free: number[];
  #underWay = 0;
  #large = 0;
  #wake: (() => void) | null = null;

  constructor(workers: number) {
    this.#workers = workers;
    this.#free = Array.from({ length: lanesOf(workers) }, (_, lane) => lane).toReversed();
  }

  /** Resolves with a lane when there is room for a job of that size. One caller at a time. */
  async enter(bytes: number): Promise<number> {
    const isLarge = bytes > SMALL_BYTES;
    while (this.#underWay >= (isLarge || this.#large > 0 ? this.#workers : lanesOf(this.#workers)))
      await this.#change();
    this.#underWay += 1;
    if (isLarge) this.#large += 1;
    return this.#free.pop() as number;
  }

  leave(lane: number, bytes: number): void {
    this.#free.push(lane);
    this.#underWay -= 1;
    if (bytes > SMALL_BYTES) this.#large -= 1;
    this.#wake?.();
  }

  /** Resolves when all have left. */
  async empty(): Promise<void> {
    while (this.#underWay > 0) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

export function lanesOf(workers: number): number {
  return PER_WORKER * workers;
}

export const TASKS_PER_WORKER = PER_WORKER;
