/** `kbdiag merge`: from the folders of scans to one of the whole, and the exit code. */
import { statSync } from 'node:fs';
import { formatCount, formatPlural } from '../report/units.ts';
import { shellText, terminalText } from '../report/escape.ts';
import { TOOL } from '../report/tool.ts';
import { WriteError } from '../scan/atomic-file.ts';
import { differences, headFacts } from '../scan/head.ts';
import type { Shard } from '../scan/jobs.ts';
import type { JournalHead } from '../scan/journal.ts';
import { type Conflict, merge, type MergePlan, missingShards, planMerge } from '../scan/merge.ts';
import { makeOutputFolder, RefusedFolder, Scan } from '../scan/scan.ts';
import { Share } from '../scan/share.ts';
import type { ExitCode } from './exit.ts';
import { EXIT, OutputError, UsageError } from './exit.ts';
import type { MergeCommandOptions } from './merge.ts';
import { writeStdout } from './output.ts';
import { startProgress } from './scan-progress.ts';
import { exitCodeOf, summaryText } from './scan-run.ts';
import { countFindings } from './scan-session.ts';
import { note } from './terminal.ts';

/** Of the shares, folders and captures that a note names. */
const MAX_NAMED = 5;

export async function runMerge(folders: readonly string[], options: MergeCommandOptions): Promise<ExitCode> {
  const shares: Share[] = [];
  try {
    for (const folder of distinct(folders, options.output)) shares.push(openShare(folder));
    const head = commonHead(shares);
    const plan = planMerge(shares);
    refuseConflicts(plan);
    makeOutputFolder(options.output);
    const scan = openOutput(options.output, head, shares);
    try {
      return await mergeAll(scan, plan, { shares, head, options });
    } finally {
      scan.close();
    }
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    if (options.quiet !== true)
      note(`what is merged stays; once there is room, the same command goes on with it`);
    throw new OutputError(error.path, error);
  } finally {
    for (const share of shares) share.close();
  }
}

/** Each folder once, however often it was named. */
function distinct(folders: readonly string[], out: string): string[] {
  const seen = new Set<string>();
  const output = identityOf(out);
  return folders.filter((folder) => {
    const identity = identityOf(folder);
    if (identity !== null && identity === output)
      throw new UsageError(
        `${terminalText(folder)} is to be merged and is where the whole goes; name another folder with -o`,
      );
    if (identity === null || !seen.has(identity)) {
      seen.add(identity ?? folder);
      return true;
    }
    return false;
  });
}

function identityOf(folder: string): string | null {
  const facts = statSync(folder, { throwIfNoEntry: false });
  return facts === undefined ? null : `${facts.dev}/${facts.ino}`;
}

function openShare(folder: string): Share {
  const shown = terminalText(folder);
  const share = Share.open(folder);
  if (share === null)
    throw new UsageError(
      `${shown} holds no scan: there is no .kbdiag/journal.ndjson in it; name what scan had with -o, and copy its hidden folder, too`,
    );
  if (!share.isInUse) return share;
  share.close();
  throw new UsageError(`a kbdiag scan is writing into ${shown}; wait for it`);
}

/** What all of them were made with, by this version. */
function commonHead(shares: readonly Share[]): JournalHead {
  const [first] = shares as [Share];
  for (const share of shares) {
    const shown = terminalText(share.folder);
    if (share.head.version !== TOOL.version)
      throw new UsageError(
        `${shown} was made by ${TOOL.name} ${terminalText(share.head.version)}, and this is ${TOOL.version}; merge with the version that scanned, or scan again with this one`,
      );
    const names = differences(first.head, share.head);
    if (names.length > 0)
      throw new UsageError(
        `${terminalText(first.folder)} and ${shown} were made with different options (${names.map((name) => terminalText(name)).join(', ')}); what was analysed in different ways is no whole`,
      );
  }
  return first.head;
}

function refuseConflicts({ conflicts }: MergePlan): void {
  const [first] = conflicts;
  if (first === undefined) return;
  const more = conflicts.length === 1 ? '' : `, and ${formatCount(conflicts.length - 1)} more`;
  throw new UsageError(`${describeConflict(first)}${more}; nothing was merged`);
}

function describeConflict({ kind, path, folders }: Conflict): string {
  const [one, other] = folders.map((folder) => terminalText(folder));
  return kind === 'row'
    ? `${one} and ${other} tell different things of ${terminalText(path)}: it has changed between them (bring both up to date by scan --resume), or two captures have one name (scan them under distinct paths)`
    : `${one} and ${other} have reports in the same place, such as that of ${terminalText(path)}; scan these captures in one scan, by --shard`;
}

function openOutput(out: string, head: JournalHead, shares: readonly Share[]): Scan {
  const known = Share.open(out);
  known?.close();
  // Without a row it is what a killed process left.
  const isOwn = known !== null && (known.run?.command === 'merge' || known.rows.size === 0);
  const shards = new Map(
    shares.flatMap(({ run }) => (run?.shards ?? []).map((shard) => [nameOf(shard), shard] as const)),
  );
  const shown = terminalText(out);
  try {
    const { formats } = headFacts(head);
    return Scan.open(out, head, {
      formats,
      isResumed: isOwn,
      run: { command: 'merge', shards: [...shards.values()] },
    });
  } catch (error) {
    if (!(error instanceof RefusedFolder)) throw error;
    switch (error.refusal) {
      case 'exists':
        throw new UsageError(`${shown} holds a scan of its own already; name another folder with -o`);
      case 'in-use':
        throw new UsageError(`another ${TOOL.name} is writing into ${shown}; wait for it`);
      case 'other-version-or-options':
        throw new UsageError(
          `${shown} holds what was made by another version of ${TOOL.name} or with other options; name another folder with -o`,
        );
    }
  }
}

interface Context {
  readonly shares: readonly Share[];
  readonly head: JournalHead;
  readonly options: MergeCommandOptions;
}

async function mergeAll(scan: Scan, { sources }: MergePlan, context: Context): Promise<ExitCode> {
  const { shares, head, options } = context;
  const stop = new AbortController();
  const onSignal = (): void => {
    // The second one ends the program at once.
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  let rows = 0;
  let findings = 0;
  const progress =
    options.quiet === true
      ? null
      : startProgress(() => ({
          share: rows / Math.max(1, sources.length),
          text: `${formatCount(rows)} of ${formatPlural(sources.length, 'capture', 'captures')} merged, ${formatPlural(findings, 'finding', 'findings')}`,
        }));
  const { merged, leftOut } = await merge(sources, {
    scan,
    out: options.output,
    signal: stop.signal,
    onDone: ({ row }) => {
      rows += 1;
      findings += countFindings(row);
    },
  }).finally(() => {
    progress?.stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  });
  const isInterrupted = merged.length + leftOut.length < sources.length;
  const missing = missingShards(shares);
  const unfinished = shares.filter(({ isComplete }) => !isComplete);
  const isWhole = !isInterrupted && unfinished.length === 0 && leftOut.length === 0;
  const isComplete = isWhole && missing.length === 0;
  const timed = scan.index(
    merged.map(({ row }) => row.path),
    { options: headFacts(head).choices, complete: isComplete },
  );
  await scan.writeIndex(timed, isWhole);
  await writeStdout(summaryText(timed.index, options.output));
  if (options.quiet !== true) {
    for (const line of [
      missingText(missing),
      unfinishedText(unfinished),
      leftOutText(leftOut.map(({ path, share }) => ({ path, folder: share.folder }))),
    ])
      if (line !== null) note(line);
  }
  if (isInterrupted) {
    if (options.quiet !== true) note(`interrupted; to go on: ${commandLine()}`);
    return EXIT.interrupted;
  }
  const code = exitCodeOf(
    timed.index,
    merged.map(({ worst }) => worst),
    options.failOn,
  );
  // What is missing has not been looked at: that is no success.
  return code === EXIT.success && !isComplete ? EXIT.damaged : code;
}

function nameOf({ index, count }: Shard): string {
  return `${index}/${count}`;
}

function missingText(missing: readonly Shard[]): string | null {
  if (missing.length === 0) return null;
  const verb = missing.length === 1 ? 'is' : 'are';
  return `not complete: ${listed(missing.map(nameOf))} ${verb} not among the shards; scan and merge again`;
}

function unfinishedText(shares: readonly Share[]): string | null {
  if (shares.length === 0) return null;
  const verb = shares.length === 1 ? 'has' : 'have';
  return `not complete: ${listed(shares.map(({ folder }) => terminalText(folder)))} ${verb} not come to the end; go on there by scan --resume, then merge again`;
}

function leftOutText(rows: ReadonlyArray<{ path: string; folder: string }>): string | null {
  const [first] = rows;
  if (first === undefined) return null;
  return `not complete: reports of ${formatPlural(rows.length, 'capture', 'captures')} are no longer there, such as that of ${terminalText(first.path)} in ${terminalText(first.folder)}; scan --resume makes them again`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${formatCount(rest)} more`;
  const last = shown.pop();
  return shown.length === 0 ? `${last}` : `${shown.join(', ')} and ${last}`;
}

function commandLine(): string {
  return [TOOL.name, ...process.argv.slice(2).map(shellText)].join(' ');
}
