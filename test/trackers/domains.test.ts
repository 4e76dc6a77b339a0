import { describe, expect, it } from 'vitest';
import { concat, Host, u16, u32, u8, vlanTagged } from '../../samples/craft/index.ts';
import { MAX_DOMAINS } from '../../src/trackers/domains.ts';
import type { Domains } from '../../src/trackers/domains.ts';
import { LINK_ETHERNET, LINK_SLL, LINK_SLL2 } from '../../src/wire/link.ts';
import { newDomains, packetAt } from './packets.ts';

const ARP = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' }).arpRequest('10.0.0.1');

function nameOf(
  domains: Domains,
  frame: Uint8Array,
  interfaceIndex = 0,
  linkType: number = LINK_ETHERNET,
): string {
  return domains.list[packetAt(domains, frame, 0, interfaceIndex, linkType).domain]?.name ?? '';
}

const sll2 = (index: number): Uint8Array =>
  concat(u16(0x0806), u16(0), u32(index), u16(1), u8(1), u8(6), new Uint8Array(8), ARP.subarray(14, 42));

describe('layer-2 domains', () => {
  it('are interface, cooked interface and tag stack', () => {
    const domains = newDomains();
    const frames: ReadonlyArray<
      readonly [frame: Uint8Array, name: string, interfaceIndex: number, linkType: number]
    > = [
      [ARP, 'if0', 0, LINK_ETHERNET],
      [ARP, 'if1', 1, LINK_ETHERNET],
      [vlanTagged(ARP, [20]), 'if0, VLAN 20', 0, LINK_ETHERNET],
      [vlanTagged(ARP, [20]), 'if1, VLAN 20', 1, LINK_ETHERNET],
      [vlanTagged(ARP, [100, 20]), 'if0, VLAN 100.20', 0, LINK_ETHERNET],
      [vlanTagged(ARP, [20, 100]), 'if0, VLAN 20.100', 0, LINK_ETHERNET],
      [vlanTagged(ARP, [7, 100, 20]), 'if0, VLAN 7.100.20', 0, LINK_ETHERNET],
      // A priority tag is no VLAN.
      [vlanTagged(ARP, [0]), 'if0', 0, LINK_ETHERNET],
      [vlanTagged(ARP, [0, 20]), 'if0, VLAN 20', 0, LINK_ETHERNET],
      [sll2(3), 'if2, index 3', 2, LINK_SLL2],
      [sll2(4), 'if2, index 4', 2, LINK_SLL2],
    ];
    for (let round = 0; round < 3; round += 1) {
      for (const [frame, name, interfaceIndex, linkType] of frames)
        expect(nameOf(domains, frame, interfaceIndex, linkType)).toBe(name);
    }
    expect(domains.list.map((domain) => domain.name)).toEqual([...new Set(frames.map(([, name]) => name))]);
  });

  it('know cooked captures of version 1', () => {
    const domains = newDomains();
    packetAt(domains, ARP, 0);
    packetAt(
      domains,
      concat(u16(0), u16(1), u16(6), new Uint8Array(8), u16(0x0806), ARP.subarray(14, 42)),
      0,
      1,
      LINK_SLL,
    );
    expect(domains.list.map((domain) => domain.isCookedOne)).toEqual([false, true]);
  });

  it('beyond the limit share one that stands for no network', () => {
    const domains = newDomains();
    const indexes = new Set<number>();
    for (let at = 0; at < MAX_DOMAINS + 500; at += 1) {
      indexes.add(packetAt(domains, vlanTagged(ARP, [1 + (at >> 12), at & 0xfff]), at).domain);
    }
    expect(indexes.size).toBe(MAX_DOMAINS);
    expect(domains.list.length).toBe(MAX_DOMAINS);
    expect(domains.list.filter((domain) => domain.isCollective).map((domain) => domain.index)).toEqual([
      MAX_DOMAINS - 1,
    ]);
    // Those that have one of their own keep it.
    expect(nameOf(domains, vlanTagged(ARP, [1, 7]))).toBe('if0, VLAN 1.7');
    expect(nameOf(domains, vlanTagged(ARP, [3, 7]))).toBe('other domains');
  });
});
