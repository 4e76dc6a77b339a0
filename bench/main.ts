/** The benchmark: makes the captures, runs kbdiag and its peers in turns, prints figures and verdicts. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { CaptureFile } from './capture-set.ts';
import { provideCaptures } from './capture-set.ts';
import type { Contender, ContenderName } from './contenders.ts';
import { findContenders } from './contenders.ts';
import type { CaptureName } from './generate/captures.ts';
import { CAPTURES } from './generate/captures.ts';
import { canMeasureMemory, measure, warm } from './measure.ts';
import type { Run } from './measure.ts';
import { machineLine, resultTable, startupLine, toJson, verdictTable } from './output.ts';
import { optionsOrUsage, refuseCount, refuseScale } from './options.ts';
import { writeSlice } from './slice.ts';
import { median } from './statistics.ts';
import { judge } from './targets.ts';
import { verifyReport } from './verify.ts';

const USAGE = `npm run bench -- [options]

  --only LIST     captures, separated by commas: ${CAPTURES.map(({ name }) => name).join(', ')}
  --runs N        rounds (default 7; slow peers run at most 3)
  --size SCALE    size of the captures, 1 for the full one (default 1)
  --peers none    kbdiag alone
  --rules LIST    kbdiag with these rules only
  --json FILE     also writes every run
  --make          makes the captures and stops
`;

/** Start-up is short; more runs cost nothing. */
const STARTUP_RUNS = 15;

interface Options {
  readonly names: readonly CaptureName[];
  readonly runs: number;
  readonly scale: number;
  readonly withPeers: boolean;
  /** Comma-separated articles, or null for every rule. */
  readonly rules: string | null;
  readonly json: string | null;
  readonly onlyMake: boolean;
}

function readOptions(args: readonly string[]): Options | string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '7' },
      size: { type: 'string', default: '1' },
      peers: { type: 'string', default: 'all' },
      rules: { type: 'string' },
      json: { type: 'string' },
      make: { type: 'boolean', default: false },
    },
  });
  const asked = values.only?.split(',').map((name) => name.trim());
  const names = CAPTURES.map(({ name }) => name).filter((name) => !asked || asked.includes(name));
  if (asked && names.length !== asked.length) return `--only: unknown capture in "${values.only}"`;
  const refusal = refuseCount('runs', values.runs) ?? refuseScale(values.size);
  if (refusal !== null) return refusal;
  if (values.peers !== 'all' && values.peers !== 'none') return `--peers: all or none, not ${values.peers}`;
  return {
    names,
    runs: Number(values.runs),
    scale: Number(values.size),
    withPeers: values.peers === 'all',
    rules: values.rules ?? null,
    json: values.json ?? null,
    onlyMake: values.make,
  };
}

/** One contender on one capture: what it reads, and its runs so far. */
interface Entry {
  readonly capture: CaptureFile;
  readonly contender: Contender;
  readonly file: string;
  readonly packets: number;
  readonly runs: Run[];
  failure: string | null;
}

function makeEntries(
  captures: readonly CaptureFile[],
  contenders: readonly Contender[],
  slices: Set<string>,
): Entry[] {
  const entries: Entry[] = [];
  for (const capture of captures) {
    for (const contender of contenders.filter(({ reads }) => reads(capture.name))) {
      let file = capture.path;
      let { packets } = capture;
      if (contender.slicePackets !== null) {
        file = `${capture.path}.slice`;
        packets = writeSlice(capture.path, file, contender.slicePackets);
        slices.add(file);
      }
      entries.push({ capture, contender, file, packets, runs: [], failure: null });
    }
  }
  return entries;
}

/** Captures whose figures are compared with each other. */
const COMPARED: readonly CaptureName[] = ['mix', 'watched'];

/**
 * What is measured in the same rounds: the captures that are compared, and each of the others by itself. The captures of a group stay
 * in memory over its rounds. All of them would not, on most machines: while the system makes room for the next one, it slows down
 * who is measured, and most who takes memory himself.
 */
function groupsOf(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const { name } = entry.capture;
    const key = COMPARED.includes(name) ? COMPARED.join(' and ') : name;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()];
}

/** Each round begins with another contender of every capture, for the first one finds what the others' captures left in the caches. */
function inTurn(entries: readonly Entry[], round: number): Entry[] {
  const captures = new Set(entries.map(({ capture }) => capture));
  return [...captures].flatMap((capture) => {
    const own = entries.filter((entry) => entry.capture === capture && isDue(entry));
    const first = (round - 1) % own.length;
    return [...own.slice(first), ...own.slice(0, first)];
  });
}

function isDue({ contender, runs, failure }: Entry): boolean {
  return failure === null && runs.length < contender.maxRuns;
}

/** Every round runs all entries of a group once, so that a slow minute of the machine falls on all of them. */
function runRounds(
  entries: readonly Entry[],
  rounds: number,
  root: string,
  say: (line: string) => void,
): void {
  for (const group of groupsOf(entries)) {
    const start = performance.now();
    // Before anything is measured, so that no round begins with reading from disk.
    for (const file of new Set(group.map((entry) => entry.file))) warm(file);
    for (let round = 1; round <= rounds; round += 1) {
      for (const entry of inTurn(group, round)) runOnce(entry, root, say);
    }
    const names = [...new Set(group.map(({ capture }) => capture.name))].join(', ');
    say(`${rounds} rounds of ${names}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }
}

function runOnce(entry: Entry, root: string, say: (line: string) => void): void {
  warm(entry.file);
  const outcome = measure(entry.contender.command(entry.file), root);
  if (outcome.ok) {
    entry.runs.push(outcome.run);
    return;
  }
  entry.failure = outcome.reason;
  say(`${entry.contender.name} failed on ${entry.capture.name}: ${outcome.reason}`);
}

/** Median milliseconds of an empty Node process and of `kbdiag --version`; null where either fails. */
function measureStartup(root: string): { readonly node: number; readonly kbdiag: number } | null {
  const node: number[] = [];
  const kbdiag: number[] = [];
  for (let run = 0; run < STARTUP_RUNS; run += 1) {
    const empty = measure([process.execPath, '-e', '0'], root);
    const own = measure([process.execPath, 'bin/kbdiag.js', '--version'], root);
    if (!empty.ok || !own.ok) return null;
    node.push(empty.run.wallMillis);
    kbdiag.push(own.run.wallMillis);
  }
  return { node: median(node), kbdiag: median(kbdiag) };
}

/** Answers the exit code: 0 if kbdiag ran everywhere (whatever the verdicts), 1 if it did not, 2 for wrong usage. */
export async function main(root: string, args: readonly string[]): Promise<number> {
  const say = (line: string): void => console.error(line);
  const options = optionsOrUsage(() => readOptions(args), USAGE, say);
  if (options === null) return 2;
  const captures = await provideCaptures(
    path.join(root, 'bench/captures'),
    options.names,
    options.scale,
    say,
  );
  if (options.onlyMake) return 0;
  if (!existsSync(path.join(root, 'dist'))) say('dist is missing: run `npm run build` first');
  if (!canMeasureMemory())
    say('memory and CPU time are not measured: GNU time (/usr/bin/time) is not installed');

  const reports = captures.map((capture) => ({ capture, ...verifyReport(capture, root) }));
  for (const { capture, ok, text } of reports) if (!ok) say(`kbdiag failed on ${capture.name}: ${text}`);
  const slices = new Set<string>();
  const entries = makeEntries(captures, findContenders(options.withPeers, options.rules, say), slices);
  runRounds(entries, options.runs, root, say);
  for (const slice of slices) rmSync(slice);

  const results = new Map<CaptureName, Map<ContenderName, Entry>>();
  for (const entry of entries) {
    const ofCapture = results.get(entry.capture.name) ?? new Map<ContenderName, Entry>();
    results.set(entry.capture.name, ofCapture.set(entry.contender.name, entry));
  }
  const verdicts = judge(results);
  console.log(`${machineLine()}\n`);
  console.log(`${resultTable(captures, results, options.runs)}\n`);
  console.log(`${reports.map(({ capture, text }) => `- report on ${capture.name}: ${text}`).join('\n')}\n`);
  console.log(`${startupLine(measureStartup(root))}\n`);
  console.log(verdictTable(verdicts));
  if (options.scale < 1)
    console.log(
      `\nCaptures at ${options.scale} of their size: start-up weighs more than the targets allow for.`,
    );
  if (options.json !== null) writeFileSync(options.json, toJson(captures, results, verdicts));
  const hasFailed = entries.some(({ contender, failure }) => contender.name === 'kbdiag' && failure !== null);
  return hasFailed || reports.some(({ ok }) => !ok) ? 1 : 0;
}
