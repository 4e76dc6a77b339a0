/** What waits for ever uses no processor; neither does what another program keeps from it. */
const IDLE_FACTOR = 6;

/** Time of the processor, by the whole program: beside the thread it does next to nothing. */
export class Stopwatch {
  readonly #used = process.cpuUsage();
  readonly #started = performance.now();

  isOver(seconds: number): boolean {
    const { user, system } = process.cpuUsage(this.#used);
    return user + system > seconds * 1e6 || performance.now() - this.#started > seconds * IDLE_FACTOR * 1000;
  }
}
