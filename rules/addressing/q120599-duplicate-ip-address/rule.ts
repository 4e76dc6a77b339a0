/**
 * Q120599: two stations use the same IP address. The older owner answers the announcement of the younger one,
 * or both go on claiming the address in turn. Redundant pairs, proxies and fabrics do the same without a fault.
 */
import type { About } from '../../../src/engine/host-filter.ts';
import { defineRule, type RuleContext } from '../../../src/engine/rule.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import { formatMac } from '../../../src/wire/mac.ts';
import type { AddressClaims } from '../../../src/trackers/claimed-address.ts';
import { article } from './article.ts';
import { type Conflict, foreignAnswers, isFabric, judgeConflict, type Thresholds } from './conflict.ts';
import { HeldAddresses } from './held-addresses.ts';
import { messages } from './messages.ts';
import { options } from './options.ts';
import { pictureOf, pictureOfAnswers, pictureOfAverted } from './picture.ts';

type Context = RuleContext<typeof options>;

export default defineRule({
  meta: {
    article,
    title: 'Duplicate IP address',
    area: 'addressing',
    severity: { definitive: 'error', strong: 'warning', suggestive: 'info' },
    needs: ['addressClaims', 'addressClasses'],
    options,
    messages,
    lookAlikes: [
      'Fail-over, migration or fail-back: the address moves one way, announced, and the loser is silent.',
      'Virtual MAC addresses of VRRP, HSRP, GLBP, CARP, firewall pairs, anycast gateways and NLB clusters.',
      'A proxy or fabric that answers for stations that are elsewhere.',
      'One host with two adapters on one link, or a bond.',
      'A DHCP address given to another station after the first one fell silent.',
    ],
    refutations: [
      'Both MAC addresses belong to one machine, or to a pair that shares the address by design.',
      'The older station was switched off before the younger one announced the address.',
    ],
    couldHide: ['tunnelled', 'linkType', 'truncated', 'withoutTime', 'oversized', 'evicted'],
  },
  create(context) {
    const { stations, addressClaims } = context.trackers;
    const held = new HeldAddresses();
    const counts = { addresses: 0, contested: 0, conflicts: 0 };
    return {
      addressClosed(claims) {
        counts.addresses += 1;
        if (claims.isContested) {
          counts.contested += 1;
          if (!held.hold(claims)) context.undecided('evicted', aboutOf(claims));
          return;
        }
        const verdict = claims.isLeftOut ? 'evicted' : observeSingle(claims, context.options.observeSeconds);
        const about = aboutOf(claims);
        if (verdict === null) context.judged(about);
        else context.undecided(verdict, about);
      },
      end() {
        const { copyOffsetSeconds } = context.trackers;
        const thresholds = { ...context.options, ...context.address, ...context.capture, copyOffsetSeconds };
        for (const claims of held.list) {
          const conflict = judgeConflict(claims, thresholds, stations, context.trackers.dialIn);
          if (conflict !== null && conflict.candidates.length > 0) counts.conflicts += 1;
          conclude(context, claims, conflict);
        }
        for (const averted of addressClaims.averted) {
          const owner = stations.find(averted.domain.index, averted.owner);
          if (owner === undefined || !isFabric(owner, thresholds)) reportAverted(context, averted);
        }
        reportFabrics(context, thresholds);
        context.tell(counts);
      },
    };
  },
});

/** Why an address with one claimant is undecided; null if it was observed long enough in a living capture. */
function observeSingle(claims: AddressClaims, observeSeconds: number): string | null {
  const { liveness } = claims.domain;
  if (liveness.lastTime < claims.firstTime + observeSeconds) return 'endOfCapture';
  return liveness.liveSeconds(claims.firstTime, liveness.lastTime) >= observeSeconds ? null : 'captureGap';
}

function aboutOf({ address, claimants }: AddressClaims): About {
  return { addresses: [address], macs: claimants.map(({ mac }) => mac) };
}

function conclude(context: Context, claims: AddressClaims, conflict: Conflict | null): void {
  const about = aboutOf(claims);
  const isFound = conflict !== null && conflict.candidates.length > 0;
  // Nothing in a record that is not whole: what was left out may be the conflict. Of a fabric nothing is asked.
  if (!isFound && claims.claimsLeftOut > 0 && claims.claimants.length <= context.address.bondMacs)
    context.undecided('evicted', about);
  else context.judged(about);
  if (conflict === null) return;
  const address = formatIpv4(claims.address);
  const macA = formatMac(conflict.macA);
  const macB = formatMac(conflict.macB);
  const base = {
    domain: claims.domain.index,
    subject: address,
    hosts: [address],
    macs: [macA, macB],
    frames: conflict.frames,
    count: conflict.switches,
    data: { address, macA, macB, switches: conflict.switches },
    facts: {
      address,
      claimants: claims.claimants.map((claimant) => formatMac(claimant.mac)).join(', '),
      switches: conflict.switches,
      claims: claims.claims.length + claims.claimsFolded + claims.claimsLeftOut,
    },
    series: pictureOf(claims),
  };
  if (isFound) {
    context.report({
      ...base,
      kind: 'fault',
      candidates: conflict.candidates,
      why: 'why',
      whatToDo: 'whatToDo',
      caveats: ['caveatSpoofing', 'caveatOneHost', 'caveatFabric'],
      // A corrective announcement is a MAC mismatch as well: where that is found to be a fault, this is a part of it.
      countsIn: isCorrected(claims) ? ['Q151387', 'Q193157'] : ['Q151387'],
    });
  } else if (conflict.isMoving) {
    context.report({
      ...base,
      kind: 'notice',
      subkey: 'moves',
      candidates: [{ tier: 'suggestive', absence: null, restsOnMac: true, summary: 'moves' }],
      why: 'whyMoves',
      whatToDo: 'whatToDoMoves',
      caveats: [],
    });
  }
}

function isCorrected(claims: AddressClaims): boolean {
  return claims.claims.some((claim) => claim.kind === 'corrective');
}

function reportAverted(
  context: Context,
  averted: Context['trackers']['addressClaims']['averted'][number],
): void {
  const address = formatIpv4(averted.address);
  const macA = formatMac(averted.owner);
  const macB = formatMac(averted.prober);
  context.report({
    kind: 'notice',
    candidates: [{ tier: 'suggestive', absence: null, restsOnMac: true, summary: 'averted' }],
    domain: averted.domain.index,
    subject: address,
    subkey: 'averted',
    hosts: [address],
    macs: [macA, macB],
    frames: averted.frames,
    count: 1,
    why: 'whyAverted',
    whatToDo: 'whatToDoAverted',
    caveats: [],
    data: { address, macA, macB },
    facts: { address, owner: macA, prober: macB },
    series: pictureOfAverted(averted, (time) => context.secondsOf(time)),
  });
}

/** Stations that answer other stations' probes and announcements for several addresses. */
function reportFabrics(context: Context, thresholds: Thresholds): void {
  for (const station of context.trackers.stations.all()) {
    if (!isFabric(station, thresholds) || context.trackers.stations.isShared(station.domain, station.mac))
      continue;
    const answered = foreignAnswers(station);
    const macA = formatMac(station.mac);
    context.report({
      kind: 'notice',
      candidates: [{ tier: 'suggestive', absence: null, restsOnMac: true, summary: 'answersEverything' }],
      domain: station.domain,
      subject: macA,
      subkey: 'answers-everything',
      hosts: answered.map(formatIpv4).toSorted(),
      macs: [macA],
      frames: station.contestedFrames,
      count: answered.length,
      why: 'whyEverything',
      whatToDo: 'whatToDoEverything',
      caveats: [],
      data: { macA, addresses: answered.length },
      facts: { station: macA, addresses: answered.map(formatIpv4).toSorted().join(', ') },
      series: pictureOfAnswers(station.mac, station.contestedFrames, (time) => context.secondsOf(time)),
    });
  }
}
