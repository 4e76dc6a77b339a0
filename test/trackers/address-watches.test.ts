import { describe, expect, it } from 'vitest';
import { Host } from '../../samples/craft/index.ts';
import { AddressWatches, MAX_WATCHED_ADDRESSES } from '../../src/trackers/address-watches.ts';
import { Watches } from '../../src/trackers/watches.ts';
import { parseIpv4 } from '../../src/wire/ipv4.ts';
import type { Packet } from '../../src/wire/packet.ts';
import { newDomains, packetAt } from './packets.ts';

const A = new Host({ mac: '00:a0:c9:00:00:05', ip: '10.0.0.5' });
const B = new Host({ mac: '00:a0:c9:00:00:06', ip: '10.0.0.6' });
const OF_A = parseIpv4('10.0.0.5');

class Seen {
  readonly told: string[] = [];

  watchedAddressPacket(_packet: Packet, isSource: boolean): void {
    this.told.push(isSource ? 'from' : 'to');
  }

  watchedAddressDuplicate(): void {
    this.told.push('copy');
  }
}

describe('watched addresses', () => {
  it('are shown from both ends, in their own domain, and copies apart', () => {
    const domains = newDomains();
    const watches = new Watches();
    const seen = new Seen();
    const [ping, pong] = [packetAt(domains, A.ping(B, 1), 1), packetAt(domains, B.pong(A, 1), 2)];
    const elsewhere = packetAt(domains, A.ping(B, 2), 3, 1);
    expect(watches.addAddress(0, OF_A, seen)).toBe(true);
    expect(watches.addAddress(0, OF_A, seen)).toBe(true);
    expect(watches.active).toBe(1);
    for (const packet of [ping, pong, elsewhere]) {
      expect(watches.mayConcern(packet)).toBe(true);
      watches.show(packet, false);
    }
    watches.show(ping, true);
    expect(seen.told).toEqual(['from', 'to', 'copy']);
    expect(watches.mayConcern(packetAt(domains, A.arpRequest('10.0.0.6'), 4))).toBe(false);
    watches.removeAddress(0, OF_A, seen);
    expect([watches.active, watches.mayConcern(ping)]).toEqual([0, false]);
    watches.removeAddress(0, OF_A, seen);
    expect(watches.active).toBe(0);
  });

  it('are so many at most', () => {
    const watches = new AddressWatches();
    const seen = new Seen();
    for (let address = 0; address < MAX_WATCHED_ADDRESSES; address += 1)
      expect(watches.add(0, address, seen)).toBe(true);
    expect(watches.add(0, -1, seen)).toBe(false);
    watches.remove(0, 5, seen);
    expect(watches.add(0, -1, seen)).toBe(true);
  });
});
