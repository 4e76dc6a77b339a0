/**
 * Layer-2 domains (rules 0.3): interface, cooked interface index, VLAN stack. They continue across pcapng
 * sections and joined files, because equal interfaces share an entry in the registry.
 */
import { LINK_SLL } from '../wire/link.ts';
import type { Packet } from '../wire/packet.ts';
import { formatVlanTags } from '../wire/vlan.ts';
import type { Liveness } from './liveness.ts';

/** The last of so many domains stands for all further ones. */
export const MAX_DOMAINS = 4096;

/** How often the clock of an interface was stepped; shared by the domains on it. */
export interface ClockEpoch {
  number: number;
}

/** The interface of a domain. */
export interface DomainSource {
  readonly name: string;
  /** It stands for several interfaces. */
  readonly isCollective: boolean;
}

export class Domain {
  readonly index: number;
  readonly interface: number;
  readonly name: string;
  readonly vlanDepth: number;
  readonly vlanHigh: number;
  readonly vlanLow: number;
  /** Cooked captures of version 1 cannot tell interfaces apart and have no destination MAC address. */
  readonly isCookedOne: boolean;
  /** Stands for all domains that have none of their own: its packets feed no tracker of addresses. */
  readonly isCollective: boolean;
  readonly liveness: Liveness;
  readonly #epoch: ClockEpoch;

  constructor(
    index: number,
    packet: Packet,
    source: DomainSource,
    liveness: Liveness,
    epoch: ClockEpoch = { number: 0 },
  ) {
    this.index = index;
    this.isCollective = index === MAX_DOMAINS - 1 || source.isCollective;
    this.interface = packet.interface;
    this.vlanDepth = packet.vlanDepth;
    this.vlanHigh = packet.vlanHigh;
    this.vlanLow = packet.vlanLow;
    this.isCookedOne = packet.linkType === LINK_SLL;
    const parts = [source.name];
    if (packet.cookedInterface !== 0) parts.push(`index ${packet.cookedInterface}`);
    if (packet.vlanDepth > 0)
      parts.push(`VLAN ${formatVlanTags(packet.vlanDepth, packet.vlanHigh, packet.vlanLow)}`);
    this.name = this.isCollective ? 'other domains' : parts.join(', ');
    this.liveness = liveness;
    this.#epoch = epoch;
  }

  /** Number of the interface's clock epoch, 0 at first: moments of two epochs must not be compared (rules 0.2). */
  get epoch(): number {
    return this.#epoch.number;
  }
}

export class Domains {
  readonly list: Domain[] = [];
  readonly #makeLiveness: () => Liveness;
  readonly #sourceOf: (interfaceIndex: number) => DomainSource;
  /** Per interface, the domain of untagged packets. */
  readonly #untagged: Domain[] = [];
  readonly #byKey = new Map<string, Domain>();
  /** Per interface. */
  readonly #epochs: ClockEpoch[] = [];
  #lastTagged: Domain | undefined;
  #lastCooked = 0;

  constructor(makeLiveness: () => Liveness, sourceOf: (interfaceIndex: number) => DomainSource) {
    this.#makeLiveness = makeLiveness;
    this.#sourceOf = sourceOf;
  }

  /** Packets that fell into no domain of their own. */
  get overflow(): number {
    return this.list.reduce((sum, domain) => sum + (domain.isCollective ? domain.liveness.packets : 0), 0);
  }

  /** The domain of an interface's untagged packets, if there were any. */
  untagged(interfaceIndex: number): Domain | undefined {
    return this.#untagged[interfaceIndex];
  }

  /** The clock of an interface was stepped. */
  beginEpoch(interfaceIndex: number): void {
    this.#epochOf(interfaceIndex).number += 1;
  }

  /** The domain of the decoded packet; one array load for untagged Ethernet. */
  of(packet: Packet): Domain {
    if (packet.vlanDepth === 0 && packet.cookedInterface === 0) {
      const known = this.#untagged[packet.interface];
      if (known !== undefined) return known;
      const created = this.#create(packet);
      this.#untagged[packet.interface] = created;
      return created;
    }
    const last = this.#lastTagged;
    if (
      last !== undefined &&
      last.vlanLow === packet.vlanLow &&
      last.vlanHigh === packet.vlanHigh &&
      last.vlanDepth === packet.vlanDepth &&
      last.interface === packet.interface &&
      this.#lastCooked === packet.cookedInterface
    ) {
      return last;
    }
    return this.#findTagged(packet);
  }

  #findTagged(packet: Packet): Domain {
    if (packet.vlanDepth === 0) {
      packet.vlanHigh = 0;
      packet.vlanLow = 0;
    }
    const key = `${packet.interface}/${packet.cookedInterface}/${packet.vlanDepth}/${packet.vlanHigh}/${packet.vlanLow}`;
    let domain = this.#byKey.get(key);
    if (domain === undefined) {
      domain = this.#create(packet);
      if (this.#byKey.size < MAX_DOMAINS) this.#byKey.set(key, domain);
    }
    this.#lastTagged = domain;
    this.#lastCooked = packet.cookedInterface;
    return domain;
  }

  #create(packet: Packet): Domain {
    if (this.list.length >= MAX_DOMAINS) return this.list[MAX_DOMAINS - 1] as Domain;
    const domain = new Domain(
      this.list.length,
      packet,
      this.#sourceOf(packet.interface),
      this.#makeLiveness(),
      this.#epochOf(packet.interface),
    );
    this.list.push(domain);
    return domain;
  }

  #epochOf(interfaceIndex: number): ClockEpoch {
    const known = this.#epochs[interfaceIndex];
    if (known !== undefined) return known;
    const made = { number: 0 };
    this.#epochs[interfaceIndex] = made;
    return made;
  }
}

/** A key of an address in a domain, for maps. */
export function keyOf(domain: Domain, address: number): number {
  return domain.index * 0x1_0000_0000 + (address >>> 0);
}

/** What is remembered of an address counts for the clock epoch of its interface alone. */
export interface OfEpoch {
  epoch: number;
}

/** Undefined, too, if it is of an earlier clock epoch. */
export function ofEpoch<Value extends OfEpoch>(
  value: Value | undefined,
  { epoch }: Domain,
): Value | undefined {
  return value?.epoch === epoch ? value : undefined;
}
