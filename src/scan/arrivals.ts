/**
 * Which captures of a folder are complete, while others are being written. A capture is complete when its ring has gone on to another
 * file, or when nobody has touched it for some time. One that ends in the midst of a packet then may still be its writer's, who has the
 * rest in memory: it is given more time, and as the last of a ring as long as it is that.
 *
 * The first look goes by the times of the files, later ones by what has changed between two looks: the clock that gives files their times
 * may be another machine's.
 */
import { statSync } from 'node:fs';
import type { FoundFile } from './discover.ts';
import type { IndexRow } from './index-schema.ts';
import { ringOf } from './rings.ts';

/** How much longer the rest of a packet is waited for. */
const REST_FACTOR = 10;
/** The last file of a ring that nothing was added to for so long has no writer. */
const RING_MILLIS = 24 * 3600 * 1000;
/** At most a tenth of the time goes into a capture that grows again and again. */
const AGAIN_FACTOR = 10;

/** What a capture looks like that is not written to its end. */
const UNFINISHED: ReadonlySet<string> = new Set(['cut-short', 'bad-compression', 'empty', 'damaged-header']);

interface Arrival {
  bytes: number;
  mtimeMillis: number;
  /** When it was found like this, or before; on the clock of `Moment.now`. */
  since: number;
  state: 'new' | 'unfinished' | 'taken';
  /** Its ring has gone on. */
  isFollowed: boolean;
  /** How long its last analysis took. */
  elapsedMillis: number;
  /** How long it may be silent while it is unfinished. */
  restMillis: number;
}

export interface Moment {
  /** Milliseconds on a clock that only goes forward. */
  readonly now: number;
  /** Milliseconds since 1970. */
  readonly wall: number;
}

export interface Arrived {
  /** Those that are complete, known ones too, in the order in which they were given. */
  readonly complete: readonly FoundFile[];
  /** Whether there are any that were not taken yet. */
  readonly hasNew: boolean;
  /** How many are not complete. */
  readonly waiting: number;
}

export class Arrivals {
  readonly #settleMillis: number;
  #known = new Map<string, Arrival>();

  /** `settleMillis`: how long a capture is left alone before it counts as complete. */
  constructor(settleMillis: number) {
    this.#settleMillis = settleMillis;
  }

  /** Takes in what is there now. What is gone is forgotten. */
  look(files: readonly FoundFile[], moment: Moment): Arrived {
    const known = new Map<string, Arrival>();
    for (const file of files) known.set(file.path, this.#update(file, moment));
    this.#known = known;
    this.#follow(files);
    const complete = files.filter(({ path }) => this.#isComplete(known.get(path) as Arrival, moment));
    return {
      complete,
      hasNew: complete.some(({ path }) => known.get(path)?.state !== 'taken'),
      waiting: files.length - complete.length,
    };
  }

  /** The file has its row as it is. */
  take(path: string, elapsedMillis = 0): void {
    const arrival = this.#known.get(path);
    if (arrival === undefined) return;
    arrival.state = 'taken';
    arrival.elapsedMillis = elapsedMillis;
  }

  /** True if this row of the file is to wait: it looks as if the file were still being written. */
  isUnfinished(path: string, { code, status }: Pick<IndexRow, 'code' | 'status'>, moment: Moment): boolean {
    const arrival = this.#known.get(path);
    if (arrival === undefined || status === 'ok' || !UNFINISHED.has(code ?? '')) return false;
    if (arrival.isFollowed || moment.now - arrival.since >= arrival.restMillis) return false;
    arrival.state = 'unfinished';
    return true;
  }

  #update({ path, bytes, mtimeMillis }: FoundFile, { now, wall }: Moment): Arrival {
    const before = this.#known.get(path);
    if (before === undefined)
      return {
        bytes,
        mtimeMillis,
        since: now - Math.max(0, wall - mtimeMillis),
        state: 'new',
        isFollowed: false,
        elapsedMillis: 0,
        restMillis: REST_FACTOR * this.#settleMillis,
      };
    if (before.bytes === bytes && before.mtimeMillis === mtimeMillis) return before;
    return { ...before, bytes, mtimeMillis, since: now, state: 'new', isFollowed: false };
  }

  #isComplete({ state, since, isFollowed, elapsedMillis, restMillis }: Arrival, { now }: Moment): boolean {
    if (state === 'taken' || isFollowed) return true;
    const quietMillis = now - since;
    if (state === 'unfinished') return quietMillis >= restMillis;
    return quietMillis >= Math.max(this.#settleMillis, AGAIN_FACTOR * elapsedMillis);
  }

  /** Finds out which of those that are not taken have a younger file in their ring: one that was made when they were complete. */
  #follow(files: readonly FoundFile[]): void {
    const isOpen = ({ path }: FoundFile): boolean => {
      const arrival = this.#known.get(path);
      return arrival !== undefined && arrival.state !== 'taken' && !arrival.isFollowed;
    };
    if (!files.some(isOpen)) return;
    for (const ring of ringsOf(files)) {
      if (!ring.some(isOpen)) continue;
      const youngest = ring.reduce((one, other) => (other.mtimeMillis > one.mtimeMillis ? other : one));
      const madeMillis = statSync(youngest.path, { throwIfNoEntry: false })?.birthtimeMs ?? 0;
      for (const file of ring.filter(isOpen)) {
        const arrival = this.#known.get(file.path) as Arrival;
        arrival.isFollowed = file !== youngest && madeMillis >= file.mtimeMillis;
        arrival.restMillis = RING_MILLIS;
      }
    }
  }
}

/** Files that are pieces of a ring by their names: several of them, or one that is numbered. */
function ringsOf(files: readonly FoundFile[]): FoundFile[][] {
  const rings = new Map<string, FoundFile[]>();
  const numbered = new Set<string>();
  for (const file of files) {
    const ring = ringOf(file.path);
    if (ring === null) continue;
    if (ring.isNumbered) numbered.add(ring.name);
    const members = rings.get(ring.name);
    if (members === undefined) rings.set(ring.name, [file]);
    else members.push(file);
  }
  return [...rings].filter(([name]) => numbered.has(name)).map(([, members]) => members);
}
