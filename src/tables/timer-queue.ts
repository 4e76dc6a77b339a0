/** Something that waits for a moment of capture time. */
export interface Waiting {
  timeout(now: number): void;
}

/**
 * Timers in capture time: a bounded binary heap of (due, subject). Subjects are objects that know what they
 * wait for; a timer that has become pointless is recognised when it fires, not removed.
 */
export class TimerQueue<Subject = Waiting> {
  /** When the earliest timer is due; infinity if there is none. Compared with the time of every packet. */
  due = Number.POSITIVE_INFINITY;
  /** Timers refused because the queue was full. */
  refused = 0;
  readonly #limit: number;
  readonly #times: number[] = [];
  readonly #subjects: Subject[] = [];

  constructor(limit: number) {
    this.#limit = limit;
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
    this.due = Number.POSITIVE_INFINITY;
  }

  #exchange(a: number, b: number): void {
    [this.#times[a], this.#times[b]] = [this.#times[b] as number, this.#times[a] as number];
    [this.#subjects[a], this.#subjects[b]] = [this.#subjects[b] as Subject, this.#subjects[a] as Subject];
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
