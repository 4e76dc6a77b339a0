/** `kbdiag info`: what a capture is. */
import { isatty } from 'node:tty';
import type { Command } from 'commander';
import { Option } from 'commander';
import { analyze } from '../engine/analyze.ts';
import { jsonText } from '../report/escape.ts';
import { rules } from '../../rules/index.ts';
import type { CommonOptions } from './terminal.ts';
import { addCommonOptions, stdoutDevice } from './terminal.ts';
import type { ExitCode } from './exit.ts';
import { EXIT, UsageError } from './exit.ts';
import { catchInterrupt } from './interrupt.ts';
import { writeStdout } from './output.ts';

interface InfoOptions extends CommonOptions {
  readonly format: 'text' | 'json';
  readonly tz?: string;
}

export function addInfoCommand(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('info')
    .description('Show what a capture is: format, interfaces, time span, packets by kind, and its health.')
    .argument('<capture>', 'a capture file, gzip or zstd too; - is standard input')
    .addOption(
      new Option('-f, --format <format>', 'format of the answer').choices(['text', 'json']).default('text'),
    )
    .option('--tz <zone>', 'zone of the times shown in text, and of captures that keep local time');
  addCommonOptions(command).action(async (path: string, options: InfoOptions) => {
    finish(await runInfo(path, options));
  });
}

async function runInfo(path: string, options: InfoOptions): Promise<ExitCode> {
  if (path === '-' && isatty(0)) throw new UsageError('standard input is a terminal; pipe a capture into it');
  const zone = options.tz === undefined ? null : (await import('./scope.ts')).readTimeZone(options.tz);
  const { renderInfo, toCaptureInfo } = await import('../report/info.ts');
  const interrupt = catchInterrupt();
  // With the rules on, everything they need is decoded, and so counted.
  const info = toCaptureInfo(
    await analyze([path], {
      rules,
      signal: interrupt.signal,
      ...(zone === null ? {} : { localZone: zone }),
    }),
  );
  interrupt.release();
  await writeStdout(
    options.format === 'json' ? `${jsonText(info)}\n` : await renderInfo(info, stdoutDevice(options), zone),
  );
  if (info.interrupted) return EXIT.interrupted;
  return info.captures.some(({ damaged }) => damaged !== null) ? EXIT.damaged : EXIT.success;
}
