/**
 * A report whose times are those of another zone. The contract of JSON is UTC; what people read shows the zone that the
 * report's options name. An ISO 8601 time says its distance from UTC, so whatever prints one stays right.
 */
import type { Report } from './schema.ts';
import { findTimeZone, offsetText, type TimeZone, UTC } from './time-zone.ts';

const ISO_UTC = /^([+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z$/;

/** `1998-01-01T00:00:00.123Z` -> `1998-01-01T01:00:00.123+01:00`. A time of no known zone stays as it is. */
export function zonedTime<Time extends string | null>(time: Time, zone: TimeZone): Time | string {
  const [, whole, fraction = ''] = (time === null ? null : ISO_UTC.exec(time)) ?? [];
  if (whole === undefined) return time;
  const seconds = Date.parse(`${whole}Z`) / 1000;
  const offset = zone.offsetAt(seconds);
  const shifted = new Date((seconds + offset) * 1000);
  // At the very end of the calendar there is no other zone.
  if (Number.isNaN(shifted.getTime())) return time;
  return `${shifted.toISOString().replace('.000Z', '')}${fraction}${offsetText(offset)}`;
}

/** The report as it is read where its option `tz` says; itself where it has none. */
export function inAskedZone(report: Report): Report {
  const name = report.options['tz'];
  const zone = typeof name === 'string' ? findTimeZone(name) : null;
  return zone === null || zone === UTC ? report : inZone(report, zone);
}

export function inZone(report: Report, zone: TimeZone): Report {
  const shown = <Time extends string | null>(time: Time) => zonedTime(time, zone);
  const span = <Span extends { firstTime: string | null; lastTime: string | null }>(of: Span): Span => ({
    ...of,
    firstTime: shown(of.firstTime),
    lastTime: shown(of.lastTime),
  });
  return {
    ...report,
    ...(report.period === undefined
      ? {}
      : { period: { from: shown(report.period.from), to: shown(report.period.to) } }),
    captures: report.captures.map(({ examined, ...capture }) => ({
      ...span(capture),
      ...(examined === undefined ? {} : { examined: span(examined) }),
    })),
    health: {
      ...report.health,
      gaps: report.health.gaps.map((gap) => ({ ...gap, from: shown(gap.from) })),
    },
    findings: report.findings.map((finding) => ({
      ...finding,
      firstSeen: shown(finding.firstSeen),
      lastSeen: shown(finding.lastSeen),
      frames: finding.frames.map((frame) => ({ ...frame, time: shown(frame.time) })),
    })),
  };
}
