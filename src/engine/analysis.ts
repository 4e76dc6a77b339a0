/**
 * The loop: one record after the other, from bytes to what the network did. This is the hot path. An ordinary
 * packet allocates nothing, reaches no rule, and pays for its clock, its decoding, one look-up of its source,
 * and one hash if it is TCP.
 */
import type { RecordRow } from '../capture/capture.ts';
import type { CaptureInterface, InterfaceRegistry } from '../capture/interfaces.ts';
import type { Connections } from '../trackers/connections.ts';
import { type Copies, DUPLICATE, ORIGINAL } from '../trackers/copies.ts';
import { DialInTracker } from '../trackers/dial-in.ts';
import type { Domain, Domains } from '../trackers/domains.ts';
import type { HeartbeatTracker } from '../trackers/heartbeats.ts';
import type { LossSample } from '../trackers/loss-sample.ts';
import type { Sources } from '../trackers/sources.ts';
import type { TupleFilter } from '../trackers/tuple-filter.ts';
import type { Watches } from '../trackers/watches.ts';
import { ARP_CUT, ARP_OK, ArpFields, decodeArp } from '../wire/arp.ts';
import { DHCP_ACK, DHCP_CUT, DhcpMessage } from '../wire/dhcp.ts';
import { clusterOf } from '../wire/heartbeat.ts';
import { decodePacket, LINK_ETHERNET } from '../wire/link.ts';
import { isPppLink } from '../wire/ppp-link.ts';
import {
  KIND_ARP,
  KIND_CLUSTER_CONTROL,
  KIND_DHCP,
  KIND_HEARTBEAT,
  KIND_ICMP,
  KIND_IPV4,
  KIND_IPV6,
  KIND_RARP,
  KIND_TCP,
  KIND_TCP_CONTROL,
  KIND_TRUNCATED,
  KIND_UDP,
  KINDS,
  Packet,
} from '../wire/packet.ts';
import { ACK, RST, SYN, tcpFlags } from '../wire/tcp.ts';
import { buildHealth, type HealthCounters } from './health.ts';
import type { HostFilter } from './host-filter.ts';
import { InventoryNotes } from './inventory.ts';
import { InterfaceClock } from './interface-clock.ts';
import { LocatedDrops } from './located-drops.ts';
import { OrdinaryRun } from './ordinary-run.ts';
import { relate } from './related.ts';
import type { CaptureHealth, CaptureTime, Finding, Inventory, RuleVerdict } from './result.ts';
import type { Rule, RuleHandlers } from './rule.ts';
import { RuleRun } from './rule-run.ts';
import { TrackerSet } from './tracker-set.ts';

/** Differences of times are doubles: a step of exactly 10 ms may come out a little longer. */
const CLOCK_ROUNDING_SECONDS = 1e-9;

export class Analysis {
  readonly trackers: TrackerSet;
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
  readonly #interfaces: InterfaceRegistry;
  readonly #clocks: InterfaceClock[] = [];
  readonly #packet = new Packet();
  readonly #arp = new ArpFields();
  readonly #dhcp = new DhcpMessage();
  // The trackers that the loop meets for every packet, at hand.
  readonly #domains: Domains;
  readonly #sources: Sources;
  readonly #watches: Watches;
  readonly #tuples: TupleFilter;
  readonly #exact: TupleFilter;
  readonly #loss: LossSample;
  readonly #connections: Connections | null;
  readonly #heartbeats: HeartbeatTracker | null;
  readonly #copies: Copies;
  readonly #dialIn: DialInTracker | null;
  readonly #ordinaryRun: OrdinaryRun;
  readonly #runs: RuleRun[];
  readonly #inventory: InventoryNotes | null;
  readonly #locatedDrops = new LocatedDrops();
  readonly #backLimit: number;
  readonly #forwardLimit: number;
  readonly #needsArp: boolean;
  readonly #needsDhcp: boolean;
  readonly #needsSources: boolean;
  /** Whole seconds of the first packet: trackers count from here, where doubles are exact to the nanosecond. */
  #base = Number.NaN;
  /** Where in that second the first packet stands. */
  #firstSeconds = 0;

  constructor(
    rules: readonly Rule[],
    overrides: Readonly<Record<string, number>>,
    interfaces: InterfaceRegistry,
    hosts: HostFilter | null = null,
    withInventory = false,
  ) {
    this.#interfaces = interfaces;
    this.#runs = [];
    this.#inventory = withInventory ? new InventoryNotes() : null;
    this.trackers = new TrackerSet(
      rules,
      overrides,
      interfaces,
      () => handlersOf(this.#runs, this.#inventory),
      (index) => (this.#clocks[index] as InterfaceClock).timers,
    );
    const { capture, needs, domains, sources, watches, tuples, copies } = this.trackers;
    this.#domains = domains;
    this.#sources = sources;
    this.#watches = watches;
    this.#tuples = tuples;
    this.#exact = this.trackers.followed;
    this.#loss = this.trackers.loss;
    this.#connections = this.trackers.connections;
    this.#heartbeats = this.trackers.heartbeats;
    this.#copies = copies;
    this.#dialIn = this.trackers.dialIn;
    this.#backLimit = -capture.reorderMillis / 1000 - CLOCK_ROUNDING_SECONDS;
    this.#forwardLimit = capture.epochForwardSeconds + CLOCK_ROUNDING_SECONDS;
    this.#needsArp =
      needs.has('addressClaims') ||
      needs.has('addressClasses') ||
      needs.has('arp') ||
      needs.has('macPhases') ||
      needs.has('heartbeats');
    this.#needsDhcp =
      needs.has('dhcp') ||
      needs.has('leases') ||
      needs.has('addressClaims') ||
      needs.has('macPhases') ||
      needs.has('dialIn');
    this.#needsSources =
      needs.has('addressClasses') || needs.has('leases') || needs.has('macPhases') || needs.has('heartbeats');
    this.#ordinaryRun = new OrdinaryRun(this.trackers, this.#needsSources, (packet, domain, isPlain) =>
      this.#track(packet, domain, this.#ordinaryRun, isPlain),
    );
    for (const rule of rules) this.#runs.push(new RuleRun(rule, overrides, this.trackers, hosts));
  }

  /** Decimals of an interface's time stamps. */
  precisionOf(interfaceIndex: number): number {
    return this.#interfaces.list[interfaceIndex]?.precision ?? 6;
  }

  /** The packet that readers write their records into; `accept` takes it from there. */
  get packet(): Packet {
    return this.#packet;
  }

  /** Takes in the record that stands in `packet`; answers true if a run of ordinary ones may follow it. */
  accept(): boolean {
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
      packet.sourceHigh >= 0
    ) {
      packet.time = time;
      packet.precision = clock.precision;
      clock.lastTime = time;
      const domain = this.#domains.of(packet);
      packet.domain = domain.index;
      if (domain.isCollective) {
        domain.liveness.tick(packet);
        return false;
      }
      if (this.#needsSources) this.#sources.touch(packet);
      if (kind === KIND_TCP && this.#tuples.has(packet)) this.#followed(packet);
      if (this.#watches.active !== 0) this.#watches.offer(packet, this.#copies);
      domain.liveness.tick(packet);
      return true;
    }
    if (packet.hasTime) this.#acceptUnusual(packet, clock);
    else this.counters.withoutTime += 1;
    return kind === KIND_TCP || kind === KIND_TCP_CONTROL;
  }

  /**
   * Takes in the ordinary packets that follow the one in `packet`; of that one, the time alone is then theirs. Answers how many.
   */
  acceptRun(row: RecordRow): number {
    const { interfaceIndex } = row;
    const clock = this.#clocks[interfaceIndex];
    const domain = this.#domains.untagged(interfaceIndex);
    if (
      clock === undefined ||
      domain === undefined ||
      !row.isReady ||
      clock.linkType !== LINK_ETHERNET ||
      clock.fcsBytes !== 0 ||
      domain.isCollective ||
      this.#watches.hasAddresses ||
      this.#forwardLimit < 1 ||
      !domain.liveness.isSameSecond(clock.lastTime)
    )
      return 0;
    const run = this.#ordinaryRun;
    const packets = run.take(row, this.#packet, clock, domain, this.#base);
    if (packets === 0) return 0;
    this.kinds[KIND_TCP] = (this.kinds[KIND_TCP] as number) + run.tcp;
    this.kinds[KIND_UDP] = (this.kinds[KIND_UDP] as number) + run.udp;
    this.kinds[KIND_TCP_CONTROL] = (this.kinds[KIND_TCP_CONTROL] as number) + run.syn;
    this.counters.tcpSyns += run.syn;
    this.counters.truncated += run.cut;
    return packets;
  }

  /** Any packet with a time: new clocks and domains, control packets, what is watched. */
  #acceptUnusual(packet: Packet, clock: InterfaceClock): void {
    const time = packet.seconds - this.#base + packet.nanos * 1e-9;
    const step = time - clock.lastTime;
    if (step >= this.#backLimit && step <= this.#forwardLimit) packet.time = time;
    else this.#stepClock(clock);
    if (packet.dropsBefore !== 0) this.#locatedDrops.note(clock, packet, packet.dropsBefore);
    clock.lastTime = packet.time;
    if (packet.time >= clock.timers.due) clock.fire(packet);

    const domain = this.#domains.of(packet);
    packet.domain = domain.index;
    packet.precision = clock.precision;
    if (!domain.isCollective) this.#track(packet, domain, null, false);
    domain.liveness.tick(packet);
  }

  /**
   * A packet that must be looked at; that of a run is decoded first. `isPlain`: it is of a run, and of no interest but to who watches
   * its station. Too long to be compiled as a part of what calls it, whose code stays then.
   */
  #track(packet: Packet, domain: Domain, run: OrdinaryRun | null, isPlain: boolean): void {
    if (run !== null) {
      run.open(packet, domain);
      decodePacket(packet);
    }
    if (isPlain) {
      this.#watches.offer(packet, this.#copies);
      return;
    }
    const { kind } = packet;
    // The run counts the plain ones, and accept() its own.
    if (run !== null) this.kinds[kind] = (this.kinds[kind] as number) + 1;
    if (this.#dialIn !== null && packet.sourceHigh < 0 && isPppLink(packet.linkType))
      this.#line(packet, this.#dialIn);
    if (kind < KIND_IPV4) {
      if (kind === KIND_ARP) this.#arpPacket(packet, domain);
      else this.#rareKind(packet, domain, kind);
      return;
    }
    if (kind === KIND_TCP_CONTROL) {
      this.#controlPacket(packet);
      return;
    }
    if (packet.sourceHigh >= 0 && this.#needsSources) this.#sources.touch(packet);
    if (kind === KIND_TCP && this.#tuples.has(packet)) this.#followed(packet);
    if (kind === KIND_ICMP) this.#connections?.icmp(packet);
    if (kind === KIND_ICMP) this.trackers.macPhases?.icmp(packet);
    if (kind === KIND_CLUSTER_CONTROL) this.trackers.heartbeats?.remoteControl(packet, domain);
    if (kind === KIND_DHCP) this.#dhcpPacket(packet, domain);
    else if (this.#dialIn !== null && DialInTracker.isRead(kind)) this.#dialInPacket(packet, this.#dialIn);
    else if (this.#watches.active !== 0) this.#watches.offer(packet, this.#copies);
  }

  /** Ends every tracker and rule. */
  finish(oversized: number): { health: CaptureHealth; verdicts: RuleVerdict[]; findings: Finding[] } {
    const { trackers } = this;
    trackers.finish();
    const { capture, loss, copies, copyOffsetSeconds: multiPointOffset } = trackers;
    const limits = {
      dropFraction: capture.dropFraction,
      interfaces: this.#interfaces.list,
      locatedDrops: this.#locatedDrops.withStatistics(
        this.#interfaces.list,
        this.#base,
        (index) => this.#clocks[index]?.lastTime ?? 0,
      ),
      isLossy: loss.ackedUnseen >= capture.ackedUnseenAcks,
      isMultiPoint: multiPointOffset !== null,
    };
    for (const run of this.#runs) run.end(limits, this.#base, this.#firstSeconds);
    const health = buildHealth(this.kinds, this.counters, {
      interfaces: this.#interfaces.list,
      located: this.#locatedDrops.list,
      ackedUnseen: loss.ackedUnseen,
      duplicates: copies.duplicates,
      recurrences: copies.recurrences,
      multiPointOffset,
      oneSided: loss.oneSided,
      evictions: trackers.evictions(),
      oversized,
      domains: trackers.domains.list,
      timeAt: (time) => this.#timeAt(time),
    });
    const tunnelled = health.notExamined.tunnelled - (this.#dialIn?.examined ?? 0);
    const notExamined = {
      ...health.notExamined,
      evictedCalls: this.#dialIn?.evictions ?? 0,
      ...trackers.unexaminedSyns(),
      foreignTunnels: Math.max(0, tunnelled),
    };
    const verdicts = this.#runs.map((run) =>
      run.verdict({ ...notExamined, evicted: trackers.evictedSubjects(run.rule.meta.needs[0]) }),
    );
    return { health, verdicts, findings: relate(this.#runs) };
  }

  /** What could be recognised in other captures, after `finish`; null unless it was asked for. */
  inventory(): Inventory | null {
    const lastTime = Math.max(...this.#clocks.map((clock) => clock.lastTime || 0));
    return this.#inventory?.summary(this.trackers, lastTime, (time) => this.#timeAt(time)) ?? null;
  }

  /** A TCP segment without SYN, FIN or RST of a connection that is followed, or of one with the same ports. */
  #followed(packet: Packet): void {
    const { view, transport, end, ipEnd, ipSource, domain } = packet;
    this.#loss.segment(view, transport, end, ipEnd, ipSource, packet.ipDestination, domain);
    if (this.#exact.isUsed && this.#exact.has(packet)) this.#followedExactly(packet);
  }

  #followedExactly(packet: Packet): void {
    this.trackers.connections?.segment(packet);
    this.#dialIn?.segment(packet);
    this.trackers.heartbeats?.segment(packet);
  }

  #controlPacket(packet: Packet): void {
    // A lone SYN proves nobody's presence: a flood of them must not displace the sources that are there.
    if (!this.#control(packet) && packet.sourceHigh >= 0 && this.#needsSources) this.#sources.touch(packet);
    if (this.#watches.active !== 0) this.#watches.offer(packet, this.#copies);
  }

  /** A TCP control packet; answers true if it opens a connection. */
  #control(packet: Packet): boolean {
    const flags = tcpFlags(packet);
    // SYNs alone may be a flood's, of which runs keep nothing but the count.
    if (flags !== SYN && (flags & RST) === 0) this.#copies.sample(packet);
    this.#loss.control(packet);
    if (this.#connections !== null) this.#connections.control(packet);
    if (this.#dialIn !== null) this.#dialIn.tcpControl(packet, this.#copies);
    if (this.#heartbeats?.isServing) this.#heartbeats.control(packet);
    if ((flags & SYN) === 0) return false;
    this.counters.tcpSyns += 1;
    return (flags & ACK) === 0;
  }

  #arpPacket(packet: Packet, domain: Domain): void {
    if (!this.#needsArp) return;
    const isDuplicate = this.#copies.examine(packet) === DUPLICATE;
    if (this.#watches.active !== 0 && this.#watches.mayConcern(packet))
      this.#watches.show(packet, isDuplicate);
    const status = decodeArp(packet.view, packet.network, packet.end, this.#arp);
    if (isDuplicate) {
      if (status === ARP_OK) this.#connections?.reuses.ownArp(packet, this.#arp);
      return;
    }
    if (status === ARP_CUT) this.#noteShort(packet);
    if (status !== ARP_OK) return;
    this.trackers.macPhases?.arp(packet, this.#arp, domain);
    this.trackers.heartbeats?.arp(packet, this.#arp, domain);
    this.trackers.addressClaims.arp(packet, this.#arp, domain);
    this.#dialIn?.arp(packet, this.#arp, domain);
    this.trackers.connections?.arp(packet, this.#arp);
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
    this.trackers.leases.message(packet, this.#dhcp, status, domain, copy !== ORIGINAL);
    const isCut = status === DHCP_CUT;
    if (status === 0 || isCut) this.trackers.addressClaims.dhcp(packet, this.#dhcp, domain, isCut);
    this.trackers.macPhases?.dhcp(packet, this.#dhcp, isCut);
    if (status === 0) {
      this.#inventory?.dhcp(this.#dhcp, packet.time);
      this.#dialIn?.dhcp(this.#dhcp);
      // A client that had no address before: it was started.
      if (this.#dhcp.type === DHCP_ACK && this.#dhcp.ciaddr === 0)
        this.trackers.connections?.rebooted(packet, this.#dhcp.yiaddr);
    }
    if (this.#watches.active !== 0 && this.#watches.mayConcern(packet)) this.#watches.show(packet, false);
  }

  #rareKind(packet: Packet, domain: Domain, kind: number): void {
    if (this.#watches.active !== 0) this.#watches.hear(packet);
    if (kind === KIND_IPV6) this.trackers.macPhases?.ipv6(packet);
    else this.trackers.heartbeats?.frame(packet, domain);
    if (this.#dialIn !== null && DialInTracker.isRead(kind)) this.#dialInPacket(packet, this.#dialIn);
    else if (kind === KIND_RARP) this.trackers.addressClaims.rarp(packet, domain);
    else if (kind === KIND_TRUNCATED) this.#noteShort(packet);
    else if (kind === KIND_HEARTBEAT) {
      const cluster = clusterOf(packet.view, packet.network, packet.end);
      if (cluster !== 0) this.trackers.stations.noteHeartbeat(cluster);
    }
  }

  /** A frame that ends too early: cut by the capture, or never longer. */
  #noteShort(packet: Packet): void {
    if (packet.wireEnd > packet.end) this.counters.unreadable += 1;
    else this.counters.malformed += 1;
  }

  /** PPP and what carries it, RADIUS, ICMP: most of it is data, of which nobody asks whether it is a duplicate. */
  #dialInPacket(packet: Packet, dialIn: DialInTracker): void {
    const isWatched = this.#watches.active !== 0 && this.#watches.mayConcern(packet);
    const isTaken = dialIn.read(packet);
    if (!isWatched && !isTaken) return;
    const copy = this.#copies.examine(packet);
    if (isTaken && copy === ORIGINAL) dialIn.take(packet);
    if (isWatched) this.#watches.show(packet, copy === DUPLICATE);
  }

  /** A packet on a line of its own; its control packets come by `#dialInPacket`. */
  #line(packet: Packet, dialIn: DialInTracker): void {
    if (packet.kind >= KIND_IPV4 || packet.kind === KIND_IPV6) dialIn.lineData(packet);
  }

  #addClock(index: number): InterfaceClock {
    const clock = new InterfaceClock(this.#interfaces.list[index] as CaptureInterface);
    this.#clocks[index] = clock;
    return clock;
  }

  /** The first packet of an interface, or a step of its clock that no timer may span. */
  #stepClock(clock: InterfaceClock): void {
    const packet = this.#packet;
    if (Number.isNaN(this.#base)) {
      this.#base = packet.seconds;
      this.#firstSeconds = packet.nanos * 1e-9;
    }
    packet.time = packet.seconds - this.#base + packet.nanos * 1e-9;
    if (Number.isNaN(clock.lastTime)) return;
    this.counters.clockEpochs += 1;
    const { index } = clock.source;
    this.trackers.closeInterface(index);
    clock.timers.clear();
  }

  #timeAt(time: number): CaptureTime {
    // Rounded as a whole, so that microseconds never come to a second.
    const micros = Math.round(time * 1e6);
    const seconds = Math.floor(micros / 1e6);
    return { seconds: this.#base + seconds, nanos: (micros - seconds * 1e6) * 1000, precision: 6 };
  }
}

function handlersOf(runs: readonly RuleRun[], inventory: RuleHandlers | null): RuleHandlers[] {
  const handlers = runs.map((run) => run.handlers);
  return inventory === null ? handlers : [...handlers, inventory];
}
