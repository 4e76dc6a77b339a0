/** A DHCP client as a domain shows it: what it holds, and what it is asking for (rules 2.2). */
import type { FrameCitation } from '../engine/result.ts';
import type { Domain } from './domains.ts';
import type { Lease } from './lease.ts';

export const MAX_EXCHANGES = 8;

/** One exchange of a client, by transaction id. */
export interface Exchange {
  readonly xid: number;
  discoverTime: number;
  requestTime: number;
  request: FrameCitation | null;
  /** ciaddr of a renewing or rebinding REQUEST, 0 otherwise. */
  renews: number;
  isUnicast: boolean;
  /** The address any REQUEST of the exchange asks for. */
  wants: number;
  /** Client identifier of its DISCOVER or REQUEST; servers before RFC 6842 leave it out of their answers. */
  clientId: string;
}

export class Client {
  readonly domain: Domain;
  readonly chaddr: number;
  readonly leases: Lease[] = [];
  readonly exchanges: Exchange[] = [];
  /** First DHCP message of the client in this clock epoch. */
  firstTime: number;
  asksIpv6Only = false;
  endedByIpv6Only = false;
  /** Distinct client identifiers of REQUESTs. */
  readonly identities = new Set<string>();
  /** Addresses acknowledged to it anywhere in the capture, clock epochs notwithstanding. */
  readonly acknowledged = new Set<number>();
  isStationSeen = false;
  /** Answers to wait for: INIT-REBOOT requests. */
  rebootRequests: Array<{ address: number; time: number }> = [];

  constructor(domain: Domain, chaddr: number, time: number) {
    this.domain = domain;
    this.chaddr = chaddr;
    this.firstTime = time;
  }

  /** The exchange with this transaction id; the oldest one makes room for a new one. */
  exchangeOf(xid: number): Exchange {
    const known = this.exchanges.find((exchange) => exchange.xid === xid);
    if (known) return known;
    if (this.exchanges.length >= MAX_EXCHANGES) this.exchanges.shift();
    const exchange: Exchange = {
      xid,
      discoverTime: Number.NaN,
      requestTime: Number.NaN,
      request: null,
      renews: 0,
      isUnicast: false,
      wants: 0,
      clientId: '',
    };
    this.exchanges.push(exchange);
    return exchange;
  }
}
