/**
 * Whether the capture was alive while an attempt to connect hung (rules 0.2). Packets from and to its opener show nothing of
 * that: others must have been heard. The opener's address is watched from the first SYN on, for as long as others may be
 * silent in a living capture.
 */
import type { ArpFields } from '../wire/arp.ts';
import type { Packet } from '../wire/packet.ts';
import type { AddressWatcher } from './address-watches.ts';
import { SubjectLiveness } from './liveness.ts';
import type { TupleReuse } from './tuple-reuse.ts';
import type { Watches } from './watches.ts';

export class OpenerLiveness implements AddressWatcher {
  isEnded = false;
  readonly #reuse: TupleReuse;
  readonly #watches: Watches;
  readonly #liveness: SubjectLiveness;
  readonly #hangSeconds: number;
  readonly #endTime: number;
  /** False where too much is watched already: then nothing is known of others. */
  readonly #isWatching: boolean;

  constructor(reuse: TupleReuse, watches: Watches, hangSeconds: number) {
    const { domain, firstTime, opener } = reuse;
    this.#reuse = reuse;
    this.#watches = watches;
    this.#hangSeconds = hangSeconds;
    this.#endTime = firstTime + Math.max(hangSeconds, domain.liveness.options.aliveGapMaxSeconds);
    this.#liveness = new SubjectLiveness(domain.liveness, firstTime);
    this.#isWatching = watches.addAddress(domain.index, opener, this);
  }

  get interface(): number {
    return this.#reuse.domain.interface;
  }

  /** Others had the time to be heard, or the attempt came through too soon to be asked about. */
  get isOver(): boolean {
    const { acceptedTime, firstTime, domain } = this.#reuse;
    return acceptedTime - firstTime < this.#hangSeconds || domain.liveness.lastTime >= this.#endTime;
  }

  watchedAddressPacket(packet: Packet): void {
    if (this.isOver) this.end();
    else this.#liveness.own(packet);
  }

  watchedAddressDuplicate(packet: Packet): void {
    this.watchedAddressPacket(packet);
  }

  /** Who asks for the opener, or is asked by it, is no other. */
  arp(packet: Packet, { senderAddress, targetAddress }: ArpFields): void {
    const { opener, domain } = this.#reuse;
    if (packet.domain !== domain.index) return;
    if (senderAddress === opener || targetAddress === opener) this.#liveness.own(packet);
  }

  /** Tells the attempt, and watches no longer. */
  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    const reuse = this.#reuse;
    const { firstTime, leastGap } = reuse;
    this.#watches.removeAddress(reuse.domain.index, reuse.opener, this);
    reuse.isAliveThrough =
      this.#isWatching &&
      this.#liveness.isAnyOther &&
      this.#liveness.isAlive(firstTime, firstTime + this.#hangSeconds, leastGap);
    this.#liveness.forget();
  }
}
