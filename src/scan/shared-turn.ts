/** Work that takes long and covers all that was asked for before it began: requests that come while it is under way share the next turn. */
export class SharedTurn {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Settles as a turn does that began after this call. */
  request(): Promise<void> {
    if (this.#running === null) return this.#begin();
    // A turn that failed speaks for its own requests; the next one tries again.
    this.#next ??= this.#running.catch(() => {}).then(() => this.#begin());
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#next = null;
    this.#running = this.#work().finally(() => {
      if (this.#next === null) this.#running = null;
    });
    return this.#running;
  }
}
