/** The terminal as the commands use it: what kind of device they write to, colour, and lines for the user beside the report. */
import { fstatSync, writeSync } from 'node:fs';
import type { Command } from 'commander';
import { describeDevice } from '../report/style.ts';
import type { Device } from '../report/style.ts';

export interface CommonOptions {
  readonly debug?: true;
  /** `--color` or `--no-color`; absent if neither was given. */
  readonly color?: boolean;
}

export function addCommonOptions(command: Command): Command {
  return command
    .option('--color', 'colour the report wherever it goes')
    .option('--no-color', 'never colour it')
    .option('--debug', 'print the stack of an error');
}

/**
 * The stream behind a descriptor if it can be a terminal, else null. Setting up process.stdout or process.stderr takes some 3 ms,
 * which a pipe or a file need not pay.
 */
export function terminalStream(descriptor: 1 | 2): NodeJS.WriteStream | null {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return null;
  } catch {
    // A closed descriptor.
    return null;
  }
  const stream = descriptor === 1 ? process.stdout : process.stderr;
  return stream.isTTY ? stream : null;
}

/** The device that standard output is. */
export function stdoutDevice({ color }: CommonOptions): Device {
  return describeDevice(terminalStream(1), process.env, color);
}

/** A line for the user beside the report. */
export function note(text: string): void {
  writeStderr(`kbdiag: ${text}\n`);
}

/** Writes to standard error; nobody may be reading it. */
export function writeStderr(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // There is nowhere left to say so.
  }
}
