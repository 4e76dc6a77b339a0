/** The series that findings carry stand at the times of the very frames that they cite, counted from the first packet. */
import { describe, expect, it } from 'vitest';
import type { ReportFinding } from '../../src/report/schema.ts';
import { reportOf, sampleFiles } from './chart-findings.ts';

/** By part in the proof, the series that such a frame is a point of. */
const SERIES_OF_ROLE: Readonly<Record<string, readonly string[]>> = {
  use: ['use by IPv4', 'use by ARP'],
  'renewal attempt': ['renewal unanswered', 'renewal answered'],
  'discover attempt': ['discover unanswered'],
  'other client ack': ['leased to another'],
  announcement: ['announcement'],
  defence: ['ARP reply', 'announcement', 'ARP request'],
  correction: ['correction'],
  'stale arp': ['ARP names it'],
  retransmission: ['frame to it unanswered', 'SYN not accepted', 'SYN accepted'],
  'sequence below': ['isn backward'],
  heartbeat: ['heartbeat'],
  'last heartbeat': ['heartbeat'],
  life: ['sign of life'],
  'unanswered SYN': ['request unanswered'],
};

/** Seconds between two times of ISO 8601, to the microsecond: Date knows milliseconds only. */
function secondsBetween(from: string, to: string): number {
  const parts = (time: string) => {
    const [whole = '', fraction = ''] = time.replace('Z', '').split('.');
    return [Date.parse(`${whole}Z`) / 1000, Number(`0.${fraction || 0}`)] as const;
  };
  const [[first, firstFraction], [second, secondFraction]] = [parts(from), parts(to)];
  return second - first + secondFraction - firstFraction;
}

function seriesAt(finding: ReportFinding, seconds: number): string[] {
  return finding.series
    .filter(({ points }) => points.some(([time = Number.NaN]) => Math.abs(time - seconds) < 2e-6))
    .map(({ name }) => name);
}

describe('series', () => {
  it('hold the moments of the cited frames', async () => {
    const met = new Map<string, number>();
    const problems: string[] = [];
    for (const file of sampleFiles) {
      const { findings, captures } = await reportOf(file);
      const start = captures[0]?.firstTime ?? '';
      for (const finding of findings) {
        for (const { role, time, number } of finding.frames) {
          const names = SERIES_OF_ROLE[role];
          if (names === undefined || time === null) continue;
          met.set(role, (met.get(role) ?? 0) + 1);
          const found = seriesAt(finding, secondsBetween(start, time));
          if (!found.some((name) => names.includes(name)))
            problems.push(`${file} frame ${number}: ${role} is in ${found.join(', ')}`);
        }
      }
    }
    expect(problems).toEqual([]);
    expect([...met.keys()].toSorted()).toEqual(Object.keys(SERIES_OF_ROLE).toSorted());
  });

  it('are in order, within the capture, and say whom they are about', async () => {
    for (const file of sampleFiles) {
      const { findings, captures } = await reportOf(file);
      const duration = captures[0]?.durationSeconds ?? 0;
      for (const finding of findings) {
        expect(finding.series.length).toBeGreaterThan(0);
        expect(finding.series.length).toBeLessThanOrEqual(32);
        for (const { name, unit, of, points } of finding.series) {
          const times = points.map(([time = Number.NaN]) => time);
          expect(points.length).toBeLessThanOrEqual(512);
          expect(of).toBeTruthy();
          expect(['event', 'on/off', 'sequence number']).toContain(unit);
          expect(times).toEqual(times.toSorted((a, b) => a - b));
          expect([file, name, times.every((time) => time >= -1e-6 && time <= duration + 1e-6)]).toEqual([
            file,
            name,
            true,
          ]);
        }
      }
    }
  });

  it('are the terms of the lease, in RFC 2131 order', async () => {
    const { findings } = await reportOf('q151387-p1-definitive.pcap');
    const spans = findings[0]?.series
      .filter(({ unit }) => unit === 'on/off')
      .map(({ name, points }) => [name, ...points.map(([time]) => time)]);
    expect(spans).toEqual([
      ['lease bound', 0.594073, 60.594073],
      ['lease renewing', 60.594073, 105.594073],
      ['lease rebinding', 105.594073, 120.594073],
      ['lease grace', 120.594073, 130.594073],
      ['lease expired', 130.594073, expect.closeTo(210.02, 1)],
    ]);
  });
});
