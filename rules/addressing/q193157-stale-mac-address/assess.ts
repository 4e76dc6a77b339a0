/** One address against section 3 of the rules: which tiers its phases reach, and what excuses them. */
import type { FrameCitation } from '../../../src/engine/result.ts';
import type { Candidate } from '../../../src/engine/rule.ts';
import { citeAs } from '../../../src/trackers/citation.ts';
import type { AddressPhases } from '../../../src/trackers/mac-phases-address.ts';
import type { MacPhase } from '../../../src/trackers/mac-phases-phase.ts';
import type { Station, Stations } from '../../../src/trackers/stations.ts';
import { macHigh } from '../../../src/wire/mac.ts';
import { findProof, type Proof, type Thresholds } from './proof.ts';

/** A phase with what only its own time can tell: whether the capture was alive then. */
export interface ObservedPhase {
  readonly phase: MacPhase;
  readonly proof: Proof | null;
  /** Nothing announced the change for long enough, where an announcement would have been seen. */
  readonly isSilent: boolean;
  readonly isSilenceAlive: boolean;
}

export interface AssessedPhase extends ObservedPhase {
  readonly candidates: readonly Candidate[];
}

/** Addresses that a station answers for and never names as its own that make a server of callers (rules 4.5). */
const PROXIED_CALLERS = 2;

/** Looks at a phase when it ends. */
export function observePhase(
  phase: MacPhase,
  owner: AddressPhases,
  thresholds: Thresholds,
  answersEchoes: boolean,
): ObservedPhase {
  // The change may have been announced before its first frame, while the recorder stood still.
  const since = Math.max(phase.from - thresholds.noAnnounceSeconds, owner.domain.liveness.firstTime);
  const until = phase.from + thresholds.noAnnounceSeconds;
  const wouldBeSeen = phase.before.sawBroadcast || phase.sawBroadcastAfter;
  return {
    phase,
    proof: findProof(phase, thresholds, answersEchoes),
    isSilent: wouldBeSeen && phase.to >= until && Number.isNaN(phase.announcedAt),
    isSilenceAlive: phase.liveness.isAlive(since, until),
  };
}

/** Why an address is none of this rule's, whatever its phases look like; null if nothing excuses it. */
export function excuseOf(
  owner: AddressPhases,
  phase: MacPhase | null,
  stations: Stations,
  thresholds: Thresholds,
): string | null {
  if (owner.isShared) return 'shared';
  if (owner.isTranslated) return 'bridge';
  // ARP under one MAC address and datagrams under another one all the time is how a shared MAC address is used.
  if (owner.hasOtherSource || (owner.ownArp === 0 && owner.returns > 0)) return 'otherSource';
  if (owner.isBond || usesManyMacs(owner, thresholds)) return 'bond';
  const { index } = owner.domain;
  for (const mac of phase === null ? [owner.home] : [phase.oldMac, phase.newMac]) {
    if (stations.isShared(index, mac, mac === phase?.newMac ? phase.sentFrames : 0)) return 'shared';
    const station = stations.find(index, mac);
    if (station === undefined) continue;
    if (stations.isProxy(station) || answersForCallers(station)) return 'proxy';
    if (stations.isTranslatingBridge(station)) return 'bridge';
  }
  if (phase !== null && phase.kind !== 'deaf' && owner.leasedTo.includes(phase.newMac)) return 'leased';
  return null;
}

/** It answered under one MAC address what went to another, whatever ARP said later, or it has more of them than a bond. */
function usesManyMacs(owner: AddressPhases, thresholds: Thresholds): boolean {
  return owner.answeredPhases > 0 || owner.isRestless || owner.macs > thresholds.bondMacs;
}

function answersForCallers(station: Station): boolean {
  return station.repliedFor.filter((address) => !station.owns.includes(address)).length >= PROXIED_CALLERS;
}

/** Unicast frames of the address were recorded in both directions. */
export function isTwoWay(phase: MacPhase, owner: AddressPhases): boolean {
  return (phase.sentUnicast || owner.sentUnicast) && (phase.receivedUnicast || owner.receivedUnicast);
}

/** The tiers that a phase reaches. */
export function assessPhase(
  observed: ObservedPhase,
  owner: AddressPhases,
  stations: Stations,
  thresholds: Thresholds,
): AssessedPhase {
  const { phase } = observed;
  const isHeard = phase.sentUnicast || owner.sentUnicast;
  const proof = isHeard ? observed.proof : null;
  const judge = new PhaseJudge({ ...observed, proof }, owner, stations, thresholds);
  return { ...observed, proof, candidates: judge.candidates() };
}

class PhaseJudge {
  readonly #observed: ObservedPhase;
  readonly #phase: MacPhase;
  readonly #owner: AddressPhases;
  readonly #stations: Stations;
  readonly #thresholds: Thresholds;

  constructor(observed: ObservedPhase, owner: AddressPhases, stations: Stations, thresholds: Thresholds) {
    this.#observed = observed;
    this.#phase = observed.phase;
    this.#owner = owner;
    this.#stations = stations;
    this.#thresholds = thresholds;
  }

  candidates(): Candidate[] {
    if (this.#phase.kind === 'deaf') return this.#deaf();
    if (!this.#isEstablished || this.#isAnnouncedWithin(this.#thresholds.announceSeconds)) return [];
    if (!this.#isBefore) return this.#fromTheStart();
    return [...this.#proven(), ...this.#stale(), ...this.#silent()];
  }

  /** ARP with the old MAC address, and peers whose frames there stay unanswered. */
  #proven(): Candidate[] {
    const { staleArp, traffic } = this.#phase;
    const { proof } = this.#observed;
    if (staleArp < 1 || traffic.frames < this.#thresholds.staleFrames || proof === null) return [];
    return [this.#resting('definitive', 'proven', proof, proof.isAlive)];
  }

  /** ARP with the old MAC address again and again; peers are quiet. */
  #stale(): Candidate[] {
    // That nothing was answered says something only where the answers would be seen (rules 0.2).
    if (this.#phase.staleArp < this.#thresholds.staleShaFrames || !isTwoWay(this.#phase, this.#owner))
      return [];
    // Nothing that it sends to its peers is seen, and they go on all the same: this tap misses the answers.
    if (!this.#phase.sentUnicast && this.#phase.traffic.isFlowing) return [];
    const tier = this.#isSole ? 'strong' : 'suggestive';
    const summary = this.#isSole ? 'stale' : 'shared';
    return [{ tier, absence: null, restsOnMac: true, summary }];
  }

  /** No ARP at all since the change, where it would have been seen. */
  #silent(): Candidate[] {
    const { staleArp, traffic, from } = this.#phase;
    const { proof, isSilent, isSilenceAlive } = this.#observed;
    if (staleArp > 0 || !isSilent || this.#isRarpWithin(this.#thresholds.noAnnounceSeconds)) return [];
    // Nor would answers be seen by a tap that misses what the station sends to its peers.
    if (!this.#phase.sentUnicast) return [];
    if (traffic.frames < this.#thresholds.staleFrames || proof === null) return [];
    const span = { from, to: Math.max(proof.to, from + this.#thresholds.noAnnounceSeconds) };
    return [this.#resting('strong', 'silent', span, proof.isAlive && isSilenceAlive)];
  }

  /** The two MAC addresses differ from the first sighting on: a bridge does that, too, unless nobody hears what goes there. */
  #fromTheStart(): Candidate[] {
    const { oldMac, newMac, staleArp } = this.#phase;
    const { proof } = this.#observed;
    const station = this.#stations.find(this.#owner.domain.index, newMac);
    const isSingle = ownedBy(station).every((address) => address === this.#owner.address);
    if (staleArp < 1 || proof === null || !isSingle || !isUniversal(oldMac) || !isUniversal(newMac))
      return [];
    return [{ tier: 'suggestive', absence: spanOf(proof), restsOnMac: true, summary: 'fromTheStart' }];
  }

  /** M2: everything carries the old MAC address, and only broadcasts arrive. */
  #deaf(): Candidate[] {
    const { history, requests, broadcastAnswer } = this.#phase;
    const { proof } = this.#observed;
    if (history < this.#thresholds.deafHistory || requests < this.#thresholds.deafRequests) return [];
    if (proof === null) return [];
    if (broadcastAnswer === null)
      return [{ tier: 'suggestive', absence: spanOf(proof), restsOnMac: true, summary: 'maybeDeaf' }];
    return [this.#resting('strong', 'deaf', proof, proof.isAlive)];
  }

  /** A candidate that rests on a span without answers: without *sole* or a living capture it is suggestive. */
  #resting(
    tier: Candidate['tier'],
    summary: string,
    span: { readonly from: number; readonly to: number },
    isAlive: boolean,
  ): Candidate {
    const absence = spanOf(span);
    if (!isAlive) return { tier: 'suggestive', absence, restsOnMac: true, summary: 'gap' };
    if (this.#isSole) return { tier, absence, restsOnMac: true, summary };
    const weaker = this.#phase.kind === 'deaf' ? 'maybeDeaf' : 'shared';
    return { tier: 'suggestive', absence, restsOnMac: true, summary: weaker };
  }

  get #isEstablished(): boolean {
    const { frames, lastTime, from, speaks } = this.#phase;
    return (
      speaks && frames >= this.#thresholds.phaseFrames && lastTime - from >= this.#thresholds.phaseSeconds
    );
  }

  get #isBefore(): boolean {
    const { kind, before } = this.#phase;
    return (
      kind === 'moved' &&
      before.arp !== null &&
      before.frames >= this.#thresholds.beforeFrames &&
      before.seconds >= this.#thresholds.beforeSpanSeconds
    );
  }

  /** Nothing but this change explains the two MAC addresses. */
  get #isSole(): boolean {
    const { oldMac, newMac, before, isOldMacAlive } = this.#phase;
    const { address, domain } = this.#owner;
    const carriesOther = (mac: number): boolean =>
      ownedBy(this.#stations.find(domain.index, mac)).some((other) => other !== address);
    return !before.isKnownMac && !isOldMacAlive && !carriesOther(oldMac) && !carriesOther(newMac);
  }

  #isAnnouncedWithin(seconds: number): boolean {
    const { announcedAt, from } = this.#phase;
    return Math.abs(announcedAt - from) <= seconds || this.#isRarpWithin(seconds);
  }

  #isRarpWithin(seconds: number): boolean {
    const { newMac, from } = this.#phase;
    const station = this.#stations.find(this.#owner.domain.index, newMac);
    return station?.rarpTimes.some((time) => Math.abs(time - from) <= seconds) ?? false;
  }
}

/** Addresses that a station was seen with, in any role. */
function ownedBy(station: Station | undefined): number[] {
  if (station === undefined) return [];
  return [...station.carried, ...station.owns, ...station.repliedFor, ...station.speaksFor];
}

/** Not locally administered. */
function isUniversal(mac: number): boolean {
  return (macHigh(mac) & 0x0200) === 0;
}

function spanOf({ from, to }: { readonly from: number; readonly to: number }): {
  readonly from: number;
  readonly to: number;
} {
  return { from, to };
}

/** The frames that prove a phase, in their parts. */
export function framesOf({ phase, proof }: AssessedPhase): FrameCitation[] {
  const { before, firstFrame, staleArpFrames, traffic, endFrame, requestFrames, broadcastAnswer } = phase;
  const unanswered = (proof?.frames ?? []).map((frame) => frame.frame);
  const some = unanswered.length > 8 ? [...unanswered.slice(0, 6), ...unanswered.slice(-2)] : unanswered;
  // An ARP packet that began the phase says more as what it is.
  const isArpFirst =
    staleArpFrames[0]?.number === firstFrame.number && staleArpFrames[0].file === firstFrame.file;
  const began = isArpFirst ? citeAs(staleArpFrames[0] as FrameCitation, 'new mac') : firstFrame;
  return [
    ...(phase.kind === 'deaf' ? requestFrames : [before.arp, began]),
    ...staleArpFrames,
    // The first and last frame to the old address keep the role they have in the proof.
    ...some,
    traffic.first,
    traffic.last,
    broadcastAnswer,
    endFrame,
  ].filter((frame) => frame !== null);
}
