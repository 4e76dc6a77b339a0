import { expect, describe, it } from 'vitest';
import { UsageError } from '../../src/cli/exit.ts';
import { toPeriod } from '../../src/cli/period.ts';
import type { CaptureTime } from '../../src/engine/result.ts';
import { findTimeZone, UTC } from '../../src/report/time-zone.ts';
import { isoTime } from '../../src/report/units.ts';

/** A capture that begins on a Sunday on which clocks in Berlin go forward at 02:00. */
const FIRST: CaptureTime = { seconds: Date.UTC(2001, 2, 25, 0, 30) / 1000, nanos: 250_000_000, precision: 6 };
const berlin = findTimeZone('Europe/Berlin') ?? UTC;

function period(from: string | undefined, to: string | undefined, zone = UTC, first = FIRST): string {
  const { from: start, to: end } = toPeriod(from, to, zone)(first);
  return `${isoTime(start) ?? ''}/${isoTime(end) ?? ''}`;
}

describe('--from and --to', () => {
  it.each([
    // ISO 8601, with a zone and without.
    ['2001-03-25T04:05:06Z', undefined, '2001-03-25T04:05:06Z/'],
    ['2001-03-25T04:05:06.123456789+05:30', undefined, '2001-03-24T22:35:06.123456789Z/'],
    ['2001-03-25 04:05-0330', undefined, '2001-03-25T07:35:00Z/'],
    ['2001-03-25t04:05:06,5z', '2001-03-26T00:00+01', '2001-03-25T04:05:06.5Z/2001-03-25T23:00:00Z'],
    [undefined, '1969-12-31T23:59:59.5Z', '/1969-12-31T23:59:59.5Z'],
    // A day is all of it.
    ['2001-03-25', '2001-03-25', '2001-03-25T00:00:00Z/2001-03-25T23:59:59.999999999Z'],
    ['2000-02-29', undefined, '2000-02-29T00:00:00Z/'],
    // A time of day.
    ['04:05', '04:05:06.007', '2001-03-25T04:05:00Z/2001-03-25T04:05:06.007Z'],
    ['4:05', undefined, '2001-03-25T04:05:00Z/'],
    ['04:05+02:00', undefined, '2001-03-25T02:05:00Z/'],
    ['23:50', '00:10', '2001-03-25T23:50:00Z/2001-03-26T00:10:00Z'],
    ['2001-03-28T14:00Z', '15:00', '2001-03-28T14:00:00Z/2001-03-28T15:00:00Z'],
    ['2001-03-28T14:00Z', '13:00', '2001-03-28T14:00:00Z/2001-03-29T13:00:00Z'],
    // So long after the first packet, or after --from.
    ['+10m', '+1h30m', '2001-03-25T00:40:00.250000Z/2001-03-25T02:00:00.250000Z'],
    ['+0s', '+1d', '2001-03-25T00:30:00.250000Z/2001-03-26T00:30:00.250000Z'],
    ['+750ms', undefined, '2001-03-25T00:30:01.000000000Z/'],
    ['+1.5s', '+2s', '2001-03-25T00:30:01.750000000Z/2001-03-25T00:30:02.250000Z'],
    ['04:00', '+10m', '2001-03-25T04:00:00Z/2001-03-25T04:10:00Z'],
    [undefined, '+10min', '/2001-03-25T00:40:00.250000Z'],
  ])('%s to %s', (from, to, expected) => {
    expect(period(from, to)).toBe(expected);
  });

  it('are read in the zone of --tz, whose day the first packet is on', () => {
    const evening = { ...FIRST, seconds: Date.UTC(2001, 5, 30, 23, 30) / 1000 };
    expect(period('01:45', '2001-07-01T02:00', berlin, evening)).toBe(
      '2001-06-30T23:45:00Z/2001-07-01T00:00:00Z',
    );
    expect(period('2001-07-01', '2001-07-01', berlin, evening)).toBe(
      '2001-06-30T22:00:00Z/2001-07-01T21:59:59.999999999Z',
    );
  });

  it('examine more where clocks show a time twice, and go on where they never show it', () => {
    expect(period('2001-10-28T02:30', '2001-10-28T02:30', berlin)).toBe(
      '2001-10-28T00:30:00Z/2001-10-28T01:30:00Z',
    );
    expect(period('02:30', '03:00', berlin)).toBe('2001-03-25T01:30:00Z/2001-03-26T01:00:00Z');
    expect(period('2001-03-25', '2001-03-25', berlin)).toBe(
      '2001-03-24T23:00:00Z/2001-03-25T21:59:59.999999999Z',
    );
  });

  it.each([
    ['yesterday', undefined, '--from yesterday: write 2001-02-03T04:05:06'],
    ['', undefined, '--from : write'],
    ['+10', undefined, '--from +10: write'],
    ['-10m', undefined, '--from -10m: write'],
    [undefined, '2001-02-30', '--to 2001-02-30: there is no such day'],
    ['2001-13-01T00:00', undefined, '--from 2001-13-01T00:00: there is no such day'],
    ['2001-02-03T24:00', undefined, 'there is no such time of day'],
    ['10:60', undefined, '--from 10:60: there is no such time of day'],
    ['10:00+99:00', undefined, 'there is no such time zone'],
    ['2001-02-03T04', undefined, 'write'],
    ['2001-02-04', '2001-02-03', '--to 2001-02-03 lies before --from 2001-02-04'],
    ['\u001b[2J', undefined, '--from \\x1b[2J: write'],
    ['+99999999999d', undefined, 'no capture is that long'],
  ])('%s to %s is refused before the capture is read', (from, to, message) => {
    expect(() => toPeriod(from, to, UTC)).toThrow(UsageError);
    expect(() => toPeriod(from, to, UTC)).toThrow(message);
  });

  it('that turn out to be the wrong way round are refused', () => {
    expect(() => period('+2m', '+1m')).toThrow('--to +1m lies before --from +2m; exchange the two');
    expect(() => period('04:00', '2001-03-25T03:00Z')).toThrow(UsageError);
  });
});
