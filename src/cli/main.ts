/** The command line: sets up the commands, and turns whatever they end with into a message and an exit code. */
import { writeSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { CaptureError } from '../capture/errors.ts';
import { terminalText } from '../report/escape.ts';
import { TOOL } from '../report/tool.ts';
import { addAnalyzeCommand, describeCaptureError } from './analyze.ts';
import { note, writeStderr } from './terminal.ts';
import type { ExitCode } from './exit.ts';
import { EXIT, OutputError, UsageError } from './exit.ts';
import { addExplainCommand } from './explain.ts';
import { addInfoCommand } from './info.ts';
import { endOnInterrupt } from './interrupt.ts';
import { addMergeCommand } from './merge.ts';
import { addRedactCommand } from './redact.ts';
import { addRulesCommand } from './rules.ts';
import { addScanCommand } from './scan.ts';

const EXIT_CODES = `
Exit codes, the first that applies:
  70   a bug in kbdiag
  2    wrong usage
  3    no input could be read as a capture
  74   the report or the evidence could not be written
  130  interrupted; the report covers what was read
  1    findings at or above --fail-on
  4    damaged input; the report covers what was readable
  0    none of these`;

/** Runs kbdiag with the arguments after the program's name, and sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  let code: ExitCode = EXIT.success;
  endOnInterrupt();
  try {
    await createProgram((result) => {
      code = result;
    }).parseAsync(argv, { from: 'user' });
  } catch (error) {
    code = report(error, argv.includes('--debug'));
  }
  process.exitCode = code;
  // A read that blocks on a pipe would keep the process alive after its report is out.
  if (code === EXIT.interrupted) process.exit();
}

function createProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command(TOOL.name)
    .description(
      'Reads a packet capture and says which known network faults are in it, with the frames that prove it.',
    )
    .version(TOOL.version)
    .exitOverride()
    .showHelpAfterError('(--help lists what there is)')
    .configureOutput({ writeOut, writeErr: writeStderr, outputError: (text) => note(commanderMessage(text)) })
    .addHelpText('after', EXIT_CODES);
  addAnalyzeCommand(program, finish);
  addScanCommand(program, finish);
  addMergeCommand(program, finish);
  addInfoCommand(program, finish);
  addRedactCommand(program, finish);
  addRulesCommand(program, finish);
  addExplainCommand(program, finish);
  return program;
}

/** Help is output as a report is: a reader that went away is no error. */
function writeOut(text: string): void {
  try {
    writeSync(1, text);
  } catch {
    // Nothing else depends on it.
  }
}

/**
 * Commander's message in the form of ours. It quotes what the user typed, or what a shell made of `*`; a line break in that
 * is none of the message.
 */
function commanderMessage(text: string): string {
  const lines = text
    .replace(/^error: /, '')
    .trimEnd()
    .split(/\n(?=\(Did you mean )/);
  return lines.map((line) => terminalText(line)).join('\n  ');
}

/** The stack of an error, whose message may quote anything and is kept to its line. */
function stackOf({ name, message, stack = '' }: Error): string {
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  return [`${name}: ${message}`, ...frames].map((line) => `${terminalText(line, Infinity)}\n`).join('');
}

function report(error: unknown, isDebug: boolean): ExitCode {
  const code = codeOf(error);
  if (error instanceof CommanderError) {
    // Commander has written the message itself.
  } else if (error instanceof UsageError) {
    note(`${error.message}\n(--help lists what there is)`);
  } else if (error instanceof CaptureError) {
    note(describeCaptureError(error));
  } else if (error instanceof OutputError) {
    note(
      `${terminalText(error.path)}: ${error.kind.name} could not be written: ${terminalText(error.message)}\n  Make room, or name another place with ${error.kind.option}.`,
    );
  } else if (code === EXIT.interrupted) {
    note('interrupted before anything was read');
  } else {
    const message = error instanceof Error ? error.message : String(error);
    const hint = isDebug ? '' : ' --debug prints the stack.';
    note(`sorry, this is a bug in kbdiag: ${terminalText(message)}.${hint}`);
  }
  if (isDebug && error instanceof Error && code !== EXIT.success) writeStderr(stackOf(error));
  return code;
}

function codeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.success : EXIT.usage;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof CaptureError) return EXIT.unreadable;
  if (error instanceof OutputError) return EXIT.output;
  if (error instanceof Error && error.name === 'AbortError') return EXIT.interrupted;
  return EXIT.internal;
}
