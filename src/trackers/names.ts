/** Names that were told in packets, each with the time of its first. */

const MAX_NAMES = 1024;

export class Names {
  /** One character a byte, with the time in seconds of analysis time. */
  readonly seen = new Map<string, number>();

  note(name: string, time: number): void {
    if (name !== '' && this.seen.size < MAX_NAMES && !this.seen.has(name)) this.seen.set(name, time);
  }
}
