/** `npm run fuzz`: fuzzes the targets for a time or a number of runs, keeps what it finds, prints a table. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import Table from 'cli-table3';
import { optionsOrUsage, refuseNumber } from '../bench/options.ts';
import { type Find, keep } from './finds.ts';
import { supervise } from './supervisor.ts';
import { TARGETS } from './targets/index.ts';
import { ALL_TARGETS, type TurnReport, work } from './worker.ts';

const USAGE = `npm run fuzz -- [options]

  --target LIST    targets, separated by commas; a part of a name means all that have it (default: all)
  --seconds N      for so long, all targets together (default 60, or no limit with --runs)
  --runs N         so many inputs for each target
  --seed N         of everything that is random (default 1)
  --corpus none    without the real captures of ../shared/corpus
  --blind          changes that are not guided by the code that they reach
  --coverage       tells how much code was reached, of --blind too
  --finds FOLDER   where inputs that show a fault are kept, those that come from real captures in FOLDER/real
                   (default test/regressions, and fuzz/finds)
  --hang N         seconds of the processor after which an input counts as hanging (default 10)
  --heap N         MB of heap for the thread (default 768)
  --minimise N     seconds of the processor for making an input that hangs smaller (default 30)
  --list           the targets

Exit 1 where something was found.
`;

const RESIDENT_MEGABYTES = 2048;
/** Between two lines on how far it is. */
const TELL_MILLIS = 15_000;

interface Options {
  /** The names of the targets are all that is asked for. */
  readonly isList: boolean;
  readonly targets: readonly string[];
  readonly seconds: number;
  readonly runs: number;
  readonly seed: number;
  readonly usesCorpus: boolean;
  readonly isGuided: boolean;
  readonly measuresCoverage: boolean;
  readonly finds: string | null;
  readonly hangSeconds: number;
  readonly heapMegabytes: number;
  readonly minimisingSeconds: number;
}

/** Answers what is wrong, where something is; throws what `parseArgs` throws. */
function readOptions(args: readonly string[]): Options | string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: 'string' },
      seconds: { type: 'string' },
      runs: { type: 'string' },
      seed: { type: 'string', default: '1' },
      corpus: { type: 'string', default: 'all' },
      blind: { type: 'boolean', default: false },
      coverage: { type: 'boolean', default: false },
      finds: { type: 'string' },
      hang: { type: 'string', default: '10' },
      heap: { type: 'string', default: '768' },
      minimise: { type: 'string', default: '30' },
      list: { type: 'boolean', default: false },
    },
  });
  const wanted = values.target?.split(',').map((name) => name.trim());
  const targets = wanted === undefined ? TARGETS : ALL_TARGETS.filter(({ name }) => isMeant(name, wanted));
  if (targets.length === 0) return `--target: unknown target "${values.target}"`;
  const {
    runs = 'Infinity',
    seconds = values.runs === undefined ? '60' : 'Infinity',
    hang,
    heap,
    minimise,
  } = values;
  for (const [name, text] of Object.entries({ runs, seconds, hang, heap, minimise })) {
    const refusal = refuseNumber(name, text);
    if (refusal !== null) return refusal;
  }
  const seed = Number(values.seed);
  if (!Number.isInteger(seed)) return `--seed: not a whole number: ${values.seed}`;
  if (values.corpus !== 'all' && values.corpus !== 'none')
    return `--corpus: all or none, not ${values.corpus}`;
  return {
    isList: values.list,
    targets: targets.map(({ name }) => name),
    seconds: Number(seconds),
    runs: Number(runs),
    seed,
    usesCorpus: values.corpus === 'all',
    isGuided: !values.blind,
    measuresCoverage: values.coverage,
    finds: values.finds ?? null,
    hangSeconds: Number(hang),
    heapMegabytes: Number(heap),
    minimisingSeconds: Number(minimise),
  };
}

/** Planted faults are run only by their whole names. */
function isMeant(name: string, wanted: readonly string[]): boolean {
  return (
    wanted.includes(name) || (!name.startsWith('planted-') && wanted.some((part) => name.includes(part)))
  );
}

interface Row {
  executions: number;
  seconds: number;
  peakBytes: number;
  kept: number;
  finds: number;
}

/** `root` is the repository, `bundle` this program as a file. Answers the exit code. */
export async function main(root: string, bundle: string, args: readonly string[]): Promise<number> {
  const say = (text: string): boolean => process.stderr.write(text);
  const options = optionsOrUsage(() => readOptions(args), USAGE, say);
  if (options === null) return 2;
  if (options.isList) {
    process.stdout.write(TARGETS.map(({ name }) => `${name}\n`).join(''));
    return 0;
  }
  const folder = join(root, '../shared/corpus/captures');
  const corpus = options.usesCorpus && existsSync(folder) ? folder : null;
  process.stderr.write(
    `seed ${options.seed}, ${options.targets.length} targets, ${corpus === null ? 'without' : 'with'} real captures\n`,
  );
  const rows = new Map<string, Row>(
    options.targets.map((name) => [name, { executions: 0, seconds: 0, peakBytes: 0, kept: 0, finds: 0 }]),
  );
  const finds: string[] = [];
  let told = performance.now();
  const onTurn = ({ target, executions, seconds, peakBytes, kept }: TurnReport): void => {
    const row = rows.get(target) as Row;
    row.executions += executions;
    row.seconds += seconds;
    row.peakBytes = Math.max(row.peakBytes, peakBytes);
    row.kept = kept;
    if (performance.now() - told < TELL_MILLIS) return;
    told = performance.now();
    process.stderr.write(`${formatCount(totalOf(rows))} executions, ${finds.length} finds\n`);
  };
  const onFind = (find: Find): void => {
    const row = rows.get(find.target);
    if (row !== undefined) row.finds += 1;
    const asked = options.finds;
    const ours = asked ?? join(root, 'test/regressions');
    const real = asked === null ? join(root, 'fuzz/finds') : join(asked, 'real');
    const place = find.isOurs ? ours : real;
    const extension = ALL_TARGETS.find(({ name }) => name === find.target)?.extension ?? 'bin';
    const path = keep(place, extension, find);
    finds.push(path);
    process.stderr.write(
      `\nFOUND ${find.kind} in ${find.target}: ${find.message}\n  ${find.input.length} bytes: ${path}\n\n`,
    );
  };
  const { finds: _finds, usesCorpus: _usesCorpus, isList: _isList, ...rest } = options;
  const outcome = await supervise({
    ...rest,
    corpus,
    bundle,
    residentMegabytes: RESIDENT_MEGABYTES,
    onTurn,
    onFind,
  });
  process.stdout.write(`${tableOf(rows)}\n`);
  const megabytes = Math.round(outcome.peakResidentBytes / 2 ** 20);
  process.stdout.write(`peak resident memory ${megabytes} MB\n`);
  if (outcome.coverage !== null) {
    const { characters, all } = outcome.coverage;
    const share = ((100 * characters) / all).toFixed(1);
    process.stdout.write(
      `${formatCount(characters)} of ${formatCount(all)} characters of code reached (${share} %)\n`,
    );
  }
  for (const path of finds) process.stdout.write(`found: ${path}\n`);
  return finds.length === 0 ? 0 : 1;
}

function totalOf(rows: ReadonlyMap<string, Row>): number {
  return [...rows.values()].reduce((sum, { executions }) => sum + executions, 0);
}

function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

function tableOf(rows: ReadonlyMap<string, Row>): string {
  const table = new Table({
    head: ['target', 'executions', 'per CPU second', 'kept inputs', 'finds', 'peak heap MB'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  const all: Row = { executions: 0, seconds: 0, peakBytes: 0, kept: 0, finds: 0 };
  const cells = (name: string, { executions, seconds, kept, finds, peakBytes }: Row): string[] => [
    name,
    formatCount(executions),
    formatCount(Math.round(executions / Math.max(seconds, 1e-3))),
    formatCount(kept),
    String(finds),
    (peakBytes / 2 ** 20).toFixed(0),
  ];
  for (const [name, row] of rows) {
    table.push(cells(name, row));
    all.executions += row.executions;
    all.seconds += row.seconds;
    all.kept += row.kept;
    all.finds += row.finds;
    all.peakBytes = Math.max(all.peakBytes, row.peakBytes);
  }
  table.push(cells('all', all));
  return table.toString();
}

if (!isMainThread) await work();
