/** How far a scan is, in a line: what is done, found, left, and how fast it goes. */
import { formatBytes, formatCount, formatDuration, formatPlural } from '../report/units.ts';

export interface Tally {
  readonly allFiles: number;
  readonly allBytes: number;
  files: number;
  bytes: number;
  findings: number;
}

/**
 * What there is to do for a file whatever its size, as bytes of a large one that could be read meanwhile. The largest come first:
 * counted by bytes alone, a scan would be at its end while thousands of small ones are still to come.
 */
const FILE_COST_BYTES = 2 * 1024 * 1024;

/** From here on there is a rate to tell. */
const MIN_SECONDS = 1;

export class ScanRate {
  readonly #tally: Tally;
  readonly #bytesBefore: number;
  readonly #workBefore: number;

  /** What is done already counts as done, and not for the rate. */
  constructor(tally: Tally) {
    this.#tally = tally;
    this.#bytesBefore = tally.bytes;
    this.#workBefore = workOf(tally.files, tally.bytes);
  }

  /** `bytesInFlight`: how much of the captures at hand has been read; `seconds`: since the beginning. */
  state(bytesInFlight: number, seconds: number): { readonly share: number; readonly text: string } {
    const { files, allFiles, allBytes, findings } = this.#tally;
    const bytes = Math.min(allBytes, this.#tally.bytes + bytesInFlight);
    const work = workOf(files, bytes);
    const all = workOf(allFiles, allBytes);
    const parts = [
      `${formatCount(files)} of ${formatPlural(allFiles, 'file', 'files')}`,
      formatPlural(findings, 'finding', 'findings'),
    ];
    const speed = (work - this.#workBefore) / seconds;
    const isMoving = seconds >= MIN_SECONDS && speed > 0;
    if (isMoving) parts.push(`${formatDuration(Math.max(1, Math.ceil((all - work) / speed)))} left`);
    parts.push(bytesWords(bytes, allBytes));
    if (isMoving) parts.push(`${formatBytes(Math.round((bytes - this.#bytesBefore) / seconds))}/s`);
    return { share: all === 0 ? 1 : work / all, text: parts.join(', ') };
  }
}

function workOf(files: number, bytes: number): number {
  return files * FILE_COST_BYTES + bytes;
}

/** `1.5 of 20 GiB`: the unit once where it is the same. */
function bytesWords(bytes: number, all: number): string {
  const [part = '', unit] = formatBytes(Math.round(bytes)).split(' ');
  const whole = formatBytes(all);
  return whole.endsWith(` ${unit}`) ? `${part} of ${whole}` : `${part} ${unit} of ${whole}`;
}

/** As many parts of a line as fit into so much room, the first in any case. */
export function fitParts(text: string, room: number): string {
  let fitting = text;
  while (fitting.length > room && fitting.includes(', '))
    fitting = fitting.slice(0, fitting.lastIndexOf(', '));
  return fitting;
}
