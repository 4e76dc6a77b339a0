import type { OptionSpecs } from '../../../src/engine/options.ts';

/** Thresholds of rules section 0.5; the protocol times come from RFC 5227. */
export const options = {
  aliveSeconds: { default: 60, description: 'A station that shows itself within this time is alive.' },
  defendSeconds: {
    default: 10,
    description: "An announcement this soon after another station's claim defends the address.",
  },
  answerSeconds: {
    default: 1,
    description: 'The time in which the older owner answers an announcement or a probe.',
  },
  switches: {
    default: 3,
    min: 1,
    description: 'Changes of claimant in quick succession that make a conflict.',
  },
  switchSeconds: { default: 30, description: 'The time in which they must happen.' },
  defences: { default: 2, description: 'Defences in that time that stand for unannounced changes.' },
  slowSwitches: {
    default: 4,
    min: 1,
    description: 'Unannounced changes of claimant of quiet stations that make a conflict.',
  },
  slowSeconds: { default: 3600, description: 'The time in which they must happen.' },
  returnSeconds: { default: 600, description: 'The time in which a former claimant must come back.' },
  doubleAnswerMillis: { default: 500, description: 'Two answers to one request this close together.' },
  fluxMillis: {
    default: 10,
    description: 'Two answers this close together may come from one host with two adapters.',
  },
  fluxAnswers: { default: 3, min: 1, description: 'How often they must.' },
  proxyOthers: { default: 2, description: 'Other addresses answered for that make a proxy.' },
  observeSeconds: {
    default: 60,
    description: 'An address with one claimant is judged after so much living capture.',
  },
} as const satisfies OptionSpecs;
