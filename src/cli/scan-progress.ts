/** How far a scan is: a bar on a terminal, a line every ten seconds elsewhere. On standard error. */
import type { SingleBar } from 'cli-progress';
import { fitParts, ScanRate, type Tally } from './scan-rate.ts';
import { note, terminalStream } from './terminal.ts';

const LINE_MILLIS = 10_000;
const BAR_MILLIS = 200;
const STEPS = 1000;
/** Characters of the bar; a narrow terminal has a shorter one, or none. */
const BAR_SIZE = { most: 20, least: 6 };
/** Of a terminal that does not tell. */
const DEFAULT_COLUMNS = 80;

/** `bytesInFlight`: how much of the captures at hand has been read. */
export function startScanProgress(tally: Tally, bytesInFlight: () => number): { stop(): void } {
  const started = performance.now();
  const rate = new ScanRate(tally);
  return startProgress(() => rate.state(bytesInFlight(), (performance.now() - started) / 1000));
}

/** `share`: from 0 to 1. `text`: parts with commas between them, of which a narrow terminal shows the first ones. */
export function startProgress(state: () => { share: number; text: string }): { stop(): void } {
  const stream = terminalStream(2);
  if (stream === null) {
    const timer = setInterval(() => note(state().text), LINE_MILLIS);
    return { stop: () => clearInterval(timer) };
  }
  let bar: SingleBar | null = null;
  let isStopped = false;
  let latest = state();
  const load = async (): Promise<void> => {
    const { Format, SingleBar: Bar } = await import('cli-progress');
    if (isStopped) return;
    bar = new Bar({
      format: (options, { progress }) => {
        const percent = `${Math.floor(progress * 100)} %`;
        // The last column stays free: some terminals wrap when it is written to.
        const room = (stream.columns || DEFAULT_COLUMNS) - percent.length - 3;
        const text = fitParts(latest.text, room);
        const barsize = Math.min(BAR_SIZE.most, room - text.length - 1);
        if (barsize < BAR_SIZE.least) return `${percent}  ${text}`;
        return `${Format.BarFormat(progress, { ...options, barsize })} ${percent}  ${text}`;
      },
      barCompleteChar: '█',
      barIncompleteChar: '░',
      stream,
      clearOnComplete: true,
      hideCursor: false,
      fps: 10,
    });
    bar.start(STEPS, Math.floor(latest.share * STEPS));
  };
  void load();
  const timer = setInterval(() => {
    latest = state();
    bar?.update(Math.floor(latest.share * STEPS));
  }, BAR_MILLIS);
  return {
    stop() {
      isStopped = true;
      clearInterval(timer);
      bar?.stop();
    },
  };
}
