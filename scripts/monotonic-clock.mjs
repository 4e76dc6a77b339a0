/** Start-up. Node loads eleven modules, 2 ms, when a program first uses `performance`, and none for this. */
export const performance = {
  /** Milliseconds since some time that is the same throughout the run. */
  now() {
    const [seconds, nanos] = process.hrtime();
    return seconds * 1000 + nanos / 1_000_000;
  },
};
