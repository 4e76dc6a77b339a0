/** The progress bar: on standard error, on a terminal, and only once an analysis has taken a while. */
import type { SingleBar } from 'cli-progress';
import { formatBytes, formatCount } from '../report/units.ts';

/** As the engine reports it; `progress` is 0 to 1, or null where the size is unknown. */
export interface ProgressState {
  readonly progress: number | null;
  readonly packets: number;
  readonly bytes: number;
}

export interface Progress {
  update(state: ProgressState): void;
  /** Clears the line. */
  stop(): void;
}

/** An analysis shorter than this shows no bar. */
const DELAY_MILLIS = 400;
const STEPS = 1000;

export function createProgress(): Progress {
  const startedAt = performance.now();
  let bar: SingleBar | null = null;
  let isLoading = false;
  let isStopped = false;

  async function load(hasTotal: boolean): Promise<void> {
    isLoading = true;
    const { SingleBar: Bar } = await import('cli-progress');
    if (isStopped) return;
    bar = new Bar({
      format: hasTotal ? '{bar} {percentage} %  {packets} packets  {size}' : '{packets} packets  {size}',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 30,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: false,
      fps: 10,
    });
    bar.start(STEPS, 0, { packets: '0', size: '' });
  }

  return {
    update({ progress, packets, bytes }) {
      if (bar === null) {
        if (!isLoading && performance.now() - startedAt >= DELAY_MILLIS) void load(progress !== null);
        return;
      }
      bar.update(Math.floor((progress ?? 0) * STEPS), {
        packets: formatCount(packets),
        size: formatBytes(bytes),
      });
    },
    stop() {
      isStopped = true;
      bar?.stop();
    },
  };
}
