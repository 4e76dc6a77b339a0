import type { OptionSpecs } from '../../../src/engine/options.ts';

/** Thresholds of rules section 2; the protocol times come from RFC 2131. */
export const options = {
  rebootSeconds: {
    default: 60,
    description:
      "A broadcast REQUEST with ciaddr this soon after the client's first frame is a check after a reboot.",
  },
  graceFraction: { default: 0.02, max: 1, description: 'Grace after expiry as a share of the lease.' },
  graceMinSeconds: { default: 10, description: 'Lower bound of the grace after expiry.' },
  graceMaxSeconds: { default: 300, description: 'Upper bound of the grace after expiry.' },
  answerSeconds: {
    default: 10,
    description: 'A request with no server message within this time was left unanswered.',
  },
  tailSeconds: {
    default: 10,
    description: 'Bare acknowledgments this close to the end of their connection are its tail, not use.',
  },
  useFrames: { default: 3, min: 1, description: 'Frames from the address past its lease that make a use.' },
  useIpFrames: { default: 2, description: 'How many of them must be IPv4.' },
  shortLeaseSeconds: {
    default: 60,
    description:
      'Use past a lease shorter than this is suggestive at most, unless another client holds the address.',
  },
  attemptRequests: { default: 2, description: 'Unanswered renewals that show that the client tried.' },
  attemptDiscovers: {
    default: 1,
    description: 'Unanswered DISCOVERs after expiry that show that the client knew.',
  },
  useSpanSeconds: { default: 30, description: 'The time the use must last for a definitive finding.' },
  secondEarlySeconds: {
    default: 1,
    description: 'How early before expiry the address may be given to another client.',
  },
  secondUseFrames: {
    default: 3,
    min: 1,
    description: 'Frames of the first client after another one got the address.',
  },
  secondSpanSeconds: { default: 5, description: 'The time they must span.' },
  unseenFrames: {
    default: 5,
    min: 1,
    description: 'Frames that are needed where no renewal attempt was seen.',
  },
  unseenSpanSeconds: { default: 30, description: 'The least time they must span.' },
  unseenSpanFraction: {
    default: 0.1,
    max: 1,
    description: 'The time they must span, as a share of the lease.',
  },
  unseenOthers: {
    default: 2,
    description: 'Other clients whose unicast renewals show that this tap sees renewals.',
  },
  blindClients: {
    default: 2,
    description: 'So many clients without a renewal attempt mean a tap that does not see renewals.',
  },
  blindFraction: {
    default: 0.2,
    max: 1,
    description: 'If they are more than this share of the judged leases.',
  },
  noAckDiscovers: {
    default: 2,
    description: 'Unanswered DISCOVERs where the lease itself was not captured.',
  },
  noAckFrames: { default: 5, min: 1, description: 'IPv4 frames where the lease itself was not captured.' },
  noAckSpanSeconds: { default: 30, description: 'The time they must span.' },
  weakSpanSeconds: { default: 5, description: 'The time the use must last for a suggestive finding.' },
  judgeSeconds: {
    default: 30,
    description: 'A lease is judged if the capture goes on this long after expiry and grace.',
  },
  resumeSilenceSeconds: {
    default: 60,
    description: 'A client that was silent this long before its first use was asleep.',
  },
  resumeDhcpSeconds: { default: 30, description: 'If it also speaks DHCP this close to that frame.' },
} as const satisfies OptionSpecs;
