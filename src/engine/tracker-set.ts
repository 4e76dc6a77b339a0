/**
 * The trackers at work, put together for the enabled rules: nobody pays for what no rule needs. The loop shows them packets;
 * here stands what each is made of, what it takes from others, and when it ends.
 */
import type { CaptureInterface, InterfaceRegistry } from '../capture/interfaces.ts';
import type { TimerQueue } from '../tables/timer-queue.ts';
import { AddressClaimTracker, type ClaimTimes } from '../trackers/address-claims.ts';
import { Connections } from '../trackers/connections.ts';
import { Copies } from '../trackers/copies.ts';
import { DialInTracker } from '../trackers/dial-in.ts';
import { type Domain, Domains, type DomainSource } from '../trackers/domains.ts';
import { type HeartbeatThresholds, HeartbeatTracker } from '../trackers/heartbeats.ts';
import { LeaseTracker } from '../trackers/leases.ts';
import { gapRoom } from '../trackers/gap-list.ts';
import { Liveness } from '../trackers/liveness.ts';
import { LossSample } from '../trackers/loss-sample.ts';
import { MacPhaseTracker } from '../trackers/mac-phases.ts';
import { Sources } from '../trackers/sources.ts';
import { Stations } from '../trackers/stations.ts';
import { TupleFilter } from '../trackers/tuple-filter.ts';
import { Watches } from '../trackers/watches.ts';
import { resolveOptions } from './options.ts';
import type { Need, Rule, RuleHandlers } from './rule.ts';
import { ADDRESS_OPTIONS, CAPTURE_OPTIONS } from './shared-options.ts';
import type { Trackers } from './trackers.ts';

export class TrackerSet implements Trackers {
  readonly needs: ReadonlySet<Need>;
  readonly capture;
  readonly address;
  readonly domains: Domains;
  readonly copies: Copies;
  readonly watches = new Watches();
  /** Connections that some tracker follows segment by segment. */
  readonly tuples = new TupleFilter();
  /** Of these, the ones that are followed for more than the loss signal: far fewer. */
  readonly followed = new TupleFilter(this.tuples);
  readonly loss: LossSample;
  readonly sources: Sources;
  readonly stations: Stations;
  readonly addressClaims: AddressClaimTracker;
  readonly leases: LeaseTracker;
  /** Null where no rule needs it. */
  readonly macPhases: MacPhaseTracker | null;
  readonly connections: Connections | null;
  readonly dialIn: DialInTracker | null;
  readonly heartbeats: HeartbeatTracker | null;

  /** `handlers`: those of every rule, asked for when something is told; `timersOf` answers the timers of an interface. */
  constructor(
    rules: readonly Rule[],
    overrides: Readonly<Record<string, number>>,
    interfaces: InterfaceRegistry,
    handlers: () => readonly RuleHandlers[],
    timersOf: (interfaceIndex: number) => TimerQueue,
  ) {
    const capture = resolveOptions('capture', CAPTURE_OPTIONS, overrides);
    const address = resolveOptions('address', ADDRESS_OPTIONS, overrides);
    const thresholds = mergedThresholds(rules, overrides);
    this.capture = capture;
    this.address = address;
    this.needs = new Set<Need>(rules.flatMap((rule) => rule.meta.needs));
    this.copies = new Copies(capture, (index) => this.domains.list[index] as Domain);
    const room = gapRoom();
    this.domains = new Domains(
      () => new Liveness(capture, () => this.copies.recordsPerPacket, room),
      (index) => sourceOf(interfaces.list[index] as CaptureInterface),
    );
    this.loss = new LossSample(capture.lossSampleConnections, this.tuples);
    this.stations = new Stations(address);
    this.sources = new Sources(
      {
        sourceAppeared: (packet) => {
          this.stations.noteSource(packet);
          this.heartbeats?.sourceSeen(packet, this.domains.list[packet.domain] as Domain);
        },
        sourceMoved: (packet, from) => {
          // First, for it asks whether the new MAC address was known before.
          const move = this.macPhases?.sourceMoved(packet, from) ?? 'moved';
          this.stations.noteSource(packet);
          this.heartbeats?.sourceSeen(packet, this.domains.list[packet.domain] as Domain);
          return move;
        },
      },
      this.needs.has('macPhases'),
    );
    this.stations.askSources((domain, source) => this.sources.framesOf(domain, source));
    this.addressClaims = new AddressClaimTracker(
      this.#claimTimes(thresholds),
      this.stations,
      this.watches,
      (claims) => {
        for (const handler of handlers()) handler.addressClosed?.(claims);
      },
    );
    this.leases = new LeaseTracker(
      {
        crossInterfaceSeconds: capture.crossInterfaceSeconds,
        rebootSeconds: thresholds('rebootSeconds', 'leases', 60),
        graceFraction: thresholds('graceFraction', 'leases', 0.02),
        graceMinSeconds: thresholds('graceMinSeconds', 'leases', 10),
        graceMaxSeconds: thresholds('graceMaxSeconds', 'leases', 300),
        answerSeconds: thresholds('answerSeconds', 'leases', 10),
        tailSeconds: thresholds('tailSeconds', 'leases', 10),
        secondEarlySeconds: thresholds('secondEarlySeconds', 'leases', 1),
        resumeSilenceSeconds: thresholds('resumeSilenceSeconds', 'leases', 60),
      },
      this.sources,
      this.watches,
      (domain) => timersOf(domain.interface),
      (lease) => {
        for (const handler of handlers()) handler.leaseClosed?.(lease);
      },
    );
    this.macPhases = this.#makeMacPhases(thresholds, handlers);
    this.connections = this.#makeConnections(thresholds);
    this.dialIn = this.#makeDialIn(thresholds);
    this.heartbeats = this.#makeHeartbeats(thresholds, handlers, timersOf);
  }

  #claimTimes(thresholds: Thresholds): ClaimTimes {
    const own = (name: string, fallback: number) => thresholds(name, 'addressClaims', fallback);
    const answerSeconds = own('answerSeconds', 1);
    return {
      answerSeconds,
      nearSeconds: Math.max(own('doubleAnswerMillis', 500) / 1000, this.capture.multiPointSeconds),
      announcementSeconds: Math.max(answerSeconds, own('defendSeconds', 10), this.address.announceSeconds),
      defenceSeconds: Math.max(answerSeconds, own('switchSeconds', 30)),
    };
  }

  /** Phases of addresses on their MAC addresses, if a rule needs them. */
  #makeMacPhases(thresholds: Thresholds, handlers: () => readonly RuleHandlers[]): MacPhaseTracker | null {
    if (!this.needs.has('macPhases')) return null;
    const own = (name: string, fallback: number) => thresholds(name, 'macPhases', fallback);
    return new MacPhaseTracker(
      {
        duplicateMillis: this.capture.duplicateMillis,
        multiPointSeconds: this.capture.multiPointSeconds,
        bondPhaseSeconds: this.address.bondPhaseSeconds,
        bondMacs: this.address.bondMacs,
        settleSeconds: own('settleSeconds', 1),
        ackSeconds: own('ackSeconds', 3),
        echoSeconds: own('echoSeconds', 2),
        arpBeforeSeconds: own('arpBeforeSeconds', 60),
        noAnnounceSeconds: own('noAnnounceSeconds', 10),
        deafRequests: own('deafRequests', 3),
        deafGapSeconds: own('deafGapSeconds', 10),
        deafReplySeconds: own('deafReplySeconds', 1),
      },
      this.sources,
      this.stations,
      this.watches,
      (phases) => {
        for (const handler of handlers()) handler.macPhasesClosed?.(phases);
      },
    );
  }

  /** TCP connections, if a rule needs them. */
  #makeConnections(thresholds: Thresholds): Connections | null {
    if (!this.needs.has('connections')) return null;
    const own = (name: string, fallback: number) => thresholds(name, 'connections', fallback);
    return new Connections(
      {
        reorderMillis: this.capture.reorderMillis,
        duplicateMillis: this.capture.duplicateMillis,
        stepMinMillis: own('stepMinMillis', 1),
        seriesGapSeconds: own('seriesGapSeconds', 600),
        isnBound: own('isnBound', 5e7),
        maxBackwardStep: own('maxBackwardStep', 2_097_152),
        medianDeviation: own('medianDeviation', 1e6),
        jumpFraction: own('jumpFraction', 0.1),
        minSamples: own('minSamples', 9),
        inBoundSteps: own('inBoundSteps', 7),
        zeroStepFraction: own('zeroStepFraction', 0.2),
        sameIsnTuples: own('sameIsnTuples', 3),
        natLanes: own('natLanes', 4),
        laneSamples: own('laneSamples', 4),
        laneGapRatio: own('laneGapRatio', 10),
        ttlMin: own('ttlMin', 65),
        ttlMax: own('ttlMax', 128),
        timeWaitSeconds: own('timeWaitSeconds', 240),
        freshResetSeconds: own('freshResetSeconds', 60),
        hangSeconds: own('hangSeconds', 9.5),
      },
      this.followed,
      this.copies,
      this.watches,
      (index) => this.domains.list[index] as Domain,
      (domain, address) => this.sources.framesOf(domain, address),
    );
  }

  /** Load-balancing clusters, if a rule needs them. */
  #makeHeartbeats(
    thresholds: Thresholds,
    handlers: () => readonly RuleHandlers[],
    timersOf: (interfaceIndex: number) => TimerQueue,
  ): HeartbeatTracker | null {
    if (!this.needs.has('heartbeats')) return null;
    return new HeartbeatTracker(
      heartbeatThresholds(thresholds),
      {
        watches: this.watches,
        tuples: this.followed,
        copies: this.copies,
        timersOf: (domain) => timersOf(domain.interface),
      },
      {
        clusterClosed: (cluster) => {
          for (const handler of handlers()) handler.clusterClosed?.(cluster);
        },
        adapterClosed: (adapter, cluster) => {
          for (const handler of handlers()) handler.clusterAdapterClosed?.(adapter, cluster);
        },
      },
    );
  }

  /** Dial-in servers and their callers, if a rule needs them. */
  #makeDialIn(thresholds: Thresholds): DialInTracker | null {
    if (!this.needs.has('dialIn')) return null;
    const own = (name: string, fallback: number) => thresholds(name, 'dialIn', fallback);
    return new DialInTracker(
      {
        serverLinks: own('serverLinks', 2),
        terminateSeconds: own('terminateSeconds', 3),
        echoMisses: own('echoMisses', 3),
        softReleaseSeconds: own('softReleaseSeconds', 120),
        ipcpRequests: own('ipcpRequests', 3),
        lanProxied: own('lanProxied', 2),
        lanMaxProxied: own('lanMaxProxied', 64),
      },
      (index) => this.domains.list[index] as Domain,
      this.followed,
      this.watches,
    );
  }

  get copyOffsetSeconds(): number | null {
    return this.copies.multiPointOffset();
  }

  /** A new clock epoch began on an interface: no timer, rate or window spans it. */
  closeInterface(index: number): void {
    this.leases.closeInterface(index, 'clockStep');
    this.heartbeats?.closeInterface(index, 'clockStep');
    this.addressClaims.closeInterface(index);
    this.macPhases?.closeInterface(index);
    this.connections?.closeInterface(index);
    this.dialIn?.closeInterface(index);
    this.domains.beginEpoch(index);
    for (const domain of this.domains.list) if (domain.interface === index) domain.liveness.restart();
  }

  /** The capture ended. */
  finish(): void {
    this.leases.closeInterface(null, 'endOfCapture');
    this.heartbeats?.closeInterface(null, 'endOfCapture');
    this.addressClaims.closeInterface(null);
    this.macPhases?.closeInterface(null);
    this.connections?.closeInterface(null);
    this.dialIn?.finish();
  }

  /** Gives the large tables back, for the next analysis; nothing may be asked of the trackers any more. */
  release(): void {
    this.copies.release();
    this.loss.release();
    this.watches.release();
    this.addressClaims.release();
    this.tuples.release();
    this.followed.release();
    this.connections?.release();
  }

  /** Connections and SYNs that a rule could have missed something of, though it takes no subject from it. */
  unexaminedSyns(): Record<'evictedConnections' | 'evictedSyns' | 'floodedSyns' | 'clusterSyns', number> {
    return {
      evictedConnections: this.connections?.evictedConnections ?? 0,
      evictedSyns: this.connections?.evictedSyns ?? 0,
      floodedSyns: this.connections?.flood.shed ?? 0,
      clusterSyns: this.heartbeats?.displacedSyns ?? 0,
    };
  }

  /** What had to be dropped because a table was full, by table. */
  evictions(): Record<string, number> {
    return {
      addresses: this.addressClaims.evictions,
      addressClaims: this.addressClaims.claimsLeftOut,
      leases: this.leases.evictions,
      connections: this.connections?.evictions ?? 0,
      attempts: this.connections?.evictedSyns ?? 0,
      calls: this.dialIn?.evictions ?? 0,
      macPhases: this.macPhases?.evictions ?? 0,
      floodedSyns: this.connections?.flood.shed ?? 0,
      clusters: this.heartbeats?.evictions ?? 0,
      clusterSyns: this.heartbeats?.displacedSyns ?? 0,
      stations: this.stations.evictions,
      watches: this.watches.refused,
      sources: this.sources.evictions,
      domains: this.domains.overflow,
    };
  }

  /** Those of the evictions that could have taken a subject from a rule that stands on `need`. */
  evictedSubjects(need: Need | undefined): number {
    return this.domains.overflow + this.#evictedOf(need);
  }

  #evictedOf(need: Need | undefined): number {
    switch (need) {
      case 'addressClaims':
        return this.addressClaims.evictions + this.watches.refused;
      case 'leases':
        return this.leases.evictions + this.watches.refused;
      case 'macPhases':
        return (this.macPhases?.evictions ?? 0) + this.watches.refused;
      case 'heartbeats':
        return this.heartbeats?.evictions ?? 0;
      case 'connections':
        return this.connections?.evictedHosts ?? 0;
      default:
        return 0;
    }
  }
}

function sourceOf({ name, number, isCollective }: CaptureInterface): DomainSource {
  return { name: name ?? `interface ${number}`, isCollective };
}

/** What the clusters' tracker takes from the rules about them; the defaults of rules 7 where they are off. */
function heartbeatThresholds(thresholds: Thresholds): HeartbeatThresholds {
  const of = (name: string, fallback: number): number => thresholds(name, 'heartbeats', fallback);
  return {
    periodBeats: of('periodBeats', 8),
    periodMinSeconds: of('periodMinSeconds', 0.09),
    periodMaxSeconds: of('periodMaxSeconds', 11),
    halfPeriodRatio: of('halfPeriodRatio', 0.7),
    tolerancePeriods: of('tolerancePeriods', 5),
    silenceExtraSeconds: of('silenceExtraSeconds', 1),
    silentServeSeconds: of('silentServeSeconds', 15),
    synRepeatSeconds: of('synRepeatSeconds', 0.9),
    baselineAnswers: of('baselineAnswers', 3),
    memberAnswers: of('memberAnswers', 3),
    holeSeconds: of('holeSeconds', 10),
    holeSyns: of('holeSyns', 5),
    memberSeconds: of('memberSeconds', 15),
    memberSyns: of('memberSyns', 5),
    floodFraction: of('floodFraction', 0.5),
    floodSynsPerSecond: of('floodSynsPerSecond', 500),
    conflictBeats: of('conflictBeats', 3),
    conflictSeconds: of('conflictSeconds', 30),
  };
}

/** The thresholds a tracker takes from the rule it serves; its default where that rule is off. */
type Thresholds = (name: string, need: Need, fallback: number) => number;

function mergedThresholds(rules: readonly Rule[], overrides: Readonly<Record<string, number>>): Thresholds {
  return (name, need, fallback) => {
    const rule = rules.find(
      (candidate) => candidate.meta.needs[0] === need && name in candidate.meta.options,
    );
    if (rule === undefined) return fallback;
    return overrides[`${rule.meta.article.id}.${name}`] ?? rule.meta.options[name]?.default ?? fallback;
  };
}
