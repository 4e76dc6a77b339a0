/**
 * The hosts a report is asked to be about. Packets are never left out for it: rules need everybody's. What is left out are
 * findings and subjects of verdicts that have nothing to do with these hosts.
 */
import { formatIpv4 } from '../wire/ipv4.ts';
import { formatMac } from '../wire/mac.ts';

/** Who a subject of a verdict is about. Left out altogether, it may be about anybody. */
export interface About {
  /** IPv4 addresses, int32. */
  readonly addresses?: readonly number[];
  /** MAC addresses below 2^48; NaN where one is not known. */
  readonly macs?: readonly number[];
  /** As shown: an IPv4 or a MAC address. */
  readonly names?: readonly string[];
}

/** What of a finding can name a host. */
export interface Naming {
  readonly subject: string;
  readonly hosts: readonly string[];
  readonly macs: readonly string[];
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

/** Between the names in a subject or a fact. */
const SEPARATORS = /[\s,;|()]+/;

export class HostFilter {
  /** As given, by the form in which findings show them. */
  readonly #given = new Map<string, string>();
  readonly #named = new Set<string>();

  /** `hosts` maps what the user gave to the form in which findings show it: `10.0.0.5`, `00:11:22:33:44:55`. */
  constructor(hosts: ReadonlyMap<string, string>) {
    for (const [given, shown] of hosts) this.#given.set(shown.toLowerCase(), given);
  }

  /** True if a subject is about one of the hosts, or may be. */
  concerns(about: About | undefined): boolean {
    if (about === undefined) return true;
    let isNamed = false;
    for (const address of about.addresses ?? []) isNamed = this.#has(formatIpv4(address)) || isNamed;
    for (const mac of about.macs ?? [])
      isNamed = (!Number.isNaN(mac) && this.#has(formatMac(mac))) || isNamed;
    for (const name of about.names ?? []) isNamed = this.#has(name) || isNamed;
    return isNamed;
  }

  /** True if a finding names one of the hosts. */
  isNamedIn({ subject, hosts, macs, facts }: Naming): boolean {
    const texts = Object.values(facts).filter((fact) => typeof fact === 'string');
    let isNamed = false;
    for (const host of hosts) isNamed = this.#has(host) || isNamed;
    for (const mac of macs) isNamed = this.#has(mac) || isNamed;
    for (const text of [subject, ...texts])
      for (const word of text.split(SEPARATORS)) isNamed = this.#has(word) || isNamed;
    return isNamed;
  }

  /** Hosts that nothing named so far, as they were given. */
  unnamed(): string[] {
    return [...this.#given].filter(([shown]) => !this.#named.has(shown)).map(([, given]) => given);
  }

  #has(shown: string): boolean {
    const name = shown.toLowerCase();
    if (!this.#given.has(name)) return false;
    this.#named.add(name);
    return true;
  }
}
