import type { OptionSpecs } from '../../../src/engine/options.ts';

/** Thresholds of rules section 4. */
export const options = {
  serverLinks: {
    default: 2,
    min: 1,
    description: 'Calls on which IPCP shows who the server is, where its set-up does not.',
  },
  terminateSeconds: {
    default: 3,
    description: 'A Terminate-Request without an answer ends the call after this time.',
  },
  echoMisses: { default: 3, min: 1, description: 'Unanswered LCP echoes in a row that end a call.' },
  softReleaseSeconds: {
    default: 120,
    description: 'A call that is silent for this long may be over; that proves nothing.',
  },
  ipcpRequests: {
    default: 3,
    min: 1,
    description: 'IPCP requests that are never answered, while LCP is, that make a refusal.',
  },
  refusedIdentities: {
    default: 2,
    min: 1,
    description: 'Callers refused that show that it is not the caller, if none of them is served.',
  },
  refusals: {
    default: 2,
    min: 1,
    description: 'Refusals with a lost address that make a definitive finding.',
  },
  releaseSettleSeconds: {
    default: 5,
    description: 'So long before a refusal the lost address must have been released.',
  },
  skipRounds: {
    default: 2,
    min: 1,
    description: 'How often every other address must have been given again while one is skipped.',
  },
  skipAssignments: { default: 6, min: 1, description: 'Assignments after the release of a skipped address.' },
  skipIdentities: {
    default: 2,
    min: 1,
    description: 'Callers that held an address, which show that it belongs to the pool.',
  },
  fifoReassignments: {
    default: 4,
    min: 1,
    description: 'Assignments that took the address which was free for longest, as a sign of order.',
  },
  fifoRounds: {
    default: 2,
    min: 1,
    description: 'Full rounds in that order that passed over the skipped address.',
  },
  skipPoolMin: { default: 3, description: 'Addresses of the smallest pool in which a skip means anything.' },
  lanProxied: {
    default: 2,
    min: 1,
    description: 'Addresses besides its own that a dial-in server answers ARP for.',
  },
  lanSilenceSeconds: { default: 60, description: 'Silence of a caller after which its address is in doubt.' },
  lanRequests: { default: 3, min: 1, description: 'Packets to the address in that time.' },
  lanUnreachables: {
    default: 3,
    min: 1,
    description: 'Host-unreachable messages of the server about the address.',
  },
  lanSpanSeconds: { default: 30, description: 'The time they must span.' },
  lanMaxProxied: {
    default: 64,
    description: 'A station that answers ARP for more addresses does so for a whole prefix.',
  },
  clearReleases: {
    default: 10,
    min: 1,
    description: 'Releases followed by a new assignment of the address that make a server healthy.',
  },
} as const satisfies OptionSpecs;
