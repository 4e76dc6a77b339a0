/**
 * Many connections one after the other, of which only the initial sequence numbers matter: the steps between them, the
 * times, who sends.
 *
 *     series({ steps: regressing(23, [4, 8, 12, 15, 19]) })          client role, another port each
 *     series({ steps, role: 'server' })                              the SYN/ACKs of an NT server
 */
import { Random } from '../../../../samples/craft/index.ts';
import type { Script, Side } from '../../../../samples/craft/index.ts';
import { Lan, linuxEnd, ntEnd } from './lan.ts';
import type { End, Ending } from './lan.ts';

/** `count` steps, 900 to 60000 forward, and 2000 to 30000 backward at the positions told. */
export function regressing(count: number, backward: readonly number[], seed = 11): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) =>
    backward.includes(index) ? -random.integer(2000, 30_000) : random.integer(900, 60_000),
  );
}

/** `count` backward steps spread over `steps`, none next to another. */
export function spread(steps: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor(((index + 1) * steps) / (count + 1)));
}

/** Start times about `every` seconds apart, in whole microseconds. */
export function irregular(count: number, every: number, seed = 3): number[] {
  const random = new Random(seed);
  return Array.from(
    { length: count },
    (_, index) => 1 + Math.round((index + random.between(0, 0.6)) * every * 1e6) / 1e6,
  );
}

/** One connection: a time and the number it starts with. */
export interface Opening {
  readonly at: number;
  /** uint32. */
  readonly isn: number;
  /** Who sends it, where several hosts share an address. */
  readonly end?: End;
  readonly ending?: Ending;
  readonly mark?: string;
  /** Several addresses in turn, for a client that goes to many. */
  readonly server?: End;
  readonly clientPort?: number;
  readonly serverPort?: number;
}

export interface Timing {
  /** From the SYN to the first FIN. */
  readonly holdSeconds?: number;
  readonly roundTripSeconds?: number;
  readonly requests?: number;
}

export interface SeriesFields {
  readonly timing?: Timing;
  readonly steps: readonly number[];
  readonly role?: Side;
  readonly end?: End;
  /** Start times; about 4 s apart where absent. */
  readonly times?: readonly number[];
  readonly firstIsn?: number;
  /** At the end a SYN on the first connection's tuple, sent twice and never answered. */
  readonly failure?: boolean;
  readonly witness?: boolean;
  /** Changes the connection at a position. */
  readonly change?: (position: number) => Partial<Opening>;
  readonly untilSeconds?: number;
}

export const FIRST_ISN = 0x2c41_7a10;

/** The numbers, and marks on the two SYNs of every backward step. */
export function openings(
  steps: readonly number[],
  times: readonly number[],
  firstIsn = FIRST_ISN,
): Opening[] {
  let isn = firstIsn;
  return [0, ...steps].map((step, index) => {
    isn = (isn + step) >>> 0;
    const mark = step < 0 ? 'below' : (steps[index] ?? 0) < 0 ? 'above' : undefined;
    return { at: times[index] ?? 1 + index * 4, isn, ...(mark === undefined ? {} : { mark }) };
  });
}

/** Opens connections towards, or from, the segment's server. */
export function openAll(
  lan: Lan,
  list: readonly Opening[],
  end: End,
  role: Side = 'client',
  timing: Timing = {},
): void {
  const peer = role === 'client' ? lan.server : linuxEnd('10.0.0.21', '00:25:90:0a:00:21', 0x6100);
  for (const [index, opening] of list.entries()) {
    const judged = opening.end ?? end;
    const { isn, mark, ending = 'client' } = opening;
    const isClient = role === 'client';
    const marked = mark === undefined ? {} : { marks: isClient ? { syn: mark } : { synAck: mark } };
    lan.connection(opening.at, {
      client: isClient ? judged : peer,
      server: isClient ? (opening.server ?? peer) : judged,
      clientPort: opening.clientPort ?? (isClient ? 1060 : 41_000) + index,
      serverPort: opening.serverPort ?? 80,
      clientIsn: isClient ? isn : lan.isn(),
      serverIsn: isClient ? lan.isn() : isn,
      ...timing,
      ending,
      ...marked,
    });
  }
}

/** A capture of one such series. */
export function series(fields: SeriesFields): Script {
  const { steps, role = 'client', end = ntEnd(), firstIsn = FIRST_ISN } = fields;
  const times = fields.times ?? irregular(steps.length + 1, 4);
  const lan = new Lan();
  lan.arp(0.2, end, lan.server);
  const list = openings(steps, times, firstIsn).map((opening, position) => ({
    ...opening,
    ...fields.change?.(position),
  }));
  openAll(lan, list, end, role, fields.timing);
  const last = list.at(-1);
  let until = last?.at ?? 0;
  if (fields.failure && last !== undefined) {
    const isn = (last.isn + 31_007) >>> 0;
    const attempt = { isn, clientPort: 1060, ending: 'lost' } as const;
    until += 12;
    openAll(
      lan,
      [
        { ...attempt, at: until - 8, mark: 'failed' },
        { ...attempt, at: until - 5 },
      ],
      end,
    );
  }
  if (fields.witness) lan.witness();
  return lan.end(fields.untilSeconds ?? Math.max(until + 10, 45));
}
