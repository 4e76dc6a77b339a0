/**
 * Q193157: the MAC address of an adapter changes at run time and TCP/IP goes on using the old one. Frames leave with the new
 * address while ARP names the old one, or everything names the old one and only broadcasts arrive.
 */
import type { About } from '../../../src/engine/host-filter.ts';
import type { FindingReport, RuleContext } from '../../../src/engine/rule.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import type { AddressPhases } from '../../../src/trackers/mac-phases-address.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import { formatMac } from '../../../src/wire/mac.ts';
import { article } from './article.ts';
import {
  assessPhase,
  type AssessedPhase,
  excuseOf,
  framesOf,
  isTwoWay,
  type ObservedPhase,
  observePhase,
} from './assess.ts';
import { messages } from './messages.ts';
import { options } from './options.ts';
import { pictureOf } from './picture.ts';
import type { Thresholds } from './proof.ts';
import { Subjects } from './subjects.ts';

type Context = RuleContext<typeof options>;

/** An address that did more than stay on one MAC address. */
interface Changed {
  readonly owner: AddressPhases;
  readonly phases: readonly ObservedPhase[];
  /** Why it would be undecided if nothing had happened; null if it was observed long enough. */
  readonly steady: string | null;
}

/** Addresses with changes held until the end of the capture, over all its clock epochs. */
const MAX_CHANGED = 2048;

const RANK = { definitive: 3, strong: 2, suggestive: 1 } as const;

export default defineRule({
  meta: {
    article,
    title: 'Stale MAC address in ARP',
    area: 'addressing',
    severity: { definitive: 'error', strong: 'warning', suggestive: 'info' },
    needs: ['macPhases', 'addressClaims', 'addressClasses'],
    options,
    messages,
    lookAlikes: [
      'NLB clusters that mask the source MAC address, and every other MAC address shared by design.',
      'Bonds and teams that send under several MAC addresses and receive on one.',
      'Wireless and other bridges that put their own MAC address on frames of others; proxies.',
      'Fail-over, migration, a replaced adapter or a new lease: announced, or acknowledged by DHCP.',
      'The corrective announcement after an address conflict.',
      'Remote addresses whose path changes from one router to another.',
    ],
    refutations: [
      'Frames to the old MAC address still reach the station by a path that was not captured.',
      'Two machines stand behind the two MAC addresses.',
    ],
    couldHide: ['tunnelled', 'linkType', 'truncated', 'withoutTime', 'oversized', 'evicted'],
  },
  create(context) {
    const { options: own, address } = context;
    const thresholds: Thresholds = {
      ...own,
      announceSeconds: address.announceSeconds,
      bondMacs: address.bondMacs,
    };
    const changed: Changed[] = [];
    const subjects = new Subjects(context);
    return {
      macPhasesClosed(owner) {
        const steady = observeSteady(context, owner);
        if (isSteady(owner)) {
          if (isSubject(context, owner)) subjects.steady(owner, aboutOf(owner), steady);
          return;
        }
        if (changed.length >= MAX_CHANGED) {
          subjects.changed(owner, aboutOf(owner), 'evicted', isChanged(owner));
          return;
        }
        const answersEchoes =
          context.trackers.macPhases?.answersEchoes(owner.domain.index, owner.address) ?? false;
        const phases = owner.phases.map((phase) => observePhase(phase, owner, thresholds, answersEchoes));
        changed.push({ owner, phases, steady });
      },
      end() {
        for (const { owner, phases, steady } of changed) {
          const outcome = conclude(context, thresholds, owner, phases);
          if (outcome === 'steady') subjects.steady(owner, aboutOf(owner), steady);
          else subjects.changed(owner, aboutOf(owner), outcome, isChanged(owner));
        }
        for (let left = context.trackers.macPhases?.movedUnseen ?? 0; left > 0; left -= 1)
          context.undecided('notVisible');
        context.tell(subjects.tell());
      },
    };
  },
});

function aboutOf({ address, home, phases }: AddressPhases): About {
  return { addresses: [address], macs: [home, ...phases.flatMap(({ oldMac, newMac }) => [oldMac, newMac])] };
}

/** Nothing happened to it that needs all of the capture to be judged. */
function isSteady(owner: AddressPhases): boolean {
  return owner.phases.length === 0 && !owner.isLeftOut;
}

/** It was seen under another MAC address, or named another one. */
function isChanged({ phases, announcedChanges }: AddressPhases): boolean {
  return announcedChanges > 0 || phases.some(({ kind }) => kind !== 'deaf');
}

/** An address that somebody only answers for, and for others as well, is not known to be on the link (rules 0.3). */
function isSubject({ trackers }: Context, owner: AddressPhases): boolean {
  if (owner.speaks) return true;
  const station = trackers.stations.find(owner.domain.index, owner.home);
  return station === undefined || !trackers.stations.isProxy(station);
}

/** Why an address that stayed on its MAC address is undecided; null if it was observed, or a change of it was in order. */
function observeSteady({ options: own, trackers }: Context, owner: AddressPhases): string | null {
  const { domain, firstTime, home } = owner;
  const mayBeDeaf = owner.repeatedHistory >= own.deafHistory && !owner.isShared && !owner.isTranslated;
  if (mayBeDeaf) return 'notVisible';
  if (owner.announcedChanges > 0 || owner.shortPhases > 0 || owner.isShared || owner.isTranslated)
    return null;
  const mac = trackers.sources.macOf(domain.index, owner.address);
  if (Number.isNaN(mac)) return 'notVisible';
  if (owner.isAway(trackers.sources.framesOf(domain.index, owner.address))) return 'notOnLink';
  if (mac !== home) return null;
  const { liveness } = domain;
  if (liveness.lastTime < firstTime + own.judgeSeconds) return 'endOfCapture';
  return liveness.liveSeconds(firstTime, liveness.lastTime) >= own.judgeSeconds ? null : 'captureGap';
}

/** Reports an address's phases; answers `found`, null where all is in order, `steady` where nothing changed, or why it is undecided. */
function conclude(
  context: Context,
  thresholds: Thresholds,
  owner: AddressPhases,
  phases: readonly ObservedPhase[],
): string | null {
  const { stations } = context.trackers;
  if (owner.isLeftOut && phases.length === 0) return 'evicted';
  const assessed: AssessedPhase[] = [];
  let undecided: string | null = phases.every(({ phase }) => phase.kind === 'deaf') ? 'steady' : null;
  for (const observed of phases) {
    if (excuseOf(owner, observed.phase, stations, thresholds) !== null) continue;
    if (!owner.isFirstHop) return 'notOnLink';
    const result = assessPhase(observed, owner, stations, thresholds);
    if (result.candidates.length > 0) assessed.push(result);
    else undecided ??= undecidedReason(observed, owner);
  }
  if (assessed.length === 0) return undecided;
  const tier = context.report(describe(owner, assessed, (time) => context.secondsOf(time)));
  return tier === null ? 'drops' : 'found';
}

/** Why a change that reached no tier is undecided; null if it was in order. */
function undecidedReason({ phase }: ObservedPhase, owner: AddressPhases): string | null {
  if (phase.kind === 'deaf') return null;
  if (phase.end === 'announced' || phase.end === 'takenOver' || phase.end === 'answered') return null;
  if (phase.end === 'clockStep') return 'clockStep';
  // What peers send to the old MAC address is seen, and nothing that the station sends to them.
  const isHeardAlone = phase.receivedUnicast && !phase.sentUnicast;
  if (isHeardAlone || !isTwoWay(phase, owner)) return 'oneDirection';
  return 'tooFew';
}

function describe(
  owner: AddressPhases,
  assessed: readonly AssessedPhase[],
  secondsOf: Context['secondsOf'],
): FindingReport {
  const rankOf = ({ candidates }: AssessedPhase) => Math.max(...candidates.map(({ tier }) => RANK[tier]));
  const [best] = assessed.toSorted((a, b) => rankOf(b) - rankOf(a)) as [AssessedPhase];
  const { phase, proof } = best;
  const address = formatIpv4(owner.address);
  const oldMac = formatMac(phase.oldMac);
  const newMac = formatMac(phase.newMac);
  const isDeaf = phase.kind === 'deaf';
  const recovery = assessed.find(({ phase: { end } }) => end === 'returned' || end === 'announced');
  const total = (count: (one: AssessedPhase) => number): number =>
    assessed.reduce((sum, one) => sum + count(one), 0);
  const unanswered = total((one) => one.proof?.frames.length ?? 0);
  return {
    kind: 'fault',
    candidates: assessed.flatMap(({ candidates }) => candidates),
    domain: owner.domain.index,
    subject: address,
    hosts: [address],
    macs: isDeaf ? [oldMac] : [oldMac, newMac],
    frames: assessed.flatMap(framesOf),
    count: assessed.length,
    why: isDeaf ? 'whyDeaf' : 'why',
    whatToDo: 'whatToDo',
    caveats: isDeaf ? ['caveatFirewall', 'caveatElsewhere'] : ['caveatFilter', 'caveatElsewhere'],
    data: {
      address,
      oldMac,
      newMac,
      staleArp: phase.staleArp,
      unanswered: proof?.frames.length ?? 0,
      requests: phase.requests,
    },
    facts: {
      address,
      oldMac,
      ...(isDeaf
        ? { identicalRequests: phase.requests }
        : { newMac, arpWithOldMac: total((one) => one.phase.staleArp) }),
      framesToOldMac: total((one) => one.phase.traffic.frames),
      unanswered,
      phases: assessed.length,
      recovered: recovery !== undefined,
      ...(recovery === undefined
        ? {}
        : { recoveredAfterSeconds: round(recovery.phase.to - recovery.phase.from) }),
    },
    series: pictureOf(assessed, secondsOf),
  };
}

function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
