/** A capture that begins late, ends early or stands still in the middle makes no fault of what is none. */
import { describe, expect, it } from 'vitest';
import type { TimedFrame } from '../../samples/craft/index.ts';
import { ARTICLES, framesOf, recorded } from '../one-ethernet.ts';
import { surestTiers } from '../surest-tiers.ts';

const STRONG = 2;

/** By article and scenario, the parts whose frames nobody could tell from those of a fault: what shows otherwise is not in them. */
const INDISTINGUISHABLE: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // That the proxy answers for other addresses as well comes later.
  Q120599: { 'N-proxy-always': ['up to 3'] },
  Q193157: {
    'Q120599-N-proxy-always': ['up to 3'],
    // The announcement.
    'N5-rarp': ['without 3'],
  },
  Q159309: {
    // The call that gets the free address; what follows of it looks like a call of somebody else.
    N2: ['without 5'],
    X2: ['without 5'],
    // The end of a call, without which its Stop is a refusal.
    'given-joined-pppoe-hangsUp': ['without 4'],
    // The address is given again later.
    'given-asked-pptp-u1': ['up to 7'],
    'given-asked-pptp-u7': ['up to 7'],
    'given-asked-pppoe-u1': ['up to 7'],
    'given-asked-pppoe-u7': ['up to 7'],
    // That the refused callers have addresses of their own comes later.
    'review-group': ['up to 9', 'up to 7', 'without 9'],
    'review-own': ['up to 9', 'up to 7', 'without 8', 'without 9'],
  },
  Q228811: {
    // The announcement of a host that starts again, and the SYN whose answer was not captured.
    RN1: ['without 6'],
    R11: ['without 6'],
    // The connections that tell two hosts apart come before.
    'N20-rising': ['from 5'],
    'N20-few': ['from 3'],
    'N20-one-counter': ['from 5'],
  },
};

function partsOf(frames: readonly TimedFrame[]): Array<readonly [string, readonly TimedFrame[]]> {
  const tenthOf = (at: number): number => Math.floor((10 * at) / frames.length);
  const parts: Array<readonly [string, readonly TimedFrame[]]> = [];
  for (const tenths of [1, 3, 5, 7]) {
    parts.push([`from ${tenths}`, frames.filter((_, at) => tenthOf(at) >= tenths)]);
    parts.push([`up to ${10 - tenths}`, frames.filter((_, at) => tenthOf(at) < 10 - tenths)]);
  }
  for (let tenth = 0; tenth < 10; tenth += 1)
    parts.push([`without ${tenth}`, frames.filter((_, at) => tenthOf(at) !== tenth)]);
  return parts;
}

describe.each(ARTICLES)('parts of the scenarios of %s', (article) => {
  const scenarios = framesOf(article);

  it('are many', () => expect(scenarios.length).toBeGreaterThan(20));

  it.each(scenarios)('make no fault: %s', async (name, frames) => {
    const whole = await surestTiers(recorded(frames));
    const surer: string[] = [];
    for (const [part, kept] of partsOf(frames)) {
      for (const [found, tier] of await surestTiers(recorded(kept)))
        if (tier >= STRONG && (whole.get(found) ?? 0) < STRONG) surer.push(part);
    }
    expect(surer).toEqual(INDISTINGUISHABLE[article]?.[name] ?? []);
  });
});
