/** What a scan has done, by the path of each row; what a ring has taken in has no row of its own any more. */
import type { EntryFacts, EntryPlace } from './journal.ts';

/** What is kept of an entry in memory; the rest stays in the journal. */
export type Done = EntryFacts & { readonly place: EntryPlace };

export class DoneRows {
  readonly #rows = new Map<string, Done>();
  /** Those of rings, by each of their files. */
  readonly #rings = new Map<string, Done>();

  /** In the order of the journal: a later row takes the place of those about the same files. */
  remember(done: Done): void {
    const { path, files } = done.row;
    this.#forget(this.#rows.get(path));
    if (files.length > 1) {
      for (const file of files) this.#forget(this.#rings.get(file) ?? this.#rows.get(file));
      for (const file of files) this.#rings.set(file, done);
    }
    this.#rows.set(path, done);
  }

  get(path: string): Done | undefined {
    return this.#rows.get(path);
  }

  has(path: string): boolean {
    return this.#rows.has(path);
  }

  /** The row of the ring that the file is, or was, a piece of. */
  ringWith(file: string): Done | undefined {
    return this.#rings.get(file);
  }

  all(): Iterable<Done> {
    return this.#rows.values();
  }

  #forget(done: Done | undefined): void {
    if (done === undefined) return;
    this.#rows.delete(done.row.path);
    for (const file of done.row.files) if (this.#rings.get(file) === done) this.#rings.delete(file);
  }
}
