/** Ctrl-C: the first one ends the analysis with a report of what was read, the second one ends the program. */
import { EXIT } from './exit.ts';
import { note } from './terminal.ts';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives the signal back to its default. */
  release(): void;
}

/** From here on a signal that nobody else waits for ends the program with a line that says so. */
export function endOnInterrupt(): void {
  process.on('SIGINT', end);
}

/** What follows may block where no handler ever runs, as the opening of a pipe does: the system is to end the program. */
export function leaveInterruptToSystem(): void {
  process.off('SIGINT', end);
}

function end(): void {
  if (process.listenerCount('SIGINT') > 1) return;
  note('interrupted');
  process.exit(EXIT.interrupted);
}

export function catchInterrupt(): Interrupt {
  const controller = new AbortController();
  const release = (): void => {
    process.off('SIGINT', onSignal);
  };
  const onSignal = (): void => {
    release();
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  return { signal: controller.signal, release };
}
