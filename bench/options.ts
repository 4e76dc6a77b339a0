/** What the command lines of the benchmarks have in common. */

/** Why `text` is no number of runs or things, or null. */
export function refuseCount(option: string, text: string): string | null {
  const count = Number(text);
  return Number.isInteger(count) && count >= 1 ? null : `--${option}: not a positive whole number: ${text}`;
}

/** Why `text` is no size for captures, 1 being the full one, or null. */
export function refuseScale(text: string): string | null {
  const scale = Number(text);
  return scale >= 0.001 && scale <= 64 ? null : `--size: not between 0.001 and 64: ${text}`;
}

/** Why `text` is no number above 0, or null. */
export function refuseNumber(option: string, text: string): string | null {
  return text.trim() !== '' && Number(text) > 0 ? null : `--${option}: not a number above 0: ${text}`;
}

/** What `read` makes of a command line. Where it throws or answers what is wrong, that is said with the usage, and null is answered. */
export function optionsOrUsage<Options extends object>(
  read: () => Options | string,
  usage: string,
  say: (line: string) => void = (line) => console.error(line),
): Options | null {
  let options: Options | string;
  try {
    options = read();
  } catch (error) {
    // What stands in further lines is advice on how to write such programs.
    options = (error instanceof Error ? error.message : String(error)).replace(/\n.*/su, '');
  }
  if (typeof options !== 'string') return options;
  say(`${options}\n\n${usage}`);
  return null;
}
