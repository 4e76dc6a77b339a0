/**
 * The benchmark of `kbdiag scan`: many small captures beside their analyses in one process, and two workers beside two processes.
 * All contenders run in turns, and what is judged is the median of the ratios within a turn.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { provideCaptures } from './capture-set.ts';
import { warm } from './measure.ts';
import { optionsOrUsage, refuseCount, refuseScale } from './options.ts';
import { alignTable, machineLine } from './output.ts';
import { median, spreadOf } from './statistics.ts';

const USAGE = `npm run bench:scan -- [options]

  --captures N    small captures (default 2000)
  --size SCALE    size of the two large captures, 1 for that of the benchmark (default 0.5)
  --runs N        rounds (default 5)
`;

/** A scan of small captures takes at most so much of the sum of their analyses in one process. */
const SMALL_RATIO = 1.5;
/** Two workers have at least so much of the rate of two processes. */
const RATE_RATIO = 0.9;

interface Options {
  readonly captures: number;
  readonly scale: number;
  readonly runs: number;
}

function readOptions(args: readonly string[]): Options | string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      captures: { type: 'string', default: '2000' },
      size: { type: 'string', default: '0.5' },
      runs: { type: 'string', default: '5' },
    },
  });
  const refusal =
    refuseCount('captures', values.captures) ?? refuseCount('runs', values.runs) ?? refuseScale(values.size);
  if (refusal !== null) return refusal;
  return { captures: Number(values.captures), scale: Number(values.size), runs: Number(values.runs) };
}

/** A contender and its milliseconds, a figure a round. */
interface Timed {
  readonly name: string;
  readonly millis: number[];
  readonly run: () => Promise<number>;
}

/** The samples, over and over. */
function makeSmall(root: string, folder: string, count: number): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const samples = readdirSync(path.join(root, 'samples')).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name));
  for (let index = 0; index < count; index += 1) {
    const name = samples[index % samples.length] as string;
    copyFileSync(path.join(root, 'samples', name), path.join(folder, `${index}-${name}`));
  }
}

/** Milliseconds until all of the commands, side by side, have ended with success. */
async function timeCommands(commands: ReadonlyArray<readonly string[]>, root: string): Promise<number> {
  const start = performance.now();
  await Promise.all(
    commands.map(async (command) => {
      const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
      const code = await new Promise((resolve) => child.on('close', resolve));
      if (code !== 0) throw new Error(`${command.join(' ')} ended with ${String(code)}`);
    }),
  );
  return performance.now() - start;
}

/** Milliseconds of the analyses of a folder's captures, and of the same ones once more. */
function timeInProcess(root: string, folder: string): [sum: number, again: number] {
  const library = pathToFileURL(path.join(root, 'dist/index.js')).href;
  const child = spawnSync(process.execPath, ['bench/in-process.mjs', library, folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0)
    throw new Error(`the analyses in one process ended with ${child.status ?? child.signal}`);
  const [sum, again] = child.stdout.trim().split('\n').map(Number);
  return [sum as number, again as number];
}

async function runRounds(
  contenders: readonly Timed[],
  rounds: number,
  say: (line: string) => void,
): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    const start = performance.now();
    for (const contender of contenders) contender.millis.push(await contender.run());
    say(`round ${round} of ${rounds}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }
}

/** Median over the rounds of one contender's time by another's. */
function ratioOf(one: Timed, other: Timed): number {
  return median(one.millis.map((millis, round) => millis / (other.millis[round] as number)));
}

function row({ name, millis }: Timed, ratio: string): string[] {
  const { median: middle, min, max } = spreadOf(millis.map((value) => value / 1000));
  return [name, `${middle.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`, ratio];
}

/** Answers the exit code: 0 if both targets are met, 1 if not, 2 for wrong usage. */
export async function main(root: string, args: readonly string[]): Promise<number> {
  const say = (line: string): void => console.error(line);
  const options = optionsOrUsage(() => readOptions(args), USAGE, say);
  if (options === null) return 2;
  const place = path.join(root, 'bench/captures');
  const [large] = await provideCaptures(place, ['mix'], options.scale, say);
  if (large === undefined) throw new Error('there is no large capture');
  const scratch = path.join(place, 'scan');
  const [small, pair, out] = ['small', 'pair', 'out'].map((name) => path.join(scratch, name)) as [
    string,
    string,
    string,
  ];
  makeSmall(root, small, options.captures);
  rmSync(pair, { recursive: true, force: true });
  mkdirSync(pair, { recursive: true });
  const halves = ['one.pcap', 'two.pcap'].map((name) => path.join(pair, name));
  for (const half of halves) linkSync(large.path, half);

  rmSync(out, { recursive: true, force: true });
  let scans = 0;
  const scan = async (folder: string, workers: number): Promise<number> => {
    scans += 1;
    // A folder of its own each time: where files were removed a moment ago, some file systems take longer to make others.
    const own = path.join(out, String(scans));
    return timeCommands(
      [['bin/kbdiag.js', 'scan', folder, '-o', own, '-j', String(workers), '--quiet']],
      root,
    );
  };
  const timed = (name: string, run: () => Promise<number>): Timed => ({ name, millis: [], run });
  let compiled = Number.NaN;
  const inProcess = timed('analyses in one process, their sum', async () => {
    const [sum, again] = timeInProcess(root, small);
    compiled = again;
    return sum;
  });
  const again = timed('the same once more, all code compiled', async () => compiled);
  const two = timed('scan -j 2', () => scan(small, 2));
  const one = timed('scan -j 1', () => scan(small, 1));
  const apart = timed('two analyze processes, a half each', () => {
    warm(large.path);
    return timeCommands(
      halves.map((half) => ['bin/kbdiag.js', 'analyze', '-f', 'json', half]),
      root,
    );
  });
  const workers = timed('scan -j 2, large', () => {
    warm(large.path);
    return scan(pair, 2);
  });
  await runRounds([inProcess, again, two, one, apart, workers], options.runs, say);
  rmSync(scratch, { recursive: true, force: true });

  const smallRatio = ratioOf(two, inProcess);
  const rate = ratioOf(apart, workers);
  console.log(`${machineLine()}\n`);
  console.log(
    `${options.captures} small captures; two of ${large.packets} packets, ${(large.bytes / 1e6).toFixed(0)} MB. Medians of ${options.runs} interleaved rounds; ratios within a round.\n`,
  );
  console.log(
    alignTable(
      [
        ['contender', 'wall, s: median (min–max)', 'ratio'],
        row(inProcess, '1.00'),
        row(again, ratioOf(again, inProcess).toFixed(2)),
        row(two, smallRatio.toFixed(2)),
        row(one, ratioOf(one, inProcess).toFixed(2)),
        row(apart, '1.00'),
        row(workers, ratioOf(workers, apart).toFixed(2)),
      ],
      1,
    ),
  );
  const verdicts = [
    [`small captures: at most ${SMALL_RATIO} of the sum`, smallRatio <= SMALL_RATIO, smallRatio],
    [`two workers: at least ${RATE_RATIO} of the rate of two processes`, rate >= RATE_RATIO, rate],
  ] as const;
  const rows = verdicts.map(([target, holds, figure]) => [
    target,
    holds ? 'PASS' : 'FAIL',
    figure.toFixed(2),
  ]);
  console.log(`\n${alignTable([['target', 'verdict', 'figure'], ...rows], 2)}`);
  return verdicts.every(([, holds]) => holds) ? 0 : 1;
}
