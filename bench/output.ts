/** Markdown for people, JSON for programs. */
import os from 'node:os';
import type { CaptureFile } from './capture-set.ts';
import { referenceOf } from './contenders.ts';
import type { Result } from './statistics.ts';
import { cpuOf, nanosPerPacket, peakOf, wallOf } from './statistics.ts';
import type { Results, Verdict } from './targets.ts';

const HEADER = [
  'capture',
  'program',
  'wall, s: median (min–max)',
  'ratio',
  'million packets/s',
  'ns/packet',
  'CPU, s',
  'peak RSS, MiB',
];

export function machineLine(): string {
  const cpus = os.cpus();
  return `Node ${process.version}, ${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown CPU'}, ${os.type()} ${os.release()}`;
}

/** A Markdown table whose columns also line up as plain text; the first two are words, the rest figures. */
export function alignTable(rows: ReadonlyArray<readonly string[]>, wordColumns: number): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => {
    const cells = widths.map((width, column) => {
      const cell = row[column] ?? '';
      return column < wordColumns ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${cells.join(' | ')} |`;
  };
  const rule = widths.map((width, column) =>
    column < wordColumns ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const [header = [], ...body] = rows;
  return [line(header), line(rule), ...body.map(line)].join('\n');
}

const inSeconds = (millis: number): string => (millis / 1000).toFixed(millis < 10_000 ? 3 : 1);

function describeResult(result: Result, reference: Result | undefined): string[] {
  if (result.failure !== null) return [`failed: ${result.failure}`, '', '', '', '', ''];
  const wall = wallOf(result);
  const nanos = nanosPerPacket(result);
  const ratio = reference && reference.failure === null ? nanos / nanosPerPacket(reference) : null;
  const cpu = cpuOf(result);
  const peak = peakOf(result);
  return [
    `${inSeconds(wall.median)} (${inSeconds(wall.min)}–${inSeconds(wall.max)})`,
    ratio === null ? '' : ratio.toFixed(2),
    (1000 / nanos).toFixed(2),
    nanos.toFixed(nanos < 1000 ? 1 : 0),
    cpu === null ? 'n/a' : (cpu / 1000).toFixed(2),
    peak === null ? 'n/a' : (peak / 2 ** 20).toFixed(0),
  ];
}

/** Ratios are of medians per packet: to gzip -dc on gzip, to capinfos -c elsewhere. */
export function resultTable(captures: readonly CaptureFile[], results: Results, rounds: number): string {
  const rows: string[][] = [HEADER];
  for (const capture of captures) {
    const ofCapture = results.get(capture.name);
    const reference = ofCapture?.get(referenceOf(capture));
    for (const [name, result] of ofCapture ?? []) {
      const sliced = result.packets === capture.packets ? '' : `, first ${result.packets}`;
      rows.push([capture.name, `${name}${sliced}`, ...describeResult(result, reference)]);
    }
    const watchedOwn = ofCapture?.get('kbdiag');
    const plainOwn = results.get('mix')?.get('kbdiag');
    if (capture.name === 'watched' && watchedOwn?.failure === null && plainOwn?.failure === null) {
      const ratio = nanosPerPacket(watchedOwn) / nanosPerPacket(plainOwn);
      rows.push(['watched', 'kbdiag, to kbdiag on mix', '', ratio.toFixed(2), '', '', '', '']);
    }
  }
  const contents = captures.map(({ name, content, packets, bytes }) => {
    return `- ${name}: ${content}; ${packets} packets, ${(bytes / 1e6).toFixed(0)} MB`;
  });
  const note =
    'Whole processes, start-up included, in an environment without NODE_EXTRA_CA_CERTS and NODE_OPTIONS; ' +
    `medians of ${rounds} interleaved rounds (pcap-parser, tshark: at most 3), each ` +
    'file read through right before each run. ratio: to gzip -dc on gzip, to capinfos -c elsewhere, per packet.';
  return [...contents, '', note, '', alignTable(rows, 2)].join('\n');
}

export function startupLine(startup: { readonly node: number; readonly kbdiag: number } | null): string {
  if (!startup) return 'start-up: not measured, kbdiag --version failed';
  const difference = (startup.kbdiag - startup.node).toFixed(0);
  return `start-up: node -e 0 ${startup.node.toFixed(0)} ms, kbdiag --version ${startup.kbdiag.toFixed(0)} ms, difference ${difference} ms`;
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ target, outcome, figure }) => [target, outcome, figure]);
  return alignTable([['target', 'verdict', 'figure'], ...rows], 2);
}

export function toJson(
  captures: readonly CaptureFile[],
  results: Results,
  verdicts: readonly Verdict[],
): string {
  const measured = captures.map(({ name, packets, bytes }) => ({
    capture: name,
    packets,
    bytes,
    programs: [...(results.get(name) ?? [])].map(([program, result]) => ({
      program,
      packets: result.packets,
      failure: result.failure,
      runs: result.runs,
    })),
  }));
  return `${JSON.stringify({ machine: machineLine(), measured, verdicts }, null, 2)}\n`;
}
