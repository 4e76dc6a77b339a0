/** Results that wait for the disk: as many as hide its slowness, and no more bytes than a scan can afford. */
const MAX_RESULTS = 32;
const MAX_BYTES = 32 << 20;

export class Backlog {
  #results = 0;
  #bytes = 0;
  #wake: (() => void) | null = null;

  /** Counts a result until `settled`, which must not reject. */
  async add(bytes: number, settled: Promise<void>): Promise<void> {
    this.#results += 1;
    this.#bytes += bytes;
    await settled;
    this.#results -= 1;
    this.#bytes -= bytes;
    this.#wake?.();
  }

  /** Resolves when another result may come. One caller at a time. */
  async room(): Promise<void> {
    while (this.#results >= MAX_RESULTS || this.#bytes >= MAX_BYTES) await this.#change();
  }

  /** Resolves when all are settled. */
  async empty(): Promise<void> {
    while (this.#results > 0) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
