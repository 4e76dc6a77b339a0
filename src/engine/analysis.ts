/**
 * The loop: one record after the other, from bytes to what the network did. This is the hot path. An ordinary
 * packet allocates nothing, reaches no rule, and pays for its clock, its decoding, one look-up of its source,
 * and one hash if it is TCP.
 */
import type { CaptureInterface, InterfaceRegistry } from '../capture/interfaces.ts';
import { TimerQueue } from '../tables/timer-queue.ts';
import { AddressClaimTracker } from '../trackers/address-claims.ts';
import { Copies, DUPLICATE, ORIGINAL } from '../trackers/copies.ts';
import { type Domain, Domains } from '../trackers/domains.ts';
import { LeaseTracker } from '../trackers/leases.ts';
import type { LeaseWatch } from '../trackers/lease-watch.ts';
import { Liveness } from '../trackers/liveness.ts';
import { LossSample } from '../trackers/loss-sample.ts';
import { Sources } from '../trackers/sources.ts';
import { Stations } from '../trackers/stations.ts';
import { Watches } from '../trackers/watches.ts';
import { ARP_CUT, ARP_OK, ArpFields, decodeArp } from '../wire/arp.ts';
import { DHCP_CUT, DhcpMessage } from '../wire/dhcp.ts';
import { decodePacket } from '../wire/link.ts';
import {
  KIND_ARP,
  KIND_DHCP,
  KIND_HEARTBEAT,
  KIND_IPV4,
  KIND_RARP,
  KIND_TCP,
  KIND_TCP_CONTROL,
  KIND_TRUNCATED,
  KIND_UDP,
  KINDS,
  Packet,
} from '../wire/packet.ts';
import { ACK, SYN, tcpFlags } from '../wire/tcp.ts';
import { buildHealth, type HealthCounters } from './health.ts';
import { resolveOptions } from './options.ts';
import type { LocatedDrop } from './proof-limits.ts';
import type { CaptureHealth, CaptureTime, Finding, RuleVerdict } from './result.ts';
import type { Need, Rule } from './rule.ts';
import { RuleRun } from './rule-run.ts';
import { ADDRESS_OPTIONS, CAPTURE_OPTIONS } from './shared-options.ts';
import type { Trackers } from './trackers.ts';

const MAX_TIMERS = 65_536;
const MAX_LOCATED_DROPS = 4096;
/** Differences of times are doubles: a step of exactly 10 ms may come out a little longer. */
const CLOCK_ROUNDING_SECONDS = 1e-9;

/** The clock of one interface, and what waits for it. */
class InterfaceClock {
  readonly source: CaptureInterface;
  readonly linkType: number;
  readonly fcsBytes: number;
  readonly precision: number;
  readonly timers = new TimerQueue<LeaseWatch>(MAX_TIMERS);
  /** Time of the last packet; NaN before the first. A double from the start. */
  lastTime = Number.NaN;

  constructor(source: CaptureInterface) {
    this.source = source;
    this.linkType = source.linkType;
    this.fcsBytes = source.fcsBytes;
    this.precision = source.precision;
  }
}

export class Analysis implements Trackers {
  readonly domains: Domains;
  readonly sources: Sources;
  readonly stations: Stations;
  readonly addressClaims: AddressClaimTracker;
  readonly leases: LeaseTracker;
  /** Packets by kind. */
  readonly kinds = new Uint32Array(KINDS);
  readonly counters: HealthCounters = {
    clockEpochs: 0,
    truncated: 0,
    unreadable: 0,
    malformed: 0,
    withoutTime: 0,
    unknownLink: 0,
    dhcpMessages: 0,
    tcpSyns: 0,
  };
  readonly #capture;
  readonly #interfaces: InterfaceRegistry;
  readonly #clocks: InterfaceClock[] = [];
  readonly #packet = new Packet();
  readonly #arp = new ArpFields();
  readonly #dhcp = new DhcpMessage();
  readonly #watches = new Watches();
  readonly #copies: Copies;
  readonly #loss: LossSample;
  readonly #runs: RuleRun[];
  readonly #locatedDrops: LocatedDrop[] = [];
  readonly #backLimit: number;
  readonly #forwardLimit: number;
  readonly #needsArp: boolean;
  readonly #needsDhcp: boolean;
  readonly #needsSources: boolean;
  /** Whole seconds of the first packet: trackers count from here, where doubles are exact to the nanosecond. */
  #base = Number.NaN;

  constructor(
    rules: readonly Rule[],
    overrides: Readonly<Record<string, number>>,
    interfaces: InterfaceRegistry,
  ) {
    const capture = resolveOptions('capture', CAPTURE_OPTIONS, overrides);
    const address = resolveOptions('address', ADDRESS_OPTIONS, overrides);
    this.#capture = capture;
    this.#interfaces = interfaces;
    this.#backLimit = -capture.reorderMillis / 1000 - CLOCK_ROUNDING_SECONDS;
    this.#forwardLimit = capture.epochForwardSeconds + CLOCK_ROUNDING_SECONDS;
    this.#copies = new Copies(capture, (index) => this.domains.list[index] as Domain);
    this.domains = new Domains(
      () => new Liveness(capture, () => this.#copies.recordsPerPacket),
      (index) => nameOf(interfaces.list[index] as CaptureInterface),
    );
    this.stations = new Stations(address);
    this.sources = new Sources({
      sourceAppeared: (packet) => this.stations.noteSource(packet),
      sourceMoved: (packet) => {
        this.stations.noteSource(packet);
        return true;
      },
    });
    this.stations.askSources((domain, source) => this.sources.framesOf(domain, source));
    this.#loss = new LossSample(capture.lossSampleConnections);
    const needs = new Set<Need>(rules.flatMap((rule) => rule.meta.needs));
    this.#needsArp = needs.has('addressClaims') || needs.has('addressClasses') || needs.has('arp');
    this.#needsDhcp = needs.has('dhcp') || needs.has('leases') || needs.has('addressClaims');
    this.#needsSources = needs.has('addressClasses') || needs.has('leases');
    this.#runs = [];
    const thresholds = mergedThresholds(rules, overrides);
    this.addressClaims = new AddressClaimTracker(
      thresholds('answerSeconds', 'addressClaims', 1),
      this.stations,
      this.#watches,
      (claims) => {
        for (const run of this.#runs) run.handlers.addressClosed?.(claims);
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
      this.#watches,
      (domain) => (this.#clocks[domain.interface] as InterfaceClock).timers,
      (lease) => {
        for (const run of this.#runs) run.handlers.leaseClosed?.(lease);
      },
    );
    for (const rule of rules) this.#runs.push(new RuleRun(rule, overrides, this));
  }

  get copyOffsetSeconds(): number | null {
    return this.#copies.multiPointOffset();
  }

  /** Decimals of an interface's time stamps. */
  precisionOf(interfaceIndex: number): number {
    return this.#interfaces.list[interfaceIndex]?.precision ?? 6;
  }

  /** The packet that readers write their records into; `accept` takes it from there. */
  get packet(): Packet {
    return this.#packet;
  }

  /** Takes in the record that stands in `packet`. */
  accept(): void {
    const packet = this.#packet;
    const clock = this.#clocks[packet.interface] ?? this.#addClock(packet.interface);
    const { offset, capturedLength, originalLength } = packet;
    packet.end = offset + capturedLength;
    packet.wireEnd = offset + originalLength;
    packet.linkType = clock.linkType;
    if (capturedLength < originalLength) this.counters.truncated += 1;
    else if (clock.fcsBytes !== 0 && capturedLength === originalLength) {
      packet.end = Math.max(offset, packet.end - clock.fcsBytes);
      packet.wireEnd = packet.end;
    }

    const kind = decodePacket(packet);
    this.kinds[kind] = (this.kinds[kind] as number) + 1;
    const time = packet.seconds - this.#base + packet.nanos * 1e-9;
    const step = time - clock.lastTime;
    // The usual packet. Whatever is rarer, in any respect, goes the other way as a whole: a branch that is first taken when this
    // function has been optimised already would throw the optimised code away, and with it 20 ms.
    if (
      (kind === KIND_TCP || kind === KIND_UDP) &&
      step >= this.#backLimit &&
      step <= this.#forwardLimit &&
      time < clock.timers.due &&
      packet.hasTime &&
      packet.dropsBefore === 0 &&
      packet.sourceHigh >= 0 &&
      (this.#watches.active === 0 || !this.#watches.mayConcern(packet))
    ) {
      packet.time = time;
      clock.lastTime = time;
      const domain = this.domains.of(packet);
      packet.domain = domain.index;
      if (this.#needsSources && !domain.isCollective) this.sources.touch(packet);
      if (kind === KIND_TCP) this.#loss.segment(packet);
      domain.liveness.tick(packet);
      return;
    }
    if (packet.hasTime) this.#acceptUnusual(packet, clock);
    else this.counters.withoutTime += 1;
  }

  /** Any packet with a time: new clocks and domains, control packets, what is watched. */
  #acceptUnusual(packet: Packet, clock: InterfaceClock): void {
    const time = packet.seconds - this.#base + packet.nanos * 1e-9;
    const step = time - clock.lastTime;
    if (step >= this.#backLimit && step <= this.#forwardLimit) packet.time = time;
    else this.#stepClock(clock);
    if (packet.dropsBefore !== 0) this.#noteDrop(clock, packet.dropsBefore);
    clock.lastTime = packet.time;
    if (packet.time >= clock.timers.due) fire(clock.timers, packet);

    const domain = this.domains.of(packet);
    packet.domain = domain.index;
    packet.precision = clock.precision;
    if (!domain.isCollective) this.#track(packet, domain);
    domain.liveness.tick(packet);
  }

  #track(packet: Packet, domain: Domain): void {
    const { kind } = packet;
    if (kind < KIND_IPV4) {
      if (kind === KIND_ARP) this.#arpPacket(packet, domain);
      else this.#rareKind(packet, domain, kind);
      return;
    }
    const isSyn = kind === KIND_TCP_CONTROL && this.#control(packet);
    // A lone SYN proves nobody's presence: a flood of them must not displace the sources that are there.
    if (packet.sourceHigh >= 0 && this.#needsSources && !isSyn) this.sources.touch(packet);
    if (kind === KIND_TCP) this.#loss.segment(packet);
    if (kind === KIND_DHCP) this.#dhcpPacket(packet, domain);
    else if (this.#watches.active !== 0 && this.#watches.mayConcern(packet)) this.#showWatched(packet);
  }

  /** Ends every tracker and rule. */
  finish(oversized: number): { health: CaptureHealth; verdicts: RuleVerdict[]; findings: Finding[] } {
    this.leases.closeInterface(null, 'endOfCapture');
    this.addressClaims.closeInterface(null);
    const multiPointOffset = this.copyOffsetSeconds;
    const limits = {
      dropFraction: this.#capture.dropFraction,
      interfaces: this.#interfaces.list,
      locatedDrops: this.#allLocatedDrops(),
      isLossy: this.#loss.ackedUnseen >= this.#capture.ackedUnseenAcks,
      isMultiPoint: multiPointOffset !== null,
    };
    for (const run of this.#runs) run.end(limits);
    const evictions = {
      addresses: this.addressClaims.evictions,
      leases: this.leases.evictions,
      stations: this.stations.evictions,
      watches: this.#watches.refused,
      sources: this.sources.evictions,
      domains: this.domains.overflow,
    };
    const health = buildHealth(this.kinds, this.counters, {
      interfaces: this.#interfaces.list,
      located: this.#locatedDrops.reduce((sum, drop) => sum + drop.packets, 0),
      ackedUnseen: this.#loss.ackedUnseen,
      duplicates: this.#copies.duplicates,
      recurrences: this.#copies.recurrences,
      multiPointOffset,
      oneSided: this.#loss.oneSided,
      evictions,
      oversized,
      domains: this.domains.list,
      timeAt: (time) => this.#timeAt(time),
    });
    const notExamined = {
      ...health.notExamined,
      evicted: evictions.addresses + evictions.leases + evictions.watches + evictions.domains,
    };
    const verdicts = this.#runs.map((run) => run.verdict(notExamined));
    return { health, verdicts, findings: relate(this.#runs) };
  }

  /** A TCP control packet; answers true if it opens a connection. */
  #control(packet: Packet): boolean {
    this.#loss.control(packet);
    const flags = tcpFlags(packet);
    if ((flags & SYN) === 0) return false;
    this.counters.tcpSyns += 1;
    return (flags & ACK) === 0;
  }

  #arpPacket(packet: Packet, domain: Domain): void {
    if (!this.#needsArp) return;
    const isDuplicate = this.#copies.examine(packet) === DUPLICATE;
    if (this.#watches.active !== 0 && this.#watches.mayConcern(packet))
      this.#watches.show(packet, isDuplicate);
    if (isDuplicate) return;
    const status = decodeArp(packet.view, packet.network, packet.end, this.#arp);
    if (status === ARP_CUT) this.#noteShort(packet);
    if (status !== ARP_OK) return;
    this.addressClaims.arp(packet, this.#arp, domain);
  }

  #dhcpPacket(packet: Packet, domain: Domain): void {
    this.counters.dhcpMessages += 1;
    if (!this.#needsDhcp) return;
    const copy = this.#copies.examine(packet);
    if (copy === DUPLICATE) {
      if (this.#watches.active !== 0 && this.#watches.mayConcern(packet)) this.#watches.show(packet, true);
      return;
    }
    const { view, transport } = packet;
    // The length of the datagram, not of the frame: what follows it is padding. The rest of a fragmented
    // message is elsewhere, which is as if it had been cut.
    const datagramEnd = transport + view.getUint16(transport + 4);
    const isFragment = (view.getUint8(packet.network + 6) & 0x20) !== 0;
    const wireEnd = isFragment ? datagramEnd : Math.min(packet.ipEnd, datagramEnd);
    const end = Math.min(packet.end, packet.ipEnd, wireEnd);
    const status = this.#dhcp.decode(view, transport + 8, end, wireEnd);
    // Cut before the station it is about: it has no subject to be undecided about.
    if (status === DHCP_CUT && Number.isNaN(this.#dhcp.chaddr)) this.counters.unreadable += 1;
    this.leases.message(packet, this.#dhcp, status, domain, copy !== ORIGINAL);
    if (status === 0) this.addressClaims.dhcp(packet, this.#dhcp, domain);
    if (this.#watches.active !== 0 && this.#watches.mayConcern(packet)) this.#watches.show(packet, false);
  }

  #rareKind(packet: Packet, domain: Domain, kind: number): void {
    if (kind === KIND_RARP) this.addressClaims.rarp(packet, domain);
    else if (kind === KIND_TRUNCATED) this.#noteShort(packet);
    else if (kind === KIND_HEARTBEAT && packet.network + 16 <= packet.end) {
      // Signature C0DE01BF, little-endian on the wire; the cluster's address is in network order (wire 9).
      if (packet.view.getUint32(packet.network, true) === 0xc0de01bf) {
        this.stations.noteHeartbeat(packet.view.getInt32(packet.network + 12));
      }
    }
  }

  /** A frame that ends too early: cut by the capture, or never longer. */
  #noteShort(packet: Packet): void {
    if (packet.wireEnd > packet.end) this.counters.unreadable += 1;
    else this.counters.malformed += 1;
  }

  #showWatched(packet: Packet): void {
    this.#watches.show(packet, this.#copies.examine(packet) === DUPLICATE);
  }

  #addClock(index: number): InterfaceClock {
    const clock = new InterfaceClock(this.#interfaces.list[index] as CaptureInterface);
    this.#clocks[index] = clock;
    return clock;
  }

  /** The first packet of an interface, or a step of its clock that no timer may span. */
  #stepClock(clock: InterfaceClock): void {
    const packet = this.#packet;
    if (Number.isNaN(this.#base)) this.#base = packet.seconds;
    packet.time = packet.seconds - this.#base + packet.nanos * 1e-9;
    if (Number.isNaN(clock.lastTime)) return;
    this.counters.clockEpochs += 1;
    const { index } = clock.source;
    this.leases.closeInterface(index, 'clockStep');
    this.addressClaims.closeInterface(index);
    clock.timers.clear();
    for (const domain of this.domains.list) if (domain.interface === index) domain.liveness.restart();
  }

  #noteDrop(clock: InterfaceClock, packets: number): void {
    const to = this.#packet.time;
    if (this.#locatedDrops.length < MAX_LOCATED_DROPS) {
      this.#locatedDrops.push({ interface: clock.source.index, from: clock.lastTime, to, packets });
      return;
    }
    // Too many to keep apart: the interface's last one widens over the rest, for none may be missed.
    const at = this.#locatedDrops.findLastIndex((drop) => drop.interface === clock.source.index);
    const last = this.#locatedDrops[at];
    if (last)
      this.#locatedDrops[at] = { ...last, to: Math.max(last.to, to), packets: last.packets + packets };
  }

  /** Losses located by single packets, and by statistics blocks that cover a part of the capture. */
  #allLocatedDrops(): LocatedDrop[] {
    const fromStatistics = this.#interfaces.list.flatMap((source) =>
      source.dropIntervals
        .filter((interval) => interval.from !== null && interval.to !== null)
        .map((interval) => ({
          interface: source.index,
          from: (interval.from as number) - this.#base,
          to: (interval.to as number) - this.#base,
          packets: interval.packets,
        }))
        // One that covers all of the interface's packets locates nothing.
        .filter((drop) => drop.to - drop.from < (this.#clocks[source.index]?.lastTime ?? 0) * 0.5),
    );
    return [...this.#locatedDrops, ...fromStatistics];
  }

  #timeAt(time: number): CaptureTime {
    // Rounded as a whole, so that microseconds never come to a second.
    const micros = Math.round(time * 1e6);
    const seconds = Math.floor(micros / 1e6);
    return { seconds: this.#base + seconds, nanos: (micros - seconds * 1e6) * 1000, precision: 6 };
  }
}

function fire(timers: TimerQueue<LeaseWatch>, { time: now }: Packet): void {
  for (let due = timers.takeDue(now); due !== undefined; due = timers.takeDue(now)) due.timeout(now);
}

function nameOf(source: CaptureInterface): string {
  return source.name ?? `interface ${source.number}`;
}

/** The thresholds a tracker takes from the rule it serves; its default where that rule is off. */
function mergedThresholds(rules: readonly Rule[], overrides: Readonly<Record<string, number>>) {
  return (name: string, need: Need, fallback: number): number => {
    const rule = rules.find(
      (candidate) => candidate.meta.needs[0] === need && name in candidate.meta.options,
    );
    if (rule === undefined) return fallback;
    return overrides[`${rule.meta.article.id}.${name}`] ?? rule.meta.options[name]?.default ?? fallback;
  };
}

/** Links findings on the same address in the same domain, and says in which other one a finding is counted. */
function relate(runs: readonly RuleRun[]): Finding[] {
  const faults = runs.flatMap((run) => run.findings);
  return runs.flatMap((run) =>
    run.findings.map((finding) => {
      const others = faults.filter(
        (other) =>
          other.key !== finding.key &&
          other.domain === finding.domain &&
          other.hosts.some((host) => finding.hosts.includes(host)),
      );
      const isFound = (other: Finding) => other.kind === 'fault' && other.tier !== 'suggestive';
      const counting = others.find(
        (other) => isFound(other) && run.countsInOf(finding).includes(other.article),
      );
      return {
        ...finding,
        related: others.map((other) => other.key).toSorted(),
        countsIn: counting?.key ?? null,
      };
    }),
  );
}
