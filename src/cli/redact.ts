/** `kbdiag redact`: a copy of a capture that gives the same findings and tells nothing of whose it is. */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Command } from 'commander';
import { terminalText } from '../report/escape.ts';
import { TOOL } from '../report/tool.ts';
import type { RedactionResult } from '../evidence/redaction/capture.ts';
import { formatPlural } from '../report/units.ts';
import type { ExitCode } from './exit.ts';
import { EXIT, OutputError, type OutputKind, UsageError } from './exit.ts';
import { catchInterrupt, leaveInterruptToSystem } from './interrupt.ts';
import { checkOutputFile, isSameFile, isStandardStream, OutputFile } from './output.ts';
import { createProgress } from './progress.ts';
import type { RedactionChoices } from './redaction.ts';
import { addMappingOptions, loadMapping } from './redaction.ts';
import { note, terminalStream } from './terminal.ts';

interface RedactOptions extends RedactionChoices {
  readonly tz?: string;
  readonly quiet?: true;
  readonly debug?: true;
}

const COPY_OUTPUT: OutputKind = { name: 'the copy', option: '<out>' };

/** Between two attempts at a full pipe, in milliseconds. */
const RETRY_MILLIS = 5;

const ABOUT = `
The copy is pcapng and says that it was altered. Frames keep their numbers, times and lengths;
addresses, MAC addresses and names are replaced by the key, the same in every file; payload that
no rule reads is zeroed, checksums are set right, comments and name records are dropped.`;

export function addRedactCommand(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('redact')
    .description(
      'Write a copy of a capture without addresses, names and payload, in which the same faults are found.',
    )
    .argument('<capture>', 'a capture file, gzip or zstd too; - is standard input')
    .argument('<out>', 'the pcapng file to write; - is standard output')
    .addHelpText('after', ABOUT);
  addMappingOptions(command)
    .option('--tz <zone>', 'zone of a capture that keeps local time; the copy has UTC')
    .option('--quiet', 'no progress and no notes on standard error; a key that is made is told all the same')
    .option('--debug', 'print the stack of an error')
    .action(async (input: string, output: string, options: RedactOptions) => {
      finish(await runRedact(input, output, options));
    });
}

async function runRedact(input: string, output: string, options: RedactOptions): Promise<ExitCode> {
  if (input === '-' && isatty(0))
    throw new UsageError('standard input is a terminal; pipe a capture into it');
  if (output === '-' && process.stdout.isTTY)
    throw new UsageError('standard output is a terminal; name a file, or pipe the capture on');
  if (isOneFile(input, output))
    throw new UsageError(`${terminalText(output)} is the capture itself; name another file`);
  if (options.redactKey !== undefined && isOneFile(options.redactKey, output))
    throw new UsageError(`${terminalText(output)} is the key; name another file`);
  if (output !== '-') checkOutputFile(output, [input], COPY_OUTPUT);

  const localZone = options.tz === undefined ? null : (await import('./scope.ts')).readTimeZone(options.tz);
  const { redactCapture } = await import('../evidence/redaction/capture.ts');
  const { mapping, tellKey } = await loadMapping(options);
  const interrupt = catchInterrupt();
  const progress = options.quiet !== true && terminalStream(2) !== null ? createProgress() : null;
  if (output === '-') leaveInterruptToSystem();
  const file = output === '-' ? new StandardOutput() : new OutputFile(output, COPY_OUTPUT);
  try {
    const result = await redactCapture(input, file, {
      mapping,
      tool: TOOL,
      signal: interrupt.signal,
      ...(localZone === null ? {} : { localZone }),
      ...(progress === null ? {} : { onProgress: (state) => progress.update(state) }),
    }).finally(() => progress?.stop());
    file.commit();
    interrupt.release();
    tellKey();
    if (options.quiet !== true) tell(input, result);
    if (result.interrupted) return EXIT.interrupted;
    return result.damage === null ? EXIT.success : EXIT.damaged;
  } finally {
    file.discard();
  }
}

function isOneFile(input: string, output: string): boolean {
  if (input === '-') return output !== '-' && isStandardStream(0, output);
  return output === '-' ? isStandardStream(1, input) : isSameFile(input, output);
}

/** Standard output as a place for bytes. A reader that went away is no error. */
class StandardOutput {
  #isGone = false;

  write(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length && !this.#isGone; ) {
      try {
        written += writeSync(1, bytes, written);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') this.#isGone = true;
        else if (code !== 'EAGAIN') throw new OutputError('standard output', error, COPY_OUTPUT);
        // A pipe that another program made non-blocking is full.
        else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MILLIS);
      }
    }
  }

  commit(): void {
    // Every byte is out.
  }

  discard(): void {
    // What was written cannot be taken back.
  }
}

/** What could not be redacted because it could not be read. */
function tell(input: string, { packets, damage, interrupted }: RedactionResult): void {
  const place = input === '-' ? 'standard input' : terminalText(input);
  if (interrupted)
    note(`interrupted; the copy holds the first ${formatPlural(packets, 'packet', 'packets')}`);
  if (damage === null) return;
  note(
    `${place}: ${terminalText(damage.message)} (at byte ${damage.offset})\n  The copy holds the ${formatPlural(packets, 'packet', 'packets')} before that.`,
  );
}
