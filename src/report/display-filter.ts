/** Display filters and command lines that show a proof in Wireshark. */
import { shellWord } from './escape.ts';

/** Selects no frame: frame numbers begin with 1. */
const NO_FRAME = 'frame.number == 0';

/** Selects exactly these frames; sets need Wireshark 4.0's comma syntax, which 2.x and 3.x read as well. */
export function frameFilter(numbers: readonly number[]): string {
  if (numbers.length === 0) return NO_FRAME;
  const sorted = [...new Set(numbers)].toSorted((a, b) => a - b);
  return `frame.number in {${sorted.join(', ')}}`;
}

/** A line to paste into a shell. Standard input has no name, so the word to replace stands in its place. */
export function wiresharkCommand(path: string, displayFilter: string): string {
  const file = path === '-' ? 'CAPTURE' : shellWord(path);
  return `wireshark -r ${file} -Y '${displayFilter}'`;
}
