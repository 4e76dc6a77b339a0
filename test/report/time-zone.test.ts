import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderText } from '../../src/report/text.ts';
import { render } from '../../src/report/formats.ts';
import { toReport } from '../../src/report/model.ts';
import { findTimeZone, offsetText, parseOffset, timeZoneNames, UTC } from '../../src/report/time-zone.ts';
import { inAskedZone, zonedTime } from '../../src/report/zoned.ts';
import { analysis, at, exampleRules, finding, frame } from './example.ts';

const named = (name: string) => findTimeZone(name) ?? UTC;
const plain = { width: 100, hasColour: false };

describe('findTimeZone', () => {
  it.each([
    ['UTC', 'UTC', 0],
    ['z', 'UTC', 0],
    ['+00:00', 'UTC', 0],
    ['+01:00', '+01:00', 3600],
    ['-0330', '-03:30', -12_600],
    ['+05', '+05:00', 18_000],
    ['europe/berlin', 'Europe/Berlin', 3600],
    ['America/New_York', 'America/New_York', -18_000],
  ])('%s', (text, name, offset) => {
    expect(findTimeZone(text)).toMatchObject({ name });
    // 1998-01-01, in winter.
    expect(named(text).offsetAt(883_612_800)).toBe(offset);
  });

  it.each(['', 'Berlin', 'Mars/Olympus', '+1', '+24:00', '+01:60', '01:00', 'europe berlin'])(
    '%j is none',
    (text) => {
      expect(findTimeZone(text)).toBeNull();
    },
  );

  it('local is the zone of this machine', () => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    expect(findTimeZone('local')?.offsetAt(883_612_800)).toBe(named(timeZone).offsetAt(883_612_800));
  });

  it('has the offsets that Intl has, to the second of a change', () => {
    const berlin = named('Europe/Berlin');
    const spring = Date.UTC(2001, 2, 25, 1) / 1000;
    expect([spring - 1, spring].map((time) => berlin.offsetAt(time))).toEqual([3600, 7200]);
    // A zone whose clocks once changed away from the quarter hour.
    const monrovia = named('Africa/Monrovia');
    const change = Date.UTC(1972, 0, 7, 0, 44, 30) / 1000;
    expect([change - 1, change].map((time) => monrovia.offsetAt(time))).toEqual([-2670, 0]);
    expect(offsetText(-2670)).toBe('-00:44:30');
  });

  it('of any name shows what Intl shows', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...timeZoneNames()),
        fc.integer({ min: -3_000_000_000, max: 8_000_000_000 }),
        (name, seconds) => {
          const iso = zonedTime(new Date(seconds * 1000).toISOString(), named(name));
          const intl = new Intl.DateTimeFormat('sv-SE', {
            timeZone: name,
            dateStyle: 'short',
            timeStyle: 'medium',
          });
          expect(iso.slice(0, 19).replace('T', ' ')).toBe(intl.format(seconds * 1000));
        },
      ),
    );
  });

  it('reads the offsets that it writes', () => {
    const quarters = fc.integer({ min: -95, max: 95 });
    fc.assert(
      fc.property(quarters, (quarter) => {
        expect(parseOffset(offsetText(quarter * 900))).toBe(quarter * 900);
      }),
    );
  });
});

describe('zonedTime', () => {
  it.each([
    ['1998-01-01T00:00:00.123456789Z', '1998-01-01T01:00:00.123456789+01:00'],
    ['1998-07-01T22:30:00Z', '1998-07-02T00:30:00+02:00'],
    // The zone of such a time is not known.
    ['1998-07-01T22:30:00', '1998-07-01T22:30:00'],
    ['+275760-09-13T00:00:00Z', '+275760-09-13T00:00:00Z'],
    ['-271821-04-20T00:00:00.5Z', '-271821-04-20T00:53:28.5+00:53:28'],
  ])('%s', (utc, local) => {
    expect(zonedTime(utc, named('Europe/Berlin'))).toBe(local);
  });

  it('is the same time', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns', '-09:30'),
        fc.date({ min: new Date('1980-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        (name, date) => {
          expect(Date.parse(zonedTime(date.toISOString(), named(name)))).toBe(date.getTime());
        },
      ),
    );
  });
});

describe('a report with a zone', () => {
  const report = toReport(analysis(), exampleRules, { choices: { tz: 'Europe/Berlin' } });

  it('shows it wherever a time stands, in text', async () => {
    const text = await render(report, 'text', plain);
    expect(text).toContain('1998-01-01T01:00:01.');
    expect(text).toContain('1998-01-01 01:02:11.000005 to 01:03:25.000000 +01:00');
    expect(text).toContain('FRAME  1998-01-01 +01:00  ROLE');
    expect(text).toContain('01:02:11.123456  ');
    expect(text).toContain('from 1998-01-01T01:00:10.000000+01:00');
    expect(text).not.toMatch(/T00:|\dZ\b| UTC/);
  });

  it('is UTC in JSON', async () => {
    const json = JSON.parse(await render(report, 'json', plain)) as unknown;
    expect(json).toEqual(report);
    expect(inAskedZone(report).captures[0]).toMatchObject({ firstTime: '1998-01-01T01:00:01.000000+01:00' });
  });

  it('tells frames apart that lie on both sides of a change of clocks', async () => {
    const change = Date.UTC(1998, 9, 25, 1) / 1000 - at(0).seconds;
    const frames = [frame(1, { time: at(change - 60) }), frame(2, { time: at(change + 3540) })];
    const changed = toReport(
      analysis({ findings: [finding({ frames, firstSeen: at(change - 60), lastSeen: at(change + 3540) })] }),
      exampleRules,
    );
    const text = await renderText(inAskedZone({ ...changed, options: { tz: 'Europe/Berlin' } }), plain);
    expect(text).toContain('02:59:00.000000 +02:00  use');
    expect(text).toContain('02:59:00.000000 +01:00  use');
    expect(text.replace(/\s+/g, ' ')).toContain(
      '1998-10-25 02:59:00.000000 +02:00 to 02:59:00.000000 +01:00',
    );
  });
});
