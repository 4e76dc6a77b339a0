/** The addresses that the rule counts. One that is seen in several clock epochs is still one: what says most of it stands. */
import type { About } from '../../../src/engine/host-filter.ts';
import type { AddressPhases } from '../../../src/trackers/mac-phases-address.ts';

/** What an epoch shows of an address, the stronger the later. */
const WEIGHT = { unobserved: 0, inOrder: 1, unclearChange: 2, found: 3 } as const;
type Weight = (typeof WEIGHT)[keyof typeof WEIGHT];

interface Counted {
  readonly about: About;
  /** Why it is undecided; null if it was judged. */
  reason: string | null;
  weight: Weight;
  isChanged: boolean;
}

/** Where subjects are told. */
interface Judgement {
  judged(about?: About): void;
  undecided(reason: string, about?: About): void;
}

/** Addresses kept until the end of the capture, over all its epochs; further ones count in each. */
const MAX_KEPT = 32_768;
/** More than all IPv4 addresses: one key for a domain and an address. */
const ADDRESSES = 2 ** 32;

export class Subjects {
  readonly #kept = new Map<number, Counted>();
  readonly #judgement: Judgement;
  readonly #told = { addresses: 0, changed: 0, stale: 0 };

  constructor(judgement: Judgement) {
    this.#judgement = judgement;
  }

  /** An address that stayed on its MAC address in an epoch, or changed it in order; `reason` if it was not observed long enough. */
  steady(owner: AddressPhases, about: About, reason: string | null): void {
    this.#note(owner, {
      about,
      reason,
      weight: reason === null ? WEIGHT.inOrder : WEIGHT.unobserved,
      isChanged: false,
    });
  }

  /** One whose changes were looked at: `found`, null where they are in order, or why they are undecided. */
  changed(owner: AddressPhases, about: About, outcome: string | null, isChanged: boolean): void {
    const isFound = outcome === 'found';
    const weight = isFound ? WEIGHT.found : outcome === null ? WEIGHT.inOrder : WEIGHT.unclearChange;
    this.#note(owner, { about, reason: isFound ? null : outcome, weight, isChanged });
  }

  /** Tells each once; answers how many there are, how many changed, and how many did not follow. */
  tell(): { readonly addresses: number; readonly changed: number; readonly stale: number } {
    for (const counted of this.#kept.values()) this.#count(counted);
    return this.#told;
  }

  #note(owner: AddressPhases, now: Counted): void {
    const key = owner.domain.index * ADDRESSES + (owner.address >>> 0);
    const known = this.#kept.get(key);
    if (known !== undefined) {
      known.isChanged ||= now.isChanged;
      if (now.weight <= known.weight) return;
      known.reason = now.reason;
      known.weight = now.weight;
    } else if (this.#kept.size < MAX_KEPT) this.#kept.set(key, now);
    else this.#count(now);
  }

  #count({ about, reason, weight, isChanged }: Counted): void {
    this.#told.addresses += 1;
    if (isChanged) this.#told.changed += 1;
    if (weight === WEIGHT.found) this.#told.stale += 1;
    if (reason === null) this.#judgement.judged(about);
    else this.#judgement.undecided(reason, about);
  }
}
