/**
 * Contested addresses that wait for the end of the capture, which tells what their stations are. A capture whose clock is stepped
 * again and again has as many of them as it likes: over all clock epochs they are bounded, in number and in what they consist of.
 */
import type { AddressClaims } from '../../../src/trackers/claimed-address.ts';

/** As many as can be contested at once, twice; more than can be reported. */
const MAX_ADDRESSES = 2048;
/** Claims and DHCP messages of all of them: as many as are kept at once, and some. */
const MAX_CLAIMS = 65_536;
/** Times at which their stations were seen alive, eight times as many as are kept at once: 8 MiB. */
const MAX_MOMENTS = 1 << 20;

export class HeldAddresses {
  readonly list: AddressClaims[] = [];
  #claims = 0;
  #moments = 0;

  /** False if there is no room for it. */
  hold(address: AddressClaims): boolean {
    const claims = address.claims.length + address.notices.length;
    const moments = address.claimants.reduce(
      (sum, { activity, sourced }) => sum + activity.length + sourced.length,
      0,
    );
    if (
      this.list.length >= MAX_ADDRESSES ||
      this.#claims + claims > MAX_CLAIMS ||
      this.#moments + moments > MAX_MOMENTS
    )
      return false;
    this.#claims += claims;
    this.#moments += moments;
    this.list.push(address);
    return true;
  }
}
