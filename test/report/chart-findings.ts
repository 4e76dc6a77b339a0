/** Findings to draw: those of the samples and scenarios, and ones made by hand. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rules } from '../../rules/index.ts';
import { encode, ENCODINGS, type Scenario } from '../../samples/craft/index.ts';
import { SCENARIOS } from '../../samples/scenarios.ts';
import { samples } from '../../samples/shipped.ts';
import { analyze } from '../../src/engine/analyze.ts';
import type { Report, ReportFinding } from '../../src/report/schema.ts';
import { toReport } from '../../src/report/model.ts';
import { analysis, exampleRules, finding } from './example.ts';

const folder = fileURLToPath(new URL('../../samples/', import.meta.url));

export const sampleFiles: readonly string[] = samples.map(({ file }) => file);

/** The report on a sample, as the command line would make it. */
export async function reportOf(file: string): Promise<Report> {
  const bytes = new Uint8Array(readFileSync(folder + file));
  return toReport(await analyze([{ bytes, path: file }], { rules }), rules);
}

/** Of each rule, a finding for each thing that it can say, from the scenarios that must have one. */
export async function findingsByMessage(): Promise<Map<string, ReportFinding>> {
  const found = new Map<string, ReportFinding>();
  const all: Scenario[] = Object.values(SCENARIOS).flat();
  for (const scenario of all.filter(({ expect }) => expect.findings > 0 || (expect.notices ?? 0) > 0)) {
    const bytes = encode(scenario.build(), scenario.encoding ?? ENCODINGS.pcap);
    const result = await analyze([{ bytes, path: 'scenario.pcap' }], { rules });
    const report = toReport(result, rules);
    for (const [at, { article, summary }] of result.findings.entries()) {
      const drawn = report.findings[at];
      if (drawn) found.set(`${article} ${summary}`, drawn);
    }
  }
  return found;
}

type Line = ReportFinding['series'][number];

/** A finding that carries these series, and is otherwise as good as any. */
export function findingWith(series: readonly Line[], changes: Partial<ReportFinding> = {}): ReportFinding {
  const [made] = toReport(analysis({ findings: [finding()] }), exampleRules).findings;
  if (made === undefined) throw new Error('an analysis with a finding has a report with one');
  return { ...made, series: [...series], ...changes };
}

export function events(name: string, of: string, times: readonly number[]): Line {
  return { name, unit: 'event', of, points: times.map((time) => [time, 1]) };
}

export function states(
  name: string,
  of: string,
  spans: ReadonlyArray<readonly [number, number | null]>,
): Line {
  const points = spans.flatMap(([from, to]) =>
    to === null
      ? [[from, 1]]
      : [
          [from, 1],
          [to, 0],
        ],
  );
  return { name, unit: 'on/off', of, points };
}

export function numbers(name: string, points: ReadonlyArray<readonly [number, number]>): Line {
  return { name, unit: 'sequence number', of: '10.0.0.5', points: points.map((point) => [...point]) };
}
