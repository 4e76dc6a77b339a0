/** How far a scan is: a bar on a terminal, a line every ten seconds elsewhere. On standard error. */
import type { SingleBar } from 'cli-progress';
import { formatBytes, formatCount, formatDuration, formatPlural } from '../report/units.ts';
import { note, terminalStream } from './terminal.ts';

export interface Tally {
  readonly allFiles: number;
  readonly allBytes: number;
  files: number;
  bytes: number;
  findings: number;
}

const LINE_MILLIS = 10_000;
const BAR_MILLIS = 200;
const STEPS = 1000;

/** `bytesInFlight`: how much of the captures at hand has been read. */
export function startScanProgress(tally: Tally, bytesInFlight: () => number): { stop(): void } {
  const started = performance.now();
  const before = tally.bytes;
  return startProgress(() => {
    const bytes = Math.min(tally.allBytes, tally.bytes + bytesInFlight());
    const seconds = (performance.now() - started) / 1000;
    const rate = seconds > 0 ? (bytes - before) / seconds : 0;
    const left = rate > 0 && seconds >= 1 ? `, ${formatDuration((tally.allBytes - bytes) / rate)} left` : '';
    return {
      share: tally.allBytes === 0 ? tally.files / Math.max(1, tally.allFiles) : bytes / tally.allBytes,
      text: `${formatCount(tally.files)} of ${formatPlural(tally.allFiles, 'file', 'files')}, ${formatBytes(Math.round(bytes))} of ${formatBytes(tally.allBytes)}, ${formatBytes(Math.round(rate))}/s${left}, ${formatPlural(tally.findings, 'finding', 'findings')}`,
    };
  });
}

/** `share`: from 0 to 1. */
export function startProgress(state: () => { share: number; text: string }): { stop(): void } {
  const stream = terminalStream(2);
  if (stream === null) {
    const timer = setInterval(() => note(state().text), LINE_MILLIS);
    return { stop: () => clearInterval(timer) };
  }
  let bar: SingleBar | null = null;
  let isStopped = false;
  const load = async (): Promise<void> => {
    const { SingleBar: Bar } = await import('cli-progress');
    if (isStopped) return;
    bar = new Bar({
      format: '{bar} {percentage} %  {text}',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 20,
      stream,
      clearOnComplete: true,
      hideCursor: false,
      fps: 10,
    });
    bar.start(STEPS, 0, { text: state().text });
  };
  void load();
  const timer = setInterval(() => {
    const { share, text } = state();
    bar?.update(Math.floor(share * STEPS), { text });
  }, BAR_MILLIS);
  return {
    stop() {
      isStopped = true;
      clearInterval(timer);
      bar?.stop();
    },
  };
}
