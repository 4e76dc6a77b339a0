/** Times of a capture whose format keeps no zone are shown without one: nobody knows which it is. */
import type { Report, ReportCapture, ReportHealth } from './schema.ts';

/** `1998-01-01T00:00:00.123Z` -> `1998-01-01T00:00:00.123`. */
export function localTime<Time extends string | null>(time: Time): Time | string {
  return time === null ? time : time.replace(/Z$/, '');
}

/** The report; where nothing else is known, one capture without a zone makes a time one without a zone. */
export function withLocalTimes(report: Report): Report {
  const local = new Set(report.captures.filter(isLocal).map(({ path }) => path));
  if (local.size === 0) return report;
  const areAll = report.captures.every(isLocal);
  return {
    ...report,
    ...(report.period === undefined || !areAll
      ? {}
      : { period: { from: localTime(report.period.from), to: localTime(report.period.to) } }),
    captures: report.captures.map(withLocalCapture),
    health: withLocalHealth(report.health),
    findings: report.findings.map((finding) => {
      const { frames, firstSeen, lastSeen } = finding;
      const isOfLocal = (frame: { readonly file: string } | undefined) =>
        frame === undefined ? areAll : local.has(frame.file);
      return {
        ...finding,
        firstSeen: isOfLocal(frames[0]) ? localTime(firstSeen) : firstSeen,
        lastSeen: isOfLocal(frames.at(-1)) ? localTime(lastSeen) : lastSeen,
        frames: frames.map((frame) => (isOfLocal(frame) ? { ...frame, time: localTime(frame.time) } : frame)),
      };
    }),
  };
}

export function isLocal({ timeZone }: Pick<ReportCapture, 'timeZone'>): boolean {
  return timeZone === 'unknown';
}

export function withLocalCapture(capture: ReportCapture): ReportCapture {
  if (!isLocal(capture)) return capture;
  const { examined } = capture;
  const span = <Span extends { firstTime: string | null; lastTime: string | null }>(of: Span): Span => ({
    ...of,
    firstTime: localTime(of.firstTime),
    lastTime: localTime(of.lastTime),
  });
  return { ...span(capture), ...(examined === undefined ? {} : { examined: span(examined) }) };
}

export function withLocalHealth(health: ReportHealth): ReportHealth {
  return { ...health, gaps: health.gaps.map((gap) => ({ ...gap, from: localTime(gap.from) })) };
}
