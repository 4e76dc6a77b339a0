/**
 * The phases of addresses on their MAC addresses (rules 3.2): an address that ARP names one MAC address for is seen under
 * another one, or repeats requests that are answered. From then on, and not before, both MAC addresses are watched.
 */
import { ARP_REPLY, ARP_REQUEST, type ArpFields } from '../wire/arp.ts';
import { BOOT_REPLY, DHCP_ACK, type DhcpMessage } from '../wire/dhcp.ts';
import { isHostAddress } from '../wire/ipv4.ts';
import { isSharedByDesign, isStationMac, macNumber } from '../wire/mac.ts';
import type { Packet } from '../wire/packet.ts';
import type { Domain } from './domains.ts';
import { AddressPhases, type MacPhaseOptions, type PhaseKeeper } from './mac-phases-address.ts';
import type { MacPhase } from './mac-phases-phase.ts';
import type { SourceMove, Sources } from './sources.ts';
import { remember, type Stations } from './stations.ts';
import type { Watches } from './watches.ts';

const MAX_ADDRESSES = 16_384;
/** Phases watched at once, and addresses of one MAC address among them; a host with more is a router or bridge. */
const MAX_OPEN = 512;
const MAX_OPEN_PER_MAC = 8;
/** MAC addresses with ARP senders of others on them, and those addresses, remembered per domain. */
const MAX_STRANGERS = 1024;
/** MAC addresses remembered per domain for the IPv6 that they send to groups. */
const MAX_IPV6 = 1024;
/** Moved addresses, and bonds, remembered over clock epochs, and phases kept until their epoch ends. */
const MAX_MOVED = 4096;
const MAX_KEPT = 2048;
/** Moved sources remembered in domains without ARP. */
const MAX_UNSEEN = 64;

/** Addresses remembered for their echo replies, over all domains. */
const MAX_ECHOING = 16_384;
const ECHO_REPLY = 0;

/** First times of sources are kept to the millisecond. */
const FIRST_TIME_SECONDS = 0.01;

const NONE: readonly MacPhase[] = [];

/** What is known of a domain besides its addresses. */
class DomainPhases {
  readonly addresses = new Map<number, AddressPhases>();
  /** By Ethernet source, the addresses whose first ARP packet named another MAC address. */
  readonly strangers = new Map<number, AddressPhases[]>();
  /** Open phases: how many by their new MAC address, and which by their old one. */
  readonly open = new Map<number, number>();
  readonly leaving = new Map<number, MacPhase[]>();
  /** MAC addresses that sent IPv6 to groups. */
  readonly ipv6 = new Set<number>();
  /** Phases whose change a broadcast ARP packet may still follow. */
  readonly awaiting: MacPhase[] = [];
  /** MAC addresses that addresses moved to, over all clock epochs. */
  readonly moves = new Map<number, Map<number, boolean>>();
  readonly bonds = new Set<number>();
  /** Addresses whose unicast frames were seen in earlier clock epochs: from them, and to them. */
  readonly seenSending = new Set<number>();
  readonly seenReceiving = new Set<number>();
  /** Addresses that answered echo requests, in any clock epoch. */
  readonly echoing = new Set<number>();
  lastBroadcast = Number.NEGATIVE_INFINITY;
  sawArp = false;
  /** Sources that changed their MAC address while no ARP was seen. */
  readonly movedUnseen = new Set<number>();
}

export class MacPhaseTracker implements PhaseKeeper {
  /** Addresses and phases that were not followed because there were too many. */
  evictions = 0;
  readonly options: MacPhaseOptions;
  readonly #sources: Sources;
  readonly #stations: Stations;
  readonly #watches: Watches;
  readonly #close: (phases: AddressPhases) => void;
  readonly #domains: DomainPhases[] = [];
  #count = 0;
  #openCount = 0;
  #moved = 0;
  #bonds = 0;
  #seen = 0;
  #echoing = 0;
  #isEchoLeftOut = false;
  /** Closed phases that wait for the end of their epoch. */
  #kept = 0;

  constructor(
    options: MacPhaseOptions,
    sources: Sources,
    stations: Stations,
    watches: Watches,
    close: (phases: AddressPhases) => void,
  ) {
    this.options = options;
    this.#sources = sources;
    this.#stations = stations;
    this.#watches = watches;
    this.#close = close;
  }

  /** Sources that moved in domains in which no ARP packet was seen, so that nothing can be said of them. */
  get movedUnseen(): number {
    let count = 0;
    for (const domain of this.#domains) if (domain && !domain.sawArp) count += domain.movedUnseen.size;
    return count;
  }

  /** True if the address was seen on a bond, in any clock epoch; complete when the capture has ended. */
  isBond(domain: number, address: number): boolean {
    return this.#domains[domain]?.bonds.has(address) ?? false;
  }

  /** An ARP packet, duplicates already removed; before any other tracker notes its stations. */
  arp(packet: Packet, arp: Readonly<ArpFields>, domain: Domain): void {
    if (packet.sourceHigh < 0) return;
    const { operation, senderAddress, targetAddress } = arp;
    if (operation !== ARP_REQUEST && operation !== ARP_REPLY) return;
    const state = this.#stateOf(domain.index);
    state.sawArp = true;
    if (packet.isGroupDestination) this.#noteBroadcast(state, packet);
    const target = targetAddress === senderAddress ? undefined : state.addresses.get(targetAddress);
    if (target !== undefined) {
      if (packet.isUnicastDestination) target.receivedUnicast = true;
      if (operation === ARP_REQUEST) target.askedFor(packet, arp);
      else if (operation === ARP_REPLY) target.replyReceived(packet, arp);
    }
    if (isHostAddress(senderAddress)) this.#sender(packet, arp, domain, state);
  }

  /** An IPv4 source is seen under another MAC address than before. */
  sourceMoved(packet: Packet, from: number): SourceMove {
    const state = this.#stateOf(packet.domain);
    const known = state.addresses.get(packet.ipSource);
    if (known === undefined) {
      if (!state.sawArp && state.movedUnseen.size < MAX_UNSEEN && isHostAddress(packet.ipSource))
        state.movedUnseen.add(packet.ipSource);
      return 'moved';
    }
    if (known.isRestless) return 'restless';
    const mac = macNumber(packet.sourceHigh, packet.sourceLow);
    return isStationMac(mac) ? known.sourceMoved(packet, from, mac) : 'moved';
  }

  /** IPv6 shows that a MAC address is in use: a new one before its time, an old one after it. To groups is how a station begins. */
  ipv6(packet: Packet): void {
    const isToGroup = packet.isGroupDestination;
    if ((this.#openCount === 0 && !isToGroup) || packet.sourceHigh < 0) return;
    const state = this.#stateOf(packet.domain);
    const mac = macNumber(packet.sourceHigh, packet.sourceLow);
    if (isToGroup && state.ipv6.size < MAX_IPV6) state.ipv6.add(mac);
    for (const phase of state.leaving.get(mac) ?? NONE) if (phase.kind !== 'deaf') phase.isOldMacAlive = true;
  }

  /** An ICMP packet: an echo reply shows that its sender answers requests at all. */
  icmp(packet: Packet): void {
    if (packet.laterFragment || packet.view.getUint8(packet.transport) !== ECHO_REPLY) return;
    const { echoing } = this.#stateOf(packet.domain);
    if (echoing.has(packet.ipSource)) return;
    if (this.#echoing >= MAX_ECHOING) {
      // Once, for which of the others answer again and again is not known.
      if (!this.#isEchoLeftOut) this.evictions += 1;
      this.#isEchoLeftOut = true;
      return;
    }
    echoing.add(packet.ipSource);
    this.#echoing += 1;
  }

  /** False if an address is not known to have answered an echo request so far: they may be filtered. */
  answersEchoes(domain: number, address: number): boolean {
    return this.#domains[domain]?.echoing.has(address) ?? false;
  }

  /** A DHCP message: an acknowledgment explains a move. So does an answer whose type is cut: it may be one (rules 0.1). */
  dhcp(packet: Packet, message: Readonly<DhcpMessage>, isCut: boolean): void {
    const mayAcknowledge =
      message.type === DHCP_ACK || (isCut && message.type === 0 && message.operation === BOOT_REPLY);
    if (!mayAcknowledge || Number.isNaN(message.chaddr)) return;
    const address = message.yiaddr || message.ciaddr;
    if (address !== 0) this.#domains[packet.domain]?.addresses.get(address)?.leased(message.chaddr);
  }

  /** Closes everything on an interface: a new clock epoch began, or (null) the capture ended. */
  closeInterface(interfaceIndex: number | null): void {
    for (const state of this.#domains) {
      if (state === undefined) continue;
      for (const [address, phases] of state.addresses) {
        if (interfaceIndex !== null && phases.domain.interface !== interfaceIndex) break;
        const end = interfaceIndex === null ? 'endOfCapture' : 'clockStep';
        phases.closePhase(end, { time: phases.domain.liveness.lastTime }, null);
        state.addresses.delete(address);
        this.#count -= 1;
        if (phases.isBond && this.#bonds < MAX_MOVED && !state.bonds.has(address)) {
          state.bonds.add(address);
          this.#bonds += 1;
        }
        if (phases.sentUnicast) this.#remember(state.seenSending, address);
        if (phases.receivedUnicast) this.#remember(state.seenReceiving, address);
        this.#kept -= phases.phases.length;
        this.#close(phases);
        for (const phase of phases.phases) phase.liveness.forget();
        if (state.addresses.size === 0) {
          state.strangers.clear();
          state.awaiting.length = 0;
          state.lastBroadcast = Number.NEGATIVE_INFINITY;
        }
      }
    }
  }

  watch(phase: MacPhase, owner: AddressPhases): boolean {
    const { index } = owner.domain;
    const state = this.#stateOf(index);
    const onMac = state.open.get(phase.newMac) ?? 0;
    if (this.#openCount >= MAX_OPEN || onMac >= MAX_OPEN_PER_MAC) {
      this.evictions += 1;
      return false;
    }
    if (!this.#watches.add(index, phase.newMac, phase)) return false;
    if (!this.#watches.add(index, phase.oldMac, phase)) {
      this.#watches.remove(index, phase.newMac, phase);
      return false;
    }
    this.#openCount += 1;
    state.open.set(phase.newMac, onMac + 1);
    const leaving = state.leaving.get(phase.oldMac);
    if (leaving === undefined) state.leaving.set(phase.oldMac, [phase]);
    else leaving.push(phase);
    if (state.awaiting.length < MAX_OPEN) state.awaiting.push(phase);
    return true;
  }

  unwatch(phase: MacPhase, owner: AddressPhases): void {
    const { index } = owner.domain;
    const state = this.#stateOf(index);
    this.#watches.remove(index, phase.newMac, phase);
    this.#watches.remove(index, phase.oldMac, phase);
    this.#openCount -= 1;
    const onMac = (state.open.get(phase.newMac) ?? 1) - 1;
    if (onMac > 0) state.open.set(phase.newMac, onMac);
    else state.open.delete(phase.newMac);
    const leaving = state.leaving.get(phase.oldMac)?.filter((other) => other !== phase) ?? [];
    if (leaving.length > 0) state.leaving.set(phase.oldMac, leaving);
    else state.leaving.delete(phase.oldMac);
  }

  framesBefore(owner: AddressPhases, packet: Packet): { readonly frames: number; readonly seconds: number } {
    const { index } = owner.domain;
    const frames = this.#sources.framesOf(index, owner.address);
    return { frames, seconds: this.#sources.secondsSinceFirst(index, owner.address, packet) };
  }

  sourceOf(owner: AddressPhases): number {
    return this.#sources.macOf(owner.domain.index, owner.address);
  }

  restartFrames(owner: AddressPhases, packet: Packet): void {
    this.#sources.restart(owner.domain.index, owner.address, packet);
  }

  movesOf(domain: number, address: number): Map<number, boolean> | null {
    return this.#stateOf(domain).moves.get(address) ?? null;
  }

  noteMoves(owner: AddressPhases, moves: Map<number, boolean>): void {
    const known = this.#stateOf(owner.domain.index).moves;
    if (known.has(owner.address) || this.#moved >= MAX_MOVED) return;
    known.set(owner.address, moves);
    this.#moved += 1;
  }

  keep(): boolean {
    if (this.#kept >= MAX_KEPT) {
      this.evictions += 1;
      return false;
    }
    this.#kept += 1;
    return true;
  }

  isKnownMac(domain: number, mac: number): boolean {
    return this.#stations.find(domain, mac) !== undefined || this.#stateOf(domain).ipv6.has(mac);
  }

  sawBroadcast(domain: number, packet: Packet): boolean {
    return packet.time - this.#stateOf(domain).lastBroadcast <= this.options.arpBeforeSeconds;
  }

  /** The sender of an ARP packet, under its own MAC address or another one. */
  #sender(packet: Packet, arp: Readonly<ArpFields>, domain: Domain, state: DomainPhases): void {
    const source = macNumber(packet.sourceHigh, packet.sourceLow);
    const { senderMac, senderAddress } = arp;
    const known = state.addresses.get(senderAddress);
    // What was looked at before (below) needs no second look.
    if (known !== undefined && source === senderMac && source === known.home) {
      known.ownArpPacket(packet, arp);
      return;
    }
    if (isSharedByDesign(source) || isSharedByDesign(senderMac)) {
      if (known) known.isShared = true;
      return;
    }
    if (!isStationMac(source) || !isStationMac(senderMac)) return;
    const phases = known ?? this.#add(state, domain, arp, packet);
    if (phases === undefined) return;
    if (source === senderMac) phases.ownArpPacket(packet, arp);
    else {
      const isFirst = known === undefined && this.#sources.macOf(domain.index, senderAddress) !== senderMac;
      if (isFirst) this.#noteStranger(state, phases, source, packet);
      phases.foreignArpPacket(packet, arp, source, isFirst);
      // Afterwards, for it asks whether the source was known before.
      const station = this.#stations.of(domain.index, source);
      if (station) station.speaksFor = remember(station.speaksFor, senderAddress);
    }
  }

  /** Another MAC address in its ARP from the first sighting on: of two such addresses, the source is a bridge (rules 0.3). */
  #noteStranger(state: DomainPhases, phases: AddressPhases, source: number, packet: Packet): void {
    const others = state.strangers.get(source);
    if (others === undefined && state.strangers.size < MAX_STRANGERS) {
      state.strangers.set(source, [phases]);
      return;
    }
    phases.isTranslated = true;
    for (const other of others ?? []) {
      other.isTranslated = true;
      other.closePhase('crowded', packet, null);
    }
    others?.splice(0);
  }

  #add(
    state: DomainPhases,
    domain: Domain,
    arp: Readonly<ArpFields>,
    packet: Packet,
  ): AddressPhases | undefined {
    if (this.#count >= MAX_ADDRESSES) {
      this.evictions += 1;
      return undefined;
    }
    const made = new AddressPhases(this, domain, arp.senderAddress, arp.senderMac, packet);
    // Frames before a step of the clock prove nothing after it.
    const { firstTime } = domain.liveness;
    const epochSeconds = Number.isNaN(firstTime) ? 0 : packet.time - firstTime;
    const seconds = this.#sources.secondsSinceFirst(domain.index, made.address, packet);
    if (seconds > epochSeconds + FIRST_TIME_SECONDS) this.restartFrames(made, packet);
    made.sentUnicast = state.seenSending.has(made.address);
    made.receivedUnicast = state.seenReceiving.has(made.address);
    state.addresses.set(made.address, made);
    this.#count += 1;
    return made;
  }

  #remember(addresses: Set<number>, address: number): void {
    if (addresses.has(address) || this.#seen >= MAX_ADDRESSES) return;
    addresses.add(address);
    this.#seen += 1;
  }

  #noteBroadcast(state: DomainPhases, packet: Packet): void {
    state.lastBroadcast = packet.time;
    if (state.awaiting.length === 0) return;
    for (const phase of state.awaiting)
      if (packet.time <= phase.from + this.options.noAnnounceSeconds) phase.sawBroadcastAfter = true;
    state.awaiting.length = 0;
  }

  #stateOf(domain: number): DomainPhases {
    let state = this.#domains[domain];
    if (state === undefined) {
      state = new DomainPhases();
      this.#domains[domain] = state;
    }
    return state;
  }
}
