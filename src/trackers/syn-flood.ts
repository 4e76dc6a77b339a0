/**
 * Tells a flood of SYNs from attempts to connect. More unanswered SYNs in a second than any set of hosts sends are a flood: of
 * those between hosts that nothing is known of, one in thirty-two is looked at.
 */
const FLOOD_SYNS = 128;
const SHARE_MASK = 31;

export class SynFlood {
  /** SYNs that were not looked at. */
  shed = 0;
  /** SYNs of the current second that are still without an answer. */
  unanswered = 0;
  #second = 0;
  /** Hosts with connections, and pairs of hosts with one between them, one bit each. */
  readonly #known = new Int32Array(1 << 11);

  /** True while there is a flood. */
  get isOn(): boolean {
    return this.unanswered >= FLOOD_SYNS;
  }

  /** True if a SYN of this second need not be looked at: one of a flood, between hosts that never had a connection. */
  sheds(second: number, source: number, destination: number, ports: number): boolean {
    if (second !== this.#second) {
      this.#second = second;
      this.unanswered = 0;
    }
    if (this.unanswered < FLOOD_SYNS) return false;
    if (((Math.imul(source ^ ports, 0x9e3779b1) >>> 20) & SHARE_MASK) === 0) return false;
    if (this.#has(hashOf(source)) || this.#has(hashOf(source ^ destination))) return false;
    this.shed += 1;
    return true;
  }

  /** From here on, SYNs of this host, and between the two, are looked at, however many there are. */
  know(host: number, peer: number): void {
    this.#set(hashOf(host));
    this.#set(hashOf(host ^ peer));
  }

  #has(bit: number): boolean {
    return (((this.#known[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
  }

  #set(bit: number): void {
    this.#known[bit >>> 5] = (this.#known[bit >>> 5] as number) | (1 << (bit & 31));
  }
}

function hashOf(value: number): number {
  return Math.imul(value ^ (value >>> 15), 0x9e3779b1) >>> 16;
}
