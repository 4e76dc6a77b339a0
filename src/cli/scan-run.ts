/** `kbdiag scan`: from the arguments to reports, index and exit code. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Severity } from '../engine/result.ts';
import type { Format } from '../report/formats.ts';
import { shellText, terminalText } from '../report/escape.ts';
import { TOOL } from '../report/tool.ts';
import { formatCount, formatPlural } from '../report/units.ts';
import { SEVERITIES } from '../report/wording.ts';
import { WriteError } from '../scan/atomic-file.ts';
import { type Discovery, discover } from '../scan/discover.ts';
import type { IndexRow, ScanIndex } from '../scan/index-schema.ts';
import { toHead } from '../scan/head.ts';
import { isInShard, type Job, singles, toJobs } from '../scan/jobs.ts';
import type { JournalHead } from '../scan/journal.ts';
import { rings } from '../scan/rings.ts';
import { isTrouble } from '../scan/row.ts';
import { makeOutputFolder, RefusedFolder, Scan } from '../scan/scan.ts';
import { Workers } from '../scan/workers.ts';
import { type Diagnosis, type DiagnosisOptions, prepareDiagnosis, readThresholds } from './diagnose.ts';
import type { ExitCode } from './exit.ts';
import { EXIT, OutputError, UsageError } from './exit.ts';
import { writeStdout } from './output.ts';
import type { ScanCommandOptions } from './scan.ts';
import { startScanProgress } from './scan-progress.ts';
import type { Tally } from './scan-rate.ts';
import type { WorkerSetup } from './scan-worker.ts';
import { note } from './terminal.ts';

export async function runScan(targets: readonly string[], options: ScanCommandOptions): Promise<ExitCode> {
  const overrides = await readThresholds(options);
  const diagnosis = await prepareDiagnosis(options, overrides);
  const formats = options.format ?? ['json'];
  const setup: WorkerSetup = {
    options: diagnosisOptions(options),
    overrides,
    color: options.color,
    failOn: options.failOn,
  };
  try {
    makeOutputFolder(options.output);
    const found = await discover(targets, {
      isRecursive: options.recursive === true,
      leaveOut: [options.output],
    });
    const scan = openScan(options, headOf(diagnosis, formats, options), formats);
    try {
      return await scanAll(scan, found, { options, setup, diagnosis });
    } finally {
      scan.close();
    }
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    if (options.quiet !== true) note(`what is done stays; once there is room: ${resumeCommand()}`);
    throw new OutputError(error.path, error);
  }
}

/** Those that a worker needs, as plain data. */
function diagnosisOptions(options: DiagnosisOptions): DiagnosisOptions {
  const { rules, minTier, hash, from, to, tz, host, ignore, baseline } = options;
  const all = { rules, minTier, hash, from, to, tz, host, ignore, baseline };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Whatever changes a report is in it. */
function headOf(diagnosis: Diagnosis, formats: readonly Format[], options: ScanCommandOptions): JournalHead {
  const { baseline, hash, color, join: isJoined } = options;
  return toHead({
    choices: diagnosis.choices,
    formats,
    hash: hash === true,
    color: color === true,
    baseline:
      baseline === undefined ? null : createHash('sha256').update(readFileSync(baseline)).digest('hex'),
    join: isJoined === true,
  });
}

function openScan(options: ScanCommandOptions, head: JournalHead, formats: readonly Format[]): Scan {
  try {
    return Scan.open(options.output, head, {
      formats,
      isResumed: options.resume === true,
      run: { command: 'scan', shards: options.shard === undefined ? [] : [options.shard] },
    });
  } catch (error) {
    if (!(error instanceof RefusedFolder)) throw error;
    const folder = terminalText(options.output);
    switch (error.refusal) {
      case 'exists':
        throw new UsageError(
          `${folder} holds a scan already; go on with it by --resume, or name another folder with -o`,
        );
      case 'in-use':
        throw new UsageError(
          `another kbdiag scan is writing into ${folder}; wait for it, or name another folder with -o`,
        );
      case 'other-version-or-options':
        throw new UsageError(
          `the scan in ${folder} was made by another version of ${TOOL.name} or with other options, so that its reports would not go with new ones; give the same options, or name another folder with -o`,
        );
    }
  }
}

interface Context {
  readonly options: ScanCommandOptions;
  readonly setup: WorkerSetup;
  readonly diagnosis: Diagnosis;
}

async function scanAll(scan: Scan, { files, unlisted }: Discovery, context: Context): Promise<ExitCode> {
  const { options, diagnosis } = context;
  const shard = options.shard ?? null;
  const jobs = toJobs(options.join === true ? rings(files) : singles(files), shard);
  const outside = unlisted.filter(({ path }) => isInShard(path, shard));
  for (const place of outside) scan.addUnlisted(place);
  const open = jobs.filter((job) => !scan.isDone(job));
  const isInterrupted = open.length > 0 && (await work(scan, jobs, open, context));
  const results = jobs.flatMap((job) => scan.resultsOf(job));
  const paths = [...results.map(({ row }) => row.path), ...outside.map(({ path }) => path)];
  const timed = scan.index(paths, { options: diagnosis.choices, complete: !isInterrupted });
  await scan.writeIndex(timed);
  await writeStdout(summaryText(timed.index, options.output));
  if (isInterrupted) {
    if (options.quiet !== true) note(`interrupted; to go on: ${resumeCommand()}`);
    return EXIT.interrupted;
  }
  return exitCodeOf(
    timed.index,
    results.map(({ worst }) => worst),
    options.failOn,
  );
}

/** Does what is to do; answers true if it was interrupted. */
async function work(
  scan: Scan,
  jobs: readonly Job[],
  open: readonly Job[],
  context: Context,
): Promise<boolean> {
  const { options, setup } = context;
  const count = Math.min(options.jobs ?? availableParallelism(), open.length);
  const workers = await Workers.start({
    program: join(__dirname, 'scan-worker.cjs'),
    count,
    setup,
    memoryMib: options.memory,
  });
  const tally = tallyOf(scan, jobs, open);
  const stop = new AbortController();
  const onSignal = (): void => {
    // The second one ends the program at once.
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    stop.abort();
    void workers.destroy();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const progress =
    options.quiet === true
      ? null
      : startScanProgress(tally, () => workers.bytesRead.reduce((a, b) => a + b, 0));
  try {
    await scan.run(open, {
      workers,
      count,
      signal: stop.signal,
      onDone: ({ row }, job) => {
        tally.files += job.files.length;
        tally.bytes += job.bytes;
        tally.findings += countFindings(row);
      },
    });
  } finally {
    progress?.stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await workers.destroy();
  }
  return stop.signal.aborted && tally.files < tally.allFiles;
}

/** What was done before counts as done. */
function tallyOf(scan: Scan, jobs: readonly Job[], open: readonly Job[]): Tally {
  const isOpen = new Set(open);
  const done = jobs.filter((job) => !isOpen.has(job));
  return {
    allFiles: jobs.reduce((sum, { files }) => sum + files.length, 0),
    allBytes: jobs.reduce((sum, { bytes }) => sum + bytes, 0),
    files: done.reduce((sum, { files }) => sum + files.length, 0),
    bytes: done.reduce((sum, { bytes }) => sum + bytes, 0),
    findings: done
      .flatMap((job) => scan.resultsOf(job))
      .reduce((sum, { row }) => sum + countFindings(row), 0),
  };
}

export function countFindings({ findings }: IndexRow): number {
  return SEVERITIES.reduce((sum, severity) => sum + findings[severity], 0);
}

export function summaryText({ summary, captures: rows, faults, complete }: ScanIndex, out: string): string {
  const { captures, ok, damaged, unreadable, failed, packets } = summary;
  const parts = [
    `${formatCount(ok)} ok`,
    ...(damaged === 0 ? [] : [`${formatCount(damaged)} damaged`]),
    ...(unreadable === 0 ? [] : [`${formatCount(unreadable)} unreadable or no capture`]),
    ...(failed === 0 ? [] : [`${formatCount(failed)} failed`]),
  ];
  const files = rows.reduce((sum, row) => sum + row.files.length, 0);
  const counted = formatPlural(files, 'file', 'files');
  const what =
    files === captures ? counted : `${formatPlural(captures, 'capture', 'captures')} in ${counted}`;
  const lines = [
    `${what}: ${parts.join(', ')}; ${formatPlural(packets, 'packet', 'packets')}${complete ? '' : '; not complete'}`,
    ...faults.map(
      ({ article, title, severity, count, findings }) =>
        `  ${article} ${title}: ${formatPlural(findings, severity, `${severity}s`)} in ${formatPlural(count, 'capture', 'captures')}`,
    ),
    `open: ${terminalText(join(out, 'index.html'))}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** `worst`: the gravest fault of each row. */
export function exitCodeOf(
  index: ScanIndex,
  worst: ReadonlyArray<Severity | null>,
  failOn: Severity | undefined,
): ExitCode {
  const limit = failOn === undefined ? -1 : SEVERITIES.indexOf(failOn);
  const isSevere = worst.some((severity) => severity !== null && SEVERITIES.indexOf(severity) <= limit);
  if (isSevere) return EXIT.findings;
  const { captures, ok, damaged } = index.summary;
  if (captures > 0 && ok + damaged === 0) return EXIT.unreadable;
  return index.captures.some(isTrouble) ? EXIT.damaged : EXIT.success;
}

/** The command line as it was given, to go on with. */
function resumeCommand(): string {
  const words = process.argv.slice(2);
  const given = words.includes('--resume')
    ? words
    : words.toSpliced(words.indexOf('scan') + 1, 0, '--resume');
  return [TOOL.name, ...given.map(shellText)].join(' ');
}
