/** The reports of the captures in samples/, made as a program that uses the library makes them. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { analyze, render, rules, toReport } from '../../src/index.ts';
import type { Format, Report } from '../../src/index.ts';

const FOLDER = fileURLToPath(new URL('../../samples/', import.meta.url));

export const sampleFiles: readonly string[] = readdirSync(FOLDER)
  .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
  .toSorted();

const reports = new Map<string, Promise<Report>>();

/** The report on one sample; made once per test file. */
export function reportOf(file: string): Promise<Report> {
  let report = reports.get(file);
  if (report === undefined) {
    report = analyze([FOLDER + file], { rules }).then((result) => {
      const captures = result.captures.map((capture) => ({ ...capture, path: `samples/${file}` }));
      return toReport({ ...result, captures }, rules);
    });
    reports.set(file, report);
  }
  return report;
}

export function renderAs(report: Report, format: Format): Promise<string> {
  return render(report, format, { width: 100, hasColour: false });
}
