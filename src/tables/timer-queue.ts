/** Something that waits for a moment of capture time. */
export interface Waiting {
  timeout(now: number): void;
}

/** Below so many timers it is not worth looking for those that became pointless. */
const WORTH_A_LOOK = 1024;

/**
 * Timers in capture time: a bounded binary heap of (due, subject). Subjects are objects that know what they
 * wait for; a timer that has become pointless is recognised when it fires. It would keep its subject in memory
 * until then, so when half of the queue is pointless, all of that is removed.
 */
export class TimerQueue<Subject = Waiting> {
  /** When the earliest timer is due; infinity if there is none. Compared with the time of every packet. */
  due = Number.NaN;
  /** Timers refused because the queue was full. */
  refused = 0;
  readonly #limit: number;
  #times: number[] = [];
  #subjects: Subject[] = [];
  /** How many are said to be pointless. */
  #pointless = 0;

  constructor(limit: number) {
    this.#limit = limit;
    // Stores `due` a second time, so that it does not count as constant: the first timer would cost the hot path its compiled code.
    this.clear();
  }

  get size(): number {
    return this.#times.length;
  }

  add(time: number, subject: Subject): boolean {
    if (this.#times.length >= this.#limit) {
      this.refused += 1;
      return false;
    }
    this.#times.push(time);
    this.#subjects.push(subject);
    this.#siftUp(this.#times.length - 1);
    this.due = this.#times[0] as number;
    return true;
  }

  /** Removes and answers the earliest subject if it is due at `now`. */
  takeDue(now: number): Subject | undefined {
    if (this.due > now) return undefined;
    const subject = this.#subjects[0] as Subject;
    const lastTime = this.#times.pop() as number;
    const lastSubject = this.#subjects.pop() as Subject;
    if (this.#times.length > 0) {
      this.#times[0] = lastTime;
      this.#subjects[0] = lastSubject;
      this.#siftDown();
    }
    this.due = this.#times[0] ?? Number.POSITIVE_INFINITY;
    return subject;
  }

  clear(): void {
    this.#times.length = 0;
    this.#subjects.length = 0;
    this.#pointless = 0;
    this.due = Number.POSITIVE_INFINITY;
  }

  /** One more timer became pointless; `isPointless` tells which ones are. */
  retire(isPointless: (subject: Subject) => boolean): void {
    this.#pointless += 1;
    const count = this.#times.length;
    if (count < WORTH_A_LOOK || this.#pointless * 2 < count) return;
    const times = this.#times;
    const subjects = this.#subjects;
    this.#times = [];
    this.#subjects = [];
    for (let at = 0; at < count; at += 1) {
      const subject = subjects[at] as Subject;
      if (isPointless(subject)) continue;
      this.#times.push(times[at] as number);
      this.#subjects.push(subject);
      this.#siftUp(this.#times.length - 1);
    }
    this.#pointless = 0;
    this.due = this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  #exchange(a: number, b: number): void {
    // Not as lists: until this is optimised, each would be made, and walked over by an iterator.
    const time = this.#times[a] as number;
    this.#times[a] = this.#times[b] as number;
    this.#times[b] = time;
    const subject = this.#subjects[a] as Subject;
    this.#subjects[a] = this.#subjects[b] as Subject;
    this.#subjects[b] = subject;
  }

  #siftUp(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.#times[parent] as number) <= (this.#times[at] as number)) return;
      this.#exchange(parent, at);
      at = parent;
    }
  }

  #siftDown(): void {
    const count = this.#times.length;
    for (let at = 0; ; ) {
      let least = at;
      for (let child = 2 * at + 1; child <= 2 * at + 2 && child < count; child += 1) {
        if ((this.#times[child] as number) < (this.#times[least] as number)) least = child;
      }
      if (least === at) return;
      this.#exchange(least, at);
      at = least;
    }
  }
}
