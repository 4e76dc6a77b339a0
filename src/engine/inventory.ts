/**
 * What names the stations of a capture: by it the same station, address, user or lease is recognised in another one. Taken from the
 * trackers at the end; only leases and host names are noted as they pass.
 */
import type { Lease } from '../trackers/lease.ts';
import { Names } from '../trackers/names.ts';
import type { DhcpMessage } from '../wire/dhcp.ts';
import { formatIpv4, isHostAddress } from '../wire/ipv4.ts';
import { formatMac, isStationMac, macFamily } from '../wire/mac.ts';
import type { CaptureTime, Inventory, InventoryEntry } from './result.ts';
import type { RuleHandlers } from './rule.ts';
import type { Trackers } from './trackers.ts';

const MAX_ENTRIES = 1024;
const MAX_LEASES = 16_384;
/** A MAC address with more IPv4 sources is a router's, and they are not on its link. */
const MAX_OWN_ADDRESSES = 8;
/** Milliseconds in 32 bits say when only for so long. */
const MAX_MILLIS_SECONDS = 2 ** 31 / 1000;

/** First sightings in seconds of analysis time, by value; NaN where not known. */
type Sightings = Map<string, number>;

export class InventoryNotes implements RuleHandlers {
  readonly #hostNames = new Names();
  readonly #leases: Sightings = new Map();
  readonly #clients: Sightings = new Map();

  dhcp(message: DhcpMessage, time: number): void {
    if (message.operation === 1) this.#hostNames.note(message.hostName, time);
  }

  leaseClosed({ chaddr, address, serverId, start, isAcknowledged }: Lease): void {
    if (!isAcknowledged || this.#leases.size >= MAX_LEASES) return;
    const mac = formatMac(chaddr);
    const server = serverId === 0 ? '' : ` ${formatIpv4(serverId)}`;
    see(this.#leases, `${mac} ${formatIpv4(address)}${server}`, start);
    if (isStationMac(chaddr) && macFamily(chaddr) === 'station') see(this.#clients, mac, start);
  }

  /** `lastTime` is that of the capture, `timeAt` turns analysis time into capture time. */
  summary(trackers: Trackers, lastTime: number, timeAt: (time: number) => CaptureTime): Inventory {
    const { macs, addresses } = stationsOf(trackers, lastTime);
    for (const [mac, time] of this.#clients) see(macs, mac, time);
    const names: Sightings = new Map();
    for (const { seen } of [this.#hostNames, trackers.dialIn?.names ?? new Names()])
      for (const [name, time] of seen) see(names, textOf(name), time);
    names.delete('');
    const entriesOf = (sightings: Sightings, precision: number): InventoryEntry[] =>
      [...sightings]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, MAX_ENTRIES)
        .map(([value, time]) => [value, Number.isNaN(time) ? null : { ...timeAt(time), precision }]);
    return {
      mac: entriesOf(macs, 3),
      address: entriesOf(addresses, 3),
      name: entriesOf(names, 6),
      lease: entriesOf(this.#leases, 6),
    };
  }
}

/** Keeps the earliest known time. */
function see(sightings: Sightings, value: string, time: number): void {
  const known = sightings.get(value);
  if (known === undefined || Number.isNaN(known) || time < known) sightings.set(value, time);
}

function stationsOf(trackers: Trackers, lastTime: number): { macs: Sightings; addresses: Sightings } {
  const macs: Sightings = new Map();
  const addresses: Sightings = new Map();
  const sources = [...trackers.sources.all()];
  const counts = new Map<string, number>();
  const stationOf = (domain: number, mac: number): string => `${domain}/${mac}`;
  for (const { domain, mac } of sources) {
    const station = stationOf(domain, mac);
    counts.set(station, (counts.get(station) ?? 0) + 1);
  }
  for (const { domain, mac, address, firstMillis } of sources) {
    const time = lastTime < MAX_MILLIS_SECONDS ? firstMillis / 1000 : Number.NaN;
    if (isOneStation(trackers, domain, mac)) see(macs, formatMac(mac), time);
    const isRouted = (counts.get(stationOf(domain, mac)) as number) > MAX_OWN_ADDRESSES;
    if (!isRouted && isHostAddress(address)) see(addresses, formatIpv4(address), time);
  }
  // Those that were seen in ARP alone.
  for (const { domain, mac, arpFrames } of trackers.stations.all())
    if (arpFrames > 0 && isOneStation(trackers, domain, mac)) see(macs, formatMac(mac), Number.NaN);
  return { macs, addresses };
}

function isOneStation({ stations }: Trackers, domain: number, mac: number): boolean {
  const family = macFamily(mac);
  const isOwn = family === 'station' || (family === 'nlb-masked' && !stations.isShared(domain, mac));
  return isOwn && isStationMac(mac);
}

/** The name as text: UTF-8 where it is that, without what fills it up. */
function textOf(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8').replace(/\0+$/, '').trim();
}
