/** A DHCP client as a domain shows it: what it holds, and what it is asking for (rules 2.2). */
import type { FrameCitation } from '../engine/result.ts';
import { extended } from '../tables/room.ts';
import type { Domain } from './domains.ts';
import type { Lease } from './lease.ts';

const MAX_EXCHANGES = 4;
const MAX_IDENTITIES = 8;
/** Addresses remembered as once acknowledged; of a client that had more, any may be one of them. */
const MAX_ACKNOWLEDGED = 64;

/** Where nothing is, nothing is allocated: there are thousands of clients. */
const NONE: readonly never[] = [];

/** One exchange of a client, by transaction id. */
export interface Exchange {
  readonly xid: number;
  discoverTime: number;
  requestTime: number;
  request: FrameCitation | null;
  /** ciaddr of a renewing or rebinding REQUEST, 0 otherwise. */
  renews: number;
  isUnicast: boolean;
  /** It asks for parameters alone: whatever its answer says, that is no lease (RFC 2131 4.3.5). */
  isInform: boolean;
  /** The address any REQUEST of the exchange asks for. */
  wants: number;
  /** Client identifier of its DISCOVER or REQUEST; servers before RFC 6842 leave it out of their answers. */
  clientId: string;
}

export class Client {
  readonly domain: Domain;
  readonly chaddr: number;
  leases: readonly Lease[] = NONE;
  exchanges: readonly Exchange[] = NONE;
  /** First DHCP message of the client in this clock epoch. */
  firstTime: number;
  asksIpv6Only = false;
  endedByIpv6Only = false;
  /** Distinct client identifiers of REQUESTs. */
  identities: readonly string[] = NONE;
  isStationSeen = false;
  /** Answers to wait for: INIT-REBOOT requests. */
  rebootRequests: ReadonlyArray<{ readonly address: number; readonly time: number }> = NONE;
  /** Addresses acknowledged to it anywhere in the capture, clock epochs notwithstanding. */
  #acknowledged: readonly number[] = NONE;

  constructor(domain: Domain, chaddr: number, time: number) {
    this.domain = domain;
    this.chaddr = chaddr;
    this.firstTime = time;
  }

  /** The exchange with this transaction id; the oldest one makes room for a new one. */
  exchangeOf(xid: number): Exchange {
    const known = this.exchanges.find((exchange) => exchange.xid === xid);
    if (known) return known;
    const exchange: Exchange = {
      xid,
      discoverTime: Number.NaN,
      requestTime: Number.NaN,
      request: null,
      renews: 0,
      isUnicast: false,
      isInform: false,
      wants: 0,
      clientId: '',
    };
    this.exchanges = extended(this.exchanges.slice(1 - MAX_EXCHANGES), exchange);
    return exchange;
  }

  addLease(lease: Lease): void {
    this.leases = extended(this.leases, lease);
  }

  removeLease(lease: Lease): void {
    this.leases = this.leases.filter((other) => other !== lease);
  }

  noteIdentity(clientId: string): void {
    const { identities } = this;
    if (clientId === '' || identities.length >= MAX_IDENTITIES || identities.includes(clientId)) return;
    this.identities = extended(identities, clientId);
  }

  noteAcknowledged(address: number): void {
    const known = this.#acknowledged;
    if (known.length < MAX_ACKNOWLEDGED && !known.includes(address))
      this.#acknowledged = extended(known, address);
  }

  /** False only if the address was certainly never acknowledged to it. */
  mayHaveHeld(address: number): boolean {
    return this.#acknowledged.length >= MAX_ACKNOWLEDGED || this.#acknowledged.includes(address);
  }

  /** It began anew, asking for this address. */
  noteReboot(address: number, time: number): void {
    this.rebootRequests = extended(this.rebootRequests.slice(1 - MAX_EXCHANGES), { address, time });
  }

  /** A new clock epoch: nothing of the old one is waited for. */
  restart(): void {
    this.exchanges = NONE;
    this.rebootRequests = NONE;
    this.firstTime = Number.NaN;
  }
}
