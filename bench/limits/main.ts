/** Hostile captures without end through the built product: what each takes of memory, and what the report says of it. */
import { parseArgs } from 'node:util';
import { optionsOrUsage, refuseNumber } from '../options.ts';
import { faultsOf } from './faults.ts';
import type { Flood } from './flood.ts';
import { FLOODS } from './floods.ts';
import { analyze, type Outcome, type Report } from './run.ts';

const USAGE = `npm run limits -- [options]

  --only LIST     floods, separated by commas: ${FLOODS.map(({ name }) => name).join(', ')}
  --size SCALE    share of the full number (default 1)
  --test          the small numbers of the tests
  --format NAME   of the report: json (default), text, ndjson, csv
  --verbose       the verdicts with their reasons
`;

const FORMATS = ['json', 'text', 'ndjson', 'csv'];
const MEBIBYTE = 2 ** 20;

/** One line of the table. */
function row(flood: Flood, count: number, outcome: Outcome, report: Report | null, faults: string[]): string {
  const packets = report?.captures.reduce((sum, capture) => sum + capture.packets, 0) ?? 0;
  const evicted = Object.entries(report?.health.evictions ?? {}).map(([name, number]) => `${name} ${number}`);
  return [
    flood.name.padEnd(24),
    String(count).padStart(10),
    `${(outcome.writtenBytes / 1e6).toFixed(0)} MB`.padStart(9),
    String(packets).padStart(10),
    `${outcome.seconds.toFixed(1)} s`.padStart(8),
    `${(outcome.peakBytes / MEBIBYTE).toFixed(0)} MiB`.padStart(8),
    (faults.length === 0 ? 'ok' : 'BAD').padEnd(3),
    [...faults, evicted.join(', ')].filter(Boolean).join(' · '),
  ].join('  ');
}

interface Options {
  readonly floods: readonly Flood[];
  readonly scale: number;
  readonly isTest: boolean;
  readonly format: string;
  readonly isVerbose: boolean;
}

/** Answers what is wrong, where something is; throws what `parseArgs` throws. */
function readOptions(args: readonly string[]): Options | string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      size: { type: 'string', default: '1' },
      test: { type: 'boolean', default: false },
      format: { type: 'string', default: 'json' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const asked = values.only?.split(',');
  const unknown = asked?.find((name) => !FLOODS.some((flood) => flood.name === name));
  if (unknown !== undefined) return `--only: unknown flood "${unknown}"`;
  const refusal = refuseNumber('size', values.size);
  if (refusal !== null) return refusal;
  if (!FORMATS.includes(values.format)) return `--format: none of ${FORMATS.join(', ')}: ${values.format}`;
  return {
    floods: FLOODS.filter(({ name }) => asked === undefined || asked.includes(name)),
    scale: Number(values.size),
    isTest: values.test,
    format: values.format,
    isVerbose: values.verbose,
  };
}

export async function main(root: string, args: readonly string[]): Promise<number> {
  const options = optionsOrUsage(() => readOptions(args), USAGE);
  if (options === null) return 2;
  const { floods, scale, isTest, format, isVerbose } = options;
  let failed = 0;
  for (const flood of floods) {
    const count = isTest ? flood.testCount : Math.max(1, Math.round(flood.count * scale));
    const outcome = await analyze(root, flood, count, ['-f', format, '--quiet']);
    const report = format === 'json' ? (JSON.parse(outcome.stdout || 'null') as Report | null) : null;
    const faults = faultsOf(flood, count, outcome, report);
    if (faults.length > 0) failed += 1;
    console.log(row(flood, count, outcome, report, faults));
    if (isVerbose) {
      console.log(outcome.stderr);
      for (const { article, verdict, reason } of report?.verdicts ?? [])
        console.log(`    ${article} ${verdict}: ${reason}`);
    }
  }
  return failed === 0 ? 0 : 1;
}
