/** How many stations of a kind there are at each place: most packets are of none, and a few loads from small tables say so. */
import { borrowBuffer, returnBuffer } from '../tables/spare-buffers.ts';

/** A place is the last two bytes of the MAC address: they tell the stations of a segment apart, and cost no hash. */
const PLACE_BITS = 16;
const PLACES = 1 << PLACE_BITS;
/** The lower bits of a place have a bit of the filter: so few that it stays in the nearest cache while packets pass through it. */
const FILTER_BITS = 14;
const FILTER_PLACES = 1 << FILTER_BITS;
const FILTER_WORDS = FILTER_PLACES / 32;

export class StationPlaces {
  readonly #counts = new Uint16Array(borrowBuffer(PLACES * Uint16Array.BYTES_PER_ELEMENT));
  /** Set where a station is counted. */
  readonly #filter = new Int32Array(FILTER_WORDS);

  /** Gives its memory back; it must not be used any more. */
  release(): void {
    returnBuffer(this.#counts.buffer);
  }

  /** `low` is the lower word of a MAC address, here and below. */
  add(low: number): void {
    const place = low & (PLACES - 1);
    this.#counts[place] = (this.#counts[place] as number) + 1;
    const word = (low >>> 5) & (FILTER_WORDS - 1);
    this.#filter[word] = (this.#filter[word] as number) | (1 << (low & 31));
  }

  remove(low: number): void {
    const place = low & (PLACES - 1);
    this.#counts[place] = (this.#counts[place] as number) - 1;
    for (let at = place & (FILTER_PLACES - 1); at < PLACES; at += FILTER_PLACES)
      if (this.#counts[at] !== 0) return;
    const word = (low >>> 5) & (FILTER_WORDS - 1);
    this.#filter[word] = (this.#filter[word] as number) & ~(1 << (low & 31));
  }

  /** Whether some station stands at the place of this one. */
  has(low: number): boolean {
    return this.#counts[low & (PLACES - 1)] !== 0;
  }

  /** 1 in the lowest bit if some station may stand there, 0 if none does; the others are of other places. */
  look(low: number): number {
    return (this.#filter[(low >>> 5) & (FILTER_WORDS - 1)] as number) >>> (low & 31);
  }
}
