/** Stretches without packets, of a domain or of all but one station of it: at most so many are kept. */
import { Room } from '../tables/room.ts';

export interface Gap {
  readonly from: number;
  readonly to: number;
}

const MAX_GAPS = 2048;
/** Gaps that all domains and subjects keep together; beyond that each keeps its first few. */
const MAX_ALL_GAPS = 65_536;
const SURE_GAPS = 16;

/** Room for the gaps of all domains and subjects. */
export function gapRoom(): Room {
  return new Room(MAX_ALL_GAPS, SURE_GAPS);
}

/** Gaps in order of time; once there are too many, everything after the last kept one counts as a gap. */
export class GapList {
  readonly gaps: Gap[] = [];
  overflowedAt = Number.POSITIVE_INFINITY;
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  add(from: number, to: number): void {
    const { length } = this.gaps;
    const isOpen = length < MAX_GAPS && this.overflowedAt === Number.POSITIVE_INFINITY;
    if (isOpen && this.#room.take(length)) this.gaps.push({ from, to });
    else this.overflowedAt = Math.min(this.overflowedAt, from);
  }

  clear(): void {
    this.#room.give(this.gaps.length);
    this.gaps.length = 0;
    this.overflowedAt = Number.POSITIVE_INFINITY;
  }

  /** True if no part of a gap inside [from, to] is longer than `least` seconds. */
  isClear(from: number, to: number, least: number): boolean {
    if (to > this.overflowedAt) return false;
    return !this.gaps.some((gap) => Math.min(gap.to, to) - Math.max(gap.from, from) > least);
  }

  /** Where the first part of a gap inside [from, to] begins that is longer than `least` seconds; `to` if there is none. */
  clearUntil(from: number, to: number, least: number): number {
    let until = Math.min(to, Math.max(from, this.overflowedAt));
    for (const gap of this.gaps)
      if (Math.min(gap.to, to) - Math.max(gap.from, from) > least)
        until = Math.min(until, Math.max(gap.from, from));
    return until;
  }

  /** Where the last part of such a gap ends; `from` if there is none. */
  clearFrom(from: number, to: number, least: number): number {
    let since = to > this.overflowedAt ? to : from;
    for (const gap of this.gaps)
      if (Math.min(gap.to, to) - Math.max(gap.from, from) > least)
        since = Math.max(since, Math.min(gap.to, to));
    return since;
  }

  /** Seconds of [from, to] that lie in gaps. */
  total(from: number, to: number): number {
    let seconds = Math.max(0, to - Math.max(from, this.overflowedAt));
    for (const gap of this.gaps) seconds += Math.max(0, Math.min(gap.to, to) - Math.max(gap.from, from));
    return seconds;
  }
}
