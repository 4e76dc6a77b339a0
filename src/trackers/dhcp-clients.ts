/** All DHCP clients: by domain and station, and by their age. */
import { Oldest } from '../tables/oldest.ts';
import { extended } from '../tables/room.ts';
import { Client } from './dhcp-client.ts';
import type { Domain } from './domains.ts';

const NONE: readonly never[] = [];

export class DhcpClients {
  readonly #byDomain: Array<Map<number, Client>> = [];
  /** Clients of one station across domains: a renewal may pass by another way. */
  readonly #byStation = new Map<number, readonly Client[]>();
  /** The oldest first. */
  readonly #all = new Set<Client>();
  readonly #ages = new Oldest(this.#all);
  /** The next one of `#ages`, if it is there still. */
  #oldest: Client | undefined;

  get size(): number {
    return this.#all.size;
  }

  find(domain: Domain, chaddr: number): Client | undefined {
    return this.#byDomain[domain.index]?.get(chaddr);
  }

  /** Those of a station in all domains. */
  ofStation(chaddr: number): readonly Client[] {
    return this.#byStation.get(chaddr) ?? NONE;
  }

  /** True if what the station asked under this transaction id in some domain is an INFORM. */
  answersInform(chaddr: number, xid: number): boolean {
    return this.ofStation(chaddr).some(({ exchanges }) =>
      exchanges.some((exchange) => exchange.xid === xid && exchange.isInform),
    );
  }

  /** Those of an interface, or all. */
  *on(interfaceIndex: number | null): Generator<Client> {
    for (const client of this.#all)
      if (interfaceIndex === null || client.domain.interface === interfaceIndex) yield client;
  }

  /** The oldest one that is not `except`. */
  oldest(except: Client | null): Client | undefined {
    while (this.#oldest === undefined || !this.#all.has(this.#oldest)) {
      this.#oldest = this.#ages.next();
      if (this.#oldest === undefined) return undefined;
    }
    if (this.#oldest !== except) return this.#oldest;
    for (const client of this.#all) if (client !== except) return client;
    return undefined;
  }

  add(domain: Domain, chaddr: number, time: number): Client {
    const client = new Client(domain, chaddr, time);
    const clients = this.#byDomain[domain.index] ?? new Map<number, Client>();
    this.#byDomain[domain.index] = clients.set(chaddr, client);
    this.#byStation.set(chaddr, extended(this.ofStation(chaddr), client));
    this.#all.add(client);
    return client;
  }

  remove(client: Client): void {
    const { chaddr } = client;
    this.#byDomain[client.domain.index]?.delete(chaddr);
    const siblings = this.ofStation(chaddr).filter((other) => other !== client);
    if (siblings.length > 0) this.#byStation.set(chaddr, siblings);
    else this.#byStation.delete(chaddr);
    this.#all.delete(client);
  }
}
