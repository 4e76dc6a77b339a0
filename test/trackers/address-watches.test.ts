import { describe, expect, it } from 'vitest';
import { Host } from '../../samples/craft/index.ts';
import type { AddressWatcher } from '../../src/trackers/address-watches.ts';
import { MAX_WATCHED_ADDRESSES } from '../../src/trackers/address-watches.ts';
import { Watches } from '../../src/trackers/watches.ts';
import { parseIpv4 } from '../../src/wire/ipv4.ts';
import { newDomains, packetAt } from './packets.ts';

const A = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });
const B = new Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1' });

class Witness implements AddressWatcher {
  readonly seen: string[] = [];

  watchedAddressPacket(_packet: unknown, isSource: boolean): void {
    this.seen.push(isSource ? 'from' : 'to');
  }
}

describe('watched addresses', () => {
  it('are shown packets from and to them, in their domain, and no duplicates', () => {
    const domains = newDomains();
    const watches = new Watches();
    const witness = new Witness();
    const [ping, pong, arp] = [A.ping(B, 1), B.pong(A, 1), A.arpRequest('10.0.0.1')].map((frame) =>
      packetAt(domains, frame, 1),
    );
    if (!ping || !pong || !arp) throw new Error('three packets');
    expect(watches.mayConcern(ping)).toBe(false);
    expect(watches.addAddress(0, parseIpv4('10.0.0.5'), witness)).toBe(true);
    expect(watches.active).toBe(1);
    expect([ping, pong, arp].map((packet) => watches.mayConcern(packet))).toEqual([true, true, false]);
    watches.show(ping, false);
    watches.show(pong, false);
    watches.show(pong, true);
    watches.show(packetAt(domains, A.ping(B, 2), 2, 1), false);
    expect(witness.seen).toEqual(['from', 'to']);
    watches.removeAddress(0, parseIpv4('10.0.0.5'), witness);
    expect([watches.active, watches.mayConcern(ping)]).toEqual([0, false]);
  });

  it('are bounded', () => {
    const watches = new Watches();
    const witness = new Witness();
    const added = Array.from({ length: MAX_WATCHED_ADDRESSES + 1 }, (_, at) =>
      watches.addAddress(0, at, witness),
    );
    expect(added.filter(Boolean)).toHaveLength(MAX_WATCHED_ADDRESSES);
    expect(added.at(-1)).toBe(false);
  });
});
