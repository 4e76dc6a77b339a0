import type { OptionSpecs } from '../../../src/engine/options.ts';

/** Thresholds of rules section 5.7. */
export const options = {
  conflictBeats: { default: 3, min: 1, description: 'Heartbeats of each side of a conflict.' },
  conflictSeconds: { default: 30, description: 'The time over which both sides must go on.' },
  judgeBeats: { default: 8, min: 1, description: 'Heartbeats of a host that is judged.' },
} as const satisfies OptionSpecs;
