/** `kbdiag scan`: from the arguments to reports, index and exit code. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Severity } from '../engine/result.ts';
import type { Format } from '../report/formats.ts';
import { shellText, terminalText } from '../report/escape.ts';
import { TOOL } from '../report/tool.ts';
import { formatCount, formatPlural } from '../report/units.ts';
import { SEVERITIES } from '../report/wording.ts';
import { WriteError } from '../scan/atomic-file.ts';
import type { TimedIndex } from '../scan/build-index.ts';
import { type Discovery, discover } from '../scan/discover.ts';
import { type Disclosure, FULL_DISCLOSURE } from '../scan/disclosure.ts';
import type { ScanIndex } from '../scan/index-schema.ts';
import { toHead } from '../scan/head.ts';
import { isInShard, singles, toJobs } from '../scan/jobs.ts';
import type { JournalHead } from '../scan/journal.ts';
import { rings } from '../scan/rings.ts';
import { isTrouble } from '../scan/row.ts';
import type { RedactionSetup } from './scan-redaction.ts';
import { makeOutputFolder, type OpenOptions, RefusedFolder, Scan } from '../scan/scan.ts';
import { type Diagnosis, type DiagnosisOptions, prepareDiagnosis, readThresholds } from './diagnose.ts';
import type { ExitCode } from './exit.ts';
import { EXIT, OutputError, UsageError } from './exit.ts';
import { writeStdout } from './output.ts';
import { checkRedaction, loadKey } from './redaction.ts';
import { type ScanCommandOptions, SETTLE_SECONDS } from './scan.ts';
import { Session } from './scan-session.ts';
import type { Plan } from './scan-watch.ts';
import type { WorkerSetup } from './scan-worker.ts';
import { note } from './terminal.ts';

export async function runScan(targets: readonly string[], options: ScanCommandOptions): Promise<ExitCode> {
  if (options.settle !== undefined && !options.watch)
    throw new UsageError('--settle is of use with --watch only');
  const overrides = await readThresholds(options);
  const diagnosis = await prepareDiagnosis(options, overrides);
  const formats = options.format ?? ['json'];
  const { redaction, disclosure, tellKey } = await readRedaction(options);
  const setup: WorkerSetup = {
    options: diagnosisOptions(options),
    overrides,
    color: options.color,
    failOn: options.failOn,
    redaction,
  };
  try {
    makeOutputFolder(options.output);
    const choices = disclosure.options(diagnosis.choices);
    const scan = openScan(options, headOf(choices, formats, options), { formats, disclosure });
    tellKey();
    try {
      const context: Context = {
        options,
        setup,
        choices,
        disclosure,
        discover: (named) =>
          discover(named, { isRecursive: options.recursive === true, leaveOut: [options.output] }),
      };
      return await (options.watch ? watch : scanAll)(scan, targets, context);
    } finally {
      scan.close();
    }
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    if (options.quiet !== true) note(`what is done stays; once there is room: ${resumeCommand(options)}`);
    throw new OutputError(error.path, error);
  }
}

interface ScanRedaction {
  readonly redaction: RedactionSetup | null;
  readonly disclosure: Disclosure;
  readonly tellKey: () => void;
}

async function readRedaction(options: ScanCommandOptions): Promise<ScanRedaction> {
  checkRedaction(options);
  if (!options.redact) return { redaction: null, disclosure: FULL_DISCLOSURE, tellKey: () => {} };
  if (options.resume && options.redactKey === undefined)
    throw new UsageError(
      '--resume of a redacted scan needs its key: put it into a file and name that with --redact-key',
    );
  const [{ Redaction }, { key, tellKey }] = await Promise.all([
    import('./scan-redaction.ts'),
    loadKey(options),
  ]);
  const redaction = { key, keepVendor: options.keepOui === true };
  return { redaction, disclosure: new Redaction(redaction), tellKey };
}

/** Those that a worker needs, as plain data. */
function diagnosisOptions(options: DiagnosisOptions): DiagnosisOptions {
  const { rules, minTier, hash, from, to, tz, host, ignore, baseline } = options;
  const all = { rules, minTier, hash, from, to, tz, host, ignore, baseline };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Whatever changes a report is in it. */
function headOf(
  choices: Diagnosis['choices'],
  formats: readonly Format[],
  options: ScanCommandOptions,
): JournalHead {
  const { baseline, hash, color, join: isJoined } = options;
  return toHead({
    choices,
    formats,
    hash: hash === true,
    color: color === true,
    baseline:
      baseline === undefined ? null : createHash('sha256').update(readFileSync(baseline)).digest('hex'),
    join: isJoined === true,
    keepOui: options.keepOui === true,
  });
}

function openScan(
  options: ScanCommandOptions,
  head: JournalHead,
  given: Pick<OpenOptions, 'formats' | 'disclosure'>,
): Scan {
  try {
    return Scan.open(options.output, head, {
      ...given,
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
          `the scan in ${folder} was made by another version of ${TOOL.name}${options.redact ? ', with another key' : ''} or with other options, so that its reports would not go with new ones; give the same options, or name another folder with -o`,
        );
    }
  }
}

interface Context {
  readonly options: ScanCommandOptions;
  readonly setup: WorkerSetup;
  /** What the index names as asked for. */
  readonly choices: Diagnosis['choices'];
  readonly disclosure: Disclosure;
  readonly discover: (targets: readonly string[]) => Promise<Discovery>;
}

async function scanAll(scan: Scan, targets: readonly string[], context: Context): Promise<ExitCode> {
  const { options, setup } = context;
  const found = await context.discover(targets);
  if (found.files.length === 0 && found.foldersLeft > 0 && options.quiet !== true)
    note(`no files there, only ${formatPlural(found.foldersLeft, 'folder', 'folders')}; -r goes into them`);
  const { jobs, unlisted } = plan(scan, found, context);
  const open = jobs.filter((job) => !scan.isDone(job));
  let isInterrupted = false;
  if (open.length > 0) {
    const session = await Session.start(options, setup, open.length);
    const batch = { jobs, open, showsProgress: options.quiet !== true };
    isInterrupted = await session.run(scan, batch).finally(() => session.end());
  }
  const paths = [...jobs.flatMap((job) => scan.resultsOf(job)).map(({ row }) => row.path), ...unlisted];
  const timed = await writeIndex(scan, paths, !isInterrupted, context);
  return finish(scan, timed, isInterrupted, options);
}

/** What is to be done of what was found; folders that cannot be entered have their rows. */
function plan(scan: Scan, { files, unlisted }: Discovery, { options, disclosure }: Context): Plan {
  const shard = options.shard ?? null;
  const jobs = toJobs(options.join === true ? rings(files) : singles(files), shard, disclosure);
  const outside = unlisted.filter(({ path }) => isInShard(path, shard));
  return { jobs, unlisted: outside.map((place) => scan.addUnlisted(place)) };
}

async function watch(scan: Scan, targets: readonly string[], context: Context): Promise<ExitCode> {
  const { options, setup } = context;
  const { Watch } = await import('./scan-watch.ts');
  const session = await Session.start(options, setup, Infinity);
  const watching = new Watch(scan, session, {
    settleMillis: 1000 * (options.settle ?? SETTLE_SECONDS),
    isQuiet: options.quiet === true,
    discover: () => context.discover(targets),
    plan: (found) => plan(scan, found, context),
    writeIndex: (paths, isComplete) => writeIndex(scan, paths, isComplete, context),
  });
  const { timed, isBegun } = await watching.run().finally(() => session.end());
  return finish(scan, timed, !isBegun, options);
}

async function writeIndex(
  scan: Scan,
  paths: Iterable<string>,
  isComplete: boolean,
  { choices }: Context,
): Promise<TimedIndex> {
  const timed = scan.index(paths, { options: choices, complete: isComplete });
  await scan.writeIndex(timed);
  return timed;
}

async function finish(
  scan: Scan,
  { index }: TimedIndex,
  isInterrupted: boolean,
  options: ScanCommandOptions,
): Promise<ExitCode> {
  await writeStdout(summaryText(index, options.output));
  if (options.quiet !== true && (isInterrupted || options.watch))
    note(`${isInterrupted ? 'interrupted; ' : ''}to go on: ${resumeCommand(options)}`);
  if (isInterrupted) return EXIT.interrupted;
  const worst = index.captures.map(({ path }) => scan.worstOf(path));
  return exitCodeOf(index, worst, options.failOn);
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
function resumeCommand({ redact, redactKey }: ScanCommandOptions): string {
  const words = process.argv.slice(2);
  const given = words.includes('--resume')
    ? words
    : words.toSpliced(words.indexOf('scan') + 1, 0, '--resume');
  // A key that was made has to be put into a file first.
  const key = redact && redactKey === undefined ? ['--redact-key', 'KEYFILE'] : [];
  return [TOOL.name, ...[...given, ...key].map(shellText)].join(' ');
}
