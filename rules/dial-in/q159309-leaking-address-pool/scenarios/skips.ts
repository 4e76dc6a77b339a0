/** P6 and P8: nobody is refused, but an address is passed over while the others go round. And the thresholds of that. */
import { ENCODINGS } from '../../../../samples/craft/index.ts';
import type { Expectation, Scenario, Script } from '../../../../samples/craft/index.ts';
import {
  CLEAR,
  SILENT,
  STRONG,
  SUGGESTIVE,
  SUGGESTIVE_AT_MOST,
  TOO_FEW,
  lookAlike,
  positive,
  threshold,
} from './expectations.ts';
import { Ras } from './ras.ts';

/** Seconds a visit takes, and from one to the next. */
const VISIT = 12;
const EVERY = 20;

type UserOf = (index: number, address: string) => string;

/** One visit after the other from `at` on, each by another user. Returns the time after the last. */
function goRound(
  ras: Ras,
  at: number,
  addresses: readonly string[],
  firstUser: number,
  userOf: UserOf = (index) => `u${firstUser + index}`,
): number {
  ras.visits(
    addresses.map(
      (address, index) => [at + index * EVERY, userOf(index, address), address, 'later'] as const,
    ),
    VISIT,
  );
  return at + addresses.length * EVERY;
}

const ROUNDS = ['.13', '.14', '.11', '.13', '.14', '.11', '.13', '.14'] as const;

/**
 * First in, first out over .11 to .14: two users have held .12 when it is lost, at 107 s. .13 and .14 have been free for longer
 * then; .11 is still held, and freed after it. So .12 is due from the third later assignment on.
 */
function passedOver(later: readonly string[], userOf?: UserOf): Script {
  const ras = new Ras();
  for (const [index, address] of ['.11', '.12', '.13', '.14'].entries()) {
    ras.visits([[5 + index * EVERY, `u${index + 1}`, address]], VISIT);
  }
  ras
    .gets(85, 'u5', '.11')
    .gets(95, 'u6', '.12', { mark: 'assigned' })
    .hangsUp(107, 'u6', { how: 'terminate' }, 'release')
    .hangsUp(125, 'u5');
  return ras.end(goRound(ras, 130, later, 7, userOf) + 10);
}

/** P8: .12 is lost in the first round, and the second one passes it over. */
function oneCycle(addresses: readonly string[]): Script {
  const ras = new Ras();
  ras.visits([[5, 'u1', '.11']], VISIT);
  ras.visits([[25, 'u2', '.12', 'assigned']], VISIT, 'release');
  return ras.end(goRound(ras, 45, addresses, 3) + 10);
}

interface DemandFields {
  readonly lost: string;
  readonly others: readonly string[];
  /** Users who held the lost address, one after the other. */
  readonly holders: number;
  /** Visits between the loss and the time when all others are held at once. */
  readonly visits: readonly string[];
}

/** All other addresses are held when a caller, who is never served, is refused: nobody else can have the lost one. */
function demanded({ lost, others, holders, visits }: DemandFields): Script {
  const ras = new Ras();
  let at = 5;
  for (const [index, address] of others.entries()) {
    ras.visits([[at, `u${index + 1}`, address]], VISIT);
    at += EVERY;
  }
  for (let holder = 1; holder <= holders; holder += 1) {
    const mark = holder === holders ? 'assigned' : 'earlier';
    ras.visits([[at, `h${holder}`, lost, mark]], VISIT, 'release');
    at += EVERY;
  }
  at = goRound(ras, at, visits, 10);
  for (const [index, address] of others.entries()) {
    ras.gets(at + index * 3, `v${index}`, address, { mark: 'later' });
  }
  ras.isRefused(at + 20, 'u99', 'ipcpTerminate', { mark: 'demand' });
  for (const index of others.keys()) ras.hangsUp(at + 30 + index, `v${index}`);
  return ras.end(at + 45);
}

/** Two addresses in turn, `released` times hung up and given again; the last two calls stay up. */
export function inTurn(released: number): Ras {
  const ras = new Ras();
  for (let call = 0; call < released + 2; call += 1) {
    const at = 3 + call * 11;
    ras.gets(at, `u${call + 1}`, call % 2 === 0 ? '.11' : '.12');
    if (call < released) ras.hangsUp(at + 8, `u${call + 1}`);
  }
  return ras;
}

const PROOF = ['assigned', 'release', 'later'];

export const skips: readonly Scenario[] = [
  positive(
    'P6',
    'first in, first out: .12 is passed over in two full rounds',
    { ...STRONG, cites: PROOF },
    () => passedOver(ROUNDS),
    [ENCODINGS.pcapngBigNano, ENCODINGS.vlan],
  ),
  positive(
    'P8',
    '.12 is passed over in one round',
    { ...SUGGESTIVE, cites: PROOF },
    () => oneCycle(['.13', '.14', '.11', '.13', '.14', '.11']),
    [ENCODINGS.pcapNano, ENCODINGS.pcapng],
  ),
];

/** Two users for each address, one after the other; each gets the address that he had before. */
const sameAsBefore: UserOf = (index, address) =>
  index % 6 < 3 ? `v${address}` : address === '.11' ? 'u1' : `u${address.slice(2)}`;

export const skipLookAlikes: readonly Scenario[] = [
  lookAlike(
    'P6-kept',
    'each user gets the address that he had before; who had .12 does not call again',
    SUGGESTIVE_AT_MOST,
    () => passedOver(ROUNDS, sameAsBefore),
  ),
];

const skipOption = (option: string, at: string, expect: Expectation, build: () => Script): Scenario =>
  threshold(option, at, expect, build);

const THREE = { lost: '.12', others: ['.11', '.13', '.14'], holders: 2 } as const;
const TWO = { lost: '.12', others: ['.11', '.13'], holders: 2 } as const;
const LOWEST = { lost: '.11', others: ['.12', '.13'], visits: ['.12', '.13', '.12', '.13'] } as const;

/** The last calls of `demanded` are assignments, too. */
export const skipThresholds: readonly Scenario[] = [
  skipOption('skipRounds', '1 below', SUGGESTIVE, () =>
    demanded({ ...THREE, visits: ['.13', '.14', '.13', '.14'] }),
  ),
  skipOption('skipRounds', '2 at', STRONG, () =>
    demanded({ ...THREE, visits: ['.13', '.14', '.11', '.13', '.14'] }),
  ),
  skipOption('skipRounds', '3 above', STRONG, () =>
    demanded({ ...THREE, visits: ['.13', '.14', '.11', '.13', '.14', '.11'] }),
  ),
  skipOption('skipAssignments', '5 below', SUGGESTIVE, () =>
    demanded({ ...TWO, visits: ['.13', '.11', '.13'] }),
  ),
  skipOption('skipAssignments', '6 at', STRONG, () =>
    demanded({ ...TWO, visits: ['.13', '.11', '.13', '.11'] }),
  ),
  skipOption('skipAssignments', '7 above', STRONG, () =>
    demanded({ ...TWO, visits: ['.13', '.11', '.13', '.11', '.13'] }),
  ),
  // At the end of the range and held by one user: it may have been that user's alone.
  skipOption('skipIdentities', '1 below', SUGGESTIVE_AT_MOST, () => demanded({ ...LOWEST, holders: 1 })),
  skipOption('skipIdentities', '2 at', STRONG, () => demanded({ ...LOWEST, holders: 2 })),
  skipOption('skipIdentities', '3 above', STRONG, () => demanded({ ...LOWEST, holders: 3 })),
  // Eight assignments of which two took the address that had been free for longest.
  skipOption('fifoReassignments', '2 below', SUGGESTIVE, () =>
    passedOver(['.14', '.11', '.13', '.11', '.13', '.11', '.14', '.11']),
  ),
  skipOption('fifoRounds', '1 below', SUGGESTIVE, () => passedOver(ROUNDS.slice(0, 5))),
  skipOption('fifoRounds', '3 above', STRONG, () => passedOver([...ROUNDS, '.11', '.13', '.14'])),
  skipOption('skipPoolMin', '2 below', SILENT, () => oneCycle(['.11', '.11', '.11'])),
  skipOption('skipPoolMin', '3 at', SUGGESTIVE, () => oneCycle(['.13', '.11', '.13', '.11'])),
  skipOption('skipPoolMin', '5 above', SUGGESTIVE, () =>
    oneCycle(['.13', '.14', '.15', '.11', '.13', '.14', '.15', '.11']),
  ),
  skipOption('clearReleases', '9 below', TOO_FEW, () => inTurn(9).end(140)),
  skipOption('clearReleases', '10 at', CLEAR, () => inTurn(10).end(150)),
  skipOption('clearReleases', '11 above', CLEAR, () => inTurn(11).end(160)),
];
