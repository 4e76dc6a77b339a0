/** `kbdiag scan`: the arguments. What it does is loaded when it is asked for. */
import type { Command } from 'commander';
import { terminalText } from '../report/escape.ts';
import type { Format } from '../report/formats.ts';
import { FORMATS } from '../report/formats.ts';
import type { DiagnosisCommandOptions } from './diagnose.ts';
import { addDiagnosisOptions } from './diagnose.ts';
import type { ExitCode } from './exit.ts';
import { UsageError } from './exit.ts';
import { suggestion } from './nearest.ts';
import type { ReportRedactionChoices } from './redaction.ts';
import { addRedactOptions } from './redaction.ts';
import type { CommonOptions } from './terminal.ts';
import { addCommonOptions } from './terminal.ts';

export interface ScanCommandOptions extends CommonOptions, DiagnosisCommandOptions, ReportRedactionChoices {
  readonly output: string;
  readonly format?: readonly Format[];
  readonly recursive?: true;
  readonly jobs?: number;
  readonly shard?: { readonly index: number; readonly count: number };
  readonly join?: true;
  readonly resume?: true;
  readonly watch?: true;
  /** Seconds. */
  readonly settle?: number;
  readonly memory: number;
  readonly quiet?: true;
}

/** MiB of heap; less than the least is not enough to begin with. */
const MEMORY = { default: 512, least: 16, most: 65_536 };
const MAX_JOBS = 1024;
/** How long a capture is left alone before it counts as complete, unless --settle says otherwise: longer than a busy disk holds a writer up. */
export const SETTLE_SECONDS = 10;
const MAX_SETTLE_SECONDS = 24 * 3600;

export function addScanCommand(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('scan')
    .description('Go through many captures, write a report for each and an index of all.')
    .argument('<targets...>', 'captures, folders of them, or patterns; captures are told by content')
    .requiredOption('-o, --output <folder>', 'where reports and index go')
    .option('-r, --recursive', 'also the folders in a folder; links in it are not followed')
    .option('-j, --jobs <number>', 'captures analysed at a time (default: one per processor)', parseJobs)
    .option(
      '-f, --format <formats>',
      `formats of the reports, separated by commas: ${FORMATS.join(', ')} (default: json)`,
      collectFormats,
    )
    .option('--resume', 'go on with the scan in the folder: what is done and unchanged is not read again')
    .option('--watch', 'keep going: what comes is analysed once it is complete, until Ctrl-C')
    .option(
      '--settle <seconds>',
      `with --watch, how long a capture is left alone until it is complete (default: ${SETTLE_SECONDS})`,
      parseSettle,
    )
    .option(
      '--join',
      'the files of a ring (dumpcap -b, tcpdump -C, -G, -W) are one capture, by name and time',
    )
    .option('--shard <i/n>', 'only the i-th of n shares of the captures, for n machines', parseShard)
    .option('--memory <MiB>', 'heap of a worker', parseMemory, MEMORY.default)
    .option('--quiet', 'no progress and no notes on standard error');
  addRedactOptions(addDiagnosisOptions(command));
  addCommonOptions(command).action(async (targets: string[], options: ScanCommandOptions) => {
    const { runScan } = await import('./scan-run.ts');
    finish(await runScan(targets, options));
  });
}

function collectFormats(text: string, earlier: readonly Format[] = []): Format[] {
  const words = text.split(',').map((word) => word.trim());
  const formats = words.map((word) => {
    const format = FORMATS.find((name) => name === word);
    if (format !== undefined) return format;
    const hint = suggestion(word, FORMATS) || `; there are ${FORMATS.join(', ')}`;
    throw new UsageError(`--format ${terminalText(text)}: there is no format ${terminalText(word)}${hint}`);
  });
  return [...new Set([...earlier, ...formats])];
}

function parseJobs(text: string): number {
  return wholeNumber('--jobs', text, 1, MAX_JOBS);
}

function parseSettle(text: string): number {
  return wholeNumber('--settle', text, 1, MAX_SETTLE_SECONDS);
}

function parseMemory(text: string): number {
  return wholeNumber('--memory', text, MEMORY.least, MEMORY.most);
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`${name} ${terminalText(text)}: it must be a whole number from ${min} to ${max}`);
}

function parseShard(text: string): { index: number; count: number } {
  const [, index = '', count = ''] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index >= 1 && shard.index <= shard.count) return shard;
  throw new UsageError(`--shard ${terminalText(text)}: write it as i/n with i from 1 to n, such as 2/8`);
}
