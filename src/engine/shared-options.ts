import type { OptionSpecs } from './options.ts';

/** What a capture can prove (rules 0.2). */
export const CAPTURE_OPTIONS = {
  reorderMillis: {
    default: 10,
    description: 'A step back in time up to this is re-ordering; a longer one starts a clock epoch.',
  },
  epochForwardSeconds: {
    default: 3600,
    description: 'A longer step forward between neighbours starts a clock epoch.',
  },
  crossInterfaceSeconds: {
    default: 1,
    description: 'Clock difference that is tolerated between interfaces.',
  },
  dropFraction: {
    default: 0.01,
    max: 1,
    description: 'Above this share of lost packets, absence proves nothing strong.',
  },
  ackedUnseenAcks: {
    default: 5,
    description: 'So many acknowledgements of data never seen mean that the capture lost packets.',
  },
  multiPointPackets: {
    default: 20,
    description: 'So many control packets that recur mean several taps of one path.',
  },
  multiPointFraction: { default: 0.01, max: 1, description: 'Or this share of all control packets.' },
  multiPointSeconds: { default: 2, description: 'The latest a copy from another tap may come.' },
  multiPointSpreadMillis: {
    default: 5,
    description: 'How far the offsets of such copies may lie from their median.',
  },
  duplicateMillis: {
    default: 5,
    description: 'Identical packets closer than this are one packet recorded twice.',
  },
  lossSampleConnections: {
    default: 256,
    max: 4096,
    description: 'Connections on which acknowledgements of unseen data are looked for.',
  },
  aliveFrames: { default: 8, description: 'The longest gap of a living capture, in mean packet distances.' },
  aliveGapMinSeconds: { default: 2, description: 'Lower bound of that gap.' },
  aliveGapMaxSeconds: { default: 30, description: 'Upper bound of that gap.' },
  aliveRateSeconds: {
    default: 60,
    description: 'The stretch before a gap over which the packet rate is taken.',
  },
  aliveLongSeconds: { default: 600, description: 'Over longer spans the upper bound alone counts.' },
} as const satisfies OptionSpecs;

/** What an address is (rules 0.3, 0.4). */
export const ADDRESS_OPTIONS = {
  nlbFrames: {
    default: 10,
    description: 'Frames that make a masked source address one of a load-balancing cluster.',
  },
  routerSources: {
    default: 4,
    description: 'IPv4 sources behind one MAC address that make it a router or bridge.',
  },
  routerSeconds: { default: 60, description: 'The time in which they must show.' },
  routerOffLink: { default: 2, description: 'How many of them must not be on the link.' },
  proxyAddresses: { default: 3, description: 'Addresses answered for that make a proxy.' },
  bridgeAddresses: {
    default: 2,
    description:
      'Addresses whose ARP sender differs from the Ethernet source that make a translating bridge.',
  },
  bondMacs: { default: 8, description: 'The most MAC addresses one bonded host uses.' },
  bondPhaseSeconds: {
    default: 5,
    description: 'Phases of a bond that alternates its MAC addresses are shorter.',
  },
  announceSeconds: {
    default: 3,
    description: 'An announcement this close to a change of owner announces it.',
  },
} as const satisfies OptionSpecs;
