import type { OptionSpecs } from '../../../src/engine/options.ts';

/** Thresholds of rules section 3. */
export const options = {
  beforeFrames: {
    default: 3,
    description: 'Frames of the address under its old MAC address before the change.',
  },
  beforeSpanSeconds: { default: 1, description: 'The time that they span.' },
  phaseFrames: { default: 3, description: 'Frames of the address under its new MAC address.' },
  phaseSeconds: { default: 5, description: 'The time that they span, none under the old one among them.' },
  noAnnounceSeconds: {
    default: 10,
    description: 'A change that nothing announces for so long before and after was never announced.',
  },
  arpBeforeSeconds: {
    default: 60,
    description:
      'A broadcast ARP packet this shortly before the change shows that announcements would be seen.',
  },
  settleSeconds: {
    default: 1,
    description: 'What goes to the old MAC address is counted from so long after the change.',
  },
  ackSeconds: { default: 3, description: 'An acknowledgment within this time answers a TCP segment.' },
  echoSeconds: { default: 2, description: 'A reply within this time answers an echo request.' },
  unansweredFrames: { default: 3, description: 'Frames without an answer that make a proof.' },
  unansweredSpanSeconds: { default: 5, description: 'The time that they span.' },
  unansweredFlows: { default: 2, description: 'Flows that they must come from.' },
  flowRetransmits: { default: 3, description: 'Retransmissions that make one flow enough.' },
  aliveFrames: {
    default: 3,
    description: 'Frames from the MAC address in use that show its station alive over that time.',
  },
  staleFrames: {
    default: 3,
    description: 'Unicast frames to the address at its old MAC address that show what peers believe.',
  },
  staleShaFrames: {
    default: 2,
    description: 'ARP packets with the old MAC address inside that suffice where peers are quiet.',
  },
  deafHistory: {
    default: 3,
    description: 'ARP exchanges of a deaf station that must have worked before.',
  },
  deafRequests: { default: 3, description: 'Identical, answered requests that make a station look deaf.' },
  deafGapSeconds: { default: 10, description: 'The most time between two of them.' },
  deafReplySeconds: { default: 1, description: 'The time in which each must be answered.' },
  judgeSeconds: {
    default: 60,
    description: 'An address with one MAC address is judged after so much living capture.',
  },
} as const satisfies OptionSpecs;
