/** What only many captures show: the same fault in several, and the same station, address, name or lease. */
import type { Inventory } from '../engine/result.ts';
import { compare } from './discover.ts';
import type { RecurringFault, SharedThing } from './index-schema.ts';
import type { CaptureFault, JournalEntry } from './journal.ts';
import { compareFaults, MAX_NAMED } from './row.ts';
import { earlier, later } from './times.ts';

const MAX_SHARED = 1000;
/** Values that are kept of each kind; a capture has 1,024 at most. */
const MAX_VALUES = 1_000_000;

const KINDS = ['mac', 'address', 'name', 'lease'] as const satisfies ReadonlyArray<keyof Inventory>;

/** Takes captures in, in order of their paths: then the same captures give the same result. */
export class CrossView {
  readonly #faults = new Map<string, FaultTally>();
  readonly #values = new Map(KINDS.map((kind) => [kind, new Map<string, SharedThing>()]));

  add({ row, faults, inventory }: JournalEntry): void {
    for (const fault of faults) this.#addFault(fault, row.path);
    for (const kind of KINDS) {
      const values = this.#values.get(kind) as Map<string, SharedThing>;
      for (const [value, time] of inventory[kind])
        addValue(values, { kind, value }, { path: row.path, time });
    }
  }

  #addFault(fault: CaptureFault, path: string): void {
    const key = `${fault.article} ${fault.severity}`;
    let tally = this.#faults.get(key);
    if (tally === undefined) {
      tally = new FaultTally(fault);
      this.#faults.set(key, tally);
    }
    tally.add(fault, path);
  }

  /** Sorted by article and severity. */
  faults(): RecurringFault[] {
    return [...this.#faults.values()].map((tally) => tally.summary()).toSorted(compareFaults);
  }

  /** What several captures have, the most frequent first. */
  shared(): SharedThing[] {
    const all: SharedThing[] = [];
    for (const values of this.#values.values())
      for (const thing of values.values()) if (thing.count > 1) all.push(thing);
    return all
      .toSorted(
        (a, b) =>
          b.count - a.count || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || compare(a.value, b.value),
      )
      .slice(0, MAX_SHARED);
  }
}

function addValue(
  values: Map<string, SharedThing>,
  { kind, value }: Pick<SharedThing, 'kind' | 'value'>,
  place: { path: string; time: string | null },
): void {
  const known = values.get(value);
  if (known !== undefined) {
    known.count += 1;
    if (known.captures.length < MAX_NAMED) known.captures.push(place);
  } else if (values.size < MAX_VALUES) values.set(value, { kind, value, captures: [place], count: 1 });
}

class FaultTally {
  readonly #first: CaptureFault;
  readonly #hosts = new Set<string>();
  readonly #captures: string[] = [];
  #firstSeen: string | null = null;
  #lastSeen: string | null = null;
  #findings = 0;
  #count = 0;

  constructor(first: CaptureFault) {
    this.#first = first;
  }

  add(fault: CaptureFault, path: string): void {
    this.#firstSeen = earlier(this.#firstSeen, fault.firstSeen);
    this.#lastSeen = later(this.#lastSeen, fault.lastSeen);
    for (const host of fault.hosts) if (this.#hosts.size < MAX_NAMED) this.#hosts.add(host);
    if (this.#captures.length < MAX_NAMED) this.#captures.push(path);
    this.#findings += fault.findings;
    this.#count += 1;
  }

  summary(): RecurringFault {
    const { article, title, severity } = this.#first;
    return {
      article,
      title,
      severity,
      firstSeen: this.#firstSeen,
      lastSeen: this.#lastSeen,
      hosts: [...this.#hosts].toSorted(compare),
      captures: this.#captures,
      findings: this.#findings,
      count: this.#count,
    };
  }
}
