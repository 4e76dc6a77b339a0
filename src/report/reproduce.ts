/** The command line that makes a report again, from what the report says of itself. */
import { shellWord, shellText } from './escape.ts';
import type { Report } from './schema.ts';

/**
 * `kbdiag analyze trace.pcap --tz=Europe/Berlin`, to paste into a shell. Standard input has no name, so a word to replace stands in its
 * place, as one does for the key of a redaction.
 */
export function analyzeCommand(report: Report): string {
  // As they were given: those that could not be read are a part of it.
  const paths = [...report.captures, ...report.failures].map(({ path }) => path);
  const words = paths.map((path) => (path === '-' ? 'CAPTURE' : shellWord(path)));
  for (const [name, value] of Object.entries(report.options)) {
    const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    if (flag !== undefined) {
      words.push(...flag);
      continue;
    }
    const values = Array.isArray(value) ? value : [value];
    // With = the shell's words stay one, whatever a value begins with.
    for (const one of values) {
      words.push(
        name.includes('.') ? shellText(`--set=${name}=${one}`) : shellText(`--${kebab(name)}=${one}`),
      );
    }
  }
  return ['kbdiag analyze', ...words].join(' ');
}

/** Options that take no value, or one that is not for others to see. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  redact: ['--redact', '--redact-key', 'KEYFILE'],
  keepOui: ['--keep-oui'],
};

/** `minTier` -> `min-tier`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
