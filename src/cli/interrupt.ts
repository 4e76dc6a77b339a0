/** Ctrl-C: the first one ends the analysis with a report of what was read, the second one ends the program. */

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives the signal back to its default. */
  release(): void;
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
