/** The command line that makes a report again, from what the report says of itself. */
import { shellWord, shellText } from './escape.ts';
import type { Report } from './schema.ts';

/** `kbdiag analyze trace.pcap --tz=Europe/Berlin`, to paste into a shell. Standard input has no name, so a word to replace stands in its place. */
export function analyzeCommand(report: Report): string {
  // As they were given: those that could not be read are a part of it.
  const paths = [...report.captures, ...report.failures].map(({ path }) => path);
  const words = paths.map((path) => (path === '-' ? 'CAPTURE' : shellWord(path)));
  for (const [name, value] of Object.entries(report.options)) {
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

/** `minTier` -> `min-tier`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
