/** Liveness against the definition of rules 0.2, computed slowly from the list of all packets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../samples/craft/index.ts';
import { Room } from '../../src/tables/room.ts';
import { Liveness, type LivenessOptions, SubjectLiveness } from '../../src/trackers/liveness.ts';

const OPTIONS: LivenessOptions = {
  aliveFrames: 8,
  aliveGapMinSeconds: 2,
  aliveGapMaxSeconds: 30,
  aliveRateSeconds: 60,
  aliveLongSeconds: 600,
};

interface Event {
  readonly time: number;
  readonly isOwn: boolean;
}

interface Observed {
  readonly domain: Liveness;
  readonly subject: SubjectLiveness;
}

/** Feeds a train of packets; the subject is watched from `since` on. */
function observe(events: readonly Event[], since: number, recordsPerPacket = 1): Observed {
  const domain = new Liveness(OPTIONS, () => recordsPerPacket);
  let subject: SubjectLiveness | null = null;
  for (const { time, isOwn } of events) {
    if (subject === null && time >= since) subject = new SubjectLiveness(domain, since);
    if (isOwn) subject?.own({ time });
    domain.tick({ time });
  }
  return { domain, subject: subject ?? new SubjectLiveness(domain, since) };
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Longest gap of a living capture here. */
  readonly limit: number;
}

/** The stretches between packets of others, with the limit from the rate before each. */
function stretches(times: readonly number[], first: number): Stretch[] {
  let oldest = 0;
  return times.slice(1).map((to, at) => {
    const from = times[at] as number;
    const window = Math.max(1, Math.min(OPTIONS.aliveRateSeconds, from - first));
    while ((times[oldest] as number) <= from - window) oldest += 1;
    const count = at + 1 - oldest;
    return { from, to, limit: Math.min(30, Math.max(2, 8 / (count / window))) };
  });
}

/** True and false in clear cases only; null where a gap is near its limit or lies across an end of the span. */
function reference(gaps: readonly Stretch[], from: number, to: number): boolean | null {
  const isLong = to - from > OPTIONS.aliveLongSeconds;
  let isClear = true;
  for (const gap of gaps) {
    if (gap.to <= from || gap.from >= to) continue;
    const length = gap.to - gap.from;
    const limit = isLong ? 30 : gap.limit;
    const isInside = gap.from >= from && gap.to <= to;
    if (isInside && length > 1.6 * limit + 1) return false;
    if (length > 0.6 * limit - 0.1) isClear = false;
  }
  return isClear ? true : null;
}

/** Traffic of others at one of several paces, with silences; the subject talks all the time, or now and then. */
function train(seed: number): Event[] {
  const random = new Random(seed);
  const events: Event[] = [];
  const until = random.pick([200, 400, 1500]);
  for (let time = random.between(0, 2); time < until; ) {
    const pace = random.pick([0.05, 0.3, 0.9, 2.5]);
    for (const end = time + random.between(40, 160); time < end; time += random.between(0.5, 1.5) * pace)
      events.push({ time, isOwn: false });
    if (random.chance(0.7)) time += random.pick([3, 9, 25, 60, 120]);
  }
  const own = random.pick([0.4, 3, 11]);
  for (let time = random.between(0, 3); time < until; time += random.between(0.5, 1.5) * own)
    events.push({ time, isOwn: true });
  return events.toSorted((a, b) => a.time - b.time);
}

describe('the liveness of a subject', () => {
  it('is what the definition says of random packet trains', () => {
    const seen = { alive: 0, dead: 0 };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 10, maxLength: 10 }),
        (seed, spans) => {
          const events = train(seed);
          const others = events.filter((event) => !event.isOwn).map((event) => event.time);
          const first = (events[0] as Event).time;
          const last = (events.at(-1) as Event).time;
          const gaps = stretches(others, first);
          const { subject } = observe(events, first);
          for (const [a, b] of spans) {
            const [from, to] = [
              first + ((last - first) * Math.min(a, b)) / 1000,
              first + ((last - first) * Math.max(a, b)) / 1000,
            ];
            if (to > (others.at(-1) as number)) continue;
            const expected = reference(gaps, from, to);
            if (expected === null) continue;
            seen[expected ? 'alive' : 'dead'] += 1;
            expect({ seed, from, to, alive: subject.isAlive(from, to) }).toEqual({
              seed,
              from,
              to,
              alive: expected,
            });
          }
        },
      ),
      { numRuns: 60, seed: 11 },
    );
    expect(seen.alive).toBeGreaterThan(50);
    expect(seen.dead).toBeGreaterThan(50);
  });

  it('does not come from its own packets', () => {
    const others = Array.from({ length: 100 }, (_, at) => ({ time: at, isOwn: false }));
    const own = Array.from({ length: 400 }, (_, at) => ({ time: 50 + at / 4 + 0.1, isOwn: true }));
    const rest = Array.from({ length: 20 }, (_, at) => ({ time: 140 + at, isOwn: false }));
    const { domain, subject } = observe(
      [...others, ...rest, ...own].toSorted((a, b) => a.time - b.time),
      40,
    );
    expect(domain.isAlive(60, 150)).toBe(true);
    expect(subject.isAlive(60, 98)).toBe(true);
    expect(subject.isAlive(60, 150)).toBe(false);
    expect(subject.isAlive(141, 149)).toBe(true);
  });

  it('ends when only its own packets are left', () => {
    const others = Array.from({ length: 60 }, (_, at) => ({ time: at, isOwn: false }));
    const own = Array.from({ length: 100 }, (_, at) => ({ time: 59.5 + at, isOwn: true }));
    const { subject } = observe([...others, ...own], 10);
    expect(subject.isAlive(20, 59)).toBe(true);
    expect(subject.isAlive(20, 64)).toBe(true);
    expect(subject.isAlive(20, 100)).toBe(false);
  });

  it('before it was watched is that of the domain', () => {
    const events = [
      ...Array.from({ length: 60 }, (_, at) => at),
      ...Array.from({ length: 60 }, (_, at) => 160 + at),
    ].map((time) => ({ time, isOwn: false }));
    const { subject } = observe(events, 190);
    expect(subject.isAlive(10, 50)).toBe(true);
    expect(subject.isAlive(50, 200)).toBe(false);
    expect(subject.isAlive(165, 210)).toBe(true);
  });
});

describe('the liveness of a domain', () => {
  /** One packet per `pace` seconds, then a silence, then some more. */
  const gapAfter = (pace: number, silence: number): Liveness => {
    const domain = new Liveness(OPTIONS);
    let time = 0;
    for (; time < 120; time += pace) domain.tick({ time });
    const resumed = time - pace + silence;
    for (time = resumed; time < resumed + 30; time += pace) domain.tick({ time });
    return domain;
  };

  it.each([
    // aliveFrames / rate, inside its bounds of 2 and 30 seconds.
    [0.1, 1.9, true],
    [0.1, 2.1, false],
    [1, 7.5, true],
    [1, 8.6, false],
    [2, 15, true],
    [2, 17.5, false],
    [5, 29.5, true],
    [5, 30.5, false],
  ])('at one packet in %d s bears a silence of %d s: %s', (pace, silence, isAlive) => {
    const domain = gapAfter(pace, silence);
    expect(domain.isAlive(20, 120 + silence + 10)).toBe(isAlive);
    expect(domain.longest.length).toBe(isAlive ? 0 : 1);
  });

  it('over more than 600 s is judged by the upper bound alone', () => {
    const domain = new Liveness(OPTIONS);
    for (let time = 0; time < 2000; time += 0.5) {
      const isSilent = (time > 300 && time < 320) || (time > 1200 && time < 1240);
      if (!isSilent) domain.tick({ time });
    }
    expect(domain.isAlive(250, 850)).toBe(false);
    expect(domain.isAlive(250, 851)).toBe(true);
    expect(domain.isAlive(600, 1250)).toBe(false);
    expect(domain.liveSeconds(250, 350)).toBe(80);
  });

  it('is nothing outside the capture', () => {
    const domain = gapAfter(1, 1);
    expect(domain.isAlive(-1, 50)).toBe(false);
    expect(domain.isAlive(50, 1e6)).toBe(false);
    expect(new Liveness(OPTIONS).isAlive(0, 0)).toBe(false);
  });

  it('starts anew with a clock epoch: neither gaps nor rates of before count', () => {
    const domain = new Liveness(OPTIONS);
    for (let time = 1000; time < 1100; time += 0.01) domain.tick({ time });
    domain.restart();
    // One packet in 5 s after a step back: a living capture of its own pace.
    for (let time = 1020; time < 1200; time += 5) domain.tick({ time });
    expect(domain.isAlive(1000, 1190)).toBe(false);
    expect(domain.isAlive(1020, 1190)).toBe(true);
    expect(domain.longest).toEqual([]);
  });

  it('forgets an overflow of gaps with the epoch it was in', () => {
    const domain = new Liveness(OPTIONS);
    for (let at = 0; at < 3000; at += 1) domain.tick({ time: at * 100 });
    expect(domain.isAlive(299_000, 299_900)).toBe(false);
    expect(domain.liveSeconds(299_000, 299_900)).toBe(0);
    domain.restart();
    for (let time = 300_000; time < 300_100; time += 1) domain.tick({ time });
    expect(domain.isAlive(300_010, 300_090)).toBe(true);
    expect(domain.longest.length).toBeLessThanOrEqual(8);
  });

  it('does not rise by the copies of a mirror port', () => {
    const doubled = Array.from({ length: 100 }, (_, at) => [at, at + 0.00005]).flat();
    const later = Array.from({ length: 20 }, (_, at) => 106.5 + at);
    for (const [records, isAlive] of [
      [1, false],
      [2, true],
    ] as const) {
      const domain = new Liveness(OPTIONS, () => records);
      for (const time of [...doubled, ...later]) domain.tick({ time });
      expect(domain.isAlive(20, 120)).toBe(isAlive);
    }
  });
});

describe('a subject that was the busiest before it was watched', () => {
  /** Its packets 20 times a second up to 60 s, when the watch begins; others every 3 s until `until`, and from 100 s on. */
  const busyUntilWatched = (until: number): Event[] => {
    const own = Array.from({ length: 1200 }, (_, at) => ({ time: at / 20, isOwn: true }));
    const others = Array.from({ length: 50 }, (_, at) => ({ time: at * 3 + 0.5, isOwn: false }));
    return [...own, ...others.filter(({ time }) => time <= until || time >= 100)].toSorted(
      (a, b) => a.time - b.time,
    );
  };

  it('does not make the others look silent afterwards', () => {
    expect(observe(busyUntilWatched(200), 60).subject.isAlive(60, 120)).toBe(true);
  });

  it('does not hide a capture that stands still', () => {
    expect(observe(busyUntilWatched(70), 60).subject.isAlive(60, 120)).toBe(false);
    expect(observe(busyUntilWatched(70), 60).subject.isAlive(60, 68)).toBe(true);
  });
});

describe('packets of a subject and of others in one second', () => {
  it('counts the silence of others from the last of them, though the subject sent after it in the same second', () => {
    const others = (from: number, to: number): Event[] =>
      Array.from({ length: Math.round((to - from) * 10) }, (_, at) => ({
        time: from + at / 10,
        isOwn: false,
      }));
    const between = (own: readonly number[]): Event[] => own.map((time) => ({ time, isOwn: true }));
    // Between the two packets on either side of the silence there are never more than two seconds.
    for (const own of [[60.99], [60.99, 61.5], [61.5], [60.99, 60.995, 62.9]]) {
      const { domain, subject } = observe([...others(0, 60.96), ...between(own), ...others(62.98, 70)], 10);
      expect([own, domain.isAlive(50, 65), subject.isAlive(50, 65)]).toEqual([own, true, false]);
      expect(subject.isAlive(50, 60.9)).toBe(true);
    }
  });

  it('lets those wait alone whose packet was the last of its second', () => {
    const domain = new Liveness(OPTIONS);
    const subjects = [new SubjectLiveness(domain, 0), new SubjectLiveness(domain, 0)];
    const send = (time: number, ...senders: number[]): void => {
      for (const sender of senders) subjects[sender]?.own({ time });
      domain.tick({ time });
    };
    for (let at = 0; at < 605; at += 1) send(at / 10);
    send(60.45, 0);
    send(60.5);
    send(60.99, 1);
    send(62.47);
    for (let at = 625; at < 700; at += 1) send(at / 10);
    // To the first the second is another, who was heard at 60.99.
    expect(subjects.map((subject) => subject.isAlive(50, 65))).toEqual([true, true]);
    send(70.1, 0, 1);
    send(72.2);
    for (let at = 723; at < 800; at += 1) send(at / 10);
    expect(subjects.map((subject) => subject.isAlive(66, 75))).toEqual([false, false]);
  });
});

/** Room that tells how much of it is taken. */
class CountedRoom extends Room {
  taken = 0;

  override take(own: number): boolean {
    const isTaken = super.take(own);
    if (isTaken) this.taken += 1;
    return isTaken;
  }

  override give(places: number): void {
    this.taken -= places;
    super.give(places);
  }
}

describe('the rehearsal of the first packets', () => {
  it('leaves nobody waiting', () => {
    const domain = new Liveness(OPTIONS);
    const waits: boolean[] = [];
    for (let at = 0; at < 200; at += 1) {
      domain.tick({ time: 40 * at });
      waits.push(domain.isWaiting);
    }
    expect(waits.slice(0, 64)).toContain(true);
    expect(waits.slice(64)).not.toContain(true);
  });

  // Every packet but the first after too long a silence, as a subject sees it.
  it.each([
    ['all of them', 200, 2, []],
    ['fewer than there might be', 62, 2, []],
    ['a step of the clock', 100, 2, [30]],
    ['gaps of less than a second', 100, 0.5, [31]],
  ])('takes no room for gaps: %s', (_case, packets, aliveGapMinSeconds, restarts: readonly number[]) => {
    const room = new CountedRoom(1000, 16);
    const domain = new Liveness({ ...OPTIONS, aliveGapMinSeconds }, () => 1, room);
    for (let at = 0; at < packets; at += 1) {
      if (restarts.includes(at)) domain.restart();
      domain.tick({ time: 40 * at });
    }
    // The gaps of the domain alone.
    expect(room.taken).toBe(packets - 1 - (restarts[0] ?? 0));
  });
});
