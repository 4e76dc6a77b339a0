import type { OptionSpecs } from '../../../src/engine/options.ts';

/** Thresholds of rules section 1; TIME-WAIT and the retransmission times are those of the articles. */
export const options = {
  scannerTargets: { default: 20, description: 'Destinations from which on a source may be a scanner.' },
  scannerFailFraction: {
    default: 0.5,
    max: 1,
    description: 'Share of its destinations that gave no connection, above which it is one.',
  },
  zeroStepFraction: {
    default: 0.2,
    max: 1,
    description: 'Share of repeated numbers above which a source is left out.',
  },
  sameIsnTuples: {
    default: 3,
    min: 2,
    description: 'Connections with one and the same number that leave a source out.',
  },
  stepMinMillis: { default: 1, description: 'Numbers closer together in time than this make no step.' },
  seriesGapSeconds: { default: 600, description: 'A pause longer than this begins a new series.' },
  isnBound: {
    default: 5e7,
    description:
      'A larger step, either way, is no increment; random numbers stay below it in 2.3 % of cases.',
  },
  maxBackwardStep: {
    default: 2_097_152,
    description: 'The largest step backward of a generator with random increments.',
  },
  medianDeviation: {
    default: 1e6,
    description: 'The largest median deviation of the steps from a steady increase.',
  },
  jumpFraction: { default: 0.1, max: 1, description: 'The largest share of steps beyond `isnBound`.' },
  minSamples: { default: 9, min: 3, description: 'Numbers that a series must have.' },
  inBoundSteps: {
    default: 7,
    description: 'Other steps within `isnBound` that make a step backward significant.',
  },
  timeWaitSeconds: {
    default: 240,
    description: 'How long after its close a connection may still be held (Q149532).',
  },
  answerSeconds: { default: 3, description: 'The time in which the first SYN is answered.' },
  hangSeconds: { default: 9.5, description: 'Without a handshake for so long, an attempt hangs.' },
  ttlMin: { default: 65, max: 255, description: 'The lowest TTL of a host that starts from 128.' },
  ttlMax: { default: 128, max: 255, description: 'The highest.' },
  otherSteps: { default: 3, description: 'Other steps of the opener, all within `isnBound`.' },
  silentRetransmits: { default: 2, description: 'Retransmissions that make silence.' },
  livenessAnswers: {
    default: 2,
    description: 'Connections accepted meanwhile that show the listener alive.',
  },
  livenessTailSeconds: {
    default: 1,
    description: 'How long after the last retransmission they still count.',
  },
  resets: { default: 3, description: 'Resets that make a refusal.' },
  resetAliveSeconds: {
    default: 5,
    description: 'How close to each reset the listener must accept another connection.',
  },
  rounds: {
    default: 2,
    description: 'Rounds of SYN, old acknowledgment and reset that prove the old connection.',
  },
  strongSamples: { default: 12, description: 'Numbers that a series must have to be more than suggestive.' },
  strongBackward: { default: 3, description: 'Steps backward that it must have with a failed attempt.' },
  strongBackwardFraction: {
    default: 0.1,
    max: 1,
    description: 'Their least share of all steps.',
  },
  aloneBackward: { default: 5, description: 'Steps backward that it must have without one.' },
  natLanes: { default: 4, description: 'The most hosts that are told apart behind one address.' },
  laneSamples: { default: 4, description: 'Numbers that each of them must have.' },
  laneGapRatio: {
    default: 10,
    description: 'How much farther apart they must be than the steps of one host.',
  },
  freshResets: {
    default: 2,
    description: 'Resets of other attempts that make resets a habit of the server.',
  },
  freshResetSeconds: { default: 60, description: 'The time around the attempt in which they count.' },
} as const satisfies OptionSpecs;
