/** Arguments of the programs for developers: a wrong one is answered with a line that says so, and how the program is called. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** Of something that was asked for and does not exist; the message is one line. */
export class WrongArguments extends Error {
  override readonly name = 'WrongArguments';
}

/** As `parseArgs`. Throws `WrongArguments`. */
export function readArguments<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const isOurs =
      error instanceof TypeError && String(Reflect.get(error, 'code')).startsWith('ERR_PARSE_ARGS');
    if (!isOurs) throw error;
    // What follows is advice on writing such programs.
    throw new WrongArguments(error.message.split(/\. |\n/u)[0] ?? error.message);
  }
}

/** A number above 0. Throws `WrongArguments`. */
export function readPositive(option: string, text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!(number > 0)) throw new WrongArguments(`--${option} takes a number above 0, not '${text}'`);
  return number;
}

/** Runs a program; answers its exit code, 2 where the arguments were wrong. */
export async function withUsage(usage: string, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof WrongArguments)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
}
